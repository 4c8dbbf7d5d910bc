"""The links that plugins offer beside conversations, and how they are asked: guarded and within a second.

What fails is left out; several failures in a row set aside, for a while, all links of that plugin and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from casella.errors import PluginFailed
from casella.host.guests import CallsUnder, NotInContract
from casella.plugin.links import LINK_SECONDS, ConversationLink, LinkQuestion, address_problem, link_problem

_SUFFIX = " links"


class LinkGuests:
    """The table of links, by their names."""

    def __init__(self, guard: CallsUnder) -> None:
        self._guard = guard
        self._links: dict[str, ConversationLink] = {}
        self._packages: dict[str, str] = {}

    def register(self, plugin: str, link: ConversationLink, package: str = "") -> None:
        """`package`: the top-level one of the plugin's code. Raises ValueError for what cannot be taken in."""
        if problem := link_problem(plugin, link):
            raise ValueError(f"'{plugin}' {problem}")
        if link.name in self._links:
            raise ValueError(f"'{plugin}' registers the link '{link.name}' twice")
        self._links[link.name] = link
        self._packages[plugin] = package

    @property
    def known(self) -> Mapping[str, ConversationLink]:
        """Everything that was taken in, set aside or not."""
        return self._links

    def offered(self, question: LinkQuestion) -> Sequence[tuple[ConversationLink, str]]:
        """The links of this conversation with their addresses, by name; what fails is not among them."""
        found = []
        for name, link in sorted(self._links.items()):
            plugin = name.partition(".")[0]
            ask, package = partial(_address, link, question), self._packages[plugin]
            try:
                address = self._guard.call_under(plugin + _SUFFIX, f"the link {name}", ask, LINK_SECONDS, (), package)
            except PluginFailed:  # said in the log and by doctor; the other links are there
                continue
            if address is not None:
                found.append((link, address))
        return found


def _address(link: ConversationLink, question: LinkQuestion) -> str | None:
    address = link.url(question)
    if address is not None and (problem := address_problem(address)):
        raise NotInContract(problem)
    return address
