"""What an amount of dollars is: "long $500" tells a size, "long $60000" perhaps a price."""

from dataclasses import replace
from typing import TypeVar

from bot.desk.journal_requests import Told
from bot.desk.requests import PositionRequest

_Held = TypeVar("_Held", Told, PositionRequest)

_NEAR = 2.0  # times the price, either way, that an entry written in dollars is at most


def told_at(held: _Held, price: float) -> _Held:
    """Return what was told with its amount as the size, where it is too far off for an entry.

    `price` [quote/base] is the market's. Where a size is told as well, the amount is the entry.
    """
    sized = held.usd is not None or held.coins is not None
    if not held.dollars or held.entry is None or sized:
        return held
    if 1 / _NEAR <= held.entry / price <= _NEAR:
        return held
    return replace(held, entry=None, usd=held.entry, dollars=False)
