"""Signing in by the provider, and what all ways of signing in have in common."""
