"""Reading messages and media back, as reconciliation and media fetching do."""

from datetime import UTC, datetime, timedelta

import pytest

from casella_simulator import Faults, Simulator
from casella_simulator.twilio.errors import Refused
from casella_simulator.twilio.reading import date_filter
from tests import loopback
from tests.simulator.desk import LINE, MESSAGES, PHONE, SID, TOKEN, Desk, send

AUTH = (SID, TOKEN)
NOW = datetime(2026, 11, 22, 16, 30, 15, 500_000, tzinfo=UTC)


def listed(sim: Simulator, **query: str) -> list[str]:
    answer = loopback.get(sim.url + MESSAGES, auth=AUTH, params=query)
    assert answer.status_code == 200
    return [message["body"] for message in answer.json()["messages"]]


def media_url(sim: Simulator, desk: Desk, content: bytes = b"\x89PNG picture") -> str:
    sim.text_from(PHONE, "", media=[sim.file(content, "image/png", "a.png")])
    return desk.heard[-1].form["MediaUrl0"]


def test_messages_are_listed_newest_first_both_ways(sim: Simulator) -> None:
    send(sim, Body="one")
    sim.text_from(PHONE, "two")
    send(sim, Body="three", To="+393331234567")
    assert listed(sim) == ["three", "two", "one"]
    assert listed(sim, To=PHONE) == ["one"]
    assert listed(sim, To=LINE) == ["two"]
    assert listed(sim, From=LINE, To="+393331234567") == ["three"]
    assert listed(sim, **{"DateSent>": f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%d}"}) == []
    assert listed(sim, **{"DateSent>": f"{datetime.now(UTC):%Y-%m-%d}"}) == ["three", "two", "one"]


def test_pages_are_followed_by_their_links(sim: Simulator) -> None:
    for count in range(5):
        send(sim, Body=str(count))
    seen, uri = [], f"{MESSAGES}?PageSize=2&To=%2B12025550143"
    while uri:
        page = loopback.get(sim.url + uri, auth=AUTH).json()
        assert len(page["messages"]) <= 2
        seen += [message["body"] for message in page["messages"]]
        uri = page["next_page_uri"]
    assert seen == ["4", "3", "2", "1", "0"]


def test_a_message_is_fetched_with_the_state_it_has_reached(sim: Simulator) -> None:
    body = send(sim).json()
    sim.wait_until_quiet()
    answer = loopback.get(sim.url + body["uri"], auth=AUTH).json()
    assert answer["status"] == "delivered"
    assert answer["date_sent"]
    assert loopback.delete(sim.url + body["uri"], auth=AUTH).status_code == 204
    gone = loopback.get(sim.url + body["uri"], auth=AUTH)
    assert (gone.status_code, gone.json()["code"]) == (404, 20404)


@pytest.mark.parametrize("path", [MESSAGES, MESSAGES.replace(".json", "/SM1.json"), f"/2010-04-01/Accounts/{SID}.json"])
def test_nothing_is_read_without_credentials(sim: Simulator, path: str) -> None:
    answer = loopback.get(sim.url + path, auth=(SID, "wrong"))
    assert (answer.status_code, answer.json()["code"]) == (401, 20003)


def test_the_account_and_its_numbers(sim: Simulator, desk: Desk) -> None:
    assert loopback.get(f"{sim.url}/2010-04-01/Accounts/{SID}.json", auth=AUTH).json()["status"] == "active"
    numbers = loopback.get(f"{sim.url}/2010-04-01/Accounts/{SID}/IncomingPhoneNumbers.json", auth=AUTH).json()
    assert [found["phone_number"] for found in numbers["incoming_phone_numbers"]] == [LINE]
    assert numbers["incoming_phone_numbers"][0]["sms_url"].startswith(desk.url)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, True),
        ({"DateSent": "2026-11-22"}, True),
        ({"DateSent": "2026-11-21"}, False),
        ({"DateSent>": "2026-11-22T16:30:15Z"}, True),
        ({"DateSent>": "2026-11-22T16:30:16Z"}, False),
        ({"DateSent>": "2026-11-22T17:30:15+01:00"}, True),
        ({"DateSent<": "2026-11-22"}, True),
        ({"DateSent<": "2026-11-21"}, False),
        ({"DateSent>": "2026-11-21", "DateSent<": "2026-11-23"}, True),
    ],
)
def test_dates(query: dict[str, str], found: bool) -> None:
    assert date_filter(query)(NOW) is found


def test_a_date_that_is_none_is_refused() -> None:
    with pytest.raises(Refused, match="yesterday"):
        date_filter({"DateSent": "yesterday"})


# --- media --------------------------------------------------------------------------------------------------------


def test_media_needs_credentials_and_redirects_to_a_cdn_that_refuses_them(sim: Simulator, desk: Desk) -> None:
    url = media_url(sim, desk)
    assert loopback.get(url).status_code == 401
    redirect = loopback.get(url, auth=AUTH)
    assert redirect.status_code == 307
    cdn = redirect.headers["location"]
    assert loopback.get(cdn, auth=AUTH).status_code == 400
    file = loopback.get(cdn)
    assert (file.content, file.headers["content-type"]) == (b"\x89PNG picture", "image/png")
    assert loopback.get(f"{sim.url}/cdn/guessed").status_code == 403


def test_media_is_listed_described_and_deleted(sim: Simulator, desk: Desk) -> None:
    url = media_url(sim, desk)
    parent = url.rpartition("/")[0]
    (listed_media,) = loopback.get(f"{parent}.json", auth=AUTH).json()["media_list"]
    assert url.endswith(listed_media["sid"])
    assert loopback.get(f"{url}.json", auth=AUTH).json() == listed_media
    assert loopback.delete(url, auth=AUTH).status_code == 204
    assert loopback.get(url, auth=AUTH).status_code == 404


def test_media_can_be_missing_at_first(sim: Simulator, desk: Desk) -> None:
    sim.set_faults(Faults(media_missing_first=2))
    url = media_url(sim, desk)
    assert [loopback.get(url, auth=AUTH).status_code for _ in range(3)] == [404, 404, 307]


def test_media_can_be_huge_and_lie_about_its_type(sim: Simulator, desk: Desk) -> None:
    sim.set_faults(Faults(media_bytes=300_000, media_type="text/html"))
    cdn = loopback.get(media_url(sim, desk), auth=AUTH).headers["location"]
    file = loopback.get(cdn)
    assert file.headers["content-type"].startswith("text/html")
    assert (len(file.content), file.headers["content-length"]) == (300_000, "300000")
    assert file.content.startswith(b"\x89PNG picture\0")


def test_enormous_media_streams_without_being_held(sim: Simulator, desk: Desk) -> None:
    sim.set_faults(Faults(media_bytes=2**40))
    cdn = loopback.get(media_url(sim, desk), auth=AUTH).headers["location"]
    with loopback.stream("GET", cdn) as answer:
        assert answer.headers["content-length"] == str(2**40)
        assert sum(len(chunk) for chunk, _ in zip(answer.iter_raw(), range(20), strict=False)) > 0
    assert send(sim).status_code == 201  # and the reader that went away is not read to for ever


def test_slow_media_takes_its_time(sim: Simulator, desk: Desk) -> None:
    sim.set_faults(Faults(media_delay_ms=(200, 200)))
    cdn = loopback.get(media_url(sim, desk), auth=AUTH).headers["location"]
    answer = loopback.get(cdn)
    assert answer.content == b"\x89PNG picture"
    assert answer.elapsed >= timedelta(milliseconds=190)
