"""Vonage: settings, then what comes in (signature, receive), then what goes out (send, errors)."""
