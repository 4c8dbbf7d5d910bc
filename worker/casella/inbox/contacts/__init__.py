"""What people do by hand to contacts: note about them, make and change them, link and merge them."""

from casella.inbox.contacts import editing, linking, merging, noting
from casella.inbox.contacts.editing import Details, NumberKnown

__all__ = ["Details", "NumberKnown", "editing", "linking", "merging", "noting"]
