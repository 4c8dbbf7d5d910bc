"""What the assistant is asked over HTTP, and what it answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from casella.api.frame.fields import Id, Line, MessageText
from casella.inbox.assistant import Wish

Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$", examples=["it"])]
_EXCLUDE = Field((), max_length=200, description="Ids of messages that must not be used; the provider never sees them.")
_LANGUAGE = Field(None, description="Write in this language; otherwise the contact's own.")
_STREAM = Field(False, description="Answer as Server-Sent Events, while it is written.")
_NOTES = Field(False, description="Use internal notes as well.")
_TONE = Field(None, description="One of the tones that `GET /assistant` lists.", examples=["friendly"])


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")

    exclude: Sequence[Id] = _EXCLUDE
    include_notes: bool = _NOTES
    language: Language | None = _LANGUAGE
    stream: bool = _STREAM


class Suggest(_Asked):
    """Up to three replies to the customer."""

    count: Annotated[int, Field(ge=1, le=3)] = 3
    tone: Line | None = _TONE

    def wish(self) -> Wish:
        excluded = frozenset(self.exclude)
        return Wish("suggest", excluded, self.include_notes, self.count, self.language, self.tone)


class Generate(_Asked):
    """A message that says what you want to say."""

    intent: MessageText = Field(examples=["The parcel leaves tomorrow; apologise for the delay."])
    tone: Line = Field(description="One of the tones that `GET /assistant` lists.", examples=["friendly"])

    def wish(self) -> Wish:
        excluded = frozenset(self.exclude)
        return Wish("generate", excluded, self.include_notes, 1, self.language, self.tone, self.intent)


class Rewrite(BaseModel):
    """Your draft in other words. The conversation is not used."""

    model_config = ConfigDict(extra="forbid")

    draft: MessageText = Field(examples=["it comes tomorow"])
    how: Literal["tone", "shorter", "longer", "grammar", "translate"]
    tone: Line | None = _TONE
    language: Language | None = Field(None, description="Of the result; needed for `translate`.")
    stream: bool = _STREAM

    def wish(self) -> Wish:
        return Wish("rewrite", language=self.language, tone=self.tone, draft=self.draft, how=self.how)


class Summary(_Asked):
    """What the conversation is about, for a colleague. Without `language`: in your own."""

    def wish(self) -> Wish:
        return Wish("summary", frozenset(self.exclude), self.include_notes, 1, self.language)


class Tags(_Asked):
    """Tags that fit, and a canned message to answer with."""

    def wish(self) -> Wish:
        return Wish("tags", frozenset(self.exclude), self.include_notes, 1, self.language)


class Feedback(BaseModel):
    model_config = ConfigDict(extra="forbid")

    proposal_id: Id
    outcome: Literal["accepted", "edited", "discarded"]
    text: MessageText | None = Field(None, description="With `edited`: the text as it was sent.")


class _Shown(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class Flag(_Shown):
    code: str = Field(examples=["unknown_number"])
    excerpt: str = Field(description="The words it is about.")


class Proposal(_Shown):
    """A text to read, change and send yourself."""

    id: str = Field(description="For feedback.")
    text: str
    canned: Sequence[str] = Field(description="Keys of the canned messages it rests on.")
    answers: Sequence[str] = Field(description="Ids of the earlier approved answers it rests on.")
    flags: Sequence[Flag] = Field(description="What to look at before sending.")
    units: int = Field(description="How much of the channel's limit it takes.")
    limit: int
    parts: int = Field(description="In how many parts the channel sends it.")


class Used(_Shown):
    """Exactly what the provider was given."""

    messages: Sequence[str] = Field(description="Ids of messages.")
    canned: Sequence[str] = Field(description="Keys of canned messages.")
    answers: Sequence[str] = Field(description="Ids of earlier approved answers.")


class Answer(_Shown):
    """What the assistant proposes. Nothing has been sent to anybody."""

    kind: str
    proposals: Sequence[Proposal]
    tags: Sequence[str]
    canned: str | None = Field(description="With `tags`: the key of the canned message that fits best.")
    flags: Sequence[Flag]
    used: Used
    language: str
    provider: str
    model: str
    offline: bool = Field(description="No model was asked; `notice` says what was done instead.")
    notice: str
    prompt: str = Field(description="The prompt's version.", examples=["suggest@1"])
    masked: dict[str, int] = Field(description="How many values of which kind were kept back.")
    prompt_tokens: int
    completion_tokens: int
    tokens_estimated: bool


class Verdict(_Shown):
    proposal_id: str
    outcome: str
    distance: int | None = Field(description="How many characters were changed.")


class Consent(_Shown):
    state: Literal["none", "accepted", "withdrawn"]
    terms: str
    by: str | None
    at: datetime | None


class ConsentGiven(BaseModel):
    model_config = ConfigDict(extra="forbid")

    accepted: bool
    terms: Line = Field(description="The version of the terms that was read.", examples=["1"])


class InboxState(BaseModel):
    """The assistant in one of your inboxes. `reason`: the code that a request would be refused with."""

    id: str
    key: str
    enabled: bool
    reason: str | None
    providers: Sequence[str]
    requests_used: int
    requests_limit: int | None
    tokens_used: int
    tokens_limit: int | None


class State(BaseModel):
    consent: Consent
    terms: str = Field(description="The current version of the terms.")
    tones: Sequence[str]
    inboxes: Sequence[InboxState]
    requests_used: int = Field(description="By you, today.")
    requests_limit: int | None
    tokens_used: int
    tokens_limit: int | None
    broken: dict[str, str] = Field(description="For managers: providers that cannot be used, and why.")


class Tally(_Shown):
    offered: int
    accepted: int
    edited: int
    discarded: int
    mean_distance: float | None = Field(description="Characters changed, of those that were edited.")


class AssistantReport(_Shown):
    """What became of proposals."""

    total: Tally
    kinds: dict[str, Tally]
    tones: dict[str, Tally]
    canned: dict[str, Tally]
    providers: dict[str, Tally]


class SentMessage(BaseModel):
    role: str
    content: str


class Left(_Shown):
    """One request that left the building, word by word."""

    id: str
    conversation_id: str
    at: datetime
    by: str
    kind: str
    provider: str
    model: str
    prompt: str
    outcome: str
    messages: Sequence[str]
    sources: Sequence[str]
    masked: dict[str, int]
    sent: Sequence[SentMessage]
    prompt_tokens: int
    completion_tokens: int


class LeftPage(BaseModel):
    items: Sequence[Left]
    next: str | None


class DraftProposal(BaseModel):
    id: str
    text: str
    canned: Sequence[str]
    flags: Sequence[Flag]


class AssistantDraft(_Shown):
    """A draft that a rule asked for."""

    id: int
    rule: str
    instruction: str
    state: Literal["waiting", "ready", "failed"]
    error_code: str | None
    offline: bool
    proposals: Sequence[DraftProposal]
    at: datetime
