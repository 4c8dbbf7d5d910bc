"""Compiled rules: deciding, explaining a decision, keeping rule sets."""
