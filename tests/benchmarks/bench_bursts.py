"""Bursts through a whole venue source: listing, socket or looks, parser, core types; none lost.

The far end is a process of its own that plays the venue. It makes a burst's messages before it
sends them; a venue that is asked has had its liquidations all along, 50 a second in 3 markets, and
both clocks run 200 times as fast as ours.
"""

import asyncio
import multiprocessing
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from multiprocessing.connection import Connection

import numpy as np

from bot.core.instruments import Instrument
from bot.core.market.heard import Heard, Span
from bot.exchanges import polled
from bot.exchanges.live import VenueSource
from bot.exchanges.registry import ALL_VENUES
from tests.benchmarks.table import Row
from tests.support import (
    loopback_bitfinex,
    loopback_gate,
    loopback_hyperliquid,
    loopback_lighter,
    loopback_now,
)
from tests.support.loopback_markets import MARKETS
from tests.support.loopback_streams import STREAMS, Forced
from tests.support.markets_of import coin
from tests.support.venues import loopback_venues

BURST = 60_000
TALKS = {name: STREAMS[name] for name in ("binance", "bybit", "okx")} | {
    "hyperliquid": loopback_hyperliquid.STREAM,  # fills of vaults, each in a message of its own
    "bitfinex": loopback_bitfinex.STREAM,  # each told when it is triggered, too
    "lighter": loopback_lighter.STREAM,  # beside as many other trades
}
_TOGETHER = 10  # orders in a message, where a venue puts several into one
_EVERY = 60  # [ms] between liquidations of a market that is asked for them
_HASTE = 200  # seconds of that market in one of ours
_SELDOM = 8.0  # [s] between looks of a machine that has more to do than it can
_MARGIN = 5_000  # [ms] at both ends of what was heard: the venue tells whole seconds

_START = 1_790_000_000_000


def _hasty(begun: float) -> Callable[[], int]:
    return lambda: _START + int((time.monotonic() - begun) * 1000 * _HASTE)


def _messages(venue: str) -> list[tuple[str, str | bytes]]:
    """Make a burst: 60,000 orders of three markets, each of its own price."""
    bases = list(MARKETS)
    forced = [
        Forced(bases[n % 3], 1 if n % 2 else -1, 1000.0 + n, 0.5, _START + n) for n in range(BURST)
    ]
    messages: list[tuple[str, str | bytes]] = []
    for start in range(0, BURST, _TOGETHER):
        messages += TALKS[venue].messages(forced[start : start + _TOGETHER], _START)
    return messages


def _serve(pipe: Connection, begun: float) -> None:
    """Play the venues; send a burst each time its venue is named."""
    loopback_gate.LIQUIDATIONS_EVERY = _EVERY

    async def run() -> None:
        async with loopback_venues(clock=_hasty(begun)) as venues:
            pipe.send(venues.base)
            while venue := await asyncio.to_thread(pipe.recv):
                messages = _messages(venue)
                await venues.subscribed(venue)
                pipe.send(time.monotonic())  # which runs alike in both processes
                (socket,) = venues.sockets[venue]
                for _, message in messages:
                    await socket.send_str(str(message))

    asyncio.run(run())


@asynccontextmanager
async def _far_end() -> AsyncIterator[tuple[str, Connection, float]]:
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    begun = time.monotonic()
    server = spawn.Process(target=_serve, args=(theirs, begun), daemon=True)
    server.start()
    try:
        yield await asyncio.to_thread(ours.recv), ours, begun
    finally:
        ours.send("")
        await asyncio.to_thread(server.join)


def _markets(venue: str) -> list[Instrument]:
    return [coin(venue, base) for base in MARKETS]


async def _streamed(venue: str, base: str, pipe: Connection) -> tuple[float, int]:
    """Follow a burst to its end; how long it took [s], and how many orders were lost."""
    source = VenueSource(ALL_VENUES[venue], base)
    prices: set[float] = set()
    pipe.send(venue)
    begun = asyncio.create_task(asyncio.to_thread(pipe.recv))
    async with asyncio.timeout(60), aclosing(source.liquidations(_markets(venue))) as live:
        async for some in live:
            prices.update(some.events.price.tolist())
            if len(prices) >= BURST:
                break
    ended = time.monotonic()
    await source.close()
    return ended - float(await begun), BURST - len(prices)


async def _asked(base: str, begun: float, every: float = 0.1) -> tuple[float, int, int]:
    """Ask until 60,000 have come; how long it took [s], how many came, and how many not right.

    Of what was heard, that is: a venue remembers an hour, and that is soon over here.
    """
    clock, venue = _hasty(begun), ALL_VENUES["gate"]
    told = venue.polled
    assert told is not None, "Gate is asked"
    source = VenueSource(replace(venue, polled=replace(told, every=every)), base, clock=clock)
    heard: dict[Instrument, list[int]] = {one: [] for one in _markets("gate")}
    said = dict.fromkeys(heard, Heard())
    started = time.perf_counter()
    async with asyncio.timeout(240), aclosing(source.liquidations(list(heard))) as live:
        async for some in live:
            heard[some.instrument] += some.events.time.tolist()
            said = {one: before.also(source.heard(one).spans) for one, before in said.items()}
            if sum(map(len, heard.values())) >= BURST:
                break
    seconds = time.perf_counter() - started
    await source.close()
    wrong = sum(
        _wrong(one, times, span) for one, times in heard.items() for span in said[one].spans
    )
    return seconds, sum(map(len, heard.values())), wrong


def _wrong(market: Instrument, heard: list[int], span: Span) -> int:
    """Count what was not told, or told twice, of a stretch that was heard."""
    start, end = max(min(heard), span[0]) + _MARGIN, min(max(heard), span[1]) - _MARGIN
    prints = loopback_now.prints(MARKETS[market.base], start, end + 999, _EVERY)
    expected = Counter(one.time // 1000 * 1000 for one in prints)
    found = Counter(heard)
    seconds = np.arange(start // 1000 + 1, end // 1000) * 1000
    return sum(abs(expected[at] - found[at]) for at in seconds.tolist())


async def _all() -> AsyncIterator[Row]:
    async with _far_end() as (base, pipe, begun):
        for venue in TALKS:
            seconds, lost = await _streamed(venue, base, pipe)
            name = f"bursts: 60,000 orders through {venue}'s source"
            yield Row(name, seconds * 1e3, "ms", "<= 3,000 ms", seconds <= 3)
            yield Row(f"bursts: lost of {venue}'s", lost, "", "0", lost == 0)
        polled._BETWEEN = 0.01
        seconds, count, wrong = await _asked(base, begun)
        name = "bursts: 60,000 orders that Gate was asked for, of 20 minutes of 3 markets"
        yield Row(name, seconds * 1e3, "ms", "", None)
        yield Row(f"bursts: lost or doubled of {count:,}", wrong, "", "0", wrong == 0)
        seconds, count, wrong = await _asked(base, begun, _SELDOM)
        name = f"bursts: {count:,}, looked at every {_SELDOM * _HASTE / 60:.0f} minutes only"
        yield Row(name, seconds * 1e3, "ms", "", None)
        yield Row("bursts: lost or doubled of them", wrong, "", "0", wrong == 0)


def rows() -> Iterator[Row]:
    """Measure a burst of each venue."""

    async def collected() -> list[Row]:
        return [row async for row in _all()]

    yield from asyncio.run(collected())
