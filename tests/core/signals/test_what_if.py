"""A move forces positions out, and they push the price on as far as the book lets them."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.estimate.maps import STEP, LiquidationMap
from bot.core.market.liquidations import PositionSide
from bot.core.signals.events import Zone
from bot.core.signals.whatif import MOST_LINKS, what_if

HERE = int(np.log(100.0) / STEP)
BINS = 400


def map_of(long_usd: float = 1e6, short_usd: float = 1e6) -> LiquidationMap:
    """So much in every bin below and above a price of about 100."""
    first = HERE - BINS // 2
    places = np.arange(BINS) + first
    long, short = np.where(places < HERE, long_usd, 0.0), np.where(places > HERE, short_usd, 0.0)
    price = float(np.exp(STEP * (HERE + 0.5)))
    return LiquidationMap(
        0, price, first, long, short, np.array((long / 2, long * 2)), np.array((short / 2, short))
    )


def test_the_move_itself_liquidates_what_stands_on_its_way() -> None:
    found = what_if(map_of(), -0.02, None)
    assert found.side is PositionSide.LONG
    assert found.first.usd == pytest.approx(1e6 * (-np.log(0.98) / STEP - 0.5), rel=1e-3)
    assert found.first.low == pytest.approx(found.first.usd / 2)
    assert found.first.high == pytest.approx(found.first.usd * 2)
    assert not found.chain
    assert not found.measured
    assert found.end == found.asked == pytest.approx(found.price * 0.98)


def test_forced_orders_push_the_price_into_the_next_ones() -> None:
    # Each million moves the price by a twentieth of a percent: half of what is forced out again.
    found = what_if(map_of(), 0.01, lambda usd: 5e-4 * usd / 1e6)
    ends = [found.first.end, *(link.end for link in found.chain)]
    assert ends == sorted(ends)
    sums = [found.first.usd, *(link.usd for link in found.chain)]
    for one, next_ in pairwise(sums):
        assert next_ == pytest.approx(one / 2, rel=0.05)
    assert found.usd == pytest.approx(sum(sums))
    assert 2 <= len(found.chain) < MOST_LINKS


def test_a_deep_book_ends_the_chain_at_once_and_a_thin_one_never() -> None:
    assert not what_if(map_of(), -0.02, lambda _usd: 1e-6).chain
    runaway = what_if(map_of(), -0.05, lambda usd: 2e-3 * usd / 1e6)
    assert runaway.beyond
    assert len(runaway.chain) <= MOST_LINKS


def test_the_next_zone_is_the_nearest_beyond_the_end() -> None:
    near, far = Zone(PositionSide.LONG, 97.5, 98.5, 1e7), Zone(PositionSide.LONG, 93, 94, 1e8)
    other = Zone(PositionSide.SHORT, 102, 103, 1e9)
    assert what_if(map_of(), -0.03, None, (near, far, other)).next_zone == far
    assert what_if(map_of(), -0.001, None, (near, far, other)).next_zone == near
    assert what_if(map_of(), -0.10, None, (near, far, other)).next_zone is None


@pytest.mark.parametrize("move", [0.0, -1.0, -2.0])
def test_no_move_is_no_question(move: float) -> None:
    with pytest.raises(ValueError, match="a move is"):
        what_if(map_of(), move, None)


@given(st.floats(-0.15, 0.15).filter(lambda move: abs(move) > 1e-4), st.floats(0, 1e-3))
def test_a_larger_move_never_forces_out_less(move: float, thin: float) -> None:
    def push(usd: float) -> float:
        return thin * usd / 1e6

    small, large = what_if(map_of(), move / 2, push), what_if(map_of(), move, push)
    assert large.first.usd >= small.first.usd
    assert 0 <= large.first.low <= large.first.usd <= large.first.high
    assert len(large.chain) <= MOST_LINKS
