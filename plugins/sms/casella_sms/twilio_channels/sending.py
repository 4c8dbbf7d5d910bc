"""Sending WhatsApp and RCS through Twilio, and its templates (Content API: ContentSid and ContentVariables)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlencode

import httpx
import orjson

from casella.plugin import (
    LocationContent,
    MessageTemplate,
    OutgoingMessage,
    SendRejected,
    Sent,
    TemplateContent,
    asking,
    sending,
)
from casella.plugin.content import TemplateState
from casella_sms.causes import read_json
from casella_sms.twilio.errors import asking_error, send_error
from casella_sms.twilio.send import sent_as
from casella_sms.twilio.settings import DEFAULT_BASE_URL, TwilioSettings

CONTENT_URL = "https://content.twilio.com"
_CONTENT_SID = re.compile(r"HX[0-9a-fA-F]{32}")
_VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_MOST_PAGES = 20
_STATES: dict[str, TemplateState] = {
    "approved": "approved",
    "pending": "pending",
    "received": "pending",
    "rejected": "rejected",
    "paused": "paused",
    "disabled": "disabled",
}
Node = Mapping[str, object]


def send(prefix: str, settings: TwilioSettings, sender: str, message: OutgoingMessage, http: httpx.Client) -> Sent:
    """One message in one request. Raises a SendError."""
    parameters = _addresses(prefix, settings, sender, message)
    content = message.content
    if isinstance(content, TemplateContent):
        parameters |= {"ContentSid": _content_sid(settings, content, http), **_variables(content)}
    elif isinstance(content, LocationContent):
        label = content.name or content.address or content.coordinates
        place = f"geo:{content.latitude:.6f},{content.longitude:.6f}|{label.replace('|', ' ')}"
        parameters |= {"PersistentAction": place, "Body": content.words(message.text)}
    elif content is not None:
        raise SendRejected(f"Twilio sends no {content.kind} that was not made a template there.")
    else:
        parameters |= {"Body": message.text} if message.text else {}
        parameters |= {"MediaUrl": message.attachments[0].url} if message.attachments else {}
    with sending():
        response = http.post(settings.messages_url, data=parameters, auth=settings.credentials, follow_redirects=False)
    if not response.is_success:
        raise send_error(response)
    return sent_as(response)


def _addresses(prefix: str, settings: TwilioSettings, sender: str, message: OutgoingMessage) -> dict[str, str]:
    found = {"To": f"{prefix}:{message.to}", "From": f"{prefix}:{sender}"}
    if settings.messaging_service_sid:
        found["MessagingServiceSid"] = settings.messaging_service_sid
    return found | ({"StatusCallback": message.status_url} if message.status_url else {})


def _variables(content: TemplateContent) -> dict[str, str]:
    """Numbered from 1: those of the header, then those of the body, as Twilio counts them through a template."""
    values = (*content.header, *content.body)
    return (
        {"ContentVariables": orjson.dumps({str(i): one for i, one in enumerate(values, 1)}).decode()} if values else {}
    )


def _content_sid(settings: TwilioSettings, content: TemplateContent, http: httpx.Client) -> str:
    """The template's name may be its ContentSid; otherwise it is its friendly name at Twilio, in one language."""
    if _CONTENT_SID.fullmatch(content.name):
        return content.name
    query = urlencode({"ContentName": content.name, "PageSize": 100})
    for node in _contents(settings, f"/v2/ContentAndApprovals?{query}", http):
        if node.get("friendly_name") == content.name and _same_language(node.get("language"), content.language):
            return str(node.get("sid", ""))
    raise SendRejected("There is no such template in this language at Twilio.", provider_code="no_template")


def _same_language(theirs: object, ours: str) -> bool:
    return str(theirs).replace("_", "-").lower() == ours.replace("_", "-").lower()


def templates(settings: TwilioSettings, http: httpx.Client) -> list[MessageTemplate]:
    """All of them with WhatsApp's approval."""
    return [_template(node) for node in _contents(settings, "/v1/ContentAndApprovals?PageSize=100", http)]


def _contents(settings: TwilioSettings, path: str, http: httpx.Client) -> list[Node]:
    base = content_base(settings)
    url, found = f"{base}{path}", list[Node]()
    for _ in range(_MOST_PAGES):
        with asking():
            response = http.get(url, auth=settings.credentials, follow_redirects=False)
        if not response.is_success:
            raise asking_error(response)
        page = read_json(response)
        contents, meta = page.get("contents"), page.get("meta")
        found += [node for node in contents if isinstance(node, dict)] if isinstance(contents, list) else []
        following = meta.get("next_page_url") if isinstance(meta, dict) else None
        if not isinstance(following, str) or not following.startswith(f"{base}/"):
            break  # credentials go nowhere else
        url = following
    return found


def content_base(settings: TwilioSettings) -> str:
    """Twilio's Content API has a host of its own; whoever takes Twilio's place serves both."""
    return CONTENT_URL if settings.base_url == DEFAULT_BASE_URL else settings.base_url


def _template(node: Node) -> MessageTemplate:
    approval = node.get("approval_requests")
    asked: Node = approval if isinstance(approval, dict) else {}
    kinds = node.get("types")
    bodies = [one.get("body") for one in kinds.values() if isinstance(one, dict)] if isinstance(kinds, dict) else []
    body = next((one for one in bodies if isinstance(one, str)), "")
    return MessageTemplate(
        name=str(node.get("friendly_name") or node.get("sid", "")),
        language=str(node.get("language", "")),
        state=_STATES.get(str(asked.get("status", "")).lower(), "other"),
        reason=str(asked.get("rejection_reason") or ""),
        category=str(asked.get("category") or ""),
        body=body,
        variables=len(dict.fromkeys(_VARIABLE.findall(body))),
    )
