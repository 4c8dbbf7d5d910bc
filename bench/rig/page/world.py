"""What the played API has: an inbox full of conversations, each with two hundred messages. Their shapes are those of
the API's own models, so this breaks when they change."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from pydantic import BaseModel

from casella.api.endpoints import models
from casella.api.endpoints.conversations.listing import AllCounts
from casella.inbox.personal import PersonalSettings

Json = dict[str, object]
MESSAGES = 200
_START = datetime(2026, 11, 2, 9, tzinfo=UTC)
_ME = {"id": "01AGENT0000000000000000000", "key": "ann", "name": "Ann Abbott"}
_INBOX = {"id": "01INBOX0000000000000000000", "key": "support", "name": "Support"}
_CHANNEL = {
    "id": "01CHANNEL00000000000000000", "key": "main", "name": "Main number", "channel_type": "sms",
    "address": "+12025550100",
}  # fmt: skip
_TEXT = (
    "parcel order refund thank you today tomorrow please could where is my number address street arrived broken again "
    "blue large small invoice paid card never still waiting since Monday Friday store opening hours kind regards"
)
_WORDS = _TEXT.split()


def shaped(model: type[BaseModel], value: Json) -> Json:
    """The same, if it has every field of the model and no other."""
    if set(value) != set(model.model_fields):
        raise ValueError(f"{model.__name__} differs: {sorted(set(value) ^ set(model.model_fields))}")
    model.model_validate(value)
    return value


class World:
    """`rows` are sorted as the list is: the newest first."""

    def __init__(self, conversations: int, seed: int = 1) -> None:
        self._chance = random.Random(seed)
        self._made = 0
        self._version = 0
        self.rows = [self.conversation(_START - timedelta(minutes=n)) for n in range(conversations)]
        self.by_id = {str(row["id"]): row for row in self.rows}
        self.stays = {row["id"] for row in self.rows[:8]}  # they are opened, and nobody closes them

    def conversation(self, at: datetime) -> Json:
        self._made += 1
        number = self._made
        assignee = _ME if number % 3 == 0 else None
        row: Json = {
            "id": f"01CONV{number:020}", "world": "shared", "status": "open",
            "priority": "high" if number % 17 == 0 else "normal",
            "subject": None, "inbox": _INBOX, "channel": _CHANNEL, "contact": self._contact(number),
            "assignee": assignee, "team": None, "queue": None, "tags": ["vip"] if number % 11 == 0 else [],
            "message_count": MESSAGES, "last_message_text": self.words(), "last_message_at": stamp(at),
            "last_message_kind": "text", "last_message_direction": "in" if number % 2 else "out",
            "inbound_count": MESSAGES // 2, "last_inbound_at": stamp(at), "waiting_since": stamp(at),
            "opened_at": stamp(at - timedelta(days=1)), "assigned_at": stamp(at) if assignee else None,
            "snoozed_until": None, "closed_at": None, "archived_at": None, "campaign": None,
            "turned_at": stamp(at - timedelta(days=1)), "version": self._next_version(),
            "mine": {"unread": number % 4, "mentioned": False, "with_me": assignee is not None},
        }  # fmt: skip
        return shaped(models.ConversationRow, row) if number == 1 else row

    def _contact(self, number: int) -> Json:
        name = f"{self.words(1).title()} {self.words(1).title()} {number}"
        return {
            "id": f"01CONTACT{number:017}", "name": name, "address": f"+39055{number:07}", "linked": True,
            "display_name": name, "opted_out": False,
        }  # fmt: skip

    def _next_version(self) -> int:
        self._version += 1
        return self._version

    def words(self, count: int | None = None) -> str:
        return " ".join(self._chance.choices(_WORDS, k=count or self._chance.randint(4, 30)))

    def detail(self, row: Json) -> Json:
        allowed = {"allowed": True, "code": None, "text": None, "until": None, "instead": None}
        return shaped(models.Conversation, {
            **row, "participants": [], "can_send": allowed, "referral": None, "window_closes_at": None,
            "window_seconds_left": None,
        })  # fmt: skip

    def message(self, row: Json, number: int, at: datetime) -> Json:
        contact = row["contact"]
        assert isinstance(contact, dict)
        inbound = number % 2 == 0
        sender = {"kind": "contact", "id": contact["id"], "name": contact["name"]} if inbound else {
            "kind": "agent", "id": _ME["id"], "name": _ME["name"]
        }  # fmt: skip
        return {
            "id": f"01MSG{str(row['id'])[-12:]}{number:09}", "external_id": None,
            "direction": "in" if inbound else "out", "kind": "text", "text": self.words(), "sender": sender,
            "attachments": [], "reply_to": None, "provider_time": None, "received_at": stamp(at),
            "state": "received" if inbound else "delivered", "error": None, "details": {},
        }  # fmt: skip

    def messages(self, row: Json, first: int, last: int) -> list[Json]:
        newest = datetime.fromisoformat(str(row["last_message_at"]))
        made = [
            self.message(row, number, newest - timedelta(minutes=7 * (MESSAGES - 1 - number)))
            for number in range(first, last)
        ]  # fmt: skip
        return [shaped(models.Message, one) if i == 0 else one for i, one in enumerate(made)]

    def happens(self, number: int, of: Json | None = None) -> tuple[str, Json]:
        """Kind and payload of an event: of ten, two begin a conversation, two close an old one, six are messages."""
        at = _START + timedelta(milliseconds=50 * number)
        what = number % 10
        if of is None and what in (3, 8):
            last = next(i for i in range(len(self.rows) - 1, -1, -1) if self.rows[i]["id"] not in self.stays)
            old = self.rows.pop(last)
            old |= {"status": "closed", "closed_at": stamp(at), "turned_at": stamp(at), "waiting_since": None}
            del self.by_id[str(old["id"])]
            return "conversation.updated", {"conversation": self._told(old)}
        if of is None and what in (4, 9):
            row = self.conversation(at) | {"inbound_count": 0, "message_count": 0}
            self.rows.insert(0, row)
        else:
            row = of or self._chance.choice(self.rows)
        inbound = row["inbound_count"]
        assert isinstance(inbound, int)
        message = self.message(row, 2 * number, at)
        row |= {
            "last_message_text": message["text"], "last_message_at": stamp(at), "last_inbound_at": stamp(at),
            "last_message_direction": "in", "inbound_count": inbound + 1,
        }  # fmt: skip
        self.by_id[str(row["id"])] = row
        return "message.created", {"conversation": self._told(row), "message": message}

    def _told(self, row: Json) -> Json:
        row["version"] = self._next_version()
        return {key: value for key, value in row.items() if key != "mine"}

    def counts(self) -> Json:
        of = {name: len(self.rows) for name in ("total", "me", "others", "unassigned", "with_me", "unread")}
        channels = [{"id": _CHANNEL["id"], "counts": of}]
        inboxes = [{"id": _INBOX["id"], "counts": of, "channels": channels}]
        return shaped(AllCounts, {"all": of, "inboxes": inboxes, "more": False, "events_after": "0.0"})

    def page(self, limit: int, after: int = 0) -> Json:
        following = str(after + limit) if after + limit < len(self.rows) else None
        page: Json = {"items": self.rows[after : after + limit], "next": following, "events_after": "0.0"}
        return page

    def start(self, limit: int) -> Json:
        sees = {"available": True, "do_not_disturb": False}
        shows = {"status_message": "", "extension": ""}
        chosen = {"settings": PersonalSettings().model_dump(mode="json"), "version": 0, "quiet": False}
        me: Json = {**_ME, **sees, "email": "ann@desk.example", "role": "agent", "locale": "en"}
        me |= {
            "inbox_ids": [_INBOX["id"]], "expires_at": None, "second_factor": False, "second_factor_required": False,
        }  # fmt: skip
        inbox: Json = {
            **_INBOX, "timezone": "Europe/Rome", "locale": "en", "assignment_mode": True, "member_ids": [_ME["id"]],
            "face": "engagement", "features": ["assign", "canned", "survey"], "creates": ["conversation"],
            "assignees": ["me", "others", "unassigned", "with_me"], "filters": ["all", "unread", "archived"],
        }  # fmt: skip
        channel: Json = {
            **_CHANNEL, "inbox_id": _INBOX["id"], "connection": "sms", "paused_code": None, "paused_text": None,
            "paused_until": None, "registration": None, "capabilities": None, "joined_at": None,
        }  # fmt: skip
        first = {**self.page(limit), "inbox_id": _INBOX["id"], "channel_ids": []} if limit else None
        return {
            "me": me, "inboxes": [inbox], "channels": [channel], "teams": [], "tags": ["vip"], "numbers": [],
            "unseen_notices": 0,
            "settings": chosen,
            "agents": [{**_ME, **sees, **shows, "role": "agent", "may_reply": True}], "drafts": [], "chats": [],
            "list": first,
            "counts": self.counts(), "events_after": "0.0",
        }  # fmt: skip


def stamp(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def found(rows: Mapping[str, Json], ids: Sequence[str]) -> list[Json]:
    return [rows[one] for one in ids if one in rows]
