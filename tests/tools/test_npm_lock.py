"""Locks of npm without addresses."""

from __future__ import annotations

import json
from pathlib import Path

from tools import check_text, npm_lock

LOCK = {
    "name": "casella-web",
    "lockfileVersion": 3,
    "packages": {
        "": {"dependencies": {"preact": "11.2.0"}},
        "node_modules/preact": {
            "version": "11.2.0",
            "resolved": "https://mirror.example/preact.tgz",
            "integrity": "sha512-x==",
            "funding": {"url": "https://sponsors.example/preact"},
        },
    },
}


def test_addresses_go_and_everything_else_stays(tmp_path: Path) -> None:
    lock = tmp_path / "package-lock.json"
    lock.write_text(json.dumps(LOCK))
    assert len(check_text.check([lock])) == 1
    assert npm_lock.main([str(lock)]) == 0
    assert check_text.check([lock]) == []
    packages = json.loads(lock.read_text())["packages"]
    assert packages == {
        "": {"dependencies": {"preact": "11.2.0"}},
        "node_modules/preact": {"version": "11.2.0", "integrity": "sha512-x=="},
    }


def test_a_lock_without_addresses_stays_byte_for_byte() -> None:
    written = npm_lock.without_addresses(json.dumps(LOCK))
    assert npm_lock.without_addresses(written) == written
    ours = (Path(__file__).parents[2] / "web" / "package-lock.json").read_text()
    assert npm_lock.without_addresses(ours) == ours
