"""What WhatsApp sends us, read: messages, changes of them, receipts, and other news."""
