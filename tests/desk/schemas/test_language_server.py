"""A real YAML language server, as in editors: sound desks are quiet, mistakes are underlined, actions are offered."""

import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import pytest

from casella.desk import load_desk
from casella.desk.parts.catalogue import Catalogue
from casella.desk.schemas.desk_schema import write_schemas
from casella.host import find_plugins
from tests.desk.language_server import LanguageServer, installed

ROOT = Path(__file__).parents[3]
FOLDER = Path(sys.prefix) / "yaml-language-server"
pytestmark = pytest.mark.slow
RULE = """# yaml-language-server: $schema=.casella/rules.schema.json
rules:
  - name: A
    when: message_received
    if: {text: {contains_word: refund}}
    then:
      - assign: {team: billing}
"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("editor") / "desk"
    copytree(ROOT / "examples" / "desk", folder)
    known = Catalogue.of(find_plugins().plugins)
    write_schemas(load_desk(folder, known), known, folder)
    return folder


@pytest.fixture(scope="module")
def server(desk: Path) -> Iterator[LanguageServer]:
    program = installed(FOLDER)
    if program is None:
        pytest.skip("npm cannot get the YAML language server: schemas are not proven in an editor")
    with LanguageServer(program, desk) as running:
        yield running


@pytest.mark.parametrize("name", ["rules", "desk", "canned", "tests"])
def test_the_example_desk_is_quiet(name: str, desk: Path, server: LanguageServer) -> None:
    path = desk / f"{name}.yaml"
    assert server.open(path, path.read_text()) == []


@pytest.mark.parametrize(
    ("written", "instead", "line"),
    [
        ("message_received", "mesage_received", 4),
        ("{text:", "{txt:", 5),
        ("contains_word", "contain_word", 5),
        ("assign:", "asign:", 7),
        ("billing", "biling", 7),
        ("    name: A", "    nme: A", 3),
    ],
)
def test_a_mistake_is_underlined_where_it_is(
    written: str, instead: str, line: int, desk: Path, server: LanguageServer
) -> None:
    text = RULE.replace("- name: A", "-\n    name: A") if written.startswith("    ") else RULE
    said = server.open(desk / f"{instead.strip(' {:')}.yaml", text.replace(written, instead))
    assert said
    assert any(int(one.partition(":")[0]) in (line, line + 1, line - 1) for one in said), said


def test_actions_teams_and_fields_are_offered(desk: Path, server: LanguageServer) -> None:
    path = desk / "offered.yaml"
    server.open(path, RULE + "      - \n")
    offered = server.completions(path, 8, 9)
    assert {"assign", "reply", "tag", "close", "snooze", "stop"} <= set(offered)
    server.open(desk / "teams.yaml", RULE.replace("billing", ""))
    assert {"billing", "front-desk"} <= set(server.completions(desk / "teams.yaml", 7, 24))
    fields = desk / "fields.yaml"
    server.open(fields, RULE.replace("{text: {contains_word: refund}}", "\n      "))
    assert {"text", "contact.tags", "hours"} <= set(server.completions(fields, 6, 7))
