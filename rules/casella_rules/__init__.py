"""Rules in YAML, checked, compiled, decided; assignment; office hours. Pure: no database, no clock, no network.

Reading        read_rules(files, vocabulary, names) -> (rules, problems); analyse(rules) -> problems
               builtin_vocabulary() -> Vocabulary; Vocabulary.extended(fields=…, actions=…, …)
               Names({"team": …, "tag": …}): what the desk has, so that unknown names are problems
               Problem, RuleErrors: `desk/rules.yaml:12:9: unknown action 'asign'. Did you mean 'assign'?`
Deciding       compile_rules(rules, vocabulary) -> RuleSet (hash, json, fields, triggers, waits(event), schedules)
               decide(ruleset, Facts(trigger, {field: value}), Past(chain, seconds_since)) -> Decision (matched,
               actions, skipped, delayed, held, …); a trigger is an event with its parameter: `conversation_idle 3d`
               decide_due(ruleset, rule, facts, past): a delayed rule whose time has come
               Chain: having_fired(decision.matched) for the next event of one cause, caused_by(rule) for what it caused
               Decision.as_json() / from_json(text, vocabulary); Facts.as_json() / from_json(text)
               rules_from_json(text, vocabulary): an old rule set, kept as RuleSet.json
Explaining     explain(ruleset, facts) -> Trace: rule by rule, the condition that failed and the value it saw
Assignment     choose(strategy, candidates, state, want, at) -> Choice (agent_id, passed_over, state)
Time           is_open(hours, at), next_open(hours, at), open_for(hours, since, seconds), open_spans(hours, start, end),
               hours_facts(hours, at)
               time_facts(at, zone), next_time(cron, after, zone)
YAML           read_yaml(bytes, file) -> (tree with places, problems); fit(model, tree, file, names)
"""

from casella_rules.assignment import (
    AssignRequest,
    Candidate,
    Choice,
    Ranking,
    RotationState,
    Strategy,
    StrategyUnavailableError,
    choose,
    why_not,
)
from casella_rules.checks.analysis import analyse
from casella_rules.engine.chain import MAX_CHAIN, Chain, HeldBecause, Past
from casella_rules.engine.deciding import RuleSet, compile_rules, decide, decide_due
from casella_rules.engine.decision import Decision, DelayedRule, HeldRule, PlannedAction, SkippedAction
from casella_rules.engine.explain import Finding, Outcome, RuleTrace, Trace, explain
from casella_rules.engine.serial import UnknownEntryError, rules_from_json
from casella_rules.hours import (
    OfficeHours,
    TimeRange,
    hours_facts,
    is_open,
    next_open,
    open_for,
    open_spans,
    time_facts,
)
from casella_rules.language.arguments import (
    Argument,
    AskForDraft,
    Assign,
    CallWebhook,
    Move,
    Note,
    Nothing,
    Notify,
    OtherwiseTo,
    Reply,
    SendSurvey,
    SetAttributes,
    SetPriority,
    Snooze,
    Tags,
    Unassign,
)
from casella_rules.language.attributes import AttributeValue, attribute_field
from casella_rules.language.builtin.complete import builtin_vocabulary
from casella_rules.language.calendar_times import next_time
from casella_rules.language.facts import Facts, FactValue, previous_field
from casella_rules.language.model import Action, Place, Rule, event_of
from casella_rules.language.vocabulary import (
    ActionSpec,
    DuplicateEntryError,
    EventSpec,
    FieldSpec,
    Names,
    Parameter,
    StrategySpec,
    ValueType,
    Vocabulary,
)
from casella_rules.open_days import OpenTime
from casella_rules.parsing.rule_files import read_rules
from casella_rules.parsing.shape import fit
from casella_rules.reasons import Reason
from casella_rules.yaml.problems import Problem, RuleErrors, RulesError
from casella_rules.yaml.source import read_yaml

__all__ = [
    "MAX_CHAIN",
    "Action",
    "ActionSpec",
    "Argument",
    "AskForDraft",
    "Assign",
    "AssignRequest",
    "AttributeValue",
    "CallWebhook",
    "Candidate",
    "Chain",
    "Choice",
    "Decision",
    "DelayedRule",
    "DuplicateEntryError",
    "EventSpec",
    "FactValue",
    "Facts",
    "FieldSpec",
    "Finding",
    "HeldBecause",
    "HeldRule",
    "Move",
    "Names",
    "Note",
    "Nothing",
    "Notify",
    "OfficeHours",
    "OpenTime",
    "OtherwiseTo",
    "Outcome",
    "Parameter",
    "Past",
    "Place",
    "PlannedAction",
    "Problem",
    "Ranking",
    "Reason",
    "Reply",
    "RotationState",
    "Rule",
    "RuleErrors",
    "RuleSet",
    "RuleTrace",
    "RulesError",
    "SendSurvey",
    "SetAttributes",
    "SetPriority",
    "SkippedAction",
    "Snooze",
    "Strategy",
    "StrategySpec",
    "StrategyUnavailableError",
    "Tags",
    "TimeRange",
    "Trace",
    "Unassign",
    "UnknownEntryError",
    "ValueType",
    "Vocabulary",
    "analyse",
    "attribute_field",
    "builtin_vocabulary",
    "choose",
    "compile_rules",
    "decide",
    "decide_due",
    "event_of",
    "explain",
    "fit",
    "hours_facts",
    "is_open",
    "next_open",
    "next_time",
    "open_for",
    "open_spans",
    "previous_field",
    "read_rules",
    "read_yaml",
    "rules_from_json",
    "time_facts",
    "why_not",
]
