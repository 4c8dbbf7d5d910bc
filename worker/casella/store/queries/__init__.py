"""Queries of the tables, by their noun. Functions take a connection and never commit."""
