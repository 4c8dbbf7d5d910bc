"""What README.md and docs/ say is true: commands run, examples load, links lead somewhere, names exist.

The plugin author's page and the API's have tests of their own (`test_plugins.py`, `test_api.py`).
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from casella import app
from casella.cli import NAMES, cli
from casella.desk import check_desk
from casella.desk.parts.catalogue import Catalogue
from casella.host import find_plugins
from casella.settings import Settings
from tests.docs.conftest import demo_variables, environment
from tests.docs.pages import PAGES, ROOT, Block, all_blocks, anchors, blocks, commands, links, looks_like, patch, prose
from tests.integration.rig.programs import run_casella

OWN_TESTS = ("plugins.md", "api.md")
TOLD_ELSEWHERE = ("curl",)  # in test_demo.py, with a demo that runs
LASTING = ("up", "serve", "work")  # run until they are stopped
PAGE_NAMES = [page.name for page in PAGES]
COMMANDS = set(NAMES)


def page_of(name: str) -> Path:
    return next(page for page in PAGES if page.name == name)


# --- commands ---------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", [name for name in PAGE_NAMES if name not in OWN_TESTS])
def test_a_page_can_be_followed_from_top_to_bottom(name: str, scratch: Path) -> None:
    """Each change is made, each command is run, and what it prints is what the page shows."""
    variables = environment(scratch)
    for block in blocks(page_of(name)):
        if block.language == "diff":
            patch(scratch, block.text)
        for command, shown in commands(block) if block.language == "console" else ():
            follow(block, command, shown, scratch, variables)


def follow(block: Block, command: str, shown: str, folder: Path, variables: Mapping[str, str]) -> None:
    words = shlex.split(command, comments=True)
    match words:
        case ["make", target, *_]:
            assert re.search(rf"^{re.escape(target)}:", (ROOT / "Makefile").read_text(), re.MULTILINE), block
            assert run(f"make -n {target}", folder, variables)[0] == 0, block
        case ["casella", name, *options] if name in LASTING:
            known = run(f"casella {name} --help", folder, {**variables, "COLUMNS": "200"})[1]
            assert all(option in known for option in options if option.startswith("-")), f"{block}: {command}"
        case ["casella", *_]:
            code, output = run(command, folder, variables)
            assert looks_like(shown, output) or not shown, f"{block}: {command} printed\n{output}"
            assert code == 0 or shown, f"{block}: {command} failed with\n{output}"
        case ["export", *_] | [".", ".venv/run/bin/activate"] | ["cd", _] | ["git", "clone", *_]:
            pass  # their names are checked below
        case _:
            assert words[0] in TOLD_ELSEWHERE, f"{block}: nobody runs {command!r}"


_SHELL = frozenset("|&;<>$`*?~#")


def run(command: str, folder: Path, variables: Mapping[str, str]) -> tuple[int, str]:
    """What only the shell understands is the shell's; everything else is forked, which saves two seconds of loading."""
    if command.startswith("casella ") and not _SHELL & set(command):
        ran = run_casella(shlex.split(command)[1:], variables, folder)
        return ran.returncode, ran.stdout + ran.stderr
    done = subprocess.run(
        command, shell=True, cwd=folder, env=dict(variables), capture_output=True, text=True, timeout=100
    )
    return done.returncode, done.stdout + done.stderr


def test_the_commands_that_are_named_exist() -> None:
    for page in PAGES:
        text = page.read_text()
        named = re.findall(r"`casella ([a-z][\w-]*)", text) + re.findall(r"^\$? ?casella ([a-z-]+)", text, re.MULTILINE)
        assert set(named) <= COMMANDS, page.name


@pytest.mark.parametrize("name", NAMES)
def test_every_command_is_explained_with_an_example(name: str) -> None:
    told = CliRunner().invoke(cli, [name, "--help"])
    if "eval" in told.output:
        told = CliRunner().invoke(cli, [name, "eval", "--help"])
    assert told.exit_code == 0
    assert "Example: " in told.output


def test_it_says_which_version_it_is() -> None:
    assert CliRunner().invoke(cli, ["--version"]).output == f"casella {metadata.version('casella')}\n"


def test_an_unknown_command_names_the_nearest() -> None:
    told = CliRunner().invoke(cli, ["chek", "desk"])
    assert told.exit_code == 2
    assert "check" in told.output


# --- examples ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "block", [one for one in all_blocks("yaml") if one.page.name not in OWN_TESTS and not one.file], ids=str
)
def test_an_example_of_yaml_is_a_sound_part_of_the_demo_desk(block: Block, scratch: Path) -> None:
    desk = scratch / "examples/desk"
    part = yaml.safe_load(block.text)
    if "canned" in part and len(part) > 1:  # with the messages that the rest of it names
        (desk / "canned").mkdir()
        (desk / "canned.yaml").rename(desk / "canned" / "demo.yaml")
        (desk / "canned" / "more.yaml").write_text(yaml.safe_dump({"canned": part.pop("canned")}))
    if set(part) == {"rules"}:
        (desk / "rules.yaml").write_text(block.text)
        (desk / "tests.yaml").unlink()  # they are about the demo's own rules
    elif set(part) == {"tests"}:
        (desk / "tests.yaml").write_text(block.text)
    elif set(part) == {"canned"}:
        (desk / "canned").mkdir()
        (desk / "canned.yaml").rename(desk / "canned" / "demo.yaml")
        (desk / "canned" / "more.yaml").write_text(block.text)
    else:
        whole = yaml.safe_load((desk / "desk.yaml").read_text())
        for section, entries in part.items():
            whole[section] = {**whole.get(section, {}), **entries}
        (desk / "desk.yaml").write_text(yaml.safe_dump(whole, allow_unicode=True))
    assert list(check_desk(desk, Catalogue.of_host(find_plugins()))) == []


def test_the_rule_in_the_readme_is_the_one_of_the_demo() -> None:
    [rule] = [block.text for block in blocks(ROOT / "README.md") if block.language == "yaml"]
    demo = (ROOT / "examples/desk/rules.yaml").read_text()
    assert rule.startswith("rules:\n")
    assert rule.removeprefix("rules:\n") in demo


@pytest.mark.parametrize("block", all_blocks("json"), ids=str)
def test_an_example_of_json_is_json(block: Block) -> None:
    json.loads(block.text)


def test_no_block_is_of_a_kind_that_nobody_checks() -> None:
    known = {"console", "yaml", "json", "python", "diff", "toml", "html", "js"}  # the last two: tests/web
    strange = [block for page in PAGES for block in blocks(page) if block.language not in known]
    assert [str(block) for block in strange if block.page.name not in OWN_TESTS] == []


# --- names ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PAGE_NAMES)
def test_every_link_leads_somewhere(name: str) -> None:
    page = page_of(name)
    for link in links(page):
        if link.startswith(("http:", "https:", "mailto:")):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{name}: {link}"
        assert target.is_relative_to(ROOT), f"{name}: {link}"
        assert not anchor or anchor in anchors(target), f"{name}: {link}"


def test_every_setting_that_is_named_exists() -> None:
    known = {f"CASELLA_{name.upper()}" for name in Settings.model_fields} | demo_variables()
    for source in (*(ROOT / "tests/services").glob("*.py"), *(ROOT / "tools").glob("*.py")):
        known |= set(re.findall(r"\bCASELLA_TEST_\w+", source.read_text()))
    known |= set(re.findall(r"\bCASELLA_DEMO_\w+", (ROOT / "worker/casella/commands/running/up.py").read_text()))
    for page in PAGES:
        named = set(re.findall(r"\bCASELLA_\w*[A-Z]", page.read_text()))
        of_desks = {name for name in named if name.startswith("CASELLA_SECRET") and name != "CASELLA_SECRET_KEY"}
        assert named - of_desks <= known, page.name


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> list[re.Pattern[str]]:
    """Every path of the HTTP face, from its own description."""
    built = app.build(Settings(data_dir=tmp_path_factory.mktemp("paths")), works=False)
    assert built.api is not None
    known = [*openapi(built)["paths"], "/api/v1/openapi.json", "/webhooks/{connection}", "/survey/{signed}", "/metrics"]
    built.close()
    return [re.compile(re.sub(r"\\{\w+\\}", r"[^/]+", re.escape(path))) for path in known]


def openapi(built: app.App) -> dict[str, dict[str, object]]:
    from starlette.testclient import TestClient

    answer = TestClient(built.api).get("/api/v1/openapi.json")  # type: ignore[arg-type]  # App says: any callable
    found: dict[str, dict[str, object]] = answer.json()
    return found


def test_every_path_that_is_named_exists(paths: list[re.Pattern[str]]) -> None:
    for page in PAGES:
        text = page.read_text() if page.name != "plugins.md" else prose(page).replace("`/v1/messages`", "")
        named = set(re.findall(r"(?:/api/v1/|/webhooks/|(?<=`)/(?=\w))[\w/{}$<>.-]*", text))
        for path in {found.rstrip(".").rstrip("/") for found in named} - {"/api/v1", "/webhooks"}:
            spelt = (path, f"/api/v1{path}")  # a page may say once what everything is under
            assert any(known.fullmatch(one) for known in paths for one in spelt), f"{page.name}: {path}"
