"""Twilio: settings, then what comes in (signature, receive, media), then what goes out (send, errors, lookup)."""
