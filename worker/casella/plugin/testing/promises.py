"""Checks of what `send` may rely on and what the host relies on: once, in time, to the provider alone, and everything
that the capabilities promise."""

from __future__ import annotations

import json
import re
from collections import Counter
from io import BytesIO
from urllib.parse import unquote_plus

import httpx
from hypothesis import given
from hypothesis import strategies as st

from casella.plugin.channel import OutgoingAttachment, Sent
from casella.plugin.content import (
    ButtonsContent,
    Choice,
    ContactCard,
    ContactsContent,
    Content,
    ListContent,
    ListSection,
    LocationContent,
    ReactionContent,
    TemplateContent,
)
from casella.plugin.errors import SendError
from casella.plugin.events import AttachmentKind
from casella.plugin.testing.cases import Answer
from casella.plugin.testing.plain import QUICK
from casella.plugin.testing.provider import Provider
from casella.plugin.testing.subject import Subject, by_provider

ELSEWHERE = "elsewhere.example"
FILE = b"the file of the conformance kit"
CONTENTS: tuple[tuple[Content, str], ...] = (
    (LocationContent(latitude=12.3456, longitude=65.4321, name="Here"), "12.3456"),
    (ContactsContent(cards=(ContactCard(name="Ada Marks", phones=("+39055500001",)),)), "Ada Marks"),
    (ReactionContent(emoji="👍"), "👍"),
    (ButtonsContent(choices=(Choice(id="choice-7", title="Yes"),)), "choice-7"),
    (ListContent(button="Open", sections=(ListSection(title="A", choices=(Choice(id="row-7", title="B"),)),)), "row-7"),
    (TemplateContent(name="greeting_7", language="en"), "greeting_7"),
)
"""One of each kind, and a word of it that must reach the provider."""
ODD_ADDRESSES = ("", "0", "-1", "+39055500001", "ada", "é😀", "a/../b?c#d", "x" * 300, "\x7f", " ", "²", "+٣٩٠٥")
_BEGINNING: dict[AttachmentKind, str] = {
    "image": "image/", "sticker": "image/", "audio": "audio/", "voice": "audio/", "video": "video/",
}  # fmt: skip
_USUAL: dict[AttachmentKind, str] = {
    "image": "image/jpeg", "sticker": "image/webp", "audio": "audio/mpeg", "voice": "audio/ogg", "video": "video/mp4",
    "document": "application/pdf",
}  # fmt: skip


class PromiseChecks(Subject):
    """`send` against the promises of the contract and of its own capabilities."""

    def test_one_message_is_sent_once(self) -> None:
        for case in self.sends:
            if case.sent is not None:
                provider = Provider(case.answers)
                self.sent(case, provider)
                made = Counter((r.method, str(r.url), r.content) for r in provider.requests if r.method != "GET")
                twice = [key[:2] for key, number in made.items() if number > 1]
                assert not twice, f"{case.label}: the same request {max(made.values())} times: {twice}"

    def test_it_keeps_the_time_limits(self) -> None:
        """The client it is given has them; without them a provider that hangs holds a sender for good."""
        most = self._able.send_time_limit
        for case in self.sends:
            provider = Provider(case.answers)
            self.sent(case, provider)
            for request in provider.requests:
                limits = request.extensions.get("timeout", {})
                found = [limits.get(name) for name in ("connect", "read", "write")]
                assert all(limit is not None and limit <= most for limit in found), f"{case.label}: {limits}"

    def test_it_follows_no_redirect(self) -> None:
        """Whoever answers in the provider's place must not get the message and the token."""
        for status in (301, 302, 307, 308):
            provider = Provider((Answer(status, b"", {"location": f"https://{ELSEWHERE}/take"}),))
            self.sent(self.any_send, provider)
            assert not any(request.url.host == ELSEWHERE for request in provider.requests), f"{status} was followed"

    def test_any_text_gives_an_outcome(self) -> None:
        most = min(200, self._able.text_limit)

        @QUICK
        @given(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=most))
        def sent(text: str) -> None:
            outcome = self.sent(self.any_send, Provider(self.any_send.answers), text=text)
            assert isinstance(outcome, Sent | SendError), repr(outcome)

        sent()

    def test_any_address_gives_an_outcome(self) -> None:
        """An address may be old, of another system, or mistyped: that is a SendRejected, not a fault."""
        for to in ODD_ADDRESSES:
            if self.channel_plugin.refusal(self.channel(), to) is None:
                outcome = self.sent(self.any_send, Provider(self.any_send.answers), to=to)
                assert isinstance(outcome, Sent | SendError), f"{to!r}: {outcome!r}"

    @by_provider
    def test_the_attachments_it_declares_are_sent(self) -> None:
        limits = self._able.attachments
        for kind in sorted(limits.kinds):
            mime = _mime(kind, limits.mimes)
            url = "https://desk.example/files/a7f3"
            file = OutgoingAttachment(url, kind, mime, len(FILE), "a7f3", lambda: BytesIO(FILE))
            provider = Provider(self.any_send.answers)
            outcome = self.sent(self.any_send, provider, text="", attachments=(file,))
            found = _mention(provider, url) or _mention(provider, FILE.decode())
            assert found, f"{kind} ({mime}) is declared, and not sent: {outcome!r}"

    @by_provider
    def test_the_content_it_declares_is_sent(self) -> None:
        for content, mark in CONTENTS:
            if self._able.carries(content.kind):
                provider = Provider(self.any_send.answers)
                outcome = self.sent(self.any_send, provider, content=content, reply_to=self._quotable)
                assert _mention(provider, mark), f"{content.kind} is declared, and not sent: {outcome!r}"

    @by_provider
    def test_the_quotes_it_declares_are_sent(self) -> None:
        quoted = self._quotable
        if self._able.quoted_replies and quoted:
            provider = Provider(self.any_send.answers)
            outcome = self.sent(self.any_send, provider, reply_to=quoted)
            end = re.findall(r"\w+", quoted)[-1]
            assert _mention(provider, end), f"quoted_replies is declared, and not sent: {outcome!r}"


def _mime(kind: AttachmentKind, allowed: frozenset[str]) -> str:
    """A type of this kind that the plugin takes."""
    if not allowed or _USUAL[kind] in allowed:
        return _USUAL[kind]
    beginning = _BEGINNING.get(kind, "")
    fitting = sorted(mime for mime in allowed if mime.startswith(beginning or ("application/", "text/")))
    return fitting[0] if fitting else _USUAL[kind]


def _mention(provider: Provider, what: str) -> bool:
    """Whether a request says this: in its address, in a form, or in JSON, where a slash may be escaped."""
    return any(what in written for request in provider.requests for written in _written(request))


def _written(request: httpx.Request) -> tuple[str, ...]:
    body = request.content.decode("utf-8", "replace")
    try:
        parsed = json.dumps(json.loads(body), ensure_ascii=False)
    except ValueError:
        parsed = ""
    return str(request.url), unquote_plus(body), parsed
