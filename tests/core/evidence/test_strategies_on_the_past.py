"""Trades are entered when something was known, leave at the worse of two ends, and pay costs."""

import math

import numpy as np
import pytest

from bot.core.arrays import DAY, HOUR, MINUTE, Floats
from bot.core.evidence.backtest import COST, Backtest, backtest, plans
from bot.core.market.liquidations import PositionSide
from bot.core.market.series import Candles
from bot.core.signals.episode import Episode, Kind, Way
from bot.core.signals.events import Zone
from bot.core.signals.magnet import BEFORE

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
