"""Doors for others than agents: providers' webhooks, and the paths that channel plugins bring."""
