"""A backup is whole, private, and taken while everything goes on; what is brought back is what was, and nothing leaves
twice because of it."""

from __future__ import annotations

import io
import json
import os
import sqlite3
import tarfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from casella import backup
from casella.backup import BadBackup
from casella.backup.archive import ABOUT, DATABASE
from casella.clock import Clock
from casella.errors import ConfigurationError
from casella.inbox.sending.leases import expire_leases
from casella.settings import Settings
from casella.store.tables import attachments, campaigns, feed, messages, outbox
from tests.house import PNG, House
from tests.inbox.campaigns.rig import NIGHTLESS, act, people, scheduled, shown

LATER = """
rules:
  - name: Later
    when: message_received
    if: always
    after: 1h
    then: [{tag: vip}]
"""
Change = Callable[[list[tuple[tarfile.TarInfo, bytes]]], object]


def silent(done: int, total: int) -> None:
    """Nobody looks on."""


@pytest.fixture
def house(migrated_sqlite_url: str, tmp_path: Path) -> Iterator[House]:
    with House(migrated_sqlite_url, tmp_path) as built:
        yield built


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "casella.tar"


def written(house: House, file: Path) -> Path:
    file.parent.mkdir(exist_ok=True)
    backup.write(house.settings, file, told=silent)
    return file


def elsewhere(house: House, folder: Path) -> Settings:
    return house.settings.model_copy(update={"data_dir": folder, "database_url": ""})


def restored(house: House, file: Path, folder: Path, clock: Clock | None = None) -> tuple[backup.Restored, House]:
    place = elsewhere(house, folder / "data")
    told = backup.restore(place, file, clock=clock or house.clock, told=silent)
    return told, House(place.effective_database_url, folder, clock=house.clock, plugins=[house.acme], desk=None)


def test_everything_comes_back_as_it_was(house: House, file: Path, tmp_path: Path) -> None:
    house.receive(house.says("Where is my order?"))
    house.reply("On its way", attachment_ids=[house.upload()])
    house.deliver()
    told, again = restored(house, written(house, file), tmp_path / "new")
    with again:
        assert [row["text"] for row in again.rows(messages)] == ["Where is my order?", "On its way"]
        [attachment] = again.rows(attachments)
        with again.rooms.media.open(attachment["storage_key"]) as picture:
            assert picture.read() == PNG
        assert again.reply("Anything else?")
    assert (told.contents.conversations, told.contents.messages, told.contents.attachments) == (1, 2, 1)
    assert (told.unconfirmed, told.paused_campaigns, told.overdue) == (0, 0, 0)


def test_it_is_as_private_as_what_is_in_it(house: House, file: Path, tmp_path: Path) -> None:
    house.receive(house.says())
    house.reply("A picture", attachment_ids=[house.upload()])
    written(house, file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert os.listdir(file.parent) == [file.name], "nothing is left beside it"
    _, again = restored(house, file, tmp_path / "new")
    again.close()
    data = tmp_path / "new" / "data"
    assert (data / "casella.db").stat().st_mode & 0o777 == 0o600
    assert {path.stat().st_mode & 0o777 for path in data.rglob("*") if path.is_dir()} <= {0o700}


def test_the_key_comes_with_it_and_another_one_is_never_replaced(house: House, file: Path, tmp_path: Path) -> None:
    key = house.settings.data_dir / "secret.key"
    key.parent.mkdir(parents=True, exist_ok=True)
    key.write_text("the key\n")
    written(house, file)
    place = elsewhere(house, tmp_path / "new")
    backup.restore(place, file, clock=house.clock, told=silent)
    assert (place.data_dir / "secret.key").read_text() == "the key\n"
    (place.data_dir / "casella.db").unlink()
    (place.data_dir / "secret.key").write_text("another key\n")
    with pytest.raises(ConfigurationError, match="another key"):
        backup.restore(place, file, clock=house.clock, told=silent)
    assert (place.data_dir / "secret.key").read_text() == "another key\n"


def test_messages_come_in_meanwhile_and_what_was_there_before_is_in_it(
    house: House, file: Path, tmp_path: Path
) -> None:
    house.receive(*(house.says(f"Number {number}", f"+39055{number:07}") for number in range(40)))
    going, over = threading.Event(), threading.Event()

    def write_on() -> None:
        while not over.is_set():
            house.receive(house.says("And another"))
            going.set()

    writer = threading.Thread(target=write_on)
    writer.start()
    try:
        assert going.wait(30)
        before = len(house.rows(messages))
        written(house, file)
    finally:
        over.set()
        writer.join()
    after = len(house.rows(messages))
    told, again = restored(house, file, tmp_path / "new")
    with again:
        assert before <= len(again.rows(messages)) == told.contents.messages <= after


def test_what_waited_to_be_sent_and_may_have_been_is_not_sent_again(house: House, file: Path, tmp_path: Path) -> None:
    house.receive(house.says())
    house.reply("Sent after the backup")
    written(house, file)
    assert house.deliver() == 1  # and then the disk is lost
    house.clock.move(hours=3)
    told, again = restored(house, file, tmp_path / "new")
    with again:
        with again.rooms.store.write() as db:
            assert expire_leases(again.rooms, db, again.clock.now(), every=True) == 1  # as each start does
        assert again.deliver() == 0
        assert again.one(messages, direction="out")["state"] == "unconfirmed"
        assert [row["kind"] for row in again.rows(feed)][-1] == "message.updated"
    assert told.unconfirmed == 1


def test_what_could_not_have_left_yet_leaves_when_it_is_due(house: House, file: Path, tmp_path: Path) -> None:
    house.receive(house.says())
    house.reply("Later")
    with house.rooms.store.write() as db:
        db.execute(update(outbox).values(due_at=house.clock.now() + timedelta(days=1)))
    told, again = restored(house, written(house, file), tmp_path / "new")
    with again:
        assert again.deliver() == 0
        again.clock.move(days=1, seconds=1)
        assert again.deliver() == 1
    assert told.unconfirmed == 0


def test_campaigns_stand_still_until_somebody_resumes_them(house: House, file: Path, tmp_path: Path) -> None:
    people(house, 3)
    id = scheduled(house, **NIGHTLESS)
    told, again = restored(house, written(house, file), tmp_path / "new")
    with again:
        view = shown(again, id)
        assert (view.state, view.pause_code, told.paused_campaigns) == ("paused", "restored", 1)
        act(again, "resume", id)
        assert again.one(campaigns)["state"] == "active"


def test_timers_that_came_due_since_are_counted(house: House, file: Path, tmp_path: Path) -> None:
    house.apply(rules=LATER)
    house.receive(house.says())
    written(house, file)
    house.clock.move(hours=2)
    told, again = restored(house, file, tmp_path / "new")
    again.close()
    assert told.overdue == 1


def test_a_database_or_a_file_that_is_there_is_never_replaced(house: House, file: Path) -> None:
    written(house, file)
    with pytest.raises(ConfigurationError, match="There is a database already"):
        backup.restore(house.settings, file, clock=house.clock, told=silent)
    with pytest.raises(ConfigurationError, match="--overwrite"):
        written(house, file)
    backup.write(house.settings, file, overwrite=True, told=silent)


def test_a_place_where_no_file_can_be_is_said_before_anything_is_copied(house: House, tmp_path: Path) -> None:
    for place in (tmp_path / "nowhere" / "casella.tar", tmp_path):
        with pytest.raises(ConfigurationError, match="in a folder that is there"):
            backup.write(house.settings, place, overwrite=True, told=silent)


def test_postgresql_is_told_its_own_tools(house: House, file: Path) -> None:
    there = house.settings.model_copy(update={"database_url": "postgresql+psycopg://127.0.0.1/casella"})
    with pytest.raises(ConfigurationError, match="pg_dump"):
        backup.write(there, file, told=silent)
    with pytest.raises(ConfigurationError, match="pg_restore"):
        backup.restore(there, file, clock=house.clock, told=silent)


def test_without_a_database_there_is_nothing_to_back_up(house: House, file: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="nothing to back up"):
        backup.write(elsewhere(house, tmp_path / "empty"), file, told=silent)


# --- what is no backup, or a damaged one -----------------------------------------------------------------------


def adding(name: str, kind: bytes = tarfile.REGTYPE, to: str = "") -> Change:
    made = tarfile.TarInfo(name)
    made.type, made.linkname = kind, to
    return lambda parts: parts.append((made, b"x" if kind == tarfile.REGTYPE else b""))


def saying(**changes: object) -> Change:
    def change(parts: list[tuple[tarfile.TarInfo, bytes]]) -> None:
        about = json.loads(parts[0][1]) | changes
        parts[0] = (parts[0][0], json.dumps(about).encode())

    return change


def without(name: str) -> Change:
    return lambda parts: parts.__setitem__(slice(None), [part for part in parts if part[0].name != name])


def broken_database(parts: list[tuple[tarfile.TarInfo, bytes]]) -> None:
    [place] = [number for number, part in enumerate(parts) if part[0].name == DATABASE]
    content = bytearray(parts[place][1])
    content[4096 * 3 : 4096 * 12] = os.urandom(4096 * 9)
    parts[place] = (parts[place][0], bytes(content))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        pytest.param(adding("../evil"), "something else", id="leads out"),
        pytest.param(adding("/etc/cron.d/x"), "something else", id="absolute"),
        pytest.param(adding("media/ab/../../x"), "something else", id="out of media"),
        pytest.param(adding("secret.key", tarfile.SYMTYPE, "/etc/passwd"), "something else", id="link"),
        pytest.param(adding(f"media/ab/ab{'0' * 38}", tarfile.LNKTYPE, DATABASE), "something else", id="hard link"),
        pytest.param(adding("pipe", tarfile.FIFOTYPE), "something else", id="pipe"),
        pytest.param(saying(format=2, casella="9.9"), "written by Casella 9.9, which is newer", id="newer format"),
        pytest.param(saying(revision="9999", casella="9.9"), "Casella 9.9, which is newer", id="newer tables"),
        pytest.param(saying(messages="many"), "damaged", id="says nonsense"),
        pytest.param(without(ABOUT), "no backup", id="says nothing"),
        pytest.param(without(DATABASE), "parts of it are missing", id="no database"),
        pytest.param(broken_database, "damaged", id="broken database"),
    ],
)
def test_a_file_that_is_no_sound_backup_is_refused_and_leaves_nothing(
    house: House, file: Path, tmp_path: Path, change: Change, says: str
) -> None:
    house.receive(house.says())
    written(house, file)
    with tarfile.open(file) as archive:
        parts = [(one, archive.extractfile(one).read()) for one in archive]  # type: ignore[union-attr]  # all are files
    change(parts)
    with tarfile.open(file, "w") as archive:
        for one, content in parts:
            one.size = len(content)
            archive.addfile(one, io.BytesIO(content))
    place = elsewhere(house, tmp_path / "new" / "data")
    with pytest.raises(BadBackup, match=says):
        backup.restore(place, file, clock=house.clock, told=silent)
    left = (
        [path.name for path in (tmp_path / "new").rglob("*") if path.is_file()] if (tmp_path / "new").exists() else []
    )
    assert [name for name in left if "casella.db" in name or "evil" in name] == []


@pytest.mark.parametrize("content", [b"", b"not a tar file at all" * 100, b"\0" * 20_000])
def test_any_other_file_is_refused(house: House, tmp_path: Path, content: bytes) -> None:
    other = tmp_path / "holiday.jpg"
    other.write_bytes(content)
    with pytest.raises(BadBackup, match="no backup of Casella"):
        backup.restore(elsewhere(house, tmp_path / "new"), other, clock=house.clock, told=silent)


def test_one_that_was_cut_short_is_refused_wherever_it_was_cut(house: House, file: Path, tmp_path: Path) -> None:
    house.receive(house.says())
    house.reply("A picture", attachment_ids=[house.upload()])
    whole = written(house, file).read_bytes()
    content_ends = len(whole.rstrip(b"\0"))
    for share in (0.01, 0.3, 0.6, 0.9, 0.999):
        file.write_bytes(whole[: int(content_ends * share)])
        place = elsewhere(house, tmp_path / f"cut at {share}")
        with pytest.raises(BadBackup):
            backup.restore(place, file, clock=house.clock, told=silent)
        assert not (place.data_dir / "casella.db").exists()


def test_what_was_interrupted_is_simply_done_again(house: House, file: Path, tmp_path: Path) -> None:
    house.receive(house.says())
    house.reply("A picture", attachment_ids=[house.upload()])
    written(house, file)
    place = elsewhere(house, tmp_path / "new")

    class Pulled(Exception):
        pass

    def pull(done: int, total: int) -> None:
        raise Pulled

    with pytest.raises(Pulled):
        backup.restore(place, file, clock=house.clock, told=pull)
    backup.restore(place, file, clock=house.clock, told=silent)
    with closing(sqlite3.connect(place.data_dir / "casella.db")) as db:
        assert db.execute("SELECT count(*) FROM messages").fetchone() == (2,)


def test_a_full_disk_leaves_the_last_backup_as_it_is(house: House, file: Path) -> None:
    before = written(house, file).read_bytes()

    def full(done: int, total: int) -> None:
        raise OSError(28, os.strerror(28))

    with pytest.raises(Exception, match="disk is full"):
        backup.write(house.settings, file, overwrite=True, told=full)
    assert file.read_bytes() == before
    assert os.listdir(file.parent) == [file.name]
