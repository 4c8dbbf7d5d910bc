"""A list is a window: it holds what can be looked at, however long the day and the list are (P-9, P-27)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from bench.rig.page.measuring import Measured
from bench.rig.page.stage import Stage, staged
from bench.rig.page.world import World
from playwright.sync_api import Browser

from tests.house import until

pytestmark = [pytest.mark.browser, pytest.mark.slow]
MANY = 1_150
DOWN = """async () => {
  const box = document.querySelector(".rows");
  for (let i = 0, height = 0; i < 200 && (box.scrollTop + box.clientHeight < box.scrollHeight || i < 5); i += 1) {
    box.scrollTop = box.scrollHeight;
    for (let n = 0; n < 40 && box.scrollHeight === height; n += 1) await new Promise((go) => setTimeout(go, 5));
    height = box.scrollHeight;
    await new Promise((go) => requestAnimationFrame(() => setTimeout(go)));
  }
  return Math.round(box.scrollHeight / 72);
}"""
TOP = "() => { document.querySelector('.rows').scrollTop = 0; }"
LENGTH = "() => Math.round(document.querySelector('.rows').scrollHeight / 72)"
FIRST = "() => [...document.querySelectorAll('.row')].sort((a, b) => a.ariaRowIndex - b.ariaRowIndex)[0].dataset.id"


@pytest.fixture
def stage() -> Iterator[Stage]:
    with staged(World(MANY)) as opened:
        yield opened


def play(stage: Stage, *numbers: int) -> None:
    """Messages, of whomever; the list is in their order, as the house's is."""
    events = [stage.world.happens(number) for number in numbers]
    stage.world.rows.sort(key=lambda row: str(row["last_message_at"]), reverse=True)
    stage.play(events)


def test_what_has_grown_is_short_again_at_its_top_and_whole_when_one_goes_down(browser: Browser, stage: Stage) -> None:
    page = Measured(browser, stage.url + "/app/i/support")
    assert page.page.evaluate(DOWN) == MANY
    play(stage, 1, 2, 5)
    page.frames(5)
    assert page.page.evaluate(LENGTH) == MANY, "nobody's place is taken from under him"
    page.page.evaluate(TOP)
    page.frames(2)
    play(stage, 6, 7)
    until(lambda: page.page.evaluate(LENGTH) <= 150)
    assert page.page.evaluate(FIRST) in {row["id"] for row in stage.world.rows[:8]}
    assert page.page.evaluate(DOWN) == MANY
    page.close()
