"""Schemas made from the live desk: what is sound validates, each kind of mistake is flagged, every key has words."""

import json
import re
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import jsonschema
import pytest

from casella.desk import load_desk, read_desk
from casella.desk.parts.catalogue import Catalogue
from casella.desk.parts.types import COUNTRY_SCHEMA, ZONE_SCHEMA
from casella.desk.schemas.desk_schema import schemas, write_schemas
from casella.host import find_plugins
from casella_rules.hours import known_countries
from casella_rules.yaml.source import plain_value, read_yaml
from tests.desk.desks import BrokenDesk, catalogue, corpus, write_desk
from tests.inbox.rule_tests.test_verdict import DESK, PASSING, RULES

EXAMPLE = Path(__file__).parents[3] / "examples" / "desk"
# What no schema can say: what only shows between rules, in templates, between files, or in the text of a value.
BEYOND = (
    "'stop' ends", "there is no survey", "never sent over http", "is not among the desk's", "the text for",
    "never run", "never match", "never holds", "possible loop", "two rules are called", "two tests are called",
    "can never hold", "is here twice", "stands for", "needs quotes", "is not a regular expression", "is not a time",
    "cannot be filled", "unknown variable", "unknown filter", "cannot be used in a message", "never closed",
    "nested too deeply", "already", "is in '", "overlap", "there are holidays", "holidays of", "has no part",
    "a variable must be the whole", "is not UTF-8", "this file", "invisible", "not YAML", "too large", "tab",
    "takes nothing in brackets", "nobody has it",
)  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The schemas of the small desk that the corpus breaks, with a few more things in it."""
    folder = write_desk(tmp_path_factory.mktemp("schema"), {"desk.yaml": DESK})
    return schemas(load_desk(folder, catalogue()), catalogue())


def mistakes(schema: dict[str, Any], source: str) -> list[str]:
    tree, problems = read_yaml(source.encode(), "x.yaml")
    assert not problems
    assert tree is not None
    return [error.message for error in jsonschema.Draft7Validator(schema).iter_errors(plain_value(tree))]


@pytest.mark.parametrize("name", ["rules", "desk", "canned", "tests"])
def test_the_example_desk_is_sound(name: str) -> None:
    known = Catalogue.of(find_plugins().plugins)
    schema = schemas(load_desk(EXAMPLE, known), known)[name]
    jsonschema.Draft7Validator.check_schema(schema)
    assert mistakes(schema, (EXAMPLE / f"{name}.yaml").read_text()) == []


def test_what_the_tests_of_rules_use_is_sound(made: dict[str, Any], tmp_path: Path) -> None:
    assert mistakes(made["desk"], DESK) == []
    assert mistakes(made["rules"], RULES) == []
    named = write_desk(tmp_path, {"desk.yaml": DESK, "rules.yaml": RULES})
    own = schemas(load_desk(named, catalogue()), catalogue())
    for test in PASSING.values():
        assert mistakes(own["tests"], f"tests:{test}") == []


FLAGGED = {
    "an unknown event": "{name: A, when: mesage_received, if: always, then: [stop]}",
    "an event without its time": "{name: A, when: conversation_idle, if: always, then: [stop]}",
    "an unknown field": "{name: A, when: message_received, if: {txt: a}, then: [stop]}",
    "an unknown operator": "{name: A, when: message_received, if: {text: {contain: a}}, then: [stop]}",
    "an operator of another type": "{name: A, when: message_received, if: {time.hour: {contains: a}}, then: [stop]}",
    "an unknown tag": "{name: A, when: message_received, if: {contact.tags: {has: vipp}}, then: [stop]}",
    "an unknown team's queue": "{name: A, when: message_received, if: {team.biling.waiting: 1}, then: [stop]}",
    "an unknown attribute": "{name: A, when: message_received, if: {contact.custom.plam: gold}, then: [stop]}",
    "a value that never matches": "{name: A, when: message_received, if: {contact.custom.plan: silver}, then: [stop]}",
    "an empty if": "{name: A, when: message_received, if: {}, then: [stop]}",
    "no if": "{name: A, when: message_received, then: [stop]}",
    "groups four deep": "{name: A, when: message_received, if: {not: {not: {not: {not: {text: a}}}}}, then: [stop]}",
    "an unknown action": "{name: A, when: message_received, if: always, then: [{asign: {team: billing}}]}",
    "an unknown team": "{name: A, when: message_received, if: always, then: [{assign: {team: biling}}]}",
    "a team and an agent": "{name: A, when: message_received, if: always, then: [assign: {team: billing, agent: ann}]}",
    "an unknown strategy": "{name: A, when: message_sent, if: always, then: [assign: {team: billing, strategy: x}]}",
    "an unknown canned message": "{name: A, when: message_received, if: always, then: [{reply: {canned: helo}}]}",
    "a reply with nothing": "{name: A, when: message_received, if: always, then: [{reply: {}}]}",
    "an action without its value": "{name: A, when: message_received, if: always, then: [webhook]}",
    "two actions in one": "{name: A, when: message_received, if: always, then: [{tag: vip, priority: low}]}",
    "a duration that is none": "{name: A, when: message_received, if: always, after: soon, then: [{tag: vip}]}",
    "an unknown inbox": "{name: A, when: message_received, if: always, inboxes: [x], then: [stop]}",
    "an unknown key": "{name: A, on: message_received, if: always, then: [stop]}",
    "an unknown mode": "{name: A, when: message_received, if: always, mode: look, then: [stop]}",
}  # fmt: skip


@pytest.mark.parametrize("what", FLAGGED)
def test_a_mistake_in_a_rule_is_flagged(what: str, made: dict[str, Any]) -> None:
    assert mistakes(made["rules"], f"rules:\n  - {FLAGGED[what]}\n")


@pytest.mark.parametrize("broken", corpus(), ids=lambda broken: broken.label)
def test_the_broken_desks_are_flagged_as_far_as_a_schema_can(broken: BrokenDesk, made: dict[str, Any]) -> None:
    """Each file whose mistakes a schema can see has at least one error."""
    for file in {line.partition(":")[0].removeprefix("desk/") for line in broken.expected}:
        own = [line for line in broken.expected if line.startswith(f"desk/{file}:")]
        name = file.partition("/")[0].partition(".")[0]
        if name not in made or file not in broken.files or any(any(said in line for said in BEYOND) for line in own):
            continue
        tree, unreadable = read_yaml(broken.files[file].encode(), file)
        if unreadable or tree is None:
            continue
        assert mistakes(made[name], broken.files[file]), own


WHEN = "rules: [{name: A, when: message_sent, if: always, then: ["
MISTAKEN = {
    "a day in short": ("desk", "hours: {a: {week: {mon: 09:00-18:00}}}"),
    "a range of days that are none": ("desk", "hours: {a: {week: {monday-fri: 09:00-18:00}}}"),
    "a date as Italians write it": ("desk", "hours: {a: {week: {monday: closed}, exceptions: {31/12/2026: closed}}}"),
    "a key in capitals": ("desk", "teams: {Billing: {name: B}}"),
    "a locale with an underscore": ("desk", "locales: [en_GB]"),
    "an address without an at": ("desk", "agents: {ann: {name: Ann, email: ann}}"),
    "a city alone": ("desk", "timezone: Rome"),
    "a country written out": ("desk", "hours: {a: {week: {monday: closed}, holidays: Italy}}"),
    "somebody who answers nothing": ("tests", "tests: [{name: A, steps: [{wait: 1m, by: ann}], expect: {tags: []}}]"),
    "skills of an agent": ("rules", WHEN + "{assign: {agent: ann, skills: [a]}}]}]"),
    "somebody else than the sender": ("rules", WHEN + "{assign: {to: sender, else: {team: billing}}}]}]"),
    "no skills of a sender": ("rules", WHEN + "{assign: {to: sender, skills: []}}]}]"),
    "a sender and a team": ("rules", WHEN + "{assign: {to: sender, team: billing}}]}]"),
    "a feature of no plan": ("desk", "inboxes: {a: {name: A, features: [assing]}}"),
    "reopening of another kind": ("desk", "inboxes: {a: {name: A, reopen: sometimes}}"),
    "reopening within no time": ("desk", "inboxes: {a: {name: A, reopen: 0s}}"),
    "no time at all": ("desk", "teams: {a: {name: A, alarm_after: 0s}}"),
    "a canned key in capitals": ("canned", "canned: {Hello: {text: Hello}}"),
    "a rule that waits no time": (
        "rules", "rules: [{name: A, when: message_received, if: always, after: 0s, then: [stop]}]"
    ),
    "open time of office hours that are not there": (
        "rules", "rules: [{name: A, when: {conversation_idle: 2h of suport}, if: always, then: [stop]}]"
    ),
    "open time where plain time belongs": (
        "desk", "teams: {a: {name: A, alarm_after: 2h of support}}"
    ),
    "a rest in office hours that are not there": (
        "rules", "rules: [{name: A, when: message_received, if: always, cooldown: 2h of suport, then: [close]}]"
    ),
    "put aside in office hours that are not there": ("rules", WHEN + "{snooze: 2h of suport}]}]"),
    "asked in office hours that are not there": (
        "rules", "rules: [{name: A, when: message_received, if: {conversation.age: {older_than: 2h of suport}}, "
                 "then: [close]}]"
    ),
    "a time of no length": ("rules", "rules: [{name: A, when: {conversation_idle: 0s}, if: always, then: [stop]}]"),
}  # fmt: skip


@pytest.mark.parametrize("what", MISTAKEN)
def test_schema_and_check_refuse_the_same(what: str, made: dict[str, Any], tmp_path: Path) -> None:
    file, text = MISTAKEN[what]
    text = f"desk: A\n{text}\n" if file == "desk" else f"{text}\n"
    assert mistakes(made[file], text)
    assert read_desk(write_desk(tmp_path, {f"{file}.yaml": text}), catalogue())[1]


FINE = {
    "whoever answers": ("rules", WHEN + "{assign: {to: sender}}]}]"),
    "an agent, or a team": ("rules", WHEN + "{assign: {agent: ann, else: {team: billing}}}]}]"),
    "days in capitals": ("desk", "hours: {a: {week: {Monday - Friday: 09:00-18:00, 'saturday, Sunday': closed}}}"),
    "a date": ("desk", "hours: {a: {week: {monday: closed}, exceptions: {2026-12-31: closed}, holidays: DE-BY}}"),
    "locales": ("desk", "locales: [en, it, en-GB, fil]"),
    "open time": ("rules", "rules: [{name: A, when: {conversation_waiting: 2h of support}, if: always, then: [stop]}]"),
    "open time of a rest, aside, and asked": (
        "rules", "rules: [{name: A, when: message_received, cooldown: 2h of support, "
                 "if: {conversation.age: {older_than: 2h of support, newer_than: 4h of office hours}}, "
                 "then: [{snooze: 1h30m of support}]}]"
    ),
    "a zone of one word": ("desk", "timezone: UTC"),
    "reopening": ("desk", "inboxes: {a: {name: A, reopen: always}, b: {name: B, reopen: 7d}}"),
    "lengths": ("desk", "teams: {a: {name: A, alarm_after: 1h30m, reassign_after: 100s}}"),
    "a number as a description": (
        "rules", "rules: [{name: A, description: 5, when: message_received, if: {text: a}, then: [stop]}]"
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", FINE)
def test_schema_and_check_allow_the_same(what: str, made: dict[str, Any], tmp_path: Path) -> None:
    file, text = FINE[what]
    text = f"desk: A\n{text}\n" if file == "desk" else f"{text}\n"
    assert mistakes(made[file], text) == []
    alone = {"rules.yaml": "rules: []\n", f"{file}.yaml": text}
    assert read_desk(write_desk(tmp_path, alone), catalogue())[1] == ()


def test_every_time_zone_and_country_is_written_as_the_schema_says() -> None:
    zones = available_timezones() - {"build/etc/localtime"}
    assert [name for name in zones if not re.search(ZONE_SCHEMA["pattern"], name)] == []
    codes = [f"{land}-{part}" for land, parts in known_countries().items() for part in parts] + [*known_countries()]
    assert [code for code in codes if not re.search(COUNTRY_SCHEMA["pattern"], code)] == []


def without_words(schema: object, path: tuple[str, ...] = ()) -> list[str]:
    found: list[str] = []
    if isinstance(schema, list):
        return [name for item in schema for name in without_words(item, path)]
    if not isinstance(schema, dict):
        return []
    for name, value in schema.get("properties", {}).items():
        if "$ref" not in value and not (value.get("description") and value.get("examples")):
            found.append(".".join((*path, name)))
    return found + [name for key, value in schema.items() for name in without_words(value, (*path, key))]


def test_every_key_says_what_it_is_with_an_example(made: dict[str, Any]) -> None:
    for name, schema in made.items():
        assert without_words(schema, (name,)) == []


def test_examples_in_the_schema_are_valid_themselves(made: dict[str, Any]) -> None:
    """Those of the operators and of the fields that name nothing of the desk."""
    definitions = made["rules"]["definitions"]
    for name in ("text", "kind", "time.hour", "conversation.age", "has_attachment", "conversation.status"):
        for example in definitions[f"field {name}"]["examples"]:
            whole = {**definitions[f"field {name}"], "definitions": definitions}
            assert not list(jsonschema.Draft7Validator(whole).iter_errors(example)), name


def test_secrets_are_never_wanted_written_out(made: dict[str, Any]) -> None:
    desk = "desk: A\nconnections: {c: {type: sms, settings: {account: a, token: TOKEN }}}\n"
    assert mistakes(made["desk"], desk)
    assert mistakes(made["desk"], desk.replace("TOKEN", "'${NAME}'")) == []
    assert mistakes(made["desk"], desk.replace("TOKEN", "{file: a}")) == []
    assert mistakes(made["desk"], desk.replace("account:", "acount:").replace("TOKEN", "'${NAME}'"))


def test_they_are_written_beside_the_desk_and_only_when_they_change(tmp_path: Path) -> None:
    folder = write_desk(tmp_path, {"desk.yaml": DESK})
    desk = load_desk(folder, catalogue())
    paths = write_schemas(desk, catalogue(), folder)
    assert [path.name for path in paths] == [f"{n}.schema.json" for n in ("rules", "desk", "canned", "tests")]
    before = [path.stat().st_mtime_ns for path in paths]
    write_schemas(desk, catalogue(), folder)
    assert [path.stat().st_mtime_ns for path in paths] == before
    assert json.loads(paths[0].read_text())["title"] == "Casella: Rules"
    assert read_desk(folder, catalogue())[1] == ()
