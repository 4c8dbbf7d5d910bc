"""Programs for whoever works on Casella. Standard library only: they run before anything is installed."""
