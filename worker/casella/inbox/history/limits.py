"""What a history cannot answer, said in sentences instead of being guessed."""

from __future__ import annotations

from casella.inbox.history.compare import Comparer
from casella.inbox.history.known import Gap, unheard_triggers
from casella.inbox.history.rows import Extent
from casella.inbox.history.rulesets import Trial


def limits(found: Extent, comparer: Comparer, tried: Trial) -> list[str]:
    """What this history cannot answer, in whole sentences."""
    tally = comparer.tally
    said = [_gap(gap) for gap in comparer.askable.gaps]
    for rule, triggers in unheard_triggers(tried.rules, tally.heard).items():
        said.append(
            f"'{rule}' listens to {', '.join(triggers)}, of which this history holds nothing: it was not tried there."
        )
    for rule, times in tally.waits.items():
        said.append(f"'{rule}' would have begun to wait {times:,} times; what it does after that was not followed.")
    if found.heard < found.messages:
        missing = found.messages - found.heard
        said.append(
            f"About {missing:,} of {found.messages:,} messages nothing was decided then, so no facts are stored."
        )
    if found.beside:
        said.append(f"{found.beside:,} decisions were about no conversation and are left out.")
    if tally.strayed:
        said.append(
            f"{tally.strayed:,} of {tally.decisions:,} decisions do not come out again as they were stored, mostly "
            "because of rests (cooldown) that began earlier, or messages that were edited."
        )
    if tally.unreadable:
        said.append(f"The rules behind {tally.unreadable:,} decisions use what no installed plugin brings any more.")
    return said


def _gap(gap: Gap) -> str:
    fields = ", ".join(gap.fields)
    return f"'{gap.rule}' asks for {fields}, which {gap.times:,} stored decisions do not hold: it was left out there."
