"""What the language has without any plugin."""
