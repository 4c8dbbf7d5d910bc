"""The channel under Casella's conformance kit."""

from __future__ import annotations

from casella_telegram.channel import TelegramChannel
from casella_telegram.receive import SECRET_HEADER
from casella_telegram.settings import TelegramSettings

from casella.plugin import MediaRef, MediaRequest, Webhook
from casella.plugin.testing import Answer, AnyConnection, ChannelConformance, MediaCase, with_headers
from tests import cases


class TestTelegram(ChannelConformance):
    plugin = TelegramChannel()
    settings = cases.SETTINGS
    address, contact = cases.BOT, cases.ADA
    signature_headers = (SECRET_HEADER,)
    signs_body = False
    media_answers = (Answer.of_json(200, {"ok": True, "result": {"file_id": "x", "file_path": "photos/file_0.jpg"}}),)
    media = (
        MediaCase(
            "where Telegram says",
            MediaRef(ref="AgACbig"),
            media_answers,
            request=MediaRequest(
                f"https://api.telegram.org/file/bot{cases.TOKEN}/photos/file_0.jpg", allowed_hosts=("api.telegram.org",)
            ),
        ),
        MediaCase("too large for bots", MediaRef(ref="AgACbig"), (Answer.of_json(400, {"ok": False}),)),
        MediaCase("Telegram is busy", MediaRef(ref="AgACbig"), (Answer.of_json(500, {"ok": False}),), retryable=True),
    )
    webhooks = cases.WEBHOOKS
    sends = cases.SENDS

    def sign(self, connection: AnyConnection, webhook: Webhook) -> Webhook:
        assert isinstance(connection.settings, TelegramSettings)
        return with_headers(webhook, {SECRET_HEADER: connection.settings.webhook_secret.get_secret_value()})
