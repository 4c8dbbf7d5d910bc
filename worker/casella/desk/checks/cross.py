"""What only shows when the parts of desk.yaml are looked at together."""

from __future__ import annotations

from collections.abc import Iterable

from casella.desk.checks.channel_checks import channel_problems
from casella.desk.parts.assistant import assistant_problems
from casella.desk.parts.catalogue import Catalogue
from casella.desk.parts.connections import check_settings
from casella.desk.parts.desk_file import DeskFile
from casella_rules import Problem
from casella_rules.hours import WEEKDAYS, read_days
from casella_rules.parsing.shape import find, place_of
from casella_rules.yaml.problems import name_hint, quoted
from casella_rules.yaml.source import Mapping, Node, Scalar


def cross_problems(tree: Node, parts: DeskFile | None, file: str, catalogue: Catalogue) -> Iterable[Problem]:
    """Problems between parts. Settings of connections are checked in any case, the rest when the parts are sound."""
    yield from _settings(tree, file, catalogue)
    yield from _channel_keys(tree, file, catalogue)
    yield from _days_twice(tree, file)
    yield from assistant_problems(tree, parts.assistant if parts else None, file, catalogue)
    if parts:
        yield from _addresses_twice(tree, parts, file)
        yield from channel_problems(tree, parts, file, catalogue)
        yield from _emails_twice(tree, parts, file)
        yield from _locales(tree, parts, file)


def _section(tree: Node, name: str) -> dict[str, tuple[Scalar, Node]]:
    node = tree.get(name) if isinstance(tree, Mapping) else None
    return node.entries if isinstance(node, Mapping) else {}


def _settings(tree: Node, file: str, catalogue: Catalogue) -> Iterable[Problem]:
    for key, node in _section(tree, "connections").values():
        channel_type = node.get("type") if isinstance(node, Mapping) else None
        model = catalogue.channel_types.get(channel_type.text) if isinstance(channel_type, Scalar) else None
        if model and isinstance(node, Mapping):
            settings = node.get("settings") or Mapping(key.line, key.column, {})
            if isinstance(settings, Mapping):
                yield from check_settings(settings, model, file)


def _channel_keys(tree: Node, file: str, catalogue: Catalogue) -> Iterable[Problem]:
    """Rules say `channel: sms` for the type and `channel: shop-sms` for one of them; a key must not be both."""
    for name, (key, _) in _section(tree, "channels").items():
        if name in catalogue.channel_types:
            message = f"{quoted(name)} is a channel type already, so rules could not tell the two apart"
            yield Problem(file, key.line, key.column, message, f"Call it for example 'support-{name}'")


def _days_twice(tree: Node, file: str) -> Iterable[Problem]:
    for _, node in _section(tree, "hours").values():
        seen: dict[int, str] = {}
        for written, (key, _) in _section(node, "week").items():
            for day in read_days(written) or ():
                other = seen.setdefault(day, written)
                if other != written:
                    message = f"{WEEKDAYS[day]} is in {quoted(other)} already"
                    yield Problem(
                        file, key.line, key.column, message, "Write several ranges behind one day, with commas"
                    )
                    break


def _addresses_twice(tree: Node, parts: DeskFile, file: str) -> Iterable[Problem]:
    seen: dict[tuple[str, str], str] = {}
    for key, channel in parts.channels.items():
        other = seen.setdefault((channel.connection, channel.address), key)
        if other != key:
            place = place_of(tree, ("channels", key, "address"))
            message = f"the address {quoted(channel.address)} belongs to the channel {quoted(other)} already"
            yield Problem(file, place.line, place.column, message, "One address is one channel, in one inbox")


def _emails_twice(tree: Node, parts: DeskFile, file: str) -> Iterable[Problem]:
    seen: dict[str, str] = {}
    for key, agent in parts.agents.items():
        other = seen.setdefault(agent.email.casefold(), key)
        if other != key:
            place = place_of(tree, ("agents", key, "email"))
            message = f"the e-mail address {quoted(agent.email)} belongs to {quoted(other)} already"
            yield Problem(file, place.line, place.column, message, "Agents sign in with it, so it is unique")


def _locales(tree: Node, parts: DeskFile, file: str) -> Iterable[Problem]:
    for key, inbox in parts.inboxes.items():
        if inbox.locale and inbox.locale not in parts.locales:
            place = find(tree, ("inboxes", key, "locale")) or tree
            hint = name_hint("Locales", inbox.locale, parts.locales)
            message = f"locale {quoted(inbox.locale)} is not among the desk's locales"
            yield Problem(file, place.line, place.column, message, hint)
