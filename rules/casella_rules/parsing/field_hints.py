"""What to write instead of a field that is not there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import takewhile

from casella_rules.language.vocabulary import FieldSpec, Names, Vocabulary
from casella_rules.yaml.problems import listing, nearest, quoted
from casella_rules.yaml.source import Node, Scalar, is_empty
from casella_rules.yaml.written import as_written

#: What other systems, and people, call a field.
_OTHER_WORDS: Mapping[str, str] = {
    "message": "text", "body": "text", "content": "text", "words": "text", "message.text": "text",
    "message.body": "text", "message.content": "text", "message.kind": "kind", "message.language": "language",
    "sender": "sent_by", "from": "sent_by", "day": "time.weekday", "inbox.name": "inbox",
    "channel.type": "channel_type",
    "assigned_to": "conversation.assignee", "owner": "conversation.assignee", "agent": "conversation.assignee",
    "score": "survey.score", "country": "contact.country", "attachments": "has_attachment",
}  # fmt: skip
_GROUPS: Mapping[str, str] = {"or": "any:", "and": "all:", "none": "not: {any: […]}", "nor": "not: {any: […]}"}


def group_hint(name: str) -> str:
    """The group that a word of other systems stands for."""
    return f"Write '{_GROUPS[name.lower()]}'" if name.lower() in _GROUPS else ""


def field_hint(name: str, value: Node, vocabulary: Vocabulary, names: Names) -> str:
    """The field that was meant, or the fields there are."""
    other = _other_word(name, vocabulary)
    return (
        _by_its_opposite(name, value)
        or _hours(name, value, vocabulary, names)
        or _did_you_mean(other)
        or (_bare(name, vocabulary) if "." not in name else _dotted(name, vocabulary, names))
    )


def behind_commas(
    entries: Sequence[tuple[Scalar, Node]], vocabulary: Vocabulary
) -> tuple[Scalar, list[Scalar], str] | None:
    """`{text: refund, money}`: the field, what stands behind its value as if it were a field, and what to write."""
    for at, (key, value) in enumerate(entries):
        if not isinstance(value, Scalar) or is_empty(value) or not vocabulary.field_of(key.text):
            continue
        behind = list(takewhile(partial(_is_bare, vocabulary, key.line), entries[at + 1 :]))
        if behind:
            listed = ", ".join([as_written(value), *(as_written(one) for one, _ in behind)])
            return key, [one for one, _ in behind], f"Write '{key.text}: [{listed}]'"
    return None


def _is_bare(vocabulary: Vocabulary, line: int, entry: tuple[Scalar, Node]) -> bool:
    key, value = entry
    return key.line == line and is_empty(value) and not vocabulary.field_of(key.text)


def suffixed(name: str, vocabulary: Vocabulary) -> list[str]:
    """The fields whose last word this is: what is so now, where there is also what was so before."""
    same = [known for known in vocabulary.fields if known.endswith(f".{name}")]
    now = [known for known in same if not known.startswith("previous.")] or same
    return sorted([known for known in now if "*" not in known] or now)


def _by_its_opposite(name: str, value: Node) -> str:
    """`conversation.assigned: false`, `contact.opted_in: true`: there is a field that says as much."""
    flag = value.text.lower() if isinstance(value, Scalar) else ""
    last = name.rpartition(".")[2].removeprefix("is_").removeprefix("has_")
    if flag not in ("true", "false", "yes", "no"):
        return ""
    if last in ("assigned", "unassigned", "assignee"):
        there = (flag in ("true", "yes")) is (last != "unassigned")
        return f"Write 'conversation.assignee: {{is_set: {str(there).lower()}}}'"
    if last in ("opted_in", "subscribed"):
        return f"Write 'contact.opted_out: {str(flag in ('false', 'no')).lower()}'"
    return ""


def _other_word(name: str, vocabulary: Vocabulary) -> list[str]:
    root, dot, rest = name.partition(".")
    words = [_OTHER_WORDS.get(name.lower(), "")]
    words += [f"contact.{rest}"] if dot and root in ("customer", "client", "user") else []
    return [word for word in words if word in vocabulary.fields]


def _hours(name: str, value: Node, vocabulary: Vocabulary, names: Names) -> str:
    if name != "hours" or not vocabulary.is_prefix(name) or "hours" not in names.known:
        return ""
    known = sorted(names.known["hours"])
    if not known:
        return "There are no office hours in desk.yaml yet"
    asked = value.text if isinstance(value, Scalar) and value.text in ("open", "closed") else "open"
    more = f". {listing('Office hours', known)}" if len(known) > 1 else ""
    return f"Write 'hours: {{{known[0]}: {asked}}}'{more}"


def _did_you_mean(options: Iterable[str]) -> str:
    names = " or ".join(quoted(option) for option in options)
    return f"Did you mean {names}?" if names else ""


def _bare(name: str, vocabulary: Vocabulary) -> str:
    same = suffixed(name, vocabulary)
    if same:
        return _did_you_mean(same)
    if vocabulary.is_prefix(name):
        return f"It has {', '.join(vocabulary.members(name))}"
    if name in vocabulary.absent:
        return vocabulary.unknown_hint(name, "field", ())
    # `piority` alone is near to no whole name, yet it is plain what was meant.
    lasts = [known.rpartition(".")[2] for known in vocabulary.fields]
    near = nearest(name, [last for last in lasts if last != "*"])
    if near:
        return _did_you_mean([near] if near in vocabulary.fields else suffixed(near, vocabulary))
    roots = {known.partition(".")[0] for known in vocabulary.fields}
    return f"Fields: {', '.join(root if root in vocabulary.fields else f'{root}.…' for root in sorted(roots))}"


def _dotted(name: str, vocabulary: Vocabulary, names: Names) -> str:
    owner, _, last = name.rpartition(".")
    if vocabulary.is_prefix(name):
        return f"It has {', '.join(vocabulary.members(name))}"
    if not vocabulary.is_prefix(owner):
        return vocabulary.unknown_hint(name, "field", vocabulary.fields)
    if last in names.known.get("tag", ()) and f"{owner}.tags" in vocabulary.fields:
        return f"Write '{owner}.tags: {{has: {last}}}'"
    if owner == "contact" and last in names.attributes:
        return f"Did you mean 'contact.custom.{last}'?"
    members = vocabulary.members(owner)
    near = nearest(last, [member[len(owner) + 1 :] for member in members])
    return f"Did you mean '{owner}.{near}'?" if near else f"It has {', '.join(members)}"


def asks_directly(name: str, inner: Iterable[tuple[Scalar, Node]], vocabulary: Vocabulary) -> FieldSpec | None:
    """The field that `team: {is: billing}` means, where `team` alone is only a family."""
    same = suffixed(name, vocabulary)
    direct = all(key.text in vocabulary.operators and isinstance(value, Scalar) for key, value in inner)
    return vocabulary.fields[same[0]] if same and direct else None
