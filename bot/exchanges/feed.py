"""A venue's liquidations as they happen, read off its websocket by ourselves.

ccxt hands out only what meets a waiting future and drops the rest of a burst. Here every message
is decoded as it is read and put into one list, which the reader's consumer takes whole. Nothing
is dropped: if the consumer falls behind, the list stops growing at a bound, the socket is no
longer read, and the rest waits with the venue. What comes faster than it is consumed is therefore
late, and never lost.
"""

import asyncio
import random
import time
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Literal, TypeAlias

import aiohttp
import structlog

from bot.core.errors import MarketUnavailable
from bot.core.market.heard import Heard
from bot.exchanges.batches import by_market
from bot.exchanges.parse.common import UNREADABLE, UNTIMED, ForcedOrder, Listing
from bot.exchanges.parse.frames import refuses
from bot.exchanges.stamps import Stamps
from bot.exchanges.venue import Message, Stream
from bot.ports import LiveLiquidations

log = structlog.get_logger()


def wall_clock() -> int:
    """Return the time [ms] UTC."""
    return time.time_ns() // 1_000_000


# So many orders may wait for the consumer [1]; some 20 MB, and minutes of the wildest market.
MOST_WAITING = 100_000
# So many are handed over at once [1], so that no batch keeps the event loop for long.
_BATCH = 2_000
# What comes within this time is handed over together [s]: sealing a market's arrays costs as much
# for twenty orders as for one, and venues themselves tell only each half second or second.
_GATHERING = 0.05
# After so many messages read, or so many markets handed over, others get their turn [1].
_MESSAGES_A_TURN = 256
_MARKETS_A_TURN = 32
# Messages by which those sent again after a reconnect are known [1].
_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class Pulse:
    """How the life of a connection is felt, and how long to wait after one has ended."""

    ping: float = 10.0  # [s] between pings of ours
    silence: float = 25.0  # [s] without any frame, pongs included, after which it is dead
    first_pause: float = 0.5  # [s] before the first reconnect, doubled each time
    longest_pause: float = 30.0  # [s]
    proven: float = 60.0  # [s] after which a connection counts as good and pauses start anew


@dataclass(slots=True, eq=False)
class FeedState:
    """How a feed is doing; read by whoever reports on it."""

    connected: bool = False
    connected_at: int | None = None  # [ms] UTC, since when what is subscribed to is heard
    heard_at: int | None = None  # [ms] UTC, when the venue last sent any frame
    connections: int = 0
    orders: int = 0
    repeats: int = 0  # messages that a venue sent again after a reconnect
    misread: int = 0  # messages that made no sense

    @property
    def heard(self) -> Heard:
        """When the connection there is now was heard: up to the last frame, be it but a pong."""
        if not self.connected or self.connected_at is None or self.heard_at is None:
            return Heard()
        return Heard.of([(self.connected_at, self.heard_at)])


Socket: TypeAlias = "aiohttp.ClientWebSocketResponse[Literal[False]]"

_MESSAGES = {aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY}
_ENDS = {
    aiohttp.WSMsgType.CLOSE,
    aiohttp.WSMsgType.CLOSING,
    aiohttp.WSMsgType.CLOSED,
    aiohttp.WSMsgType.ERROR,
}
_REFUSED = "subscription refused"
_UNLISTED = "none of its markets is listed"


class LiquidationFeed:
    """Follows one venue's liquidation stream for some of its markets, reconnecting for ever."""

    def __init__(
        self,
        exchange: str,
        stream: Stream,
        url: str,
        listings: Mapping[str, Listing],
        state: FeedState | None = None,
        pulse: Pulse | None = None,
        refused: Callable[[], Awaitable[None]] | None = None,
        clock: Callable[[], int] = wall_clock,
        stamps: Stamps | None = None,
    ) -> None:
        """Make the feed of markets by the venue's own names.

        `refused` is awaited after a refusal, to `follow` the markets as they are named now; what
        is heard is heard at the time [ms] of `clock`. Feeds of one venue share their `stamps`.
        """
        self.state = state or FeedState()
        self._exchange = exchange
        self._stream = stream
        self._url = url
        self._listings = dict(listings)  # by the venue's own names, also by those of before
        self._names = list(listings)  # as the venue has them now
        self._renamed = False
        self._pinged = False  # on this connection
        self._refused = refused
        self._clock = clock
        self._stamps = stamps or Stamps()
        self._pulse = pulse or Pulse()
        self._waiting: list[ForcedOrder] = []
        self._filled = asyncio.Event()  # something waits, or the reader has ended
        self._emptied = asyncio.Event()  # there is room again
        self._emptied.set()
        self._heard = 0.0  # [s] of the loop's clock
        # Over one connection a venue sends a message once. Only after a reconnect may it repeat
        # the last ones, so equal messages of one connection are two events, and both count.
        self._told: deque[int] = deque(maxlen=_REMEMBERED)  # hashes
        self._told_before: set[int] = set()

    def follow(self, listings: Mapping[str, Listing]) -> None:
        """Go on with these names of the markets: some were renamed, or are not listed any more."""
        self._listings |= listings
        if set(listings) != set(self._names):
            self._names = list(listings)
            self._renamed = True

    async def live(self) -> AsyncGenerator[LiveLiquidations, None]:
        """Yield liquidations of the markets followed, for ever; whoever stops closes it."""
        async with aclosing(self.batches()) as batches:
            async for batch in batches:
                for turn, some in enumerate(by_market(batch, self._listings), start=1):
                    yield some
                    if turn % _MARKETS_A_TURN == 0:
                        await asyncio.sleep(0)

    async def batches(self) -> AsyncGenerator[list[ForcedOrder], None]:
        """Yield orders as they came, never an empty batch; ends only when it is closed."""
        reader = asyncio.create_task(self._follow(), name=f"{self._exchange} liquidations")
        reader.add_done_callback(lambda _: self._filled.set())
        try:
            while True:
                await self._filled.wait()
                if len(self._waiting) < _BATCH and not reader.done():
                    await asyncio.sleep(_GATHERING)
                batch, self._waiting = self._waiting[:_BATCH], self._waiting[_BATCH:]
                self._emptied.set()
                if not self._waiting:
                    self._filled.clear()
                if batch:
                    yield batch
                elif reader.done():
                    reader.result()  # raises: what follows for ever ends only by a mistake
        finally:
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)
            self.state.connected = False

    async def _follow(self) -> None:
        pause = self._pulse.first_pause
        async with aiohttp.ClientSession() as session:
            while True:
                started = time.monotonic()
                why = await self._one_connection(session) if self._names else _UNLISTED
                self.state.connected = False
                if why in {_REFUSED, _UNLISTED} and self._refused is not None:
                    await self._refused()
                if time.monotonic() - started > self._pulse.proven:
                    pause = self._pulse.first_pause
                wait = pause * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
                log.warning("feed lost", exchange=self._exchange, why=why, again_in=round(wait, 2))
                await asyncio.sleep(wait)
                pause = min(2 * pause, self._pulse.longest_pause)

    async def _one_connection(self, session: aiohttp.ClientSession) -> str:
        """Listen until the connection ends; return why it did, in words."""
        try:
            async with session.ws_connect(
                self._url,
                autoping=False,  # pongs are a sign of life, and are to be seen
                decode_text=False,  # the parser reads bytes
                timeout=aiohttp.ClientWSTimeout(ws_close=2.0),
                max_msg_size=16 * 2**20,
            ) as socket:
                return await self._listen(socket)
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            return type(error).__name__

    async def _listen(self, socket: Socket) -> str:
        self._renamed = self._pinged = False
        for message in self._stream.subscribe(self._names):
            await socket.send_str(message)
        self._told_before = set(self._told)
        self._hear()
        self.state.connected_at = None  # until it has answered to a ping
        self.state.connected = True
        self.state.connections += 1
        log.info("feed connected", exchange=self._exchange, markets=len(self._names))
        try:
            async with asyncio.timeout(self._pulse.silence) as life:
                keeper = asyncio.create_task(self._keep_alive(socket, life))
                try:
                    return await self._read(socket)
                finally:
                    keeper.cancel()
                    await asyncio.gather(keeper, return_exceptions=True)
        except TimeoutError:
            return f"silent for {self._pulse.silence:g} s"

    async def _keep_alive(self, socket: Socket, life: asyncio.Timeout) -> None:
        """Ask for a sign of life again and again, and put the end off as long as there is one.

        The first answer also says that the subscription, which was sent before, has been taken.
        """
        await asyncio.sleep(self._pulse.ping / 5)
        while True:
            if not self._emptied.is_set():
                self._hear()  # it is we who do not listen
            life.reschedule(self._heard + self._pulse.silence)
            if self._renamed:
                await socket.close()
                return
            if self._stream.ping is None:
                await socket.ping()
            else:
                await socket.send_str(self._stream.ping)
            self._pinged = True
            await asyncio.sleep(self._pulse.ping)

    async def _read(self, socket: Socket) -> str:
        since_turn = 0
        while True:
            frame = await socket.receive()
            self._hear()
            if frame.type in _MESSAGES:
                if (answer := self._answer(frame.data)) is not None:
                    await socket.send_str(answer)
                if not self._take(frame.data):
                    return _REFUSED
                since_turn += 1
                if len(self._waiting) >= MOST_WAITING:
                    self._emptied.clear()
                    await self._emptied.wait()
                elif since_turn >= _MESSAGES_A_TURN:
                    since_turn = 0
                    await asyncio.sleep(0)
            elif frame.type is aiohttp.WSMsgType.PING:
                await socket.pong(frame.data)
            elif frame.type in _ENDS:
                return f"closed with code {socket.close_code}"

    def _answer(self, message: bytes) -> Message | None:
        """Return what the venue wants to hear back, such as a pong in words of its own."""
        if self._stream.answer is None:
            return None
        try:
            return self._stream.answer(message)
        except UNREADABLE:
            return None  # reading it fails as well, and is counted there

    def _take(self, message: bytes) -> bool:
        """Read one message; False if it says that we are not served."""
        try:
            orders = self._stream.parse(message)
        except MarketUnavailable as error:
            self.state.misread += 1
            if self.state.misread & (self.state.misread - 1) == 0:  # the 1st, 2nd, 4th, 8th, ...
                times = self.state.misread
                why = error.reason
                log.warning("message misread", exchange=self._exchange, why=why, times=times)
            return True
        if not orders:
            return not refuses(message)
        mark = hash(message)
        if mark in self._told_before:
            self.state.repeats += 1
            return True
        self._told.append(mark)
        if orders[0].time == UNTIMED:
            at = self._stamps.of(mark, self.state.heard_at or 0)
            orders = [order._replace(time=at) for order in orders]
        self._waiting += orders
        self.state.orders += len(orders)
        self._filled.set()
        return True

    def _hear(self) -> None:
        self._heard = asyncio.get_running_loop().time()
        self.state.heard_at = self._clock()
        if self._pinged and self.state.connected_at is None:
            self.state.connected_at = self.state.heard_at
