"""Liquidations of venues that tell of them only when asked: asked again and again, each told once.

Every look goes back a little further than the last one ended, because venues write some of their
liquidations down late. What is equal in all it consists of is one event as often as one answer
tells it.
"""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import TypeAlias

import structlog

from bot.core.arrays import MINUTE
from bot.core.errors import MarketUnavailable
from bot.core.instruments import Instrument
from bot.errands import Errand, Urgency, on
from bot.exchanges.batches import by_market
from bot.exchanges.client import VenueClient
from bot.exchanges.feed import FeedState, Pulse
from bot.exchanges.parse.common import ForcedOrder, Listing
from bot.exchanges.venue import Polled, Span
from bot.ports import LiveLiquidations

log = structlog.get_logger()

_OVERLAP = 5 * MINUTE  # [ms] of what was already told, asked for again
# So many are kept of one look [1], some 30 MB; what is older is said not to have been heard.
_MOST = 100_000
_MOMENT = 1_000  # [ms] venues tell times to the second
_WAITING = 1_000  # batches; then the looks wait, and the rest waits with the venue
# All markets of a venue together are looked at so often at most [s], so that what people wait for
# goes on beside it.
_BETWEEN = 0.5

Current: TypeAlias = Callable[[Instrument], Awaitable[Listing | None]]
_Queue: TypeAlias = asyncio.Queue[LiveLiquidations | Exception]


class LiquidationPoll:
    """Looks at some markets of one venue for ever, each by itself.

    `states` says how each market is doing; `current` finds its listing as it is named now.
    """

    def __init__(
        self,
        exchange: str,
        polled: Polled,
        client: VenueClient,
        states: Mapping[Instrument, FeedState],
        current: Current,
        clock: Callable[[], int],
        pulse: Pulse,
    ) -> None:
        self._exchange = exchange
        self._polled = polled
        self._client = client
        self._states = states
        self._current = current
        self._clock = clock
        self._pulse = pulse
        self._every = max(polled.every, len(states) * _BETWEEN)  # [s]
        self._unseen = set(states)  # not looked at yet, be it in vain

    async def live(self) -> AsyncGenerator[LiveLiquidations, None]:
        """Yield liquidations of the markets followed, for ever; whoever stops closes it."""
        queue: _Queue = asyncio.Queue(_WAITING)
        name = f"{self._exchange} liquidations"
        with on(Errand(Urgency.COLLECTING)):
            looks = [
                asyncio.create_task(self._follow(instrument, state, queue), name=name)
                for instrument, state in self._states.items()
            ]
        try:
            while True:
                arrived = await queue.get()
                if isinstance(arrived, Exception):
                    raise arrived
                yield arrived
        finally:
            for look in looks:
                look.cancel()
            await asyncio.gather(*looks, return_exceptions=True)
            for state in self._states.values():
                state.connected = False

    async def _follow(self, instrument: Instrument, state: FeedState, queue: _Queue) -> None:
        """Look at one market again and again, more slowly while that fails."""
        told = _Told(state)
        failures = 0
        try:
            while True:
                seen = await self._looked(instrument, told, queue, failures)
                failures = 0 if seen else failures + 1
                # Whoever waits for this poll to take over from another waits for all of it.
                self._unseen.discard(instrument)
                before, state.connected = state.connected, seen and not self._unseen
                state.connections += state.connected and not before
                pause = self._every * 2 ** min(failures, 10)
                pause = min(pause, max(self._every, self._pulse.longest_pause))
                await asyncio.sleep(pause * random.uniform(0.9, 1.0))  # noqa: S311 - no secret
        except Exception as error:  # noqa: BLE001 - raised again where the feed is read
            await queue.put(error)

    async def _looked(
        self, instrument: Instrument, told: "_Told", queue: _Queue, failures: int
    ) -> bool:
        """Look once and hand on what is new; False if that failed."""
        try:
            listing = await self._current(instrument)
            if listing is None:
                return False  # it may come back
            for some in await self._look(listing, told):
                await queue.put(some)
        except MarketUnavailable as error:
            if failures & (failures + 1) == 0:  # the 1st, 2nd, 4th, 8th, ...
                market = {"exchange": self._exchange, "symbol": instrument.symbol}
                log.warning("liquidations not seen", **market, why=error.reason, times=failures + 1)
            return False
        told.hear()
        return True

    async def _look(self, listing: Listing, told: "_Told") -> list[LiveLiquidations]:
        """Ask for what came since the last look. MarketUnavailable."""
        now = self._clock()
        start = told.start(now, self._polled.reach)
        found: Counter[ForcedOrder] = Counter()
        seam: Counter[ForcedOrder] = Counter()  # of the last page's oldest moment
        end, known_from, oldest = now, start, now
        while end >= start:
            call = self._polled.call(listing, Span(start, end, now))
            answer = await self._client.ask(call)
            page = self._polled.parse(answer, listing)
            # Names are left out: they may change.
            rows = Counter(order._replace(id="") for order in page if order.id == listing.id)
            found |= rows  # a row at the seam of two pages is in both
            if seam - rows:
                known_from = max(known_from, oldest + _MOMENT)  # some of it may be in neither
            if not 0 < self._polled.page <= self._polled.rows(answer):
                break  # all that was asked for has come
            if not page or max(order.time for order in page) > end + _MOMENT:
                known_from = max(known_from, oldest)  # no sense, or the latest once more
                break
            oldest = min(order.time for order in page)
            seam = Counter({order: n for order, n in rows.items() if order.time == oldest})
            if found.total() >= _MOST:
                known_from = max(known_from, oldest + _MOMENT)
                break
            if end - oldest >= 2 * _MOMENT:
                end = oldest + _MOMENT - 1  # told to the second, it was at any time within it
            elif oldest < end:
                end = oldest
            else:  # full of one moment, of which there may be more that cannot be had
                known_from = max(known_from, end + _MOMENT)
                end -= _MOMENT
        fresh = told.fresh(found, known_from, now)
        return list(by_market(fresh, {"": listing}))


class _Told:
    """What was told of one market, and from when to when that is all there was."""

    def __init__(self, state: FeedState) -> None:
        self.state = state
        self._orders: Counter[ForcedOrder] = Counter()  # since `_until` less the overlap
        self._until: int | None = None  # [ms] of the last look
        self._whole_since = 0  # [ms]

    def start(self, now: int, reach: int) -> int:
        """Return from when on to ask [ms]."""
        if self._until is None:
            return now - _OVERLAP
        return max(self._until - _OVERLAP, now - reach)

    def fresh(self, found: Counter[ForcedOrder], known_from: int, now: int) -> list[ForcedOrder]:
        """Return what has not been told yet, if from `known_from` to `now` [ms] all was found.

        What the first look finds happened before anybody followed the market, but for what came
        while it was asked.
        """
        if self._until is None:
            self._whole_since = now
            fresh = Counter({order: n for order, n in found.items() if order.time >= now})
        else:
            if known_from > self._until:
                self._whole_since = known_from
            since = self._until - _OVERLAP
            found = Counter({order: n for order, n in found.items() if order.time >= since})
            fresh = found - self._orders
        kept = now - _OVERLAP
        known = found | self._orders
        self._orders = Counter({order: n for order, n in known.items() if order.time >= kept})
        self._until = now
        self.state.orders += fresh.total()
        return sorted(fresh.elements(), key=lambda order: order.time)

    def hear(self) -> None:
        """Note that the last look is over, and what it found handed on."""
        state = self.state
        state.connected_at, state.heard_at = self._whole_since, self._until
