"""Rules in YAML, checked, compiled, decided; assignment; office hours. Pure: no database, no clock, no network.

Reading        read_rules(files, vocabulary, names) -> (rules, problems); analyse(rules) -> problems
               builtin_vocabulary() -> Vocabulary; Vocabulary.extended(fields=…, actions=…, …)
               Names({"team": …, "tag": …}): what the desk has, so that unknown names are problems
               Problem, RuleErrors: `desk/rules.yaml:12:9: unknown action 'asign'. Did you mean 'assign'?`
Deciding       compile_rules(rules, vocabulary) -> RuleSet (hash, json, fields)
               decide(ruleset, Facts(event, {field: value})) -> Decision (matched, actions, skipped, …)
               Decision.as_json() / from_json(text, vocabulary); Facts.as_json() / from_json(text)
               rules_from_json(text, vocabulary): an old rule set, kept as RuleSet.json
Explaining     explain(ruleset, facts) -> Trace: rule by rule, the condition that failed and the value it saw
Assignment     choose(strategy, candidates, state, want, at) -> Choice (agent_id, passed_over, state)
Time           is_open(hours, at), next_open(hours, at), hours_facts(hours, at), time_facts(at, zone)
YAML           read_yaml(bytes, file) -> (tree with places, problems); fit(model, tree, file, names)
"""

from .analysis import analyse
from .arguments import Argument, Assign, Note, Nothing, OtherwiseTo, Reply, SetPriority, Tags
from .assignment import AssignRequest, Candidate, Choice, Reason, RotationState, choose, why_not
from .builtin import builtin_vocabulary
from .decision import Decision, PlannedAction, SkippedAction
from .engine import RuleSet, compile_rules, decide
from .explain import Finding, Outcome, RuleTrace, Trace, explain
from .facts import Facts, FactValue, previous_field
from .hours import OfficeHours, TimeRange, hours_facts, is_open, next_open, time_facts
from .model import Action, Place, Rule
from .parse import read_rules
from .problems import Problem, RuleErrors, RulesError
from .serial import UnknownEntryError, rules_from_json
from .shape import fit
from .vocabulary import (
    ActionSpec,
    DuplicateEntryError,
    EventSpec,
    FieldSpec,
    Names,
    StrategySpec,
    ValueType,
    Vocabulary,
)
from .yaml_source import read_yaml

__all__ = [
    "Action",
    "ActionSpec",
    "Argument",
    "Assign",
    "AssignRequest",
    "Candidate",
    "Choice",
    "Decision",
    "DuplicateEntryError",
    "EventSpec",
    "FactValue",
    "Facts",
    "FieldSpec",
    "Finding",
    "Names",
    "Note",
    "Nothing",
    "OfficeHours",
    "OtherwiseTo",
    "Outcome",
    "Place",
    "PlannedAction",
    "Problem",
    "Reason",
    "Reply",
    "RotationState",
    "Rule",
    "RuleErrors",
    "RuleSet",
    "RuleTrace",
    "RulesError",
    "SetPriority",
    "SkippedAction",
    "StrategySpec",
    "Tags",
    "TimeRange",
    "Trace",
    "UnknownEntryError",
    "ValueType",
    "Vocabulary",
    "analyse",
    "builtin_vocabulary",
    "choose",
    "compile_rules",
    "decide",
    "explain",
    "fit",
    "hours_facts",
    "is_open",
    "next_open",
    "previous_field",
    "read_rules",
    "read_yaml",
    "rules_from_json",
    "time_facts",
    "why_not",
]
