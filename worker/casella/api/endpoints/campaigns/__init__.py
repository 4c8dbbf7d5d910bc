"""`/campaigns`: one message to many contacts, for managers of an inbox."""
