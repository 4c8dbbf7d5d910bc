"""Attachments of messages that come in: kept or fetched from the provider, with their thumbnails."""
