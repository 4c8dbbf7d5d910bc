"""What a desk takes from outside is judged at once, with its place, and without a word of its value."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from casella.desk import Catalogue, SettingsMistaken, Vault, load_desk
from casella.desk.checks.outside import require_outside
from casella.desk.files.secrets import FromOutside, SecretMissing
from tests.desk.desks import SOUND, write_desk

CONNECTION = '{type: sms, settings: {account: "1", token: "${TEST_TOKEN}"}}'
DESK = SOUND["desk.yaml"].replace(
    CONNECTION,
    "\n    type: sms\n    settings:\n      account: ${ACCOUNT}\n      token: {file: token}\n      retries: ${RETRIES}\n"
    "      url: ${URL}\n      mode: ${MODE}\n",
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
        (folder / "desk" / "token").write_text(token)
    with pytest.raises(FromOutside) as caught:
        require_outside(desk, Catalogue({"sms": Settings}), Vault(environment, folder / "desk"))
    return type(caught.value), [str(one).partition("desk/desk.yaml:")[2] for one in caught.value.problems]


def test_what_fits_is_fine(tmp_path: Path) -> None:
    folder = write_desk(tmp_path, {"desk.yaml": DESK, "token": "t0k3n"})
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
        "13:14: the value of the file token is too short; it needs at least 5",
        "14:16: expected a whole number, got the value of ${RETRIES}",
        "15:12: the value of ${URL} does not fit",
        "16:13: the value of ${MODE} is not possible here. Write live or test",
        "24:89: the password in ${ANN} is shorter than 8 characters, so it is guessed too easily. Choose a longer one",
    ]
