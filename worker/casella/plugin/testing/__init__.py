"""The conformance kit: what every channel plugin has to withstand, tested for you. Import it in tests only; it needs
pytest and hypothesis (`pip install casella[testing]`).

Write tables of cases and one signing function, inherit the suite, and run pytest:

    class TestAcme(ChannelConformance):
        plugin = AcmeChannel()
        settings = {"token": "a secret"}
        address, contact = "4711", "4712"
        signature_headers = ("x-acme-signature",)

        webhooks = (WebhookCase.of_json("a text", {...}, events=(MessageReceived(...),)), ...)
        sends = (SendCase("a text", answers=(Answer.of_json(200, {"id": "1"}),), sent=Sent("1"), ...), ...)

        def sign(self, connection, webhook):
            return with_headers(webhook, {"x-acme-signature": ...})

`RulesConformance` does the same for what a plugin adds to the rules.

Each check has a name that says what it found. `failures` runs them without pytest.
"""

import pytest

pytest.register_assert_rewrite(
    *(
        f"{__name__}.{part}"
        for part in (
            *("additions", "plain", "receiving", "hostile", "sending", "promises", "questions", "constancy", "suite"),
        )
    ),
)

from casella.plugin.testing.cases import (  # noqa: E402 - only after the rewriting of asserts is arranged
    ActionCase,
    Answer,
    ExpectedRequest,
    FieldCase,
    LookupCase,
    MediaCase,
    ProfileCase,
    ReadCase,
    SendCase,
    TemplatesCase,
    WebhookCase,
    with_body,
    with_headers,
    without_headers,
)
from casella.plugin.testing.provider import Provider  # noqa: E402 - as above
from casella.plugin.testing.subject import AnyChannel, AnyConnection  # noqa: E402 - as above
from casella.plugin.testing.suite import ChannelConformance, Failure, RulesConformance, failures  # noqa: E402 - as above

__all__ = [
    "ActionCase",
    "Answer",
    "AnyChannel",
    "AnyConnection",
    "ChannelConformance",
    "ExpectedRequest",
    "Failure",
    "FieldCase",
    "LookupCase",
    "MediaCase",
    "ProfileCase",
    "Provider",
    "ReadCase",
    "RulesConformance",
    "SendCase",
    "TemplatesCase",
    "WebhookCase",
    "failures",
    "with_body",
    "with_headers",
    "without_headers",
]
