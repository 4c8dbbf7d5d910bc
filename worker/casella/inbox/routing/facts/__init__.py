"""What rules may ask about a conversation at this moment."""
