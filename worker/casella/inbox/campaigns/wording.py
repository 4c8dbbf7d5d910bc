"""What a campaign says to one contact."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from pydantic import ValidationError

from casella.desk import VARIABLES, InputsMissing, fill, fill_text, first_name
from casella.desk.canned.messages import CannedError
from casella.desk.canned.template_check import check_text
from casella.errors import Invalid, NotFound
from casella.inbox.campaigns.model import BadCampaign, Words
from casella.inbox.house import ChannelEntry, Rooms, able, phone_of
from casella.plugin import Content, TemplateContent, content_from_json

KNOWN = ("contact.name", "contact.first_name", "contact.phone", "inbox.name")
"""What may stand in a text: nobody writes a campaign to a customer, and there is no conversation yet."""
Said = tuple[str, Content | None]


class ValueEmpty(CannedError):
    """A value of the template is empty, or longer than a template takes."""

    code = "template_value_empty"


def check_words(rooms: Rooms, channel: ChannelEntry, words: Words) -> None:
    """Raises BadCampaign for what the channel does not take or nobody can fill, NotFound for a canned message."""
    can = able(rooms, channel)
    if words.template is not None:
        if not can.message_templates:
            raise BadCampaign("This channel has no templates; write a text.", code="no_templates_here")
        _content(words.template)
    elif can.message_templates and can.reply_window is not None:
        raise BadCampaign("On this channel a campaign is an approved template.", code="template_needed")
    elif not can.business_may_start or can.reply_window is not None:
        raise BadCampaign("On this channel conversations begin with the contact.", code="no_campaigns_here")
    examples = {name: VARIABLES[name] for name in KNOWN}
    for text in _texts(rooms, channel, words):
        if problems := check_text(text):  # as the desk asks of its own: nothing that loops, calls or grows
            first = problems[0]
            raise BadCampaign(
                "The text cannot be filled in.",
                code="bad_text",
                line=first.line,
                problem=first.message,
                hint=first.hint,
            )
        try:
            fill_text(text, examples)
        except InputsMissing as error:
            raise BadCampaign(
                "A campaign cannot fill this variable in.", code="unknown_variable", variable=error.missing[0]
            ) from None
        except CannedError as error:
            raise BadCampaign(error.text, code=error.reason) from None


def said(rooms: Rooms, channel: ChannelEntry, words: Words, name: str | None, locale: str | None, address: str) -> Said:
    """Text and content for one contact. Raises CannedError."""
    kind = able(rooms, channel).address_kind
    values: Mapping[str, str | None] = {
        "contact.name": name, "contact.first_name": first_name(name), "contact.phone": phone_of(kind, address),
        "inbox.name": channel.inbox.name,
    }  # fmt: skip
    if words.template is not None:
        return "", _filled(_content(words.template), lambda text: fill_text(text, values))
    if words.canned is not None:
        desk = rooms.desk.current.desk
        message = desk.canned.get(words.canned) if desk is not None else None
        if message is None:
            raise InputsMissing((f"canned message {words.canned}",))
        return fill(message, locale or channel.inbox.locale, values), None
    return fill_text(words.text or "", values), None


def _texts(rooms: Rooms, channel: ChannelEntry, words: Words) -> Iterator[str]:
    """Everything that has variables in it."""
    if words.template is not None:
        content = _content(words.template)
        yield from (*content.header, *content.body, *(button.text for button in content.buttons))
    elif words.canned is not None:
        desk = rooms.desk.current.desk
        found: Sequence[object] = desk.canned_for(channel.inbox.key) if desk is not None else ()
        message = desk.canned.get(words.canned) if desk is not None else None
        if message is None or message not in found:
            raise NotFound("There is no such canned message in this inbox.")
        yield from message.texts.values()
    elif words.text is None or not words.text.strip():
        raise BadCampaign("There is nothing to send.", code="empty_message")
    else:
        yield words.text


def _content(template: Mapping[str, object]) -> TemplateContent:
    try:
        content = content_from_json(template)
    except ValidationError:
        raise Invalid("This is no template.", code="bad_template") from None
    assert isinstance(content, TemplateContent), "nothing else is kept there"
    return content


def _filled(template: TemplateContent, fill_in: Callable[[str], str]) -> TemplateContent:
    changed = {
        "header": [fill_in(one) for one in template.header],
        "body": [fill_in(one) for one in template.body],
        "buttons": [{**button.model_dump(), "text": fill_in(button.text)} for button in template.buttons],
    }
    try:
        return TemplateContent.model_validate({**template.model_dump(), **changed})
    except ValidationError:
        raise ValueEmpty from None
