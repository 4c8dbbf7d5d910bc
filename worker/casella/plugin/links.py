"""What a plugin offers beside a conversation: a label, and where it leads (a call, a meeting, a shared screen)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

LinkKind = Literal["call", "meeting", "co_browse", "other"]
"""What it is for: clients choose the icon by it, and the place."""
LINK_SECONDS = 1.0
"""How long one link may take: somebody has opened the menu and waits."""
MAX_LINK = 2_000
"""Characters; longer addresses are cut by browsers and proxies."""
SCHEMES = ("https", "tel", "sip", "sips")
"""What a link may begin with: nothing that a browser would run or read from the agent's disk."""
_NAME = re.compile(r"[a-z][a-z0-9_]{1,31}\.[a-z][a-z0-9_]{0,31}")
_WITHIN = r"[!#-;=?-\[\]_a-z~]"
_ADDRESS = re.compile(rf"(https://(?![/?#@]){_WITHIN}|tel:\+?[0-9]|sips?:{_WITHIN}){_WITHIN}*")
"""ASCII without what must be quoted (RFC 3986): nothing that turns text round, breaks a line or ends an attribute."""


@dataclass(frozen=True, slots=True)
class LinkQuestion:
    """One conversation and who looks at it. `address_kind`: of the contact's address, as `Capabilities.address_kind`
    says. `language`: the agent's, such as `en` or `it`."""

    conversation_id: str
    channel_type: str
    channel_address: str
    contact_address: str
    address_kind: str
    contact_name: str | None
    agent_key: str
    agent_name: str
    language: str = "en"


@dataclass(frozen=True, slots=True)
class ConversationLink:
    """Something an agent may open from a conversation. `name`: `acme.cobrowse`, under the plugin's own. `label`: what
    people read, by language; `en` is needed.

    `url` gives where it leads, or None where there is none for this conversation. It computes, or reads what is at
    hand, within a second, and never goes over the network: what costs something happens behind the link. Quote what you
    put into an address (`urllib.parse.quote`)."""

    name: str
    kind: LinkKind
    label: Mapping[str, str]
    url: Callable[[LinkQuestion], str | None]


def link_problem(plugin: str, link: object) -> str:
    """Why a link cannot be taken in; empty if it can."""
    if not isinstance(link, ConversationLink):
        return f"registers {type(link).__name__} and no ConversationLink"
    if not isinstance(link.name, str) or not _NAME.fullmatch(link.name) or link.name.partition(".")[0] != plugin:
        return f"has a link called {link.name!r:.60}; write '{plugin}.' and a lower-case name"
    if link.kind not in get_args(LinkKind):
        return f"has '{link.name}' of kind {link.kind!r:.40}; there are {', '.join(get_args(LinkKind))}"
    if not isinstance(link.label, Mapping) or not str(link.label.get("en") or "").strip():
        return f"has '{link.name}' without an English label: label={{'en': …}}"
    return "" if callable(link.url) else f"has '{link.name}' whose url is no function"


def address_problem(address: object) -> str:
    """Why an address is none that a link may have; empty if it is one."""
    if not isinstance(address, str):
        return f"gave {type(address).__name__} and no address"
    if len(address) > MAX_LINK:
        return f"gave an address of {len(address):,} characters; {MAX_LINK:,} is the limit"
    if address.partition(":")[0] not in SCHEMES:
        return f"gave an address that begins with none of {', '.join(SCHEMES)}"
    return "" if _ADDRESS.fullmatch(address) else "gave an address with characters that must be quoted in one"
