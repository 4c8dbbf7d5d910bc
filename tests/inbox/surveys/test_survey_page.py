"""Surveys answered by link: looking is no answer, one answer counts, and nobody answers for somebody else."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
import uvicorn
from playwright.sync_api import Page

from casella.api.application import create_api
from casella.api.serving import Server
from casella.api.stream.feed_hub import FeedHub
from casella.inbox import reports
from casella.inbox.commands import surveying
from casella.inbox.sending.claims import claim_due
from casella.inbox.surveys import link_of
from casella.store.tables import contacts, conversations, messages, surveys_sent
from tests import loopback
from tests.api.house import no_intake
from tests.house import CANNED, DESK, House, until
from tests.inbox.personal.test_read_marks import member
from tests.inbox.rule_texts import rule, tags

SURVEYS = (
    "surveys:\n"
    "  csat: {question: how_was_it, by: link, open_for: 2d}\n"
    "  thumbs: {question: how_was_it, kind: thumbs, by: link}\n"
    "  words: {question: how_was_it, kind: text, by: link}\n"
)
TEXTS = CANNED + "  how_was_it: {text: How was it? <b>Be honest</b>}\n"
HAPPY = rule("tag: vip", name="Happy", when="survey_answered", condition="{survey.score: {gte: 4}}")
SAD = rule("tag: refund", name="Sad", when="survey_answered", condition="{survey.score: {lte: 2}}")


@pytest.fixture
def home(house: House) -> House:
    house.apply(desk=DESK + SURVEYS, canned=TEXTS, rules=f"rules:\n{HAPPY}{SAD}")
    house.receive(house.says("Hello"))
    return house


@pytest.fixture
def browser_less(home: House) -> Iterator[httpx.Client]:
    """A client of the house behind a real server, without a browser's habits."""
    hub = FeedHub(home.rooms.store)
    server = Server(
        uvicorn.Config(
            create_api(home.rooms, no_intake, hub=hub, readiness=dict),
            port=0, log_config=None, access_log=False,
        ),
        hub,
    )  # fmt: skip
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    until(lambda: server.started, "the server to start")
    port = server.servers[0].sockets[0].getsockname()[1]
    with loopback.Client(base_url=f"http://127.0.0.1:{port}") as client:
        yield client
    server.should_exit = True
    thread.join(10)


def asked(home: House, key: str) -> str:
    """Its page's path."""
    with home.rooms.store.write() as db:
        id = str(home.rows(conversations)[-1]["id"])
        surveying.send(db, home.rooms, member(home, "ann"), id, key, home.clock.now())
    return urlsplit(link_of(home.rooms, str(home.rows(surveys_sent)[-1]["id"]))).path


def test_the_link_leaves_with_the_question_and_nobody_here_reads_it(home: House) -> None:
    path = asked(home, "csat")
    with home.rooms.store.write() as db:
        claims, _ = claim_due(home.rooms, db, 1, home.clock.now())
    [claim] = claims
    question, link = claim.message.text.rsplit("\n", 1)
    assert question == home.one(messages, id=claim.message_id)["text"] == "How was it? <b>Be honest</b>"
    assert urlsplit(link).path == path
    signature = path.rsplit(".", 1)[1]
    assert all(signature not in str(row) for row in home.rows(messages))


def sending(home: House) -> tuple[object, object, bool]:
    row = home.rows(surveys_sent)[-1]
    return row["score"], row["comment"], row["answered_at"] is not None


def test_looking_is_no_answer_and_an_answer_may_be_changed(home: House, browser_less: httpx.Client) -> None:
    path = asked(home, "csat")
    for _ in range(3):
        looked = browser_less.get(path)
        assert looked.status_code == 200
    assert browser_less.head(path).status_code in (200, 405)
    assert "<b>" not in looked.text
    assert "&lt;b&gt;Be honest" in looked.text
    assert looked.headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")
    assert (looked.headers["cache-control"], looked.headers["referrer-policy"]) == ("no-store", "no-referrer")
    assert sending(home) == (None, None, False)
    done = browser_less.post(path, data={"score": "5", "comment": " <i>Fine</i> "})
    assert (done.status_code, done.headers["location"]) == (303, path)
    assert sending(home) == (5, "<i>Fine</i>", True)
    assert tags(home) == {"vip"}
    again = browser_less.get(path).text
    assert 'value="5" required checked' in again
    assert "&lt;i&gt;Fine&lt;/i&gt;</textarea>" in again
    assert "Thank you" in again
    browser_less.post(path, data={"score": "1"})
    assert sending(home) == (1, None, True)
    assert tags(home) == {"vip"}  # rules hear of the first


SAID: list[tuple[str, dict[str, str], tuple[object, object, bool]]] = [
    ("thumbs", {"score": "0"}, (0, None, True)),
    ("thumbs", {"score": "5"}, (None, None, False)),
    ("words", {"comment": "All was well"}, (None, "All was well", True)),
    ("words", {"comment": "  "}, (None, None, False)),
    ("words", {"score": "5", "comment": "x"}, (None, None, False)),
    ("csat", {"score": "6"}, (None, None, False)),
    ("csat", {"score": "-1"}, (None, None, False)),
    ("csat", {"score": "٣"}, (None, None, False)),
    ("csat", {"comment": "only this"}, (None, None, False)),
    ("csat", {"score": "4", "comment": "x" * 2001}, (None, None, False)),
    ("csat", {"score": "4", "comment": "x" * 40_000}, (None, None, False)),
    ("csat", {}, (None, None, False)),
]


def test_only_an_answer_to_the_question_counts(home: House, browser_less: httpx.Client) -> None:
    for key in ("thumbs", "words", "csat"):
        path = asked(home, key)
        for data, found in [(data, found) for about, data, found in SAID if about == key]:
            answer = browser_less.post(path, data=data)
            assert (answer.status_code, sending(home)) == (303 if found[2] else 422, found), (key, data)
            with home.rooms.store.write() as db:
                db.execute(surveys_sent.update().values(score=None, comment=None, answered_at=None))


def test_a_link_ends_with_its_time(home: House, browser_less: httpx.Client) -> None:
    path = asked(home, "csat")
    assert browser_less.post(path, data={"score": "4"}).status_code == 303
    home.later(days=2)
    for gone in (browser_less.get(path), browser_less.post(path, data={"score": "1"})):
        assert gone.status_code == 404
        assert "no longer valid" in gone.text
    assert sending(home)[0] == 4


def test_a_forged_link_leads_nowhere(home: House, browser_less: httpx.Client) -> None:
    path = asked(home, "csat")
    other = path[:-4] + ("AAAA" if not path.endswith("AAAA") else "BBBB")
    assert browser_less.get(other).status_code == 404
    assert browser_less.post(other, data={"score": "1"}).status_code == 404
    assert sending(home) == (None, None, False)


def test_it_speaks_the_contacts_language_else_the_browsers(home: House, browser_less: httpx.Client) -> None:
    path = asked(home, "csat")
    assert '<html lang="it">' in browser_less.get(path, headers={"Accept-Language": "it-IT,en;q=0.5"}).text
    assert '<html lang="en">' in browser_less.get(path, headers={"Accept-Language": "fr"}).text
    with home.rooms.store.write() as db:
        db.execute(contacts.update().values(locale="it"))
    assert '<html lang="it">' in browser_less.get(path, headers={"Accept-Language": "en"}).text


def test_words_on_the_channel_are_kept_and_go_on_as_a_message(house: House) -> None:
    desk = DESK + "surveys:\n  words: {question: how_was_it, kind: text}\n"
    house.apply(desk=desk, canned=TEXTS, rules="rules:\n" + rule("survey", when="conversation_closed", name="Ask"))
    house.receive(house.says("Hello"))
    house.close_conversation(house.rows(conversations)[-1]["id"])
    house.receive(house.says("It was fine, but where is my order?"))
    assert sending(house) == (None, "It was fine, but where is my order?", True)
    assert [row["status"] for row in house.rows(conversations)] == ["closed", "open"]


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (1200, "dark")])
def test_the_page_is_answered_by_keyboard_at_every_width(
    home: House, browser_less: httpx.Client, page: Page, tmp_path: Path, width: int, scheme: str
) -> None:
    page.set_viewport_size({"width": width, "height": 640})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.goto(str(browser_less.base_url.join(asked(home, "csat"))))
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.screenshot(path=tmp_path / f"survey-{scheme}.png", full_page=True)
    page.get_by_role("radio", name="3").focus()
    page.keyboard.press("ArrowRight")
    page.get_by_label("Anything else").fill("Slow")
    page.get_by_role("button", name="Send").click()
    page.get_by_role("status").wait_for()
    assert sending(home) == (4, "Slow", True)


def test_answers_of_every_kind_are_in_the_report(home: House, browser_less: httpx.Client) -> None:
    browser_less.post(asked(home, "words"), data={"comment": "All was well"})
    browser_less.post(asked(home, "thumbs"), data={"score": "0", "comment": "Slow"})
    today = home.clock.now().date()
    period = reports.period_of(home.rooms.desk.current, today, today, "UTC", None)
    with home.rooms.store.read() as db:
        found = reports.survey_results(db, home.rooms, member(home, "mara"), period, reports.About())
    figures = {one.survey: (one.sent, one.answered, one.mean, dict(one.scores)) for one in found.surveys}
    assert figures == {"words": (1, 1, None, {}), "thumbs": (1, 1, 0.0, {0: 1})}
    assert {(one.score, one.comment) for one in found.newest} == {(None, "All was well"), (0, "Slow")}
    asked_for = {one.survey: (one.question is not None, one.kind, one.lowest, one.highest) for one in found.surveys}
    assert asked_for == {"words": (True, "text", 0, 0), "thumbs": (True, "thumbs", 0, 1)}
