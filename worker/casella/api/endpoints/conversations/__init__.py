"""Everything below `/conversations/{id}`, and the list."""
