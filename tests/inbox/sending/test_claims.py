"""Claiming from the outbox: in order per conversation, within each channel's rate, through the gate once more."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from casella.inbox.consent import ledger
from casella.inbox.sending.claims import HOLD, LEASE, claim_due
from casella.inbox.sending.delivery import settle_expired
from casella.inbox.sending.leases import expire_leases, release, renew
from casella.inbox.sending.settling import look_up_unconfirmed
from casella.plugin import ContactStopped, LookupResult, Refusal, SendUncertain, Sent
from casella.store.tables import channels, consents, conversations, feed, messages, notices, outbox, send_attempts
from tests.fakes import AcmeChannel
from tests.house import ANNA, BERT, DESK, MAIN, SECOND, House


def queue(house: House, *texts: str, sender: str = ANNA, to: str = MAIN) -> list[str]:
    """A conversation with these replies queued; their ids."""
    house.receive(house.says(sender=sender, to=to))
    conversation_id = house.rows(messages, direction="in")[-1]["conversation_id"]
    return [house.reply(text, conversation_id) for text in texts]


def claim(house: House, most: int = 100) -> tuple[list[str], float | None]:
    """The texts claimed now."""
    with house.rooms.store.write() as db:
        claims, look_again = claim_due(house.rooms, db, most, house.clock.now())
    return [item.message.text for item in claims], look_again


def states(house: House) -> list[str]:
    return [row["state"] for row in house.rows(messages, direction="out")]


def test_only_the_first_waiting_message_of_each_conversation_is_claimed(house: House) -> None:
    queue(house, "a1", "a2")
    queue(house, "b1", "b2", sender=BERT)

    assert sorted(claim(house)[0]) == ["a1", "b1"]
    assert claim(house)[0] == [], "the ones behind wait until these are settled"


def test_messages_of_one_conversation_leave_in_order_even_when_the_first_must_be_tried_again(house: House) -> None:
    from casella.plugin import ChannelUnreachable

    queue(house, "first", "second", "third")
    house.acme.provider.answers[ANNA] = [ChannelUnreachable(), ChannelUnreachable()]
    for _ in range(4):
        house.deliver()
        house.clock.move(minutes=6)

    assert house.acme.provider.texts() == ["first", "first", "first", "second", "third"]


def test_an_unconfirmed_message_holds_up_the_next_for_a_while_and_no_longer(house: House) -> None:
    queue(house, "lost?", "next")
    house.acme.provider.answers[ANNA] = [SendUncertain()]
    house.deliver()
    assert states(house) == ["unconfirmed", "queued"]

    house.clock.move(seconds=HOLD.total_seconds() - 1)
    house.deliver()
    assert states(house) == ["unconfirmed", "queued"]
    house.clock.move(seconds=2)
    house.deliver()
    assert states(house) == ["unconfirmed", "sent"]


def test_who_has_the_conversation_is_told_once_that_it_goes_on_past_an_unconfirmed_message(house: House) -> None:
    queue(house, "lost?", "next", "after that")
    house.assign(house.one(conversations)["id"], "bob")
    house.acme.provider.answers[ANNA] = [SendUncertain()]
    house.deliver()
    assert house.rows(notices) == [], "it is held"
    before = house.newest()
    house.clock.move(seconds=HOLD.total_seconds() + 1)
    house.deliver()

    notice = house.one(notices)
    lost = house.one(messages, state="unconfirmed")
    assert (notice["what"], notice["message_id"]) == ("unconfirmed", lost["id"])
    told = {key: [e for e in house.told(key, before) if e["kind"] == "notice"] for key in ("ann", "bob")}
    assert told["ann"] == []
    [event] = told["bob"]
    assert event["payload"]["what"] == "unconfirmed"
    assert event["payload"]["message"]["state"] == "unconfirmed"


def test_what_was_not_taken_is_sent_again_before_what_waited_behind_it(house: House) -> None:
    queue(house, "lost?", "next")
    house.acme.provider.answers[ANNA] = [SendUncertain()]
    house.acme.provider.lookups[ANNA] = LookupResult("not_taken")
    house.deliver()
    house.clock.move(seconds=1)
    assert look_up_unconfirmed(house.rooms, house.http) == 1
    house.deliver()

    assert house.acme.provider.texts()[-2:] == ["lost?", "next"]


def test_a_send_that_takes_long_is_held_by_its_signs_of_life(house: House) -> None:
    queue(house, "slow")
    with house.rooms.store.write() as db:
        claims, _ = claim_due(house.rooms, db, 1, house.clock.now())
    for _ in range(5):
        house.clock.move(seconds=LEASE.total_seconds() - 1)
        with house.rooms.store.write() as db:
            assert renew(db, claims, house.clock.now()) == {claims[0].message_id}
        assert settle_expired(house.rooms) == 0

    house.clock.move(seconds=LEASE.total_seconds() + 1)
    assert settle_expired(house.rooms) == 1
    with house.rooms.store.write() as db:
        assert renew(db, claims, house.clock.now()) == set(), "it finds out before it acts"


def test_the_only_process_ends_all_leases_at_once_when_it_begins(house: House) -> None:
    queue(house, "in the dead process")
    claim(house)
    assert settle_expired(house.rooms) == 0
    assert settle_expired(house.rooms, every=True) == 1
    assert states(house) == ["unconfirmed"]


def test_a_channel_sends_no_faster_than_its_rate(house: House) -> None:
    house.apply(desk=DESK.replace("name: Main number}", "name: Main number, options: {sends_per_second: '2'}}"))
    for number in range(8):
        queue(house, f"m{number}", sender=f"+39055{number:04}")

    taken = [len(claim(house)[0])]
    for _ in range(4):
        house.clock.move(seconds=1)
        taken.append(len(claim(house)[0]))

    assert taken == [2, 2, 2, 2, 0]


def test_two_processes_share_one_rate_also_when_their_clocks_differ(house: House, tmp_path: Path) -> None:
    desk = DESK.replace("name: Main number}", "name: Main number, options: {sends_per_second: '1'}}")
    house.apply(desk=desk)
    for number in range(12):
        queue(house, f"m{number}", sender=f"+39055{number:04}")

    with House(house.settings.database_url, tmp_path, desk=None) as second:
        second.clock.move(seconds=5)  # this machine's clock is ahead
        taken = 0
        for _ in range(5):
            taken += len(claim(second)[0]) + len(claim(house)[0])
            house.clock.move(seconds=1)
            second.clock.move(seconds=1)

    assert taken <= 1 + 1 + 5, "a burst of one, a second's worth for the skew, one a second"


def test_a_slower_channel_does_not_slow_another(house: House) -> None:
    house.apply(desk=DESK.replace("name: Main number}", "name: Main number, options: {sends_per_second: '1'}}"))
    for number in range(3):
        queue(house, f"main{number}", sender=f"+39055{number:04}")
        queue(house, f"second{number}", sender=f"+39056{number:04}", to=SECOND)

    texts, look_again = claim(house)

    assert sorted(texts) == ["main0", "second0", "second1", "second2"]
    assert look_again is not None
    assert 0 < look_again <= 1.01


def test_consent_withdrawn_since_queueing_refuses_the_message(house: House) -> None:
    queue(house, "too late")
    with house.rooms.store.write() as db:
        key = (ledger.pool_of(house.rooms, house.channel()), ANNA)
        db.execute(consents.insert(), ledger.entry(key, "opted_out", "keyword", "STOP", house.clock.now(),
                                                    agent_id=None, message_id=None))  # fmt: skip
    house.deliver()

    row = house.one(messages, direction="out")
    assert (row["state"], row["error_code"]) == ("failed", "contact_stopped")
    assert house.acme.provider.arrived == []
    assert house.rows(outbox) == []


def test_a_window_that_closed_since_queueing_refuses_the_message(migrated_url: str, tmp_path: Path) -> None:
    with House(migrated_url, tmp_path, plugins=[AcmeChannel(reply_window=3600.0)]) as house:
        house.receive(house.says())
        with house.rooms.store.write() as db:  # received by the wall clock, judged by the house's
            db.execute(messages.update().values(received_at=house.clock.now()))
            from casella.store.tables import conversations

            db.execute(conversations.update().values(last_inbound_at=house.clock.now()))
        house.reply("in time when written")
        house.clock.move(minutes=61)
        house.deliver()

        assert house.one(messages, direction="out")["error_code"] == "outside_reply_window"
        assert house.acme.provider.arrived == []


def test_a_conversation_closed_since_queueing_still_gets_what_was_written_before(house: House) -> None:
    queue(house, "goodbye")
    conversation_id = house.one(messages, direction="out")["conversation_id"]
    house.close_conversation(conversation_id)
    house.deliver()

    assert states(house) == ["sent"]


def test_a_provider_that_says_stopped_closes_the_ledger_and_the_rest_of_the_queue(house: House) -> None:
    queue(house, "one", "two")
    house.acme.provider.answers[ANNA] = [ContactStopped(provider_code="21610")]
    house.deliver()

    assert [(row["state"], row["error_code"]) for row in house.rows(messages, direction="out")] == [
        ("failed", "contact_stopped"),
        ("failed", "contact_stopped"),
    ]
    assert (house.one(consents)["evidence"], house.one(consents)["source"]) == ("21610", "provider")
    assert len(house.acme.provider.arrived) == 1


def test_released_claims_are_as_if_they_had_never_been(house: House) -> None:
    queue(house, "kept")
    with house.rooms.store.write() as db:
        claims, _ = claim_due(house.rooms, db, 10, house.clock.now())
    with house.rooms.store.write() as db:
        release(db, claims)

    row = house.one(outbox)
    assert (row["state"], row["attempts"], row["token"]) == ("queued", 0, None)
    assert states(house) == ["queued"]
    house.deliver()
    assert house.one(send_attempts)["number"] == 1


def test_a_lease_that_ends_makes_the_message_unconfirmed_and_lets_the_next_one_go(house: House) -> None:
    queue(house, "in the dead process", "next")
    claim(house)
    house.clock.move(seconds=LEASE.total_seconds() - 1)
    assert settle_expired(house.rooms) == 0
    house.clock.move(seconds=2)
    assert settle_expired(house.rooms) == 1

    house.clock.move(seconds=HOLD.total_seconds() + 1)
    house.deliver()
    assert states(house) == ["unconfirmed", "sent"]
    assert house.acme.provider.texts() == ["next"]
    told = [row for row in house.rows(feed, kind="message.updated") if '"unconfirmed"' in row["payload"]]
    assert len(told) == 1


def test_a_late_outcome_after_the_lease_is_news_only_if_it_was_sent(house: House) -> None:
    from casella.inbox.sending.outcomes import record_outcomes

    queue(house, "late sent")
    queue(house, "late failed", sender=BERT)
    with house.rooms.store.write() as db:
        claims, _ = claim_due(house.rooms, db, 10, house.clock.now())
    house.acme.provider.answers[BERT] = [ContactStopped()]
    outcomes = [house.workers.delivery.send(item) for item in claims]
    house.clock.move(minutes=1)
    with house.rooms.store.write() as db:
        expire_leases(house.rooms, db, house.clock.now())
    with house.rooms.store.write() as db:
        record_outcomes(house.rooms, db, outcomes, house.clock.now())

    assert states(house) == ["sent", "unconfirmed"]
    assert [row["message_id"] for row in house.rows(outbox)] == [house.rows(messages, text="late failed")[0]["id"]]


def test_a_stale_claim_cannot_record_over_a_later_one(house: House) -> None:
    """A stalled sender finds that its lease ended and an agent has had the message sent again."""
    from casella.inbox.sending.outcomes import Outcome, record_outcomes
    from casella.inbox.sending.settling import settle
    from casella.plugin import SendRejected

    [message_id] = queue(house, "again")
    with house.rooms.store.write() as db:
        [stale], _ = claim_due(house.rooms, db, 10, house.clock.now())
    house.clock.move(minutes=1)
    settle_expired(house.rooms)
    settle(house.rooms, message_id, "send_again")
    with house.rooms.store.write() as db:
        [later], _ = claim_due(house.rooms, db, 10, house.clock.now())

    now = house.clock.now()
    with house.rooms.store.write() as db:
        record_outcomes(house.rooms, db, [Outcome(stale, now, now, SendRejected())], now)
    assert states(house) == ["sending"]
    with house.rooms.store.write() as db:
        record_outcomes(house.rooms, db, [Outcome(later, now, now, Sent("x-1"))], now)
    assert states(house) == ["sent"]


@pytest.mark.parametrize("method", ["refusal", "consent_pool"])
def test_a_plugin_that_fails_at_the_gate_keeps_its_queue_and_the_others_send(
    migrated_sqlite_url: str, tmp_path: Path, method: str
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("broken")

    desk = DESK.replace(
        "teams:\n  front", "  third: {connection: other, inbox: support, address: '+15550003'}\nteams:\n  front"
    )
    desk = desk.replace("channels:\n", "  other: {type: other, settings: {secret: '${ACME_SECRET}'}}\nchannels:\n")
    other = AcmeChannel("other")
    with House(migrated_sqlite_url, tmp_path, plugins=[AcmeChannel(), other], desk=desk) as house:
        for number in range(3):
            queue(house, f"acme{number}", sender=f"+39055{number:04}")
        house.post(house.webhook(house.says(sender=BERT, to="+15550003")), connection="other")
        house.drain()
        conversation_id = house.rows(messages, direction="in")[-1]["conversation_id"]
        house.reply("broken", conversation_id)
        setattr(other, method, fail)
        house.rooms.directory.reload()  # the pool is asked once per desk
        house.deliver()

        assert house.host.breakers.last_failure("other", method).startswith(f"{method} raised RuntimeError (")
        assert house.acme.provider.texts() == ["acme0", "acme1", "acme2"]
        assert house.one(messages, text="broken")["state"] == "queued"

        delattr(other, method)
        house.host.release("other")
        house.deliver()
        assert house.one(messages, text="broken")["state"] == "sent"


def test_an_unregistered_number_is_refused_with_the_plugins_words(house: House) -> None:
    queue(house, "hello")
    house.acme.provider.refusals[ANNA] = Refusal("not_registered", "This number is not registered.")
    house.deliver()

    row = house.one(messages, direction="out")
    assert (row["error_code"], row["error_text"]) == ("not_registered", "This number is not registered.")


def test_what_a_wrong_clock_has_written_holds_nobody(house: House) -> None:
    """A worker five minutes ahead has sent, and paused: no right clock could have written these times."""
    queue(house, "goes out")
    ahead = house.clock.now() + timedelta(seconds=300)
    with house.rooms.store.write() as db:
        db.execute(update(channels).values(
            send_tokens_at=ahead, send_tokens=1.0, paused_code="throttled", paused_until=ahead + timedelta(hours=1)
        ))  # fmt: skip
    house.deliver()

    assert states(house) == ["sent"]


def test_paused_channels_keep_their_queue_until_the_time_comes(house: House) -> None:
    queue(house, "later")
    until = house.clock.now() + timedelta(seconds=30)
    with house.rooms.store.write() as db:
        db.execute(update(channels).values(paused_code="throttled", paused_until=until))

    assert claim(house) == ([], 30.0)
    house.clock.move(seconds=31)
    assert claim(house)[0] == ["later"]
