"""Recording: markets as they are observed, written as replay data sets that grow."""

import asyncio
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bot.core.arrays import DAY
from bot.core.errors import BadSetting, BotError, MarketUnavailable, NothingAnswered
from bot.core.instruments import Contract, Instrument
from bot.core.market.history import MarketHistory
from bot.core.market.join import joined, trimmed
from bot.core.market.liquidations import together
from bot.desk.live import Live
from bot.desk.snapshot import Snapshots
from bot.desk.tapes import Tapes
from bot.exchanges.market_json import NAME, interval_words
from bot.exchanges.replay import read_market
from bot.exchanges.replay_writer import write_market
from bot.ports import MarketSource

_AT_ONCE = 4  # markets gathered side by side


@dataclass(frozen=True, slots=True)
class Round:
    """What one round has written, and what it could not."""

    written: Mapping[Instrument, MarketHistory]
    failed: Mapping[Instrument, str]


def place(folder: Path, market: Instrument) -> Path:
    """Where a market's recording lies.

    >>> place(Path("rec"), Instrument("okx", "BTC", "USDT", "USDT")).as_posix()
    'rec/okx-btc-usdt'
    """
    coin = "-inverse" if market.contract is Contract.INVERSE else ""
    return folder / f"{market.exchange}-{market.base}-{market.quote}{coin}".lower()


class Recorder:
    """Records some markets into a folder each; owns what it listens with.

    A recording that is there already is gone on with: what came meanwhile is taken from the
    venue's history, as far as it tells, and liquidations nobody heard stay unheard.
    """

    def __init__(
        self, source: MarketSource, folder: Path, markets: Sequence[Instrument], back: int
    ) -> None:
        """Begin so far `back` [ms]. MalformedData if something else lies in a market's folder."""
        self._source = source
        self._folder = folder
        self._markets = tuple(markets)
        self._recorded: dict[Instrument, MarketHistory] = {}
        for market in markets:
            if (place(folder, market) / NAME).exists():
                self._recorded[market] = read_market(place(folder, market))
        now = source.now()
        self._since = {market: source.now(market) - back for market in markets}
        ends = [int(each.candles.close_time[-1]) for each in self._recorded.values()]
        days = math.ceil(max(back, *(now - end for end in ends), DAY) / DAY)
        self._tapes = Tapes()
        self._snapshots = Snapshots(source, None, days, self._tapes)
        self._live = Live(source, self._snapshots, self._tapes)

    @property
    def recorded(self) -> Mapping[Instrument, MarketHistory]:
        """What lies in the folder now, also of markets that do not answer any more."""
        return dict(self._recorded)

    def listen(self) -> None:
        """Begin to hear liquidations, too; they are told of no past."""
        self._live.start()

    async def record(self) -> Round:
        """Gather every market and write what is new; one that fails stays as it is written.

        BadSetting if a recording that is there cannot be gone on with, or written.
        """
        turn = asyncio.Semaphore(_AT_ONCE)

        async def one(market: Instrument) -> MarketHistory | str:
            async with turn:
                try:
                    return await self._gather(market)
                except NothingAnswered as error:
                    return _why(error.failures[0])

        found = await asyncio.gather(*map(one, self._markets))
        told = dict(zip(self._markets, found, strict=True))
        return Round(
            {market: each for market, each in told.items() if isinstance(each, MarketHistory)},
            {market: each for market, each in told.items() if isinstance(each, str)},
        )

    async def close(self) -> None:
        """Stop listening."""
        await self._live.close()
        await self._snapshots.close()

    async def _gather(self, market: Instrument) -> MarketHistory:
        kept = (await self._snapshots.of([market], newer=True, patient=True)).kept[0]
        known = trimmed(kept.history.known_at(kept.gathered), self._since[market])
        before = self._recorded.get(market)
        if not len(known.candles):
            return before or known
        return await asyncio.to_thread(self._write, market, before, known)

    def _write(
        self, market: Instrument, before: MarketHistory | None, known: MarketHistory
    ) -> MarketHistory:
        whole, folder = known if before is None else _longer(before, known), self._folder
        try:
            write_market(place(folder, market), whole)
        except OSError as error:
            raise BadSetting(f"“{folder}” cannot be written: {error.strerror}.") from error
        self._recorded[market] = whole
        return whole


def _longer(before: MarketHistory, known: MarketHistory) -> MarketHistory:
    """Go on with a recording; what was heard stays heard."""
    if before.candles.interval != known.candles.interval:
        words = interval_words(before.candles.interval)
        raise BadSetting(
            f"{before.instrument.key} was recorded in bars of {words} there; name another folder."
        )
    whole = joined(before, known)
    events = [part.liquidations for part in (before, known) if part.liquidations is not None]
    return replace(whole, liquidations=together(events) if events else None)


def _why(error: BotError) -> str:
    return error.why if isinstance(error, MarketUnavailable) else str(error)
