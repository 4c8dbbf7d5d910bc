"""What an action of a plugin wants done about the conversation, as deeds of the house: the same functions, the same
gate and the same receipts as for built-in actions. What the desk does not have is left out, and told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from casella.inbox.house import Deskbook
from casella.inbox.routing.actions import carry_out, outward
from casella.inbox.routing.actions.run import ActionRun
from casella.inbox.routing.router import Deed
from casella.plugin import ActionResult, clean_text
from casella_rules import Note, PlannedAction, Reply, SetAttributes, SetPriority, Tags
from casella_rules.language.argument_types import MAX_TEXT
from casella_rules.language.arguments import Argument
from casella_rules.language.attributes import AttributeValue, value_problem


@dataclass(frozen=True, slots=True)
class Wishes:
    """`deeds`, in order, and what of the result was `left_out`, in words."""

    deeds: tuple[Deed, ...]
    left_out: tuple[str, ...]


def wishes_of(result: ActionResult, rule: str, book: Deskbook) -> Wishes:
    """What is to be done."""
    left_out: list[str] = []
    deeds = [
        Deed(PlannedAction(rule, index, name, argument), _ACTS[name])
        for index, (name, argument) in enumerate(_wanted(result, book, left_out))
    ]
    return Wishes(tuple(deeds), tuple(left_out))


def _wanted(result: ActionResult, book: Deskbook, left_out: list[str]) -> Iterator[tuple[str, Argument]]:
    for name, tags in (("tag", result.tags), ("untag", result.untags)):
        if known := _known_tags(tags, book, left_out):
            yield name, Tags(tags=known)
    if result.priority in ("low", "normal", "high", "urgent"):
        yield "priority", SetPriority(priority=result.priority)
    if attributes := _known_attributes(result, book, left_out):
        yield "set", SetAttributes(attributes=attributes)
    if note := _words(result.note):
        yield "note", Note(text=note)
    if reply := _words(result.reply):
        yield "reply", Reply(text=reply)


def _words(text: object) -> str:
    return clean_text(text)[:MAX_TEXT] if isinstance(text, str) else ""


def _known_tags(tags: tuple[str, ...], book: Deskbook, left_out: list[str]) -> tuple[str, ...]:
    known = book.desk.parts.tags if book.desk else ()
    left_out += [f"tag '{tag}' is not in desk.yaml" for tag in tags if tag not in known]
    return tuple(tag for tag in tags if tag in known)


def _known_attributes(result: ActionResult, book: Deskbook, left_out: list[str]) -> dict[str, AttributeValue]:
    known: dict[str, AttributeValue] = {}
    for key, value in result.attributes.items():
        spec = book.ruleset.vocabulary.fields.get(f"contact.custom.{key}")
        problem = value_problem(spec, value) if spec and value is not None else None
        if spec is None or problem:
            left_out.append(problem[0] if problem else f"attribute '{key}' is not in desk.yaml")
        else:
            known[key] = value
    return known


def _reply(run: ActionRun, action: PlannedAction) -> bool:
    """The plugin's own words: they are no template."""
    assert isinstance(action.argument, Reply), "made above"
    if run.happening.provider_replies:
        return run.skip(action, "provider_replies")
    return outward.send_text(run, action, action.argument.text or "") is not None


_ACTS = {
    "tag": carry_out.tag,
    "untag": carry_out.untag,
    "priority": carry_out.priority,
    "set": carry_out.set_attributes,
    "note": carry_out.note,
    "reply": _reply,
}
