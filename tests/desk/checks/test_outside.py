"""What a desk takes from outside is judged at once, with its place, and without a word of its value."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from casella.desk import Catalogue, SettingsMistaken, Vault, load_desk
from casella.desk.checks.outside import require_outside
from casella.desk.files.secrets import FromOutside, SecretMissing, SecretSource
from tests.desk.desks import SOUND, write_desk

CONNECTION = '{type: sms, settings: {account: "1", token: "${TEST_TOKEN}"}}'
DESK = SOUND["desk.yaml"].replace(
    CONNECTION,
    "\n    type: sms\n    settings:\n      account: ${ACCOUNT}\n      token: {file: secrets/token}\n"
    "      retries: ${RETRIES}\n      url: ${URL}\n      mode: ${MODE}\n",
)
DESK = DESK.replace("capacity: 3}", 'capacity: 3, password: "${ANN}"}') + (
    'webhooks:\n  crm: {url: "https://crm.example/hook", secret: "${CRM}"}\n'
)
GOOD = {"ACCOUNT": "AC12", "RETRIES": "3", "URL": "https://x.example", "MODE": "live", "CRM": "c", "ANN": "long enough"}


class Settings(BaseModel):
    model_config = ConfigDict(extra="forbid")

    account: str = Field(pattern="^AC[0-9]{2}$")
    token: SecretStr = Field(min_length=5)
    retries: int = 3
    url: str = ""
    mode: Literal["live", "test"] = "live"

    @field_validator("url")
    @classmethod
    def _with_scheme(cls, url: str) -> str:
        if not url.startswith("https://"):
            raise ValueError(f"begin with https://, not like {url}")
        return url


def told(folder: Path, environment: dict[str, str], token: str | None = "t0k3n") -> tuple[type[FromOutside], list[str]]:
    desk = load_desk(write_desk(folder, {"desk.yaml": DESK}), Catalogue({"sms": Settings}))
    if token is not None:
        (folder / "desk" / "secrets").mkdir(exist_ok=True)
        (folder / "desk" / "secrets" / "token").write_text(token)
    with pytest.raises(FromOutside) as caught:
        require_outside(desk, Catalogue({"sms": Settings}), Vault(environment, folder / "desk"))
    return type(caught.value), [str(one).partition("desk/desk.yaml:")[2] for one in caught.value.problems]


def test_what_fits_is_fine(tmp_path: Path) -> None:
    folder = write_desk(tmp_path, {"desk.yaml": DESK, "secrets/token": "t0k3n"})
    require_outside(load_desk(folder, Catalogue({"sms": Settings})), Catalogue({"sms": Settings}), Vault(GOOD, folder))


def test_everything_that_is_missing_is_said_at_once(tmp_path: Path) -> None:
    kind, lines = told(tmp_path, {"URL": "x"}, token=None)

    assert kind is SecretMissing
    assert [line.partition(": ")[0] for line in lines] == ["12:16", "13:14", "14:16", "16:13", "24:89", "30:50"]
    assert lines[0] == "12:16: ${ACCOUNT} is empty or not there; set it and start again"
    assert "cannot be read: No such file" in lines[1]


def test_everything_that_does_not_fit_is_said_at_once_and_never_shown(tmp_path: Path) -> None:
    wrong = {**GOOD, "ACCOUNT": "AC1", "RETRIES": "many", "URL": "ftp://inner.example", "MODE": "lvie", "ANN": "x"}
    kind, lines = told(tmp_path, wrong, token="tok")

    assert kind is SettingsMistaken
    assert lines == [
        "12:16: the value of ${ACCOUNT} is not written as it must be (^AC[0-9]{2}$)",
        "13:14: the value of the file secrets/token is too short; it needs at least 5",
        "14:16: expected a whole number, got the value of ${RETRIES}",
        "15:12: the value of ${URL} does not fit",
        "16:13: the value of ${MODE} is not possible here. Write live or test",
        "24:89: the password in ${ANN} is shorter than 8 characters, so it is guessed too easily. Choose a longer one",
    ]


OPEN = {"CASELLA_SECRET_A": "a", "CASELLA_DEMO_A": "b", "TWILIO_TOKEN": "c", "AWS_SECRET_ACCESS_KEY": "d"}


@pytest.mark.parametrize(
    ("name", "declared", "reached"),
    [
        ("CASELLA_SECRET_A", (), True),
        ("CASELLA_DEMO_A", (), True),
        ("TWILIO_TOKEN", (), False),
        ("TWILIO_TOKEN", ("TWILIO_*",), True),
        ("AWS_SECRET_ACCESS_KEY", ("TWILIO_*",), False),
        ("AWS_SECRET_ACCESS_KEY", ("*",), True),
        ("CASELLA_SECRET_KEY", ("*",), False),
        ("CASELLA_DATABASE_URL", ("*",), False),
        ("CASELLA_METRICS_TOKEN", ("CASELLA_METRICS_TOKEN",), False),
    ],
)
def test_authors_of_desks_are_no_operators(tmp_path: Path, name: str, declared: tuple[str, ...], reached: bool) -> None:
    """issue 17.10: a desk could send any variable of the process to an address of its author's."""
    environment = {**OPEN, "CASELLA_SECRET_KEY": "k", "CASELLA_DATABASE_URL": "u", "CASELLA_METRICS_TOKEN": "m"}
    vault = Vault(environment, tmp_path, declared)
    if reached:
        assert vault.read(SecretSource(variable=name)) == environment[name]
        return
    with pytest.raises(SecretMissing, match="CASELLA_DESK_VARIABLES") as caught:
        vault.read(SecretSource(variable=name))
    assert environment[name] not in caught.value.text.split()


def test_nor_do_they_read_files_of_the_machine(tmp_path: Path) -> None:
    desk, outside = tmp_path / "desk", tmp_path / "outside"
    (desk / "secrets").mkdir(parents=True)
    outside.write_text("of somebody else")
    (desk / "secrets" / "mine").write_text("mine")
    (desk / "secrets" / "link").symlink_to(outside)
    (desk / "beside").write_text("no secret")
    vault = Vault({}, desk)
    assert vault.read(SecretSource(file="secrets/mine")) == "mine"
    for file in ("../outside", str(outside), "secrets/../../outside", "secrets/link", "beside", "/etc/hostname"):
        with pytest.raises(SecretMissing, match="outside the desk's folder"):
            vault.read(SecretSource(file=file))
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "secrets").symlink_to(tmp_path)
    with pytest.raises(SecretMissing, match="outside the desk's folder"):
        Vault({}, tmp_path / "other").read(SecretSource(file="secrets/outside"))
