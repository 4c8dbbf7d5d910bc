"""What an agent does, the same on either page: look at the list, scroll it, open conversations, write, and watch."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from bench.rig.page.measuring import FRAMES, Measured, p95
from bench.rig.page.stage import Stage
from bench.rig.page.world import MESSAGES, Json

STEP = 400
_TO_THE_END = f"""async (patience) => {{
  const box = document.querySelector(".rows"), wait = {FRAMES};
  let height = 0, grew = performance.now();
  while (performance.now() - grew < patience) {{
    box.scrollTop = box.scrollHeight;
    await wait();
    if (box.scrollHeight !== height) grew = performance.now();
    height = box.scrollHeight;
  }}
  box.scrollTop = 0;
  await wait();
  return Math.round(height / 72);
}}"""
# After each frame is painted, the row under the middle of the upper and of the lower edge: none is a blank.
_SCROLL = f"""async ([steps, look]) => {{
  const box = document.querySelector(".rows"), at = box.getBoundingClientRect(), wait = {FRAMES};
  let [way, blank, most] = [{STEP}, 0, 0];
  for (let i = 0; i < steps; i += 1) {{
    if (box.scrollTop + at.height >= box.scrollHeight - 1) way = -{STEP};
    if (box.scrollTop <= 0) way = {STEP};
    box.scrollTop += way;
    await wait();
    if (!look) continue;
    const seen = (y) => document.elementFromPoint(at.x + 80, y)?.closest(".row");
    if (!seen(at.y + 4) || !seen(at.bottom - 4)) blank += 1;
    most = Math.max(most, document.querySelectorAll(".row").length);
  }}
  return [blank, most];
}}"""
# From the press to the frame after which the newest message of this conversation is on the screen.
_OPEN = """(row) => new Promise((done) => {
  const began = performance.now();
  document.querySelector(`.row[data-id="${row}"] .row-link`).click();
  const look = () => {
    const last = [...document.querySelectorAll(".message")].at(-1);
    if (last && last.id.includes(row.slice(-12))) setTimeout(() => done(performance.now() - began));
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})"""
_UP = f"""async (wanted) => {{
  const box = document.querySelector(".thread"), wait = {FRAMES};
  for (let i = 0; i < 400 && document.querySelectorAll(".message").length < wanted; i += 1) {{
    box.scrollTop = 0;
    await wait();
  }}
  return document.querySelectorAll(".message").length;
}}"""


@dataclass
class Costs:
    """Milliseconds of work, unless said otherwise."""

    first_view: float = 0
    rows: int = 0
    scroll: float = 0
    blank: int = 0
    most_rows: int = 0
    open: list[float] = field(default_factory=list)
    open_work: list[float] = field(default_factory=list)
    key: list[float] = field(default_factory=list)
    events: float = 0
    requests: float = 0
    heap_before: float = 0
    heap_after: float = 0

    @property
    def session(self) -> float:
        return self.first_view + self.scroll + sum(self.open_work) / len(self.open_work) + p95(self.key)


def look(on: Measured, steps: int) -> Costs:
    """The list to its end, then up and down in it."""
    costs = Costs(first_view=on.first_view)
    costs.rows = int(on.page.evaluate(_TO_THE_END, 2_000 if steps > 100 else 500))
    costs.scroll = on.cost(lambda: on.page.evaluate(_SCROLL, [steps, False])) / steps
    costs.blank, costs.most_rows = on.page.evaluate(_SCROLL, [steps, True])
    on.page.evaluate('() => { document.querySelector(".rows").scrollTop = 0; }')
    on.frames(3)
    return costs


def read(on: Measured, costs: Costs, stage: Stage, times: int) -> None:
    """Conversations of 200 messages: as they are found, and again when all of them have been read."""
    rows = [str(row["id"]) for row in stage.world.rows[:8]]
    seen = rows[: min(4, times)]

    def one(row: str) -> None:
        on.page.mouse.move(900, 300)
        took: list[float] = []
        costs.open_work.append(on.cost(lambda: took.append(float(on.page.evaluate(_OPEN, row)))))
        costs.open.extend(took)

    for row in rows[4 : 4 + len(seen)]:
        one(row)
    for row in seen:
        on.page.evaluate(_OPEN, row)
        held = int(on.page.evaluate(_UP, MESSAGES))
        if held < MESSAGES:
            raise RuntimeError(f"only {held} of {MESSAGES} messages could be reached")
    for number in range(times):
        one(seen[number % len(seen)])
        on.frames(2)


def write(on: Measured, costs: Costs, keys: int) -> None:
    box = on.page.locator(".composer-box")
    box.focus()
    on.frames(2)
    for number in range(keys):
        key = "x" if number % 6 else " "

        def press(key: str = key) -> None:
            on.page.keyboard.press(key)
            on.frames()

        costs.key.append(on.cost(press))


def watch(on: Measured, costs: Costs, stage: Stage, events: int, open_row: str, settle: float) -> None:
    """A busy hour: an event every 20 ms, one in fifty in the conversation that is open."""
    until(lambda: stage.listeners > 0)
    before, began, started = stage.asked, on.work(), time.monotonic()
    for number in range(0, events, 5):
        stage.play([_event(stage, number + i, open_row) for i in range(5)])
        time.sleep(max(0, started + 0.02 * (number + 5) - time.monotonic()))
    on.page.wait_for_timeout(1000 * settle)  # until what was put off has been asked
    costs.events = (on.work() - began) / events
    costs.requests = (stage.asked - before) * 1000 / events


def endure(on: Measured, costs: Costs, stage: Stage, events: int, open_row: str) -> None:
    """A day in a minute."""
    until(lambda: stage.listeners > 0)
    costs.heap_before = on.heap_mb()
    at_once = 250
    for number in range(0, events, at_once):
        stage.play([_event(stage, number + i, open_row) for i in range(at_once)])
        on.frames(2)
    on.frames(10)
    costs.heap_after = on.heap_mb()


def _event(stage: Stage, number: int, open_row: str) -> tuple[str, Json]:
    return stage.world.happens(number, stage.world.by_id[open_row] if number % 50 == 47 else None)


def until(true: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise TimeoutError("the page does not listen")
        time.sleep(0.02)
