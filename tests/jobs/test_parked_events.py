"""Events that only a plugin kept from being applied are applied by themselves, once it can."""

from __future__ import annotations

from casella.store.tables import journal, messages
from tests.house import House, until


def test_what_a_plugin_kept_from_being_applied_is_tried_again(house: House) -> None:
    def fail(*_: object) -> str:
        raise KeyError("what")

    house.acme.consent_pool = fail  # type: ignore[method-assign, assignment]  # a plugin that is mended later
    house.rooms.directory.reload()  # the pool is asked once per desk
    for number in range(2):
        house.post(house.webhook(house.says(f"{number}")))
        house.drain()
    assert [row["state"] for row in house.rows(journal)] == ["failed", "failed"]
    assert {str(row["error"]).partition(":")[0] for row in house.rows(journal)} == {"PluginFailed", "PluginAway"}

    del house.acme.consent_pool
    house.host.release("acme")
    house.start_workers()
    until(lambda: len(house.rows(messages)) == 2, "both are applied")
    assert [row["text"] for row in house.rows(messages)] == ["0", "1"]
