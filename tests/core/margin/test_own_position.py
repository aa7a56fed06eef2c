"""One's own position: its liquidation by the venue's rule, and where its stop belongs."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.core.arrays import floats
from bot.core.errors import PositionRefused
from bot.core.instruments import Contract, Instrument
from bot.core.margin.bundled import brackets_for
from bot.core.margin.position import Position, leverage_for, liquidation, sane
from bot.core.margin.rules import Family, MarginMode
from bot.core.margin.tiers import brackets
from bot.core.market.liquidations import PositionSide

LONG, SHORT = PositionSide.LONG, PositionSide.SHORT
BINANCE = Instrument("binance", "BTC", "USDT", "USDT")
VENUES = ("binance", "bybit", "okx", "bitget", "gate", "kucoin", "htx", "mexc", "hyperliquid")
TWO = brackets(floats([50e3, 250e3]), floats([0.004, 0.05]), floats([125.0, 20.0]))


def test_a_small_long_ends_where_its_margin_is_down_to_the_maintenance_margin() -> None:
    found = liquidation(Position(LONG, 60_000.0, 20.0), BINANCE, brackets_for(BINANCE))
    # 60,000 (1 - 1/20) / (1 - 0.4 %)
    assert found.price == pytest.approx(57_228.9157, rel=1e-8)
    assert found.bankruptcy == pytest.approx(57_000.0)
    assert found.bracket == 1


def test_a_large_position_is_held_to_its_own_bracket() -> None:
    small = liquidation(Position(LONG, 60_000.0, 20.0, 1e4), BINANCE, TWO)
    large = liquidation(Position(LONG, 60_000.0, 20.0, 2e5), BINANCE, TWO)
    assert (small.bracket, large.bracket) == (1, 2)
    assert small.price is not None
    assert large.price is not None
    assert large.price > small.price


def test_a_long_that_shrinks_into_a_lower_bracket_is_reckoned_there() -> None:
    found = liquidation(Position(LONG, 60_000.0, 5.0, 51_000.0), BINANCE, TWO)
    assert found.bracket == 1  # worth 41,000 where it ends
    assert found.max_leverage == 20  # but opened in the second


def test_cross_margin_has_the_whole_wallet_behind_it() -> None:
    table = brackets_for(BINANCE)
    alone = liquidation(Position(LONG, 60_000.0, 20.0, 6e4), BINANCE, table)
    cross = Position(LONG, 60_000.0, 20.0, 6e4, MarginMode.CROSS, 12_000.0)
    behind = liquidation(cross, BINANCE, table)
    assert alone.price is not None
    assert behind.price is not None
    assert behind.price < alone.price
    assert behind.margin == pytest.approx(12_000.0)
    rich = Position(LONG, 60_000.0, 20.0, 6e4, MarginMode.CROSS, 60_000.0)
    assert liquidation(rich, BINANCE, table).price is None


def test_an_inverse_long_at_one_has_an_end_and_its_short_has_none() -> None:
    coin = Instrument("binance", "BTC", "USD", "BTC", contract=Contract.INVERSE)
    table = brackets_for(coin, 60_000.0)
    assert liquidation(Position(SHORT, 60_000.0, 1.0), coin, table).price is None
    found = liquidation(Position(LONG, 60_000.0, 1.0), coin, table).price
    assert found is not None
    assert 30_000 < found < 31_000


def test_more_leverage_than_a_venue_allows_is_refused_by_name() -> None:
    with pytest.raises(PositionRefused, match=r"Binance allows 20x at most at \$200K; 50x"):
        liquidation(Position(LONG, 60_000.0, 50.0, 2e5), BINANCE, TWO)


@pytest.mark.parametrize(
    ("entry", "leverage"), [(60.0, 20.0), (2e6, 20.0), (60_000.0, 0.5), (60_000.0, 900.0)]
)
def test_what_can_only_be_a_slip_is_refused(entry: float, leverage: float) -> None:
    with pytest.raises(PositionRefused):
        sane(Position(LONG, entry, leverage), 60_000.0)


@given(
    venue=st.sampled_from(VENUES),
    side=st.sampled_from([LONG, SHORT]),
    leverage=st.floats(1.0, 40.0),
    value=st.floats(100.0, 5e6),
    entry=st.floats(0.0001, 100_000.0),
)
def test_at_its_price_what_is_left_is_the_maintenance_margin(
    venue: str, side: PositionSide, leverage: float, value: float, entry: float
) -> None:
    market = Instrument(venue, "BTC", "USDT", "USDT")
    table = brackets_for(market, entry)
    assume(leverage <= float(table.max_leverage[int(table.at(floats([value]))[0])]))
    found = liquidation(Position(side, entry, leverage, value), market, table)
    assume(found.price is not None and found.rule.family is Family.AT_LIQUIDATION)
    assert found.price is not None
    quantity = value / entry
    left = value / leverage + side.value * quantity * (found.price - entry)
    then = quantity * found.price
    deduction = float(table.deduction[found.bracket - 1]) if found.rule.deduction else 0.0
    needed = then * (found.maintenance_margin_rate + found.rule.fee) - deduction
    assert left == pytest.approx(needed, rel=1e-9, abs=1e-9 * value)
    if found.rule.deduction:
        assert found.bracket == int(table.at(floats([then]))[0]) + 1


@given(st.floats(1.5, 100.0), st.sampled_from([LONG, SHORT]), st.floats(0.005, 0.3))
def test_the_leverage_that_is_named_outlives_the_stop_and_the_next_one_does_not(
    leverage: float, side: PositionSide, away: float
) -> None:
    position, table = Position(side, 60_000.0, leverage), brackets_for(BINANCE)
    stop = 60_000.0 * (1 - side.value * away)
    named = leverage_for(position, BINANCE, table, stop)
    assume(named >= 1)

    def outlives(tried: float) -> bool:
        found = liquidation(Position(side, 60_000.0, tried), BINANCE, table).price
        return found is None or (stop - found) * side.value > 0

    assert outlives(named)
    assert named + 1 > leverage or not outlives(named + 1)


def test_more_leverage_is_never_safer() -> None:
    table = brackets_for(BINANCE)
    ends = [
        liquidation(Position(LONG, 60_000.0, float(each)), BINANCE, table).price
        for each in range(2, 100)
    ]
    assert np.all(np.diff(floats([end or 0.0 for end in ends])) > 0)
