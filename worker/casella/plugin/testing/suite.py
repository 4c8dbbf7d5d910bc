"""The suites to inherit, and the same checks without pytest."""

from __future__ import annotations

from casella.plugin.testing.additions import AdditionChecks
from casella.plugin.testing.cases import ActionCase, FieldCase, SendCase, WebhookCase
from casella.plugin.testing.constancy import ConstancyChecks
from casella.plugin.testing.hostile import HostileChecks
from casella.plugin.testing.plain import PlainChecks
from casella.plugin.testing.promises import PromiseChecks
from casella.plugin.testing.questions import QuestionChecks
from casella.plugin.testing.receiving import ReceivingChecks
from casella.plugin.testing.sending import SendingChecks
from casella.plugin.testing.tables import Failure, Tables, failures

__all__ = ["ChannelConformance", "Failure", "RulesConformance", "failures"]


class ChannelConformance(
    Tables,
    PlainChecks,
    ReceivingChecks,
    HostileChecks,
    SendingChecks,
    PromiseChecks,
    QuestionChecks,
    ConstancyChecks,
):
    """Inherit it in a class whose name begins with `Test`, fill in what `Subject` lists, and write `sign`."""

    def _tables(self) -> dict[str, list[WebhookCase] | list[SendCase]]:
        return {"webhook_case": list(self.webhooks), "send_case": list(self.sends)}


class RulesConformance(Tables, AdditionChecks):
    """Inherit it in a class whose name begins with `Test`, and fill in `plugin`, `additions`, `fields`, `actions`."""

    def _tables(self) -> dict[str, list[FieldCase] | list[ActionCase]]:
        return {"field_case": list(self.fields), "action_case": list(self.actions)}
