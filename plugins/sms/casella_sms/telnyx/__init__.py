"""Telnyx: settings, then what comes in (receive), then what goes out (send, errors)."""
