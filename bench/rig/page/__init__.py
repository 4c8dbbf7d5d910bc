"""A played API with a large inbox behind the agents' page, and a page written by hand to compare it with."""
