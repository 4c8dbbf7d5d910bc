"""Webhooks of rules whose calls would be refused when they are made."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from urllib.parse import urlsplit

from casella.desk.parts.desk_file import DeskFile
from casella_rules import Problem
from casella_rules.parsing.shape import find
from casella_rules.yaml.source import Node

#: Names of machines within a house, which may be reached without TLS when CASELLA_PRIVATE_HOSTS names them.
_WITHIN = (".internal", ".local", ".lan", ".intranet", ".home.arpa", ".localhost")


def webhook_problems(parts: DeskFile, tree: Node, file: str) -> Iterator[Problem]:
    """A problem for each address on the internet that is not https: customers' words are never sent in the open."""
    for key, webhook in parts.webhooks.items():
        url = urlsplit(webhook.url)
        if url.scheme == "http" and not _is_within(url.hostname or ""):
            at = find(tree, ("webhooks", key, "url")) or tree
            hint = f"Write https://{webhook.url.partition('://')[2]}"
            yield Problem(file, at.line, at.column, "what rules tell is never sent over http", hint)


def _is_within(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith(_WITHIN)
