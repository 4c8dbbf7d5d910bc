"""What people do by hand to contacts: note about them, make and change them, link and merge them."""

from casella.inbox.contacts import csv_file, editing, importing, linking, merging, noting
from casella.inbox.contacts.editing import Details, NumberKnown
from casella.inbox.house import Duty, by_itself

__all__ = [
    "DUTIES",
    "Details",
    "NumberKnown",
    "csv_file",
    "editing",
    "importing",
    "linking",
    "merging",
    "noting",
]

DUTIES = (Duty("imports", 2.0, by_itself(importing.take_some), threads=1),)
