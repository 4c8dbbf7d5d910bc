"""The HTTP face of Casella: agents' API, event stream, health, and the providers' door."""
