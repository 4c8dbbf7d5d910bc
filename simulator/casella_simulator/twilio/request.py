"""Reading and checking a send request."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import blake2b
from urllib.parse import parse_qsl, urlsplit

from casella_simulator.twilio.account import TwilioAccount
from casella_simulator.twilio.consent import OptOuts, scope
from casella_simulator.twilio.errors import Refused
from casella_simulator.twilio.senders import bare, channel_of, filled

_E164 = re.compile(r"\+[1-9]\d{6,14}")
_SHORT_CODE = re.compile(r"\d{3,8}")
_MAX_BODY = 1_600
_MAX_MEDIA = 10
_NOT_SIMULATED = ("SendAt", "ScheduleType")
#: Twilio's magic test numbers, with the error each of them gives.
_MAGIC_TO = {
    "+15005550001": 21211,
    "+15005550002": 21612,
    "+15005550003": 21408,
    "+15005550004": 21610,
    "+15005550009": 21614,
}
_MAGIC_FROM = {"+15005550001": 21212, "+15005550007": 21606, "+15005550008": 21611}


@dataclass(frozen=True, slots=True)
class SendRequest:
    """The parameters of `POST …/Messages.json` that the simulator acts on."""

    to: str
    sender: str
    service: str | None
    body: str
    media: tuple[str, ...]
    callback: str | None
    fingerprint: str
    refused_parameters: tuple[str, ...]
    validity: str | None
    content_sid: str | None = None
    variables: str = ""

    @classmethod
    def read(cls, account: str, raw: bytes) -> SendRequest:
        pairs = parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True)
        form = dict(pairs)
        return cls(
            to=form.get("To", "").strip(),
            sender=form.get("From", "").strip(),
            service=form.get("MessagingServiceSid") or None,
            body=form.get("Body", ""),
            media=tuple(value for name, value in pairs if name == "MediaUrl" and value),
            callback=form.get("StatusCallback") or None,
            fingerprint=_digest(account, *sorted(f"{name}={value}" for name, value in pairs)),
            refused_parameters=tuple(name for name in _NOT_SIMULATED if form.get(name)),
            validity=form.get("ValidityPeriod"),
            content_sid=form.get("ContentSid") or None,
            variables=form.get("ContentVariables", ""),
        )

    @property
    def subject(self) -> str:
        """What the faults are drawn for: the content, without the ids that differ from run to run."""
        return "\x1f".join((self.to, self.body, *self.media, self.content_sid or "", self.variables))

    def words(self, account: TwilioAccount) -> str:
        """What the customer reads. Raises Refused for a template that is none."""
        if self.content_sid is None:
            return self.body
        content = account.find_content(self.content_sid)
        if content is None:
            raise Refused(21655)
        try:
            return filled(content, self.variables)
        except ValueError:
            raise Refused(21656) from None

    def check(self, account: TwilioAccount, opt_outs: OptOuts) -> None:
        """Raises Refused as the API would, first fault first."""
        self._check_parameters()
        self._check_content()
        self.words(account)
        covered = self._check_sender(account)
        if self.to in _MAGIC_TO:
            raise Refused(_MAGIC_TO[self.to])
        if self.to == self.sender:
            raise Refused(21266, self.to)
        if opt_outs.stopped(covered, self.to):
            raise Refused(21610)

    def _check_parameters(self) -> None:
        if self.refused_parameters:
            raise Refused(20001, f"{', '.join(self.refused_parameters)} is not simulated")
        if self.validity is not None and not (self.validity.isdecimal() and 1 <= int(self.validity) <= 36_000):
            raise Refused(20001, "ValidityPeriod must be between 1 and 36000")
        if not self.to:
            raise Refused(21604)
        if not _E164.fullmatch(bare(self.to)) and not _SHORT_CODE.fullmatch(self.to):
            raise Refused(21211, self.to)
        if self.callback is not None and not _is_url(self.callback):
            raise Refused(21609, self.callback)

    def _check_content(self) -> None:
        if not self.body and not self.media and not self.content_sid:
            raise Refused(21602)
        if len(self.body) > _MAX_BODY:
            raise Refused(21617)
        if len(self.media) > _MAX_MEDIA:
            raise Refused(21623)
        if not all(map(_is_url, self.media)):
            raise Refused(21620)

    def _check_sender(self, account: TwilioAccount) -> str:
        """Returns what a STOP covers for this sender: the service or the number."""
        if self.service is not None:
            if not self.service.startswith("MG"):
                raise Refused(21705)
            if not account.pool(self.service):
                raise Refused(21703)
            return self.service
        if not self.sender:
            raise Refused(21603)
        if self.sender in _MAGIC_FROM:
            raise Refused(_MAGIC_FROM[self.sender])
        if channel_of(self.sender) != channel_of(self.to):
            raise Refused(21910)
        number = account.find_number(self.sender)
        if number is None:
            raise Refused(63007 if channel_of(self.sender) else 21606, self.sender)
        return scope(number)


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and "_" not in (parts.hostname or "")


def _digest(*parts: str) -> str:
    return blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
