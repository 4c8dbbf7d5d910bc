"""WhatsApp and RCS through Twilio: channel types of their own, by the door that SMS has there."""
