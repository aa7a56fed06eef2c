"""The live feed: a burst on one socket, and a steady stream while the loop has other work.

The far end is a server in a process of its own that writes frames made beforehand, so that what is
measured is our side alone. The floor is a loop that reads the same frames and looks at none.
"""

import asyncio
import base64
import hashlib
import json
import multiprocessing
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection

import aiohttp
import numpy as np

from bot.core.instruments import Instrument
from bot.exchanges.feed import LiquidationFeed
from bot.exchanges.parse.common import Listing
from bot.exchanges.registry import VENUES
from tests.benchmarks.table import Row

BURST = 60_000
RATE = 10_000  # [1/s]
STEADY = 5.0  # [s]
_TICK = 0.002  # [s] between looks at how late the loop is
_ACCEPT = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # of RFC 6455
_LISTINGS = {
    f"C{n}USDT": Listing(Instrument("binance", f"C{n}", "USDT", "USDT"), f"C{n}USDT")
    for n in range(200)
}


def _frames(count: int) -> list[bytes]:
    """Make forced orders of 200 markets as text frames, each of its own price."""
    frames = []
    for n in range(count):
        order = {
            "s": f"C{n % 200}USDT", "S": "SELL" if n % 2 else "BUY", "o": "LIMIT", "f": "IOC",
            "q": "1.500", "p": "9910", "ap": f"{1000 + n}", "X": "FILLED", "l": "0.014",
            "z": "1.500", "T": 1_760_000_400_000 + n,
        }  # fmt: skip
        text = json.dumps({"e": "forceOrder", "E": order["T"], "o": order}).encode()
        frames.append(b"\x81\x7e" + len(text).to_bytes(2, "big") + text)
    return frames


def _serve(count: int, rate: int | None, port: Connection) -> None:
    """Serve each connection the frames: all at once, or so many a second."""
    frames = _frames(count)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        lines = dict(line.split(b": ", 1) for line in head.split(b"\r\n")[1:] if b": " in line)
        key = {name.lower(): value for name, value in lines.items()}[b"sec-websocket-key"]
        accept = base64.b64encode(hashlib.sha1(key + _ACCEPT).digest())  # noqa: S324 - the protocol's
        writer.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
        )
        await reader.read(2)  # the subscription
        share = count if rate is None else rate // 100
        for start in range(0, count, share):
            writer.write(b"".join(frames[start : start + share]))
            await writer.drain()
            if rate is not None:
                await asyncio.sleep(0.01 - time.monotonic() % 0.01)
        await reader.read()

    async def run() -> None:
        server = await asyncio.start_server(talk, "127.0.0.1", 0)
        port.send(server.sockets[0].getsockname()[1])
        await asyncio.sleep(120)

    asyncio.run(run())


@asynccontextmanager
async def _far_end(count: int, rate: int | None) -> AsyncIterator[str]:
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    server = spawn.Process(target=_serve, args=(count, rate, theirs), daemon=True)
    server.start()
    try:
        port = await asyncio.to_thread(ours.recv)
        yield f"ws://127.0.0.1:{port}/"
    finally:
        server.terminate()
        await asyncio.to_thread(server.join)


@dataclass(frozen=True, slots=True)
class _Run:
    seconds: float
    heard: int
    stalls: np.ndarray[tuple[int], np.dtype[np.float64]]  # [s] how late the loop's ticks were


async def _follow(url: str, count: int) -> _Run:
    """Follow a feed until so many orders have come out of it as core types."""
    stream = VENUES["binance"].stream
    assert stream is not None, "Binance has one"
    feed = LiquidationFeed("binance", stream, url, _LISTINGS)
    stalls: list[float] = []

    async def tick() -> None:
        while True:
            started = time.perf_counter()
            await asyncio.sleep(_TICK)
            stalls.append(time.perf_counter() - started - _TICK)

    ticking = asyncio.create_task(tick())
    prices: list[float] = []
    started = time.perf_counter()
    async with asyncio.timeout(60), aclosing(feed.live()) as live:
        async for some in live:
            prices += some.events.price.tolist()
            if len(prices) >= count:
                break
    seconds = time.perf_counter() - started
    ticking.cancel()
    return _Run(seconds, len(set(prices)), np.array(stalls))


async def _read_only(url: str, count: int) -> float:
    """Read the same frames and do nothing with them [s]."""
    started = time.perf_counter()
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
        await socket.send_str("{}")
        for _ in range(count):
            await socket.receive()
        return time.perf_counter() - started


async def _burst() -> tuple[_Run, float]:
    async with _far_end(BURST, None) as url:
        floor = await _read_only(url, BURST)
        runs = [await _follow(url, BURST) for _ in range(3)]
    return min(runs, key=lambda run: run.seconds), floor


async def _steady() -> _Run:
    count = int(RATE * STEADY)
    async with _far_end(count, RATE) as url:
        return await _follow(url, count)


def rows() -> Iterator[Row]:
    """Measure the burst and the steady stream."""
    burst, floor = asyncio.run(_burst())
    yield Row(
        "feed: burst of 60,000 forced orders on one socket, to core types",
        burst.seconds * 1e3,
        "ms",
        "<= 3,000 ms",
        burst.seconds <= 3,
        floor * 1e3,
        "reading only",
    )
    lost = BURST - burst.heard
    yield Row("feed: lost of the burst", lost, "", "0", lost == 0)
    rate = burst.heard / burst.seconds
    yield Row("feed: orders taken in at most", rate, "1/s", ">= 10,000 1/s", rate >= RATE)
    steady = asyncio.run(_steady())
    stall = float(np.quantile(steady.stalls, 0.99)) * 1e3
    yield Row(
        "feed: p99 stall of the loop at 10,000 orders/s", stall, "ms", "<= 20 ms", stall <= 20
    )
    lost = int(RATE * STEADY) - steady.heard
    yield Row("feed: lost of 50,000 in 5 s", lost, "", "0", lost == 0)
