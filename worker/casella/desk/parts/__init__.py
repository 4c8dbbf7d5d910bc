"""What stands in desk.yaml, part by part, and what plugins add to it."""
