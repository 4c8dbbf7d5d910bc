"""A-7: whoever has opted out is written to by nobody and nothing on the channels of that type, always for the same
reason; on others he is, the label says it, and opting in restores all of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from casella.errors import CasellaError
from casella.inbox.assistant.rule_drafts import write_due_draft
from casella.inbox.campaigns import Words
from casella.inbox.commands import opt_outs, resending, starting, surveying
from casella.inbox.reading import lists
from casella.inbox.sending import Draft, canned, outbox
from casella.inbox.views import labelled
from casella.store.tables import assistant_proposals, conversations, messages
from casella.store.tables import outbox as outgoing
from tests.fakes import AcmeChannel
from tests.house import ANNA, CANNED, DESK, MAIN, SECOND, House
from tests.inbox.campaigns.rig import NIGHTLESS, made, member, previewed, run, scheduled, step
from tests.inbox.rule_texts import rule, skipped

REASON = "contact_stopped"
_CHAT = 'chat: {type: chat, settings: {secret: "${ACME_SECRET}"}}'
_MORE = "surveys:\n  csat: {question: greeting}\nassistant: {order: [offline]}"
_DESK = (
    DESK.replace("  acme: {type: acme,", f"  {_CHAT}\n  acme: {{type: acme,")
    .replace("second: {connection: acme,", "second: {connection: chat,")
    .replace("teams:\n  front", f"{_MORE}\nteams:\n  front")
)
_RULES = "rules:\n" + "".join(
    rule(action, name=name, condition=f"{{text: {{contains_word: {word}}}}}")
    for word, name, action in (
        ("replyit", "Reply", "reply: {text: Here you are}"), ("surveyit", "Ask", "survey: csat"),
        ("draftit", "Draft", "draft: {}"),
    )
)  # fmt: skip
WayOut = Callable[[House, str], str | None]


def refused(act: Callable[[], object]) -> str | None:
    try:
        act()
    except CasellaError as error:
        return error.reason
    return None


def in_write(house: House, act: Callable[..., object], *given: object, **more: object) -> str | None:
    def within() -> None:
        with house.rooms.store.write() as db:
            act(db, house.rooms, *given, **more)

    return refused(within)


def conversation(house: House, address: str) -> str:
    return str(house.one(conversations, channel_id=house.channel(address).id, status="open")["id"])


def by_hand(house: House, address: str) -> str | None:
    return refused(lambda: house.reply("Hello", conversation(house, address)))


def with_a_picture(house: House, address: str) -> str | None:
    files = [house.upload()]
    return refused(lambda: house.reply("", conversation(house, address), attachment_ids=files))


def canned_message(house: House, address: str) -> str | None:
    with house.rooms.store.read() as db:
        text = canned.filled(
            db, house.rooms, member(house, "ann"), conversation(house, address), canned.CannedWish("greeting")
        )
    return refused(lambda: house.reply(text, conversation(house, address)))


def first_message(house: House, address: str) -> str | None:
    ann = member(house, "ann")
    draft = Draft("Hello", sender_id=ann.id)
    channel = house.channel(address).key
    return in_write(house, starting.start, ann, channel, ANNA, None, draft, house.clock.now())


def sent_again(house: House, address: str) -> str | None:
    failed = house.rows(messages, channel_id=house.channel(address).id, state="failed")[0]["id"]
    at = house.clock.now()
    return in_write(house, resending.retry, failed, by=house.agent("ann").id, at=at)


def survey_by_hand(house: House, address: str) -> str | None:
    return in_write(
        house, surveying.send, member(house, "ann"), conversation(house, address), "csat", house.clock.now()
    )


def says(house: House, text: str, address: str) -> None:
    """Anna writes, on the channel's own connection."""
    connection = house.channel(address).connection.key
    house.post(house.webhook(house.says(text, to=address)), connection=connection)
    house.drain()


def of_a_rule(house: House, address: str, word: str) -> str | None:
    before = len(skipped(house))
    says(house, f"Please {word}", address)
    return next((reason for _, reason in skipped(house)[before:]), None)


def rule_reply(house: House, address: str) -> str | None:
    return of_a_rule(house, address, "replyit")


def rule_survey(house: House, address: str) -> str | None:
    return of_a_rule(house, address, "surveyit")


def assistants_text(house: House, address: str) -> str | None:
    """What the assistant has written, sent as it is."""
    says(house, "Please draftit", address)
    while write_due_draft(house.rooms):
        pass
    proposed = [row["text"] for row in house.rows(assistant_proposals)]
    text = proposed[-1] if proposed else "What the assistant says"
    draft = Draft(text, sender_id=house.agent("ann").id)
    return in_write(house, outbox.queue_reply, conversation(house, address), draft, house.clock.now())


def campaign(house: House, address: str) -> str | None:
    view = made(house, channel=house.channel(address).key, **NIGHTLESS)
    return next(iter(previewed(house, view.id).left_out), None)


PATHS: tuple[WayOut, ...] = (
    by_hand, with_a_picture, canned_message, first_message, sent_again, survey_by_hand, rule_reply, rule_survey,
    assistants_text, campaign,
)  # fmt: skip


@pytest.fixture
def house(migrated_url: str, tmp_path: Path) -> Iterator[House]:
    yield from talking(migrated_url, tmp_path)


@pytest.fixture
def lite(migrated_sqlite_url: str, tmp_path: Path) -> Iterator[House]:
    """The ledger itself is asked on both databases elsewhere."""
    yield from talking(migrated_sqlite_url, tmp_path)


def talking(database_url: str, folder: Path) -> Iterator[House]:
    """Anna has written on two types of channels, and something that was sent to her on each has failed."""
    plugins = [AcmeChannel(), AcmeChannel("chat")]
    with House(database_url, folder, plugins=plugins, desk=None) as built:
        built.apply(desk=_DESK, canned=CANNED, rules=_RULES)
        for address in (MAIN, SECOND):
            says(built, "Hello", address)
            failed = built.reply("In vain", conversation(built, address))
            with built.rooms.store.write() as db:
                gone = {"state": "failed", "error_code": "x", "error_text": "x", "error_retryable": True}
                db.execute(update(messages).where(messages.c.id == failed).values(gone))
                db.execute(delete(outgoing).where(outgoing.c.message_id == failed))
        yield built


def switch(house: House, act: Callable[..., None], **more: object) -> None:
    with house.rooms.store.write() as db:
        act(
            db, house.rooms, conversation(house, MAIN), reason="Asked on the phone", by=house.agent("ann").id,
            at=house.clock.now(), **more,
        )  # fmt: skip


def label(house: House, address: str) -> bool:
    with house.rooms.store.read() as db:
        view = lists.read_conversation(db, member(house, "ann"), conversation(house, address))
        return labelled(db, house.rooms, [view])[0].contact.opted_out


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.__name__)
def test_a7_every_way_out_is_closed_for_the_same_reason_and_opened_again(lite: House, path: WayOut) -> None:
    switch(lite, opt_outs.opt_out, resolve=None)
    assert (label(lite, MAIN), label(lite, SECOND)) == (True, False)
    assert path(lite, MAIN) == REASON
    assert lite.acme.provider.arrived == []
    assert path(lite, SECOND) is None, "another type of channel still reaches him"
    switch(lite, opt_outs.opt_in)
    assert label(lite, MAIN) is False
    assert path(lite, MAIN) is None


def test_a7_what_was_on_its_way_is_not_sent(house: House) -> None:
    """Answers and a campaign's message that waited in the outbox when he opted out."""
    house.reply("On its way", conversation(house, MAIN))
    scheduled(house, words=Words(text="Offer"), **NIGHTLESS)
    step(house)
    switch(house, opt_outs.opt_out, resolve=None)
    run(house, 5)
    ours = house.rows(messages, channel_id=house.channel(MAIN).id, direction="out")
    waited = {row["text"]: row["error_code"] for row in ours if row["text"] != "In vain"}
    assert waited == {"On its way": REASON, "Offer": REASON}
    assert house.acme.provider.arrived == []
