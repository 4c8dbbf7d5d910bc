"""What a shared inbox does, in rooms. A room knows only the rooms below it (pyproject.toml), and of these only what
their `__init__` offers."""
