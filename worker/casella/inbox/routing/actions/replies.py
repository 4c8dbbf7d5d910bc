"""What a rule's reply says and carries, with its variables filled."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import ValidationError

from casella.desk.canned.messages import CannedError
from casella.inbox.sending import choices_of
from casella.plugin import (
    ButtonsContent,
    Choice,
    Content,
    ListContent,
    ListSection,
    LocationContent,
    TemplateButton,
    TemplateContent,
)
from casella_rules.language.arguments import Reply
from casella_rules.language.reply_parts import ReplyChoice, ReplyTemplate

Fill = Callable[[str], str]


class ValueEmpty(CannedError):
    """A value of the template is empty, or longer than a template takes."""

    code = "template_value_empty"


def carried(wanted: Reply, fill: Fill) -> Content | None:
    """What stands beside the words, or instead of them. Raises CannedError."""
    if wanted.template is not None:
        return _template(wanted.template, fill)
    if (place := wanted.location) is not None:
        return LocationContent(
            latitude=place.latitude, longitude=place.longitude, name=place.name, address=(place.address or "")[:300]
        )
    if wanted.buttons is not None:
        return ButtonsContent(choices=tuple(map(_choice, wanted.buttons)))
    if wanted.list is not None:
        sections = tuple(
            ListSection(title=part.title, choices=tuple(map(_choice, part.rows))) for part in wanted.list.parts
        )
        return ListContent(button=wanted.list.button, sections=sections)
    return None


def in_words(text: str, content: Content) -> str:
    """For a channel without buttons: the choices below the words, one on each line."""
    return "\n".join((text, *(f"- {choice.title}" for choice in choices_of(content))))


def _choice(choice: ReplyChoice) -> Choice:
    return Choice(id=choice.id or choice.title, title=choice.title, description=choice.description)


def _template(template: ReplyTemplate, fill: Fill) -> TemplateContent:
    try:
        return TemplateContent(
            name=template.name,
            language=template.language,
            header=tuple(map(fill, template.header)),
            body=tuple(map(fill, template.body)),
            buttons=tuple(
                TemplateButton(index=button.index, sub_type=button.sub_type, text=fill(button.text))
                for button in template.buttons
            ),
            header_media=template.header_media,
            header_media_kind=template.header_media_kind,
        )
    except ValidationError:
        raise ValueEmpty from None
