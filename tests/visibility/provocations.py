"""Whatever makes the feed tell something of a conversation besides the API's own writes, which the walk tries out."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import update

from casella.inbox.assistant.rule_drafts import write_due_draft
from casella.inbox.commands import opt_outs
from casella.inbox.contacts import importing
from casella.inbox.house import plugin_watch
from casella.inbox.receiving import profiles, thumbnails
from casella.inbox.sending.settling import settle
from casella.plugin import Profile
from casella.store.tables import attachments, contact_profiles, messages
from tests.house import ENVIRONMENT, until
from tests.visibility.world import CANNED, DESK, PLAIN, RULES, Subject, World

Provocation = Callable[[World, Subject], None]


def the_contact_writes(world: World, subject: Subject) -> None:
    """Rules draft an answer and tell agents of both inboxes."""
    world.house.receive(world.house.says(f"draftit and tellit {subject.mark}", subject.number, to=PLAIN))


def a_draft_is_ready(world: World, subject: Subject) -> None:
    while write_due_draft(world.house.rooms):
        pass


def the_contact_types(world: World, subject: Subject) -> None:
    _from(world, subject, kind="typing", since=world.house.clock.now())


def the_contact_edits_reacts_and_takes_back(world: World, subject: Subject) -> None:
    last = [row for row in world.house.rows(messages, conversation_id=subject.conversation) if row["external_id"]][-1]
    _from(world, subject, kind="message_edited", external_id=last["external_id"], text=f"Rather {subject.mark}")
    _from(world, subject, kind="reaction", external_id=last["external_id"], emoji="👍")
    _from(world, subject, kind="message_deleted", external_id=last["external_id"])


def the_business_writes_elsewhere(world: World, subject: Subject) -> None:
    _from(world, subject, kind="message_echoed", external_id=f"echo-{subject.mark}", text=f"By phone {subject.mark}")


def a_reply_is_sent_and_read(world: World, subject: Subject) -> None:
    told = world.house.reply(f"As agreed {subject.mark}", subject.conversation)
    assert world.house.deliver()
    external = world.house.one(messages, id=told)["external_id"]
    world.house.receive(world.house.receipt(external, "delivered", to=PLAIN, contact_address=subject.number))
    _from(world, subject, kind="read", watermark=world.house.clock.now())


def a_send_in_doubt_is_settled(world: World, subject: Subject) -> None:
    settle(world.house.rooms, subject.unconfirmed, "sent")


def a_picture_is_shrunk(world: World, subject: Subject) -> None:
    due = {"thumbnail_state": None, "thumbnail_due_at": None}
    with world.house.rooms.store.write() as db:
        db.execute(update(attachments).where(attachments.c.id == subject.attachment).values(due))
    until(lambda: thumbnails.shrink_due(world.house.rooms), "a picture to shrink")


def the_provider_says_who_he_is(world: World, subject: Subject) -> None:
    world.house.acme.instead["profile"] = lambda *_: Profile(name=f"Dr {subject.number}")
    with world.house.rooms.store.write() as db:
        db.execute(update(contact_profiles).values(due_at=world.house.clock.now(), name=f"Mr {subject.number}"))
    until(lambda: profiles.ask_due(world.house.rooms, world.house.http), "a profile to be asked for")


def he_opts_out_by_hand_and_by_himself(world: World, subject: Subject) -> None:
    now, rooms = world.house.clock.now(), world.house.rooms
    with rooms.store.write() as db:
        opt_outs.opt_out(
            db, rooms, subject.conversation, reason=f"Asked {subject.mark}", resolve=f"Noted {subject.mark}",
            by=world.house.agent("dora").id, at=now,
        )  # fmt: skip
    _from(world, subject, kind="consent", state="opted_in", source="keyword", evidence="START")


def he_refers_to_an_advertisement(world: World, subject: Subject) -> None:
    _from(world, subject, kind="referral", source="ad", text=f"Spring {subject.mark}")


def the_channel_is_paused(world: World, subject: Subject) -> None:
    told = world.house.reply(f"Once more {subject.mark}", subject.conversation)
    world.house.deliver()
    external = world.house.one(messages, id=told)["external_id"]
    problem = {"code": "no_money", "text": "The account is empty.", "retryable": False, "pauses_channel": True}
    failed = world.house.receipt(external, "failed", to=PLAIN, contact_address=subject.number, problem=problem)
    world.house.receive(failed)
    answer = world.client("dora").post(f"/api/v1/channels/{world.house.channel(PLAIN).id}/resume")
    assert answer.status_code == 200, answer.text


def an_agent_comes(world: World, subject: Subject) -> None:
    for available in (False, True):
        answer = world.client("ann").put("/api/v1/me/availability", json={"available": available})
        assert answer.status_code == 200, answer.text


def a_plugin_is_set_aside_and_works_again(world: World, subject: Subject) -> None:
    breakers = world.house.host.breakers
    for number in range(3):
        breakers.failed("acme", "templates", f"raised {subject.mark}", f"{number}")
    plugin_watch.agree(world.house.rooms)
    breakers.worked("acme", "templates")
    plugin_watch.agree(world.house.rooms)


def he_is_renamed(world: World, subject: Subject) -> None:
    answer = world.client("ann").patch(f"/api/v1/contacts/{subject.contact}", json={"name": f"Ada {subject.number}"})
    assert answer.status_code == 200, answer.text


def a_file_of_contacts_is_taken_in(world: World, subject: Subject) -> None:
    world.new_import()
    while importing.take_some(world.house.rooms):
        pass


def the_desk_is_changed(world: World, subject: Subject) -> None:
    other = DESK.replace("name: Shop}", f"name: Shop {len(world.marks)}, alarm_after: {subject.number[-3:]}m}}")
    world.house.apply(desk=other, canned=CANNED, rules=RULES, environment=ENVIRONMENT)


def a_token_is_revoked(world: World, subject: Subject) -> None:
    assert world.client("ann").delete(f"/api/v1/me/tokens/{world.new_token('ann')}").status_code == 204


def a_colleague_reads_and_types(world: World, subject: Subject) -> None:
    for act in ("reopen", "read", "unread", "typing", "viewing"):
        answer = world.client("dora").post(f"/api/v1/conversations/{subject.conversation}/{act}")
        assert answer.status_code in (200, 204), answer.text


def it_is_taken_from_somebody(world: World, subject: Subject) -> None:
    """Whoever had it gets a notice, if he may still see it."""
    world.assign(subject, "ann")
    body = {"assignee": None, "expected": world.house.agent("ann").id}
    answer = world.client("dora").post(f"/api/v1/conversations/{subject.conversation}/assign", json=body)
    assert answer.status_code == 200, answer.text


def he_drafts_and_sees_his_notices(world: World, subject: Subject) -> None:
    body = {"text": f"Dear {subject.mark}"}
    kept = world.client("dora").put(f"/api/v1/me/drafts/{subject.conversation}/reply", json=body)
    seen = world.client("ann").post("/api/v1/me/notices/seen", json={"notice_ids": None})
    assert (kept.status_code, seen.status_code) == (200, 204), (kept.text, seen.text)


def an_agent_chooses_for_himself(world: World, subject: Subject) -> None:
    body = {"status_message": f"Back at {subject.number[-2:]}", "theme": "dark"}
    answer = world.client("ann").patch("/api/v1/me/settings", json=body)
    assert answer.status_code == 200, answer.text


def another_system_is_told(world: World, subject: Subject) -> None:
    answer = world.client("dora").patch(f"/api/v1/subscriptions/{world.subscription}", json={"active": True})
    assert answer.status_code == 200, answer.text


def a_campaign_is_written_down(world: World, subject: Subject) -> None:
    id = world.new_campaign("schedule", "pause")
    answer = world.client("mara").post(f"/api/v1/campaigns/{id}/cancel")
    assert answer.status_code == 200, answer.text


def somebody_comes(world: World, subject: Subject) -> None:
    world.spare = world.new_contact()


def and_is_erased(world: World, subject: Subject) -> None:
    """What was told of him is heard before: then it is not in the feed any more."""
    path = f"/api/v1/contacts/{world.spare}/erasure"
    answer = world.client("dora").post(path, json={"dry_run": False})
    assert answer.status_code == 200, answer.text


def colleagues_chat(world: World, subject: Subject) -> None:
    """Ann and Sue, and Ann's team: nobody else hears of it, whatever his role."""
    ann, sue = world.client("ann"), world.client("sue")
    for body in ({"with_agents": [world.house.agent("sue").id]}, {"team": "front"}):
        chat = ann.post("/api/v1/chats", json=body).json()
        key = {"Idempotency-Key": f"{chat['id']}-{subject.mark}"}
        said = ann.post(f"/api/v1/chats/{chat['id']}/messages", json={"text": "Lunch?"}, headers=key)
        reader = sue if "with_agents" in body else world.client("rob")
        read = reader.post(f"/api/v1/chats/{chat['id']}/read", json={})
        assert (said.status_code, read.status_code, read.json()["unread"]) == (201, 200, 0), (said.text, read.text)


def _from(world: World, subject: Subject, **event: object) -> None:
    world.house.receive({"channel_address": PLAIN, "contact_address": subject.number, **event})


PROVOCATIONS: tuple[Provocation, ...] = (
    the_contact_writes, a_draft_is_ready, the_contact_types, the_contact_edits_reacts_and_takes_back,
    the_business_writes_elsewhere, a_reply_is_sent_and_read, a_send_in_doubt_is_settled, a_picture_is_shrunk,
    the_provider_says_who_he_is, he_refers_to_an_advertisement, a_colleague_reads_and_types,
    it_is_taken_from_somebody, he_drafts_and_sees_his_notices, an_agent_chooses_for_himself,
    another_system_is_told, a_campaign_is_written_down, somebody_comes, and_is_erased, colleagues_chat,
    the_channel_is_paused, he_opts_out_by_hand_and_by_himself, an_agent_comes,
    he_is_renamed, a_file_of_contacts_is_taken_in, the_desk_is_changed,
    a_token_is_revoked, a_plugin_is_set_aside_and_works_again,
)  # fmt: skip
