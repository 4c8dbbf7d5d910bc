"""What the rules did, told in Italian; what the files say (fields, operators, values) stays as it is there."""

from __future__ import annotations

from casella_rules import MAX_CHAIN
from casella_rules.engine.chain import HeldBecause
from casella_rules.engine.explain import Finding, Outcome, RuleTrace
from casella_rules.language.durations import Span

_VALUES = {"not set": "non impostato", "empty": "vuoto"}


def reason(finding: Finding) -> str:
    """One condition, and what it saw."""
    seen = f"{finding.asked}: {'sì' if finding.held else 'no'}, è {_value(finding.now)}"
    if finding.was is None:
        return seen
    return f"{seen}, e prima era {_value(finding.was)}" if finding.was else f"{seen}, e non è cambiato"


def _value(shown: str) -> str:
    return _VALUES.get(shown, shown)


_SAID = {
    Outcome.MATCHED: "corrisponde",
    Outcome.WATCHED: "avrebbe corrisposto (osserva soltanto)",
    Outcome.NOT_MATCHED: "non corrisponde",
    Outcome.OTHER_EVENT: "aspetta un altro evento",
    Outcome.SWITCHED_OFF: "è disattivata",
}
_HELD = {
    HeldBecause.ALREADY_FIRED: "corrisponde, e non ha agito: in questa catena ha già agito",
    HeldBecause.CHAIN_TOO_LONG: f"corrisponde, e non ha agito: {MAX_CHAIN} regole si sono già provocate a vicenda",
    HeldBecause.COOLDOWN: "corrisponde, e riposa per la sua pausa",
    HeldBecause.NO_LONGER_THERE: "doveva agire adesso, e non c'è più",
}


def said(rule: RuleTrace) -> str:
    """What became of a rule."""
    if rule.stopped_by:
        return f"non raggiunta: '{rule.stopped_by}' ha fermato le altre"
    if rule.held:
        led_by = f" ({' → '.join(rule.held.path)})" if rule.held.path else ""
        return _HELD[rule.held.reason] + led_by
    if rule.delay:
        unless = f", se prima non arriva {' o '.join(rule.delay.unless)}" if rule.delay.unless else ""
        return f"corrisponde, e aspetta {Span(rule.delay.after, rule.delay.hours)}{unless}"
    return _SAID[rule.outcome]
