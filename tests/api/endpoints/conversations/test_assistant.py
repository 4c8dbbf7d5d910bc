"""The assistant over HTTP: what may be asked, what leaves the building, and what never does."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from sqlalchemy import insert, select

from casella.ids import new_id
from casella.store.tables import assistant_answers, assistant_requests, conversations, inboxes, messages, outbox
from casella_simulator import Simulator
from casella_simulator.openai.script import Turn as Told
from tests.api.assistant_house import ASSISTANT, OFFLINE, Place, open_place
from tests.house import ANNA, BERT

GOOD = {"replies": [{"text": "It is on its way.", "sources": ["S1"]}, {"text": "Soon!", "sources": []}]}


@pytest.fixture(scope="module")
def server() -> Iterator[Simulator]:
    with Simulator() as sim:
        yield sim


@pytest.fixture
def place(migrated_sqlite_url: str, tmp_path: Path, server: Simulator) -> Iterator[Place]:
    server.reset()
    with open_place(migrated_sqlite_url, tmp_path, server) as opened:
        opened.desk()
        opened.consent()
        yield opened


def ask(place: Place, conversation: str, what: str = "suggest", by: str = "ann", **body: object) -> httpx.Response:
    return place.client(by).post(f"/conversations/{conversation}/assistant/{what}", json=body)


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


# --- what is used, and what is not --------------------------------------------------------------------------------


def test_deselected_messages_never_reach_the_provider(place: Place) -> None:
    """A-9."""
    told = ["alpha one", "bravo two", "charlie three", "delta four", "echo five"]
    conversation = place.conversation(*told)
    ids = place.message_ids(conversation)
    place.sim.script_openai(Told(answer=GOOD))
    before = len(place.house.rows(outbox))
    answer = ask(place, conversation, exclude=[ids[1], ids[3]]).json()
    [read] = place.asked()
    assert [text for text in told if text in read] == ["alpha one", "charlie three", "echo five"]
    assert answer["used"]["messages"] == [ids[0], ids[2], ids[4]]
    assert not any(id in read for id in ids)
    assert len(place.house.rows(outbox)) == before
    assert len(place.house.rows(messages)) == 5


def test_a_message_of_another_conversation_cannot_be_left_out_by_mistake(place: Place) -> None:
    conversation = place.conversation("Hello")
    answer = ask(place, conversation, exclude=["01KB2Z8Q4M7T1V3X5Y7Z9A1C3E"])
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_message")
    assert place.asked() == []


def test_internal_notes_stay_inside_unless_asked_for(place: Place) -> None:
    place.desk(rules="rules: [{name: n, when: message_received, if: always, then: [{note: he is difficult}]}]\n")
    conversation = place.conversation("Where is it?")
    assert ask(place, conversation).status_code == 200
    assert ask(place, conversation, include_notes=True).status_code == 200
    assert ["he is difficult" in read for read in place.asked()] == [False, True]


def test_the_answer_says_what_was_used_and_what_each_reply_rests_on(place: Place) -> None:
    conversation = place.conversation("I want my refund now")
    place.sim.script_openai(Told(answer=GOOD))
    answer = ask(place, conversation).json()
    assert answer["used"]["canned"] == ["refund"]
    assert [proposal["canned"] for proposal in answer["proposals"]] == [["refund"], []]
    assert answer["provider"] == "main"
    assert answer["model"] == "m-1"
    assert answer["offline"] is False
    assert answer["prompt"] == "suggest@1"


def test_personal_values_stay_in_the_house_and_are_put_back(place: Place) -> None:
    conversation = place.conversation(f"I am ada@x.example, call {ANNA}, card 4111 1111 1111 1111")
    place.sim.script_openai(Told(answer={"replies": [{"text": "We write to ⟦EMAIL_1⟧.", "sources": []}]}))
    answer = ask(place, conversation).json()
    [read] = place.asked()
    assert not any(value in read for value in ("ada@x.example", ANNA, "4111"))
    assert answer["proposals"][0]["text"] == "We write to ada@x.example."
    assert answer["masked"] == {"address": 1, "card": 1, "email": 1}


@pytest.mark.parametrize(
    ("written", "locale", "asked", "expected"),
    [
        ("Buongiorno, dove si trova il mio ordine?", None, None, "Italian"),
        ("Buongiorno, dove si trova il mio ordine?", "de", None, "German"),
        ("Buongiorno, dove si trova il mio ordine?", "de", "fr", "French"),
        ("ok", None, None, "English"),
    ],
)
def test_it_writes_in_the_contacts_language(
    place: Place, written: str, locale: str | None, asked: str | None, expected: str
) -> None:
    conversation = place.conversation(written)
    if locale:
        from sqlalchemy import update

        from casella.store.tables import contacts

        with place.house.rooms.store.write() as db:
            db.execute(update(contacts).values(locale=locale))
    assert ask(place, conversation, **({"language": asked} if asked else {})).status_code == 200
    assert f"Write in {expected}," in place.asked()[0]


# --- the five wishes ----------------------------------------------------------------------------------------------


def test_generate_says_what_the_agent_wants_in_a_tone_of_the_desk(place: Place) -> None:
    conversation = place.conversation("When does it come?")
    place.sim.script_openai(Told(answer={"replies": [{"text": "Arr, tomorrow!", "sources": []}]}))
    answer = ask(place, conversation, "generate", intent="it comes tomorrow", tone="piratic")
    assert answer.json()["proposals"][0]["text"] == "Arr, tomorrow!"
    assert "Like a pirate, still polite." in place.asked()[0]
    assert '{"intent": "it comes tomorrow"}' in place.asked()[0]


def test_rewrite_uses_the_draft_and_nothing_of_the_conversation(place: Place) -> None:
    conversation = place.conversation("my secret wish")
    answer = ask(place, conversation, "rewrite", draft="it comes tomorow", how="grammar").json()
    assert "it comes tomorow" in place.asked()[0]
    assert "my secret wish" not in place.asked()[0]
    assert answer["used"] == {"messages": [], "canned": [], "answers": []}


def test_summary_is_in_the_agents_language(place: Place) -> None:
    conversation = place.conversation("Buongiorno, dove si trova il mio ordine?")
    assert ask(place, conversation, "summary").status_code == 200
    assert "Summarise it in English." in place.asked()[0]


def test_tags_and_a_canned_message_are_suggested_and_nothing_is_changed(place: Place) -> None:
    conversation = place.conversation("I want my refund now")
    place.sim.script_openai(Told(answer={"tags": ["refund", "invented"], "canned": "S1"}))
    answer = ask(place, conversation, "tags").json()
    assert answer["tags"] == ["refund"]
    assert answer["canned"] == "refund"
    assert [flag["code"] for flag in answer["flags"]] == ["unknown_tag"]
    assert place.client().get(f"/conversations/{conversation}").json()["tags"] == []


# --- refusals -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "body", "code"),
    [
        ("generate", {"intent": "hello", "tone": "rude"}, "unknown_tone"),
        ("generate", {"intent": "  ", "tone": "friendly"}, "empty_intent"),
        ("suggest", {"tone": "rude"}, "unknown_tone"),
        ("rewrite", {"draft": " ", "how": "shorter"}, "empty_draft"),
        ("rewrite", {"draft": "x", "how": "tone"}, "unknown_rewrite"),
        ("rewrite", {"draft": "x", "how": "translate"}, "no_language"),
        ("rewrite", {"draft": "x", "how": "sing"}, "invalid"),
        ("suggest", {"count": 4}, "invalid"),
    ],
)
def test_a_wish_that_cannot_be_fulfilled_is_a_422(place: Place, what: str, body: dict[str, Any], code: str) -> None:
    """A-10."""
    conversation = place.conversation("Hello")
    answer = ask(place, conversation, what, **body)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert place.asked() == []


def test_with_nothing_left_to_answer_it_says_so(place: Place) -> None:
    conversation = place.conversation("Hello")
    answer = ask(place, conversation, exclude=place.message_ids(conversation))
    assert (answer.status_code, answer.json()["code"]) == (422, "no_messages")


def test_before_the_organisation_consents_nothing_is_asked(place: Place) -> None:
    """S-52."""
    conversation = place.conversation("Hello")
    mara = place.client("mara")
    assert place.client().post("/assistant/consent", json={"accepted": True, "terms": "1"}).status_code == 403
    withdrawn = mara.post("/assistant/consent", json={"accepted": False, "terms": "1"}).json()
    assert (withdrawn["state"], withdrawn["by"]) == ("withdrawn", "Mara")
    answer = ask(place, conversation)
    assert (answer.status_code, answer.json()["code"]) == (409, "assistant_no_consent")
    assert mara.post("/assistant/consent", json={"accepted": True, "terms": "0"}).json()["code"] == "other_terms"
    assert place.asked() == []
    place.consent()
    assert ask(place, conversation).status_code == 200


@pytest.mark.parametrize(
    ("part", "code"),
    [
        ("assistant: {enabled: false}\n", "assistant_off"),
        ("assistant: {inboxes: {support: {enabled: false}}}\n", "assistant_off_here"),
    ],
)
def test_it_can_be_off_everywhere_or_in_one_inbox(place: Place, part: str, code: str) -> None:
    conversation = place.conversation("Hello")
    place.desk(part)
    answer = ask(place, conversation)
    assert (answer.status_code, answer.json()["code"]) == (409, code)
    [inbox] = place.client().get("/assistant").json()["inboxes"]
    assert (inbox["enabled"], inbox["reason"]) == (False, code)


def test_what_is_not_yours_to_see_is_not_there(place: Place) -> None:
    assert ask(place, "01KB2Z8Q4M7T1V3X5Y7Z9A1C3E").status_code == 404


@pytest.mark.parametrize("scope", ["inbox", "agent"])
@pytest.mark.parametrize("limit", ["requests: 2", "tokens: 1"])
def test_over_the_days_budget_it_refuses_until_midnight(place: Place, scope: str, limit: str) -> None:
    conversation = place.conversation("Hello")
    place.desk(ASSISTANT + f"  {scope}_budget: {{{limit}}}\n")
    statuses = [ask(place, conversation).status_code for _ in range(3)]
    assert statuses == ([200, 200, 429] if "requests" in limit else [200, 429, 429])
    refused = ask(place, conversation)
    assert refused.json()["code"] == "assistant_budget_spent"
    assert refused.json()["scope"] == scope
    assert 0 < int(refused.headers["Retry-After"]) <= 86_400
    assert ask(place, conversation, by="bob").status_code == (429 if scope == "inbox" else 200)
    place.house.clock.move(days=1)
    assert ask(place, conversation).status_code == 200


def test_an_italian_is_refused_in_italian(place: Place) -> None:
    conversation = place.conversation("Hello")
    place.desk("assistant: {enabled: false}\n")
    italian = place.client(**{"Accept-Language": "it"})
    problem = italian.post(f"/conversations/{conversation}/assistant/suggest", json={}).json()
    assert problem["detail"] == "L'assistente è disattivato; un responsabile può attivarlo nel desk."


# --- when the provider fails --------------------------------------------------------------------------------------


def test_a_provider_that_is_down_is_a_503_that_says_when_to_try_again(place: Place) -> None:
    conversation = place.conversation("Hello")
    place.sim.script_openai(always=Told(status=429, retry_after="33"))
    answer = ask(place, conversation)
    assert (answer.status_code, answer.json()["code"]) == (503, "assistant_unavailable")
    assert answer.json()["reason"] == "provider_throttled"
    assert (answer.json()["retry_after"], answer.headers["Retry-After"]) == (33, "33")


def test_the_next_provider_steps_in_and_both_are_on_record(place: Place) -> None:
    backup = '    backup: {type: openai, settings: {api_key: "${MODEL_KEY}", model: m-2, base_url: "BASE"}}'
    place.desk(ASSISTANT.replace("  tones:", f"{backup}\n  order: [backup, main]\n  tones:"))
    conversation = place.conversation("Hello")
    place.sim.script_openai(Told(status=401), Told(answer=GOOD))
    answer = ask(place, conversation).json()
    assert (answer["provider"], answer["model"]) == ("main", "m-1")
    records = place.client().get(f"/conversations/{conversation}/assistant/records").json()["items"]
    assert [(one["provider"], one["outcome"]) for one in records] == [
        ("main", "answered"),
        ("backup", "provider_refused"),
    ]


def test_an_inbox_may_have_a_provider_of_its_own(place: Place) -> None:
    place.desk(ASSISTANT + "  inboxes: {support: {providers: [offline]}}\n")
    conversation = place.conversation("I want my refund now")
    answer = ask(place, conversation).json()
    assert answer["offline"] is True
    assert answer["notice"].startswith("Offline")
    assert answer["proposals"][0]["text"] == "Your refund is on its way, dear customer."
    assert place.asked() == []


def test_without_a_key_it_works_offline_and_nothing_leaves(place: Place) -> None:
    place.desk(OFFLINE)
    conversation = place.conversation("Vorrei il rimborso, per favore, del mio ordine")
    answer = ask(place, conversation).json()
    assert answer["language"] == "it"
    assert answer["proposals"][0]["text"] == "Il rimborso è partito."
    assert place.client("mara").get("/assistant/records").json()["items"] == []


# --- streaming ----------------------------------------------------------------------------------------------------


def events(response: httpx.Response) -> list[tuple[str, dict[str, object]]]:
    found = []
    for block in response.text.strip().split("\n\n"):
        name, data = block.split("\n")
        found.append((name.removeprefix("event: "), orjson.loads(data.removeprefix("data: "))))
    return found


def test_it_streams_what_is_written_and_ends_with_the_answer(place: Place) -> None:
    conversation = place.conversation("Mail me at ada@x.example")
    told = {"replies": [{"text": "To ⟦EMAIL_1⟧ now", "sources": []}, {"text": "Two", "sources": []}]}
    place.sim.script_openai(Told(answer=told, piece_characters=3))
    streamed = ask(place, conversation, stream=True)
    assert streamed.headers["content-type"].startswith("text/event-stream")
    got = events(streamed)
    assert (
        "".join(str(data["text"]) for name, data in got if name == "delta" and data["index"] == 0)
        == "To ada@x.example now"
    )
    assert len([name for name, _ in got if name == "delta"]) > 3
    name, answer = got[-1]
    assert name == "answer"
    assert [proposal["text"] for proposal in answer["proposals"]] == ["To ada@x.example now", "Two"]  # type: ignore[attr-defined]  # what JSON holds


def test_an_error_before_the_first_word_has_its_status_and_a_later_one_is_an_event(place: Place) -> None:
    conversation = place.conversation("Hello")
    place.sim.script_openai(always=Told(status=401))
    assert ask(place, conversation, stream=True).status_code == 503
    place.sim.script_openai(Told(answer=GOOD, break_after=8, piece_characters=8))
    got = events(ask(place, conversation, stream=True))
    assert [name for name, _ in got][-1] == "error"
    assert got[-1][1]["code"] == "assistant_unavailable"
    assert got[0][0] == "delta"


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
def test_going_away_ends_the_providers_call(place: Place, stream: bool) -> None:
    conversation = place.conversation("Hello")
    place.sim.script_openai(Told(answer=GOOD, piece_ms=100, piece_characters=2, hang=not stream))
    client, path = place.client(), f"/conversations/{conversation}/assistant/suggest"
    if stream:
        with client.stream("POST", path, json={"stream": True}) as response:
            next(response.iter_raw())
    else:
        asyncio.run(_ask_and_go_away(place, client, path))
    until(lambda: place.sim.asked_openai()[0].outcome != "open")
    assert place.sim.asked_openai()[0].outcome == "canceled"
    until(lambda: place.house.one(assistant_requests)["outcome"] == "canceled")


# --- once ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
def test_the_same_key_asks_the_provider_once(place: Place, stream: bool) -> None:
    conversation = place.conversation("Hello")
    client = place.client(**{"Idempotency-Key": "k-1"})
    path = f"/conversations/{conversation}/assistant/suggest"
    first, second = (client.post(path, json={"stream": stream}) for _ in range(2))
    assert len(place.asked()) == 1
    assert second.headers["Idempotent-Replayed"] == "true"
    if stream:
        assert events(second) == [events(first)[-1]]
    else:
        assert second.json() == first.json()
    assert client.post(path, json={"count": 1}).json()["code"] == "idempotency_mismatch"


def test_a_failed_request_leaves_its_key_free(place: Place) -> None:
    conversation = place.conversation("Hello")
    client = place.client(**{"Idempotency-Key": "k-2"})
    path = f"/conversations/{conversation}/assistant/suggest"
    place.sim.script_openai(Told(status=401))
    assert client.post(path, json={}).status_code == 503
    assert client.post(path, json={}).status_code == 200


def test_a_key_that_is_under_way_is_said_to_be(place: Place) -> None:
    from casella.store.queries import idempotency_queries

    conversation = place.conversation("Hello")
    place.sim.script_openai(Told(hang=True))
    first = place.client(**{"Idempotency-Key": "k-3"})
    path = f"/conversations/{conversation}/assistant/suggest"
    asyncio.run(_ask_and_go_away(place, first, path))
    until(lambda: place.house.one(assistant_requests)["outcome"] == "canceled")
    with place.house.rooms.store.write() as db:
        fingerprint = "0" * 64
        assert idempotency_queries.begin(db, place.house.agent("ann").id, "k-4", fingerprint, place.house.clock.now())
    later = place.client(**{"Idempotency-Key": "k-4"}).post(path, json={})
    assert later.json()["code"] == "idempotency_mismatch"


async def _ask_and_go_away(place: Place, client: httpx.Client, path: str) -> None:
    """Once the provider was asked."""
    async with httpx.AsyncClient(base_url=client.base_url, headers=client.headers, timeout=60) as asking:
        call = asyncio.create_task(asking.post(path, json={}))
        while not place.sim.asked_openai():
            assert not call.done()
            await asyncio.sleep(0.01)
        call.cancel()
        with suppress(asyncio.CancelledError):
            await call


# --- what left the building ---------------------------------------------------------------------------------------


def test_every_request_that_left_can_be_read_word_by_word(place: Place) -> None:
    conversation = place.conversation("I am ada@x.example")
    ask(place, conversation)
    [record] = place.client().get(f"/conversations/{conversation}/assistant/records").json()["items"]
    assert "\n".join(message["content"] for message in record["sent"]) == place.asked()[0]
    assert record["messages"] == place.message_ids(conversation)
    assert (record["by"], record["kind"], record["outcome"]) == ("Ann", "suggest", "answered")
    assert record["masked"] == {"email": 1}
    page = place.client("mara").get("/assistant/records", params={"limit": 1}).json()
    assert page["items"] == [record]
    assert page["next"] is None
    assert place.client().get("/assistant/records").status_code == 403


def test_it_is_kept_as_long_as_the_desk_says(place: Place) -> None:
    from casella.inbox.assistant.feedback import forget_old

    conversation = place.conversation("Hello")
    ask(place, conversation)
    place.house.clock.move(days=29)
    forget_old(place.house.rooms)
    assert len(place.house.rows(assistant_requests)) == 1
    place.house.clock.move(days=2)
    forget_old(place.house.rooms)
    assert place.house.rows(assistant_requests) == []


# --- feedback -----------------------------------------------------------------------------------------------------


def feedback(place: Place, conversation: str, proposal: str, outcome: str, **more: Any) -> httpx.Response:
    return ask(place, conversation, "feedback", proposal_id=proposal, outcome=outcome, **more)


def test_feedback_is_counted_by_tone_and_canned_message(place: Place) -> None:
    conversation = place.conversation("I want my refund now")
    place.sim.script_openai(Told(answer=GOOD), Told(answer={"replies": [{"text": "Tomorrow.", "sources": []}]}))
    first, second = ask(place, conversation, tone="friendly").json()["proposals"]
    [third] = ask(place, conversation, "generate", intent="tomorrow", tone="concise").json()["proposals"]
    edited = feedback(place, conversation, first["id"], "edited", text="It is on the way.").json()
    assert edited == {"proposal_id": first["id"], "outcome": "edited", "distance": 3}
    assert feedback(place, conversation, second["id"], "discarded").json()["distance"] is None
    assert feedback(place, conversation, third["id"], "accepted").json()["distance"] == 0
    report = place.client("mara").get("/assistant/report").json()
    assert report["total"] == {"offered": 3, "accepted": 1, "edited": 1, "discarded": 1, "mean_distance": 3.0}
    assert report["tones"]["friendly"]["offered"] == 2
    assert report["canned"]["refund"] == {
        "offered": 1,
        "accepted": 0,
        "edited": 1,
        "discarded": 0,
        "mean_distance": 3.0,
    }
    assert place.client().get("/assistant/report").status_code == 403


def test_feedback_about_nothing_is_not_found(place: Place) -> None:
    conversation = place.conversation("Hello")
    assert feedback(place, conversation, "01KB2Z8Q4M7T1V3X5Y7Z9A1C3E", "accepted").status_code == 404
    [first, *_] = ask(place, conversation).json()["proposals"]
    assert feedback(place, conversation, first["id"], "edited", text=" ").json()["code"] == "empty_text"


def test_an_approved_answer_becomes_a_source_without_personal_values(place: Place) -> None:
    conversation = place.conversation("Where is the zebra parcel?", sender=ANNA)
    told = "Your zebra parcel waits at bob@y.example, +39 06 6982 1234."
    place.sim.script_openai(Told(answer={"replies": [{"text": told, "sources": []}]}))
    [proposal] = ask(place, conversation).json()["proposals"]
    feedback(place, conversation, proposal["id"], "accepted")
    place.desk(OFFLINE)
    place.house.receive(place.house.says("My zebra parcel?", sender="+390555000009"))
    other = str(place.house.rows(conversations)[-1]["id"])
    answer = ask(place, other).json()
    [first, *_] = answer["proposals"]
    assert first["text"] == "Your zebra parcel waits at [email], [phone]."
    assert first["answers"] == answer["used"]["answers"]
    assert {flag["code"] for flag in first["flags"]} == {"unfilled_hole"}


def test_the_state_tells_what_is_left_of_the_day(place: Place) -> None:
    conversation = place.conversation("Hello")
    ask(place, conversation)
    state = place.client().get("/assistant").json()
    assert (state["requests_used"], state["requests_limit"]) == (1, 300)
    assert state["tokens_used"] > 0
    assert state["inboxes"][0]["requests_used"] == 1
    assert state["inboxes"][0]["providers"] == ["main"]
    assert "piratic" in state["tones"]
    assert state["consent"]["state"] == "accepted"


def kept_as_it_was(place: Place, text: str) -> None:
    """An answer that an older version has kept."""
    with place.house.rooms.store.write() as db:
        inbox = db.execute(select(inboxes.c.id)).scalars().first()
        kept = {"id": new_id(), "inbox_id": inbox, "proposal_id": new_id(), "question": "Where is my parcel?"}
        db.execute(insert(assistant_answers), {**kept, "text": text, "at": place.house.clock.now()})


def test_a_proposal_that_repeats_another_conversations_person_is_dropped(place: Place) -> None:
    kept_as_it_was(place, "Hello, the parcel 48213 is with your neighbour Giovanni.")
    conversation = place.conversation("Where is my parcel?", sender=BERT)
    leaking = {"text": "It is with Giovanni.", "sources": []}
    place.sim.script_openai(Told(answer={"replies": [leaking, {"text": "It is on its way.", "sources": []}]}))
    answer = ask(place, conversation).json()
    assert [proposal["text"] for proposal in answer["proposals"]] == ["It is on its way."]
    assert [flag["code"] for flag in answer["flags"]] == ["other_person"]
    [read] = place.asked()
    assert "bname\\u005d" in read, "it has a hole there"
    assert "Giovanni" not in read
    assert "48213" not in read
