"""What a visitor sends: messages, files, that he is typing, what he has seen."""

from __future__ import annotations

from typing import Annotated, Literal, Self
from urllib.parse import unquote, urlsplit

from pydantic import AwareDatetime, BaseModel, Field, model_validator

from casella.plugin import RouteAnswer, RouteRefused
from casella_webchat import letters, tokens
from casella_webchat.door import Visit, counting, json_answer, read_body

_UUID = r"^[0-9a-fA-F-]{16,64}$"
_PAGES = ("page_url", "referrer")
_FACTS = frozenset({"email", "phone", "page_url", "page_title", "referrer", "language"})


class Profile(BaseModel):
    """What the visitor said of himself before the chat. Nobody vouches for it: it is shown, and joins no contacts."""

    name: Annotated[str, Field(max_length=200)] | None = None
    email: Annotated[str, Field(max_length=200)] | None = None
    phone: Annotated[str, Field(max_length=50)] | None = None


class NewMessage(BaseModel):
    """`client_id`: the browser's own id; sending it again is sending nothing. `uploads`: tokens of uploads."""

    client_id: Annotated[str, Field(pattern=_UUID)]
    text: Annotated[str, Field(max_length=letters.LONGEST_TEXT)] = ""
    uploads: Annotated[list[str], Field(max_length=letters.MOST_FILES)] = []
    reply_to: Annotated[str, Field(max_length=300)] | None = None
    profile: Profile = Profile()
    page_url: Annotated[str, Field(max_length=2000)] | None = None
    page_title: Annotated[str, Field(max_length=300)] | None = None
    referrer: Annotated[str, Field(max_length=2000)] | None = None
    language: Annotated[str, Field(max_length=35)] | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.text.strip() and not self.uploads:
            raise ValueError("a message needs a text or a file")
        return self


class Receipt(BaseModel):
    """Messages up to this moment have reached the page, or were read there."""

    state: Literal["delivered", "read"]
    until: AwareDatetime


def write(visit: Visit) -> RouteAnswer:
    """Store a message. The answer comes when it is stored, and is the same for every repetition."""
    visit.house.allow("messages", visit.visitor, 30, 60)
    visit.house.allow("messages of one address", visit.request.client, 240, 60)
    wanted = read_body(visit, NewMessage)
    message = letters.Message(
        widget=visit.widget,
        visitor=visit.visitor,
        client_id=wanted.client_id.lower(),
        text=wanted.text,
        files=[_file(visit, token) for token in wanted.uploads],
        reply_to=wanted.reply_to,
        name=wanted.profile.name or None,
        facts=_facts(wanted),
    )
    _hand_in(visit, message)
    return json_answer(201, {"client_id": message.client_id, "received_at": visit.request.received_at})


def may_upload(visit: Visit) -> None:
    """Asked before the file is read."""
    if not visit.settings.attachments:
        raise RouteRefused(403, "attachments_off", "This chat takes no files.")
    visit.house.allow("uploads", visit.visitor, 20, 60)
    visit.house.allow("uploads of one address", visit.request.client, 60, 60)
    said = visit.request.headers.get("content-length", "")
    visit.house.admit_upload(visit.visitor, int(said[:12]) if said.isascii() and said.isdigit() else 0)


def upload(visit: Visit) -> RouteAnswer:
    """Keep a file until a message names it. The body is the file; its name comes percent-encoded in X-File-Name."""
    name = unquote(visit.request.headers.get("x-file-name", ""), errors="replace")[:300]
    claimed = visit.request.headers.get("content-type", "")
    most = visit.settings.attachment_megabytes * 1_000_000
    if not visit.request.body:
        raise RouteRefused(422, "empty_file", "The file is empty.")
    kept = visit.house.keep_upload(visit.request.body, name, claimed, most, contact_address=visit.visitor)
    about: dict[str, str | int] = {"id": kept.id, "kind": kept.kind, "mime": kept.mime, "size": kept.size}
    if kept.name:
        about["name"] = kept.name
    now = visit.request.received_at
    token = tokens.make(
        visit.settings,
        visit.widget,
        "upload",
        visitor=visit.visitor,
        session=visit.session,
        origin=visit.origin,
        now=now,
        about=about,
    )
    shown = {"kind": kept.kind, "mime": kept.mime, "name": kept.name, "size": kept.size}
    return json_answer(201, {"upload": token, **shown})


def typing(visit: Visit) -> RouteAnswer:
    """The visitor is typing."""
    visit.house.allow("typing", visit.visitor, 40, 60)
    at = letters.microseconds(visit.request.received_at)
    _hand_in(visit, letters.Typing(widget=visit.widget, visitor=visit.visitor, at=at))
    return RouteAnswer(204)


def seen(visit: Visit) -> RouteAnswer:
    """Messages have reached him, or he has read them."""
    visit.house.allow("receipts", visit.visitor, 120, 60)
    receipt = read_body(visit, Receipt)
    until = max(0, min(letters.microseconds(receipt.until), letters.microseconds(visit.request.received_at)))
    letter = letters.Seen(widget=visit.widget, visitor=visit.visitor, state=receipt.state, until=until)
    _hand_in(visit, letter)
    return RouteAnswer(204)


def _file(visit: Visit, token: str) -> letters.File:
    """Only what this visitor himself has uploaded, here, today."""
    claims = counting(visit, "upload", token)
    if claims is None or claims.visitor != visit.visitor:
        raise RouteRefused(422, "unknown_upload", "A file is not there any more; attach it again.")
    return letters.File.model_validate(claims.about)


def _facts(wanted: NewMessage) -> dict[str, str]:
    given = {**wanted.profile.model_dump(), **wanted.model_dump(include=set(_FACTS))}
    facts = {name: str(value) for name, value in given.items() if name in _FACTS and value}
    return {name: value for name, value in facts.items() if name not in _PAGES or _is_page(value)}


def _is_page(url: str) -> bool:
    """Agents may follow it: an address of a page, and nothing that runs or opens something else."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc) and url.isprintable() and " " not in url


def _hand_in(visit: Visit, letter: letters.Letter) -> None:
    connection, now = visit.house.channel.connection, visit.request.received_at
    answer = visit.house.receive(letters.sealed(connection, letter, now))
    if answer.status >= 400:
        raise RouteRefused(503, "not_stored", "It could not be stored; try again.", retry_after=2)
