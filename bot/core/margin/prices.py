"""Liquidation prices of many positions at once, for the estimate."""

import numpy as np

from bot.core.arrays import Floats, floats
from bot.core.instruments import Contract
from bot.core.margin.families import (
    inverse_at_liquidation,
    inverse_fixed,
    linear_at_liquidation,
    linear_fixed,
)
from bot.core.margin.rules import Family, MarginRule
from bot.core.market.liquidations import PositionSide


def liquidation_prices(
    rule: MarginRule,
    entry: Floats,
    leverage: Floats,
    side: PositionSide,
    maintenance_margin_rate: float | Floats,
    *,
    deduction_per_value: float | Floats = 0.0,
) -> Floats:
    """Mark prices at which positions opened at `entry` with an effective leverage are liquidated.

    Entries [quote/base] of shape (N, 1) and leverages of shape (K,) give (N, K); the rate
    [fraction of value] and the deduction [fraction of the value at entry] broadcast with them. A
    position that no price can liquidate gets 0 if it is long and inf if it is short.

    A 10x long without maintenance margin is gone after a fall of 10 %.

    >>> from bot.core.margin.rules import rule_for
    >>> rule = rule_for("binance", Contract.LINEAR)
    >>> liquidation_prices(rule, np.array([[100.0]]), np.array([10.0]), PositionSide.LONG, 0.0)
    array([[90.]])
    """
    s = floats(side.value)
    entry, margin = floats(entry), 1 / floats(leverage)
    rate = floats(maintenance_margin_rate) + rule.fee
    deduction = floats(deduction_per_value) if rule.deduction else floats(0.0)
    one = floats(1.0)  # everything scales with the entry price: solve for one, then multiply
    linear = rule.contract is Contract.LINEAR
    # A short of 1x or less on an inverse contract divides by zero: it is its own hedge.
    with np.errstate(divide="ignore", invalid="ignore"):
        if rule.family is Family.AT_LIQUIDATION:
            solve = linear_at_liquidation if linear else inverse_at_liquidation
            price = solve(s, one, one, margin, rate, deduction)
        else:  # just opened, the mark price of now is the entry price: C is as B
            solve_fixed = linear_fixed if linear else inverse_fixed
            price = solve_fixed(s, one, one, margin, rate - deduction)
    never = 0.0 if side is PositionSide.LONG else np.inf
    return entry * np.where(np.isfinite(price) & (price > 0), price, never)
