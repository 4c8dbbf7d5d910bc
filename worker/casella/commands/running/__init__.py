"""Running Casella: everything in one process, or the API and workers apart."""
