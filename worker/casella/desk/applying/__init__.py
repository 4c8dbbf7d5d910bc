"""From a desk folder to the organisation's rows: what would change, and changing it."""
