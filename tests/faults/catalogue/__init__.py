"""Everything that is done to a house, as data: `FAULTS`. A new one is a function and a row in a module here."""

from tests.faults.catalogue.fault import Fault
from tests.faults.catalogue.network import NETWORK
from tests.faults.catalogue.processes import PROCESSES
from tests.faults.catalogue.providers import PROVIDERS
from tests.faults.catalogue.servers import SERVERS

FAULTS: tuple[Fault, ...] = (*PROCESSES, *PROVIDERS, *NETWORK, *SERVERS)

__all__ = ["FAULTS", "Fault"]
