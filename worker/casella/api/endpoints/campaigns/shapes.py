"""What is written of a campaign, and what is answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, computed_field, model_validator

from casella.api.endpoints.models import Answer
from casella.api.endpoints.models.answer import Sentence
from casella.api.frame.fields import Id, Line, MessageText, Tag
from casella.inbox import campaigns
from casella.plugin import TemplateContent
from casella.texts import READER
from casella.texts.left_out import why_left_out

_Tags = Annotated[Sequence[Tag], Field(max_length=50)]
_Time = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):(00|15|30|45)$", examples=["20:00"])]
_Language = Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}$", examples=["it"])]
_Country = Annotated[str, Field(pattern=r"^[A-Za-z]{2}$", examples=["IT"])]
_MOST_NAMED = 10_000
"""More do not fit into a request."""


class FilterBody(Answer):
    """Which contacts are meant. Of several tags, languages or countries any counts; all conditions hold together."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)

    everyone: bool = Field(False, description="There need be no other condition: all of the organisation's contacts.")
    tags: _Tags = Field((), description="The contact's.")
    without_tags: _Tags = Field((), description="Nobody who has one of these.")
    languages: Sequence[_Language] = Field((), max_length=50)
    countries: Sequence[_Country] = Field((), max_length=50, description="Of the number he is reached under.")
    attributes: Mapping[Line, Line | bool | float] = Field(
        default_factory=dict, max_length=20, description="The desk's own, each with this value.", examples=[{}]
    )

    def read(self) -> campaigns.Filter:
        return campaigns.Filter(
            self.everyone, self.tags, self.without_tags, self.languages, self.countries, self.attributes
        )


class CampaignQuietHours(BaseModel):
    """By the contact's own clock: from this quarter of an hour until that one, over midnight where that is earlier."""

    model_config = ConfigDict(extra="forbid")

    start: _Time = "20:00"
    end: _Time = "08:00"


class CampaignBody(BaseModel):
    """What is said to whom. Say it in exactly one way: `text`, `canned` or `template`."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[Line, Field(min_length=1)] = Field(description="What your team calls it.", examples=["Spring sale"])
    channel: Line = Field(description="Id or key of the channel.", examples=["main-sms"])
    text: MessageText | None = Field(None, description="May use contact.name, contact.first_name, contact.phone and "
                                     "inbox.name, as canned messages do.")  # fmt: skip
    canned: Line | None = Field(None, description="Key of a canned message of the inbox.")
    template: TemplateContent | None = Field(
        None, description="An approved template; what stands for its variables may use the same as `text`."
    )
    filter: FilterBody | None = None
    contact_ids: Annotated[Sequence[Id], Field(max_length=_MOST_NAMED)] = Field(
        (), description="Who is meant besides those of the filter, each named once."
    )
    purpose: campaigns.Purpose = Field(
        "marketing",
        description="marketing: who has agreed to it. service: who has not opted out; with a reason.",
    )
    reason: Line | None = Field(None, description="Why `service` may go to who has not agreed to marketing.")
    quiet_hours: CampaignQuietHours | None = Field(
        CampaignQuietHours(), description="When nobody is written to; null: at any hour, for service only."
    )
    per_minute: int = Field(300, ge=1, le=6000, description="How many are written to in a minute at most.")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if sum(one is not None for one in (self.text, self.canned, self.template)) != 1:
            raise ValueError("say it in exactly one way: text, canned or template")
        return self

    def read(self) -> campaigns.Wish:
        template = self.template.model_dump(mode="json") if self.template is not None else None
        quiet = (self.quiet_hours.start, self.quiet_hours.end) if self.quiet_hours is not None else None
        return campaigns.Wish(
            self.name, self.channel, campaigns.Words(self.text, self.canned, template),
            self.filter.read() if self.filter is not None else None, self.contact_ids, self.purpose, self.reason, quiet,
            self.per_minute,
        )  # fmt: skip


class ScheduleBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    starts_at: datetime | None = Field(
        None, description="With its time zone; null: at once.", examples=["2026-12-01T09:00:00Z"]
    )

    @model_validator(mode="after")
    def _in_a_zone(self) -> Self:
        if self.starts_at is not None and self.starts_at.tzinfo is None:
            raise ValueError("starts_at needs its time zone")
        return self


class Progress(Answer):
    """How many people."""

    listed: int = Field(description="Named by hand, and not looked at yet.")
    planned: int = Field(description="Will be written to.")
    left_out: int = Field(description="Are not written to; the report says why.")
    queued: int = Field(description="Were written to, whatever became of it.")
    canceled: int = Field(description="Would have been written to.")


class Said(Answer):
    text: str | None
    canned: str | None
    template: Mapping[str, object] | None


class Campaign(Answer):
    """One message to many contacts, and how far it is."""

    id: str
    name: str
    inbox_id: str
    channel_id: str
    state: campaigns.State = Field(description="sending: also while everybody who is left has quiet hours.")
    words: Said
    filter: FilterBody | None
    purpose: campaigns.Purpose
    reason: str | None
    quiet_hours: CampaignQuietHours | None
    per_minute: int
    starts_at: datetime | None
    waits_until: datetime | None = Field(description="Until then everybody who is left has quiet hours.")
    pause_code: str | None = Field(description="Why it stands still, for programs.", examples=["by_hand"])
    pause_text: Sentence | None = Field(description="The same for people.")
    progress: Progress
    created_by: str = Field(description="Id of an agent.")
    created_at: datetime
    scheduled_by: str | None
    scheduled_at: datetime | None
    ended_at: datetime | None

    @classmethod
    def of(cls, view: campaigns.CampaignView) -> Campaign:
        quiet = CampaignQuietHours(start=view.quiet[0], end=view.quiet[1]) if view.quiet is not None else None
        told = {name: getattr(view, name) for name in cls.model_fields if name != "quiet_hours"}
        return cls.model_validate({**told, "quiet_hours": quiet}, from_attributes=True)


class CampaignPage(Answer):
    items: Sequence[Campaign]
    next: str | None


class PreviewLine(Answer):
    """Somebody it is meant for."""

    contact_id: str
    name: str | None
    address: str | None
    country: str | None
    text: str | None = Field(description="What he would read; null for who is left out.")
    reason: str | None = Field(description="Why he is left out.", examples=["contact_stopped"])


class LeftOut(Answer):
    """Who is not written to, counted, and why."""

    left_out: Mapping[str, int] = Field(description="How many, by reason.", examples=[{"contact_stopped": 3}])

    @computed_field(description="The same reasons for people.")  # type: ignore[prop-decorator]  # pydantic's order
    @property
    def because(self) -> Mapping[str, str]:
        return {reason: why_left_out(reason, READER.get()) for reason in self.left_out}


class CampaignPreview(LeftOut):
    """Counts of everybody, and one page of who it is."""

    planned: int
    too_many: bool = Field(description="It is for more than 20,000 people, and would stop before it began.")
    items: Sequence[PreviewLine]
    next: str | None


class CampaignTrial(LeftOut):
    """What would come of it: everything was done but sending."""

    planned: int
    too_many: bool
    parts: int = Field(description="Messages as the provider counts them: a long text takes several.")
    cost: Mapping[str, float] | None = Field(description="Estimated, by currency; null where nobody knows.")
    waiting: int = Field(description="Whose quiet hours it is now.")
    ends_at: datetime | None = Field(description="When the last would be written to, if it began now.")
