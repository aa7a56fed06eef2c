"""One's own position: where its venue liquidates it, by the venue's rule and brackets."""

import math
from dataclasses import dataclass

import numpy as np

from bot.core.arrays import floats
from bot.core.errors import PositionRefused
from bot.core.figures import price as price_words
from bot.core.figures import usd as usd_words
from bot.core.instruments import Contract, Instrument, venue_name
from bot.core.language import mark, say
from bot.core.margin.holding import Holding
from bot.core.margin.rules import Family, MarginMode, MarginRule, rule_for
from bot.core.margin.tiers import Brackets
from bot.core.market.liquidations import PositionSide

# A position is looked up in its bracket by its value at liquidation, which depends on the bracket:
# so many rounds are always enough to settle, since brackets are few and prices move one way.
_ROUNDS = 20


@dataclass(frozen=True, slots=True)
class Position:
    """A position as its holder tells of it."""

    side: PositionSide
    entry: float  # [quote/base]
    leverage: float  # [1]
    value: float | None = None  # [quote] at entry; None: not told, and taken for small
    mode: MarginMode = MarginMode.ISOLATED
    wallet: float | None = None  # [quote] that stands behind it in cross margin; None: its own


@dataclass(frozen=True, slots=True)
class Liquidation:
    """Where and by which rule a position is liquidated."""

    instrument: Instrument
    rule: MarginRule
    price: float | None  # [quote/base] of the mark price; None: no price does
    bankruptcy: float | None  # [quote/base]; None: there is none
    maintenance_margin_rate: float  # [fraction of value] of its bracket, without the fee
    max_leverage: float  # [1] of its bracket
    bracket: int  # counted from 1
    margin: float  # [quote] that stands behind it


def liquidation(position: Position, instrument: Instrument, table: Brackets) -> Liquidation:
    """Find where a venue liquidates a position.

    Where a venue counts a deduction the margin is reckoned in the bracket of the value at that
    price; where not, in the bracket that the position was opened in. PositionRefused if the venue
    would not let it be opened.
    """
    value = position.value or 0.0
    opened = int(table.at(floats([value]))[0])
    allowed = float(table.max_leverage[opened])
    if position.leverage > allowed:
        raise PositionRefused(_too_much(position, instrument, allowed))
    rule = rule_for(instrument.exchange, instrument.contract, mode=position.mode)
    bracket = opened
    for _ in range(_ROUNDS):
        held = _holding(position, rule, table, bracket)
        price = _possible(held.liquidation_price(rule.family))
        follows = rule.deduction and rule.family is Family.AT_LIQUIDATION and price is not None
        if not follows or not value:
            break
        assert price is not None  # noqa: S101 - as just said
        linear = instrument.contract is Contract.LINEAR
        then = value * price / position.entry if linear else value
        found = int(table.at(floats([then]))[0])
        if found == bracket:
            break
        bracket = found
    own = held.margin if instrument.contract is Contract.LINEAR else held.margin * position.entry
    return Liquidation(
        instrument,
        rule,
        price,
        _possible(held.bankruptcy_price()),
        float(table.maintenance_margin_rate[bracket]),
        allowed,
        bracket + 1,
        own,
    )


def _too_much(position: Position, instrument: Instrument, allowed: float) -> str:
    """Say that a venue lets nobody take so much leverage."""
    why = mark("{venue} allows {most} at most; {wanted} cannot be opened there.")
    if position.value:
        why = mark("{venue} allows {most} at most at {size}; {wanted} cannot be opened there.")
    return say(
        why,
        venue=venue_name(instrument.exchange),
        most=f"{allowed:g}x",
        size=usd_words(position.value or 0.0),
        wanted=f"{position.leverage:g}x",
    )


def _holding(position: Position, rule: MarginRule, table: Brackets, bracket: int) -> Holding:
    """Put a position into the terms of the formulas; its size does not matter if it is not told."""
    linear, entry = rule.contract is Contract.LINEAR, position.entry
    value = position.value or entry
    margin = position.wallet or value / position.leverage
    deduction = float(table.deduction[bracket]) if rule.deduction and position.value else 0.0
    return Holding(
        rule.contract,
        position.side.value,
        entry,
        value / entry if linear else value,
        margin if linear else margin / entry,
        float(table.maintenance_margin_rate[bracket]) + rule.fee,
        deduction if linear else deduction / entry,
    )


def _possible(price: float) -> float | None:
    return price if math.isfinite(price) and price > 0 else None


def leverage_for(
    position: Position, instrument: Instrument, table: Brackets, price: float
) -> float:
    """Return the most leverage [1], a whole number, that is not liquidated before `price`.

    0 if even 1x is. Only of isolated margin: in cross margin the wallet says where it ends.

    >>> from bot.core.margin.bundled import brackets_for
    >>> btc = Instrument("binance", "BTC", "USDT", "USDT")
    >>> long = Position(PositionSide.LONG, 60_000.0, 20.0)
    >>> leverage_for(long, btc, brackets_for(btc), 54_000.0)
    9.0
    """
    most = int(position.leverage)
    for leverage in range(most, 0, -1):
        tried = Position(position.side, position.entry, leverage, position.value, position.mode)
        found = liquidation(tried, instrument, table).price
        if found is None or (price - found) * position.side.value > 0:
            return float(leverage)
    return 0.0


def sane(position: Position, price: float) -> None:
    """Refuse what can only be a slip. PositionRefused says what would be right."""
    if not 1 / 20 < position.entry / price < 20:  # noqa: PLR2004 - no position is that old
        raise PositionRefused(
            say(
                "An entry at {entry} is far from the price, which is {price} now. "
                "Was another number meant?",
                entry=price_words(position.entry),
                price=price_words(price),
            )
        )
    if not np.isfinite(position.leverage) or not 1 <= position.leverage <= 500:  # noqa: PLR2004
        raise PositionRefused(say("Name a leverage of 1x to 500x, such as 20x."))
