"""The manager's desk as the running house uses it: compiled rules, canned messages, office hours.

The files of the last good desk are in the database (`desk_versions`), so that every worker on every machine uses the
same one and a restart changes nothing. A desk that does not load never replaces it.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select

from casella.desk import Catalogue, Desk, Face, Feature, InputsMissing, fill, fill_text, reread_desk
from casella.desk.parts import plan
from casella.desk.parts.desk_file import Inbox
from casella.desk.parts.outward import Survey
from casella.host import Host
from casella.store import Store
from casella.store.tables import desk_versions, rule_sets
from casella_rules import (
    FactValue,
    OfficeHours,
    OpenTime,
    RuleSet,
    Strategy,
    compile_rules,
    hours_facts,
    is_open,
    next_open,
    open_for,
    time_facts,
)
from casella_rules.assignment import STRATEGIES
from casella_rules.language.durations import Span

_log = structlog.get_logger("casella.desk")


class Deskbook:
    """One version of the desk. Immutable."""

    def __init__(self, desk: Desk | None, version: int, catalogue: Catalogue) -> None:
        self.desk = desk
        self.version = version
        self.ruleset: RuleSet = desk.rules if desk else compile_rules((), catalogue.vocabulary)
        #: How each strategy chooses, those of plugins included.
        self.strategies: Mapping[str, Strategy] = desk.strategies if desk else STRATEGIES
        #: The fields of plugins that rules ask for.
        known = self.ruleset.vocabulary.field_of
        self.guest_fields = tuple(one for one in sorted(self.ruleset.fields) if (spec := known(one)) and spec.plugin)
        self._triggers = self.ruleset.triggers
        enabled = [rule for rule in self.ruleset.rules if rule.enabled]
        cancels = {event for rule in enabled for event in rule.unless}
        self._canceling = {event: [rule.name for rule in enabled if event in rule.unless] for event in cancels}
        self._heard = frozenset({trigger.partition(" ")[0] for trigger in self._triggers} | cancels)
        #: Rules that do not act on the same conversation again for a time.
        self.cooldowns = {rule.name: Span(rule.cooldown, rule.cooldown_in) for rule in enabled if rule.cooldown}
        self._open_time = {key: OpenTime(hours) for key, hours in desk.hours.items()} if desk else {}
        #: After how many seconds rules want to hear of a customer who waits, and of a silent conversation.
        waits = (("waiting", "conversation_waiting"), ("idle", "conversation_idle"))
        self.silences: Mapping[str, Sequence[int]] = {
            kind: seconds for kind, event in waits if (seconds := self.ruleset.waits(event))
        }
        #: The same, where the time is counted while office hours are open.
        self.open_silences: Mapping[str, Sequence[Span]] = {
            kind: spans for kind, event in waits if (spans := self.ruleset.open_waits(event))
        }
        #: Who signs in with a code besides the password, or does nothing before it is set up.
        self.second_factor_roles = frozenset(desk.parts.sign_in.second_factor if desk else ())
        #: Whether any inbox lets closed conversations go on.
        self.ever_reopens = desk is not None and any(one.reopen != "never" for one in desk.parts.inboxes.values())
        #: Whether it matters on which channels and in which inboxes an agent's conversations are.
        self.counts_places = desk is not None and (
            any(channel.weight != 1 for channel in desk.parts.channels.values())
            or any(inbox.agent_capacity is not None for inbox in desk.parts.inboxes.values())
            or any(agent.channel_capacity for agent in desk.parts.agents.values())
        )

    def wakes(self, trigger: str) -> bool:
        """Whether this wakes any rule."""
        return trigger in self._triggers

    def hears(self, event: str) -> bool:
        """Whether an event matters to any rule: wakes one, or cancels one that waits."""
        return event in self._heard

    def canceled_by(self, event: str) -> Sequence[str]:
        """The rules that no longer wait when this happens (`unless`)."""
        return self._canceling.get(event, ())

    def strategy(self, team_key: str) -> str:
        """How a team chooses when the rule does not say."""
        team = self.desk.parts.teams.get(team_key) if self.desk else None
        return team.strategy if team else "least_busy"

    def weight(self, agent_key: str) -> int:
        """An agent's share where the strategy is `weighted`."""
        agent = self.desk.parts.agents.get(agent_key) if self.desk else None
        return agent.weight if agent else 1

    def working_hours(self, agent_key: str) -> OfficeHours | None:
        """The agent's own office hours; None: he works at any time."""
        agent = self.desk.parts.agents.get(agent_key) if self.desk else None
        return self.desk.hours[agent.hours] if self.desk and agent and agent.hours else None

    def languages(self, agent_key: str) -> tuple[str, ...]:
        """The languages an agent speaks."""
        agent = self.desk.parts.agents.get(agent_key) if self.desk else None
        return agent.languages if agent else ()

    def may_reply(self, agent_key: str) -> bool:
        """Whether an agent may answer customers at all."""
        agent = self.desk.parts.agents.get(agent_key) if self.desk else None
        return agent is None or agent.may_reply

    def channel_weight(self, channel_key: str) -> float:
        """How much one conversation of a channel counts."""
        channel = self.desk.parts.channels.get(channel_key) if self.desk else None
        return channel.weight if channel else 1.0

    def channel_capacity(self, agent_key: str, channel_type: str) -> int | None:
        """How many open conversations of a channel type an agent has at most."""
        agent = self.desk.parts.agents.get(agent_key) if self.desk else None
        return agent.channel_capacity.get(channel_type) if agent else None

    def inbox_capacity(self, inbox_key: str) -> int | None:
        """How many open conversations of an inbox one agent has at most."""
        inbox = self.inbox(inbox_key)
        return inbox.agent_capacity if inbox else None

    def archive_after(self, inbox_key: str) -> int | None:
        """After how many seconds what is closed is put away; None: the inbox is not the desk's."""
        inbox = self.inbox(inbox_key)
        return inbox.archive_after if inbox else None

    def inbox(self, inbox_key: str) -> Inbox | None:
        """An inbox as the desk has it."""
        return self.desk.parts.inboxes.get(inbox_key) if self.desk else None

    def face(self, inbox_key: str) -> Face:
        """Customer engagement, or a contact center."""
        inbox = self.inbox(inbox_key)
        return inbox.face if inbox else "engagement"

    def features(self, inbox_key: str) -> tuple[Feature, ...]:
        """What agents may use in an inbox: what is in its plan, and what its face has."""
        return plan.features_of(self.inbox(inbox_key))

    def require_feature(self, inbox_key: str, feature: Feature) -> None:
        """Raises NotAllowed: feature_not_in_plan, or not_in_contact_center; FeatureOff: surveys_off."""
        plan.require_feature(self.inbox(inbox_key), feature)

    def require_engagement(self, inbox_key: str) -> None:
        """Raises NotAllowed: not_in_contact_center."""
        plan.require_engagement(self.inbox(inbox_key))

    def reopens(self, inbox_key: str) -> timedelta | None:
        """For how long after closing a conversation goes on when the contact writes; None: another one begins."""
        inbox = self.inbox(inbox_key)
        match inbox.reopen if inbox else "never":
            case int(seconds):
                return timedelta(seconds=seconds)
            case "always":
                return timedelta.max
        return None

    def queue_limit(self, team_key: str) -> int | None:
        """From how many waiting conversations on a team's queue is full."""
        team = self.desk.parts.teams.get(team_key) if self.desk else None
        return team.queue_limit if team else None

    def alarm_after(self, team_key: str) -> int | None:
        """After how many seconds in a team's queue managers are told."""
        team = self.desk.parts.teams.get(team_key) if self.desk else None
        return team.alarm_after if team else None

    def reassign_after(self, team_key: str) -> int | None:
        """After how many seconds without an answer a conversation goes back to the team's queue."""
        team = self.desk.parts.teams.get(team_key) if self.desk else None
        return team.reassign_after if team else None

    def hours(self, key: str) -> OfficeHours | None:
        """Office hours of the desk."""
        return self.desk.hours.get(key) if self.desk else None

    @property
    def timezone(self) -> str:
        """The desk's own."""
        return self.desk.parts.timezone if self.desk else "UTC"

    @property
    def surveys(self) -> Mapping[str, Survey]:
        """The desk's questions to customers."""
        return self.desk.parts.surveys if self.desk else {}

    def attribute_is_date(self, key: str) -> bool:
        """Whether an attribute of contacts holds dates, which JSON keeps as text."""
        attribute = self.desk.parts.attributes.get(key) if self.desk else None
        return attribute is not None and attribute.type == "date"

    def fill_canned(self, key: str, locale: str, variables: Mapping[str, str | None]) -> str:
        """A canned message's text. Raises CannedError."""
        message = self.desk.canned.get(key) if self.desk else None
        if message is None:
            raise InputsMissing((f"canned message {key}",))
        return fill(message, locale, variables)

    def fill_text(self, text: str, variables: Mapping[str, str | None]) -> str:
        """A text of a rule. Raises CannedError."""
        return fill_text(text, variables)

    def opening(self, name: str, now: datetime) -> tuple[bool, datetime | None] | None:
        """Whether office hours are open, and when they open next if not; None if the desk has none of this name."""
        if (hours := self.desk.hours.get(name) if self.desk else None) is None:
            return None
        return (True, None) if is_open(hours, now) else (False, next_open(hours, now))

    def over_at(self, span: Span, since: datetime) -> datetime | None:
        """When a time has passed, counted while its office hours are open, if it names some; None for never."""
        hours = self.desk.hours.get(span.hours) if self.desk and span.hours else None
        plain = None if span.hours else since + timedelta(seconds=span.seconds)
        return open_for(hours, since, span.seconds) if hours else plain

    def passed(self, hours: str, since: datetime, now: datetime) -> float:
        """How many seconds have passed while these office hours were open; empty: day and night."""
        if not hours:
            return max(0.0, (now - since).total_seconds())
        return self._open_time[hours].seconds(since, now) if hours in self._open_time else 0.0

    @property
    def hears_silence(self) -> bool:
        """Whether any rule waits for a customer's waiting or a silence."""
        return bool(self.silences or self.open_silences)

    def time_facts(self, now: datetime, zone: str) -> dict[str, FactValue]:
        """`hours.<name>` for every office hours of the desk, and `time.*` in an inbox's time zone."""
        return {**hours_facts(self.desk.hours if self.desk else {}, now), **time_facts(now, zone)}


_NEWEST = select(desk_versions.c.id).order_by(desk_versions.c.id.desc()).limit(1)


class DeskHolder:
    """The current deskbook, and how to renew it."""

    def __init__(self, store: Store, host: Host) -> None:
        self._store = store
        self._catalogue = Catalogue.of_host(host)
        self._lock = threading.Lock()
        #: Held by whoever changes one value of it: of two at once, the second would have read the desk in vain.
        self.changing = threading.Lock()
        self._current = Deskbook(None, 0, self._catalogue)
        self._stored_rule_sets: set[str] = set()
        self._told = 0

    @property
    def current(self) -> Deskbook:
        return self._current

    @property
    def catalogue(self) -> Catalogue:
        return self._catalogue

    def refresh(self, applied: tuple[Desk, int] | None = None) -> bool:
        """Use the newest applied desk. True if it is another one than before. `applied`: one with its version, which
        need not be read again if it is the newest."""
        with self._lock, self._store.read() as db:
            newest = db.execute(_NEWEST).scalar_one_or_none()
            if newest is None or newest == self._current.version:
                return False
            if applied is not None and newest == applied[1]:
                self._current = Deskbook(*applied, self._catalogue)
                return True
            row = db.execute(select(desk_versions).where(desk_versions.c.id == newest)).one()
            desk, problems = reread_desk(row.files, self._catalogue, row.additions)
            if desk is None:  # another version of Casella is installed here than where it was applied
                if self._told != row.id:
                    _log.error("the applied desk does not load here", problems=[str(item) for item in problems[:5]])
                self._told = row.id
                return False
            self._current = Deskbook(desk, row.id, self._catalogue)
            return True

    def use(self, desk: Desk, version: int) -> None:
        """This desk itself, which nobody needs to read again."""
        self._current = Deskbook(desk, version, self._catalogue)

    def rule_set_is_stored(self, digest: str) -> bool:
        """Whether the database has this rule set; asked once per set and process."""
        if digest in self._stored_rule_sets:
            return True
        with self._store.read() as db:
            known = db.execute(select(rule_sets.c.digest).where(rule_sets.c.digest == digest)).first() is not None
        if known:
            self._stored_rule_sets.add(digest)
        return known
