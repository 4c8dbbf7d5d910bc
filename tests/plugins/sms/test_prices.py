"""What a message is likely to cost, by the desk's own table."""

from __future__ import annotations

from decimal import Decimal

import pytest
from pydantic import ValidationError

from casella.plugin import Cost
from casella_sms.prices import PriceTable
from tests.plugins.sms.builders import PLUGIN, THEIRS, channel

ITALY, GERMANY = "+393331234567", "+4915550100231"
PRICES = {"currency": "USD", "part": {"US": 0.0079, "IT": "0.0927", "*": "0.1"}, "mms": {"US": "0.02"}}


@pytest.mark.parametrize(
    ("to", "text", "files", "amount"),
    [
        (THEIRS, "Hello", 0, "0.0079"),
        (THEIRS, "a" * 161, 0, "0.0158"),
        (ITALY, "ç" * 71, 0, "0.1854"),
        (GERMANY, "", 0, "0.1"),
        ("72404", "Hello", 0, "0.1"),
        (THEIRS, "a" * 500, 3, "0.02"),
    ],
)
def test_parts_and_pictures_have_their_price(to: str, text: str, files: int, amount: str) -> None:
    assert PLUGIN.cost(channel(prices=PRICES), to, text, files) == Cost(Decimal(amount), "USD")


def test_without_a_price_nobody_knows() -> None:
    assert PLUGIN.cost(channel(), THEIRS, "Hello", 0) is None
    assert PLUGIN.cost(channel(prices=PRICES), ITALY, "Look", 1) is None
    assert PriceTable(currency="EUR", part={"US": Decimal("0.01")}).cost(ITALY, "Hello", 0) is None


@pytest.mark.parametrize(
    "wrong", [{"currency": "usd"}, {"part": {"USA": "1"}}, {"part": {"US": "-1"}}, {"part": {"US": "NaN"}}, {"sms": {}}]
)
def test_a_mistaken_table_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        PriceTable.model_validate({**PRICES, **wrong})
