"""The plugin host: finds plugins, checks them, calls them under guard, and sets the broken ones aside.

loading         every installed entry point, loaded
table           the table of channel plugins, and the guard around each call of one
rules           what plugins add to the rules
guests          the threads in which plugins are called, and their time limits
places          where in a plugin's code something failed
"""

from casella.host.assistant_types import AssistantType
from casella.host.breakers import Aside, aside_text
from casella.host.exchanges import GuestTransport
from casella.host.guests import Abandoned, NotInContract, interrupt
from casella.host.loading import find_plugins
from casella.host.places import place_of
from casella.host.rules import RuleGuests, rules_of
from casella.host.running_time import Stopwatch
from casella.host.table import RECEIVING, Host, Quarantine

__all__ = [
    "RECEIVING",
    "Abandoned",
    "Aside",
    "AssistantType",
    "GuestTransport",
    "Host",
    "NotInContract",
    "Quarantine",
    "RuleGuests",
    "Stopwatch",
    "aside_text",
    "find_plugins",
    "interrupt",
    "place_of",
    "rules_of",
]
