"""What must hold of the inventory, whatever the market does."""

import gc
import weakref
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.arrays import DAY, HOUR, MINUTE, floats
from bot.core.estimate.bars import bars
from bot.core.estimate.inventory import Inventory
from bot.core.estimate.market import start
from bot.core.estimate.parameters import LONG, SHORT
from bot.core.instruments import Contract, Instrument
from bot.core.market.history import MarketHistory
from bot.core.market.series import Candles, OpenInterest
from tests.support.walks import bin_of, bins_of, first_bars, scaled, wandering


def pushed(history: MarketHistory) -> Inventory:
    inventory = start(history)
    closed = bars(history)
    for at in range(len(closed)):
        inventory.push(closed, at)
    return inventory


def standing(inventory: Inventory) -> np.ndarray:
    """What stands on each side [contracts], bin by bin."""
    tiers = inventory.factor * inventory.weight
    return floats((inventory.stored * tiers[:, None]).sum(axis=(1, 2)))


def held(inventory: Inventory) -> np.ndarray:
    """What stands on each side, and what was swept and is not opened anew yet [contracts]."""
    return floats(standing(inventory) + inventory.vacant().sum(axis=1))


def falling(bars: int, *, keeps: bool = True) -> MarketHistory:
    """A price that stays, falls by a tenth in bar 95, and stays; and keeps its open interest."""
    history = wandering(bars=bars, interval=15 * MINUTE, volatility=1e-9)
    candles, told = history.candles, history.open_interest
    assert told is not None
    place = np.arange(len(candles))
    close = np.where(place < 95, 100.0, 90.0)
    opened = np.where(place <= 95, 100.0, 90.0)
    flat = Candles(
        candles.open_time,
        opened,
        np.maximum(opened, close),
        np.minimum(opened, close),
        close,
        np.full(len(candles), 10.0),
        None,
        candles.interval,
    )
    stays = told.time <= candles.open_time[95]
    quantity = np.where(stays | keeps, 100.0, 80.0)
    return replace(history, candles=flat, open_interest=OpenInterest(told.time, quantity))


walks = st.builds(
    wandering,
    seed=st.integers(0, 10_000),
    bars=st.integers(2, 150),
    interval=st.sampled_from([MINUTE, 5 * MINUTE, HOUR]),
    volatility=st.sampled_from([0.0002, 0.002, 0.02, 0.15]),
    contract=st.sampled_from(list(Contract)),
    interest=st.booleans(),
)


@settings(max_examples=60, deadline=None)
@given(walks)
def test_longs_and_shorts_each_sum_to_the_open_interest(history: MarketHistory) -> None:
    inventory = start(history)
    closed = bars(history)
    for at in range(len(closed)):
        inventory.push(closed, at)
        if history.open_interest is not None:
            assert inventory.held == closed.open_interest[at]
        for side in (LONG, SHORT):
            assert held(inventory)[side] == pytest.approx(inventory.free, rel=1e-9)
            both = inventory.sizes() + inventory.vacant()
            assert both[side].sum() == pytest.approx(inventory.free, rel=1e-9)
        assert inventory.vacant().min() >= 0


@settings(max_examples=60, deadline=None)
@given(walks)
def test_no_long_stands_above_the_price_and_no_short_below(history: MarketHistory) -> None:
    inventory = start(history)
    closed = bars(history)
    for at in range(len(closed)):
        inventory.push(closed, at)
        usd = inventory.total_usd(*bins_of(inventory))
        here = bin_of(inventory.mark) - inventory.first
        assert usd.min() >= 0
        assert not usd[LONG, here + 1 :].any()
        assert not usd[SHORT, :here].any()


@settings(max_examples=30, deadline=None)
@given(walks, st.data())
def test_what_was_said_at_a_time_is_said_again_bit_by_bit_from_the_data_up_to_then(
    history: MarketHistory, data: st.DataObject
) -> None:
    count = data.draw(st.integers(1, len(history.candles)))
    inventory = start(history)
    closed = bars(history)
    for at in range(count):
        inventory.push(closed, at)
    again = pushed(first_bars(history, count))
    assert again.first == inventory.first
    assert np.array_equal(again.stored, inventory.stored)
    assert np.array_equal(again.factor, inventory.factor)
    assert np.array_equal(again.lack, inventory.lack)


_SIZES = st.sampled_from([0.0, 1e-9, 1.0, 3e5, 1e15])


@st.composite
def odd_markets(draw: st.DrawFn) -> MarketHistory:
    """Few bars, with gaps, tenfold moves within a bar, and sizes from nothing to too much."""
    count = draw(st.integers(1, 12))
    time = np.cumsum(draw(st.lists(st.integers(1, 900), min_size=count, max_size=count)))
    lines = [draw(st.lists(st.floats(-3, 3), min_size=4, max_size=4)) for _ in range(count)]
    prices = np.exp(np.sort(np.array(lines), axis=1)).T
    volume = np.array([draw(_SIZES) for _ in range(count)])
    low, one, other, high = prices
    candles = Candles(time * HOUR, one, high, low, other, volume, None, HOUR)
    told = [draw(st.booleans()) for _ in range(count)]
    interest = OpenInterest(
        (candles.close_time + draw(st.integers(-HOUR, HOUR)))[told],
        np.array([draw(_SIZES) for _ in range(count)])[told],
    )
    return MarketHistory(Instrument("okx", "X", "USDT", "USDT"), candles, interest)


@settings(max_examples=100, deadline=None)
@given(odd_markets())
def test_no_market_is_too_odd_to_be_counted(history: MarketHistory) -> None:
    inventory = start(history)
    closed = bars(history)
    most = 0.0
    for at in range(len(closed)):
        inventory.push(closed, at)
        most = max(most, inventory.held)
    stands = held(inventory)
    assert np.isfinite(stands).all()
    assert inventory.stored.min() >= 0
    for side in (LONG, SHORT):
        # To rounding of the most that ever stood.
        assert stands[side] == pytest.approx(inventory.free, rel=1e-9, abs=1e-12 * most)


def test_where_all_is_closed_nothing_is_left_of_what_rounding_leaves() -> None:
    """A fall to nothing right after a sweep, and a little that is held again."""
    time = HOUR * np.array([1, 97, 98, 99, 100])
    still = np.ones(5)
    high = np.array([1.0, np.e, 1.0, np.e, 1.0])
    volume = np.array([3e5, 0.0, 0.0, 1e-9, 0.0])
    candles = Candles(time, still, high, still, still, volume, None, HOUR)
    told = OpenInterest(time[-1:] + 1, np.array([1e-9]))
    inventory = pushed(MarketHistory(Instrument("okx", "X", "USDT", "USDT"), candles, told))
    assert inventory.stored.min() >= 0
    assert (inventory.lack <= inventory.held).all()


def test_what_was_swept_is_opened_anew_as_slowly_as_its_tier_renews() -> None:
    """A fall of a tenth, then a week at one price: the dear tiers are back, the cheap ones not."""
    history = falling(bars=7 * 96)
    inventory, closed = start(history), bars(history)
    for at in range(96):
        inventory.push(closed, at)
    gone = inventory.lack[LONG] / inventory.held
    dear = inventory.parameters.leverage >= 25
    assert (gone[dear] > 0.8).all()
    assert (inventory.lack[SHORT] == 0).all()
    for at in range(96, len(closed)):
        inventory.push(closed, at)
    days = (len(closed) - 96) / 96
    life = inventory.parameters.lifetime[LONG] / DAY
    assert inventory.lack[LONG] / inventory.held == pytest.approx(
        gone * np.exp(-days / life), abs=1e-3
    )


def test_what_is_swept_and_leaves_the_open_interest_is_no_gap() -> None:
    left, stayed = (pushed(falling(bars=100, keeps=keeps)) for keeps in (False, True))
    assert (left.held, stayed.held) == (80, 100)
    since = np.exp(-HOUR / left.parameters.lifetime[LONG])
    fewer = np.maximum(stayed.lack[LONG] - 20 * since, 0)
    assert left.lack[LONG] == pytest.approx(fewer, abs=1e-3)
    assert fewer.max() > 40


def test_whatever_the_mix_each_side_sums_to_the_open_interest_and_the_state_is_the_same() -> None:
    history = wandering(bars=200, volatility=0.01)
    plain, other = start(history), start(history)
    closed = bars(history)
    for at in range(len(closed)):
        plain.push(closed, at)
        mix = np.random.default_rng(at).random(other.weight.shape)
        other.weight = 0.65 * mix / mix.sum(axis=1, keepdims=True)
        other.push(closed, at)
    assert held(other) == pytest.approx([other.free, other.free])
    assert np.array_equal(plain.stored, other.stored)
    assert np.array_equal(plain.response, other.response)


def test_of_the_first_bar_nothing_is_expected_since_nothing_was_known() -> None:
    history = wandering(bars=5, volatility=0.02)
    inventory, closed = start(history), bars(history)
    inventory.push(closed, 0)
    assert not inventory.response.any()
    inventory.push(closed, 1)
    assert inventory.swept().sum() > 0


def test_a_copy_moves_without_the_inventory_it_came_from() -> None:
    history = wandering(bars=40)
    closed = bars(history)
    inventory = pushed(first_bars(history, 30))
    before = inventory.stored.copy(), inventory.factor.copy(), list(inventory.nearest)
    lacked, swept = inventory.lack.copy(), inventory.response.copy()
    moved = inventory.copy()
    moved.push(closed, 30)
    assert np.array_equal(inventory.stored, before[0])
    assert np.array_equal(inventory.factor, before[1])
    assert inventory.nearest == before[2]
    assert np.array_equal(inventory.lack, lacked)
    assert np.array_equal(inventory.response, swept)
    assert not np.array_equal(moved.factor, before[1])
    assert not np.array_equal(moved.lack, lacked)


def test_an_inventory_may_leave_the_bars_it_was_on_for_others_and_come_back() -> None:
    history = wandering(bars=60)
    closed = bars(history)
    straight, wandered = pushed(history), start(history)
    for at in range(60):
        alone = bars(first_bars(history, at + 1), wandered.time if at else None)
        wandered.push(*((closed, at) if at % 3 else (alone, 0)))
    assert np.array_equal(straight.stored, wandered.stored)
    assert np.array_equal(straight.factor, wandered.factor)
    assert (straight.usual, straight.watched) == (wandered.usual, wandered.watched)


def test_an_inventory_does_not_keep_the_bars_it_was_pushed() -> None:
    history = wandering(bars=100)
    inventory, closed = start(history), bars(history)
    for at in range(100):
        inventory.push(closed, at)
    kept = weakref.ref(closed.open)
    del closed
    gc.collect()
    assert kept() is None


def test_twice_the_quantity_is_twice_the_dollars_to_the_last_bit() -> None:
    history = wandering(bars=120, volatility=0.01)
    one, two = pushed(history), pushed(scaled(history, size=2.0))
    assert np.array_equal(2 * one.total_usd(*bins_of(one)), two.total_usd(*bins_of(two)))


def test_a_thousand_of_a_coin_as_one_contract_gives_the_same_map_at_a_thousandfold_price() -> None:
    history = wandering(bars=120, volatility=0.01)
    step = float(np.exp(7 * 0.001))  # a whole number of bins, so that both grids agree
    one, other = pushed(history), pushed(scaled(history, price=step, size=1 / step))
    here, there = bin_of(one.mark), bin_of(other.mark)
    assert there == here + 7
    assert other.total_usd(there - 200, there + 200) == pytest.approx(
        one.total_usd(here - 200, here + 200), rel=1e-6, abs=1e-6 * one.interest
    )


def test_a_bar_that_falls_sweeps_longs_and_leaves_none_on_its_way() -> None:
    history = wandering(bars=50)
    inventory = pushed(history)
    price = inventory.price
    before = inventory.total_usd(*bins_of(inventory))[LONG]
    inventory.sweep(price, price - 30.0, price)
    longs, shorts = inventory.swept()
    after = inventory.total_usd(*bins_of(inventory))[LONG]
    assert shorts == 0
    assert longs > 0
    assert longs == pytest.approx(before.sum() - after.sum())
    reached = int(np.floor(price - 30.0)) - inventory.first
    assert not after[reached + 1 :].any()
    assert np.array_equal(after[:reached], before[:reached])


def test_the_bin_in_which_a_fall_ends_keeps_the_part_below() -> None:
    inventory = pushed(wandering(bars=50))
    price = inventory.price
    end = np.floor(price) - 20 + 0.25  # a quarter of its bin stays unreached
    place = int(np.floor(end))
    held = inventory.total_usd(place, place + 1)[LONG, 0]
    inventory.sweep(price, end, price)
    assert inventory.total_usd(place, place + 1)[LONG, 0] == pytest.approx(held / 4)


def test_going_the_same_way_twice_sweeps_nothing_more() -> None:
    inventory = pushed(wandering(bars=50))
    price = inventory.price
    inventory.sweep(price, price - 20.0, price + 20.0)
    inventory.price = price - 20.0
    inventory.sweep(price - 20.0, price - 20.0, price - 20.0)
    assert not inventory.swept().any()


def test_what_lies_in_a_gap_between_bars_is_gone_but_is_not_the_next_bars() -> None:
    inventory = pushed(wandering(bars=50))
    price = inventory.price
    jumped = inventory.copy()
    inventory.sweep(price, price - 40.0, price)
    jumped.sweep(price - 30.0, price - 40.0, price - 30.0)
    assert 0 < jumped.swept()[LONG] < inventory.swept()[LONG]
    low, high = bins_of(inventory)
    assert jumped.total_usd(low, high)[LONG] == pytest.approx(inventory.total_usd(low, high)[LONG])


def test_open_interest_that_begins_late_takes_over_from_the_turnover() -> None:
    history = wandering(bars=100)
    told = history.open_interest
    assert told is not None
    late = replace(history, open_interest=OpenInterest(told.time[60:], told.quantity[60:]))
    before, after = pushed(first_bars(late, 60)), pushed(first_bars(late, 61))
    assert not before.published
    assert before.held > 0
    assert after.published
    assert after.held == told.quantity[60]
    # What was guessed before is kept in shape: no wall of new positions at one price.
    here = bin_of(before.mark)
    shape = [each.total_usd(here - 100, here - 20)[LONG] for each in (before, after)]
    assert np.corrcoef(*shape)[0, 1] > 0.99


def test_open_interest_that_stops_is_held_where_it_was() -> None:
    history = wandering(bars=100)
    told = history.open_interest
    assert told is not None
    stopped = replace(history, open_interest=OpenInterest(told.time[:40], told.quantity[:40]))
    assert pushed(stopped).held == told.quantity[39]


def test_open_interest_published_within_a_bar_counts_from_its_close() -> None:
    history = wandering(bars=30, interval=15 * MINUTE)
    opened = int(history.candles.open_time[0])
    dense = np.arange(opened + 1, opened + 30 * 15 * MINUTE, 5 * MINUTE, dtype=np.int64)
    held = np.linspace(50_000, 60_000, len(dense))
    known = bars(replace(history, open_interest=OpenInterest(dense, held)))
    for at in range(len(known)):
        assert known.open_interest[at] == held[dense <= known.time[at]][-1]


def test_an_open_interest_of_nothing_leaves_nothing_and_can_come_back() -> None:
    history = wandering(bars=30)
    told = history.open_interest
    assert told is not None
    quantity = told.quantity.copy()
    quantity[10:15] = 0.0
    gone = replace(history, open_interest=OpenInterest(told.time, quantity))
    assert pushed(first_bars(gone, 12)).stored.any()  # once or twice may be a slip
    assert not pushed(first_bars(gone, 14)).stored.any()
    back = pushed(gone)
    assert (back.sizes() + back.vacant())[LONG].sum() == pytest.approx(back.free)


def test_a_price_that_leaves_the_grid_takes_the_inventory_along() -> None:
    history = wandering(bars=200, volatility=0.03, seed=5)
    inventory = pushed(history)
    low, high = float(history.candles.low.min()), float(history.candles.high.max())
    assert np.log(high / low) > 0.5  # the walk is one that has to lay the grid anew
    assert held(inventory) == pytest.approx([inventory.free, inventory.free])


def test_positions_age_by_turnover() -> None:
    quiet = wandering(bars=101)
    told = quiet.open_interest
    assert told is not None
    quiet = replace(quiet, open_interest=replace(told, quantity=np.full(101, 50_000.0)))
    busy = quiet
    volume = busy.candles.volume.copy()
    volume[100] *= 8
    busy = replace(busy, candles=replace(busy.candles, volume=volume))
    slow, fast = pushed(quiet), pushed(busy)
    assert (fast.factor < slow.factor).all()
