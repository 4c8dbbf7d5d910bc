"""Settings come from the environment; a secret key is made when none is given."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest
from pydantic import ValidationError

from casella.settings import Settings


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import os

    for name in list(os.environ):
        if name.startswith("CASELLA_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_without_any_setting_it_is_one_process_on_one_file(tmp_path: Path) -> None:
    settings = Settings()

    assert settings.embedded
    assert settings.effective_database_url == f"sqlite:///{Path('var') / 'casella.db'}"
    assert settings.public_url == "http://127.0.0.1:8000"


def test_settings_are_read_from_variables_of_their_names(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {
        "DATABASE_URL": "postgresql+psycopg://db/casella", "REDIS_URL": "redis://r", "PUBLIC_URL": "https://desk.example/",
        "PORT": "9000", "LANES": "4", "SHUTDOWN_SECONDS": "3.5", "TRACE_PLUGINS": "yes", "DESK": "/srv/desk",
    }  # fmt: skip
    for name, value in given.items():
        monkeypatch.setenv(f"CASELLA_{name}", value)
    settings = Settings()

    assert settings.effective_database_url == "postgresql+psycopg://db/casella"
    assert (settings.embedded, settings.public_url, settings.port) == (False, "https://desk.example", 9000)
    assert (settings.lanes, settings.shutdown_seconds, settings.trace_plugins) == (4, 3.5, True)
    assert settings.desk == Path("/srv/desk")


@pytest.mark.parametrize(
    "wrong", [{"port": 70000}, {"lanes": -1}, {"send_threads": 0}, {"session_hours": 0}, {"kept_days": 0}]
)
def test_values_that_make_no_sense_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValidationError):
        Settings(**wrong)  # type: ignore[arg-type]  # the point


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASELLA_SECRET_KEY", "very-secret-key-of-some-length")
    monkeypatch.setenv("CASELLA_METRICS_TOKEN", "very-secret-token")
    assert "very-secret" not in repr(Settings())


def test_a_given_key_is_used_and_several_are_for_rotation() -> None:
    assert Settings(secret_key="new, old ,").secret_keys() == ["new", "old"]


def test_a_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    [key] = settings.secret_keys()

    path = tmp_path / "data" / "secret.key"
    assert len(key) >= 48
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert settings.secret_keys() == [key] == Settings(data_dir=tmp_path / "data").secret_keys()
    assert [item.name for item in path.parent.iterdir()] == ["secret.key"]


def test_processes_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    barrier = threading.Barrier(8)
    keys: list[str] = []

    def start() -> None:
        settings = Settings(data_dir=tmp_path / "data")
        barrier.wait()
        keys.extend(settings.secret_keys())

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(keys) == 8
    assert len(set(keys)) == 1
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["secret.key"]
