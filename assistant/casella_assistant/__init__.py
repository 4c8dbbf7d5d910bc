"""The Message Assistant: proposes texts to agents, never sends. Knows nothing of Casella's other rooms.

It is not written yet; this package keeps its place, so that the walls around it are checked from the start.
"""
