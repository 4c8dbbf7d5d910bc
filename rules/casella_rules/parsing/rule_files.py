"""Rule files -> rules, or every problem in them at once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from casella_rules.language.arguments import Assign
from casella_rules.language.model import Action, Place, Rule, Test, event_of
from casella_rules.language.vocabulary import Names, Vocabulary
from casella_rules.parsing.actions import read_actions
from casella_rules.parsing.conditions import UNREADABLE, Scribe, read_test
from casella_rules.parsing.rule_keys import KEYS, strays
from casella_rules.parsing.shape import flag_hint, shown
from casella_rules.parsing.when import read_time, read_unless, read_when, words
from casella_rules.yaml.partial import read_parts
from casella_rules.yaml.problems import Problem, in_order, name_hint, quoted
from casella_rules.yaml.source import Mapping, Node, Scalar, Sequence, is_empty, plain_value

MAX_NAME = 120


def read_rules(
    files: Iterable[tuple[str, bytes]], vocabulary: Vocabulary, names: Names | None = None
) -> tuple[tuple[Rule, ...], list[Problem]]:
    """The rules of these files (name, contents), in order, and everything that is wrong with them.

    With problems, the rules returned are only those that could be read; they are good for finding more problems, not
    for running.
    """
    read = read_rule_files(files, vocabulary, names)
    return read.rules, list(read.problems)


@dataclass(frozen=True)
class RulesRead:
    """What was read of some files. `whole`: there is no rule in them whose name is not known."""

    rules: tuple[Rule, ...]
    problems: tuple[Problem, ...]
    whole: bool


def read_rule_files(files: Iterable[tuple[str, bytes]], vocabulary: Vocabulary, names: Names | None) -> RulesRead:
    """The same, and whether anything is missing."""
    rules: list[Rule] = []
    problems: list[Problem] = []
    whole = True
    known = (names or Names()).including("strategy", vocabulary.strategies)
    for file, source in files:
        read = read_parts(source, file)
        problems.extend(read.problems)
        scribe = Scribe(file, vocabulary, known)
        found = _rules_of(read.tree, scribe) if read.tree is not None else []
        rules.extend(found)
        problems.extend(scribe.problems)
        whole &= read.whole and all(rule.name for rule in found) and not (scribe.problems and not found)
    return RulesRead(tuple(rules), in_order(problems), whole)


def _rules_of(tree: Node, scribe: Scribe) -> list[Rule]:
    if is_empty(tree):
        return []
    if not isinstance(tree, Mapping):
        scribe.note(tree, "a rule file starts with the line 'rules:'", "Put it above the list")
        return []
    if tree.entries and all(name in KEYS for name in tree.entries):
        scribe.note(tree, "a rule file starts with the line 'rules:'", "Put it above, and a dash before 'name'")
        return []
    beside = _beside_rules(tree, scribe)
    for key, _ in tree.entries.values():
        if key.text != "rules" and key not in beside:
            scribe.note(key, f"unknown key {quoted(key.text)}", name_hint("Keys", key.text, ["rules"]))
    listed = tree.get("rules")
    if listed is None or is_empty(listed):
        if listed is None and not tree.entries:
            scribe.note(tree, "'rules' is missing")
        return []
    if not isinstance(listed, Sequence):
        scribe.note(listed, f"'rules' must be a list, got {shown(listed)}", "Start each rule with '- name: …'")
        return []
    read = (_rule(item, scribe) for item in _with_their_actions(listed.items, scribe))
    return [rule for rule in read if rule is not None]


def _beside_rules(tree: Mapping, scribe: Scribe) -> list[Scalar]:
    """Keys of the last rule that stand beside `rules`, as those of `- name: …` do in some other formats. They go back
    to their rule, so that nothing else is said of them."""
    listed = tree.get("rules")
    last = listed.items[-1] if isinstance(listed, Sequence) and listed.items else None
    if not isinstance(last, Mapping):
        return []
    strayed = {name: entry for name, entry in tree.entries.items() if name in KEYS and name not in last.entries}
    if strayed:
        keys = [key for key, _ in strayed.values()]
        names = " and ".join(filter(None, [", ".join(quoted(key.text) for key in keys[:-1]), quoted(keys[-1].text)]))
        text = f"{names} {'stands' if len(keys) == 1 else 'stand'} beside 'rules', and not in a rule"
        scribe.note(keys[0], text, f"Move {names} to the right, to where 'name' begins in line {last.line}")
        last.entries.update(strayed)
    return [key for key, _ in strayed.values()]


def _with_their_actions(items: list[Node], scribe: Scribe) -> list[Node]:
    """The rules; actions whose dash stands too far left, so that they look like rules, go back below their 'then'."""
    rules: list[Node] = []
    for item in items:
        above = rules[-1] if rules else None
        then = above.get("then") if isinstance(above, Mapping) else None
        if isinstance(above, Mapping) and then is not None and _is_action(item, scribe):
            if is_empty(then):
                line = above.key("then").line
                scribe.note(item, "this action stands too far left", f"Indent its '-' below the 'then' of line {line}")
                then = Sequence(item.line, item.column, [])
                above.entries["then"] = above.key("then"), then
            if isinstance(then, Sequence) and then.column == item.column:
                then.items.append(item)
                continue
        rules.append(item)
    return rules


def _is_action(node: Node, scribe: Scribe) -> bool:
    """Whether an entry among the rules can only be an action."""
    words = list(node.entries) if isinstance(node, Mapping) else [node.text] if isinstance(node, Scalar) else []
    return len(words) == 1 and words[0] in scribe.vocabulary.actions


def _rule(node: Node, scribe: Scribe) -> Rule | None:
    if not isinstance(node, Mapping):
        scribe.note(node, f"expected a rule, got {shown(node)}", "A rule has name, when, if and then")
        return None
    elsewhere = strays(node, scribe)
    when = () if "when" in elsewhere and _says_nothing(node, "when") else read_when(node, scribe)
    after, cooldown = read_time(node, "after", scribe), read_time(node, "cooldown", scribe)
    return Rule(
        name=_name(node, scribe),
        when=when,
        test=UNREADABLE if "if" in elsewhere and _says_nothing(node, "if") else _test(node, scribe),
        actions=() if "then" in elsewhere and _says_nothing(node, "then") else _actions(node, when, scribe),
        enabled=_flag(node, "enabled", True, scribe),
        watch=_watch(node, scribe),
        inboxes=_inboxes(node, scribe),
        after=after.seconds,
        unless=() if "unless" in elsewhere else read_unless(node, scribe),
        cooldown=cooldown.seconds,
        description=_description(node, scribe),
        place=Place(scribe.file, node.line, node.column),
        after_in=after.hours,
        cooldown_in=cooldown.hours,
    )


def _says_nothing(node: Mapping, part: str) -> bool:
    value = node.get(part)
    return value is None or is_empty(value)


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
    scribe.note(value, f"expected true or false, got {shown(value)}", flag_hint(value))
    return default


def _inboxes(node: Mapping, scribe: Scribe) -> tuple[str, ...]:
    value = node.get("inboxes")
    if value is None:
        return ()
    inboxes = words(value, "an inbox", scribe)
    for inbox in inboxes:
        unknown = scribe.names.unknown("inbox", inbox.text)
        if unknown:
            scribe.note(inbox, unknown[0], _inbox_hint(inbox.text, scribe) or unknown[1])
    return tuple(dict.fromkeys(inbox.text for inbox in inboxes))


def _inbox_hint(word: str, scribe: Scribe) -> str:
    if word.lower() in ("all", "any", "every", "*"):
        return "Without 'inboxes' a rule is for all of them: leave it out"
    denied = re.fullmatch(r"(?:!|not|no|except|all but) *(\S+)", word, re.I)
    if denied and not scribe.names.unknown("inbox", denied[1]):
        return f"Below 'if' it is 'inbox: {{is_not: {denied[1]}}}'"
    return ""


def _actions(node: Mapping, when: tuple[str, ...], scribe: Scribe) -> tuple[Action, ...]:
    actions = read_actions(node, scribe)
    for action, place in actions:
        if action.name == "stop" and node.get("after") is not None:
            scribe.note(place, "'stop' ends a run, and a rule with 'after' acts in none", "Remove it")
        _needs_a_conversation(action, place, when, scribe)
        _needs_a_sender(action, place, when, scribe)
    return tuple(action for action, _ in actions)


def _needs_a_conversation(action: Action, place: Node, when: tuple[str, ...], scribe: Scribe) -> None:
    """Events about an agent have no conversation that anything could be done to."""
    events = scribe.vocabulary.events
    without = next((event for event in map(event_of, when) if events[event].about == "agent"), None)
    if without and scribe.vocabulary.actions[action.name].about == "conversation":
        fitting = sorted(spec.name for spec in scribe.vocabulary.actions.values() if spec.about == "any")
        message = f"{quoted(action.name)} needs a conversation, and {quoted(without)} has none"
        scribe.note(place, message, f"Possible here: {', '.join(fitting)}")


def _needs_a_sender(action: Action, place: Node, when: tuple[str, ...], scribe: Scribe) -> None:
    """What goes to whoever wrote needs an event with a message that an agent may have written. Who begins a
    conversation has it without any rule."""
    goes_to_sender = isinstance(action.argument, Assign) and action.argument.to is not None
    if goes_to_sender and when and _AGENTS_MESSAGE.isdisjoint(map(event_of, when)):
        message = f"an agent who has written is not known when {quoted(event_of(when[0]))} happens"
        scribe.note(place, message, "Write 'when: message_sent', or name a team or an agent")


_AGENTS_MESSAGE = frozenset({"message_sent", "message_failed"})
