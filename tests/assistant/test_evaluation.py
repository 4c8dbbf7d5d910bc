"""The cases that come with Casella, and cases of one's own."""

from __future__ import annotations

import asyncio

import pytest
from pydantic_core import to_json
from typer.testing import CliRunner

from casella.cli import cli
from casella_assistant import OfflineProvider
from casella_assistant.evaluation import CasesMistaken, Result, read_cases, run_case, shipped_cases
from tests.assistant.builders import ASSISTANT, PROMPTS, Scripted, route

ONE = """
canned: {hours: We are open 9-18.}
cases:
  - name: One
    ask: suggest
    history: [{text: "When are you open?"}]
    expect: {EXPECTED}
"""


def run(text: str, provider: object) -> list[Result]:
    async def scenario() -> list[Result]:
        routes = [route(provider)]  # type: ignore[arg-type]  # it is a provider
        return [await run_case(case, ASSISTANT, routes, PROMPTS, seconds=10) for case in read_cases(text)]

    return asyncio.run(scenario())


def test_forty_cases_come_along_and_pass_offline_where_that_applies() -> None:
    cases = shipped_cases()
    assert len(cases) == 40
    routes = [route(OfflineProvider())]

    async def scenario() -> list[Result]:
        return [await run_case(case, ASSISTANT, routes, PROMPTS, seconds=10) for case in cases]

    results = asyncio.run(scenario())
    assert [(one.case.name, one.failures) for one in results if one.failures] == []
    assert sum(one.skipped for one in results) <= 4


FAILING = [
    ("contains: [closed]", "no proposal contains 'closed'"),
    ("not_contains: [OPEN]", "a proposal contains 'OPEN'"),
    ("language: it", "is in en instead of it"),
    ("longest: 5", "characters, 5 at most"),
    ("cites: [other]", "nothing rests on other"),
    ("proposals: 2", "1 proposals instead of 2"),
    ("flags: [too_long]", "has the flags none"),
]


@pytest.mark.parametrize(("expected", "told"), FAILING)
def test_what_is_not_as_expected_is_told(expected: str, told: str) -> None:
    text = to_json({"replies": [{"text": "We are open from 9 to 18 every day.", "sources": ["S1"]}]}).decode()
    [result] = run(ONE.replace("EXPECTED", expected), Scripted([text]))
    assert any(told in failure for failure in result.failures), result.failures


def test_a_provider_that_fails_is_a_failed_case_not_a_crash() -> None:
    [result] = run(ONE.replace("EXPECTED", "proposals: 1"), Scripted(["nonsense: {", "{"]))
    assert not result.failures or "provider_broke" in result.failures[0]
    [broken] = run(ONE.replace("EXPECTED", "proposals: 1"), Scripted(["{"]))
    assert broken.failures[0].startswith("provider_broke")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("cases: []", "cases"),
        ("nonsense: [", "no YAML"),
        (ONE.replace("EXPECTED", "contians: [x]"), "case 1 (One): expect.contians"),
        (ONE.replace("EXPECTED", "").replace("ask: suggest", "ask: sing"), "case 1 (One): ask"),
        (ONE.replace("EXPECTED", "").replace("ask: suggest", "ask: suggest\n    tone: rude"), "no tone 'rude'"),
        (ONE.replace("EXPECTED", "").replace("ask: suggest", "ask: suggest\n    exclude: [2]"), "counts the messages"),
        (ONE.replace("EXPECTED", "") + ONE.replace("EXPECTED", "").split("cases:\n")[1], "the same name: One"),
    ],
)
def test_a_mistake_in_the_file_names_the_case(text: str, told: str) -> None:
    with pytest.raises(CasesMistaken) as caught:
        read_cases(text)
    assert told in caught.value.text


def test_the_command_prints_a_table_and_its_exit_code_tells(tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("cases") / "cases.yaml"
    file.write_text(ONE.replace("EXPECTED", "contains: [9-18]"))
    good = CliRunner().invoke(cli, ["assist", "eval", str(file), "--verbose"])
    assert (good.exit_code, "1 of 1 passed." in good.stdout) == (0, True), good.output
    file.write_text(ONE.replace("EXPECTED", "contains: [closed]"))
    bad = CliRunner().invoke(cli, ["assist", "eval", str(file)])
    assert (bad.exit_code, "0 of 1 passed." in bad.stdout) == (1, True)
