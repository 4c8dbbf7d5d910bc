"""All processes know what is set aside, and the feed tells it."""

from __future__ import annotations

from pathlib import Path

import orjson

from casella import doctor
from casella.inbox.house import plugin_watch
from casella.store.tables import feed, plugins_aside
from tests.house import House


def test_what_one_process_sets_aside_all_do_until_one_lets_it_in(house: House, tmp_path: Path) -> None:
    with House(house.settings.database_url, tmp_path, desk=None, clock=house.clock) as other:
        for number in range(3):
            house.host.breakers.failed("acme", "send", "raised KeyError", f"{number}")
        plugin_watch.agree(house.rooms)
        plugin_watch.agree(other.rooms)
        assert not other.host.breakers.admits("acme", "send")
        assert other.host.receives("acme")
        assert house.one(plugins_aside)["reason"] == "send raised KeyError"
        told = [orjson.loads(str(row["payload"])) for row in house.rows(feed, kind="plugin.updated")]
        assert told == [{"plugin": "acme", "method": "send", "aside": True}]

        found = {finding.subject: finding for finding in doctor.examine(other.rooms)}
        assert "send raised KeyError" in found["plugin acme: send"].text
        assert "by itself" in found["plugin acme: send"].advice

        other.host.breakers.worked("acme", "send")
        plugin_watch.agree(other.rooms)
        plugin_watch.agree(house.rooms)
        assert house.host.breakers.admits("acme", "send")
        assert house.rows(plugins_aside) == []
