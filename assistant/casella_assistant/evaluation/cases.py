"""The file of cases: YAML, checked as a whole before anything is asked."""

from __future__ import annotations

from importlib.resources import files
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from casella_assistant.errors import AssistantError
from casella_assistant.model import How, Kind
from casella_assistant.providers.offline_texts import TONES

Texts = tuple[str, ...]


class CasesMistaken(AssistantError):
    """The file of cases cannot be used; correct what is named."""

    code = "cases_mistaken"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Said(_Part):
    """One message of the history."""

    author: Literal["customer", "agent", "note"] = Field("customer", alias="from")
    text: str


class Expected(_Part):
    """What must be true of the answer. Of proposals: of each of them, but `contains`, `tags` and `canned`, which one of
    them has to fulfil. Case does not count. `flags`: exactly these, an empty list for none."""

    contains: Texts = ()
    not_contains: Texts = ()
    language: str | None = None
    longest: int | None = None
    parts: int | None = None
    proposals: int | None = None
    cites: Texts | None = None
    flags: Texts | None = None
    tags: Texts | None = None
    canned: str | None = None


class Case(_Part):
    """`needs: model` marks what cannot be done offline. `canned`: by key, besides those of the whole file."""

    name: str
    ask: Kind
    history: tuple[Said, ...] = ()
    canned: dict[str, str] = Field(default_factory=dict)
    exclude: tuple[int, ...] = ()
    language: str = "en"
    tone: str | None = None
    intent: str = ""
    draft: str = ""
    how: How | None = None
    count: Annotated[int, Field(ge=1, le=3)] = 3
    tags: Texts = ()
    contact: str = ""
    limit: Annotated[int, Field(ge=1)] = 1600
    part_size: Annotated[int, Field(ge=1)] | None = None
    needs: Literal["nothing", "model"] = "nothing"
    expect: Expected

    @model_validator(mode="after")
    def _sensible(self) -> Case:
        if self.tone is not None and self.tone not in TONES:
            raise ValueError(f"there is no tone {self.tone!r}; tones: {', '.join(TONES)}")
        if any(not 1 <= number <= len(self.history) for number in self.exclude):
            raise ValueError("exclude counts the messages of the history, from 1")
        return self


class _File(_Part):
    canned: dict[str, str] = Field(default_factory=dict)
    cases: Annotated[tuple[Case, ...], Field(min_length=1)]


def read_cases(text: str) -> list[Case]:
    """Raises CasesMistaken with everything that is wrong."""
    try:
        raw = yaml.safe_load(text)
        whole = _File.model_validate(raw)
    except yaml.YAMLError as error:
        raise CasesMistaken(f"This is no YAML: {str(error).splitlines()[0]}.") from None
    except ValidationError as error:
        raise CasesMistaken("\n".join(_told(raw, item) for item in error.errors(include_url=False))) from None
    names = [case.name for case in whole.cases]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise CasesMistaken(f"Two cases have the same name: {', '.join(twice)}.")
    return [case.model_copy(update={"canned": {**whole.canned, **case.canned}}) for case in whole.cases]


def shipped_cases() -> list[Case]:
    """The forty that come with Casella."""
    return read_cases((files("casella_assistant.evaluation") / "cases.yaml").read_text(encoding="utf-8"))


def _told(raw: object, item: object) -> str:
    assert isinstance(item, dict)
    loc = item["loc"]
    name = ""
    if isinstance(raw, dict) and len(loc) > 1 and loc[0] == "cases" and isinstance(loc[1], int):
        case = raw["cases"][loc[1]]
        name = f"case {loc[1] + 1} ({case.get('name', 'without a name')}): " if isinstance(case, dict) else ""
        loc = loc[2:]
    return f"{name}{'.'.join(str(part) for part in loc) or 'the file'}: {item['msg']}"
