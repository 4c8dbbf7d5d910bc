"""When something is tried again, and what is known of a receiver who does not take it: he is left in peace, longer each
time, and asked again with one load. Whoever keeps receivers in a table gives it the three columns `failures`,
`failing_since` and `paused_until`."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, Table, select, update

from casella.store.rows import TableRow

PAUSES = (5, 30, 120, 600, 1800, 3600, 7200, 14400, 28800)
"""Seconds after the first try in vain, the second …; then as the last."""
PATIENCE = 3
"""So many tries in vain in a row, and everything for this receiver waits."""
LONGEST_PAUSE = timedelta(hours=1)
WELL = {"failures": 0, "failing_since": None, "paused_until": None}


def pause_after(attempts: int) -> timedelta:
    """How long one post waits after so many tries of its own."""
    return timedelta(seconds=PAUSES[min(attempts, len(PAUSES)) - 1])


def note_health(db: Connection, receivers: Table, id: str, now: datetime, *, is_good: bool) -> TableRow | None:
    """One more try that he took, or did not. The receiver as he is now; None if he is gone."""
    row = db.execute(select(receivers).where(receivers.c.id == id).with_for_update()).one_or_none()
    if row is None or (is_good and not row.failures):
        return row
    values: dict[str, object] = dict(WELL)
    if not is_good:
        failures = row.failures + 1
        until = now + min(pause_after(failures), LONGEST_PAUSE) if failures >= PATIENCE else None
        values = {"failures": failures, "failing_since": row.failing_since or now, "paused_until": until}
    db.execute(update(receivers).where(receivers.c.id == id).values(values))
    return db.execute(select(receivers).where(receivers.c.id == id)).one()
