"""What Telnyx, Bandwidth and Vonage have in common: one engine, and a dialect for each."""
