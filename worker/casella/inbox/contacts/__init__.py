"""What people do by hand to contacts: note about them, make and change them, link and merge them."""

from casella.inbox.contacts import noting

__all__ = ["noting"]
