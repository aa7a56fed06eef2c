"""What happens to traders' money between trades: top-ups, other business, funding, and the sum."""

from dataclasses import dataclass

import numpy as np

from bot.core.arrays import MINUTE
from bot.core.simulation.book import Book, Rows

_NEAR = 0.35  # share of the first distance to liquidation at which owners think of adding margin
_ADDS = 80 * MINUTE  # [ms] mean time until one who thinks of it does so
_ADDED = 0.6  # of what is in the wallet
# Cross accounts hold other positions: an hour's gain or loss on them [fraction of the account],
# by chance, and as a share of the market's own move since other coins move along.
_OTHER_BUSINESS, _ALONG = 0.006, 0.4


@dataclass(slots=True)
class Ledger:
    """Where money came from and went [quote]; what is left is in traders' and dealers' accounts."""

    deposited: float = 0.0  # wallets brought, margin added, gains on other business
    withdrawn: float = 0.0  # left with owners who closed
    insurance: float = 0.0  # left of liquidated positions, negative if they left a hole


def equity(book: Book, price: float) -> float:
    """What all traders would have left if they closed at `price` [quote]."""
    gain = book["side"] * (book["quantity"] * price - book["value"])
    return float((book["wallet"] + gain).sum())


def top_up(book: Book, ledger: Ledger, price: float, step: int, rng: np.random.Generator) -> None:
    """Let some owners add margin in `step` [ms] who are near liquidation at log `price`."""
    left = book["side"] * (price - book["liquidation"])
    near = np.flatnonzero((left < _NEAR * book["gap"]) & (book["tops_up"] > 0))
    rows = near[rng.random(len(near)) < step / _ADDS]
    if len(rows) == 0:
        return
    added = _ADDED * book["wallet"][rows]
    book["wallet"][rows] += added
    book["tops_up"][rows] -= 1
    book.relevel(rows)
    book["gap"][rows] = np.abs(book["entry"][rows] - book["liquidation"][rows])
    ledger.deposited += float(added.sum())


def drift(book: Book, ledger: Ledger, move: float, rng: np.random.Generator) -> None:
    """Let an hour of other business, and the market's `move` [log price] in it, pass.

    What is liquidated thereby at the present price goes in the next step.
    """
    rows = np.flatnonzero(book["isolated"] == 0)
    wallet = book["wallet"][rows]
    gain = wallet * (_OTHER_BUSINESS * rng.standard_normal(len(rows)) + _ALONG * move)
    book["wallet"][rows] += gain
    book.relevel(rows)
    ledger.deposited += float(gain.sum())


def pay_funding(book: Book, rate: float, price: float) -> float:
    """Take funding at `rate` from longs and give it to shorts; returns what was paid [quote]."""
    paid = book["side"] * book["quantity"] * (rate * price)
    wallet = book["wallet"]
    wallet -= paid
    rows: Rows = np.arange(book.count)
    book.relevel(rows)
    return float(paid.sum())
