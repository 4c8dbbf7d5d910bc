"""The event feed on its way to open streams."""
