"""What owners mean to do in a step: who leaves, who comes, and in which order."""

import numpy as np

from bot.core.arrays import Floats
from bot.core.simulation.book import Book, Rows
from bot.core.simulation.path import Opening, Order

TAKER_EXITS = 0.6  # share of owners who leave by taking from the book
# An owner's clock runs faster in gain and slower in loss, by this much for each usual move of
# the price over the position's life: winners are sold early, losers are held.
_WINNERS_LEAVE, _LOSERS_STAY, _MOST_LEAVE = 0.9, -0.5, 2.5
_MOST_RESTLESS = 3.0  # beyond which volatility hurries nobody more


def leaving(book: Book, price: float, restless: float, step: int) -> Rows:
    """Let owners' patience run for `step` [ms] at log `price`; return the rows that will close."""
    gain = book["side"] * (price - book["entry"]) / book["horizon"]
    haste = 1 + _WINNERS_LEAVE * np.minimum(np.maximum(gain, _LOSERS_STAY), _MOST_LEAVE)
    passed = step * (0.6 + 0.4 * min(restless, _MOST_RESTLESS))
    patience = book["patience"]
    patience -= book["pace"] * passed * haste
    return np.flatnonzero(patience <= 0)


def orders(
    book: Book,
    drawn: dict[str, Floats],
    leave: Rows,
    price: float,
    substeps: int,
    rng: np.random.Generator,
) -> tuple[list[Order], list[Opening]]:
    """Scatter openings and closings over a step.

    Openings are put in the order in which they come, the columns `drawn` with them, so that the
    number of an opening is the place of its entry price.
    """
    first, opening = book.count, len(drawn["side"])
    rows = np.concatenate((np.arange(first, first + opening), leave))
    value = book["quantity"][leave] * price
    takes = rng.random(len(leave)) < TAKER_EXITS
    taker = np.concatenate((drawn["taker"] > 0, takes))
    bought = np.concatenate((drawn["side"] * drawn["value"], -book["side"][leave] * value))
    at = rng.integers(0, substeps, len(rows))
    order = np.argsort(at, kind="stable")
    coming = order[order < opening]
    rows[coming] = first + np.arange(opening)
    for name in drawn:
        drawn[name] = drawn[name][coming]
    columns = [column[order].tolist() for column in (at, rows, bought, taker)]
    planned = [Order(*each) for each in zip(*columns, strict=True)]
    names = ("side", "value", "down", "up", "stopped")
    openings = zip(*(drawn[name].tolist() for name in names), strict=True)
    return planned, [Opening(*each) for each in openings]
