"""What a journal needs of the market: prices now, a setup's plan, where a stop belongs."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import structlog

from bot.core.arrays import HOUR, MINUTE
from bot.core.errors import BotError, TradeRefused
from bot.core.instruments import Coin, Instrument
from bot.core.journal.plan import Plan, planned
from bot.core.language import say
from bot.core.market.liquidations import PositionSide
from bot.core.market.summary import Summary
from bot.core.signals.position_reading import Stop
from bot.core.signals.setups import shown
from bot.desk.grades import grade_of, is_unproven
from bot.desk.markets import Found, Markets
from bot.desk.overview import Overview
from bot.desk.position import read_position
from bot.desk.requests import PositionRequest
from bot.desk.scoring import Scoring
from bot.desk.setups_words import NAMES
from bot.desk.signals import SignalDesk
from bot.desk.snapshot import Snapshots
from bot.ports import MarketSource

log = structlog.get_logger()

_PATIENCE = 2.0  # [s] prices are waited for
_CURRENT = 10.0  # [s] a price that somebody gets in or out at is no older
_LATELY = 30.0  # [s] likewise, of prices that are only shown
# A price that was told longer ago [ms] is none of now; a market that is let run for show passes an
# hour within a minute.
_SHOWN = 10 * MINUTE
_SUGGESTING = 3.0  # [s] a setup, or a place for a stop, is waited for


@dataclass(frozen=True, slots=True)
class Suggested:
    """Where a stop belongs."""

    stop: Stop
    unproven: bool  # the map that it rests on


class JournalMarket:
    """The market as far as a person's own trades concern it."""

    def __init__(
        self,
        source: MarketSource,
        markets: Markets,
        snapshots: Snapshots,
        signals: SignalDesk,
        overview: Overview,
        scoring: Scoring | None = None,
    ) -> None:
        self._source = source
        self._markets = markets
        self._snapshots = snapshots
        self._signals = signals
        self._overview = overview
        self._scoring = scoring

    @property
    def simulated(self) -> bool:
        """Whether the market is made up."""
        return self._source.simulated

    def now(self) -> int:
        """Return the market's time [ms] UTC."""
        return self._source.now()

    async def find(self, symbol: str, venues: Iterable[str] = ()) -> Found:
        """Find a coin's markets. UnknownSymbol, UnknownVenue, NothingAnswered."""
        return await self._markets.find(symbol, tuple(venues))

    async def price(self, found: Found) -> float:
        """Return what a coin trades at now [quote/base]. TradeRefused if nobody says."""
        told = await self._told(_CURRENT, MINUTE)
        price = _price(found.base, found.instruments, told)
        if price is None:
            try:
                snapshot = await self._snapshots.of(found.instruments)
            except BotError as error:
                raise _nobody_says(found.base) from error
            closes = {kept.history.instrument: kept.history.candles for kept in snapshot.kept}
            item, candles = max(closes.items(), key=lambda one: int(one[1].close_time[-1]))
            price = float(candles.close[-1]) * _times(found.base, item)
        return price

    async def price_of(self, base: str) -> float:
        """Return what the coin of a trade trades at now [quote/base]. TradeRefused."""
        try:
            found = await self.find(base)
        except BotError as error:
            raise _nobody_says(base) from error
        return await self.price(found)

    async def prices(self, bases: Iterable[str]) -> dict[str, float]:
        """Return what coins trade at, as far as that is known at once."""
        told = await self._told(_LATELY, _SHOWN)
        listed = list(told)
        found = {}
        for base in dict.fromkeys(bases):
            name = Coin.of(base).name
            items = [item for item in listed if Coin.of(item.base).name == name]
            price = _price(base, items, told) or self._held(base)
            if price is not None:
                found[base] = price
        return found

    async def plan(
        self, signal: str, found: Found, side: PositionSide | None, price: float
    ) -> Plan | None:
        """Return the trade that a setup under way is for, the newest of its kind; None: none is."""
        kinds = [kind for kind, name in NAMES.items() if name == signal]
        if not kinds:
            return None
        try:
            async with asyncio.timeout(_SUGGESTING):
                seeing = await self._signals.of(found)
                grade = await grade_of(self._scoring, seeing.snapshot)
        except (TimeoutError, BotError) as error:
            log.info("logged without a setup", coin=found.base, why=error)
            return None
        states = [each[-1] for each in shown(seeing.signals, proven=not is_unproven(grade))]
        going = sorted(
            (each for each in states if each.kind in kinds and each.ended is None),
            key=lambda each: -each.began,
        )
        plans = [plan for each in going if (plan := planned(each, price)) is not None]
        return next((plan for plan in plans if side in {None, plan.side}), None)

    async def suggested(
        self, base: str, side: PositionSide, entry: float, leverage: float | None
    ) -> Suggested | None:
        """Say where a stop belongs; None where the map has no place for one, or is not at hand."""
        request = PositionRequest(base, side, leverage or 1.0, entry)
        try:
            async with asyncio.timeout(_SUGGESTING):
                found = await self.find(base)
                snapshot = await self._snapshots.of(found.instruments)
                grade = await grade_of(self._scoring, snapshot)
                read = read_position
                reading = await asyncio.to_thread(read, request, found, snapshot, grade)
        except (TimeoutError, BotError) as error:
            log.info("no stop suggested", coin=base, why=error)
            return None
        stop = reading.stop
        if stop is None or (entry - stop.price) * side.value <= 0:
            return None
        return Suggested(stop, is_unproven(grade))

    def _held(self, base: str) -> float | None:
        """Return the price that a market was last gathered with, if that is of late."""
        kept = [
            each
            for each in self._snapshots.kept.values()
            if Coin.of(each.history.instrument.base).name == Coin.of(base).name
            and each.gathered >= self._oldest(_SHOWN)
            and len(each.history.candles)
        ]
        if not kept:
            return None
        newest = max(kept, key=lambda each: each.gathered).history
        return float(newest.candles.close[-1]) * _times(base, newest.instrument)

    def _oldest(self, age: int) -> int:
        """Return when a price must have been told to be one of now [ms]."""
        return self.now() - (HOUR if self.simulated else age)

    async def _told(self, lasting: float, age: int) -> Mapping[Instrument, Summary]:
        # A market that is let run has gone on by minutes within seconds.
        told = await self._overview.within(_PATIENCE, 0.0 if self.simulated else lasting)
        oldest = self._oldest(age)
        return {item: line for item, line in told.items() if line.time >= oldest}


def _nobody_says(base: str) -> TradeRefused:
    return TradeRefused(
        say("No venue tells the price of {coin} just now: say yours with it.", coin=base)
    )


def _price(
    base: str, items: Iterable[Instrument], told: Mapping[Instrument, Summary]
) -> float | None:
    """Return the price of the market with the most turnover, as `base` counts the coin."""
    known = [item for item in items if item in told]
    if not known:
        return None
    most = max(known, key=lambda item: told[item].turnover)
    return told[most].price * _times(base, most)


def _times(base: str, item: Instrument) -> float:
    """Return how many times the coin of a market's price is in what `base` counts by."""
    return Coin.of(base).multiple / Coin.of(item.base).multiple
