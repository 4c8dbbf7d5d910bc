"""Reads `then:`: what a rule does."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from pydantic import BaseModel

from casella_rules.language.arguments import Tags
from casella_rules.language.model import Action
from casella_rules.language.vocabulary import ActionSpec
from casella_rules.parsing.action_hints import (
    action_hint,
    action_listing,
    contact_tag_hint,
    direct_hint,
    glued_hint,
    value_hint,
)
from casella_rules.parsing.conditions import Scribe
from casella_rules.parsing.shape import fit, shown
from casella_rules.yaml.problems import nearest, quoted
from casella_rules.yaml.source import Mapping, Node, Plain, Scalar, Sequence, is_empty, plain_value

MAX_ACTIONS = 50


def read_actions(node: Mapping, scribe: Scribe) -> tuple[tuple[Action, Node], ...]:
    """The actions of a rule, each with the place where it is written."""
    value = node.get("then")
    if value is None:
        scribe.note(node, "'then' is missing", "Write what to do, for example '- stop'")
        return ()
    listed = value.items if isinstance(value, Sequence) else [value]
    if not listed or is_empty(value):
        scribe.note(value, "'then' is empty", "Write what to do, for example '- stop'")
        return ()
    if len(listed) > MAX_ACTIONS:
        scribe.note(listed[MAX_ACTIONS], f"a rule has at most {MAX_ACTIONS} actions")
        return ()
    actions = []
    for position, item in enumerate(listed):
        action = _action(item, scribe)
        if action is not None:
            actions.append((action, _named(item)))
            if action.name == "stop" and position < len(listed) - 1:
                scribe.note(
                    listed[position + 1], "this is never done: 'stop' ends the run before it", "Put 'stop' last"
                )
    return tuple(actions)


def _named(item: Node) -> Node:
    """The word that names an action."""
    return next(iter(item.entries.values()))[0] if isinstance(item, Mapping) else item


def _action(node: Node, scribe: Scribe) -> Action | None:
    if isinstance(node, Scalar) and not is_empty(node):
        return _named_action(node, None, scribe)
    if isinstance(node, Mapping) and len(node.entries) > 1:
        return _several(node, scribe)
    if not isinstance(node, Mapping) or not node.entries:
        scribe.note(node, "expected one action")
        return None
    key, value = next(iter(node.entries.values()))
    return _named_action(key, value, scribe)


def _several(node: Mapping, scribe: Scribe) -> Action | None:
    """Several keys where one action belongs: what belongs to it stands too far left, or each is one."""
    (first, value), *others = node.entries.values()
    spec = scribe.vocabulary.actions.get(first.text)
    fields = {field.alias or name for name, field in spec.argument.model_fields.items()} if spec else set()
    known = scribe.vocabulary.actions
    if spec is None or not is_empty(value) or any(key.text in known and key.text not in fields for key, _ in others):
        scribe.note(node, "expected one action", "Start each action with its own '- '")
        return None
    names = " and ".join(quoted(key.text) for key, _ in others)
    column = "two columns" if len(others) == 1 else "these two columns"
    text = f"{names} {'stands' if len(others) == 1 else 'stand'} beside {quoted(first.text)}, and not below it"
    scribe.note(others[0][0], text, f"Move {names} {column} to the right of {quoted(first.text)}")
    return None


def _named_action(key: Scalar, value: Node | None, scribe: Scribe) -> Action | None:
    spec = scribe.vocabulary.actions.get(key.text)
    if spec is None:
        known = scribe.vocabulary.actions
        hint = glued_hint(key.text, known) or action_hint(key.text, known) or contact_tag_hint(key.text, value)
        hint = hint or scribe.vocabulary.unknown_hint(key.text, "action", known)
        scribe.note(key, f"unknown action {quoted(key.text)}", hint or action_listing(known))
        return None
    written = value if value is not None and not is_empty(value) else None
    argument = _argument(spec, key, written, scribe)
    return Action(spec.name, argument) if argument is not None else None


def _argument(spec: ActionSpec, key: Scalar, value: Node | None, scribe: Scribe) -> BaseModel | None:
    if value is None:
        needs = any(field.is_required() for field in spec.argument.model_fields.values()) or spec.argument is Tags
        empty: Node = Mapping(key.line, key.column, {})
        if needs:
            scribe.note(key, f"{quoted(spec.name)} needs a value", f"Write for example '{spec.example}'")
            return None
        return _fitted(spec, empty, {}, scribe)
    if isinstance(value, Mapping) and not spec.always_short:
        strange = _key_instead_of_value(spec, value)
        if strange:
            hint = _without_key(spec, key, strange[1], scribe)
            scribe.note(strange[0], f"{quoted(spec.name)} takes its value without a key", hint)
            return None
        return _fitted(spec, value, plain_value(value), scribe)
    if not spec.shorthand:
        hint = value_hint(spec, value, scribe.names)
        scribe.note(value, f"{quoted(spec.name)} cannot take {shown(value)}", hint)
        return None
    # `tag: vip` stands for `tag: {tags: [vip]}`: the long form is built with the places of the short one.
    items = value.items if isinstance(value, Sequence) else [value]
    long: Node = Sequence(value.line, value.column, list(items)) if _listed(spec) else value
    tree = Mapping(value.line, value.column, {spec.shorthand: (key, long)})
    told = len(scribe.problems)
    argument = _fitted(spec, tree, plain_value(tree), scribe)
    in_long = f"Write for example '{spec.shorthand}: "
    scribe.problems[told:] = [
        replace(problem, hint=f"Write for example '{spec.example}'") if problem.hint.startswith(in_long) else problem
        for problem in scribe.problems[told:]
    ]
    return argument


def _without_key(spec: ActionSpec, key: Scalar, value: Node, scribe: Scribe) -> str:
    """The value by itself, where the action takes it; otherwise what is wrong with that."""
    told = len(scribe.problems)
    _argument(spec, key, value, scribe)
    wrong = scribe.problems[told:]
    del scribe.problems[told:]
    if not wrong:
        return direct_hint(spec, value)
    return f"And {wrong[0].message}. {wrong[0].hint}".rstrip(". ")


def _key_instead_of_value(spec: ActionSpec, value: Mapping) -> tuple[Scalar, Node] | None:
    """`tag: {name: refund}`: the only key, and one that the action does not have."""
    entry = next(iter(value.entries.values()), None)
    if not spec.shorthand or entry is None or len(value.entries) > 1 or isinstance(entry[1], Mapping):
        return None
    fields = spec.argument.model_fields
    known = {*fields, *(field.alias for field in fields.values())}
    return None if entry[0].text in known or nearest(entry[0].text, map(str, known)) else entry


@lru_cache(maxsize=256)
def _listed(spec: ActionSpec) -> bool:
    annotation = str(spec.argument.model_fields[spec.shorthand].annotation)
    return annotation.startswith(("tuple[", "list["))


def _fitted(spec: ActionSpec, node: Node, plain: Plain, scribe: Scribe) -> BaseModel | None:
    written = (spec.name, repr(plain))
    known = scribe.arguments.get(written)
    if known is not None:
        return known
    try:
        argument, problems = fit(spec.argument, node, scribe.file, scribe.names, plain=plain)
    except Exception as error:  # the edge to a plugin's own validators: one that breaks is a mistake told, no traceback
        if not spec.plugin:
            raise
        scribe.note(node, f"the plugin {quoted(spec.plugin)} cannot read this ({type(error).__name__})")
        return None
    scribe.problems.extend(problems)
    if argument is not None and not problems and spec.argument.model_config.get("frozen"):
        scribe.arguments[written] = argument
    return argument
