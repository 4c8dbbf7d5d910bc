"""Everything below `/me`: what concerns nobody but the caller."""
