"""Reads tests.yaml, or the files of tests/, into tests; their mistakes are told like those of rules."""

from __future__ import annotations

from collections.abc import Iterable

from casella.desk.parts.desk_file import DeskFile
from casella.desk.test_file.field_values import fact_problem
from casella.desk.test_file.parts import DeskTest, GivenAgent, TestFile, TestPart
from casella_rules import Names, Problem, Vocabulary, fit
from casella_rules.language.model import Place
from casella_rules.language.vocabulary import Parameter
from casella_rules.parsing.shape import place_of
from casella_rules.parsing.values import NOBODY
from casella_rules.yaml.partial import read_parts
from casella_rules.yaml.problems import in_order, quoted
from casella_rules.yaml.source import Mapping, Node, is_empty
from casella_rules.yaml.source import Sequence as SequenceNode


def read_tests(
    files: Iterable[tuple[str, bytes]],
    parts: DeskFile | None,
    names: Names,
    vocabulary: Vocabulary,
) -> tuple[tuple[DeskTest, ...], list[Problem]]:
    """The tests of these files, and everything that is wrong with them. `names`: with those of the rules, if they are
    known."""
    events = (event.name for event in vocabulary.events.values() if event.takes is Parameter.NOTHING)
    known = names.including("event", events)
    tests: list[DeskTest] = []
    problems: list[Problem] = []
    seen: dict[str, str] = {}
    for file, source in files:
        read_file = read_parts(source, file)
        tree = read_file.tree
        problems += read_file.problems
        if tree is None or is_empty(tree):
            continue
        read, mistakes = fit(TestFile, tree, file, known)
        problems += mistakes
        for test in _placed(read, tree, file) if read else _sound(tree, file, known):
            tests.append(test)
            problems += _agents(test, tree, file, parts, names)
            problems += _fields(test, tree, file, vocabulary)
            problems += _name_twice(test, seen)
    return tuple(tests), list(in_order(problems))


def _placed(read: TestFile, tree: Node, file: str) -> Iterable[DeskTest]:
    listed = tree.get("tests") if isinstance(tree, Mapping) else None
    nodes = listed.items if isinstance(listed, SequenceNode) else []
    for part, node in zip(read.tests, nodes, strict=True):
        yield DeskTest(part, Place(file, node.line, node.column))


def _sound(tree: Node, file: str, names: Names) -> Iterable[DeskTest]:
    """Of a file with mistakes, which are told, the tests without: what they name is looked at all the same."""
    listed = tree.get("tests") if isinstance(tree, Mapping) else None
    for node in listed.items if isinstance(listed, SequenceNode) else ():
        part, _ = fit(TestPart, node, file, names)
        if part is not None:
            yield DeskTest(part, Place(file, node.line, node.column))


def _name_twice(test: DeskTest, seen: dict[str, str]) -> Iterable[Problem]:
    place = test.place
    other = seen.setdefault(test.part.name, f"{place.file}:{place.line}")
    if other != f"{place.file}:{place.line}":
        message = f"two tests are called {quoted(test.part.name)}, this one and the one in {other}"
        yield Problem(place.file, place.line, place.column, message, "A test is known by its name")


def _agents(test: DeskTest, tree: Node, file: str, parts: DeskFile | None, names: Names) -> Iterable[Problem]:
    """Agents that the desk does not have may be in a test when it says their team; then only there."""
    given = test.part.given.agents or {}
    own = frozenset(key for key, agent in given.items() if agent.team is not None)
    known = names.including("agent", own)
    index = _index(tree, test)
    for where, agent in _named(test.part, given):
        unknown = known.unknown("agent", agent)
        if unknown and parts is not None:
            place = place_of(tree, ("tests", index, *where))
            hint = "Say the team of an agent that only this test has: {team: …}" if where[-1] == agent else unknown[1]
            hint = "Write null: nobody has it" if agent.lower() in NOBODY and where[-1] == "assignee" else hint
            yield Problem(file, place.line, place.column, unknown[0], hint)


def _fields(test: DeskTest, tree: Node, file: str, vocabulary: Vocabulary) -> Iterable[Problem]:
    """Plugins' fields are of the type that the plugin says."""
    index = _index(tree, test)
    for name, value in test.part.given.fields.items():
        spec = vocabulary.fields.get(name)
        if spec is not None and (problem := fact_problem(spec, value)):
            place = place_of(tree, ("tests", index, "given", "fields", name))
            yield Problem(file, place.line, place.column, *problem)


def _index(tree: Node, test: DeskTest) -> int:
    listed = tree.get("tests") if isinstance(tree, Mapping) else None
    nodes = listed.items if isinstance(listed, SequenceNode) else []
    return next(at for at, node in enumerate(nodes) if (node.line, node.column) == (test.place.line, test.place.column))


def _named(part: TestPart, given: dict[str, GivenAgent]) -> Iterable[tuple[tuple[int | str, ...], str]]:
    yield from ((("given", "agents", key), key) for key in given)
    if part.given.conversation and part.given.conversation.assignee:
        yield ("given", "conversation", "assignee"), part.given.conversation.assignee
    if part.expect and part.expect.assignee:
        yield ("expect", "assignee"), part.expect.assignee
    for number, step in enumerate(part.steps):
        for key, agent in (("takes", step.takes), ("by", step.by)):
            if agent:
                yield ("steps", number, key), agent
        if step.expect and step.expect.assignee:
            yield ("steps", number, "expect", "assignee"), step.expect.assignee
