"""Recorded markets as a source: `replay:DIR`."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import structlog

from bot.core.arrays import MINUTE
from bot.core.errors import MarketUnavailable
from bot.core.instruments import Instrument
from bot.core.language import later
from bot.core.market.depth import OrderBook, Trades
from bot.core.market.gaps import Gap, gaps
from bot.core.market.heard import Heard
from bot.core.market.history import MarketHistory
from bot.core.market.offer import NONE, Offer
from bot.core.market.summary import Summary, summary_of
from bot.exchanges.replay_folder import read_market, read_markets
from bot.ports import LiveLiquidations

__all__ = ["ReplaySource", "read_market", "read_markets"]

log = structlog.get_logger()

_NOTHING: tuple[LiveLiquidations, ...] = ()


def _newest(history: MarketHistory) -> int:
    """End of the newest candle or interval, or the newest instant [ms]."""
    found = [int(history.candles.close_time[-1])]
    totals = history.liquidation_totals
    if totals is not None and len(totals.time):
        found.append(int(totals.time[-1]) + totals.interval)
    instants = (
        history.open_interest,
        history.funding,
        history.long_short_ratio,
        history.liquidations,
        history.positions,
    )
    found += [int(part.time.max()) for part in instants if part is not None and len(part.time)]
    return max(found)


def _since(part: Any, at: int) -> Any:
    """Return a series from `at` [ms] on."""
    if part is None:
        return None
    kept = part.time >= at
    columns = {each.name: getattr(part, each.name) for each in fields(part)}
    return replace(
        part,
        **{name: col[kept] for name, col in columns.items() if isinstance(col, np.ndarray)},
    )


def _offer(market: MarketHistory) -> Offer:
    """Say what a recording holds."""
    single, totals = market.liquidations, market.liquidation_totals
    kinds = {"single": single, "totals": totals, "accounts": market.positions}
    return Offer(
        exchange=market.instrument.exchange,
        contracts=market.instrument.contract.value,
        candles=f"{market.candles.interval // MINUTE}m",
        taker_volume=NONE if market.candles.taker_buy_volume is None else "yes",
        open_interest=NONE if market.open_interest is None else "history",
        funding=NONE if market.funding is None else "history",
        ratio=NONE if market.long_short_ratio is None else "history",
        brackets="bundled" if market.brackets is None else "recorded",
        book=NONE,
        trades=NONE,
        liquidations=", ".join(kind for kind, part in kinds.items() if part is not None),
        lossy=market.liquidation_feed,
    )


class ReplaySource:
    """Recorded markets behind the MarketSource port; time stands at the recording's end.

    Everything is read when the source is made: BadSetting, MalformedData. Where one market was
    recorded several times, its newest recording is used and `left_out` counts the others.
    """

    name = "replay"

    def __init__(self, folder: Path) -> None:
        markets = sorted(read_markets(folder), key=_newest)
        self._markets = {market.instrument: market for market in markets}
        self.simulated = markets[0].simulated
        self.left_out = len(markets) - len(self._markets)
        if self.left_out:
            log.warning("older recordings of the same markets left out", count=self.left_out)

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """Holes in the recordings; nothing fills them."""
        return tuple(gap for market in self._markets.values() for gap in gaps(market))

    def now(self, instrument: Instrument | None = None) -> int:
        """Return when a market's recording ends [ms] UTC, or the newest of all."""
        if instrument in self._markets:
            return _newest(self._markets[instrument])
        return max(_newest(market) for market in self._markets.values())

    async def instruments(self) -> Sequence[Instrument]:
        """List the recorded markets."""
        return list(self._markets)

    async def history(self, instrument: Instrument, since: int) -> MarketHistory:
        """Return what was recorded from `since` [ms] on; MarketUnavailable if nothing was."""
        market = self._markets.get(instrument)
        if market is None:
            held = ", ".join(known.key for known in self._markets)
            why = later(
                "{market} was not recorded, only {others}", market=instrument.key, others=held
            )
            raise MarketUnavailable(self.name, why)
        return replace(
            market,
            candles=market.candles.since(since),
            open_interest=_since(market.open_interest, since),
            funding=_since(market.funding, since),
            long_short_ratio=_since(market.long_short_ratio, since),
            liquidations=_since(market.liquidations, since),
            liquidation_totals=_since(market.liquidation_totals, since),
        )

    async def summaries(self) -> Mapping[Instrument, Summary]:
        """Tell of every market as its recording ends."""
        told = {one: summary_of(held, self.now(one)) for one, held in self._markets.items()}
        return {one: summary for one, summary in told.items() if summary is not None}

    async def book(self, instrument: Instrument) -> OrderBook:
        """Refuse: it was not recorded. MarketUnavailable."""
        raise MarketUnavailable(instrument.exchange, later("a recording holds no order book"))

    async def trades(self, instrument: Instrument) -> Trades:
        """Refuse: they were not recorded. MarketUnavailable."""
        raise MarketUnavailable(
            instrument.exchange, later("a recording holds bars, not single trades")
        )

    def offers(self) -> Sequence[Offer]:
        """Say what was recorded of each market."""
        return [_offer(market) for market in self._markets.values()]

    async def liquidations(
        self,
        instruments: Sequence[Instrument],  # noqa: ARG002 - the port's
    ) -> AsyncIterator[LiveLiquidations]:
        """End at once: a recording has no live feed."""
        for heard in _NOTHING:
            yield heard

    def heard(self, instrument: Instrument) -> Heard:  # noqa: ARG002 - the port's
        """Return nothing: nobody listens any more."""
        return Heard()

    def failures(self) -> dict[str, str]:
        """Return nothing: what was read was read whole."""
        return {}

    async def close(self) -> None:
        """Hold nothing open."""
