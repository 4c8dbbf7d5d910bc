"""A failed message is sent again once, and only where that may help; a queued one can be taken back."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from casella.errors import Conflict, NotFound, SendRefused
from casella.inbox.commands import resending
from casella.store.tables import attachments, conversations, messages, outbox
from tests.house import ANNA, MAIN, House


@pytest.fixture
def sent(house: House) -> str:
    """A reply that waits in the outbox."""
    house.receive(house.says("Hello"))
    return house.reply("Here you are")


def fail(house: House, message_id: str, *, retryable: bool = True) -> None:
    assert house.deliver()
    failed = {"state": "failed", "error_code": "no_route", "error_text": "No route.", "error_retryable": retryable}
    with house.rooms.store.write() as db:
        db.execute(update(messages).where(messages.c.id == message_id).values(failed))


def retry(house: House, message_id: str) -> str:
    with house.rooms.store.write() as db:
        return resending.retry(db, house.rooms, message_id, by=house.agent("bob").id, at=house.clock.now())


def withdraw(house: House, message_id: str) -> None:
    with house.rooms.store.write() as db:
        resending.withdraw(db, house.rooms, message_id, by=house.agent("bob").id, at=house.clock.now())


def test_it_goes_out_again_as_a_new_message_once(house: House, sent: str) -> None:
    fail(house, sent)
    new = retry(house, sent)
    with pytest.raises(Conflict) as refused:
        retry(house, sent)
    assert (refused.value.reason, refused.value.extra) == ("already_retried", {"message_id": new})
    assert house.deliver()
    again = house.one(messages, id=new)
    assert (again["state"], again["text"], again["sender_id"]) == ("sent", "Here you are", house.agent("bob").id)
    assert again["details"] == {"retry_of": sent}
    assert house.one(messages, id=sent)["state"] == "failed"


def test_its_files_go_with_it(house: House) -> None:
    house.receive(house.says("Hello"))
    file = house.upload()
    sent = house.reply("", attachment_ids=[file])
    fail(house, sent)
    new = retry(house, sent)
    [copy] = house.rows(attachments, message_id=new)
    original = house.one(attachments, id=file)
    assert (copy["storage_key"], copy["name"]) == (original["storage_key"], original["name"])


def test_what_has_not_failed_or_would_fail_again_is_not_sent(house: House, sent: str) -> None:
    with pytest.raises(Conflict) as refused:
        retry(house, sent)
    assert refused.value.reason == "not_failed"
    fail(house, sent, retryable=False)
    with pytest.raises(Conflict) as refused:
        retry(house, sent)
    assert refused.value.reason == "not_retryable"
    incoming = house.one(messages, direction="in")["id"]
    with pytest.raises(NotFound):
        retry(house, incoming)
    assert len(house.rows(messages, direction="out")) == 1


def test_the_gate_is_asked_again(house: House, sent: str) -> None:
    fail(house, sent)
    stop = {"state": "opted_out", "source": "keyword", "evidence": "STOP"}
    house.receive({"kind": "consent", "channel_address": MAIN, "contact_address": ANNA, **stop})
    with pytest.raises(SendRefused):
        retry(house, sent)


def test_what_has_not_left_never_does(house: House, sent: str) -> None:
    asked = house.one(messages, direction="in")["received_at"]
    assert house.one(conversations)["waiting_since"] is None
    withdraw(house, sent)
    assert house.one(messages, id=sent)["state"] == "canceled"
    assert house.rows(outbox) == []
    assert house.one(conversations)["waiting_since"] == asked, "the contact waits again"
    assert not house.deliver()
    with pytest.raises(Conflict) as refused:
        withdraw(house, sent)
    assert refused.value.reason == "not_queued"


def test_what_is_on_its_way_is_not_taken_back(house: House, sent: str) -> None:
    assert house.deliver()
    with pytest.raises(Conflict) as refused:
        withdraw(house, sent)
    assert refused.value.reason == "not_queued"
    assert house.one(messages, id=sent)["state"] == "sent"
