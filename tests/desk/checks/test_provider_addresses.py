"""Providers' secrets leave by https, or to hosts that the operator has named: said with the place in the desk."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import BaseModel, SecretStr

from casella.desk import load_desk
from casella.desk.checks.provider_addresses import address_problems, require_safe_addresses
from casella.desk.files.secrets import Vault
from casella.desk.model import Desk
from casella.desk.parts.catalogue import Catalogue
from casella.desk.parts.connections import SettingsMistaken
from tests.desk.desks import write_desk


class Further(BaseModel):
    media_url: str = ""


class Settings(BaseModel):
    token: SecretStr
    base_url: str = "https://api.example"
    origins: tuple[str, ...] = ()
    further: Further = Further()


DESK = """
desk: Shop
inboxes: {support: {name: Support}}
connections:
  sms:
    type: sms
    settings: {token: "${CASELLA_SECRET_TOKEN}", SETTING}
channels:
  line: {connection: sms, inbox: support, address: "+15550001"}
"""
KNOWN = Catalogue({"sms": Settings})


def desk(folder: Path, setting: str) -> Desk:
    return load_desk(write_desk(folder, {"desk.yaml": DESK.replace("SETTING", setting)}), KNOWN)


@pytest.mark.parametrize(
    ("setting", "place"),
    [
        ('base_url: "http://evil.example/v1"', "evil.example:80"),
        ('base_url: "HTTP://evil.example"', "evil.example:80"),
        ('base_url: "http://127.0.0.1:9000"', "127.0.0.1:9000"),
        ('base_url: "http://simulator"', "simulator:80"),
        ('base_url: "http://[::1]:9000"', "[::1]:9000"),
        ('further: {media_url: "http://evil.example:81"}', "evil.example:81"),
    ],
)
def test_an_address_without_https_is_refused_unless_its_host_is_named(tmp_path: Path, setting: str, place: str) -> None:
    written = desk(tmp_path, setting)
    [problem] = address_problems(written, [])
    assert "must be an address with https" in problem.message
    assert place in problem.hint
    assert (Path(problem.file).name, problem.line) == ("desk.yaml", 7)
    assert address_problems(written, ["other:1", place]) == []


@pytest.mark.parametrize(
    "setting", ['base_url: "https://api.example"', 'origins: ["http://localhost:3000"]', 'base_url: "not an address"']
)
def test_what_is_safe_or_no_address_of_a_provider_is_nobodys_problem(tmp_path: Path, setting: str) -> None:
    assert address_problems(desk(tmp_path, setting), []) == []


def test_a_variable_is_looked_into_when_the_desk_is_applied(tmp_path: Path) -> None:
    written = desk(tmp_path, 'base_url: "${CASELLA_SECRET_BASE}"')
    vault = Vault({"CASELLA_SECRET_BASE": "http://evil.example", "CASELLA_SECRET_TOKEN": "t"}, tmp_path)
    assert address_problems(written, []) == []
    with pytest.raises(SettingsMistaken, match="must be an address with https"):
        require_safe_addresses(written, vault, [])
    require_safe_addresses(written, vault, ["evil.example:80"])
