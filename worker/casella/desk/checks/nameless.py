"""Replies that need the customer's name, on channels whose customers come without one: they would not be sent."""

from __future__ import annotations

from collections.abc import Iterator

from casella.desk.canned.messages import VARIABLES, InputsMissing, TextTooLong, fill_text
from casella.desk.checks.reply_checks import able
from casella.desk.model import Desk
from casella.desk.parts.catalogue import Catalogue
from casella_rules import Problem, Reply, Rule
from casella_rules.language.model import conditions_of
from casella_rules.yaml.problems import quoted

_NAMES = ("contact.name", "contact.first_name")


def nameless_replies(desk: Desk, catalogue: Catalogue) -> Iterator[Problem]:
    """One hint for each reply, where what a rule's channels can do is known for certain."""
    for rule in desk.rules.rules:
        silent = [key for key, can in able(rule, desk.parts, catalogue).items() if not can.names]
        if not silent or any(one.field == "contact.name" for one in conditions_of(rule.test)):
            continue
        for action in rule.actions:
            if isinstance(action.argument, Reply) and (name := _needed(desk, action.argument)):
                yield _hint(rule, action.argument, name, silent[0])


def _needed(desk: Desk, reply: Reply) -> str:
    """The name that a text cannot do without."""
    texts = [*desk.canned[reply.canned].texts.values()] if reply.canned else [*reply.words]
    known = {name: "x" for name in VARIABLES if name not in _NAMES}
    for text in texts:
        try:
            fill_text(text, known)
        except InputsMissing as error:
            return error.missing[0]
        except TextTooLong:
            continue
    return ""


def _hint(rule: Rule, reply: Reply, name: str, channel: str) -> Problem:
    what = f"the canned message {quoted(reply.canned)}" if reply.canned else "its text"
    said = (
        f"rule {quoted(rule.name)} replies with {what}, which needs {name}; on channel {quoted(channel)} customers "
        "come without a name, and then it is not sent"
    )
    hint = f"Write {{{{ {name} | default('there') }}}}, or leave the name out with {{% if %}}"
    return Problem(rule.place.file, rule.place.line, rule.place.column, said, hint)
