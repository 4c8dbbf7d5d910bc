"""The account's templates with their states."""

from __future__ import annotations

import re

import httpx

from casella.plugin import Channel, MessageTemplate, asking
from casella.plugin.content import HeaderKind, TemplateState
from casella_whatsapp.errors import asking_error, read_json
from casella_whatsapp.reading import Document, items, mapping, word
from casella_whatsapp.settings import WhatsAppSettings

_FIELDS = "name,language,status,category,components,rejected_reason"
_PAGE, _MOST_PAGES = 100, 25
_VARIABLE = re.compile(r"\{\{\s*\w+\s*\}\}")
_STATES: dict[str, TemplateState] = {
    "APPROVED": "approved",
    "PENDING": "pending",
    "IN_APPEAL": "pending",
    "REJECTED": "rejected",
    "PAUSED": "paused",
    "DISABLED": "disabled",
}
_HEADERS: dict[str, HeaderKind] = {
    "TEXT": "text",
    "IMAGE": "image",
    "VIDEO": "video",
    "DOCUMENT": "document",
    "LOCATION": "location",
}


def templates(channel: Channel[WhatsAppSettings], http: httpx.Client) -> list[MessageTemplate]:
    """All of them, page by page; the page's own link is not followed, because it holds the token."""
    settings, found, after = channel.settings, list[MessageTemplate](), ""
    for _ in range(_MOST_PAGES):
        parameters = {"fields": _FIELDS, "limit": str(_PAGE), **({"after": after} if after else {})}
        with asking():
            response = http.get(
                f"{settings.graph}/{settings.business_account_id}/message_templates",
                params=parameters,
                headers=settings.authorization,
            )
        if not response.is_success:
            raise asking_error(response)
        page = read_json(response)
        found += [_template(mapping(item)) for item in items(page.get("data"))]
        paging = mapping(page.get("paging"))
        after = word(mapping(paging.get("cursors")).get("after"))
        if not after or not paging.get("next"):
            break
    return found


def _template(item: Document) -> MessageTemplate:
    parts = {word(mapping(part).get("type")).upper(): mapping(part) for part in items(item.get("components"))}
    header, body = parts.get("HEADER", {}), word(parts.get("BODY", {}).get("text"))
    reason = word(item.get("rejected_reason"))
    return MessageTemplate(
        name=word(item.get("name")),
        language=word(item.get("language")),
        state=_STATES.get(word(item.get("status")).upper(), "other"),
        reason="" if reason in ("", "NONE") else reason,
        category=word(item.get("category")).lower(),
        header_kind=_HEADERS.get(word(header.get("format")).upper(), ""),
        header_text=word(header.get("text")),
        body=body,
        footer=word(parts.get("FOOTER", {}).get("text")),
        header_variables=len(set(_VARIABLE.findall(word(header.get("text"))))),
        variables=len(set(_VARIABLE.findall(body))),
        buttons=tuple(word(mapping(button).get("text")) for button in items(parts.get("BUTTONS", {}).get("buttons"))),
    )
