"""A clock that can be let run ahead of the world's."""

import time


class FastClock:
    """The market's time [ms], which passes as the world's or many times as fast."""

    def __init__(self, speed: float) -> None:
        self._fast, self._speed = speed, 1.0
        self._since, self._was = time.monotonic(), time.time_ns() // 1_000_000

    def __call__(self) -> int:
        return self._was + int((time.monotonic() - self._since) * 1000 * self._speed)

    def of(self, seconds: float) -> int:
        """How much passes [ms] at full speed while so much passes in the world."""
        return int(seconds * 1000 * self._fast)

    def run(self) -> None:
        """Let the time pass quickly."""
        self._at(self._fast)

    def walk(self) -> None:
        """Let it pass as the world's."""
        self._at(1.0)

    def _at(self, speed: float) -> None:
        self._was, self._since, self._speed = self(), time.monotonic(), speed
