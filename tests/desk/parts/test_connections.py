"""Settings of connections: checked without secrets, resolved with them, never printed."""

import os
from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, RootModel, SecretStr

from casella.desk import SecretMissing, SecretSource, SettingsMistaken, Vault, resolve_settings, secret_sources
from casella.desk.parts.connections import check_settings
from casella_rules import read_yaml
from tests.desk.desks import FakeSettings


def problems_of(text: str, model: type[BaseModel] = FakeSettings) -> list[str]:
    tree, unreadable = read_yaml(text.encode(), "desk.yaml")
    assert tree is not None, unreadable
    return [str(problem) for problem in check_settings(tree, model, "desk.yaml")]


def vault(folder: Path = Path("nowhere"), **environment: str) -> Vault:
    return Vault(environment, folder)


def test_secrets_come_from_the_environment() -> None:
    settings = resolve_settings({"account": "1", "token": "${T}"}, FakeSettings, vault(T=" s3cret\n"), "tw")
    assert isinstance(settings, FakeSettings)
    assert settings.token.get_secret_value() == "s3cret"


def test_secrets_come_from_files_beside_the_desk(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "token").write_text("s3cret\n")
    settings = resolve_settings(
        {"account": "1", "token": {"file": "secrets/token"}}, FakeSettings, vault(tmp_path), "tw"
    )
    assert isinstance(settings, FakeSettings)
    assert settings.token.get_secret_value() == "s3cret"


@pytest.mark.timeout(20)  # whoever opens a pipe waits for a writer
def test_a_pipe_is_no_file_of_secrets(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    os.mkfifo(tmp_path / "secrets" / "token")
    with pytest.raises(SecretMissing, match="it is not a regular file"):
        resolve_settings({"account": "1", "token": {"file": "secrets/token"}}, FakeSettings, vault(tmp_path), "tw")


@pytest.mark.parametrize("token", ["${T}", {"file": "secrets/not-there"}])
def test_a_secret_that_is_not_there_is_named(token: object) -> None:
    with pytest.raises(SecretMissing) as caught:
        resolve_settings({"account": "1", "token": token}, FakeSettings, vault(T=""), "tw")
    assert "${T}" in str(caught.value) or "not-there" in str(caught.value)


def test_values_that_do_not_fit_are_named_but_not_shown() -> None:
    with pytest.raises(SettingsMistaken) as caught:
        resolve_settings(
            {"account": "1", "token": "${T}", "retries": "${R}"}, FakeSettings, vault(T="t", R="hunter2"), "tw"
        )
    assert "retries" in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert "tw" in str(caught.value)


def test_what_is_known_only_later_is_not_reported() -> None:
    assert problems_of('{account: "${A}", token: "${T}", retries: "${R}", keys: {a: {file: k}}}') == []


def test_a_literal_secret_is_reported_without_its_value() -> None:
    (line,) = problems_of("{account: '1', token: hunter2}")
    assert line.startswith("desk.yaml:1:23: a secret never stands in the desk")
    assert "hunter2" not in line


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")

    key: SecretStr = Field(min_length=100)
    """So long that neither a stand-in nor a mistake fits."""

    plain: str = ""


class Acme(BaseModel):
    model_config = ConfigDict(extra="forbid")

    provider: Literal["acme"] = "acme"
    inner: Inner
    several: list[SecretStr] = []
    maybe: Annotated[SecretStr | None, Field()] = None


class Other(BaseModel):
    provider: Literal["other"]


class Either(RootModel[Annotated[Acme | Other, Field(discriminator="provider")]]):
    pass


@pytest.mark.parametrize(
    ("written", "places"),
    [
        ("{provider: acme, inner: {key: x1}}", ["1:31"]),
        ("{provider: acme, inner: {key: '${K}', plain: x}, several: [y1, '${Y}']}", ["1:60"]),
        ("{provider: acme, inner: {key: '${K}'}, maybe: z1}", ["1:47"]),
        ("{provider: acme, inner: {key: '${K}'}}", []),
    ],
)
def test_secrets_are_found_in_lists_parts_and_alternatives(written: str, places: list[str]) -> None:
    lines = problems_of(written, Either)
    assert [line.removeprefix("desk.yaml:").partition(": ")[0] for line in lines] == places
    assert not any(secret in line for line in lines for secret in ("x1", "y1", "z1"))


def test_errors_within_alternatives_have_their_place() -> None:
    assert problems_of("{provider: acme, inner: {key: '${K}', plain: 5}}", Either) == [
        "desk.yaml:1:46: expected text, got '5'. Numbers, true and false need quotes to be text"
    ]


def test_unknown_keys_within_alternatives_get_a_hint() -> None:
    assert problems_of("{provider: acme, innner: {key: '${K}'}, inner: {key: '${K}', plian: x}}", Either) == [
        "desk.yaml:1:62: unknown key 'plian'. Did you mean 'plain'?",
        "desk.yaml:1:18: unknown key 'innner'. Did you mean 'inner'?",
    ]


def test_every_source_of_a_secret_is_known() -> None:
    settings = {"a": "${A}", "b": ["${B}", "plain"], "c": {"d": {"file": "e"}}}
    assert list(secret_sources(settings)) == [SecretSource("A"), SecretSource("B"), SecretSource(file="e")]


def test_a_vault_and_its_sources_show_no_secret() -> None:
    assert str(SecretSource("A")) == "${A}"
    assert str(SecretSource(file="x/y")) == "the file x/y"


def test_an_unknown_key_is_found_whatever_stands_behind_it() -> None:
    assert problems_of('{acount: "${A}", token: "${T}", base_ur1: {file: k}}') == [
        "desk.yaml:1:1: 'account' is missing",
        "desk.yaml:1:2: unknown key 'acount'. Did you mean 'account'?",
        "desk.yaml:1:33: unknown key 'base_ur1'. Keys: account, keys, retries, token, url",
    ]
