"""Links of desk.yaml: what agents may open from a conversation (a meeting, another program's page)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal
from urllib.parse import quote

from pydantic import AfterValidator, BeforeValidator, Field

from casella.desk.parts.types import Part, Title
from casella.plugin.links import MAX_LINK, SCHEMES, address_problem
from casella_rules.language.argument_types import InboxName, InSchema, as_written, mistake
from casella_rules.yaml.problems import name_hint, quoted

VARIABLES: Mapping[str, str] = {
    "agent.key": "ann",
    "agent.name": "Ann",
    "contact.address": "+12025550123",
    "contact.name": "Ada Lovelace",
    "conversation.id": "01M8",
    "inbox.key": "support",
}
"""What a link may be made of, with an example of each."""
_PLACE = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")


def filled(url: str, values: Mapping[str, str | None]) -> str | None:
    """A link's address with these values, each quoted; None where one that it needs is not there."""
    needed = {found[1]: values.get(found[1]) for found in _PLACE.finditer(url)}
    if not all(needed.values()):
        return None
    return _PLACE.sub(lambda found: quote(needed[found[1]] or "", safe="+"), url)


def _url(written: str) -> str:
    for found in _PLACE.finditer(written):
        if found[1] not in VARIABLES:
            hint = name_hint("Variables", found[1], tuple(VARIABLES))
            raise mistake(f"a link knows no {quoted(found[1])}", hint)
    if not written.startswith(tuple(f"{scheme}:" for scheme in SCHEMES)):
        raise mistake(f"{quoted(written)} is no address that agents can open", "Write https://…, or tel: and a number")
    if address_problem(filled(written, VARIABLES)):
        hint = "Write for example https://meet.example.com/{{ conversation.id }}"
        raise mistake(f"{quoted(written)} is no address", hint)
    return written


def _by_locale(value: object) -> object:
    # One label stands for every locale, and is kept under the empty one.
    if isinstance(value, str):
        return {"": value}
    if not isinstance(value, dict):
        raise mistake(f"expected text, got {as_written(value)}", "Write a label, or one per locale")
    return value


class Link(Part):
    """Something agents may open from a conversation, in a window of its own."""

    label: Annotated[dict[str, Title], BeforeValidator(_by_locale), InSchema(desk="locale", or_text=True)] = Field(
        min_length=1, description="What agents read, or one label per locale", examples=["Start a meeting"]
    )
    url: Annotated[str, AfterValidator(_url), Field(max_length=MAX_LINK)] = Field(
        description=f"Where it leads; {', '.join(f'{{{{ {name} }}}}' for name in VARIABLES)} are filled in",
        examples=["https://meet.example.com/{{ conversation.id }}"],
    )
    kind: Literal["call", "meeting", "co_browse", "other"] = Field(
        default="other", description="What it is for: call, meeting, co_browse or other", examples=["meeting"]
    )
    inboxes: Annotated[tuple[InboxName, ...], Field(strict=False)] = Field(
        default=(), description="The inboxes it is for; all of them if not said", examples=[["support"]]
    )

    def label_for(self, locale: str) -> str:
        """In this locale, else in its language, else the first."""
        language = locale.partition("-")[0]
        known = (self.label.get(wanted) for wanted in (locale, language, ""))
        return next((label for label in known if label), next(iter(self.label.values())))
