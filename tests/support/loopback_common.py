"""What the answers of all loopback venues share."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bot.core.arrays import DAY, HOUR, MINUTE

PERIODS = {"5m": 5 * MINUTE, "15m": 15 * MINUTE, "1h": HOUR, "4h": 4 * HOUR, "1d": DAY}
FUNDING = 8 * HOUR


class Refusal(Exception):
    """The venue turns a request down with a status and a body of its own."""

    def __init__(self, status: int, body: object) -> None:
        super().__init__(str(status))
        self.status = status
        self.body = body


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, as the far end sees it."""

    venue: str
    path: str
    params: Mapping[str, str]
    now: int  # [ms]

    def whole(self, name: str, otherwise: int) -> int:
        """Read a whole number."""
        return int(self.params.get(name, otherwise))


def text(value: float) -> str:
    return f"{value:.10g}"


def funding_rate(at: int) -> str:
    return f"{0.0001 + 0.00008 * np.sin(at / (2 * DAY)):.8f}"


def long_short(at: int) -> float:
    return float(1.6 + 0.5 * np.sin(at / (3 * DAY)))
