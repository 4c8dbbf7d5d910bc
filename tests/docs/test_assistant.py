"""The assistant's page: its cases pass, its provider works, its codes and flags exist."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from casella.clock import SystemClock
from casella.host import Host
from casella.inbox.assistant.feedback import TERMS
from casella.inbox.house.assistant_setup import Guest
from casella_assistant import Assistant, Breaker, Languages, OfflineProvider, Route, load_prompts
from casella_assistant.evaluation import read_cases, run_case
from tests.assistant.builders import suggestion
from tests.docs.pages import ROOT, files

PAGE = ROOT / "docs" / "assistant.md"
TEXT = PAGE.read_text(encoding="utf-8")
WRITTEN = files(PAGE)


def test_the_case_on_the_page_passes_offline() -> None:
    [case] = read_cases(WRITTEN["cases.yaml"])
    routes = [Route("offline", OfflineProvider(), Breaker(SystemClock().now))]
    result = asyncio.run(run_case(case, Assistant(Languages()), routes, load_prompts(), seconds=10))
    assert result.failures == ()


def test_the_provider_on_the_page_is_taken_in_and_answers() -> None:
    names: dict[str, object] = {}
    exec(compile(WRITTEN["parrot.py"], "parrot.py", "exec"), names)
    host = Host()
    names["register_assistant_providers"](host.register_assistant)  # type: ignore[operator]  # the hook
    found = host.assistants["parrot"]
    provider = Guest("parrot", found.build(found.settings_model()))
    routes = [Route("parrot", provider, Breaker(SystemClock().now))]
    answer = asyncio.run(Assistant(Languages()).answer(suggestion("Hi"), routes, load_prompts(), seconds=10))
    assert answer.proposals[0].text == "Hello! I read 2 messages."
    assert answer.usage.total == 2


def test_the_terms_on_the_page_are_the_current_ones() -> None:
    assert f"Terms, version {TERMS}." in TEXT
    assert f'"terms": "{TERMS}"' in TEXT


def test_every_code_and_flag_on_the_page_is_in_the_code() -> None:
    sources = [*(ROOT / "worker").rglob("*.py"), *(ROOT / "assistant").rglob("*.py")]
    code = "".join(Path(file).read_text(encoding="utf-8") for file in sources)
    tables = re.findall(r"^\| (?:\d{3} )?((?:`\w+`(?:, )?)+)", TEXT, re.MULTILINE)
    named = {name for cell in tables for name in re.findall(r"`(\w+)`", cell)}
    assert {"unknown_link", "assistant_budget_spent", "stream_usage"} <= named
    assert {name for name in named if name not in code} == set()


def test_the_number_of_attacks_on_the_page_is_right() -> None:
    from tests.assistant.injections import ATTACKS

    assert TEXT.count(f"{len(ATTACKS)} attacks") == 2
