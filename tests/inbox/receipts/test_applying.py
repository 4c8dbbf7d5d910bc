"""News about messages that exist: receipts in any order, echoes, edits, deletions, read marks."""

from __future__ import annotations

from datetime import timedelta

import pytest

from casella.inbox.consent import ledger
from casella.inbox.sending import settling
from casella.plugin import ChannelUnreachable, SendRejected, SendUncertain, Sent
from casella.store.tables import attachments, consents, conversations, messages, outbox, receipts_pending
from tests.fakes import SECRET
from tests.house import ANNA, BERT, MAIN, House

assert SECRET


def sent_message(house: House, text: str = "Hello yourself") -> tuple[str, str]:
    """A message of ours that ACME has taken: its id and ACME's."""
    house.receive(house.says())
    house.reply(text)
    house.deliver()
    row = house.one(messages, direction="out")
    return row["id"], row["external_id"]


def state(house: House, message_id: str) -> str:
    return str(house.one(messages, id=message_id)["state"])


def echo(external_id: str, text: str, to: str = ANNA, **fields: object) -> dict[str, object]:
    return {"kind": "message_echoed", "channel_address": MAIN, "contact_address": to, "external_id": external_id,
            "text": text, **fields}  # fmt: skip


@pytest.mark.parametrize(
    ("reported", "ends"),
    [
        (["sent", "delivered", "read"], "read"),
        (["read", "delivered", "sent"], "read"),
        (["delivered", "failed"], "delivered"),
        (["failed", "delivered"], "delivered"),
        (["failed", "sent"], "failed"),
        (["sent", "failed", "failed"], "failed"),
    ],
)
def test_states_only_move_up_whatever_the_order(house: House, reported: list[str], ends: str) -> None:
    message_id, external = sent_message(house)

    for status in reported:
        house.receive(house.receipt(external, status))

    assert state(house, message_id) == ends
    assert house.rows(outbox) == []


def test_why_a_message_failed_is_not_forgotten_by_a_late_lesser_receipt(house: House) -> None:
    message_id, external = sent_message(house)
    problem = {"code": "30003", "text": "The phone is off.", "retryable": True}

    house.receive(house.receipt(external, "failed", problem=problem))
    house.receive(house.receipt(external, "sent"))

    row = house.one(messages, id=message_id)
    assert (row["state"], row["error_code"], row["error_text"]) == ("failed", "30003", "The phone is off.")
    assert row["error_retryable"] is True


def test_a_failure_that_is_overtaken_by_the_delivery_is_no_longer_shown(house: House) -> None:
    message_id, external = sent_message(house)
    house.receive(house.receipt(external, "failed", problem={"code": "1", "text": "No."}))
    house.receive(house.receipt(external, "delivered"))

    row = house.one(messages, id=message_id)
    assert (row["state"], row["error_code"], row["error_text"]) == ("delivered", None, None)


def test_a_receipt_for_our_own_id_may_come_before_the_send_returns(house: House) -> None:
    house.receive(house.says())
    message_id = house.reply()

    def delivered_at_once(message: object) -> Sent:
        house.receive(house.receipt("early-1", "delivered", message_id=message_id))
        return Sent("early-1")

    house.acme.provider.answers[ANNA] = [delivered_at_once]
    house.deliver()

    assert state(house, message_id) == "delivered"
    assert house.rows(receipts_pending) == []


def test_why_it_failed_survives_the_send_that_returns_later(house: House) -> None:
    house.receive(house.says())
    message_id = house.reply()
    problem = {"code": "30005", "text": "Unknown number.", "stops_contact": False}

    def failed_at_once(message: object) -> Sent:
        house.receive(house.receipt("early-1", "failed", message_id=message_id, problem=problem))
        return Sent("early-1")

    house.acme.provider.answers[ANNA] = [failed_at_once]
    house.deliver()

    row = house.one(messages, id=message_id)
    assert (row["state"], row["error_code"], row["external_id"]) == ("failed", "30005", "early-1")


@pytest.mark.parametrize("error", [ChannelUnreachable(), SendUncertain(), SendRejected()])
def test_a_receipt_before_a_send_that_seems_to_fail_means_it_arrived(house: House, error: Exception) -> None:
    house.receive(house.says())
    message_id = house.reply()

    def taken_then_cut(message: object) -> Sent:
        house.receive(house.receipt("early-1", "delivered", message_id=message_id))
        raise error

    house.acme.provider.answers[ANNA] = [taken_then_cut]
    house.deliver()
    house.clock.move(hours=1)
    house.deliver()

    assert state(house, message_id) == "delivered"
    assert house.acme.provider.texts() == ["Hello yourself"], "it must not be sent again"
    assert house.rows(outbox) == []


def test_a_receipt_by_an_id_we_do_not_know_yet_waits_for_it(house: House) -> None:
    house.receive(house.says())
    message_id = house.reply()
    house.receive(house.receipt("acme-1", "delivered"), house.receipt("acme-1", "sent"))
    assert len(house.rows(receipts_pending)) == 2

    house.deliver()

    assert state(house, message_id) == "delivered"
    assert house.rows(receipts_pending) == []


def test_a_receipt_stored_while_the_send_was_recorded_is_matched_by_the_sweep(house: House) -> None:
    message_id, external = sent_message(house)
    with house.rooms.store.write() as db:
        db.execute(
            receipts_pending.insert(),
            {"channel_id": house.channel().id, "external_id": external, "status": "read", "stops_contact": False,
             "received_at": house.clock.now()},
        )  # fmt: skip

    assert settling.match_early_receipts(house.rooms) == 1
    assert state(house, message_id) == "read"
    assert house.rows(receipts_pending) == []


def test_receipts_for_messages_nobody_knows_are_dropped_after_a_day(house: House) -> None:
    house.receive(house.receipt("nobody-knows", "delivered"))
    settling.match_early_receipts(house.rooms)
    assert len(house.rows(receipts_pending)) == 1

    with house.rooms.store.write() as db:
        db.execute(receipts_pending.update().values(received_at=house.clock.now() - timedelta(hours=25)))
    settling.match_early_receipts(house.rooms)

    assert house.rows(receipts_pending) == []


def test_a_receipt_repeated_changes_nothing_and_is_told_once(house: House) -> None:
    message_id, external = sent_message(house)
    for _ in range(3):
        house.receive(house.receipt(external, "delivered"))

    assert state(house, message_id) == "delivered"
    assert house.rows(receipts_pending) == []


def test_a_failure_because_the_contact_stopped_closes_the_ledger(house: House) -> None:
    _, external = sent_message(house)
    problem = {"code": "21610", "text": "Opted out.", "stops_contact": True}
    house.receive(house.receipt(external, "failed", problem=problem))

    assert (house.one(consents)["state"], house.one(consents)["evidence"]) == ("opted_out", "21610")
    channel = house.channel()
    with house.rooms.store.read() as db:
        assert ledger.stopped(house.rooms, db, channel, [ANNA]) == {ANNA}


def test_a_receipt_of_one_channel_never_touches_a_message_of_another(house: House) -> None:
    message_id, external = sent_message(house)
    house.receive(house.receipt(external, "failed", to="+15550002", message_id=message_id))

    assert state(house, message_id) == "sent"


# --- echoes -------------------------------------------------------------------------------------------------------


def test_the_echo_of_our_own_message_is_no_second_message(house: House) -> None:
    message_id, external = sent_message(house)
    house.receive(echo(external, "Hello yourself"))

    assert len(house.rows(messages, direction="out")) == 1
    assert state(house, message_id) == "sent"


@pytest.mark.parametrize("names_us", [True, False])
def test_an_echo_that_is_faster_than_the_send_is_still_ours(house: House, names_us: bool) -> None:
    house.receive(house.says())
    message_id = house.reply("Same words")

    def echoed_at_once(message: object) -> Sent:
        house.receive(echo("echo-1", "Same words", message_id=message_id if names_us else None))
        return Sent("echo-1")

    house.acme.provider.answers[ANNA] = [echoed_at_once]
    house.deliver()

    row = house.one(messages, direction="out")
    assert (row["id"], row["state"], row["external_id"]) == (message_id, "sent", "echo-1")


def test_an_echo_settles_an_unconfirmed_message_with_the_same_words(house: House) -> None:
    house.receive(house.says())
    message_id = house.reply("Did it arrive?")
    house.acme.provider.answers[ANNA] = [SendUncertain()]
    house.deliver()
    assert state(house, message_id) == "unconfirmed"

    house.receive(echo("echo-1", "Did it arrive?"))

    row = house.one(messages, direction="out")
    assert (row["state"], row["external_id"]) == ("sent", "echo-1")
    assert house.rows(outbox) == []


def test_what_the_business_wrote_elsewhere_is_shown_as_ours_and_ends_the_waiting(house: House) -> None:
    house.receive(house.says())
    house.receive(echo("elsewhere-1", "Answered from the app"))

    row = house.one(messages, direction="out")
    assert (row["sender_kind"], row["text"], row["state"]) == ("other_client", "Answered from the app", "sent")
    assert house.one(conversations)["waiting_since"] is None
    house.receive(house.receipt("elsewhere-1", "read"))
    assert state(house, row["id"]) == "read"


# --- edits, deletions, read marks ---------------------------------------------------------------------------------


def edited(external_id: str, text: str) -> dict[str, object]:
    return {"kind": "message_edited", "channel_address": MAIN, "contact_address": ANNA, "external_id": external_id,
            "text": text}  # fmt: skip


def deleted(external_id: str) -> dict[str, object]:
    return {"kind": "message_deleted", "channel_address": MAIN, "contact_address": ANNA, "external_id": external_id}


@pytest.mark.parametrize("together", [True, False])
def test_an_edit_changes_the_words_and_the_preview(house: House, together: bool) -> None:
    events = [house.says("Helo", external_id="m1"), edited("m1", "Hello")]
    if together:
        house.receive(*events)
    else:
        for item in events:
            house.receive(item)

    row = house.one(messages)
    assert (row["text"], row["details"]) == ("Hello", {"edited": "yes"})
    assert house.one(conversations)["last_message_text"] == "Hello"


@pytest.mark.parametrize("together", [True, False])
def test_a_message_taken_back_leaves_no_words_and_no_files(house: House, together: bool) -> None:
    stored = house.rooms.media.put([b"\x89PNG\r\n\x1a\n" + b"0" * 50], most=1000)
    events = [
        house.says("A secret", external_id="m1", attachments=[{"ref": "r1", "kind": "image"}]),
        deleted("m1"),
    ]
    if together:
        house.receive(*events)
    else:
        house.receive(events[0])
        with house.rooms.store.write() as db:
            db.execute(attachments.update().values(state="stored", storage_key=stored.key))
        house.receive(events[1])

    row = house.one(messages)
    assert (row["text"], row["kind"], row["details"]) == ("", "unsupported", {"deleted": "yes"})
    assert house.rows(attachments) == []
    assert house.one(conversations)["last_message_text"] == ""
    assert together or not house.rooms.media.has(stored.key)


def test_edits_of_what_nobody_knows_are_no_error(house: House) -> None:
    house.receive(edited("nobody", "x"), deleted("nobody"), house.says("still here"))

    assert [row["text"] for row in house.rows(messages)] == ["still here"]


def test_a_read_mark_reads_what_was_sent_before_it_to_this_contact_only(house: House) -> None:
    house.receive(house.says(sender=ANNA), house.says(sender=BERT))
    mine, other = (row["id"] for row in sorted(house.rows(conversations), key=lambda row: row["address_id"]))
    before = house.reply("before", mine)
    elsewhere = house.reply("elsewhere", other)
    house.deliver()
    house.clock.move(minutes=5)
    after = house.reply("after", mine)
    house.deliver()
    reader = {item.message.id: item.message.to for item in house.acme.provider.arrived}[before]

    house.receive(
        {"kind": "read", "channel_address": MAIN, "contact_address": reader,
         "watermark": (house.clock.now() - timedelta(minutes=1)).isoformat()}
    )  # fmt: skip

    assert [state(house, id) for id in (before, elsewhere, after)] == ["read", "sent", "sent"]
