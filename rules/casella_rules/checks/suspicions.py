"""What is no mistake in a rule and probably not meant. Told as hints; keeps nobody from using the rules."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

from casella_rules.checks.impossible import never_on
from casella_rules.checks.moments import is_ever
from casella_rules.checks.possible import Judges
from casella_rules.checks.shadows import Stoppers
from casella_rules.checks.unlike_meant import changed_above, one_of_denials, too_often
from casella_rules.engine.explain import sentence
from casella_rules.language.arguments import Assign, SetPriority, Tags
from casella_rules.language.circumstances import SENT_BY
from casella_rules.language.model import Action, All, Always, Condition, Not, Rule, conditions_of, flat
from casella_rules.language.vocabulary import ValueType
from casella_rules.yaml.problems import Problem, did_you_mean, quoted


def suspicions(rules: Sequence[Rule], judges: Judges, today: date) -> Iterator[Problem]:
    """Everything that is suspicious, in no order. `today`: dates before it are over."""
    judges.patience.renew()
    for rule in rules:
        if rule.enabled and rule.when:
            for look in (_undone, _idle_words, _answers_machines, too_often, one_of_denials):
                yield from look(rule)
            for weigh in (_always, _never_on, _unknown_skills, _absent_channels, _constant_hours, _two_hours):
                yield from weigh(rule, judges)
            yield from _over(rule, judges, today)
    judges.patience.renew()
    yield from _late_assigns(rules, judges)
    yield from _idle_assigns(rules, judges)
    judges.patience.renew()
    yield from changed_above(rules, judges)


def _late_assigns(rules: Sequence[Rule], judges: Judges) -> Iterator[Problem]:
    """Rules that assign what another rule above them has assigned whenever they match."""
    first = Stoppers(rules, judges, _assigns_at_once)
    for position, rule in enumerate(rules):
        if not rule.enabled or rule.watch or not any(action.name == "assign" for action in rule.actions):
            continue
        found = [first.stop(position, trigger) for trigger in rule.when]
        if found and all(found):
            others = dict.fromkeys(f"{quoted(one.name)} (line {one.place.line})" for some in found for one in some)
            does = "assigns" if len(others) == 1 else "assign"
            text = f"the 'assign' of {quoted(rule.name)} never acts: {' and '.join(others)} {does} all that it matches"
            yield _at(rule, text, "The first 'assign' of a run wins; put this rule above, or leave its 'assign' out")


_AGENT_WROTE = Condition(SENT_BY, ValueType.WORD, "is", ("agent",))
_NOBODY_HAS_IT = Condition("conversation.assignee", ValueType.WORD, "is_set", (False,))
#: What may take a conversation from its agent; who does not see the other inbox, or is away, does not keep it.
_LET_GO = frozenset({"unassign", "move", "reopen"})
_NOT_CLOSED = Condition("conversation.status", ValueType.WORD, "is_not", ("closed",))


def _idle_assigns(rules: Sequence[Rule], judges: Judges) -> Iterator[Problem]:
    """Rules that assign, and match only what cannot be assigned."""
    done = {action.name for rule in rules for action in rule.actions if rule.enabled}
    for rule in rules:
        assigned = [action.argument for action in rule.actions if isinstance(action.argument, Assign)]
        needs = [(_AGENT_WROTE, "no agent wrote the message")] if any(one.to for one in assigned) else []
        # What has been undone meanwhile in the same run, the facts that this rule was asked about do not show.
        needs += [(_NOBODY_HAS_IT, "somebody has the conversation")] if done.isdisjoint(_LET_GO) else []
        needs += [(_NOT_CLOSED, "the conversation is closed")] if "reopen" not in done else []
        for need, reason in needs if assigned and rule.enabled else ():
            if not judges.any_allows(rule, All((rule.scoped_test, need))) and not judges.patience.is_over:
                yield _at(rule, f"the 'assign' of {quoted(rule.name)} never acts: {reason} whenever it matches")
                break


def _assigns_at_once(rule: Rule) -> bool:
    waits = rule.watch or rule.after or rule.cooldown
    return not waits and any(isinstance(action.argument, Assign) and not action.argument.to for action in rule.actions)


def _at(rule: Rule, text: str, hint: str = "", condition: Condition | None = None) -> Problem:
    place = (condition.place if condition else None) or rule.place
    return Problem(place.file, place.line, place.column, text, hint)


def _undone(rule: Rule) -> Iterator[Problem]:
    """Actions of one rule that undo each other."""
    tagged = {tag for action in rule.actions if action.name == "tag" for tag in _tags(action)}
    for tag in (tag for action in rule.actions if action.name == "untag" for tag in _tags(action)):
        if tag in tagged:
            yield _at(rule, f"this rule puts the tag {quoted(tag)} on and takes it off", "Leave one of the two out")
    priorities = [a.argument.priority for a in rule.actions if isinstance(a.argument, SetPriority)]
    if len(priorities) > 1:
        yield _at(rule, f"of several 'priority' only the last one lasts: {priorities[-1]}", "Leave the others out")
    names = [action.name for action in rule.actions]
    for one, other in (("close", "reopen"), ("assign", "unassign")):
        if one in names and other in names:
            yield _at(rule, f"'{one}' and '{other}' in one rule undo each other", "Leave one of the two out")


def _tags(action: Action) -> tuple[str, ...]:
    return action.argument.tags if isinstance(action.argument, Tags) else ()


# An apostrophe within a word is one: l’ordine.
_QUOTES = re.compile("[“”„‟«»‘‚‹›′″＂＇]|^[’´`]|[’´`]$")
_SLASHES = re.compile(r"/.*/[a-z]*")


def _idle_words(rule: Rule) -> Iterator[Problem]:
    """Words written as if they were something else: wildcards, patterns, lists."""
    for condition in conditions_of(rule.test):
        if condition.value is not ValueType.TEXT:
            continue
        for word in map(str, condition.operand):
            if told := _phone(condition, word) if condition.field == "contact.phone" else _word(condition, word):
                yield _at(rule, f"{quoted(word)} {told[0]}", told[1], condition)


def _word(condition: Condition, word: str) -> tuple[str, str] | None:
    if condition.operator == "matches":
        if _SLASHES.fullmatch(word):
            return "has slashes around it, which are looked for in the text", "Write the pattern without them"
        return None
    if _QUOTES.search(word):
        return (
            "has curly quotes in it, which customers would have to type",
            f"""Write {word.strip("“”„‟«»‘’‚‹›′″＂＇´` ")}, in straight quotes (") where it needs some""",
        )
    if word != "*" and (word.startswith("*") or word.endswith("*")):
        bare = word.strip("*")
        return "looks for a star; there are no wildcards", f"Write {{contains: {bare}}} for {bare} anywhere"
    if told := _denied_or_missing(condition, word):
        return told
    parts = re.split(r"\s+(?:or|oder|oppure|OR)\s+|\s*\|\s*", word)
    if condition.operator == "contains_word" and len(parts) > 1 and all(parts):
        return "is looked for word by word, 'or' included", f"For one of several write [{', '.join(parts)}]"
    return None


#: What stands where somebody asks whether there is a value.
_NO_VALUE = re.compile(r"(?:is[ _])?(?:not[ _]set|unset|empty|blank|null|missing|not[ _]present|undefined)", re.I)
_SOME_VALUE = re.compile(r"(?:is[ _])?(?:set|present|not[ _](?:empty|blank|null))", re.I)


def _denied_or_missing(condition: Condition, word: str) -> tuple[str, str] | None:
    """`text: '!refund'` and `contact.name: is_empty` look for these very words."""
    if word.startswith(("!", "¬")) and word[1:2].isalnum():
        bare = word[1:].strip()
        asked = f"{condition.field}: {{{condition.operator}: {bare}}}"
        return (
            "looks for the sign '!' too, which does not mean 'not' here",
            f"For what must not hold write 'not: {{{asked}}}'",
        )
    if condition.field != "text" and condition.operator in ("is", "is_not"):
        found = _NO_VALUE.fullmatch(word), _SOME_VALUE.fullmatch(word)
        if any(found):
            there = (found[1] is not None) is (condition.operator == "is")
            return (
                "is looked for as a value",
                f"For one that is {'' if there else 'not '}there write {{is_set: {str(there).lower()}}}",
            )
    return None


def _phone(condition: Condition, word: str) -> tuple[str, str] | None:
    """Customers' numbers are `+` and digits (E.164); short codes and names have no country."""
    digits = re.sub(r"[\s()./-]", "", word)
    if condition.operator == "matches" or not re.fullmatch(r"\+?[0-9]+", digits):
        return None
    if digits != word and len(digits) > 4:
        return "has signs between its digits, which customers' numbers never have", f"Write {quoted(digits)}"
    if condition.operator == "starts_with" and word.startswith("00"):
        return "begins no number: customers' numbers begin with +", f"Write '+{word[2:]}'"
    if condition.operator in ("is", "any_of") and not word.startswith("+") and len(word) > 7:
        return "is no customer's number: they begin with + and the country's code", "Write it like '+393331234567'"
    return None


def _always(rule: Rule, judges: Judges) -> Iterator[Problem]:
    """Questions that come out true whatever there is."""
    if isinstance(rule.test, Always):
        return
    if not judges.any_allows(rule, Not(rule.test)) and not judges.patience.is_over:
        yield _at(rule, "the 'if' of this rule always holds", "Write 'if: always', or ask something else")
        return
    for condition in flat(rule.test):
        if not judges.any_allows(rule, Not(condition)) and not judges.patience.is_over:
            yield _at(rule, f"{quoted(sentence(condition))} always holds here", "Take it out", condition)


def _never_on(rule: Rule, judges: Judges) -> Iterator[Problem]:
    """Events of a rule of which it can match others only."""
    found = list(never_on(rule, judges)) if len(rule.when) > 1 else []
    if len(found) < len(rule.when):
        for trigger, reason in found:
            yield _at(
                rule, f"this rule never matches on {quoted(trigger)}: {reason.text}", "Take it out of 'when'", reason.at
            )


def _answers_machines(rule: Rule) -> Iterator[Problem]:
    """An answer to everything that comes in also answers the automatic answers of others."""
    replies = any(action.name == "reply" for action in rule.actions)
    if replies and isinstance(rule.test, Always) and not rule.cooldown and "message_received" in rule.events:
        hint = "Add a cooldown, such as 'cooldown: 12h', or let it wait for conversation_opened"
        yield _at(rule, "this rule answers every message, automatic answers of other machines included", hint)


def _unknown_skills(rule: Rule, judges: Judges) -> Iterator[Problem]:
    """Skills asked for that nobody of the team has: the conversation would wait for ever."""
    agents = judges.circumstances.agents
    for action in rule.actions if agents is not None else ():
        if isinstance(action.argument, Assign) and action.argument.team:
            team = action.argument.team
            known = {skill for agent in (agents or {}).values() if team in agent.teams for skill in agent.skills}
            for skill in action.argument.skills:
                if skill not in known:
                    hint = did_you_mean(skill, known) or f"Add it to the 'skills' of an agent of {team}"
                    yield _at(rule, f"nobody of the team {quoted(team)} has the skill {quoted(skill)}", hint)


def _absent_channels(rule: Rule, judges: Judges) -> Iterator[Problem]:
    """Channel types that are installed, and of which the desk has no channel."""
    channels = judges.circumstances.channels
    there = {*channels, *channels.values()} if channels is not None else set()
    for condition in conditions_of(rule.test) if channels is not None else ():
        if condition.field in ("channel", "channel_type"):
            for name in map(str, condition.operand):
                if condition.operator != "is_set" and name not in there:
                    yield _at(rule, f"no channel of desk.yaml is of the type {quoted(name)}", "", condition)


def _two_hours(rule: Rule, _judges: Judges) -> Iterator[Problem]:
    """`time.hour: [9, 17]`: two single hours of the day, and hardly ever those between them."""
    for condition in conditions_of(rule.test):
        if condition.field == "time.hour" and condition.operator == "any_of" and len(condition.operand) == 2:
            first, last = (int(str(one)) for one in condition.operand)
            if abs(first - last) not in (0, 1, 23):
                text = f"this holds from {first}.00 to {first}.59 and from {last}.00 to {last}.59 only"
                between = f"{{between: [{first}, {last}]}}" if first < last else ""
                over = f"any: [{{time.hour: {{gte: {first}}}}}, {{time.hour: {{lt: {last}}}}}]"
                yield _at(rule, text, f"For the hours between them write {between or quoted(over)}", condition)


def _constant_hours(rule: Rule, judges: Judges) -> Iterator[Problem]:
    """Office hours that are asked for what they never are."""
    for condition in conditions_of(rule.test):
        first, _, key = condition.field.partition(".")
        hours = judges.circumstances.hours.get(key) if first == "hours" else None
        if hours is not None and condition.operator != "is_set":
            for state in ("open", "closed"):
                if state in condition.operand and not is_ever(hours, state):
                    yield _at(rule, f"the office hours {quoted(key)} are never {state}", "", condition)


def _over(rule: Rule, judges: Judges, today: date) -> Iterator[Problem]:
    """Rules whose dates are all in the past."""
    dated = next((one for one in conditions_of(rule.test) if one.field == "time.date"), None)
    if dated is not None:
        still = All((rule.scoped_test, Condition("time.date", ValueType.DATE, "gte", (today,))))
        if not judges.any_allows(rule, still) and not judges.patience.is_over:
            yield _at(
                rule, "this rule can never match any more: its dates are over", "Write new ones, or take it out", dated
            )
