"""The providers that come with the assistant: `offline` and `openai`."""
