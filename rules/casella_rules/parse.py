"""Rule files -> rules, or every problem in them at once."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as MappingType

from pydantic import BaseModel

from .conditions import UNREADABLE, Scribe, read_test
from .model import Action, Place, Rule, Test
from .problems import Problem, did_you_mean, in_order, name_hint, quoted
from .shape import fit, shown
from .vocabulary import ActionSpec, Names, Vocabulary
from .yaml_source import Mapping, Node, Plain, Scalar, Sequence, is_empty, plain_value, read_yaml

KEYS = ("name", "description", "when", "if", "then", "enabled", "mode", "inboxes")
MAX_NAME = 120
MAX_ACTIONS = 50


def read_rules(
    files: Iterable[tuple[str, bytes]], vocabulary: Vocabulary, names: Names | None = None
) -> tuple[tuple[Rule, ...], list[Problem]]:
    """The rules of these files (name, contents), in order, and everything that is wrong with them.

    With problems, the rules returned are only those that could be read; they are good for finding more problems, not
    for running.
    """
    rules: list[Rule] = []
    problems: list[Problem] = []
    for file, source in files:
        tree, unreadable = read_yaml(source, file)
        problems.extend(unreadable)
        if tree is not None:
            scribe = Scribe(file, vocabulary, (names or Names()).including("strategy", vocabulary.strategies))
            rules.extend(_rules_of(tree, scribe))
            problems.extend(scribe.problems)
    return tuple(rules), list(in_order(problems))


def _rules_of(tree: Node, scribe: Scribe) -> list[Rule]:
    if is_empty(tree):
        return []
    if not isinstance(tree, Mapping):
        scribe.note(tree, "a rule file starts with the line 'rules:'", "Put it above the list")
        return []
    for key, _ in tree.entries.values():
        if key.text != "rules":
            scribe.note(key, f"unknown key {quoted(key.text)}", name_hint("Keys", key.text, ["rules"]))
    listed = tree.get("rules")
    if listed is None or is_empty(listed):
        if listed is None and not tree.entries:
            scribe.note(tree, "'rules' is missing")
        return []
    if not isinstance(listed, Sequence):
        scribe.note(listed, f"'rules' must be a list, got {shown(listed)}", "Start each rule with '- name: …'")
        return []
    read = (_rule(item, scribe) for item in listed.items)
    return [rule for rule in read if rule is not None]


def _rule(node: Node, scribe: Scribe) -> Rule | None:
    if not isinstance(node, Mapping):
        scribe.note(node, f"expected a rule, got {shown(node)}", "A rule has name, when, if and then")
        return None
    for key, _ in node.entries.values():
        if key.text not in KEYS:
            scribe.note(
                key, f"unknown key {quoted(key.text)}", _KEY_HINTS.get(key.text) or name_hint("Keys", key.text, KEYS)
            )
    return Rule(
        name=_name(node, scribe),
        when=_when(node, scribe),
        test=_test(node, scribe),
        actions=_actions(node, scribe),
        enabled=_flag(node, "enabled", True, scribe),
        watch=_watch(node, scribe),
        inboxes=_inboxes(node, scribe),
        description=_description(node, scribe),
        place=Place(scribe.file, node.line, node.column),
    )


def _name(node: Mapping, scribe: Scribe) -> str:
    value = node.get("name")
    if value is None:
        scribe.note(node, "'name' is missing", "A rule is known by its name, in traces and in tests")
    elif not isinstance(value, Scalar) or is_empty(value) or not value.text.strip():
        scribe.note(value, f"expected a name, got {shown(value)}")
    elif len(value.text) > MAX_NAME:
        scribe.note(value, f"this name is longer than {MAX_NAME} characters", "Put the rest into 'description'")
    else:
        return value.text.strip()
    return ""


def _description(node: Mapping, scribe: Scribe) -> str:
    value = node.get("description")
    if value is None or isinstance(value, Scalar):
        return value.text if value else ""
    scribe.note(value, f"expected text, got {shown(value)}")
    return ""


def _when(node: Mapping, scribe: Scribe) -> tuple[str, ...]:
    value = node.get("when")
    if value is None:
        scribe.note(node, "'when' is missing", "Write for example 'when: message_received'")
        return ()
    events = _words(value, "an event", scribe)
    for event in events:
        if event.text not in scribe.vocabulary.events:
            hint = name_hint("Events", event.text, scribe.vocabulary.events)
            scribe.note(event, f"unknown event {quoted(event.text)}", hint)
    return tuple(dict.fromkeys(event.text for event in events))


def _test(node: Mapping, scribe: Scribe) -> Test:
    value = node.get("if")
    if value is None:
        scribe.note(node, "'if' is missing", "Write 'if: always' for a rule that always holds")
        return UNREADABLE
    before = len(scribe.problems)
    test = read_test(value, scribe)
    # What could not be read must not look like "always" to the search for unreachable rules.
    return test if len(scribe.problems) == before else UNREADABLE


def _watch(node: Mapping, scribe: Scribe) -> bool:
    value = node.get("mode")
    if value is None:
        return False
    if isinstance(value, Scalar) and value.text in ("watch", "act"):
        return value.text == "watch"
    scribe.note(value, f"{shown(value)} is not possible here", "Write watch (decide only) or act")
    return False


def _flag(node: Mapping, key: str, default: bool, scribe: Scribe) -> bool:
    value = node.get(key)
    if value is None:
        return default
    plain = plain_value(value)
    if isinstance(plain, bool):
        return plain
    scribe.note(
        value,
        f"expected true or false, got {shown(value)}",
        "YAML knows only 'true' and 'false', not on, off, yes or no",
    )
    return default


def _inboxes(node: Mapping, scribe: Scribe) -> tuple[str, ...]:
    value = node.get("inboxes")
    if value is None:
        return ()
    inboxes = _words(value, "an inbox", scribe)
    for inbox in inboxes:
        unknown = scribe.names.unknown("inbox", inbox.text)
        if unknown:
            scribe.note(inbox, *unknown)
    return tuple(dict.fromkeys(inbox.text for inbox in inboxes))


def _words(node: Node, what: str, scribe: Scribe) -> list[Scalar]:
    """One word, or a list of at least one."""
    listed = node.items if isinstance(node, Sequence) else [node]
    if not listed:
        scribe.note(node, "this list is empty", f"Name {what}")
    for item in listed:
        if not isinstance(item, Scalar) or is_empty(item):
            scribe.note(item, f"expected {what}, got {shown(item)}")
    return [item for item in listed if isinstance(item, Scalar) and not is_empty(item)]


def _actions(node: Mapping, scribe: Scribe) -> tuple[Action, ...]:
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
            actions.append(action)
            if action.name == "stop" and position < len(listed) - 1:
                scribe.note(
                    listed[position + 1], "this is never done: 'stop' ends the run before it", "Put 'stop' last"
                )
    return tuple(actions)


def _action(node: Node, scribe: Scribe) -> Action | None:
    if isinstance(node, Scalar) and not is_empty(node):
        return _named_action(node, None, scribe)
    if not isinstance(node, Mapping) or len(node.entries) != 1:
        scribe.note(
            node, "expected one action", "Start each action with its own '- '" if isinstance(node, Mapping) else ""
        )
        return None
    key, value = next(iter(node.entries.values()))
    return _named_action(key, value, scribe)


def _named_action(key: Scalar, value: Node | None, scribe: Scribe) -> Action | None:
    spec = scribe.vocabulary.actions.get(key.text)
    if spec is None:
        hint = did_you_mean(key.text, scribe.vocabulary.actions) or name_hint(
            "Actions", key.text, scribe.vocabulary.actions
        )
        scribe.note(key, f"unknown action {quoted(key.text)}", hint)
        return None
    written = value if value is not None and not is_empty(value) else None
    argument = _argument(spec, key, written, scribe)
    return Action(spec.name, argument) if argument is not None else None


def _argument(spec: ActionSpec, key: Scalar, value: Node | None, scribe: Scribe) -> BaseModel | None:
    if value is None:
        needs = any(field.is_required() for field in spec.argument.model_fields.values())
        empty: Node = Mapping(key.line, key.column, {})
        if needs:
            scribe.note(key, f"{quoted(spec.name)} needs a value", f"Write for example '{spec.example}'")
            return None
        return _fitted(spec, empty, {}, scribe)
    if isinstance(value, Mapping):
        return _fitted(spec, value, plain_value(value), scribe)
    if not spec.shorthand:
        hint = f"Write for example '{spec.example}'" if spec.argument.model_fields else f"Write '- {spec.name}' alone"
        scribe.note(value, f"{quoted(spec.name)} cannot take {shown(value)}", hint)
        return None
    # `tag: vip` stands for `tag: {tags: [vip]}`: the long form is built with the places of the short one.
    items = value.items if isinstance(value, Sequence) else [value]
    long: Node = Sequence(value.line, value.column, list(items)) if _listed(spec) else value
    tree = Mapping(value.line, value.column, {spec.shorthand: (key, long)})
    return _fitted(spec, tree, plain_value(tree), scribe)


def _listed(spec: ActionSpec) -> bool:
    annotation = str(spec.argument.model_fields[spec.shorthand].annotation)
    return annotation.startswith(("tuple[", "list["))


def _fitted(spec: ActionSpec, node: Node, plain: Plain, scribe: Scribe) -> BaseModel | None:
    argument, problems = fit(spec.argument, node, scribe.file, scribe.names, plain=plain)
    scribe.problems.extend(problems)
    return argument


_KEY_HINTS: MappingType[str, str] = {
    "on": "Write 'when'",
    "events": "Write 'when'",
    "do": "Write 'then'",
    "actions": "Write 'then'",
    "conditions": "Write 'if'",
    "where": "Write 'if'",
    "disabled": "Write 'enabled: false'",
}
