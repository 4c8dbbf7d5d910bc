"""A customer's text or picture on its way to the number's webhook."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import Sequence

from casella_simulator.network.courier import Webhook
from casella_simulator.network.journal import Delivery
from casella_simulator.network.media import MediaFile
from casella_simulator.network.phones import Author, Entry
from casella_simulator.network.provider import Arrival, UnknownLine, Written
from casella_simulator.network.segments import segments
from casella_simulator.twilio.account import TwilioAccount, TwilioNumber
from casella_simulator.twilio.exchange import Exchange
from casella_simulator.twilio.geography import parameters
from casella_simulator.twilio.records import API_VERSION, Record, new_sid
from casella_simulator.twilio.senders import bare, channel_of, inbound_fields, like
from casella_simulator.twilio.webhooks import retry_policy, signer

_TWIML_MESSAGE = re.compile(r"<Message[^>]*>(.*?)</Message>", re.DOTALL)
_TAG = re.compile(r"<[^>]+>")


class Receiver:
    """Signs and delivers what customers write, after the carrier has had its look at STOP and START."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._network = exchange.network

    async def receive(self, written: Written) -> Arrival:
        """Returns once every copy was answered. Raises UnknownLine."""
        found = self._exchange.find_line(written.line)
        if found is None:
            raise UnknownLine(f"no Twilio account has the number {written.line}")
        account, number = found
        record = self._record(account, number, written)
        entry = self._show(written, written.text, "customer", record.sid, list(written.media))
        plain = not channel_of(number.number)
        answer = self._exchange.opt_outs.hear(number, written.phone, written.text) if plain else None
        self._exchange.windows.hear(number.number, written.phone, record.created)
        extra = {} if plain else inbound_fields(written.phone, written.more)
        deliveries = await self._deliver(account, number, record, answer.keyword if answer else None, extra)
        entry.state, entry.error = _outcome(deliveries)
        self._network.phones.show(entry)
        if answer and answer.confirmation:
            self._say(written, answer.confirmation, "carrier")
        self._obey(written, deliveries[:1])
        return Arrival(record.sid, deliveries)

    def _record(self, account: TwilioAccount, number: TwilioNumber, written: Written) -> Record:
        now = self._network.clock()
        record = Record(
            sid=new_sid("MM" if written.media else "SM"),
            account=account.sid,
            direction="inbound",
            sender=like(number.number, written.phone),
            to=number.number,
            body=written.text,
            status="received",
            created=now,
            segments=segments(written.text),
            service=number.messaging_service,
            num_media=len(written.media),
            media={new_sid("ME"): file for file in written.media},
            sent=now,
        )
        return self._exchange.records.add(record)

    async def _deliver(
        self,
        account: TwilioAccount,
        number: TwilioNumber,
        record: Record,
        keyword: str | None,
        extra: dict[str, str],
    ) -> Sequence[Delivery]:
        if number.webhook_url is None:
            return ()
        form = inbound_form(record, self._network.base_url) | extra
        if keyword and number.advanced_opt_out:
            form["OptOutType"] = keyword
        webhook = Webhook(
            provider="twilio",
            kind="inbound",
            sid=record.sid,
            phone=bare(record.sender),
            url=number.webhook_url,
            form=form,
            sign=signer(account, number.webhook_method),
            policy=retry_policy(number.webhook_url, number.fallback_url),
        )
        dice = self._network.faults.dice(bare(record.sender), f"inbound\x1f{record.sender}\x1f{record.body}")
        await asyncio.sleep(dice.seconds("webhook delay", dice.faults.webhook_delay_ms))
        return await self._network.courier.deliver_copies(webhook, dice, dice.faults.webhook_copies)

    def _obey(self, written: Written, deliveries: Sequence[Delivery]) -> None:
        """Sends what the webhook answered back to the phone: TwiML messages, and any plain text."""
        for delivery in deliveries:
            if delivery.accepted:
                for text in replies(delivery.answer, delivery.answer_type):
                    self._say(written, text, "business")

    def _say(self, written: Written, text: str, author: Author) -> None:
        entry = self._show(written, text, author, "", [])
        entry.state = "delivered"
        self._network.phones.phone(written.phone).arrive(entry)
        self._network.phones.show(entry)

    def _show(self, written: Written, text: str, author: Author, sid: str, media: list[MediaFile]) -> Entry:
        entry = Entry(
            id=self._network.phones.next_id(),
            provider="twilio",
            phone=written.phone,
            line=written.line,
            author=author,
            text=text,
            at=self._network.clock(),
            sid=sid,
            media=media,
            state="sending",
        )
        return self._network.phones.add(entry)


def inbound_form(record: Record, base_url: str) -> dict[str, str]:
    """All standard parameters of an inbound webhook; what is unknown is blank, never absent."""
    form = {
        **({} if channel_of(record.to) else {**parameters("To", record.to), **parameters("From", record.sender)}),
        "SmsMessageSid": record.sid,
        "NumMedia": str(record.num_media),
        "SmsSid": record.sid,
        "SmsStatus": "received",
        "Body": record.body,
        "To": record.to,
        "NumSegments": str(record.segments),
        "MessageSid": record.sid,
        "AccountSid": record.account,
        "From": record.sender,
        "ApiVersion": API_VERSION,
    }
    if record.service:
        form["MessagingServiceSid"] = record.service
    for index, (media_sid, file) in enumerate(record.media.items()):
        form[f"MediaContentType{index}"] = file.content_type
        form[f"MediaUrl{index}"] = f"{base_url}{record.path}/Media/{media_sid}"
    return form


def replies(answer: str, content_type: str) -> list[str]:
    """The texts in a webhook's answer that Twilio would send to the customer."""
    if content_type.startswith("text/plain"):
        return [answer] if answer.strip() else []
    if "xml" not in content_type:
        return []
    return [html.unescape(_TAG.sub("", found)).strip() for found in _TWIML_MESSAGE.findall(answer)]


def _outcome(deliveries: Sequence[Delivery]) -> tuple[str, str | None]:
    """What the phone shows of its own message: whether anybody took it."""
    if any(delivery.accepted for delivery in deliveries):
        return "delivered", None
    if not deliveries:
        return "failed", "no webhook is configured"
    last = deliveries[-1]
    return "failed", last.error or f"HTTP {last.status}"
