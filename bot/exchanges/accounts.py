"""Positions of accounts that anyone can see: looked at one by one, a few at a time, and kept.

One look serves all markets, since an account shows all its positions at once. Looks are taken while
somebody asks, in the background: nobody waits for one, and the markets' own requests go on beside
it. Accounts that do not answer are fewer positions, never a failed market.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import numpy as np
import structlog

from bot.core.arrays import HOUR, MINUTE, floats, times
from bot.core.errors import BadSetting, MarketUnavailable
from bot.core.market.positions import Positions
from bot.exchanges.client import VenueClient, rebased
from bot.exchanges.faults import Refused, refusal, unavailable
from bot.exchanges.parse.common import OpenPosition
from bot.exchanges.parse.hyperliquid import is_address
from bot.exchanges.reduced import ReducedAccounts
from bot.exchanges.venue import PublicAccounts, Venue

log = structlog.get_logger()

_EACH = 5 * MINUTE  # [ms] from the end of a look to the next one at the soonest
_KEPT = 30 * MINUTE  # [ms] what was seen longer ago is not shown any more
_LIST_LASTS = 6 * HOUR  # [ms] the largest accounts stay much the same
_AT_ONCE = 6  # look-ups under way
_IN_VAIN = 10  # failures in a row after which a look is given up
_LIST_BYTES = 100 * 2**20  # the list has been 25 MB
_LIST_PATIENCE = 60.0  # [s]
_A_MINUTE = 60.0  # [s]


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which accounts are looked at."""

    largest: int = 0  # so many of the largest; 0: none at all
    addresses: tuple[str, ...] = ()  # these instead


def read_addresses(file: Path) -> tuple[str, ...]:
    """Read a file of addresses, one a line, # begins a comment. BadSetting names a bad line."""
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise BadSetting(f"The file of accounts, {file}, cannot be read.") from error
    words = [line.partition("#")[0].strip() for line in lines]
    for number, word in enumerate(words, start=1):
        if word and not is_address(word):
            raise BadSetting(f"{file}, line {number}: no address of 0x and 40 hexadecimal digits.")
    return tuple(dict.fromkeys(word.lower() for word in words if word))


@dataclass(frozen=True, slots=True)
class _Seen:
    """What an account held when it was looked at."""

    at: int  # [ms] UTC
    held: dict[str, OpenPosition]  # by the venue's own name of the market


class AccountBook:
    """The accounts of one venue as they were last seen; whoever makes one closes it."""

    def __init__(
        self,
        venue: Venue,
        public: PublicAccounts,
        client: VenueClient,
        base: str | None,
        clock: Callable[[], int],
        chosen: Chosen,
    ) -> None:
        self._name = venue.name
        self._pauses = venue.pauses
        self._public = public
        self._client = client
        self._list_url = rebased(public.list_url, base)
        self._clock = clock
        self._chosen = chosen
        self._pace = EachMinute(public.a_minute)
        self._addresses: Sequence[str] = chosen.addresses
        self._listed_at: int | None = None  # [ms]
        # By address, the newest first, and one older: who asks while a look is under way is shown
        # all accounts as of before, not those only that have not been looked at again.
        self._seen: dict[str, tuple[_Seen, ...]] = {}
        self.reduced = ReducedAccounts()
        self._silent = 0  # accounts that did not answer in the last look
        self._failure: str | None = None  # why the last look came to nothing
        self._looked_at: int | None = None  # [ms] end of the last look
        self._look: asyncio.Task[None] | None = None

    def wake(self) -> None:
        """Begin a look if the last one is old and none is under way."""
        if self._look is not None and not self._look.done():
            return
        if self._looked_at is None or self._clock() - self._looked_at >= _EACH:
            self._look = asyncio.create_task(self._whole_look(), name=f"{self._name} accounts")

    def positions(self, market: str, at: int) -> Positions | None:
        """Return what the accounts held in a market, each as last seen by `at` [ms].

        None as long as no account was seen.
        """
        if not self._seen:
            return None
        last = (next((one for one in seen if one.at <= at), None) for seen in self._seen.values())
        return _positions(
            [
                (one.at, one.held[market])
                for one in last
                if one is not None and one.at >= at - _KEPT and market in one.held
            ]
        )

    def lacking(self) -> str | None:
        """Say what is not in the positions, and why; None if all accounts chosen are."""
        if self._failure is not None:
            return self._failure
        count = len(self._addresses)
        if self._looked_at is None and not count:
            return "the list of its accounts is on its way"
        if self._looked_at is None:
            return f"{len(self._seen)} of {count} accounts were looked at so far"
        if self._clock() - self._looked_at > _KEPT:
            return "accounts were last looked at long ago; they are looked at again"
        return f"{self._silent} of {count} accounts did not answer" if self._silent else None

    @property
    def count(self) -> int:
        """How many accounts are followed, or are to be."""
        return len(self._addresses) or self._chosen.largest

    async def close(self) -> None:
        """Stop looking."""
        if self._look is not None:
            self._look.cancel()
            await asyncio.gather(self._look, return_exceptions=True)

    async def _whole_look(self) -> None:
        try:
            await self._find_addresses()
            await self._look_at_all()
            self._failure = None
        except MarketUnavailable as error:
            self._failure = error.why
            log.warning("accounts not seen", exchange=self._name, why=error.reason)
        except Exception:
            self._failure = "looking at its accounts went wrong"
            log.exception("accounts not seen", exchange=self._name)
        self._looked_at = self._clock()

    async def _find_addresses(self) -> None:
        """Bring the list of accounts up to date; an old one serves while there is no new."""
        now = self._clock()
        fresh = self._listed_at is not None and now - self._listed_at < _LIST_LASTS
        if self._chosen.addresses or fresh:
            return
        try:
            message = await self._list()
            parse, count = self._public.parse_list, self._chosen.largest
            self._addresses = await asyncio.to_thread(parse, message, count)
        except MarketUnavailable as error:
            if not self._addresses:
                why = f"the list of its accounts cannot be had: {error.why}"
                raise MarketUnavailable(self._name, why) from error
            log.warning("list of accounts is old", exchange=self._name, why=error.reason)
            return
        self._listed_at = now
        still = set(self._addresses)
        self._seen = {one: seen for one, seen in self._seen.items() if one in still}

    async def _list(self) -> bytes:
        """Fetch the list of accounts. MarketUnavailable."""
        timeout = aiohttp.ClientTimeout(total=_LIST_PATIENCE)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.get(self._list_url) as answer,
            ):
                return await self._body(answer)
        except (Refused, ValueError, TimeoutError, OSError, aiohttp.ClientError) as error:
            raise unavailable(self._name, error) from error

    async def _body(self, answer: aiohttp.ClientResponse) -> bytes:
        """Read an answer in parts. Refused; ValueError if it is longer than it can be."""
        refused = refusal(answer.status, answer.headers, self._pauses)
        if refused is not None:
            raise refused
        body = bytearray()
        async for part in answer.content.iter_chunked(2**18):
            body += part
            if len(body) > _LIST_BYTES:
                raise ValueError("the list of accounts does not end")
        return bytes(body)

    async def _look_at_all(self) -> None:
        """Look at every account once. MarketUnavailable if none, or no more, answers."""
        left = iter(self._addresses)
        tally = _Tally()
        async with asyncio.TaskGroup() as group:
            for _ in range(_AT_ONCE):
                group.create_task(self._look_at(left, tally))
        self._silent = len(self._addresses) - tally.answered
        if tally.given_up or (self._addresses and not tally.answered):
            why = f"its accounts do not answer: {tally.why}"
            raise MarketUnavailable(self._name, why)

    async def _look_at(self, left: Iterator[str], tally: "_Tally") -> None:
        """Look at accounts as long as there are any left."""
        for address in left:
            await self._pace.kept()
            if tally.given_up:
                return
            try:
                payload = await self._client.ask(self._public.call(address))
                held = {one.id: one for one in self._public.parse(payload)}
            except MarketUnavailable as error:
                tally.fail(error.why)
            else:
                now = _Seen(self._clock(), held)
                before = self._seen.get(address, ())[:1]
                self._seen[address] = (now, *before)
                for one in before:
                    self.reduced.note(address, one.at, one.held, now.held)
                tally.succeed()


@dataclass(slots=True)
class _Tally:
    """How a look is going."""

    answered: int = 0
    in_vain: int = 0  # failures since the last answer
    why: str = ""  # of the last failure

    @property
    def given_up(self) -> bool:
        return self.in_vain >= _IN_VAIN

    def succeed(self) -> None:
        self.answered += 1
        self.in_vain = 0

    def fail(self, why: str) -> None:
        self.in_vain += 1
        self.why = why


class EachMinute:
    """Lets so many through in any minute, and the rest after it."""

    def __init__(self, a_minute: int) -> None:
        self._passed: deque[float] = deque(maxlen=a_minute)  # [s] of time.monotonic

    async def kept(self) -> None:
        """Wait for one's turn."""
        while (wait := self._wait()) > 0:  # noqa: ASYNC110 - nothing tells when a minute is over
            await asyncio.sleep(wait)
        self._passed.append(time.monotonic())

    def _wait(self) -> float:
        """Seconds until the next one may pass."""
        if len(self._passed) < (self._passed.maxlen or 0):
            return 0.0
        return self._passed[0] + _A_MINUTE - time.monotonic()


def _positions(found: Sequence[tuple[int, OpenPosition]]) -> Positions:
    return Positions(
        times([at for at, _ in found]),
        np.array([one.side for _, one in found], dtype=np.int8),
        floats([one.quantity for _, one in found]),
        floats([one.entry_price for _, one in found]),
        floats([one.leverage for _, one in found]),
        floats([one.liquidation_price for _, one in found]),
        np.array([one.isolated for _, one in found], dtype=np.bool_),
    )
