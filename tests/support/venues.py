"""Loopback exchanges: all venues there are on one local port, REST and websocket.

    async with loopback_venues() as venues:
        source = live_source(exchange_base=venues.base)
        venues.fault("bybit", "status", status=503)
        await venues.liquidate("binance", Forced("BTC", +1, 64_000.0, 0.5))

The path's first part is the host that was meant, as in /fapi.binance.com/fapi/v1/klines. Where all
requests go to one address, a path is told apart by what its body asks for. By hand:
`python -m tests.support.venues --port 9000`, then EXCHANGE_BASE=http://127.0.0.1:9000.
"""

import argparse
import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import numpy as np
from aiohttp import WSMsgType, web

from tests.support import (
    loopback_binance,
    loopback_binancecoinm,
    loopback_bitfinex,
    loopback_bitget,
    loopback_bitmex,
    loopback_bybit,
    loopback_bybitinverse,
    loopback_deribit,
    loopback_dydx,
    loopback_gate,
    loopback_htx,
    loopback_hyperliquid,
    loopback_kraken,
    loopback_kucoin,
    loopback_lighter,
    loopback_mexc,
    loopback_okx,
)
from tests.support.loopback_common import Asked, Refusal
from tests.support.loopback_faults import BODY, Fault, Kind, wrong
from tests.support.loopback_markets import MARKETS
from tests.support.loopback_streams import STREAMS, Forced, Frame

_ANSWERS = {
    "binancecoinm": loopback_binancecoinm.ANSWERS,
    "binance": loopback_binance.ANSWERS,
    "bybit": loopback_bybit.ANSWERS,
    "bybitinverse": loopback_bybitinverse.ANSWERS,
    "bitmex": loopback_bitmex.ANSWERS,
    "okx": loopback_okx.ANSWERS,
    "hyperliquid": loopback_hyperliquid.ANSWERS,
    "htx": loopback_htx.ANSWERS,
    "kraken": loopback_kraken.ANSWERS,
    "dydx": loopback_dydx.ANSWERS,
    "deribit": loopback_deribit.ANSWERS,
    "bitget": loopback_bitget.ANSWERS,
    "gate": loopback_gate.ANSWERS,
    "kucoin": loopback_kucoin.ANSWERS,
    "mexc": loopback_mexc.ANSWERS,
    "bitfinex": loopback_bitfinex.ANSWERS,
    "lighter": loopback_lighter.ANSWERS,
}
_STREAMS = STREAMS | {
    "bitmex": loopback_bitmex.STREAM,
    "htx": loopback_htx.STREAM,
    "kraken": loopback_kraken.STREAM,
    "dydx": loopback_dydx.STREAM,
    "deribit": loopback_deribit.STREAM,
    "hyperliquid": loopback_hyperliquid.STREAM,
    "bitfinex": loopback_bitfinex.STREAM,
    "lighter": loopback_lighter.STREAM,
}
# Parts of the addresses of venues that are not named in them; those that share one come first.
_HOSTS = {"htx": ("hbdm",), "binancecoinm": ("dapi.", "dstream."), "bybitinverse": ()}


def _venue_of(host: str, path: str, params: Mapping[str, str]) -> str:
    found = (name for name in _ANSWERS if any(part in host for part in _HOSTS.get(name, (name,))))
    name = next(found, "")
    inverse = "inverse" in (params.get("category"), path.rpartition("/")[2])
    return "bybitinverse" if name == "bybit" and inverse else name


@dataclass(frozen=True, slots=True)
class Request:
    """One request that came in."""

    venue: str
    path: str
    params: dict[str, str]
    at: float  # [s] of time.monotonic


@dataclass(slots=True)
class LoopbackVenues:
    """The far end: what it was asked, what it does wrong, what it pushes."""

    clock: Callable[[], int]  # [ms]
    base: str = ""
    requests: list[Request] = field(default_factory=list)
    connections: dict[str, int] = field(default_factory=dict)  # websockets taken so far
    pongs: dict[str, int] = field(default_factory=dict)  # answers to pings of ours
    faults: dict[str, list[Fault]] = field(default_factory=dict)
    sockets: dict[str, dict[web.WebSocketResponse, set[str]]] = field(default_factory=dict)

    def fault(
        self,
        venue: str,
        kind: Kind,
        *,
        path: str = "",
        status: int = 503,
        retry_after: str | None = None,
        body: str = BODY,
        times: int | None = None,
    ) -> None:
        """Let a venue do something else than answer, until it is healed."""
        fault = Fault(kind, path, status, retry_after, body, times)
        self.faults.setdefault(venue, []).append(fault)

    def heal(self, venue: str) -> None:
        """Let a venue answer again."""
        self.faults.pop(venue, None)

    def asked(self, venue: str, path: str = "") -> list[Request]:
        """Return what a venue was asked."""
        return [one for one in self.requests if one.venue == venue and path in one.path]

    async def liquidate(self, venue: str, *forced: Forced) -> None:
        """Push liquidations to all who subscribed to them, in the venue's own form."""
        for topic, message in _STREAMS[venue].messages(forced, self.clock()):
            await self.push(venue, message, topic)

    async def push(self, venue: str, message: Frame, topic: str | None = None) -> None:
        """Push anything, to those who subscribed to a topic or to all."""
        for socket, topics in list(self.sockets.get(venue, {}).items()):
            if (topic is None or topic in topics) and not socket.closed:
                with suppress(ConnectionError):  # it has just gone
                    await _send(socket, message)

    async def cut(self, venue: str) -> None:
        """End every websocket of a venue, as it does once a day."""
        for socket in list(self.sockets.get(venue, {})):
            await socket.close(code=1001)

    async def ping(self, venue: str) -> None:
        """Ping all who listen to a venue, as Binance does every few minutes."""
        for socket in list(self.sockets.get(venue, {})):
            await socket.ping()

    async def subscribed(self, venue: str, count: int = 1) -> None:
        """Wait until so many websockets listen to a venue."""
        async with asyncio.timeout(60):
            while sum(map(bool, self.sockets.get(venue, {}).values())) < count:  # noqa: ASYNC110 - a test may poll
                await asyncio.sleep(0.005)

    def struck(self, venue: str, path: str) -> Fault | None:
        """Return the fault that strikes a request, if one does."""
        return next((one for one in self.faults.get(venue, ()) if one.strikes(path)), None)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one request, or do what the fault says."""
        path = "/" + request.match_info["tail"]
        params = dict(request.query)
        venue = _venue_of(request.match_info["host"], path, params)
        if request.method == "POST":
            path, params = loopback_hyperliquid.told_apart(path, await request.json())
        self.requests.append(Request(venue, path, params, time.monotonic()))
        fault = self.struck(venue, path)
        if fault is not None and fault.kind != "deaf":
            return await wrong(request, fault)
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._listen(request, venue, deaf=fault is not None)
        answer = _ANSWERS.get(venue, {}).get(path.partition("?")[0])
        if answer is None:
            return web.json_response({"msg": "no such endpoint"}, status=404)
        try:
            return web.json_response(answer(Asked(venue, path, params, self.clock())))
        except Refusal as refusal:
            return web.json_response(refusal.body, status=refusal.status)

    async def _listen(
        self, request: web.Request, venue: str, *, deaf: bool
    ) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        self.connections[venue] = self.connections.get(venue, 0) + 1
        topics = self.sockets.setdefault(venue, {}).setdefault(socket, set())
        try:
            while (frame := await socket.receive()).type not in _ENDS:
                if deaf:
                    continue
                if frame.type is WSMsgType.PING:
                    await socket.pong(frame.data)
                elif frame.type is WSMsgType.PONG:
                    self.pongs[venue] = self.pongs.get(venue, 0) + 1
                elif frame.type is WSMsgType.TEXT:
                    for reply in _STREAMS[venue].replies(frame.data, topics):
                        await _send(socket, reply)
        finally:
            self.sockets[venue].pop(socket, None)
        return socket


async def _send(socket: web.WebSocketResponse, frame: Frame) -> None:
    await (socket.send_str(frame) if isinstance(frame, str) else socket.send_bytes(frame))


_ENDS = {WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR}


def wall_clock() -> int:
    """Return the time [ms] UTC."""
    return time.time_ns() // 1_000_000


@asynccontextmanager
async def loopback_venues(
    *, port: int = 0, every: float | None = None, clock: Callable[[], int] = wall_clock
) -> AsyncIterator[LoopbackVenues]:
    """Serve the venues on a local port; `every` so many seconds each has a liquidation."""
    venues = LoopbackVenues(clock)
    app = web.Application()
    app.router.add_route("*", "/{host}/{tail:.*}", venues.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    host, bound = runner.addresses[0][:2]
    venues.base = f"http://{host}:{bound}"
    pushing = asyncio.create_task(_push_now_and_then(venues, every)) if every else None
    try:
        yield venues
    finally:
        if pushing is not None:
            pushing.cancel()
            await asyncio.gather(pushing, return_exceptions=True)
        for venue in venues.sockets:
            await venues.cut(venue)
        await runner.cleanup()


async def _push_now_and_then(venues: LoopbackVenues, every: float) -> None:
    dice = np.random.default_rng(1)
    bases = list(MARKETS)
    while True:
        await asyncio.sleep(every)
        for venue in _STREAMS:
            market = MARKETS[bases[int(dice.integers(len(bases)))]]
            price = float(market.price(venues.clock())) * float(dice.normal(1, 1e-4))
            quantity = round(float(dice.lognormal(9, 1.5)) / price, 4) + 0.01
            side = 1 if dice.random() < 0.5 else -1
            await venues.liquidate(venue, Forced(market.base, side, price, quantity))


async def _serve(port: int, every: float) -> None:
    async with loopback_venues(port=port, every=every) as venues:
        print(f"The venues answer at {venues.base}", flush=True)  # noqa: T201 - run by hand
        await asyncio.Event().wait()


def main(words: Sequence[str] | None = None) -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--port", type=int, default=9000)
    parser.add_argument("--every", type=float, default=1.0, help="seconds between liquidations")
    chosen = parser.parse_args(words)
    try:
        asyncio.run(_serve(chosen.port, chosen.every))
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    main()
