"""Reading what a manager wrote: text to a tree that knows its places, and what is wrong with it in plain words."""
