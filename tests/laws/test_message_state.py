"""A message's state, in whatever order: sends end in any way, receipts come early, late, twice and out of
order, senders die, agents decide.

    it only moves up; what arrived stays arrived; nothing that may have been taken is sent again by itself
"""

from __future__ import annotations

from itertools import count

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from casella.errors import Conflict
from casella.inbox.sending import settling
from casella.inbox.sending.claims import Claim, claim_due
from casella.inbox.sending.delivery import settle_expired
from casella.inbox.sending.outcomes import Outcome, record_outcomes
from casella.plugin import ChannelUnreachable, SendError, SendRejected, SendUncertain, Sent
from casella.store.tables import messages, outbox
from tests.budget import tries
from tests.house import House

NUMBERS = count(1)
#: What other examples have left waiting in the same house must not keep this one's message from being claimed.
_ALL = 10_000
RANK = {"queued": 0, "sending": 1, "unconfirmed": 2, "sent": 3, "failed": 4, "delivered": 5, "read": 6}
ARRIVED = ("delivered", "read")
ERRORS: list[type[SendError]] = [ChannelUnreachable, SendUncertain, SendRejected]


class MessageMachine(RuleBasedStateMachine):
    house: House

    @initialize()
    def begin(self) -> None:
        number = next(NUMBERS)
        self.contact, self.external = f"+3905{number:08}", f"out-{number}"
        self.house.receive(self.house.says("Hello", sender=self.contact))
        received = self.house.one(messages, external_id=f"in-{self._last_in()}")
        self.message = self.house.reply("Answer", received["conversation_id"])
        self.claim: Claim | None = None
        self.taken = 0  # how often the provider took it
        self.may_have_been_taken = False
        self.spoken_of = False  # by a receipt that only names the provider's id
        self.decided_again = self.wanted_again = 0
        self.seen = "queued"

    def _last_in(self) -> int:
        return len(self.house.rows(messages, direction="in"))

    @precondition(lambda self: self.claim is None)
    @rule()
    def claim_it(self) -> None:
        self.house.clock.move(hours=1)
        with self.house.rooms.store.write() as db:
            claims, _ = claim_due(self.house.rooms, db, _ALL, self.house.clock.now())
        mine = [claim for claim in claims if claim.message_id == self.message]
        if mine:
            assert not self.may_have_been_taken or self.decided_again, "sent again though it may have arrived"
            self.claim = mine[0]
            self.wanted_again, self.decided_again = self.decided_again, 0

    @precondition(lambda self: self.claim is not None)
    @rule()
    def provider_takes_it(self) -> None:
        self.taken += 1
        self.may_have_been_taken = True
        self._end(Sent(self.external))

    @precondition(lambda self: self.claim is not None)
    @rule(error=st.sampled_from(ERRORS))
    def send_fails(self, error: type[SendError]) -> None:
        if self.spoken_of and error is ChannelUnreachable:
            error = SendUncertain  # who has taken it has been reached
        if error is ChannelUnreachable:
            self.decided_again = self.wanted_again  # what an agent wanted has not been done yet
        self.may_have_been_taken |= error is SendUncertain
        before = self.house.one(messages, id=self.message)["state"]
        self._end(error())
        if error is SendUncertain and before == "sending":
            assert self.house.one(messages, id=self.message)["state"] == "unconfirmed"

    def _end(self, result: Sent | SendError) -> None:
        assert self.claim is not None
        now = self.house.clock.now()
        with self.house.rooms.store.write() as db:
            record_outcomes(self.house.rooms, db, [Outcome(self.claim, now, now, result)], now)
        self.claim = None

    @precondition(lambda self: self.claim is not None)
    @rule()
    def sender_dies(self) -> None:
        self.claim, self.may_have_been_taken = None, True
        self.house.clock.move(hours=1)
        settle_expired(self.house.rooms)

    @rule(status=st.sampled_from(["sent", "delivered", "read", "failed"]), ours=st.booleans())
    def receipt(self, status: str, ours: bool) -> None:
        if not self.may_have_been_taken and self.claim is None:
            return  # a provider says nothing of a message it has not been given
        self.may_have_been_taken = True
        self.spoken_of |= not ours
        event = self.house.receipt(self.external, status, contact_address=self.contact)
        if ours:
            event["message_id"] = self.message
        if status == "failed":
            event["problem"] = {"code": "30005", "text": "unknown"}
        self.house.receive(event)

    @rule()
    def early_receipts_are_matched(self) -> None:
        settling.match_early_receipts(self.house.rooms)

    @rule(verdict=st.sampled_from(["sent", "send_again"]))
    def an_agent_decides(self, verdict: str) -> None:
        try:
            settling.settle(self.house.rooms, self.message, verdict)
        except Conflict:
            return
        assert self.seen == "unconfirmed"
        self.decided_again = verdict == "send_again"
        if self.decided_again:
            self.seen = "queued"

    @invariant()
    def only_up(self) -> None:
        if not hasattr(self, "message"):
            return
        row = self.house.one(messages, id=self.message)
        state = row["state"]
        retried = state == "queued" and self.seen in ("sending", "queued")
        assert retried or RANK[state] >= RANK[self.seen] or (state, self.seen) == ("sending", "queued"), (
            self.seen,
            state,
        )
        self.seen = state

    @invariant()
    def what_is_settled_waits_nowhere(self) -> None:
        if not hasattr(self, "message"):
            return
        waiting = [row["state"] for row in self.house.rows(outbox, message_id=self.message)]
        if self.seen in ("sent", *ARRIVED, "failed") and self.claim is None:
            assert waiting == []
        if self.seen in ("queued", "unconfirmed"):
            assert waiting == [self.seen]


@pytest.mark.slow
def test_a_message_only_moves_up_and_is_never_sent_twice_blindly(house: House) -> None:
    machine = type("BoundMachine", (MessageMachine,), {"house": house})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=tries(40),
            stateful_step_count=14,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
