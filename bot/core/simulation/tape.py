"""How a step shows on a venue's tape: turnover, takers, and orders of its liquidation engine."""

import math

import numpy as np

from bot.core.arrays import Floats
from bot.core.simulation.book import Rows
from bot.core.simulation.path import Why
from bot.core.simulation.plans import TAKER_EXITS

_RANGE = 1.6  # range of a random walk, in standard deviations of its end
_WIDER = 0.9  # power of a bar's range, in usual ones, by which turnover grows
_SPREAD = 0.25  # of log turnover, at the same range
_AGGRESSION, _BY_CHANCE = 0.12, 0.05  # taker buy share: by move over range; standard deviation


def traded(
    opened: dict[str, Floats], taker: Floats, side: Floats, quantity: Floats, why: Rows
) -> tuple[float, float]:
    """What traders opened and closed, and what of it takers bought [base]."""
    opening = opened["quantity"]
    taking = np.where(why == Why.OWNER, TAKER_EXITS, np.where(why == Why.TAKE, 0.0, 1.0))
    bought = (opening * taker)[opened["side"] > 0].sum() + (quantity * taking)[side < 0].sum()
    # Whoever waited and sold was bought from by a taker.
    waited = (opening * (1 - taker))[opened["side"] < 0].sum()
    waited += (quantity * (1 - taking))[side > 0].sum()
    return float(opening.sum() + quantity.sum()), float(bought + waited)


def churn(
    turnover: float, usual: float, width: float, move: float, rng: np.random.Generator
) -> tuple[float, float]:
    """What is bought and sold again within a bar, and what of it takers bought [base].

    `turnover` [base] is the usual amount in a bar, whose move is `usual`; this bar's range is
    `width` and its move `move` [log price]. Wide bars trade more, takers go with the move.
    """
    shock, aim = rng.standard_normal(2).tolist()
    volume = turnover * (width / (usual * _RANGE)) ** _WIDER * math.exp(_SPREAD * shock)
    share = 0.5 + _AGGRESSION * move / width + _BY_CHANCE * aim
    return volume, volume * min(max(share, 0.1), 0.9)


def slices(forced: Floats, most: float, gap: float, end: float) -> Floats:
    """Orders by which an engine closes positions: of `most` [quote], one each `gap` [ms].

    `forced` has rows of time, side, price, quantity; so has what is returned, in order of time.
    Orders do not run past `end` [ms]; they follow each other faster instead.
    """
    count = np.ceil(forced[:, 2] * forced[:, 3] / most).astype(np.int64)
    of = np.repeat(np.arange(len(forced)), count)
    number = np.arange(len(of)) - np.repeat(np.cumsum(count) - count, count)
    orders = forced[of]
    pace = np.minimum(gap, (end - 1 - orders[:, 0]) / count[of])
    orders[:, 0] = np.floor(orders[:, 0] + number * pace)
    orders[:, 3] /= count[of]
    ordered: Floats = orders[np.argsort(orders[:, 0], kind="stable")]
    return ordered
