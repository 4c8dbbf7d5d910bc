"""Rules that would wake each other for ever. The guard of chains stops them while they run; here they are found before.

Only loops that nothing ends: tagging what has the tag already wakes nobody, so a rule that tags needs another one that
takes the tag off again, a priority needs another priority, and a rule that closes needs one that reopens.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from casella_rules.checks.possible import Judges, things_of
from casella_rules.language.arguments import Assign, SetPriority, Snooze, Tags, Unassign
from casella_rules.language.model import Action, All, Always, Condition, Rule, Test
from casella_rules.language.vocabulary import ActionSpec, ValueType

#: What must be undone by whom before an action can have its effect again; what is not here always can.
_UNDONE_BY = {
    "close": ("reopen",),
    "reopen": ("close",),
    "assign": ("unassign",),
    "unassign": ("assign",),
    "opt_out": (),
    "survey": (),
}
#: In a larger group of rules that wake each other, any way round is named.
_NAMED_AT_MOST = 12
#: How often it is looked whether one rule may wake another. A group of over a hundred rules that could all wake each
#: other is too much to look through, and is left to the guard of chains.
_MOST_LOOKS = 60_000
_Graph = dict[int, set[int]]


def loops(rules: Sequence[Rule], actions: Mapping[str, ActionSpec], judges: Judges) -> Iterator[list[Rule]]:
    """Each way in which rules wake each other without end, from its first rule on, the last one wakes the first."""
    search = _Search(rules, actions, judges)
    for ring in search.lasting(set(range(len(search.alive)))):
        smallest = search.smallest(ring)
        yield _cycle(search.graph(smallest), smallest, search.alive)


class _Search:
    def __init__(self, rules: Sequence[Rule], actions: Mapping[str, ActionSpec], judges: Judges) -> None:
        self._actions, self._judges = actions, judges
        self._held: dict[tuple[int, str, int], bool] = {}
        self._alone: dict[tuple[int, str], bool] = {}
        self._afters: dict[Test, int] = {}
        self._looks_left = _MOST_LOOKS
        self.alive = [
            rule for rule in rules if rule.enabled and not rule.watch and not rule.cooldown and self._causes(rule)
        ]
        self._all = _Doings(action for rule in self.alive for action in rule.actions)
        self._tests = [rule.scoped_test for rule in self.alive]
        self._things = [things_of(test) for test in self._tests]

    def lasting(self, members: set[int]) -> list[set[int]]:
        """Groups that keep themselves going, looking at nothing outside them: what only others could undo ends them."""
        graph = self.graph(members)
        if self._is_tired:
            return []
        rings = [ring for ring in _rings(graph) if len(ring) > 1 or ring <= graph[min(ring)]]
        if rings == [members]:
            return rings
        return [lasting for ring in rings for lasting in self.lasting(ring)]

    def smallest(self, ring: set[int]) -> set[int]:
        """A group inside this one that keeps itself going and has nobody to spare."""
        for member in sorted(ring) if len(ring) <= _NAMED_AT_MOST else ():
            within = self.lasting(ring - {member})
            if within:
                return self.smallest(within[0])
        return ring

    def graph(self, members: set[int]) -> _Graph:
        """Which rule wakes which, looking only at these."""
        there = _Doings(action for position in members for action in self.alive[position].actions)
        listeners: dict[str, list[int]] = {}
        for position in sorted(members):
            for event in self.alive[position].events:
                listeners.setdefault(event, []).append(position)
        graph: _Graph = {position: set() for position in members}
        for position in members:
            rule = self.alive[position]
            left = tuple(self._all.lasting(rule))
            for action in rule.actions:
                for event in self._caused(rule, action, there):
                    after = All((*_true_after(action), *left)) if event != "conversation_assigned" else _given(action)
                    graph[position].update(self._woken(listeners.get(event, ()), event, after))
        return graph

    def _causes(self, rule: Rule) -> bool:
        return any(True for action in rule.actions for _ in self._caused_by(action))

    def _caused_by(self, action: Action) -> Iterable[str]:
        """What an action may wake rules with."""
        return self._actions[action.name].causes if action.name in self._actions and not _goes_to_sender(action) else ()

    def _caused(self, rule: Rule, action: Action, there: _Doings) -> Iterator[str]:
        """What an action of this group brings about again and again."""
        if there.can_repeat(action):
            yield from self._caused_by(action)
        if isinstance(action.argument, Unassign) and not action.argument.team and not rule.after:
            yield "conversation_assigned"  # it is back in its team's queue, which gives it to the next one

    def _woken(self, listeners: Iterable[int], event: str, after: Test) -> Iterator[int]:
        """The rules that may hold right after what was done. Without patience nothing is claimed."""
        number = self._afters.setdefault(after, len(self._afters))
        things = things_of(after)
        for one in listeners:
            self._looks_left -= 1
            known = self._held.get((one, event, number))
            if known is None and not self._is_tired:
                known = self._held[one, event, number] = self._may_hold(one, event, after, things)
            if known:
                yield one

    def _may_hold(self, position: int, event: str, after: Test, things: frozenset[str]) -> bool:
        judge, test = self._judges.of(event), self._tests[position]
        if (position, event) not in self._alone:
            self._alone[position, event] = not judge.excludes(test)
        if not self._alone[position, event]:
            return False
        shared = things & self._things[position]
        return not shared or judge.allows_both(after, test, shared)

    @property
    def _is_tired(self) -> bool:
        return self._looks_left < 0 or self._judges.patience.is_over


class _Doings:
    """What a group of rules does, to tell what in it undoes what."""

    def __init__(self, actions: Iterable[Action]) -> None:
        self._names: set[str] = set()
        self._tags: set[tuple[str, str]] = set()
        self._priorities: set[str] = set()
        for action in actions:
            if not _goes_to_sender(action):
                self._names.add(action.name)
            if isinstance(action.argument, Tags):
                self._tags.update((action.name, tag) for tag in action.argument.tags)
            if isinstance(action.argument, SetPriority):
                self._priorities.add(action.argument.priority)

    def lasting(self, rule: Rule) -> Iterator[Test]:
        """What is true once a rule has done everything, as long as none of these undoes it."""
        for name, opposite in (("tag", "untag"), ("untag", "tag")):
            for action in rule.actions:
                if action.name == name and isinstance(action.argument, Tags):
                    kept = tuple(tag for tag in action.argument.tags if (opposite, tag) not in self._tags)
                    if kept:
                        yield from _true_after(replace(action, argument=Tags(tags=kept)))

    def can_repeat(self, action: Action) -> bool:
        """Whether the action can have its effect again and again."""
        if isinstance(action.argument, Tags):
            opposite = "untag" if action.name == "tag" else "tag"
            return any((opposite, tag) in self._tags for tag in action.argument.tags)
        if isinstance(action.argument, SetPriority):
            return bool(self._priorities - {action.argument.priority})
        needed = _UNDONE_BY.get(action.name)
        return needed is None or not self._names.isdisjoint(needed)


def _given(action: Action) -> Test:
    """What is true of what an agent or a team has been given. Only in a team's queue does what was let go wait."""
    return _IN_A_TEAM if isinstance(action.argument, Unassign) else Always()


_IN_A_TEAM = Condition("conversation.team", ValueType.WORD, "is_set", (True,))


def _goes_to_sender(action: Action) -> bool:
    """Does nothing but when an agent writes: nothing that rules cause makes it act again, so it is part of no loop."""
    return isinstance(action.argument, Assign) and action.argument.to is not None


def _true_after(action: Action) -> Iterator[Test]:
    match action.name, action.argument:
        case "close", _:
            yield Condition("conversation.status", ValueType.WORD, "is", ("closed",))
        case "reopen", _:
            yield Condition("conversation.status", ValueType.WORD, "is", ("open",))
        case "unassign", _:
            yield Condition("conversation.assignee", ValueType.WORD, "is_set", (False,))
        case "tag", Tags(tags=tags):
            yield Condition("conversation.tags", ValueType.SET, "has_all", tags)
        case "untag", Tags(tags=tags):
            yield Condition("conversation.tags", ValueType.SET, "has_none", tags)
        case "priority", SetPriority(priority=priority):
            yield Condition("conversation.priority", ValueType.WORD, "is", (priority,))
            yield Condition("previous.priority", ValueType.WORD, "is_not", (priority,))
        case "snooze", Snooze(until_open=hours):  # what it causes comes when it ends
            yield Condition("conversation.status", ValueType.WORD, "is", ("open",))
            yield Condition("previous.status", ValueType.WORD, "is", ("snoozed",))
            if hours:
                yield Condition(f"hours.{hours}", ValueType.WORD, "is", ("open",))
        case "opt_out", _:
            yield Condition("contact.opted_out", ValueType.FLAG, "is", (True,))
        case (("reply" | "survey"), _):
            yield Condition("sent_by", ValueType.WORD, "any_of", ("rule", "survey"))


def _rings(graph: _Graph) -> list[set[int]]:
    """Groups in which each reaches each (Tarjan, without recursion: a rule set may be one long chain)."""
    index: dict[int, int] = {}
    low: dict[int, int] = {}
    stack: list[int] = []
    waiting: set[int] = set()  # what is on the stack
    rings: list[set[int]] = []
    for root in sorted(graph):
        work = [(root, iter(sorted(graph[root])))] if root not in index else []
        while work:
            node, others = work[-1]
            if node not in index:
                index[node] = low[node] = len(index)
                stack.append(node)
                waiting.add(node)
            for other in others:
                if other not in index:
                    work.append((other, iter(sorted(graph[other]))))
                    break
                if other in waiting:
                    low[node] = min(low[node], index[other])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    rings.append(_popped(stack, node))
                    waiting -= rings[-1]
    return rings


def _popped(stack: list[int], node: int) -> set[int]:
    ring = set(stack[stack.index(node) :])
    del stack[stack.index(node) :]
    return ring


def _cycle(graph: _Graph, ring: set[int], alive: Sequence[Rule]) -> list[Rule]:
    """The shortest way from the ring's first rule back to itself."""
    start = min(ring)
    ways = [[start]]
    seen: set[int] = set()
    for way in ways:
        for other in sorted(graph[way[-1]] & ring):
            if other == start and (way != [start] or ring == {start}):
                return [alive[position] for position in way]
            if other != start and other not in seen:
                seen.add(other)
                ways.append([*way, other])
    return [alive[start]]
