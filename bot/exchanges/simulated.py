"""The simulated source: markets that nobody trades, running live and as fast as is wished."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from zlib import crc32

from bot.core.arrays import DAY
from bot.core.errors import MarketUnavailable, UnknownSymbol, UnknownVenue
from bot.core.instruments import Instrument
from bot.core.language import later
from bot.core.market.depth import OrderBook, Trades
from bot.core.market.heard import Heard
from bot.core.market.history import MarketHistory
from bot.core.market.liquidations import Liquidations
from bot.core.market.offer import NONE, Offer
from bot.core.market.summary import Summary, summary_of
from bot.core.simulation.market import START, STEP, Market
from bot.core.simulation.styles import ALT, CRASH, MAJOR, TREND, Style
from bot.core.simulation.views import FEED, observed
from bot.ports import LiveLiquidations

# Their names say what they are wherever a venue is named.
VENUES = ("sim-a", "sim-b")


@dataclass(frozen=True, slots=True)
class _Coin:
    style: Style
    price: float  # [quote/base]
    open_interest: float  # [quote] of the first venue


_COINS = {
    "BTC": _Coin(MAJOR, 90_000.0, 1.2e9),
    "ETH": _Coin(TREND, 3_000.0, 7e8),
    "SOL": _Coin(CRASH, 150.0, 3e8),
    "1000PEPE": _Coin(ALT, 0.0095, 4.5e7),
    "SHIB": _Coin(ALT, 0.000012, 2.5e7),
}
# Every further venue follows the first one's price, is smaller and its crowd uses more leverage.
_SMALLER, _BOLDER = 0.5, 1.4

_CHUNK = DAY // STEP  # steps between which others may speak
_POLL = 0.5  # wall [s] between looks at what was liquidated


class _Coupled:
    """The markets of one coin on all venues; used by one thread at a time."""

    def __init__(self, base: str, venues: Sequence[str], seed: int, start: int) -> None:
        coin = _COINS[base]
        self._lock = Lock()
        self._start = start
        self._markets: dict[str, Market] = {}
        leader: Market | None = None
        for place, venue in enumerate(venues):
            market = Market(
                coin.style,
                crc32(f"{seed} {venue} {base}".encode()),
                instrument=Instrument(venue, base, "USDT", "USDT"),
                start=start,
                price=coin.price,
                open_interest=coin.open_interest * _SMALLER**place,
                leader=leader,
                leverage=_BOLDER**place,
            )
            leader = leader or market
            self._markets[venue] = market

    def advance(self, until: int) -> float:
        """Come nearer to `until` [ms]; returns which part of the way from the start is done.

        The step that `until` lies in is taken whole: what of it may be seen is the asker's matter.
        """
        with self._lock:
            done = (min(market.time for market in self._markets.values()) - self._start) // STEP
            wanted = -(-(until - self._start) // STEP)
            count = min(max(wanted - done, 0), _CHUNK)
            for market in self._markets.values():
                market.step(count)
            return (done + count) / wanted if wanted > done + count else 1.0

    def history(self, venue: str, since: int, now: int) -> MarketHistory:
        with self._lock:
            return observed(self._markets[venue], since, now)

    def reported(self, venue: str, since: int, until: int) -> Liquidations:
        with self._lock:
            return self._markets[venue].record.reported(since, until)


class SimulatedSource:
    """A MarketSource of invented markets, the same for the same seed, days and speed of asking.

    At its making the markets have run for `days`; from then on `speed` seconds of theirs pass in
    one second of `wall` [s]. They are worked out when first asked for, in another thread, while
    `progress` hears which part is done (0 to 1, once for each coin).
    """

    name = "sim"
    simulated = True

    def __init__(
        self,
        seed: int = 1,
        *,
        days: int = 30,
        speed: float = 60.0,
        venues: Sequence[str] = VENUES,
        start: int = START,
        wall: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        progress: Callable[[float], None] | None = None,
    ) -> None:
        """`start` [ms] is the markets' time now, a whole number of days."""
        self._seed, self._speed = seed, speed
        self._venues = tuple(venues)
        self._start, self._first = start, start - days * DAY
        self._wall, self._sleep = wall, sleep
        self._made = wall()
        self._progress = progress
        self._coins: dict[str, _Coupled] = {}
        self._ready: set[str] = set()  # coins whose past has been worked out

    def now(self, instrument: Instrument | None = None) -> int:  # noqa: ARG002 - one clock for all
        """Return the markets' own time [ms] UTC."""
        return self._start + int((self._wall() - self._made) * self._speed * 1000)

    async def instruments(self) -> Sequence[Instrument]:
        """List every coin on every venue."""
        return [
            Instrument(venue, base, "USDT", "USDT") for base in _COINS for venue in self._venues
        ]

    async def history(self, instrument: Instrument, since: int) -> MarketHistory:
        """Gather what was observed from `since` [ms] to now, the last candle forming.

        UnknownSymbol, UnknownVenue.
        """
        now = self.now()
        coin = await self._run(instrument, now)
        return await asyncio.to_thread(coin.history, instrument.exchange, since, now)

    async def summaries(self) -> Mapping[Instrument, Summary]:
        """Tell of every market as it stands now."""
        now, told = self.now(), {}
        for instrument in await self.instruments():
            summary = summary_of(await self.history(instrument, now - DAY), now)
            if summary is not None:
                told[instrument] = summary
        return told

    async def book(self, instrument: Instrument) -> OrderBook:
        """Refuse: nobody waits with an order in a simulated market. MarketUnavailable."""
        raise MarketUnavailable(instrument.exchange, later("a simulated market has no order book"))

    async def trades(self, instrument: Instrument) -> Trades:
        """Refuse: simulated trades are only known by the bar. MarketUnavailable."""
        raise MarketUnavailable(instrument.exchange, later("a simulated market tells of bars only"))

    def offers(self) -> Sequence[Offer]:
        """Say what every simulated venue offers."""
        return [
            Offer(
                exchange=venue,
                contracts="linear",
                candles="5m",
                taker_volume="yes",
                open_interest="5m",
                funding="history",
                ratio=NONE,
                brackets="live",
                book=NONE,
                trades=NONE,
                liquidations="stream",
                lossy=FEED,
            )
            for venue in self._venues
        ]

    async def liquidations(
        self, instruments: Sequence[Instrument]
    ) -> AsyncIterator[LiveLiquidations]:
        """Follow what the simulated feeds tell from now on, for ever."""
        heard = self.now()
        while True:
            await self._sleep(_POLL)
            now = self.now() // 1000 * 1000  # a second is told of when it is over
            for instrument in instruments:
                coin = await self._run(instrument, now)
                events = coin.reported(instrument.exchange, heard, now)
                if len(events):
                    yield LiveLiquidations(instrument, events)
            heard = max(heard, now)

    def heard(self, instrument: Instrument) -> Heard:  # noqa: ARG002 - no market is deaf here
        """Nothing is ever missed, since nobody has to be listening: the history has it all."""
        return Heard.of([(self._first, self.now())])

    def failures(self) -> dict[str, str]:
        """Nothing can fail to answer here."""
        return {}

    async def close(self) -> None:
        """Nothing is held open."""

    async def _run(self, instrument: Instrument, until: int) -> _Coupled:
        """Bring a coin's markets up to `until` [ms], a day of them at a time."""
        coin = await self._coin(instrument)
        done = 0.0
        while done < 1.0:
            done = await asyncio.to_thread(coin.advance, until)
            if self._progress is not None and instrument.base not in self._ready:
                self._progress(done)
        self._ready.add(instrument.base)
        return coin

    async def _coin(self, instrument: Instrument) -> _Coupled:
        base = instrument.base
        if base not in _COINS:
            raise UnknownSymbol(base, list(_COINS))
        if instrument.exchange not in self._venues:
            raise UnknownVenue(instrument.exchange, self._venues)
        if base not in self._coins:
            made = await asyncio.to_thread(_Coupled, base, self._venues, self._seed, self._first)
            self._coins.setdefault(base, made)
        return self._coins[base]
