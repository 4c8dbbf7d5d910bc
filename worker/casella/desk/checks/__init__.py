"""What only shows when a desk is looked at as a whole: mistakes across its parts, and hints."""
