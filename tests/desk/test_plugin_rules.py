"""What plugins add to the rules, as managers meet it: mistakes with their places, schemas, tests beside the rules."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from casella.desk import Catalogue, load_desk, read_desk, reread_desk
from casella.desk.parts.additions import kept_entries
from casella.desk.schemas.desk_schema import schemas
from casella.host import Host
from casella.inbox.rule_tests import RuleTests
from casella.plugin import ActionArgument, RuleAdditions, RuleStrategy
from casella_rules.yaml.source import plain_value, read_yaml
from tests.crm import Crm
from tests.desk.desks import catalogue as plain_catalogue
from tests.desk.desks import write_desk
from tests.fakes import AcmeChannel

RULES = """\
rules:
  - name: Gold customers
    when: message_received
    if: {crm.tier: gold, crm.orders: {gte: 3}, crm: {since: {older_than: 30d}}}
    then:
      - crm.open_case: {subject: Refund, level: high}
      - crm.open_case: Refund
      - assign: {team: front-desk, strategy: crm.last_first}
"""


def catalogue(crm: Crm | None = None) -> Catalogue:
    host = Host()
    host.rules.register("crm", (crm or Crm()).additions())
    return replace(Catalogue.of_host(host), channel_types=plain_catalogue().channel_types)


def said(tmp_path: Path, known: Catalogue | None = None, **changed: str) -> list[str]:
    files = {f"{name}.yaml": text for name, text in changed.items()}
    return [str(problem) for problem in read_desk(write_desk(tmp_path, files), known or catalogue())[1]]


def test_a_desk_that_uses_all_of_it_is_sound(tmp_path: Path) -> None:
    assert said(tmp_path, rules=RULES) == []


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("crm.tier: gold", "crm.teir: gold", "4:10: unknown field 'crm.teir'. Did you mean 'crm.tier'?"),
        ("crm.tier: gold", "crm.tier: brass", "4:20: 'brass' is never a value of 'crm.tier'. Values: gold, silver"),
        ("{gte: 3}", "{gte: three}", "4:44: expected a number, got 'three'. Write digits, without quotes"),
        ("{gte: 3}", "{contains: 3}", "4:39: 'contains' cannot be asked of 'crm.orders' (number). Operators: "),
        ("- crm.open_case: R", "- crm.opencase: R", "7:9: unknown action 'crm.opencase'. Did you mean"),
        ("subject: Refund,", "subjct: Refund,", "6:25: unknown key 'subjct'. Did you mean 'subject'?"),
        ("level: high", "level: hihg", "6:49: 'hihg' is not possible here. Write low or high"),
        ("crm.open_case: Refund", "crm.open_case", "7:9: 'crm.open_case' needs a value. Write for example"),
        ("crm.last_first", "crm.lastfirst", "8:46: strategy 'crm.lastfirst' is not known. Did you mean"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place_and_the_nearest_name(
    tmp_path: Path, before: str, after: str, expected: str
) -> None:
    assert before in RULES
    assert any(expected in line for line in said(tmp_path, rules=RULES.replace(before, after)))


def test_a_plugin_that_is_not_installed_or_set_aside_is_named(tmp_path: Path) -> None:
    missing = said(tmp_path, plain_catalogue(), rules=RULES)
    assert missing[0].endswith("4:10: unknown field 'crm.tier'. Install the plugin 'crm' if it brings this field")
    host = Host()
    host.set_aside("crm", "could not be loaded: ImportError: no httpy")
    known = replace(Catalogue.of_host(host), channel_types=plain_catalogue().channel_types)
    aside = said(tmp_path, known, rules=RULES)
    why = "The plugin 'crm' is set aside: could not be loaded: ImportError: no httpy"
    assert [line.partition(". ")[2] for line in aside if "crm" in line] == [why] * 6


def test_a_validator_of_the_plugin_that_breaks_is_a_mistake_told(tmp_path: Path) -> None:
    class Breaks(ActionArgument):
        def model_post_init(self, context: object) -> None:
            raise RuntimeError("a fault of the plugin")

    host = Host()
    host.rules.register("crm", Crm().additions(argument=Breaks))
    known = replace(Catalogue.of_host(host), channel_types=plain_catalogue().channel_types)
    rules = "rules:\n  - {name: X, when: message_received, if: always, then: [crm.open_case]}\n"
    [line] = said(tmp_path, known, rules=rules)
    assert line.endswith("the plugin 'crm' cannot read this (RuntimeError)")


def test_editors_know_all_of_it(tmp_path: Path) -> None:
    known = catalogue()
    made = schemas(load_desk(write_desk(tmp_path, {"rules.yaml": RULES}), known), known)
    assert mistakes(made["rules"], RULES) == []
    for before, after in (("gold, ", "brass, "), ("level: high", "level: hihg"), ("crm.last_first", "crm.best")):
        assert mistakes(made["rules"], RULES.replace(before, after)), after
    written = str(made["rules"])
    assert "What the customer has bought." in written
    assert "Open a case in the customer file." in written
    assert "How urgent it is" in written


def mistakes(schema: Any, source: str) -> list[str]:
    tree, _ = read_yaml(source.encode(), "x.yaml")
    assert tree is not None
    return [error.message for error in jsonschema.Draft7Validator(schema).iter_errors(plain_value(tree))]


TESTS = """\
tests:
  - name: A gold customer gets a case
    given:
      fields: {crm.tier: gold, crm.orders: 3, crm.since: 40d}
      agents: {ann: {}, zoe: {team: front-desk}}
      message: Refund
    expect: {rules: [Gold customers], actions: [crm.open_case, crm.open_case], assignee: zoe}
  - name: Others do not
    given: {message: Refund}
    expect: {rules: [], actions: []}
"""


def test_tests_beside_the_rules_say_what_fields_are_and_ask_no_plugin_but_its_strategy(tmp_path: Path) -> None:
    crm, host = Crm(), Host()
    host.rules.register("crm", crm.additions())
    host.register(AcmeChannel("sms"))
    desk = load_desk(write_desk(tmp_path, {"rules.yaml": RULES, "tests.yaml": TESTS}), catalogue(crm))
    tests = RuleTests(desk, host)
    texts = [verdict.as_text() for verdict in map(tests.run, desk.tests) if not verdict.passed]
    assert texts == []
    assert (crm.asked, crm.requests) == ([], [])
    known = catalogue(crm)
    assert mistakes(schemas(desk, known)["tests"], TESTS) == []


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("crm.tier: gold", "crm.teir: gold", "4:16: field 'crm.teir' is not known. Did you mean 'crm.tier'?"),
        ("crm.tier: gold", "crm.tier: brass", "4:26: 'brass' is never a value of 'crm.tier'. Values: gold, silver"),
        ("crm.orders: 3", "crm.orders: three", "4:44: 'crm.orders' takes a number, got 'three'"),
        ("crm.since: 40d", "crm.since: long", "4:58: 'crm.since' takes a duration such as 1h30m, got 'long'"),
        ("[crm.open_case, crm", "[crm.close_case, crm", "7:49: action 'crm.close_case' is not known. "),
    ],
)
def test_mistakes_in_those_tests_are_told(tmp_path: Path, before: str, after: str, expected: str) -> None:
    lines = said(tmp_path, rules=RULES, tests=TESTS.replace(before, after))
    assert any(expected in line for line in lines), lines


def test_a_desk_that_was_applied_loads_without_its_plugin(tmp_path: Path) -> None:
    desk = load_desk(write_desk(tmp_path, {"rules.yaml": RULES, "tests.yaml": TESTS}), catalogue())
    kept = kept_entries(desk.rules.vocabulary).model_dump(mode="json")
    again, problems = reread_desk(desk.files, plain_catalogue(), kept)
    assert problems == ()
    assert again is not None
    assert [rule.name for rule in again.rules.rules] == ["Gold customers"]
    nothing_kept, problems = reread_desk(desk.files, plain_catalogue())
    assert nothing_kept is None
    assert problems


@pytest.mark.parametrize("name", ["contact", "hours", "text", "assign", "least_busy", "conversation"])
def test_a_plugin_cannot_take_a_name_of_the_language(name: str) -> None:
    host = Host()
    strategy = RuleStrategy(f"{name}.best", "The best.", lambda *_: [])
    host.rules.register(name, RuleAdditions("Greedy", "1.1", strategies=(strategy,)))
    known = Catalogue.of_host(host)
    assert known.vocabulary.strategies == plain_catalogue().vocabulary.strategies
    assert f"the rules have '{name}' already" in host.quarantined[f"{name} rules"].reason
