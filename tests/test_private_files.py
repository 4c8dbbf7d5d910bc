"""What Casella writes is its own to read, whatever the umask says (issue 17.9)."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from casella.inbox.files.storage import Folder
from casella.private_files import create, private_file, private_folder
from casella.settings import Settings
from casella.store import Store
from casella.store.migrate import upgrade


@pytest.fixture(autouse=True, params=[0o000, 0o022, 0o077], ids=["open", "usual", "closed"])
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_the_database_and_what_lies_beside_it(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    store = Store(f"sqlite:///{folder / 'casella.db'}")
    upgrade(store)
    with store.read():
        assert mode(folder) == 0o700
        assert {mode(path) for path in folder.iterdir()} == {0o600}
    store.close()


def test_a_database_that_others_could_read_is_closed(tmp_path: Path) -> None:
    (tmp_path / "casella.db").touch()
    (tmp_path / "casella.db").chmod(0o644)
    Store(f"sqlite:///{tmp_path / 'casella.db'}").close()
    assert mode(tmp_path / "casella.db") == 0o600


def test_attachments(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "media")
    folder.keep("ab" * 20, io.BytesIO(b"secret"))
    path = folder.path("ab" * 20)
    assert (mode(path), mode(path.parent)) == (0o600, 0o700)


def test_the_secret_key(tmp_path: Path) -> None:
    Settings(data_dir=tmp_path / "data").secret_keys()
    assert (mode(tmp_path / "data"), mode(tmp_path / "data" / "secret.key")) == (0o700, 0o600)


def test_what_is_there_keeps_what_is_in_it(tmp_path: Path) -> None:
    path = tmp_path / "kept"
    path.write_bytes(b"words")
    path.chmod(0o666)
    private_file(path)
    assert (path.read_bytes(), mode(path)) == (b"words", 0o600)
    with pytest.raises(FileExistsError):
        create(path)
    tmp_path.chmod(0o755)
    private_folder(tmp_path)
    assert mode(tmp_path) == 0o700
