"""What is learnt foretells no worse than what was assumed: on known markets and on recordings."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bot.core.arrays import DAY, MINUTE
from bot.core.estimate.market import MarketEstimate
from bot.core.judge.report import interval_moves
from bot.core.judge.scores import Score, TruthScore, score
from bot.core.judge.truth import compare, mean_score
from bot.core.judge.walk import by_interval, realised, walk
from bot.core.market.history import MarketHistory
from bot.core.simulation.market import START
from bot.core.simulation.simulate import SimulatedMarket, simulate
from bot.exchanges.replay import read_market

# Spearman that learning may cost: a tenth of what the hours of such a set leave to chance.
COST = 0.005
DAYS = 18
STYLES = ("major", "alt", "chop", "trend", "crash")
RECORDINGS = ("binance-btc-2024-06", "binance-btc-2025-12", "binance-eth-2024-06")


def silent(history: MarketHistory) -> MarketHistory:
    """The same market, of which no liquidation was ever published."""
    return replace(history, liquidations=None, liquidation_totals=None, heard=None)


def foretold(history: MarketHistory, *, learning: bool) -> list[Score]:
    """Scores of longs and of shorts, with what was learnt on the way or without."""
    actual = realised(history)
    assert actual is not None
    forecasts = walk(history if learning else silent(history))
    told, filled = by_interval(forecasts.time, forecasts.usd, actual)
    moves, _ = interval_moves(history.candles, actual)
    return [score(told[side], actual.usd[side, filled], moves[side]) for side in (0, 1)]


@pytest.fixture(scope="module", params=STYLES)
def simulated(request: pytest.FixtureRequest) -> SimulatedMarket:
    looks = tuple(START + day * DAY for day in (10, 14, DAYS))
    return simulate(request.param, 3, DAYS * DAY // (5 * MINUTE), snapshots=looks, crowd=2.0)


def truth(market: SimulatedMarket, *, learning: bool) -> list[TruthScore]:
    """Scores against the positions that stood, of longs and of shorts."""
    history = market.history if learning else silent(market.history)
    pairs = [
        compare(MarketEstimate.of(history, as_of=look.time).map(), look.positions)
        for look in market.snapshots[1:]
    ]
    return [mean_score([pair[side] for pair in pairs]) for side in (0, 1)]


def test_hours_of_a_simulated_market_are_foretold_no_worse(simulated: SimulatedMarket) -> None:
    plain, taught = (foretold(simulated.history, learning=learning) for learning in (False, True))
    assert (
        np.mean(
            [after.partial - before.partial for before, after in zip(plain, taught, strict=True)]
        )
        > -COST
    )


def test_positions_of_a_simulated_market_are_told_no_worse(simulated: SimulatedMarket) -> None:
    plain, taught = (truth(simulated, learning=learning) for learning in (False, True))
    gain = [after.pearson - before.pearson for before, after in zip(plain, taught, strict=True)]
    assert np.mean(gain) > -3 * COST  # two dozen zones say less than hundreds of hours
    off = [[abs(np.log(each.usd)) for each in scores] for scores in (plain, taught)]
    assert np.mean(off[1]) < np.mean(off[0]) + 0.05


@pytest.mark.parametrize("name", RECORDINGS)
def test_hours_of_a_recorded_market_are_foretold_no_worse(shared: Path, name: str) -> None:
    history = read_market(shared / "data" / "replay" / name)
    plain, taught = (foretold(history, learning=learning) for learning in (False, True))
    for before, after in zip(plain, taught, strict=True):
        assert after.partial > before.partial - COST
        assert after.rho > before.rho - COST
