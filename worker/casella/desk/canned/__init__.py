"""Canned messages: their file, what is wrong in their templates, and filling them."""
