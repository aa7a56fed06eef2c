"""Positions about to open in one step, drawn for all classes of traders at once."""

from dataclasses import dataclass

import numpy as np

from bot.core.arrays import Floats
from bot.core.margin.tiers import Brackets
from bot.core.simulation.book import closing_levels
from bot.core.simulation.traders import (
    FAR,
    PLAN_SPREAD,
    STOP_AT,
    STOP_INSIDE,
    TAKE_AT,
    Crowd,
    liquidation_level,
)

_BACKING_SPREAD = 0.5  # of the log of what a cross account holds beyond the margin
_TOP_UPS = 2.0  # how often an owner adds margin who does so at all


@dataclass(frozen=True, slots=True)
class Sentiment:
    """What all traders see and feel."""

    move: float  # of the last hours, in its usual size
    trend: float  # of the last days, in its usual size
    mood: float
    inventory: float  # what market makers hold, fraction of the open interest, negative short


def long_odds(crowd: Crowd, sentiment: Sentiment) -> Floats:
    """Chance that an arrival is long, by class, shape (H,)."""
    log_odds = (
        crowd.bias
        + crowd.chase * sentiment.move
        + crowd.follow * sentiment.trend
        + crowd.herd * sentiment.mood
        + crowd.absorb * sentiment.inventory
    )
    odds: Floats = 1 / (1 + np.exp(-np.clip(log_odds, -3.0, 3.0)))
    return odds


def draw(
    crowd: Crowd,
    habit: np.ndarray[tuple[int], np.dtype[np.intp]],
    long: Floats,
    target: float,
    brackets: Brackets,
    rng: np.random.Generator,
) -> dict[str, Floats]:
    """Draw positions of the classes `habit` [N], long with chance `long` by class.

    `target` is the open interest [quote] that sizes are shares of. Entries are left at log
    price 0, so that every level is its distance from the entry; "taker" is 1 for those that take
    from the book.
    """
    count = len(habit)
    chance = rng.random((8, count))
    bell = rng.standard_normal((4, count))
    side = np.where(chance[0] < long[habit], 1.0, -1.0)
    spread = crowd.spread[habit]
    value = 2 * target * crowd.share[habit] * np.exp(spread * bell[0] - spread**2 / 2)
    bracket = brackets.at(value)
    choice = (chance[1][:, None] > crowd.liking[habit]).sum(axis=1)
    leverage = np.minimum(crowd.leverage[habit, choice], brackets.max_leverage[bracket])
    isolated = (chance[2] < crowd.isolated[habit]).astype(np.float64)
    backing = np.exp(np.maximum(crowd.backing[habit] + _BACKING_SPREAD * bell[1], 0.0))
    wallet = value / leverage * np.where(isolated > 0, 1.0, backing)
    rate, deduction = brackets.maintenance_margin_rate[bracket], brackets.deduction[bracket]
    entry = np.zeros(count)
    liquidation = liquidation_level(side, entry, value, wallet, rate, deduction)
    gap = np.abs(liquidation)
    horizon = crowd.horizon[habit]
    stop = np.minimum(horizon * STOP_AT * np.exp(PLAN_SPREAD * bell[2]), STOP_INSIDE * gap)
    stop = np.where(chance[3] < crowd.stops[habit], stop, FAR)
    take = horizon * TAKE_AT * np.exp(PLAN_SPREAD * bell[3])
    take = np.where(chance[4] < crowd.takes[habit], take, FAR)
    down, up, stopped = closing_levels(side, entry, liquidation, stop, take)
    return {
        "side": side,
        "value": value,
        "entry": entry,
        "wallet": wallet,
        "leverage": leverage,
        "rate": rate,
        "deduction": deduction,
        "stop": stop,
        "take": take,
        "liquidation": liquidation,
        "down": down,
        "up": up,
        "stopped": stopped,
        "gap": gap,
        "patience": -np.log1p(-chance[5]),
        "pace": 1 / crowd.lifetime[habit],
        "horizon": horizon,
        "habit": habit.astype(np.float64),
        "isolated": isolated,
        "tops_up": np.where(chance[6] < crowd.tops_up[habit], _TOP_UPS, 0.0),
        "taker": (chance[7] < crowd.taker[habit]).astype(np.float64),
    }


def placed(drawn: dict[str, Floats], entry: Floats) -> dict[str, Floats]:
    """Columns for the book of positions drawn, once their log entry prices are known."""
    columns = {name: values for name, values in drawn.items() if name != "taker"}
    for level in ("liquidation", "down", "up"):
        columns[level] = np.clip(drawn[level] + entry, -FAR, FAR)
    columns["entry"] = entry
    columns["quantity"] = drawn["value"] * np.exp(-entry)
    return columns
