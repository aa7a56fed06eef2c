"""What goes wrong between us and a venue, translated once into sentences, and how long to wait."""

import asyncio
import math
import random
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.utils import parsedate_to_datetime

import structlog

from bot.core.errors import MarketUnavailable, NotYetAllowed
from bot.core.language import Said, later, later_many, mark
from bot.errands import current

log = structlog.get_logger()

# Longer than this nobody waits for an answer: a shorter pause is waited out, a longer one is told.
PATIENCE = 5.0  # [s]
_CLIENT_ERROR = 400
SERVER_ERROR = 500
# With these, any venue means its Retry-After for us and not for whoever repairs its server.
_TOO_OFTEN = {418, 429}
_LONGEST_PAUSE = 3 * 86_400.0  # [s], the longest ban that Binance speaks of

_WHY = {
    403: mark("it turns our requests away (403)"),
    418: mark("it has banned this address for asking too often (418)"),
    429: mark("it says we ask too often (429)"),
    451: mark("it does not serve this location (451)"),
}
# By a part of an error's name or its cause's; names serve because ccxt is imported late.
_SIGNS = {
    "Timeout": mark("it took too long"),
    "Maintenance": mark("it is under maintenance"),
    "Payload": mark("its answer broke off"),
    "Disconnect": mark("its answer broke off"),
    "Connect": mark("it cannot be reached"),
}
_NO_SENSE = mark("it answered with something that cannot be used")


class Refused(Exception):
    """A venue answered with a status that says no; never leaves this package."""

    def __init__(self, status: int, pause: float) -> None:
        super().__init__(f"status {status}")
        self.status = status
        self.pause = pause  # [s] for which it wants to be left alone, 0 if it does not say


class Pausing(Exception):
    """A venue wants to be left alone for longer than anyone waits; never leaves this package."""

    def __init__(self, status: int, left: float) -> None:
        super().__init__(f"{left:.0f} s left")
        self.status = status
        self.left = left  # [s]


def refusal(status: int, headers: Mapping[str, str], pauses: Mapping[int, float]) -> Refused | None:
    """Say whether a status is a refusal, and for how long; `pauses` serve where no header does."""
    if status < _CLIENT_ERROR:
        return None
    told = retry_after(headers) if status in pauses or status in _TOO_OFTEN else None
    return Refused(status, pauses.get(status, 0.0) if told is None else told)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds of a Retry-After header, which may hold a number or a date."""
    word = next((value for name, value in headers.items() if name.lower() == "retry-after"), None)
    if word is None:
        return None
    try:
        seconds = float(word)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(word).timestamp() - time.time()
        except (ValueError, OverflowError):
            return None
    return min(max(seconds, 0.0), _LONGEST_PAUSE) if math.isfinite(seconds) else None


class Gate:
    """Lets requests of one venue through, except while it wants to be left alone."""

    def __init__(self, exchange: str) -> None:
        self._exchange = exchange
        self._shut_until = 0.0  # [s] of time.monotonic
        self._status = 0

    def shut(self, status: int, seconds: float) -> None:
        """Let nothing through for so long; never shortens a pause under way."""
        until = time.monotonic() + seconds
        if until > self._shut_until:
            self._shut_until, self._status = until, status
            log.warning("venue pauses us", exchange=self._exchange, status=status, seconds=seconds)

    async def passed(self) -> None:
        """Wait until a request may go out; Pausing if that would take too long."""
        while (left := self._shut_until - time.monotonic()) > 0:
            if left > PATIENCE:
                raise Pausing(self._status, left)
            # All that waited would otherwise knock at the same moment.
            await asyncio.sleep(left + random.uniform(0.0, 0.2))  # noqa: S311 - no secret


class Rest:
    """Spares people the wait for a venue that has just let somebody wait in vain.

    It is left alone for twice as long as it has made people wait since it last answered, so that
    no more than a third of the time is spent on waiting. A failure that came quickly costs nobody
    anything, and is tried again at once.
    """

    SLOW = 2.0  # [s] from which a failure counts as a wait in vain
    LONGEST = 120.0  # [s]

    def __init__(self) -> None:
        self._waited = 0.0  # [s] in vain, since it last answered
        self._until = 0.0  # [s] of time.monotonic
        self._error: MarketUnavailable | None = None

    @contextmanager
    def spared(self) -> Iterator[None]:
        """Raise the last failure while it is fresh; else watch what is done within."""
        started = time.monotonic()
        if self._error is not None and started < self._until:
            raise MarketUnavailable(self._error.exchange, self._error.reason)
        try:
            yield
        except NotYetAllowed:
            raise  # it was not the venue that made anybody wait
        except MarketUnavailable as error:
            waited = time.monotonic() - started
            if waited > self.SLOW:
                self._error = error
                self._waited += waited
                self._until = started + waited + min(2 * self._waited, self.LONGEST)
            raise
        self._waited, self._error = 0.0, None


def why(error: BaseException) -> Said:
    """Say in words what went wrong: no address, no token, no traceback.

    >>> str(why(Refused(451, 0.0))), str(why(Refused(503, 0.0)))
    ('it does not serve this location (451)', 'its server has an error (503)')
    >>> str(why(Pausing(418, 118.2)))
    'it has banned this address for asking too often (418); it is asked again in 2 minutes'
    >>> str(why(TimeoutError()))
    'it took too long'
    """
    if isinstance(error, Pausing):
        return later(
            "{why}; it is asked again in {span}",
            why=_status(error.status),
            span=_spell(error.left),
        )
    if isinstance(error, Refused):
        return _status(error.status)
    names = f"{type(error).__name__} {type(error.__cause__).__name__}"
    if isinstance(error.__cause__, OSError):
        names += " Connect"
    return later(next((said for sign, said in _SIGNS.items() if sign in names), _NO_SENSE))


def unavailable(exchange: str, error: BaseException) -> MarketUnavailable:
    """Translate at the door; what is already a sentence stays one."""
    if isinstance(error, MarketUnavailable):
        return error
    return MarketUnavailable(exchange, why(error))


def held_back(exchange: str, error: BaseException) -> MarketUnavailable:
    """Translate a failure, which is ours if time has run out while we had to wait for our turn."""
    until = current().held_until
    if isinstance(error, TimeoutError) and until is not None:
        return NotYetAllowed(exchange, until)
    return unavailable(exchange, error)


def _status(status: int) -> Said:
    if status in _WHY:
        return later(_WHY[status])
    if status >= SERVER_ERROR:
        return later("its server has an error ({status})", status=status)
    return later("it refuses ({status})", status=status)


def _spell(seconds: float) -> Said:
    whole = math.ceil(seconds)
    if whole < 90:  # noqa: PLR2004 - below that seconds read better
        return later_many("{count} second", "{count} seconds", whole)
    minutes = round(whole / 60)
    if minutes < 90:  # noqa: PLR2004 - likewise
        return later_many("{count} minute", "{count} minutes", minutes)
    return later_many("{count} hour", "{count} hours", round(minutes / 60))
