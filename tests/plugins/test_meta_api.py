"""What an agent can do on WhatsApp, Messenger and Instagram by the HTTP API, as far as the customer's phone: one house,
booted once, with the API before it and the simulated Meta behind it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import anyio.from_thread
import httpx
import pytest

from casella.api.application import create_api
from casella.api.stream.feed_hub import FeedHub
from casella.inbox.reading.sessions import create_token
from casella.store.tables import channels, conversations
from casella_simulator import Faults
from tests.api.house import InProcess, no_intake
from tests.simulator.graph_desk import LINES, PHONE, Meta, meta

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 64
OPUS = b"OggS\x00\x02" + b"\x00" * 22 + b"\x01\x13OpusHead" + b"\x00" * 64
PDF = b"%PDF-1.7\n" + b"0" * 64
API = "/api/v1"


class Office:
    """Agents at their programs, and customers at their phones."""

    def __init__(self, wired: Meta, ann: httpx.Client, mara: httpx.Client) -> None:
        self.wired, self.ann, self.mara = wired, ann, mara
        self._keys = count()

    def talk(self, provider: str) -> str:
        """The conversation with the customer, who has just written."""
        self.wired.write(provider)
        self.wired.deliver()
        return str(self.wired.house.one(conversations, channel_id=self.channel(provider))["id"])

    def channel(self, provider: str) -> str:
        return str(self.wired.house.one(channels, address=LINES[provider])["id"])

    def post(self, path: str, body: dict[str, object]) -> httpx.Response:
        return self.ann.post(f"{API}{path}", json=body, headers={"Idempotency-Key": f"k{next(self._keys)}"})

    def send(self, talk: str, **body: object) -> httpx.Response:
        return self.post(f"/conversations/{talk}/messages", body)

    def upload(self, content: bytes, name: str, mime: str, **form: str) -> str:
        answer = self.ann.post(f"{API}/attachments", files={"file": (name, content, mime)}, data=form)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def arrived(self) -> str:
        self.wired.deliver()
        return self.wired.sim.phone(PHONE).texts[-1]


@pytest.fixture(scope="module")
def office(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("office")
    (folder / "casella.db").write_bytes(sqlite_template.read_bytes())
    with meta(f"sqlite:///{folder / 'casella.db'}", folder) as wired:
        rooms = wired.house.rooms
        hub = FeedHub(rooms.store)
        api = create_api(rooms, no_intake, hub=hub, readiness=dict)
        with anyio.from_thread.start_blocking_portal() as portal:
            people = []
            for key in ("ann", "mara"):
                with rooms.store.write() as db:
                    token = create_token(db, wired.house.agent(key).id, "test", rooms.clock.now()).text
                transport = InProcess(portal, api, ("127.0.0.1", 50_000))
                headers = {"Authorization": f"Bearer {token}"}
                people.append(httpx.Client(transport=transport, base_url="http://casella.test", headers=headers))
            yield Office(wired, *people)
            for client in people:
                client.close()
        hub.close()


CONTENTS: list[tuple[dict[str, object], str]] = [
    ({"text": "Hello 😀"}, "Hello 😀"),
    ({"content": {"kind": "location", "latitude": 45, "longitude": 7, "name": "Shop"}}, "📍 Shop 45.0, 7.0"),
    ({"content": {"kind": "contacts", "cards": [{"name": "Ada King", "phones": ["+39011"]}]}}, "Ada King"),
    ({"text": "Sure?", "content": {"kind": "buttons", "choices": [{"id": "Y", "title": "Yes"}]}}, "Sure?\n[Yes]"),
    (
        {
            "text": "Which?",
            "content": {"kind": "list", "button": "Show", "sections": [{"choices": [{"id": "1", "title": "One"}]}]},
        },
        "Which?\n[One]",
    ),
    (
        {"content": {"kind": "template", "name": "order_update", "language": "en", "body": ["42", "Lea"]}},
        "Your order 42 is ready, Lea.",
    ),
]


@pytest.mark.parametrize(("body", "shown"), CONTENTS, ids=[shown for _, shown in CONTENTS])
def test_every_kind_of_content_reaches_a_phone_on_whatsapp(office: Office, body: dict[str, object], shown: str) -> None:
    answer = office.send(office.talk("whatsapp"), **body)
    assert answer.status_code == 201, answer.text
    assert office.arrived() == shown


def test_a_quote_and_a_reaction_name_the_customers_message(office: Office) -> None:
    talk = office.talk("whatsapp")
    said = office.ann.get(f"{API}/conversations/{talk}/messages").json()["items"]
    newest = [message for message in said if message["direction"] == "in"][-1]
    assert office.send(talk, text="That one?", reply_to=newest["id"]).status_code == 201
    office.arrived()
    assert office.send(talk, content={"kind": "reaction", "emoji": "👍"}, reply_to=newest["id"]).status_code == 201
    assert office.arrived() == "👍"


@pytest.mark.parametrize(
    ("content", "name", "mime", "form", "text", "kind"),
    [
        (PNG, "roof.png", "image/png", {}, "This roof", "image"),
        (OPUS, "note.ogg", "audio/ogg", {"voice": "true"}, "", "voice"),
        (PDF, "offer.pdf", "application/pdf", {}, "Our offer", "document"),
    ],
)
def test_files_go_out_with_words_and_voice_as_a_note(
    office: Office, content: bytes, name: str, mime: str, form: dict[str, str], text: str, kind: str
) -> None:
    talk = office.talk("whatsapp")
    sent = office.send(talk, text=text, attachment_ids=[office.upload(content, name, mime, **form)])
    assert (sent.status_code, sent.json()["kind"]) == (201, kind)
    office.arrived()
    assert office.ann.get(f"{API}/messages/{sent.json()['id']}").json()["state"] == "read"
    entry = office.wired.sim.phone(PHONE).entries[-1]
    assert [file.content for file in entry.media] == [content]


def test_a_picture_larger_than_whatsapp_takes_is_refused_before_sending_with_the_limit(office: Office) -> None:
    talk = office.talk("whatsapp")
    large = office.upload(PNG + b"0" * (5 * 2**20), "large.png", "image/png")
    refused = office.send(talk, attachment_ids=[large])
    assert (refused.status_code, refused.json()["code"]) == (422, "attachment_too_big")
    assert "5,242,880" in refused.json()["detail"]


def test_nobody_begins_a_conversation_on_whatsapp(office: Office) -> None:
    refused = office.post("/conversations", {"channel": "whatsapp-main", "to": "+4915550109999", "text": "Hi"})
    assert (refused.status_code, refused.json()["code"]) == (422, "conversation_not_startable")


def test_templates_are_listed_with_their_states(office: Office) -> None:
    listed = office.ann.get(f"{API}/channels/{office.channel('whatsapp')}/templates").json()
    assert [(one["name"], one["state"]) for one in listed] == [("order_update", "approved"), ("refused", "rejected")]


def test_a_dead_token_is_seen_by_everybody_and_what_waits_is_sent_in_the_end(office: Office) -> None:
    talk, channel = office.talk("instagram"), office.channel("instagram")
    office.wired.sim.set_faults(Faults(refuse={190: 1.0}))
    sent = office.send(talk, text="Are you there?").json()["id"]
    office.wired.deliver()
    assert office.ann.get(f"{API}/messages/{sent}").json()["state"] == "queued"
    told = office.ann.get(f"{API}/conversations/{talk}").json()["can_send"]
    assert (told["allowed"], told["code"]) == (True, "channel_paused")
    [shown] = [one for one in office.mara.get(f"{API}/channels").json() if one["id"] == channel]
    assert "access token" in shown["paused_text"]
    office.wired.sim.set_faults()
    resumed = office.mara.post(f"{API}/channels/{channel}/resume", headers={"Idempotency-Key": "resume"})
    assert resumed.json()["paused_code"] is None
    office.wired.house.clock.move(minutes=6)
    assert office.arrived() == "Are you there?"


def test_the_window_counts_down_and_then_only_a_template_leaves(office: Office) -> None:
    talk = office.talk("whatsapp")
    before = office.ann.get(f"{API}/conversations/{talk}").json()
    assert 86_000 < before["window_seconds_left"] <= 86_400
    office.wired.house.clock.move(hours=25)
    try:
        after = office.ann.get(f"{API}/conversations/{talk}").json()
        refused = office.send(talk, text="Too late")
    finally:
        office.wired.house.clock.move(hours=-25)
    assert (after["window_seconds_left"], after["can_send"]["code"]) == (0, "outside_reply_window")
    assert (refused.status_code, refused.json()["code"]) == (422, "outside_reply_window")
    assert "template" in refused.json()["instead"]
