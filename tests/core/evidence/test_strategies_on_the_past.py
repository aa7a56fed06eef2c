"""Trades are entered when something was known, leave at the worse of two ends, and pay costs."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.arrays import DAY, HOUR, MINUTE, Floats
from bot.core.evidence.backtest import COST, Backtest, Trade, _drawdown, backtest, plans
from bot.core.evidence.base import Range
from bot.core.evidence.strategies import verdict
from bot.core.market.liquidations import PositionSide
from bot.core.market.series import Candles
from bot.core.signals.episode import Episode, Kind, Way
from bot.core.signals.events import Zone
from bot.core.signals.magnet import BEFORE
from tests.support.setups import strategy_reading

BAR = 15 * MINUTE
FLAT = 4 * 96  # bars


def candles(close: Floats, spread: float = 0.0) -> Candles:
    opened = np.concatenate((close[:1], close[:-1]))
    return Candles(
        np.arange(len(close), dtype=np.int64) * BAR,
        opened,
        np.maximum(opened, close) * (1 + spread),
        np.minimum(opened, close) * (1 - spread),
        close,
        np.ones(len(close)),
        None,
        BAR,
    )


def setup(bar: int, price: float = 100.0, stop: float = 98.0, target: float = 105.0) -> Episode:
    """A sweep of longs that became a setup by the end of a bar."""
    time = (bar + 1) * BAR
    zone = Zone(PositionSide.SHORT, target, target * 1.005, 1e6)
    return Episode(
        Kind.SWEEP, "m", "setup", time - HOUR, time, price, price, Way.UP, None, zone, stop
    )


def tried(after: Floats, *, spread: float = 0.0, bar: int = FLAT - 1) -> Backtest:
    """Trade one setup at 100 after days of quiet; `after` are the closes that follow."""
    quiet = 100 * np.exp(np.random.default_rng(2).normal(0, 1e-4, FLAT))
    quiet[-1] = 100.0
    rest = np.full(2 * 96, after[-1])
    market = candles(np.concatenate((quiet, after, rest)), spread)
    return backtest(Kind.SWEEP, "m", market, [setup(bar)])


def test_a_trade_leaves_a_little_before_the_target_and_pays_both_ways() -> None:
    found = tried(np.array([101.0, 103.0, 106.0]))
    (trade,) = found.trades
    assert (trade.why, trade.entry, trade.sign) == ("target", 100.0, 1)
    assert trade.exit == pytest.approx(105.0 * (1 - BEFORE))
    assert trade.net == pytest.approx(trade.exit / 100 - 1 - 2 * COST)
    assert trade.exited == trade.entered + 3 * BAR


def test_a_trade_leaves_at_its_stop_or_where_the_price_opens_beyond_it() -> None:
    assert tried(np.array([99.0, 97.5])).trades[0].exit == pytest.approx(98.0)
    quiet = np.full(FLAT, 100.0) * np.exp(np.random.default_rng(2).normal(0, 1e-4, FLAT))
    quiet[-1] = 100.0
    market = candles(np.concatenate((quiet, np.full(100, 95.0))))
    gap = market.open.copy()
    gap[FLAT] = 96.0  # opens beyond
    columns = market.open_time, gap, np.maximum(market.high, gap), market.low, market.close
    time, opened, high, low, close = columns
    high = high.copy()
    high[FLAT] = 96.0
    jumped = Candles(time, opened, high, low, close, np.ones(len(close)), None, BAR)
    (trade,) = backtest(Kind.SWEEP, "m", jumped, [setup(FLAT - 1)]).trades
    assert trade.why == "stop"
    assert trade.exit == pytest.approx(96.0)


def test_of_a_stop_and_a_target_in_one_bar_the_stop_is_believed() -> None:
    (trade,) = tried(np.array([100.0]), spread=0.08).trades
    assert (trade.why, trade.net < 0) == ("stop", True)


def test_a_trade_without_either_is_out_when_its_time_is_over() -> None:
    (trade,) = tried(np.array([101.0])).trades
    assert trade.why == "time"
    assert trade.exit == pytest.approx(101.0)
    assert trade.exited - trade.entered == DAY


def test_a_trade_whose_end_is_not_known_yet_is_none() -> None:
    quiet = np.full(FLAT, 100.0)
    assert backtest(Kind.SWEEP, "m", candles(quiet), [setup(FLAT - 5)]).trades == ()


def test_a_setup_that_price_has_run_past_is_not_traded() -> None:
    past = [setup(9, price=97.0), setup(9, price=106.0), setup(9)]
    assert len(plans(Kind.SWEEP, past[:1])) == len(plans(Kind.SWEEP, past[1:2])) == 0
    assert len(plans(Kind.SWEEP, past[2:])) == 1
    assert plans(Kind.MAGNET, past) == []


def test_random_entries_have_no_edge_and_lose_the_costs() -> None:
    rng = np.random.default_rng(9)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.002, 120 * 96)))
    market = candles(close, 0.0005)
    bars = rng.choice(np.arange(5 * 96, 115 * 96, 150), 60, replace=False)
    told = [
        setup(int(bar), close[bar], close[bar] * 0.98, close[bar] * 1.02) for bar in np.sort(bars)
    ]
    found = backtest(Kind.SWEEP, "m", market, told)
    assert found.enough
    assert found.random == pytest.approx(-2 * COST, abs=0.004)
    assert found.edge.low < 0 < found.edge.high
    assert found.drawdown > 0


def test_a_strategy_that_knows_the_future_is_found_out() -> None:
    rng = np.random.default_rng(9)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.002, 120 * 96)))
    market = candles(close)
    rises = [bar for bar in range(5 * 96, 110 * 96, 200) if close[bar + 40] > close[bar] * 1.01]
    told = [setup(bar, close[bar], close[bar] * 0.97, close[bar] * 1.01) for bar in rises]
    found = backtest(Kind.SWEEP, "m", market, told)
    assert found.enough
    assert found.edge.low > 0
    assert math.isclose(found.wins, np.mean([trade.net > 0 for trade in found.trades]))


def cascade(time: int, price: float, *, ended: int, target: float = 90.0) -> list[Episode]:
    """A fall that was confirmed at some second, and its end."""
    zone = Zone(PositionSide.LONG, target * 0.995, target, 1e6)
    began = Episode(
        Kind.CASCADE, "m", "cascade", time - MINUTE, time, price, 100.0, Way.DOWN, None, zone
    )
    return [began, replace(began, phase="over", time=ended, ended=ended)]


def test_what_is_known_within_a_bar_is_traded_at_its_close_and_not_at_the_one_before() -> None:
    quiet = 100 * np.exp(np.random.default_rng(2).normal(0, 1e-4, FLAT))
    close = np.concatenate((quiet, [97.0, 96.0, 95.0], np.full(200, 95.0)))
    market = candles(close)
    known = int(market.close_time[FLAT]) - 7 * MINUTE  # while the bar that closes at 97 goes on
    told = cascade(known, 98.5, ended=known + 25 * MINUTE)
    (trade,) = backtest(Kind.CASCADE, "m", market, told).trades
    assert trade.entry == 97.0
    assert trade.entered == market.close_time[FLAT]
    assert trade.sign == -1


@pytest.mark.parametrize(
    ("price", "lasts", "target"),
    [
        (98.5, 3 * MINUTE, 90.0),  # over before its bar closes
        (98.5, 40 * MINUTE, 97.2),  # the target is behind by then
        (99.99, 40 * MINUTE, 90.0),  # the same, but for its stop: see below
    ],
)
def test_what_is_over_or_passed_by_the_end_of_its_bar_is_not_traded(
    price: float, lasts: int, target: float
) -> None:
    quiet = 100 * np.exp(np.random.default_rng(2).normal(0, 1e-4, FLAT))
    after = 101.0 if price > 99 else 97.0  # above where the fall began: it was none
    market = candles(np.concatenate((quiet, np.full(200, after))))
    known = int(market.close_time[FLAT]) - 7 * MINUTE
    told = cascade(known, price, ended=known + lasts, target=target)
    assert backtest(Kind.CASCADE, "m", market, told).trades == ()


def test_a_magnet_is_left_when_its_cluster_thins_out_but_random_entries_are_not_cut_short() -> None:
    market = candles(np.concatenate((np.full(FLAT, 100.0), np.linspace(100, 101, 300))))
    entered = setup(FLAT - 1)
    magnet = replace(entered, kind=Kind.MAGNET, phase="draws")
    gone = replace(magnet, phase="dissolved", time=magnet.time + 3 * HOUR)
    thin = replace(gone, ended=gone.time)
    (left,) = backtest(Kind.MAGNET, "m", market, [magnet, thin]).trades
    assert left.exited == thin.ended
    wrong = replace(thin, phase="wrong")
    (held,) = backtest(Kind.MAGNET, "m", market, [magnet, wrong]).trades
    assert held.exited > left.exited


def test_random_entries_lie_between_their_bounds_after_each_trade() -> None:
    rng = np.random.default_rng(9)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.002, 120 * 96)))
    market = candles(close, 0.0005)
    bars = np.arange(5 * 96, 115 * 96, 300)
    told = [setup(int(b), close[b], close[b] * 0.98, close[b] * 1.02) for b in bars]
    found = backtest(Kind.SWEEP, "m", market, told)
    low, high = np.array(found.random_low), np.array(found.random_high)
    assert len(low) == len(high) == len(found.trades)
    assert (low < high).all()
    mean = found.random * np.arange(1, len(low) + 1)
    assert ((low < mean) & (mean < high)).all()
    assert (np.diff(high - low) > 0).mean() > 0.9  # chance adds up


def test_every_trade_is_set_beside_some_time_even_on_the_first_day() -> None:
    close = 100 * np.exp(np.cumsum(np.random.default_rng(9).normal(0, 0.002, 40 * 96)))
    early = setup(20, close[20], close[20] * 0.97, close[20] * 1.03)
    found = backtest(Kind.SWEEP, "m", candles(close), [early])
    assert found.edge.value == pytest.approx(found.expectancy.value - found.random)


@given(st.lists(st.floats(-0.1, 0.1), min_size=1, max_size=40))
def test_the_deepest_fall_is_that_of_the_equity_that_is_drawn(nets: list[float]) -> None:
    trades = tuple(Trade(1, 0, 1.0, 1, 1.0, "time", net) for net in nets)
    made = replace(
        strategy_reading(1), backtest=replace(strategy_reading(1).backtest, trades=trades)
    )
    sums = np.array(made.equity)
    fall = max((sums[:n].max() - value for n, value in enumerate(sums, 1)), default=0.0)
    assert _drawdown(np.array(nets)) == pytest.approx(fall)


def test_a_verdict_takes_ten_trades_and_a_range_that_leaves_nothing_out() -> None:
    many, few = strategy_reading(30).backtest, strategy_reading(4).backtest
    assert verdict(few) == "too few to say (4 trades)"
    for low, high, said in ((0.1, 0.2, "better"), (-0.2, -0.1, "worse"), (-0.1, 0.1, "no better")):
        assert verdict(replace(many, edge=Range(0.0, low, high))) == f"{said} than chance"
