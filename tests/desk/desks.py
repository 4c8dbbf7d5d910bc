"""Desks for tests: a small sound one, its catalogue, and the corpus of broken ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, SecretStr

from casella.desk import Catalogue

CORPUS = Path(__file__).parent / "corpus"


class FakeSettings(BaseModel):
    """The settings of a channel type that exists only here."""

    model_config = ConfigDict(extra="forbid")

    account: str
    token: SecretStr
    url: str = "https://provider.example"
    retries: int = 3
    keys: dict[str, SecretStr] = {}


SOUND: Mapping[str, str] = {
    "desk.yaml": """\
desk: Test desk
timezone: Europe/Rome
locales: [en, it]
tags: [vip, refund]
inboxes:
  support: {name: Support, teams: [front-desk, billing]}
  sales: {name: Sales, teams: [front-desk], timezone: America/New_York, locale: it}
connections:
  tw: {type: sms, settings: {account: "1", token: "${TEST_TOKEN}"}}
channels:
  support-sms: {connection: tw, inbox: support, address: "+12025550178"}
teams:
  front-desk: {name: Front desk, strategy: round_robin}
  billing: {name: Billing}
agents:
  ann: {name: Ann, email: ann@test.example, teams: [front-desk], capacity: 3}
  bob: {name: Bob, email: bob@test.example, teams: [billing], inboxes: [sales]}
hours:
  support:
    week: {monday-friday: 09:00-18:00}
""",
    "rules.yaml": """\
rules:
  - name: Greeting
    when: message_received
    if: {text: {contains_word: hello}}
    then:
      - reply: {canned: greeting}
""",
    "canned.yaml": """\
canned:
  greeting: {phrase: hello, text: Hello!}
""",
}


def catalogue() -> Catalogue:
    """One channel type, `sms`."""
    return Catalogue({"sms": FakeSettings})


def write_desk(folder: Path, changed: Mapping[str, str | bytes]) -> Path:
    """The sound desk with some files replaced, in a folder called `desk`."""
    desk = folder / "desk"
    desk.mkdir(parents=True, exist_ok=True)
    for name, text in {**SOUND, **changed}.items():
        (desk / name).parent.mkdir(parents=True, exist_ok=True)
        (desk / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return desk


@dataclass(frozen=True)
class BrokenDesk:
    """One entry of the corpus: what is changed in the sound desk, and every line that must be said about it."""

    label: str
    files: Mapping[str, str]
    expected: tuple[str, ...]


def corpus() -> list[BrokenDesk]:
    """Every broken desk. An entry is `=== label`, `--- file` with its contents, `--- expected` with the lines."""
    return [read_entry(path.stem, text) for path in sorted(CORPUS.glob("*.txt")) for text in entries(path)]


def entries(path: Path) -> list[str]:
    """The entries of one corpus file."""
    return [text for text in ("\n" + path.read_text()).split("\n=== ") if text.strip()]


def read_entry(topic: str, text: str) -> BrokenDesk:
    """One entry."""
    label, _, rest = text.partition("\n")
    parts = [part.partition("\n") for part in ("\n" + rest).split("\n--- ") if part.strip()]
    files = {name: body.rstrip("\n") + "\n" for name, _, body in parts}
    expected = files.pop("expected", "")
    if topic == "canned":
        files.setdefault("rules.yaml", "rules: []\n")  # the sound rules name a message that is not there any more
    return BrokenDesk(f"{topic}: {label}", files, tuple(expected.splitlines()))
