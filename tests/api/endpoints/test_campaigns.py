"""Campaigns over the API: for managers of the inbox, once for each key, and not where they are not in the plan."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

import httpx
import pytest

from casella.inbox.campaigns import State, feed_some, people
from casella.plugin import Channel, MessageTemplate
from casella.plugin.content import TemplateState
from casella.store.tables import campaigns, messages
from tests.fakes import AcmeChannel, AcmeSettings
from tests.house import ENVIRONMENT, House
from tests.visibility.operations import CAMPAIGN
from tests.visibility.world import CANNED, DESK, RULES, World, open_world

OF = "/api/v1/campaigns"
BODY = {**CAMPAIGN, "name": "Spring", "channel": "plain"}


@pytest.fixture
def world(migrated_url: str, tmp_path: Path) -> Iterator[World]:
    with open_world(migrated_url, tmp_path) as opened:
        yield opened


@pytest.fixture
def lite(migrated_sqlite_url: str, tmp_path: Path) -> Iterator[World]:
    """For what asks the database nothing of its own."""
    with open_world(migrated_sqlite_url, tmp_path) as opened:
        yield opened


def made(world: World, who: str = "mara", **more: object) -> dict[str, Any]:
    answer = world.client(who).post(OF, json={**BODY, **more})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def post(world: World, path: str, key: str, body: object = None, who: str = "mara") -> httpx.Response:
    return world.client(who).post(f"{OF}/{path}", json=body, headers={"Idempotency-Key": key})


def refused(answer: httpx.Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


def sent(world: World) -> int:
    while feed_some(world.house.rooms):
        pass
    return world.house.deliver()


def test_from_a_draft_to_its_report(world: World) -> None:
    world.subjects(3)
    draft = made(world, text="Hello {{ contact.first_name | default('you') }}")
    assert (draft["state"], draft["words"]["text"], draft["progress"]["planned"]) == (
        "draft", "Hello {{ contact.first_name | default('you') }}", 0,
    )  # fmt: skip
    client, path = world.client("mara"), f"{OF}/{draft['id']}"
    first = client.get(f"{path}/preview", params={"limit": 2}).json()
    assert (first["planned"], first["left_out"], len(first["items"])) == (3, {}, 2)
    assert all(one["text"].startswith("Hello ") for one in first["items"])
    second = client.get(f"{path}/preview", params={"limit": 2, "cursor": first["next"]}).json()
    assert (len(second["items"]), second["next"]) == (1, None)
    assert client.get(f"{path}/dry-run").json()["parts"] == 3
    assert not [row for row in world.house.rows(messages) if row["sender_kind"] == "campaign"]
    scheduled = post(world, f"{draft['id']}/schedule", "go", {})
    assert scheduled.json()["state"] == "gathering", scheduled.text
    again = post(world, f"{draft['id']}/schedule", "go", {})
    assert (again.status_code, again.headers.get("Idempotent-Replayed")) == (200, "true")
    refused(client.put(path, json=BODY), 409, "not_draft")
    refused(client.get(f"{path}/preview"), 409, "not_draft")
    assert sent(world) == 3
    report = client.get(f"{path}/report").json()
    assert (report["meant"], report["written"], report["sent"], report["failed"]) == (3, 3, 3, {})
    rows = list(csv.DictReader(io.StringIO(client.get(f"{path}/report", params={"format": "csv"}).text)))
    assert [row["state"] for row in rows] == ["sent"] * 3
    assert rows[0]["address"].startswith("'+39")
    people = client.get(f"{path}/recipients", params={"limit": 2}).json()
    assert (len(people["items"]), people["next"] is not None) == (2, True)
    assert [one["id"] for one in client.get(OF).json()["items"]] == [draft["id"]]


def test_the_manual_is_right(lite: World) -> None:
    """Its example is taken, its states and reasons are those there are."""
    manual = Path(__file__).parents[3].joinpath("docs/campaigns.md").read_text()
    [example] = re.findall(r"```json\n(.*?)```", manual, re.DOTALL)
    body = {**json.loads(example), "channel": "plain"}
    answer = lite.client("mara").post(OF, json=body)
    assert (answer.status_code, answer.json()["purpose"], answer.json()["quiet_hours"]) == (
        201, "marketing", {"start": "20:00", "end": "08:00"},
    ), answer.text  # fmt: skip
    rows = set(re.findall(r"^\| `([a-z_]+)` \|", manual, re.MULTILINE))
    source = "".join(file.read_text() for file in Path(people.__file__).parent.glob("*.py"))
    reasons = set(re.findall(r'country, "([a-z_]+)"\)|"", "([a-z_]+)"\)|_left_out\(\w+, "([a-z_]+)"', source))
    assert rows >= set(get_args(State)) | {one for found in reasons for one in found if one}


def test_only_managers_of_the_inbox_see_and_command_it(world: World) -> None:
    id = made(world)["id"]
    for who, status in (("ann", 403), ("rob", 403), ("sue", 403), ("max", 404), ("nina", 403)):
        client = world.client(who)
        answers = [
            client.get(f"{OF}/{id}"), client.put(f"{OF}/{id}", json=BODY), client.delete(f"{OF}/{id}"),
            client.get(f"{OF}/{id}/report"), client.get(f"{OF}/{id}/recipients"), client.get(f"{OF}/{id}/preview"),
            *(post(world, f"{id}/{act}", f"{who}-{act}", {}, who) for act in ("schedule", "pause", "resume", "cancel")),
        ]  # fmt: skip
        assert {answer.status_code for answer in answers} == {status}, who
    assert world.client("max").get(OF).json()["items"] == []
    assert world.client("max").post(OF, json=BODY).status_code == 404
    assert world.client("dora").get(f"{OF}/{id}").status_code == 200
    assert world.client("mara").delete(f"{OF}/{id}").status_code == 204


def test_the_same_key_makes_one(world: World) -> None:
    headers = {"Idempotency-Key": "once"}
    answers = [world.client("mara").post(OF, json=BODY, headers=headers) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert len(world.house.rows(campaigns)) == 1
    assert post(world, f"{answers[0].json()['id']}/schedule", "", {}).status_code == 400


@pytest.mark.parametrize(
    ("wrong", "status", "code"),
    [
        ({"text": None}, 422, "invalid"),
        ({"canned": "greeting"}, 422, "invalid"),
        ({"purpose": "marketing"}, 422, "quiet_hours_needed"),
        ({"reason": None}, 422, "reason_needed"),
        ({"text": "{{ agent.name }}"}, 422, "unknown_variable"),
        ({"filter": None}, 422, "nobody_meant"),
        ({"filter": {"tags": ["nonsense"]}}, 422, "unknown_tag"),
        ({"channel": "anns"}, 404, "not_found"),
        ({"channel": "sales"}, 404, "not_found"),
        ({"per_minute": 0}, 422, "invalid"),
        ({"quiet_hours": {"start": "25:00", "end": "08:00"}}, 422, "invalid"),
        ({"contact_ids": ["01KB2Z8Q4M7T1V3X5Y7Z9A1C3E"]}, 404, "not_found"),
    ],
)
def test_what_could_not_be_sent_is_refused(lite: World, wrong: dict[str, object], status: int, code: str) -> None:
    refused(lite.client("mara").post(OF, json={**BODY, **wrong}), status, code)
    assert lite.house.rows(campaigns) == []


def test_s09_what_is_not_in_the_plan_is_refused_by_name(world: World) -> None:
    """And what was made before stands still; a contact centre has none (S-06)."""
    id = made(world)["id"]
    for more, code in (
        ("features: [assign]", "feature_not_in_plan"),
        ("face: contact_center", "not_in_contact_center"),
    ):
        plain = "plain: {name: Plain zqplainzq, teams: [front]}"
        desk = DESK.replace(plain, plain.replace("}", f", {more}}}"), 1)
        world.house.apply(desk=desk, canned=CANNED, rules=RULES, environment=ENVIRONMENT)
        refused(world.client("mara").post(OF, json=BODY), 403, code)
        refused(world.client("mara").get(f"{OF}/{id}/preview"), 403, code)
        refused(post(world, f"{id}/schedule", code, {}), 403, code)
        start = world.client("mara").get("/api/v1/start").json()["inboxes"]
        assert "campaigns" not in next(one["features"] for one in start if one["key"] == "plain")
    assert world.client("mara").get(f"{OF}/{id}").status_code == 200


KINDS: Mapping[str, Mapping[str, Any]] = {
    "text": {}, "whatsapp": {"business_may_start": False, "reply_window": 86_400.0, "message_templates": True},
    "pages and webchat": {"business_may_start": False, "address_kind": "psid", "address_scoped": True},
}  # fmt: skip
"""Kinds of channels by what they can."""


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("face", ["engagement", "contact_center"])
def test_s06_every_kind_of_channel_will_do_and_texts_are_campaigns_in_customer_engagement_alone(
    migrated_sqlite_url: str, tmp_path: Path, kind: str, face: str
) -> None:
    with open_world(migrated_sqlite_url, tmp_path, plugins=[AcmeChannel(**KINDS[kind])]) as world:
        plain = "plain: {name: Plain zqplainzq, teams: [front]}"
        desk = DESK.replace(plain, plain.replace("}", f", face: {face}}}"), 1)
        bare = desk[: desk.index("connections:")] + desk[desk.index("teams:\n") :]
        body = {"channel": "plain", "to": "+390555999999", "text": "Hello"}
        codes = []
        for number, folder in enumerate((bare, desk)):
            world.house.apply(desk=folder, canned=CANNED, rules="rules: []\n", environment=ENVIRONMENT)
            answer = world.client("ann").post(
                "/api/v1/conversations", json=body, headers={"Idempotency-Key": f"{number}"}
            )
            codes.append(answer.json().get("code"))
        assert codes[0] == "no_channel"
        assert codes[1] != "no_channel"
        start = world.client("mara").get("/api/v1/start").json()["inboxes"][0]
        made = world.client("mara").post(OF, json=BODY)
        assert ("campaigns" in start["features"]) is (face == "engagement")
        assert (made.status_code == 201) is (face == "engagement" and kind == "text")
        if face == "contact_center":
            refused(made, 403, "not_in_contact_center")


def test_refusals_are_told_in_italian(lite: World) -> None:
    id = made(lite)["id"]
    answer = lite.client("mara").post(f"{OF}/{id}/pause", headers={"Accept-Language": "it"})
    assert answer.json()["detail"] == "Questa campagna non è in corso; guarda il suo stato."
    assert answer.json()["title"] == "Non è in corso"


def test_private_numbers_and_contacts_are_never_touched(world: World) -> None:
    """Law 8: neither as a channel nor among its people."""
    private = world.client("ann").post("/api/v1/contacts", json={"name": "Mine", "private": True}).json()["id"]
    refused(world.client("mara").post(OF, json={**BODY, "filter": None, "contact_ids": [private]}), 404, "not_found")
    world.house.receive(world.house.says("Hi", "+390555777777", to="+15550003"))
    draft = made(world)
    assert world.client("mara").get(f"{OF}/{draft['id']}/preview").json()["planned"] == 0


class WithTemplates(AcmeChannel):
    """Knows three, one of which is not approved."""

    def templates(self, channel: Channel[AcmeSettings], http: httpx.Client) -> Sequence[MessageTemplate]:
        known: Mapping[str, tuple[TemplateState, str]] = {
            "moved": ("approved", "UTILITY"), "waits": ("pending", "UTILITY"), "sale": ("approved", "MARKETING")
        }  # fmt: skip
        return [
            MessageTemplate(name=name, language="it", state=state, category=category, variables=1)
            for name, (state, category) in known.items()
        ]


@pytest.fixture
def templates(migrated_sqlite_url: str, tmp_path: Path) -> Iterator[World]:
    """A channel as WhatsApp is."""
    whatsapp = WithTemplates(business_may_start=False, reply_window=86_400.0, message_templates=True)
    with open_world(migrated_sqlite_url, tmp_path, plugins=[whatsapp]) as opened:
        yield opened


def test_where_there_is_a_reply_window_only_an_approved_template_goes_out(templates: World) -> None:
    templates.subjects(1)
    templates.house.clock.move(days=3)
    refused(templates.client("mara").post(OF, json=BODY), 422, "template_needed")
    waits, sale, moved = (
        made(templates, text=None, template={"name": name, "language": "it", "body": ["{{ contact.name }}"]})["id"]
        for name in ("waits", "sale", "moved")
    )
    refused(post(templates, f"{waits}/schedule", "waits", {}), 422, "template_not_approved")
    refused(post(templates, f"{sale}/schedule", "sale", {}), 422, "template_is_marketing")
    assert post(templates, f"{moved}/schedule", "moved", {}).status_code == 200
    assert sent(templates) == 1
    house: House = templates.house
    [arrived] = house.acme.provider.arrived
    content = arrived.message.content
    assert content is not None
    assert content.model_dump()["body"][0].startswith("Mr ")
