"""What a message is likely to cost, by the desk's own price table: providers bill by part, country and contract."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from casella.plugin import Cost
from casella_sms.numbers import region
from casella_sms.segments import segments_of

ANYWHERE = "*"
_Country = Annotated[str, Field(pattern=r"^([A-Z]{2}|\*)$")]
_Price = Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=8)]


class PriceTable(BaseModel):
    """Prices by the recipient's country (ISO 3166, two letters), "*" for all others; a country without a price costs
    nobody knows what. `part`: of one SMS part. `mms`: of one message with attachments, whatever its text."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    currency: str = Field(pattern=r"^[A-Z]{3}$")
    part: Mapping[_Country, _Price] = {}
    mms: Mapping[_Country, _Price] = {}

    def cost(self, to: str, text: str, attachments: int) -> Cost | None:
        """The estimate for one message; None without a price."""
        prices = self.mms if attachments else self.part
        price = prices.get(region(to) or ANYWHERE, prices.get(ANYWHERE)) if prices else None
        if price is None:
            return None
        return Cost(price * (1 if attachments else segments_of(text).parts), self.currency)
