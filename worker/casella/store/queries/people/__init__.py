"""Contacts: what they are found by, and reading them."""
