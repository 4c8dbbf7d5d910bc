"""The protocol over real sockets: what a browser may ask, and what everybody else may not."""

from __future__ import annotations

import base64
import json
import re
import threading
import uuid

import pytest

from casella_webchat.letters import SIGNATURE
from tests import loopback
from tests.house import until
from tests.plugins.webchat.shop import ORIGIN, Shop, Visitor, signed
from tests.simulator.test_page import png


def test_a_visitor_writes_a_rule_and_an_agent_answer_and_he_reads_it(shop: Shop, ada: Visitor) -> None:
    assert ada.write("Is the red one in stock?", profile={"name": "Ada Marks"}).status_code == 201
    until(lambda: ada.texts() == ["Is the red one in stock?", "Hello Ada!"])
    conversation = shop.conversation_with("Is the red one in stock?")
    shop.answer(conversation, "Yes, it is.")
    until(lambda: len(ada.texts()) == 3)
    answer = ada.transcript()[-1]
    assert (answer["text"], answer["sender"], answer["direction"]) == ("Yes, it is.", "Ann", "out")


def test_a_message_sent_again_is_one_message(ada: Visitor) -> None:
    client_id = str(uuid.uuid4())
    answers = [ada.write("Once", client_id) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 201]
    ada.write("Then")
    until(lambda: "Then" in ada.texts())
    assert ada.texts().count("Once") == 1


def test_the_same_client_id_of_two_visitors_is_two_messages(shop: Shop, ada: Visitor) -> None:
    bea, client_id = Visitor(shop), str(uuid.uuid4())
    bea.begin()
    ada.write("Ada's", client_id)
    bea.write("Bea's", client_id)
    until(lambda: "Ada's" in ada.texts() and "Bea's" in bea.texts())
    assert "Bea's" not in ada.texts()


def test_a_visitor_goes_on_where_he_was(shop: Shop, ada: Visitor) -> None:
    ada.write("Remember me")
    until(lambda: "Remember me" in ada.texts())
    later = Visitor(shop, resume=ada.resume)
    assert later.begin().json()["is_new"] is False
    assert "Remember me" in later.texts()


def test_what_was_read_reaches_the_agent_and_what_agents_read_the_visitor(shop: Shop, ada: Visitor) -> None:
    ada.write("Tell me when")
    conversation = shop.conversation_with("Tell me when")
    message = shop.answer(conversation, "Now")
    until(lambda: "Now" in ada.texts())
    newest = ada.transcript()[-1]["at"]
    for state in ("delivered", "read"):
        assert ada.ask("POST", "receipts", json={"state": state, "until": newest}).status_code == 204
        with shop.agent() as ann:
            until(lambda: ann.get(f"/messages/{message}").json()["state"] == state)  # noqa: B023 - asked at once
    with shop.agent() as ann:
        assert ann.post(f"/conversations/{conversation}/read").status_code == 204
    assert ada.ask("GET", "messages").json()["read_at"] is not None


def test_typing_reaches_the_agent(shop: Shop, ada: Visitor) -> None:
    ada.write("I am thinking")
    conversation = shop.conversation_with("I am thinking")
    with shop.agent() as ann:
        cursor = ann.get("/events/poll").json()["cursor"]
        assert ada.ask("POST", "typing").status_code == 204

        def told() -> bool:
            events = ann.get("/events/poll", params={"after": cursor}).json()["events"]
            return any(e["kind"] == "conversation.typing" and e["conversation_id"] == conversation for e in events)

        until(told)


def test_a_file_goes_both_ways(shop: Shop, ada: Visitor) -> None:
    kept = ada.upload(png(3, 2), "my%20parcel.png").json()
    assert (kept["kind"], kept["mime"], kept["name"]) == ("image", "image/png", "my parcel.png")
    assert ada.write("Look", uploads=[kept["upload"]]).status_code == 201
    conversation = shop.conversation_with("Look")
    (file,) = shop.messages(conversation)[0]["attachments"]
    assert (file["state"], file["mime"], file["name"]) == ("stored", "image/png", "my parcel.png")
    (own,) = ada.transcript()[0]["files"]
    given = loopback.get(own["url"])
    assert given.content == png(3, 2)
    assert given.headers["x-content-type-options"] == "nosniff"
    with shop.agent() as ann:
        invoice = ann.post("/attachments", files={"file": ("bill.pdf", b"%PDF-1.4 bill", "application/pdf")}).json()
    shop.answer(conversation, "Your bill", attachment_ids=[invoice["id"]])
    until(lambda: "Your bill" in ada.texts())
    (bill,) = ada.transcript()[-1]["files"]
    given = loopback.get(bill["url"])
    assert given.content == b"%PDF-1.4 bill"
    assert given.headers["content-disposition"].startswith("attachment")


# --- as an attacker ---------------------------------------------------------------------------------------------


def test_a_transcript_holds_no_notes_and_nobody_elses(shop: Shop, ada: Visitor) -> None:
    bea = Visitor(shop)
    bea.begin()
    ada.write("Ada writes")
    bea.write("Bea writes")
    until(lambda: "Ada writes" in ada.texts() and "Bea writes" in bea.texts())
    assert not {"Bea writes"} & set(ada.texts())
    whole = json.dumps(ada.transcript())
    assert "note" not in {message["direction"] for message in ada.transcript()}
    assert bea.token not in whole


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "https://shop.example.evil.example", "null", "", "http://shop.example"]
)
@pytest.mark.parametrize(
    ("method", "path"), [("POST", "session"), ("GET", "messages"), ("GET", "events"), ("OPTIONS", "messages")]
)
def test_another_origin_gets_nothing_and_may_read_nothing(ada: Visitor, origin: str, method: str, path: str) -> None:
    answer = ada.ask(method, path, headers={"origin": origin}, **({"json": {}} if method == "POST" else {}))
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers


def test_a_token_counts_at_its_own_widget_and_origin_only(shop: Shop, ada: Visitor) -> None:
    for widget in ("blog", "other"):
        stranger = Visitor(shop, widget=widget, token=ada.token, resume=ada.resume)
        assert stranger.ask("GET", "messages").status_code == 401
        assert stranger.begin().json()["is_new"] is True


def altered(token: str) -> list[str]:
    """What somebody without the key makes of a token."""
    body, _, signature = token.partition(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    other = base64.urlsafe_b64encode(json.dumps({**claims, "visitor": "u:boss"}).encode()).rstrip(b"=").decode()
    later = base64.urlsafe_b64encode(json.dumps({**claims, "expires": 2**40}).encode()).rstrip(b"=").decode()
    return [
        f"{other}.{signature}",
        f"{later}.{signature}",
        f"{body}.",
        body,
        f"{body}.{signature}=",
        f"{body}.%",
        "." * 9,
    ]


def test_a_forged_token_is_refused(ada: Visitor) -> None:
    for token in altered(ada.token):
        answer = ada.ask("GET", "messages", headers={"authorization": f"Bearer {token}"})
        assert (answer.status_code, answer.json()["code"]) == (401, "token_expired"), token
        assert answer.headers["access-control-allow-origin"] == ORIGIN, "the page must learn to begin anew"


def test_one_kind_of_token_is_not_taken_for_another(ada: Visitor) -> None:
    upload = ada.upload(png()).json()["upload"]
    for token in (ada.resume, upload):
        assert ada.ask("GET", "messages", headers={"authorization": f"Bearer {token}"}).status_code == 401
    assert ada.write("x", uploads=[ada.token]).status_code == 422


def test_a_customer_is_who_the_website_vouches_for(shop: Shop) -> None:
    first, second = Visitor(shop), Visitor(shop)
    assert first.begin(identity=signed("ann-7")).json()["visitor"] == "customer"
    assert first.resume is None, "signing out at the website ends it"
    first.write("From my telephone")
    until(lambda: "From my telephone" in first.texts())
    second.begin(identity=signed("ann-7"))
    assert "From my telephone" in second.texts()


def test_a_browser_that_forgets_ends_its_own_tokens_and_nobody_elses(shop: Shop, ada: Visitor) -> None:
    ada.write("From two browsers")
    until(lambda: ada.texts())
    bea, stolen = Visitor(shop), Visitor(shop, token=ada.token, resume=ada.resume, address=ada.address)
    bea.begin()
    upload = ada.upload(png()).json()["upload"]
    renewed = Visitor(shop, resume=ada.resume)
    renewed.begin()
    ended = ada.ask("POST", "session/end", json={"resume": ada.resume}, headers={"authorization": ""})
    assert ended.status_code == 204
    for token in (ada.token, renewed.token):
        answer = ada.ask("GET", "messages", headers={"authorization": f"Bearer {token}"})
        assert (answer.status_code, answer.json()["code"]) == (401, "token_expired")
    for resume in (ada.resume, renewed.resume):
        assert Visitor(shop, resume=resume).begin().json()["is_new"] is True
    assert stolen.ask("GET", "events").status_code == 401
    assert bea.ask("GET", "messages").status_code == 200
    assert bea.write("mine now", uploads=[upload]).status_code == 422


def test_ending_a_session_tells_nobody_which_tokens_count(shop: Shop, ada: Visitor) -> None:
    for body in ({}, {"resume": None}, {"resume": "nonsense"}, {"resume": altered(ada.resume or "")[0]}):
        assert ada.ask("POST", "session/end", json=body, headers={"authorization": ""}).status_code == 204
    assert ada.ask("GET", "messages").status_code == 200
    assert ada.ask("POST", "session/end", json={}).status_code == 204
    assert ada.ask("GET", "messages").status_code == 401
    assert ada.ask("POST", "session/end", content=b"x", headers={"content-type": "application/json"}).status_code == 422


def test_a_customer_who_signs_out_is_vouched_for_anew(shop: Shop) -> None:
    here, there = Visitor(shop), Visitor(shop)
    for visitor in (here, there):
        visitor.begin(identity=signed("cat-9"))
    assert here.ask("POST", "session/end", json={}).status_code == 204
    assert here.ask("GET", "messages").status_code == 401
    assert there.ask("GET", "messages").status_code == 200, "his other browser goes on"
    assert here.begin(identity=signed("cat-9")).status_code == 200
    assert here.ask("GET", "messages").status_code == 200


def test_an_agent_signs_a_visitor_out_everywhere_and_his_streams_show_nothing_more(shop: Shop, ada: Visitor) -> None:
    ada.write("My laptop was stolen")
    conversation = shop.conversation_with("My laptop was stolen")
    cursor = ada.ask("GET", "messages").json()["cursor"]
    headers = {"origin": ORIGIN, "authorization": f"Bearer {ada.token}", "last-event-id": cursor}
    url = f"{shop.url}/channels/webchat/shop/events"
    with loopback.stream("GET", url, headers=headers, timeout=20) as stream, shop.agent() as ann:
        lines = stream.iter_lines()
        assert next(lines).startswith("retry")
        contact = ann.get(f"/conversations/{conversation}").json()["contact"]["id"]
        assert ann.post(f"/contacts/{contact}/sign-out").status_code == 200
        answer = shop.answer(conversation, "For the owner's eyes")
        until(lambda: ann.get(f"/messages/{answer}").json()["state"] == "sent")
        assert not [line for line in lines if "owner" in line], "it ends without having shown it"
    assert ada.ask("GET", "messages").status_code == 401
    assert Visitor(shop, resume=ada.resume).begin().json()["is_new"] is True


def test_a_forged_identity_is_refused_and_is_nobody(shop: Shop) -> None:
    for identity in (
        signed("boss", "another secret of the same length!!!"),
        {"user_id": "boss", "hmac": signed("ann")["hmac"]},
        {"user_id": "boss", "hmac": signed("boss")["hmac"].upper()},
        {"user_id": "boss", "hmac": "é"},
    ):
        forger = Visitor(shop)
        answer = forger.begin(identity=identity)
        assert (answer.status_code, answer.json()["code"]) == (403, "identity_refused")
        assert forger.token == ""


def test_without_an_identity_secret_nobody_is_identified(shop: Shop) -> None:
    assert Visitor(shop, widget="other").begin(identity=signed("boss", "")).status_code == 403


def test_somebody_elses_file_cannot_be_attached(shop: Shop, ada: Visitor) -> None:
    bea = Visitor(shop)
    bea.begin()
    kept = ada.upload(png()).json()["upload"]
    assert bea.write("mine now", uploads=[kept]).status_code == 422
    assert ada.write("mine", uploads=[kept]).status_code == 201
    assert ada.write("mine again", uploads=[kept]).status_code == 201
    until(lambda: "mine again" in ada.texts())
    files = {message["text"]: message["files"] for message in ada.transcript()}
    assert files["mine"][0]["url"] is not None
    assert files["mine again"][0]["url"] is None


@pytest.mark.parametrize(
    ("content", "mime"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "image/svg+xml"),
        (b"<!doctype html><script>alert(1)</script>", "text/html"),
        (b"<!doctype html><script>alert(1)</script>", "image/png"),
        (b"MZ\x90\x00 a program", "application/octet-stream"),
    ],
)
def test_what_could_run_is_not_taken(ada: Visitor, content: bytes, mime: str) -> None:
    answer = ada.upload(content, "x.png", mime)
    assert (answer.status_code, answer.json()["code"]) == (415, "file_type_refused")


def test_a_file_has_limits_and_needs_a_token_before_it_is_read(shop: Shop, ada: Visitor) -> None:
    assert ada.upload(png() + b"\0" * 1_000_000).status_code == 413
    assert ada.upload(b"").status_code == 422
    assert Visitor(shop).upload(png()).status_code == 401


def test_a_stranger_cannot_post_to_the_webhook_even_with_a_token(shop: Shop, ada: Visitor) -> None:
    letter = {"type": "message", "widget": "shop", "visitor": "u:boss", "client_id": str(uuid.uuid4()), "text": "evil"}
    headers = {"authorization": f"Bearer {ada.token}", "origin": ORIGIN}
    for signature in ({}, {SIGNATURE: ""}, {SIGNATURE: "0" * 64}):
        answer = loopback.post(f"{shop.url}/webhooks/website", json=letter, headers={**headers, **signature})
        assert answer.status_code == 403


def test_no_secret_or_token_is_in_an_address_or_an_answer(shop: Shop, ada: Visitor) -> None:
    answer = ada.begin()
    assert "s3cret" not in answer.text
    script = loopback.get(f"{shop.url}/channels/webchat/widget.js").text
    assert not re.search(r"[?&](token|resume|authorization)=", script)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"null", b"[]", b"{", b'{"client_id": "short", "text": "x"}', b'{"client_id": 7}', b"[" * 5000, b"\xff",
        b'{"client_id": "0191c2d4-0000-7000-8000-000000000001"}',
        b'{"client_id": "0191c2d4-0000-7000-8000-000000000001", "text": "\\ud800"}',
        b'{"client_id": "0191c2d4-0000-7000-8000-000000000001", "text": "' + b"x" * 10_001 + b'"}',
        b'{"client_id": "0191c2d4-0000-7000-8000-000000000001", "text": "x", "uploads": ["a","a","a","a","a","a"]}',
    ],
)  # fmt: skip
def test_a_malformed_message_is_refused_with_a_sentence(ada: Visitor, body: bytes) -> None:
    answer = ada.ask("POST", "messages", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert ada.ask("POST", "messages", content=body, headers={"content-type": "text/plain"}).status_code == 415


def test_who_writes_too_much_is_slowed_down(shop: Shop) -> None:
    eager = Visitor(shop)
    eager.begin()
    statuses = [eager.ask("POST", "typing").status_code for _ in range(42)]
    assert statuses[0] == 204
    assert statuses[-1] == 429
    refused = eager.ask("POST", "typing")
    assert int(refused.headers["retry-after"]) > 0
    assert "Retry-After" in refused.headers["access-control-expose-headers"]


def test_the_widget_is_told_its_texts_questions_and_hours(shop: Shop) -> None:
    assert Visitor(shop).begin(language="it-IT").json()["widget"]["texts"] == {"title": "Chiedi al negozio"}
    blog = Visitor(shop, widget="blog").begin().json()["widget"]
    assert blog["pre_chat"] == [{"name": "name", "required": True}, {"name": "email", "required": False}]
    assert blog["opening"] == {"is_open": False, "next_open": None}


def test_the_stream_tells_a_visitor_his_own_and_goes_on_where_it_was_cut(shop: Shop, ada: Visitor) -> None:
    ada.write("Streaming")
    conversation = shop.conversation_with("Streaming")
    cursor = ada.ask("GET", "messages").json()["cursor"]
    ids: list[str] = []
    for round_ in range(2):
        wanted = [f"round {round_} {number}" for number in range(3)]
        sender = threading.Thread(target=lambda: [shop.answer(conversation, text) for text in wanted])  # noqa: B023 - joined below
        heard: list[str] = []
        with loopback.stream(
            "GET",
            f"{shop.url}/channels/webchat/shop/events",
            headers={
                "origin": ORIGIN,
                "authorization": f"Bearer {ada.token}",
                "last-event-id": ids[-1] if ids else cursor,
            },
            timeout=20,
        ) as stream:
            assert stream.headers["access-control-allow-origin"] == ORIGIN
            sender.start()
            for line in stream.iter_lines():
                if line.startswith("id: "):
                    ids.append(line[4:])
                if line.startswith("data: ") and '"state":"sent"' in line:
                    heard.append(json.loads(line[6:])["text"])
                if len(heard) == 3:
                    break
        sender.join()
        assert heard == wanted
    assert len(set(ids)) == len(ids)
