"""Channels of others and the Message Assistant."""
