"""Edits, deletions and reactions in every order, early, late and twice (field cases fazer-ai/chatwoot#316 and #373,
david-lev/pywa#186, chatwoot/chatwoot#12693): what is newest by the provider's time or number wins, what is known of a
message is added to, and what was taken back is nowhere any more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from casella.inbox.receiving import kept_revisions, match_early_revisions
from casella.store import tables
from casella.store.tables import messages, revisions
from tests.budget import tries
from tests.house import ANNA, BERT, MAIN, House

ORDERS = settings(max_examples=tries(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
"""One house for all orders: each has a message of its own."""
AT = "2026-11-22T12:00:{:02d}+00:00"
Change = Mapping[str, object]


def change(kind: str, second: int, of: str = "m-1", who: str = ANNA, **more: Any) -> dict[str, object]:
    where = {"channel_address": MAIN, "contact_address": who, "external_id": of}
    return {"kind": kind, **where, "provider_time": AT.format(second), "revision": f"{kind}-{second}", **more}


def edit(text: str, second: int, **more: Any) -> dict[str, object]:
    return change("message_edited", second, text=text, **more)


def deletion(second: int, **more: Any) -> dict[str, object]:
    found = change("message_deleted", second, **more)
    del found["revision"]
    return found


def reaction(emoji: str, second: int, **more: Any) -> dict[str, object]:
    return change("reaction", second, emoji=emoji, **more)


def says(house: House, text: str = "v0", of: str = "m-1", **more: Any) -> dict[str, object]:
    return house.says(text, external_id=of, provider_time=AT.format(0), metadata={"ad_click": "CLID1"}, **more)


def stored(house: House, of: str = "m-1") -> dict[str, Any]:
    return house.one(messages, external_id=of)


CHANGES = [
    edit("v1", 1),
    edit("v2", 2),
    reaction("❤️", 3),
    reaction("", 4),
    reaction("👍", 5, who=BERT),
]


@ORDERS
@given(order=st.permutations(range(6)), again=st.lists(st.integers(0, 5), max_size=3), cuts=st.sets(st.integers(1, 8)))
def test_whatever_the_order_the_newest_counts(house: House, order: list[int], again: list[int], cuts: set[int]) -> None:
    """All orders, copies, and divisions into batches end in the same message."""
    number = len(house.rows(messages))
    of = f"m-{number}-{len(house.rows(tables.journal))}"
    events: list[Change] = [says(house, of=of), *(dict(one) | {"external_id": of} for one in CHANGES)]
    arriving = [events[place] for place in [*order, *again]]
    for batch in _batches(arriving, cuts):
        house.receive(*batch)
    row = stored(house, of)
    assert row["text"] == "v2"
    assert row["details"] == {"ad_click": "CLID1", "edited": "yes", "reactions": {BERT: "👍"}}
    assert [one for one in house.rows(revisions) if one["event"] is not None] == []


@ORDERS
@given(order=st.permutations(range(4)), cuts=st.sets(st.integers(1, 4)))
def test_what_was_taken_back_stays_so(house: House, order: list[int], cuts: set[int]) -> None:
    of = f"d-{len(house.rows(tables.journal))}"
    secret = f"secret {of}"
    events = [says(house, secret, of), edit(f"{secret} too", 1, of=of), reaction("❤️", 2, of=of), deletion(1, of=of)]
    for batch in _batches([events[place] for place in order], cuts):
        house.receive(*batch)
    row = stored(house, of)
    assert (row["text"], row["kind"], row["details"]) == ("", "unsupported", {"deleted": "yes"})
    assert secret not in everything(house)


def _batches(events: Sequence[Change], cuts: set[int]) -> list[Sequence[Change]]:
    edges = [0, *sorted(cut for cut in cuts if cut < len(events)), len(events)]
    return [events[start:end] for start, end in pairwise(edges) if start < end]


def everything(house: House) -> str:
    """Every row of every table, as text."""
    with house.rooms.store.read() as db:
        return "\n".join(str(row) for table in tables.metadata.sorted_tables for row in db.execute(select(table)))


def test_the_words_are_gone_wherever_they_went(house: House) -> None:
    house.receive(says(house, "my card is 4242"), house.says("open"))
    house.receive(edit("my card was 4242", 1))
    house.receive(house.says("open"))
    house.receive(deletion(2))
    assert "4242" not in everything(house)
    assert [row["text"] for row in house.rows(messages)] == ["", "open", "open"], "nobody else's words go"
    assert house.one(tables.conversations)["status"] == "open"


def test_numbers_count_where_the_provider_counts(house: House) -> None:
    """Messenger: two edits in one instant."""
    house.receive(says(house))
    house.receive(edit("second", 1, number=2))
    house.receive(edit("first", 1, number=1))
    assert stored(house)["text"] == "second"


def test_without_time_or_number_the_last_to_arrive_counts(house: House) -> None:
    house.receive(says(house))
    for text in ("a", "b"):
        bare = edit(text, 1)
        del bare["provider_time"]
        house.receive(bare)
    assert stored(house)["text"] == "b"


def test_nobody_changes_what_another_has_written(house: House) -> None:
    house.receive(house.says())
    house.reply("Ours")
    house.deliver()
    ours = house.one(messages, direction="out")
    house.receive(edit("forged", 1, of=ours["external_id"]), deletion(2, of=ours["external_id"]))
    assert house.one(messages, id=ours["id"])["text"] == "Ours"
    house.receive(says(house, of="m-9"), edit("forged", 1, of="m-9", by_business=True))
    assert stored(house, "m-9")["text"] == "v0"


def test_what_the_business_changes_elsewhere_is_changed_here(house: House) -> None:
    echo = {"kind": "message_echoed", "channel_address": MAIN, "contact_address": ANNA, "external_id": "e-1"}
    house.receive(edit("50 EUR", 1, of="e-1", by_business=True), {**echo, "text": "5 EUR (wrong)"})
    assert (stored(house, "e-1")["text"], stored(house, "e-1")["direction"]) == ("50 EUR", "out")
    house.receive({**echo, "external_id": "e-2", "text": "meant for somebody else"})
    house.receive(deletion(2, of="e-2", by_business=True))
    assert stored(house, "e-2")["text"] == ""
    house.receive(says(house, of="m-2"), reaction("👍", 3, of="m-2", by_business=True))
    assert stored(house, "m-2")["details"]["reactions"] == {"": "👍"}


def test_a_reaction_to_a_message_that_is_being_sent_is_not_lost(house: House) -> None:
    house.receive(house.says())
    house.reply("Hello yourself")
    house.receive(reaction("❤️", 1, of="acme-1"))
    house.deliver()
    assert match_early_revisions(house.rooms) == 1
    assert stored(house, "acme-1")["details"] == {"reactions": {ANNA: "❤️"}}
    assert match_early_revisions(house.rooms) == 0


def test_an_echo_keeps_its_quote(house: House) -> None:
    echo = {"kind": "message_echoed", "channel_address": MAIN, "contact_address": ANNA, "external_id": "e-1"}
    house.receive(house.says(external_id="q-1"), {**echo, "text": "Yes", "reply_to": "q-1"})
    assert stored(house, "e-1")["reply_to_external"] == "q-1"


def test_who_wrote_in_a_group_is_still_known_after_an_edit_and_a_deletion(house: House) -> None:
    facts = {"group": "G", "participant": "+39055500099", "forwarded": "yes"}
    house.receive(house.says("I am Gia", external_id="g-1", metadata=facts))
    house.receive(edit("I am Gia B", 1, of="g-1"))
    assert stored(house, "g-1")["details"] == {**facts, "edited": "yes"}
    house.receive(deletion(2, of="g-1"))
    assert stored(house, "g-1")["details"] == {"group": "G", "participant": "+39055500099", "deleted": "yes"}


def test_what_never_finds_its_message_is_forgotten_after_a_week(house: House) -> None:
    house.receive(edit("lost", 1, of="never"))
    for days, left in ((6, 1), (2, 0)):
        house.clock.move(days=days)
        with house.rooms.store.write() as db:
            kept_revisions.prune(db, house.clock.now())
        assert len(house.rows(revisions)) == left
    assert timedelta(days=7) == kept_revisions.KEPT_FOR


@pytest.mark.parametrize("first", [True, False])
def test_files_of_what_was_taken_back_are_never_fetched(house: House, first: bool) -> None:
    with_file = says(house, attachments=[{"ref": "https://files.acme.example/1", "kind": "image"}])
    house.receive(*([deletion(1), with_file] if first else [with_file, deletion(1)]))
    assert house.rows(tables.attachments) == []
    assert stored(house)["has_attachments"] is False
