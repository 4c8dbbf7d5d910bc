"""Rules' replies against the channels they can leave by: whether any takes buttons, lists, templates, places, and how
many of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from casella.desk.parts.catalogue import Catalogue
from casella.desk.parts.desk_file import DeskFile
from casella.plugin import Capabilities
from casella_rules import Problem, Reply, Rule
from casella_rules.language.model import All, Condition, Test
from casella_rules.yaml.problems import quoted

_ONE_OF = ("is", "any_of")
_NAMES = {"buttons": "buttons", "list": "lists", "template": "templates", "location": "places"}


def reply_problems(rules: Iterable[Rule], parts: DeskFile, catalogue: Catalogue) -> Iterable[Problem]:
    """One problem for each rule that offers what no channel of its own can show, or more than one of them takes."""
    for rule in rules:
        for action in rule.actions:
            if isinstance(action.argument, Reply):
                yield from _check(rule, action.argument, able(rule, parts, catalogue))


def able(rule: Rule, parts: DeskFile, catalogue: Catalogue) -> dict[str, Capabilities]:
    """What the channels can do that this rule can answer on; empty when one of them is not known well enough."""
    channels = {
        key: (parts.connections[channel.connection].channel_type, channel.inbox)
        for key, channel in parts.channels.items()
        if channel.connection in parts.connections and not channel.owner
    }
    scope = list(_certain(rule.scoped_test))
    reached = {key: type_ for key, (type_, inbox) in channels.items() if _fits(scope, key, type_, inbox)}
    if any(type_ not in catalogue.abilities for type_ in reached.values()):
        return {}
    return {key: catalogue.abilities[type_] for key, type_ in reached.items()}


def _certain(test: Test) -> Iterable[Condition]:
    """The questions that must hold, whatever else is asked."""
    if isinstance(test, Condition) and test.operator in _ONE_OF:
        yield test
    elif isinstance(test, All):
        for part in test.parts:
            yield from _certain(part)


def _fits(scope: Iterable[Condition], key: str, channel_type: str, inbox: str) -> bool:
    known = {"channel": {key, channel_type}, "channel_type": {channel_type}, "inbox": {inbox}}
    return all(known[one.field] & set(map(str, one.operand)) for one in scope if one.field in known)


def _check(rule: Rule, reply: Reply, channels: Mapping[str, Capabilities]) -> Iterable[Problem]:
    wanted = next((name for name in _NAMES if getattr(reply, name) is not None), None)
    if wanted is None or not channels:
        return
    takes = {key: can for key, can in channels.items() if _limits(can, wanted)[0]}
    if not takes:
        message = f"rule {quoted(rule.name)} replies with {_NAMES[wanted]}, and none of its channels takes them"
        yield _at(rule, message, f"Its channels are {', '.join(sorted(channels))}")
    for key, can in takes.items():
        most, longest = _limits(can, wanted)
        if len(reply.offered) > most:
            yield _at(rule, f"channel {quoted(key)} takes {most} {_NAMES[wanted]} at most", "Offer fewer")
        elif longest and (title := next((one for one in reply.offered if len(one) > longest), None)):
            yield _at(rule, f"{quoted(title)} is too long for channel {quoted(key)}", f"It takes {longest} characters")
        else:
            continue
        return


def _limits(can: Capabilities, wanted: str) -> tuple[int, int]:
    """How many a channel takes, and how long a title may be (0: any)."""
    match wanted:
        case "buttons":
            return can.buttons, can.button_title
        case "list":
            return can.list_rows, can.row_title
        case "template":
            return int(can.message_templates), 0
        case _:
            return int(can.location), 0


def _at(rule: Rule, message: str, hint: str) -> Problem:
    return Problem(rule.place.file, rule.place.line, rule.place.column, message, hint)
