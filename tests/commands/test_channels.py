"""`casella channels`: what is installed, what was set aside and why, what the desk has and in which state."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import httpx
import orjson
import pytest
from sqlalchemy import update
from typer.testing import CliRunner

from casella.cli import cli
from casella.commands.extensions.channels import channel_lines, checked, type_lines
from casella.host import Host
from casella.plugin import ChannelUnreachable, Refusal
from casella.store import tables as t
from tests.fakes import AcmeChannel
from tests.house import House


class Asked(AcmeChannel):
    """Answers what it is told when it is asked whether it is well."""

    answer: Refusal | BaseException | None = None

    def health(self, channel: object, http: httpx.Client) -> Refusal | None:
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


def pause(house: House, **values: object) -> None:
    with house.rooms.store.write() as db:
        db.execute(update(t.channels).where(t.channels.c.key == "main").values(**values))


def states(house: House) -> dict[str, tuple[str, str]]:
    return {line.key: (line.state, line.reason) for line in channel_lines(house.settings, house.host)}


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder without a database."""
    monkeypatch.setenv("CASELLA_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.delenv("CASELLA_DATABASE_URL", raising=False)
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path / "var"


def test_without_a_desk_the_types_are_listed_and_nothing_is_made(empty: Path) -> None:
    done = CliRunner().invoke(cli, ["channels"])
    assert done.exit_code == 0, done.output
    assert "SMS and MMS" in done.output
    assert "casella apply" in done.output
    assert not empty.exists()


def test_for_programs_it_is_one_document(empty: Path) -> None:
    document = orjson.loads(CliRunner().invoke(cli, ["channels", "--json"]).stdout)
    assert document["channels"] == []
    assert {"sms"} <= {line["type"] for line in document["types"]}
    assert all(line["state"] == "ready" for line in document["types"])


def test_the_desks_channels_are_listed_with_why_they_are_paused(house: House) -> None:
    assert states(house) == {"main": ("ready", ""), "second": ("ready", "")}
    until = house.clock.now() + timedelta(minutes=5)
    pause(house, paused_code="channel_misconfigured", paused_text="The token is not accepted.", paused_until=until)
    assert states(house)["main"] == ("paused", "The token is not accepted.")
    [line] = [line for line in channel_lines(house.settings, house.host) if line.key == "main"]
    assert (line.until, line.type, line.inbox) == (until, "acme", "Support")


def test_what_was_set_aside_says_why(house: House) -> None:
    house.host.set_aside("acme", "translate raised ValueError")
    house.host.set_aside("parrot", "could not be loaded: SyntaxError")
    lines = {line.type: (line.title, line.state, line.reason) for line in type_lines(house.host)}
    assert lines["acme"] == ("ACME", "set_aside", "translate raised ValueError")
    assert lines["parrot"] == ("", "set_aside", "could not be loaded: SyntaxError")
    assert states(house)["main"] == ("plugin_set_aside", "translate raised ValueError")


def test_a_channel_whose_plugin_was_removed_says_so(house: House) -> None:
    [line, _] = channel_lines(house.settings, Host())
    assert (line.state, line.reason) == ("plugin_missing", "no plugin for channel type 'acme' is installed")


@pytest.mark.parametrize(
    ("answer", "state", "reason"),
    [
        (None, "ready", ""),
        (Refusal("wrong_token", "The token is not accepted."), "refused", "The token is not accepted."),
        (ChannelUnreachable("Nobody answers."), "unreachable", "Nobody answers."),
        (ValueError("oh"), "plugin_failed", "health raised ValueError"),
    ],
)
def test_asked_for_the_providers_say_whether_it_works(
    migrated_sqlite_url: str, tmp_path: Path, answer: Refusal | Exception | None, state: str, reason: str
) -> None:
    plugin = Asked()
    plugin.answer = answer
    with House(migrated_sqlite_url, tmp_path, plugins=[plugin]) as house:
        [line, _] = channel_lines(house.settings, house.host)
        found = checked(house.rooms, line, house.http)
        assert (found.state, found.reason) == (state, reason)
