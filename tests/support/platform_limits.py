"""What chat platforms enforce, and what they do on a bad day; each keeps a ledger."""

import math
import random
import time
from collections import defaultdict, deque
from collections.abc import Hashable
from dataclasses import dataclass, field
from enum import Enum, auto


class Sliding:
    """At most `count` in any stretch of `seconds`, counted strictly."""

    def __init__(self, count: int, seconds: float) -> None:
        self.count = count
        self.seconds = seconds
        self._taken: deque[float] = deque()

    def left(self, now: float) -> int:
        """Say how many more would be taken now."""
        while self._taken and self._taken[0] <= now - self.seconds:
            self._taken.popleft()
        return self.count - len(self._taken)

    def reset_after(self, now: float) -> float:
        """Say when [s] the oldest one no longer counts."""
        return self._taken[0] + self.seconds - now if self._taken else 0.0

    def take(self, now: float) -> None:
        """Count one."""
        self._taken.append(now)


@dataclass
class Limits:
    """Refuses what comes too fast, and notes who comes again before the wait is over."""

    everything: Sliding
    chats: dict[Hashable, Sliding] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)  # refusals, which a good bot never earns
    inside_a_wait: list[Hashable] = field(default_factory=list)
    times: list[float] = field(default_factory=list)  # [s] of what was taken
    _closed: dict[Hashable, float] = field(default_factory=dict)

    def of_chat(self, chat: Hashable) -> Sliding:
        """Return a chat's own limit."""
        if chat not in self.chats:
            group = isinstance(chat, int) and chat < 0
            self.chats[chat] = Sliding(20, 60.0) if group else Sliding(1, 1.0)
        return self.chats[chat]

    def indulge(self, chat: Hashable) -> None:
        """Let a chat have short bursts, as where somebody asks: three, then one a second."""
        self.chats.setdefault(chat, Sliding(5, 2.0))

    def ask(self, chat: Hashable, now: float | None = None) -> float | None:
        """Count a request; seconds to wait if it is refused."""
        now = time.monotonic() if now is None else now
        if self._closed.get(chat, 0.0) > now:
            self.inside_a_wait.append(chat)
            return self._closed[chat] - now
        for name, limit in (("all", self.everything), (str(chat), self.of_chat(chat))):
            if limit.left(now) <= 0:
                self.violations.append(name)
                return self.close(chat, max(1.0, limit.reset_after(now)), now)
        self.everything.take(now)
        self.of_chat(chat).take(now)
        self.times.append(now)
        return None

    def close(self, chat: Hashable, seconds: float, now: float | None = None) -> float:
        """Want a chat to be left alone."""
        now = time.monotonic() if now is None else now
        self._closed[chat] = now + seconds
        return seconds


def telegram_limits() -> Limits:
    """30 a second to all, one a second to a person, 20 a minute to a group."""
    return Limits(Sliding(30, 1.0))


class Trouble(Enum):
    """What a bad day does to a request."""

    FLOOD = auto()  # 429, though no limit was exceeded
    ERROR = auto()  # 502 with a page, nothing was done
    LOST = auto()  # the line breaks before anything was done
    LOST_ANSWER = auto()  # the line breaks after it was done


class Weather:
    """Troubles at random, for a share of the requests; off until told otherwise."""

    def __init__(self, seed: int = 1, share: float = 0.0) -> None:
        self.share = share
        self.coming: list[Trouble] = []  # what happens next, whatever the share
        self.met: dict[Trouble, int] = defaultdict(int)
        self._random = random.Random(seed)  # noqa: S311 - a test's own

    def next(self) -> Trouble | None:
        """Return what happens to the next request."""
        if self.coming:
            trouble = self.coming.pop(0)
        elif self._random.random() < self.share:
            trouble = self._random.choice(list(Trouble))
        else:
            return None
        self.met[trouble] += 1
        return trouble


def whole_seconds(wait: float) -> int:
    """Say a wait as Telegram does."""
    return max(1, math.ceil(wait))
