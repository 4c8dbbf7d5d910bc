"""The difference between two rule sets as one web page: nothing to load, nothing to run, good on paper."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, StrictUndefined

from casella.commands.desk.replay_text import headlines, moved, one_line, sentence, several, steady_rules, waits
from casella.inbox.history import Report

_TEMPLATE = Path(__file__).with_name("replay_page.html")


def page(report: Report) -> str:
    """The whole page. Everything that customers wrote is escaped."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"sentence": sentence, "one_line": one_line}
    environment.globals |= {"moved": moved, "waits": waits, "several": several}
    template = environment.from_string(_TEMPLATE.read_text(encoding="utf-8"))
    return template.render(report=report, headlines=headlines(report), steady=steady_rules(report))
