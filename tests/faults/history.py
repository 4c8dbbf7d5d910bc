"""Reads the `History` of a house that has settled: by the agents' API, the provider's journal and the watchers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import httpx

from tests.faults.account import History, Row, Told
from tests.faults.traffic import Lookout, Traffic
from tests.integration.rig.proofs import our_id

Json = dict[str, Any]  # what JSON holds


def read_history(traffic: Traffic) -> History:
    """Call it when all has settled."""
    with traffic.house.client("mara") as http:
        conversations = list(_conversations(http))
        messages = {str(one["id"]): list(_messages(http, str(one["id"]))) for one in conversations}
    shown: defaultdict[str, list[str]] = defaultdict(list)
    rows: dict[str, Row] = {}
    for conversation in conversations:
        phone, of = str(conversation["contact"]["address"]), str(conversation["id"])
        for message in messages[of]:
            row = Row(message["id"], of, message["direction"], message["state"], message["text"] or "")
            rows[row.id] = row
            if row.direction == "in":
                shown[phone].append(row.text)
    return History(
        written={customer.phone: customer.acknowledged for customer in traffic.customers},
        shown=shown,
        rows=rows,
        replies=[pair for agent in traffic.agents for pair in agent.answered],
        taken=[our_id(accepted) for accepted in traffic.provider.accepted()],
        told={name: list(_told(watcher)) for name, watcher in traffic.watchers.items()},
        reset=frozenset(name for name, watcher in traffic.watchers.items() if watcher.reset_at),
    )


def _conversations(http: httpx.Client) -> Iterator[Json]:
    query: dict[str, str | int] = {"status": "all", "limit": 100, "sort": "oldest_conversations"}
    while True:
        page = http.get("/api/v1/conversations", params=query).raise_for_status().json()
        yield from page["items"]
        if page["next"] is None:
            return
        query["cursor"] = page["next"]


def _messages(http: httpx.Client, conversation: str) -> list[Json]:
    """Oldest first, from the first."""
    pages: list[list[Json]] = []
    query: dict[str, str | int] = {"limit": 100}
    while True:
        answer = http.get(f"/api/v1/conversations/{conversation}/messages", params=query).raise_for_status().json()
        pages.insert(0, answer["items"])
        if answer["older"] is None:
            return [message for page in pages for message in page]
        query["before"] = answer["older"]


def _told(watcher: Lookout) -> Iterator[Told]:
    for place, seen in enumerate(list(watcher.events)):
        message = seen.message()
        if seen.kind in ("message.created", "message.updated"):
            yield Told(seen.cursor, str(message["id"]), str(message["state"]), place >= watcher.judged_from)
