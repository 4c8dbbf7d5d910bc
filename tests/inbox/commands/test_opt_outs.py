"""Agents opt contacts out and in; what the contact said himself stands (S-64, S-67, A-7)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from casella.errors import SendRefused
from casella.inbox.commands import opt_outs
from casella.inbox.commands.opt_outs import StoppedByContact
from casella.inbox.sending.permission import can_send
from casella.store.tables import conversations, messages
from tests.house import ANNA, BERT, MAIN, SECOND, House
from tests.inbox.rule_texts import rule


@pytest.fixture
def house(migrated_url: str, tmp_path: Path) -> Iterator[House]:
    with House(migrated_url, tmp_path) as house:
        house.apply()
        for address in (MAIN, SECOND):
            house.receive(house.says("Hello", to=address))
        yield house


def conversation(house: House, address: str = MAIN) -> str:
    return str(house.one(conversations, channel_id=house.channel(address).id)["id"])


def opt_out(house: House, address: str = MAIN, resolve: str | None = None) -> None:
    with house.rooms.store.write() as db:
        opt_outs.opt_out(
            db, house.rooms, conversation(house, address), reason="Asked on the phone", resolve=resolve,
            by=house.agent("ann").id, at=house.clock.now(),
        )  # fmt: skip


def opt_in(house: House, address: str = MAIN) -> None:
    with house.rooms.store.write() as db:
        opt_outs.opt_in(
            db, house.rooms, conversation(house, address), reason="Wants to hear again",
            by=house.agent("ann").id, at=house.clock.now(),
        )  # fmt: skip


def ledger(house: House, address: str = MAIN) -> opt_outs.Ledger:
    with house.rooms.store.read() as db:
        return opt_outs.ledger(db, house.rooms, conversation(house, address))


def refusal(house: House, address: str = MAIN) -> str | None:
    with house.rooms.store.read() as db:
        return can_send(db, house.rooms, conversation(house, address), house.clock.now()).code


def consent(house: House, state: str, *, to: str = MAIN) -> dict[str, object]:
    return {
        "kind": "consent", "channel_address": to, "contact_address": ANNA, "state": state, "source": "keyword",
        "evidence": state, "external_id": f"{state}-{to}-{len(ledger(house, to).entries)}",
    }  # fmt: skip


def test_an_agents_opt_out_holds_for_every_channel_of_the_type(house: House) -> None:
    opt_out(house)
    assert [refusal(house, address) for address in (MAIN, SECOND)] == ["contact_stopped"] * 2
    with pytest.raises(SendRefused):
        house.reply("Are you sure?", conversation(house))
    opt_in(house, SECOND)
    assert [refusal(house, address) for address in (MAIN, SECOND)] == [None, None]


def test_the_ledger_says_who_when_and_why(house: House) -> None:
    opt_out(house)
    found = ledger(house)
    [entry] = found.entries
    assert (found.opted_out, found.may_opt_in) == (True, True)
    assert (entry.state, entry.source, entry.evidence, entry.everywhere) == (
        "opted_out", "agent", "Asked on the phone", True,
    )  # fmt: skip
    assert entry.agent is not None
    assert (entry.agent.name, entry.at) == ("Ann", house.clock.now())


def test_a_stop_of_the_contact_is_not_an_agents_to_lift(house: House) -> None:
    house.receive(consent(house, "opted_out"))
    opt_out(house)
    assert not ledger(house).may_opt_in
    with pytest.raises(StoppedByContact):
        opt_in(house)
    opt_in(house, SECOND)
    assert [refusal(house, address) for address in (MAIN, SECOND)] == ["contact_stopped", None]
    house.receive(consent(house, "opted_in"))
    assert refusal(house) is None


def test_a_contact_who_writes_start_comes_back_where_he_wrote_it(house: House) -> None:
    opt_out(house)
    house.receive(consent(house, "opted_in"))
    assert [refusal(house, address) for address in (MAIN, SECOND)] == [None, "contact_stopped"]


def test_what_waits_in_the_queue_is_not_sent(house: House) -> None:
    house.reply("On its way", conversation(house))
    opt_out(house)
    house.deliver()
    assert house.one(messages, direction="out")["error_code"] == "contact_stopped"
    assert house.acme.provider.texts() == []


def test_opting_out_may_resolve_the_conversation_with_details(house: House) -> None:
    opt_out(house, resolve="Wants letters only.")
    assert house.one(conversations, id=conversation(house))["status"] == "closed"
    note = house.one(messages, direction="note")
    assert (note["text"], note["sender_id"]) == ("Wants letters only.", house.agent("ann").id)


def test_nobody_else_is_touched(house: House) -> None:
    house.receive(house.says("Me too", BERT))
    opt_out_of = [row for row in house.rows(conversations) if row["channel_id"] == house.channel(SECOND).id]
    with house.rooms.store.write() as db:
        opt_outs.opt_out(
            db, house.rooms, str(opt_out_of[0]["id"]), reason="x", resolve=None, by=house.agent("ann").id,
            at=house.clock.now(),
        )  # fmt: skip
    with house.rooms.store.read() as db:
        codes = {
            row["id"]: can_send(db, house.rooms, str(row["id"]), house.clock.now()).code
            for row in house.rows(conversations)
        }
    assert sorted(map(str, codes.values())) == ["None", "contact_stopped", "contact_stopped"]


def test_what_a_rule_has_stopped_an_agent_takes_back_with_a_reason(house: House) -> None:
    """inbox.md, "wrong today": a rule's `opt_out` could not be taken back."""
    house.apply(rules="rules:\n" + rule("opt_out", name="No more", condition="{text: {contains_word: nomore}}"))
    house.receive(house.says("nomore please"))
    assert refusal(house) == "contact_stopped"
    assert (ledger(house).entries[0].source, ledger(house).may_opt_in) == ("rule", True)
    opt_in(house)
    assert (refusal(house), ledger(house).opted_out) == (None, False)
    assert [one.state for one in ledger(house).entries] == ["opted_in", "opted_in", "opted_out"]


@pytest.mark.parametrize(
    ("evidence", "is_manager", "comes_back"),
    [(None, True, False), ("  ", True, False), ("Signed form of 3 May", False, False), ("Signed form", True, True)],
)
def test_a_manager_with_evidence_lets_back_who_has_stopped_himself(
    house: House, evidence: str | None, is_manager: bool, comes_back: bool
) -> None:
    house.receive(consent(house, "opted_out"))
    refused = nullcontext() if comes_back else pytest.raises(StoppedByContact)
    with refused, house.rooms.store.write() as db:
        opt_outs.opt_in(
            db, house.rooms, conversation(house), reason="Asks again", by=house.agent("mara").id,
            at=house.clock.now(), evidence=evidence, is_manager=is_manager,
        )  # fmt: skip
    assert refusal(house) == (None if comes_back else "contact_stopped")
    if comes_back:
        assert ledger(house).entries[0].evidence == "Asks again (Signed form)"


def test_marketing_is_another_purpose(house: House) -> None:
    before = house.newest()
    for state in ("opted_out", "opted_in"):
        with house.rooms.store.write() as db:
            by, at = house.agent("ann").id, house.clock.now()
            if state == "opted_out":
                opt_outs.opt_out(
                    db, house.rooms, conversation(house), reason="No adverts", resolve=None, by=by, at=at,
                    purpose="marketing",
                )  # fmt: skip
            else:
                opt_outs.opt_in(
                    db, house.rooms, conversation(house), reason="After all", by=by, at=at, purpose="marketing"
                )
        assert refusal(house) is None
        found = ledger(house)
        assert (found.marketing_stopped, found.opted_out) == (state == "opted_out", False)
        assert (found.entries[0].topic, found.entries[0].state) == ("marketing", state)
    told = [one["payload"]["topic"] for one in house.told("bob", before) if one["kind"] == "contact.consent"]
    assert told == ["marketing", "marketing"]
