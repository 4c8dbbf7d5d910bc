"""Channels as the desk writes them, against what their plugins say of addresses and options."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from casella.desk.parts.catalogue import Catalogue
from casella.desk.parts.desk_file import Channel, DeskFile
from casella.plugin import ChannelOption
from casella_rules import Names, Problem
from casella_rules.parsing.shape import place_of
from casella_rules.yaml.problems import name_hint, quoted
from casella_rules.yaml.source import Node

_OF_ALL = ChannelOption(
    "sends_per_second", "How many messages a second this channel sends at most", "10", kind="number"
)
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?")
_NUMBER = re.compile(r"[0-9]{1,6}(\.[0-9]{1,3})?")


def channel_problems(tree: Node, parts: DeskFile, file: str, catalogue: Catalogue) -> Iterator[Problem]:
    """What is wrong with the addresses and options of channels whose plugin is installed."""
    types = {key: connection.channel_type for key, connection in parts.connections.items()}
    for key, channel in parts.channels.items():
        channel_type = types.get(channel.connection, "")
        if channel_type not in catalogue.channel_types:
            continue
        if said := catalogue.address_problem(channel_type, channel.address):
            place = place_of(tree, ("channels", key, "address"))
            yield Problem(file, place.line, place.column, said)
        yield from _options(tree, key, channel, file, catalogue.options.get(channel_type), parts)


def _options(
    tree: Node, key: str, channel: Channel, file: str, own: Sequence[ChannelOption] | None, parts: DeskFile
) -> Iterator[Problem]:
    known = {one.name: one for one in (_OF_ALL, *(own or ()))}
    for name, value in channel.options.items():
        option = _option(name, known)
        where = ("channels", key, "options", name)
        if option is None and own is not None:
            place = place_of(tree, where, at_key=True)
            base = known.get(name.partition(".")[0])
            of_language = f"Write the language as in '{base.name}.it'" if base and base.by_language else ""
            hint = of_language or name_hint("Options", name, known)
            yield Problem(file, place.line, place.column, f"unknown option {quoted(name)} of this channel", hint)
        elif option is not None and (said := _value_problem(option, value, parts)):
            place = place_of(tree, where)
            yield Problem(file, place.line, place.column, *said)


def _option(name: str, known: Mapping[str, ChannelOption]) -> ChannelOption | None:
    base, dot, language = name.partition(".")
    option = known.get(base)
    fits = option is not None and (not dot or (option.by_language and _LANGUAGE.fullmatch(language)))
    return option if fits else None


def _value_problem(option: ChannelOption, value: str, parts: DeskFile) -> tuple[str, str] | None:
    if option.kind == "hours":
        return Names({"hours": frozenset(parts.hours)}).unknown("hours", value)
    if option.kind == "number" and not (_NUMBER.fullmatch(value) and float(value) > 0):
        return f"{quoted(value)} is no number above 0", f"Write for example '{option.example}'"
    if option.values and value not in option.values:
        return f"{quoted(value)} is not possible here", f"Write {_choice(option.values)}"
    if option.pattern and not re.fullmatch(option.pattern, value):
        return f"{quoted(value)} is not possible here", f"Write for example '{option.example}'"
    return None


def _choice(values: Iterable[str]) -> str:
    *others, last = values
    return f"{', '.join(others)} or {last}" if others else last
