"""`casella up --demo`: the demo desk with simulated providers, a made-up week behind it, the main job shown once."""

from casella.demo.running import Demo

__all__ = ["Demo"]
