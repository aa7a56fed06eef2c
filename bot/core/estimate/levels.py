"""How far from its entry each tier of a market is liquidated."""

import numpy as np

from bot.core.arrays import Floats
from bot.core.estimate.maps import STEP
from bot.core.estimate.parameters import Parameters
from bot.core.instruments import Contract, Instrument
from bot.core.margin.prices import liquidation_prices
from bot.core.margin.rules import rule_for
from bot.core.margin.tiers import Brackets
from bot.core.market.liquidations import PositionSide

# A third or three times the entry price: 1.5x, the lowest tier, is about as far.
_REACH = 3.3


def bracket_rates(table: Brackets, leverage: Floats, value: float) -> tuple[Floats, Floats]:
    """Maintenance margin rate and deduction [fractions of value] of each tier, shapes (K,).

    A position stands in the bracket of its value, or in the last one that allows its leverage:
    who wants 100x must be small.
    """
    allowed = np.sum(table.max_leverage[None, :] >= leverage[:, None], axis=1) - 1
    place = np.minimum(table.at(np.full(len(leverage), value)), np.maximum(allowed, 0))
    cap = table.value_cap[place]
    held = np.minimum(value, cap)
    return table.maintenance_margin_rate[place], table.deduction[place] / held


def shifts(instrument: Instrument, table: Brackets, parameters: Parameters, at: int) -> Floats:
    """Bins from an entry price to its liquidation price, shape (2, K); longs below 0.

    Every rule is proportional to the entry price, so that on a logarithmic grid the way is the
    same from everywhere. What is further off than any tier above 1.5x is put there.
    """
    rule = rule_for(instrument.exchange, Contract(instrument.contract), at)
    leverage = parameters.leverage
    rate, deduction = bracket_rates(table, leverage, parameters.typical_value)
    entry = np.ones((1, 1))
    ways = []
    for side in (PositionSide.LONG, PositionSide.SHORT):
        price = liquidation_prices(
            rule, entry, leverage, side, rate, deduction_per_value=deduction
        )[0]
        # At least half a bin away: where all margin is maintenance margin, entry is liquidation.
        nearest = np.exp(-side.value * STEP / 2)
        within = np.minimum(price, nearest) if side.value > 0 else np.maximum(price, nearest)
        ways.append(np.log(np.clip(within, 1 / _REACH, _REACH)) / STEP)
    return np.array(ways)
