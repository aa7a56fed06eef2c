"""How much of a venue's patience we may use: so many requests in so long, people's first."""

import asyncio
import itertools
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from bot.errands import Errand, Urgency, current

_SPACING = 100.0  # [ms] between requests of a venue that names none
# Of what may go out at once, so much is left to people: who collects or looks back would else
# spend a minute's allowance in a second, and whoever asks then would wait for the next.
_PEOPLES_SHARE = 0.5


class Pace(Protocol):
    """How often a venue lets itself be asked, and how often it was."""

    window: float  # [s] after which all that was spent is there again

    def wait(self, weight: float, share: float = 1.0) -> float:
        """Seconds until so much may pass, which may use that share of what is allowed at once."""
        ...

    def behind(self, before: float, weight: float) -> float:
        """Seconds until so much may pass after the weight of others, about."""
        ...

    def spend(self, weight: float) -> None:
        """Note that so much has passed."""
        ...


class Window:
    """So much weight in any stretch of time."""

    def __init__(self, most: float, window: float) -> None:
        self.window = window  # [s]
        self._most = most
        self._spent: deque[tuple[float, float]] = deque()  # [s] of time.monotonic, weight

    def wait(self, weight: float, share: float = 1.0) -> float:
        """Seconds until so much may pass; what weighs more than is ever allowed goes alone."""
        now = time.monotonic()
        while self._spent and self._spent[0][0] <= now - self.window:
            self._spent.popleft()
        weight = min(weight, self._most)
        over = sum(spent for _, spent in self._spent) + weight - max(weight, self._most * share)
        for at, spent in self._spent:
            if over <= 0:
                break
            over -= spent
            if over <= 0:
                return at + self.window - now
        return 0.0

    def behind(self, before: float, weight: float) -> float:
        """Seconds until so much may pass after the weight of others, about."""
        rounds, rest = divmod(before, self._most)
        return self.wait(min(rest + weight, self._most)) + rounds * self.window

    def spend(self, weight: float) -> None:
        """Note that so much has passed."""
        self._spent.append((time.monotonic(), min(weight, self._most)))


class Spacing:
    """One request after the other, each so long after the last as that weighed."""

    def __init__(self, spacing: float) -> None:
        self.window = spacing  # [s] for a weight of 1
        self._next = 0.0  # [s] of time.monotonic

    def wait(self, weight: float, share: float = 1.0) -> float:  # noqa: ARG002 - the last one's counts
        """Seconds until anything may pass."""
        return max(0.0, self._next - time.monotonic())

    def behind(self, before: float, weight: float) -> float:
        """Seconds until so much may pass after the weight of others."""
        return self.wait(weight) + before * self.window

    def spend(self, weight: float) -> None:
        """Note that so much has passed."""
        self._next = max(self._next, time.monotonic()) + weight * self.window


def pace(settings: Mapping[str, object]) -> Pace:
    """Make the pace that a venue's settings ask for, in the words that ccxt has for them."""
    spacing = _number(settings.get("rateLimit"), _SPACING)  # [ms] for a weight of 1
    window = _number(settings.get("rollingWindowSize"), 0.0)  # [ms]
    if not window or settings.get("rateLimiterAlgorithm") == "leakyBucket":
        return Spacing(spacing / 1000)
    return Window(window / spacing, window / 1000)


def _number(value: object, otherwise: float) -> float:
    return float(value) if isinstance(value, (int, float)) else otherwise


class Allowance:
    """Lets requests through at a venue's pace: the most urgent first, else whoever came first."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._requests: list[_Request] = []  # that wait
        self._numbers = itertools.count()
        self._timer: asyncio.TimerHandle | None = None

    @property
    def window(self) -> float:
        """After how long all that was spent is there again [s]."""
        return self._pace.window

    async def granted(self, weight: float = 1.0) -> None:
        """Wait for one's turn, which depends on the errand that one is on."""
        errand = current()
        request = _Request(self, weight, errand, next(self._numbers))
        self._requests.append(request)
        errand.waits(request)
        try:
            self.serve()
            await request.granted
        finally:
            waited = request in self._requests
            errand.goes_on(request, given_up=waited)
            if waited:
                self._requests.remove(request)
                self.serve()

    def serve(self) -> None:
        """Let through all that may go now, and look again when the next one may."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._requests:
            first = min(self._requests, key=_place)
            share = 1.0 if first.errand.urgency is Urgency.PEOPLE else _PEOPLES_SHARE
            wait = self._pace.wait(first.weight, share)
            if wait > 0:
                self._timer = asyncio.get_running_loop().call_later(wait, self.serve)
                return
            self._requests.remove(first)
            if not first.granted.done():
                self._pace.spend(first.weight)
                first.granted.set_result(None)

    def left(self, request: "_Request") -> float:
        """Say for how long a request has to wait [s], about, behind those that go before it."""
        before = sum(one.weight for one in self._requests if _place(one) < _place(request))
        return self._pace.behind(before, request.weight)


@dataclass(eq=False, slots=True)
class _Request:
    """A request that waits; a bot.errands.Waiting."""

    allowance: Allowance
    weight: float
    errand: Errand
    number: int
    granted: asyncio.Future[None] = field(default_factory=asyncio.Future)

    def left(self) -> float:
        return self.allowance.left(self)

    def look_again(self) -> None:
        self.allowance.serve()


def _place(request: _Request) -> tuple[int, int]:
    return request.errand.urgency, request.number
