"""The plugin host: finds plugins, checks them, calls them under guard, and sets the broken ones aside.

loading         every installed entry point, loaded
table           the table of channel plugins, and the guard around each call of one
rules           what plugins add to the rules
guests          the threads in which plugins are called, and their time limits
"""

from casella.host.guests import Abandoned, interrupt
from casella.host.loading import find_plugins
from casella.host.rules import RuleGuests, rules_of
from casella.host.table import AssistantType, Host, Quarantine

__all__ = [
    "Abandoned",
    "AssistantType",
    "Host",
    "Quarantine",
    "RuleGuests",
    "find_plugins",
    "interrupt",
    "rules_of",
]
