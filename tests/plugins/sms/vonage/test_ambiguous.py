"""Parameters that can be read as two are refused though they are signed (issue 17.14)."""

from __future__ import annotations

import pytest

from casella.plugin import Webhook
from casella_sms.vonage.settings import VonageSettings
from casella_sms.vonage.signature import parameters_problem, sign_parameters
from tests.plugins.sms import builders
from tests.plugins.sms.vonage import builders as vonage

SETTINGS = VonageSettings.model_validate(vonage.SETTINGS)


@pytest.mark.parametrize(("name", "problem"), [("te=xt", True), ("text&to", True), ("text", False)])
def test_a_name_that_holds_what_joins_them(name: str, problem: bool) -> None:
    given = {name: "hi", "timestamp": str(int(builders.NOON.timestamp()))}
    secret = SETTINGS.signature_secret.get_secret_value().encode()
    signed = {**given, "sig": sign_parameters(given, secret, SETTINGS.signature_method)}
    webhook = Webhook("POST", builders.URL, "", {}, b"", builders.NOON)
    assert parameters_problem(SETTINGS, signed, webhook) == ("ambiguous_parameters" if problem else None)
