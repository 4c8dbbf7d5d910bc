"""Every operation of the OpenAPI document as requests about one subject: what the document says is enough for most of
them, and the tables here say the rest. What they do not know fails with a sentence that says what to add."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

Json = Mapping[str, object]

OPEN = frozenset({"sign_in", "read_ways_in", "finish_sign_in", "health", "ready"})
"""Operations that anybody may call."""
OF_ADMINS = frozenset(
    {
        "list_credentials", "end_credential", "end_credentials", "reset_second_factor", "subscribe",
        "change_subscription", "renew_subscription_secret", "end_subscription", "erase_contact", "export_contact",
        "list_erasures",
    }
)  # fmt: skip
"""Operations of admins alone, about what others sign in with or what other systems are told, or all of one
person: `test_credentials`, `test_subscriptions` and `test_erasure` of the API ask everybody."""
WITH_A_CODE = frozenset({"confirm_second_factor", "renew_recovery_codes", "remove_second_factor"})
"""Operations about nobody but the caller, for a code that only his app shows: `test_second_factors` of the API asks."""
OF_ONE_INBOX = frozenset({"list_inbox_settings"})
"""Operations that read an inbox itself, for its own managers: that a conversation came from it gives no right."""
STREAMS = frozenset({"stream_events"})
"""Operations that never end; `test_events` listens to them."""

IDS: Mapping[str, str] = {
    "conversation_id": "conversation", "message_id": "message", "attachment_id": "attachment",
    "contact_id": "contact", "contact": "contact", "channel_id": "channel", "channel": "channel",
    "inbox": "inbox", "inbox_id": "inbox", "name": "public",
    "reply_to": "message", "exclude": "message", "attachment_ids": "upload",
    "proposal_id": "proposal", "token_id": "token", "up_to": "message", "since": "message",
    "around": "message", "ids": "conversation",
    "notice_ids": "public",
    # not secret: the names of agents, teams and canned messages, and where a list goes on
    "assignee": "public", "expected": "public", "team": "public", "key": "public", "tag": "public",
    "chat_id": "chat", "with_agents": "public",
    "device_id": "device", "subscription_id": "subscription", "letter_id": "letter", "dead_id": "failed",
    "merge_id": "merge", "import_id": "file_import", "campaign_id": "campaign", "contact_ids": "contact",
    "channels": "channel",
    "view_id": "view", "draft": "public", "status": "public", "agent_id": "agent", "mentions": "public",
    "kind": "public",
    "priority": "public", "cursor": "public", "before": "public", "after": "public",
}  # fmt: skip
"""What an id of this name in a path, a query or a body is the id of. `Ids.of` finds one of that kind."""

VALUES: Mapping[str, object] = {
    "q": "zq",
    "status": "all",
    "limit": 100,
    "first": "2026-11-01",
    "last": "2026-11-30",
    "key": "greeting",
    "draft": "reply",
    "poll_events after": "0.0",
    "change_inbox_setting name": "reopen",
    "restore_inbox_setting name": "reopen",
    "retry_dead_letter kind": "message",
}
"""What to give as parameters of these names (of this operation), also where they need not be given."""

CAMPAIGN: Json = {
    "name": "Offer {mark}", "channel": "{channel}", "text": "An offer", "filter": {"everyone": True},
    "purpose": "service", "reason": "Asked", "quiet_hours": None,
}  # fmt: skip
"""One that may go to everybody."""

BODIES: Mapping[str, Json] = {
    "send_message": {"text": "A reply {mark}"},
    "send_canned": {"key": "greeting"},
    "start_conversation": {"channel": "{channel}", "contact": "{contact}", "text": "A beginning {mark}"},
    "assign_conversation": {"assignee": "me"},
    "opt_out": {"reason": "Asked {mark}", "resolve": {"details": "Noted {mark}"}},
    "give_feedback": {"proposal_id": "{proposal}", "outcome": "edited", "text": "Rather {mark}"},
    "add_tag": {"tag": "vip"},
    "change_inbox_setting": {"value": "always"},
    "hand_to_team": {"team": "shop"},
    "save_view": {"query": {"status": "open"}},
    "mark_seen": {"notice_ids": None},
    "change_settings": {"theme": "dark"},
    "register_device": {
        "endpoint": "https://push.example/zq",
        "keys": {
            "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
            "auth": "BTBZMqHH6r4Tts7J_aSIgg",
        },
    },
    "keep_draft": {"text": "Dear {mark}"},
    "remove_tag": {"tag": "vip"},
    "create_contact": {"name": "Ada", "numbers": [], "tags": ["vip"]},
    "edit_contact": {"name": "Ada"},
    "open_chat": {"team": "front"},
    "write_in_chat": {"text": "Lunch?"},
    "mark_chat_read": {"up_to": None},
    "import_contacts": {"name": "a.csv", "csv": "name\nAda\n"},
    "note_consents": {"contact_ids": ["{contact}"], "channels": ["{channel}"], "dry_run": True},
    "merge_contact": {"contact": "{spare}"},
    "create_campaign": CAMPAIGN,
    "change_campaign": CAMPAIGN,
    "schedule_campaign": {"starts_at": None},
    "do_in_bulk": {"ids": ["{conversation}"], "command": {"do": "tag", "tag": "vip"}},
    "decide_consent": {"accepted": True, "terms": "1"},
    "resolve_message": {"verdict": "sent"},
    "rewrite_draft": {"draft": "Wich is {mark}", "how": "shorter"},
    "generate_message": {"intent": "Say {mark}", "tone": "friendly"},
}  # fmt: skip
"""Bodies that the document's own examples do not make."""

CLOSED = frozenset({"archive_conversation"})
"""Operations on a closed conversation."""

LEAVES_NOTHING = frozenset({"remove_campaign"})
"""Operations after which there is nothing left for the next one who may."""

EACH_BY_ITSELF = frozenset({"do_in_bulk"})
"""Operations that answer 200, and within it for each id what the single operation would."""

KINDS: Mapping[tuple[str, str], str] = {
    ("resolve_message", "message_id"): "unconfirmed",
    ("retry_message", "message_id"): "failed",
    ("withdraw_message", "message_id"): "queued",
    ("pause_campaign", "campaign_id"): "running_campaign",
    ("resume_campaign", "campaign_id"): "paused_campaign",
}
"""Where an operation wants another kind of id than its name says."""


def braced(name: str) -> str:
    """Where the id of this kind is put in."""
    return "{" + name + "}"


class NotClassified(AssertionError):
    """The walk meets something that it cannot fill or judge; its sentence says where to say it."""


@dataclass(frozen=True)
class Slot:
    """A place for an id: in "path", "query" or "body"."""

    place: str
    name: str
    kind: str
    required: bool
    many: bool = False


@dataclass(frozen=True)
class Operation:
    """One operation of the document. `parameters` and `body` are filled but for what stands in braces."""

    id: str
    method: str
    path: str
    slots: Sequence[Slot]
    query: Json
    body: Json | None
    upload: bool
    takes_key: bool
    parameters: Mapping[str, Json]
    """Schemas of what can be given in the query, by name."""

    @property
    def is_write(self) -> bool:
        return self.method != "GET"

    @property
    def named(self) -> Sequence[str]:
        """The kinds of ids without which it cannot be called."""
        kinds = {*IDS.values(), *KINDS.values(), "spare"}
        return sorted(kinds & set(re.findall(r"{(\w+)}", f"{self.path} {self.query} {self.body}")))

    def variants(self) -> Iterator[tuple[str, Operation]]:
        """Each with one more id that need not be given, and the kind of that id."""
        for slot in self.slots:
            if slot.required or slot.kind in ("public", "contact") or braced(slot.kind) in str(self.body):
                continue
            marker = "{other}"
            if slot.place == "query":
                yield slot.kind, replace(self, query={**self.query, slot.name: marker})
            else:
                yield slot.kind, replace(self, body={**(self.body or {}), slot.name: [marker] if slot.many else marker})


def operations(document: Json) -> list[Operation]:
    """All that need a sign-in and end. Raises NotClassified."""
    reader = _Reader(document)
    paths = cast("Mapping[str, Mapping[str, Json]]", document["paths"])
    found = [
        reader.operation(path, method, item)
        for path, methods in paths.items()
        for method, item in methods.items()
        if method != "parameters"
    ]
    return [operation for operation in found if operation is not None]


@dataclass(frozen=True)
class _Reader:
    document: Json

    def operation(self, path: str, method: str, item: Json) -> Operation | None:
        id = str(item["operationId"])
        if not item.get("security"):
            if id not in OPEN:
                raise NotClassified(
                    f"{method.upper()} {path} needs no sign-in. If anybody at all may call it, name it in "
                    "operations.OPEN; else give it a Caller."
                )
            return None
        if id in OF_ADMINS | WITH_A_CODE:
            return None
        if self._is_stream(item):
            if id not in STREAMS:
                raise NotClassified(f"{path} is a stream: listen to it in test_events.py, then add it to STREAMS.")
            return None
        slots: list[Slot] = []
        query = dict[str, object]()
        for parameter in cast("Sequence[Json]", item.get("parameters", ())):
            name, place = str(parameter["name"]), str(parameter["in"])
            schema = cast(Json, parameter["schema"])
            if place in ("path", "query"):
                described = {**schema, "description": parameter.get("description", schema.get("description", ""))}
                required = bool(parameter.get("required"))
                slots += self._slots(id, path, place, name, described, required=required)
                value = VALUES.get(f"{id} {name}", VALUES.get(name))
                if place == "query" and (value is not None or required):
                    query[name] = value if value is not None else self._value(id, name, schema)
            path = path.replace(braced(name), _path_value(id, name)) if place == "path" else path
        body, upload = self._body(id, path, item, slots)
        given = cast("Sequence[Json]", item.get("parameters", ()))
        takes_key = any(parameter["name"] == "Idempotency-Key" for parameter in given)
        queried = {str(each["name"]): cast(Json, each["schema"]) for each in given if each["in"] == "query"}
        return Operation(id, method.upper(), path, slots, query, body, upload, takes_key, queried)

    @staticmethod
    def _is_stream(item: Json) -> bool:
        answers = cast("Mapping[str, Mapping[str, Json]]", item["responses"])
        return set(answers.get("200", {}).get("content", {})) == {"text/event-stream"}

    def _body(self, id: str, path: str, item: Json, slots: list[Slot]) -> tuple[Json | None, bool]:
        content = cast("Mapping[str, Json]", cast(Json, item.get("requestBody", {})).get("content", {}))
        if "multipart/form-data" in content:
            return None, True
        if not content:
            return None, False
        schema = self._resolved(cast(Json, content["application/json"]["schema"]))
        required = cast("Sequence[str]", schema.get("required", ()))
        properties = cast("Mapping[str, Json]", schema.get("properties", {}))
        for name, each in properties.items():
            slots += self._slots(id, path, "body", name, each, required=name in required)
        given = BODIES.get(id, {})
        made = {name: self._value(id, name, properties[name]) for name in required if name not in given}
        return {**made, **given}, False

    def _slots(self, id: str, path: str, place: str, name: str, schema: Json, *, required: bool) -> list[Slot]:
        schema = self._resolved(schema)
        many = schema.get("type") == "array"
        if not (place == "path" or name in IDS or _like_an_id(name, self._told(schema))):
            return []
        if name not in IDS:
            raise NotClassified(
                f"The walk does not know whose id `{name}` of {id} ({path}, in the {place}) is: add it to "
                "operations.IDS, and how to find one of a new kind to walk.Ids."
            )
        return [Slot(place, name, IDS[name], required, many)]

    def _told(self, schema: Json) -> str:
        """All that is said of a value: descriptions and patterns, also those within."""
        within = cast("Sequence[Json]", [*cast("Sequence[Json]", schema.get("anyOf", ())), schema.get("items", {})])
        return " ".join(
            [str(schema.get("description", "")), str(schema.get("pattern", ""))]
            + [self._told(self._resolved(each)) for each in within if each]
        )

    def _value(self, id: str, name: str, schema: Json) -> object:
        if name in IDS and IDS[name] != "public":
            return braced(IDS[name])
        schema = self._resolved(schema)
        for key in ("examples", "enum"):
            if values := cast("Sequence[object]", schema.get(key, ())):
                return values[0]
        for each in cast("Sequence[Json]", schema.get("anyOf", ())):
            return self._value(id, name, each)
        match schema:
            case {"const": value} | {"default": value}:
                return value
            case {"type": "string"}:
                return "{mark}"
            case {"type": "boolean"}:
                return True
            case {"type": "integer"}:
                return schema.get("minimum", 1)
        raise NotClassified(f"The walk cannot make up `{name}` of {id}: give it a body in operations.BODIES.")

    def _resolved(self, schema: Json) -> Json:
        while "$ref" in schema:
            *_, name = str(schema["$ref"]).split("/")
            components = cast("Mapping[str, Mapping[str, Json]]", self.document["components"])
            schema = components["schemas"][name]
        return schema


def _path_value(id: str, name: str) -> str:
    if (value := VALUES.get(f"{id} {name}", VALUES.get(name))) is not None:
        return str(value)
    return braced(KINDS.get((id, name), IDS.get(name, name)))


def _like_an_id(name: str, told: str) -> bool:
    return bool(re.search(r"(^|_)(ids?|key)$", name) or re.search(r"\b[Ii]ds?\b|\{26\}|cursor", told))
