"""Doing what rules decided, one small function per action."""
