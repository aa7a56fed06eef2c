"""What must hold in every simulated market, of every style and seed."""

import dataclasses

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.core.arrays import DAY, HOUR, MINUTE
from bot.core.simulation import accounts
from bot.core.simulation.market import START, Market
from bot.core.simulation.simulate import simulate
from bot.core.simulation.styles import ALT, CHOP, CRASH, MAJOR, STYLES, Style, style_brackets
from bot.core.simulation.traders import HABITS, Habit, leaning
from bot.core.simulation.views import observed, positions, true_map

seeds = st.integers(0, 2**32 - 1)
styles = st.sampled_from(list(STYLES.values()))
few = settings(max_examples=15, deadline=None)


def forced_share(market: Market) -> float:
    """Value liquidated, as a share of the open interest it lives about."""
    liquidated = market.record.liquidations(0, market.time)
    return float(liquidated.value.sum()) / market.target


@few
@given(styles, seeds)
def test_every_long_has_a_short_and_both_are_the_open_interest(style: Style, seed: int) -> None:
    market = Market(style, seed)
    for _ in range(60):
        market.step()
        held = positions(market)
        longs = held.quantity[held.side > 0].sum()
        shorts = held.quantity[held.side < 0].sum()
        assert longs == pytest.approx(shorts, rel=1e-9)
        assert longs == pytest.approx(market.open_interest, rel=1e-9)
    published = observed(market, START).open_interest
    assert published is not None
    assert published.quantity[-1] == market.open_interest


@few
@given(styles, seeds)
def test_no_position_outlives_its_liquidation_price(style: Style, seed: int) -> None:
    market = Market(style, seed)
    for _ in range(120):
        market.step()
        held = positions(market)
        level = held.liquidation_price
        assert not np.any((held.side > 0) & (level >= market.price))
        assert not np.any((held.side < 0) & (level <= market.price))


@few
@given(styles, seeds)
def test_no_money_appears_or_is_lost(style: Style, seed: int) -> None:
    market = Market(style, seed)
    market.step(200)
    brought = market.ledger.deposited + market.dealers.deposited
    left = accounts.equity(market.book, market.price) + float(market.dealers.wallet.sum())
    gone = market.ledger.withdrawn + market.ledger.insurance
    assert left + gone == pytest.approx(brought, rel=1e-9)


@few
@given(styles, seeds)
def test_no_seed_makes_a_market_that_nobody_would_believe(style: Style, seed: int) -> None:
    market = Market(style, seed)
    market.step(288)
    history = observed(market, START)
    assert history.open_interest is not None
    assert history.funding is not None
    worth = history.open_interest.quantity * history.candles.close / market.target
    assert worth.min() > 0.3
    assert worth.max() < 1.6
    day = np.log(history.candles.high.max() / history.candles.low.min())
    assert 0.1 * style.volatility < day < 20 * style.volatility
    assert np.all(history.candles.volume > 0)
    assert np.all(np.abs(history.funding.rate) < 0.0075)
    assert 1000 < market.book.count < 9000
    assert forced_share(market) < 0.5


@few
@given(styles, seeds)
@example(MAJOR, 2181247)  # a level that came to the price, and was filled beside it
def test_candles_join_and_hold_every_liquidation(style: Style, seed: int) -> None:
    market = Market(style, seed)
    market.step(150)
    candles = observed(market, START).candles
    assert np.array_equal(candles.open[1:], candles.close[:-1])
    assert candles.taker_buy_volume is not None
    assert np.all(candles.taker_buy_volume < candles.volume)
    truth = market.record.liquidations(START, market.time)
    bar = (truth.time - START) // candles.interval
    assert np.all(truth.price <= candles.high[bar] * (1 + 1e-12))
    assert np.all(truth.price >= candles.low[bar] * (1 - 1e-12))


@few
@given(seeds, st.integers(1, 59))
def test_a_market_does_not_depend_on_how_it_is_stepped_or_when_it_is_looked_at(
    seed: int, part: int
) -> None:
    once, looked_at = Market(MAJOR, seed), Market(MAJOR, seed)
    once.step(60)
    looked_at.step(part)
    early = observed(looked_at, START)
    positions(looked_at)
    looked_at.step(60 - part)
    assert np.array_equal(once.record.bars.rows, looked_at.record.bars.rows)
    assert np.array_equal(once.record.forced.rows, looked_at.record.forced.rows)
    late = observed(once, START).known_at(START + part * 5 * MINUTE)
    assert np.array_equal(early.candles.close, late.candles.close)
    assert np.array_equal(early.candles.volume, late.candles.volume)
    assert early.liquidations is not None
    assert late.liquidations is not None
    assert np.array_equal(early.liquidations.quantity, late.liquidations.quantity)


def test_a_forming_candle_grows_into_the_closed_one() -> None:
    market = Market(MAJOR, 5)
    market.step(3)
    opened = START + 10 * MINUTE
    closed = observed(market, START).candles
    volume = 0.0
    for seconds in range(15, 300, 15):
        forming = observed(market, START, opened + seconds * 1000).candles
        assert len(forming) == 3
        assert forming.open_time[-1] == opened
        assert forming.volume[-1] > volume
        assert closed.low[-1] <= forming.low[-1] <= forming.high[-1] <= closed.high[-1]
        assert np.array_equal(forming.close[:-1], closed.close[:-1])
        volume = forming.volume[-1]
    assert volume < closed.volume[-1]
    assert len(observed(market, START, opened + 14_000).candles) == 2


def test_another_seed_is_another_market_and_another_style_too() -> None:
    closes = [
        simulate(style, seed, 30).history.candles.close / STYLES[style].price
        for style, seed in (("major", 1), ("major", 2), ("chop", 1), ("alt", 1))
    ]
    for place, close in enumerate(closes):
        for other in closes[place + 1 :]:
            assert not np.allclose(close, other)


def test_the_feed_tells_at_most_one_order_a_second_and_far_from_all() -> None:
    market = simulate("crash", 1, 1500)
    told, truth = market.history.liquidations, market.liquidations
    assert told is not None
    assert len(np.unique(told.time // 1000)) == len(told)
    assert 0.1 < told.value.sum() / truth.value.sum() < 0.7
    for side in (1, -1):
        assert told.value[told.side == side].sum() < truth.value[truth.side == side].sum()
    assert "one order a second" in market.history.liquidation_feed


def test_a_simulated_history_says_that_it_is_one() -> None:
    history = simulate("alt", 1, 12).history
    assert history.simulated
    assert "simulated" in history.liquidation_feed
    assert history.instrument.exchange.startswith("sim")
    assert history.known_at(START + HOUR).simulated


def test_longer_candles_are_the_shorter_ones_put_together() -> None:
    short = simulate("major", 3, 36).history.candles
    long = simulate("major", 3, 12, 15 * MINUTE).history.candles
    assert long.interval == 15 * MINUTE
    assert np.array_equal(long.open, short.open[::3])
    assert np.array_equal(long.close, short.close[2::3])
    assert np.array_equal(long.high, short.high.reshape(-1, 3).max(axis=1))
    assert long.volume == pytest.approx(short.volume.reshape(-1, 3).sum(axis=1))


def test_one_minute_candles_come_of_a_market_stepped_by_the_minute() -> None:
    market = simulate("major", 3, 240, MINUTE)
    assert market.history.candles.interval == MINUTE
    assert len(market.history.candles) == 240
    assert 0.0002 < np.diff(np.log(market.history.candles.close)).std() < 0.002


def test_snapshots_are_the_truth_at_the_times_asked_for() -> None:
    noon = START + 12 * HOUR
    market = simulate("major", 7, 288, snapshots=[noon + 1000])
    assert [snapshot.time for snapshot in market.snapshots] == [noon, START + DAY]
    at_noon = Market(MAJOR, 7)
    at_noon.step(144)
    kept = market.positions_at(noon)
    assert np.array_equal(
        kept.liquidation_price, positions(at_noon).liquidation_price, equal_nan=True
    )
    assert market.snapshots[0].price == market.history.candles.close[143]
    with pytest.raises(KeyError):
        market.positions_at(noon + 1000)


def test_the_true_map_holds_each_position_once_with_longs_below_and_shorts_above() -> None:
    market = simulate("major", 2, 300)
    held, price = market.snapshots[-1].positions, market.snapshots[-1].price
    edges = price * np.exp(np.linspace(-0.5, 0.5, 1001))
    longs, shorts = true_map(held, edges)
    below = edges[1:] <= price
    above = edges[:-1] >= price
    assert longs[~below].sum() == pytest.approx(0.0, abs=longs.max())
    assert longs[above].sum() == 0.0
    assert shorts[below].sum() == 0.0
    level = held.liquidation_price
    inside = (held.side > 0) & (level >= edges[0]) & (level < edges[-1])
    assert longs.sum() == pytest.approx((held.quantity * level)[inside].sum())
    whole = market.snapshots[-1].open_interest * price
    assert 0.05 * whole < longs.sum() < whole


def test_styles_differ_as_their_names_say() -> None:
    spread, reach = {}, {}
    for style in ("major", "alt", "chop"):
        closes = [simulate(style, seed, 600).history.candles.close for seed in range(3)]
        # Medians over a few seeds, so that no single lucky market decides.
        spread[style] = np.median([np.diff(np.log(close)).std() for close in closes])
        reach[style] = np.median([np.ptp(np.log(close)) for close in closes])
    assert spread["alt"] > 1.5 * spread["major"]
    assert reach["chop"] < reach["major"]
    assert style_brackets(ALT, 1e8).max_leverage[0] < style_brackets(CHOP, 1e8).max_leverage[0]


def test_sell_offs_liquidate_longs_and_empty_the_open_interest() -> None:
    sold_off = dataclasses.replace(CRASH, crashes=0.5, crash_size=-0.12, crash_time=HOUR)
    market = Market(sold_off, 11)
    market.step(2000)
    bars = market.record.bars.rows
    hourly = np.log(bars[11::12, 3] / bars[0:-11:12, 0])
    worst = int(np.argmin(hourly)) * 12
    truth = market.record.liquidations(
        START + worst * 5 * MINUTE, START + (worst + 12) * 5 * MINUTE
    )
    assert hourly.min() < -0.05
    assert truth.value[truth.side > 0].sum() > 5 * truth.value[truth.side < 0].sum()
    assert bars[worst + 12, 6] < 0.97 * bars[worst, 6]


@pytest.mark.parametrize("style", STYLES.values(), ids=lambda style: style.name)
def test_everybody_trades_at_a_stop_of_the_slider(style: Style) -> None:
    stops = {1, 1.5, 2, 3, 5, 7, 8, 10, 15, 20, 25, 50, 75, 100, 125}
    market = Market(style, 1)
    market.step(300)
    assert set(np.unique(market.book["leverage"]).tolist()) <= stops
    assert market.book["leverage"].max() <= style_brackets(style, 1e8).max_leverage.max()


@given(st.floats(0.3, 3.0), st.sampled_from(HABITS))
def test_liking_leans_until_so_many_times_the_leverage_is_usual(times: float, habit: Habit) -> None:
    choices, liking = np.array(habit.leverage), np.array(habit.liking)
    leant = leaning(choices, liking, times)
    assert leant.sum() == pytest.approx(1)
    usual = np.log(choices) @ liking / liking.sum()
    wanted = np.clip(usual + np.log(times), *np.log(choices[[0, -1]]))
    assert np.log(choices) @ leant == pytest.approx(wanted, abs=0.06)


def test_more_leverage_and_thinner_books_mean_more_liquidations() -> None:
    shares = {}
    for leverage in (0.5, 1.0, 2.0):
        markets = [Market(MAJOR, seed, leverage=leverage) for seed in range(3)]
        for market in markets:
            market.step(600)
        shares[leverage] = sum(forced_share(market) for market in markets)
    assert shares[0.5] < shares[1.0] < shares[2.0]


def test_a_larger_crowd_holds_as_much_in_smaller_pieces() -> None:
    usual, large = (simulate("major", 1, 50, crowd=crowd).snapshots[-1] for crowd in (1.0, 4.0))
    assert len(large.positions.side) > 3 * len(usual.positions.side)
    assert large.open_interest == pytest.approx(usual.open_interest, rel=0.15)
    assert large.positions.quantity.max() < usual.positions.quantity.max()


def test_a_venue_that_follows_another_trades_at_its_price() -> None:
    leader = Market(MAJOR, 1)
    follower = Market(MAJOR, 2, leader=leader, open_interest=4e8, leverage=1.4)
    with pytest.raises(ValueError, match="stepped past"):
        follower.step()
    for _ in range(10):
        leader.step(30)
        follower.step(30)
    basis = np.log(follower.record.bars.rows[:, 3] / leader.record.bars.rows[:, 3])
    assert np.abs(basis).max() < 0.005
    assert np.abs(np.median(basis)) < 0.001
    assert not np.array_equal(follower.record.forced.rows, leader.record.forced.rows)


def test_a_size_in_dollars_is_a_size_in_dollars_at_any_price() -> None:
    cheap = simulate("alt", 4, 100, price=0.00001, open_interest=2e7).history
    assert cheap.open_interest is not None
    assert 5e-6 < cheap.candles.close[-1] < 2e-5
    assert cheap.open_interest.quantity[-1] * cheap.candles.close[-1] == pytest.approx(2e7, rel=0.5)


def test_nonsense_is_refused() -> None:
    with pytest.raises(ValueError, match="whole minutes"):
        simulate("major", 1, 10, 90_000)
    with pytest.raises(ValueError, match="substeps"):
        Market(MAJOR, 1, start=START + 1)
    market = Market(MAJOR, 1)
    with pytest.raises(ValueError, match="whole number"):
        observed(market, START, interval=7 * MINUTE)
    assert len(observed(market, START).candles) == 0
