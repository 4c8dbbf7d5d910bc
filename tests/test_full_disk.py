"""A full disk is named, refuses with 503, and costs nothing that was acknowledged: on one that is really full."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from casella.doctor import examine
from casella.store.tables import messages
from tests.api.conftest import cast_of
from tests.api.endpoints.test_attachments import PNG, upload
from tests.api.house import open_house
from tests.house import House
from tests.services import PostgresServer
from tests.services.server_process import scratch_folder, unprivileged
from tests.small_disk import SmallDisk, small_disk

NO_FLOOR = "free_disk_mb=0"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "small", 16) as mounted:
        yield mounted


@pytest.fixture
def sqlite_on(disk: SmallDisk, sqlite_template: Path) -> str:
    """The URL of a database that lies there."""
    (disk.folder / "casella.db").write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{disk.folder / 'casella.db'}"


def until_refused(house: House, disk: SmallDisk, most: int = 3000) -> list[str]:
    """Texts of all the webhooks that were acknowledged, before the disk was full and until one was not."""
    taken: list[str] = []
    for number in range(most):
        if number == 3:
            disk.fill()
        said = f"{number} {'x' * 2000}"
        [answer] = house.post(house.webhook(house.says(said)))
        if answer.status != 200:
            assert answer.status == 503
            return taken
        taken.append(said)
    raise AssertionError("the disk was never full")


def is_full(house: House) -> bool:
    return house.rooms.store.is_full


def everything_is_there(house: House, taken: list[str]) -> None:
    house.drain()
    assert sorted(str(row["text"]) for row in house.rows(messages)) == sorted(taken)


def test_what_a_full_sqlite_has_acknowledged_is_there_and_it_goes_on_by_itself(
    sqlite_on: str, disk: SmallDisk, tmp_path: Path
) -> None:
    with House(sqlite_on, tmp_path, quotas=NO_FLOOR) as house:
        taken = until_refused(house, disk)
        assert is_full(house)
        named = [finding for finding in examine(house.rooms) if not finding.ok and finding.subject == "disk"]
        assert [finding.text.startswith("nearly full: 0 MB are left for the database") for finding in named] == [True]
        disk.make_room()
        [answer] = house.post(house.webhook(house.says("after it")))
        assert answer.status == 200
        assert not is_full(house)
        everything_is_there(house, [*taken, "after it"])


def test_what_a_full_postgresql_has_acknowledged_is_there_and_it_goes_on_by_itself(
    pg_server: PostgresServer, migrated_pg_url: str, tmp_path: Path
) -> None:
    with scratch_folder("small") as scratch, small_disk(scratch / "small", 16) as disk:
        owner = unprivileged()
        if owner:
            os.chown(disk.folder, owner["user"], owner["group"])
        admin = create_engine(migrated_pg_url, isolation_level="AUTOCOMMIT")
        with admin.connect() as db:
            db.execute(text(f"CREATE TABLESPACE small LOCATION '{disk.folder}'"))
            db.execute(text("ALTER TABLE journal SET TABLESPACE small"))
        try:
            with House(migrated_pg_url, tmp_path, quotas=NO_FLOOR) as house:
                taken = until_refused(house, disk)
                assert house.rooms.store.is_full
                disk.make_room()
                [answer] = house.post(house.webhook(house.says("after it")))
                assert answer.status == 200
                everything_is_there(house, [*taken, "after it"])
        finally:
            disk.make_room()
            with admin.connect() as db:
                db.execute(text("ALTER TABLE journal SET TABLESPACE pg_default"))
                db.execute(text("DROP TABLESPACE small"))
            admin.dispose()


def test_an_upload_to_a_full_disk_is_503_by_name_and_leaves_nothing(migrated_sqlite_url: str, disk: SmallDisk) -> None:
    with open_house(migrated_sqlite_url, disk.folder / "data", quotas=NO_FLOOR) as house:
        cast = cast_of(house)
        ann = cast.client(cast.ann, **{"Accept-Language": "it"})
        assert upload(ann).status_code == 201
        disk.fill()
        answer = upload(ann, PNG + b"\0" * 100_000)
        assert (answer.status_code, answer.json()["code"]) == (503, "disk_full")
        assert answer.headers["retry-after"] == "60"
        assert answer.json()["detail"].startswith("Il disco del server è pieno")
        files = [path for path in (disk.folder / "data" / "media").rglob("*") if path.is_file()]
        assert len(files) == 1
        assert ann.get("/api/v1/conversations").status_code == 200
        disk.make_room()
        assert upload(ann, PNG + b"\0" * 100_000).status_code == 201


def test_below_the_floor_files_are_refused_and_everything_else_goes_on(sqlite_on: str, disk: SmallDisk) -> None:
    with open_house(sqlite_on, disk.folder / "data", quotas="free_disk_mb=1000000") as house:
        cast = cast_of(house)
        answer = upload(cast.client(cast.ann))
        assert (answer.status_code, answer.json()["code"]) == (503, "disk_full")
        ready = cast.client().get("/ready")
        assert (ready.status_code, ready.json()["ready"], ready.json()["degraded"]) == (200, True, True)
        assert "MB are left for the database and" in ready.json()["checks"]["disk"]
        made = cast.client(cast.dora).post("/api/v1/contacts", json={"name": "Ada"})
        assert made.status_code == 201, made.text


def test_a_database_without_room_is_not_ready_and_says_so(sqlite_on: str, disk: SmallDisk) -> None:
    with open_house(sqlite_on, disk.folder / "data", quotas=NO_FLOOR) as house:
        cast = cast_of(house)
        dora = cast.client(cast.dora)
        disk.fill()
        made = dora.post("/api/v1/contacts", json={"name": "Ada"})
        while made.status_code == 201:  # pages of the log that it has already
            made = dora.post("/api/v1/contacts", json={"name": "Ada"})
        assert (made.status_code, made.json()["code"]) == (503, "disk_full")
        assert "full" in made.json()["detail"]
        ready = cast.client().get("/ready")
        assert (ready.status_code, ready.json()["ready"]) == (503, False)
        assert "disk is full" in ready.json()["checks"]["database"]
        disk.make_room()
        assert dora.post("/api/v1/contacts", json={"name": "Bea"}).status_code == 201
        assert cast.client().get("/ready").json()["ready"]
