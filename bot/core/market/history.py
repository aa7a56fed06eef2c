"""Everything observed of one market over a stretch of time."""

import hashlib
from dataclasses import dataclass, fields
from typing import Protocol, Self, TypeVar

import numpy as np

from bot.core.instruments import Instrument
from bot.core.margin.tiers import Brackets
from bot.core.market.heard import Heard
from bot.core.market.liquidations import Liquidations, LiquidationTotals
from bot.core.market.positions import Positions
from bot.core.market.series import Candles, FundingRates, LongShortRatio, OpenInterest


class _Cut(Protocol):
    def until(self, at: int) -> Self: ...


_Part = TypeVar("_Part", bound=_Cut)


def _cut(part: _Part | None, at: int) -> _Part | None:
    return None if part is None else part.until(at)


@dataclass(frozen=True, slots=True, eq=False)
class MarketHistory:
    """One market's series; what is None was not to be had, and is said to be missing."""

    instrument: Instrument
    candles: Candles
    open_interest: OpenInterest | None = None
    funding: FundingRates | None = None
    long_short_ratio: LongShortRatio | None = None
    liquidations: Liquidations | None = None
    liquidation_totals: LiquidationTotals | None = None
    positions: Positions | None = None
    brackets: Brackets | None = None  # None: the bundled table
    liquidation_feed: str = ""  # in words, how complete the liquidations are
    simulated: bool = False
    heard: Heard | None = None  # when liquidations were listened to; None: all the time

    @property
    def missing(self) -> tuple[str, ...]:
        """What a reader of the picture should know is not in it."""
        parts = {"open interest": self.open_interest, "funding": self.funding}
        return tuple(name for name, part in parts.items() if part is None)

    def fingerprint(self) -> str:
        """Name the data: the same bars and figures give the same name."""
        digest = hashlib.blake2b(self.instrument.key.encode(), digest_size=12)
        series = (self.candles, self.open_interest, self.funding, self.liquidations)
        for part in (*series, self.positions):
            for field in fields(part) if part is not None else ():
                column = getattr(part, field.name)
                if isinstance(column, np.ndarray):
                    digest.update(np.ascontiguousarray(column).data)
        return digest.hexdigest()

    def known_at(self, at: int) -> "MarketHistory":
        """Return what was known at `at` [ms]: closed candles, published figures."""
        return MarketHistory(
            self.instrument,
            self.candles.closed(at),
            _cut(self.open_interest, at),
            _cut(self.funding, at),
            _cut(self.long_short_ratio, at),
            _cut(self.liquidations, at),
            _cut(self.liquidation_totals, at),
            _cut(self.positions, at),
            self.brackets,
            self.liquidation_feed,
            self.simulated,
            None if self.heard is None else self.heard.between(0, at),
        )
