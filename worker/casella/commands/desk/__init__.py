"""The manager's commands: beginning a desk, checking and testing it, applying it, asking why."""
