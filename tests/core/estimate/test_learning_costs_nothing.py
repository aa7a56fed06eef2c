"""What is learnt foretells no worse than what was assumed: on known markets and on recordings."""

from pathlib import Path

import numpy as np
import pytest

from bot.core.arrays import DAY, MINUTE
from bot.core.estimate.market import MarketEstimate
from bot.core.judge.scores import TruthScore
from bot.core.judge.truth import compare, mean_score
from bot.core.simulation.market import START
from bot.core.simulation.simulate import SimulatedMarket, simulate
from bot.exchanges.replay import read_market
from tests.support.learning import TOLERANCE, gains, silent

DAYS = 18
STYLES = ("major", "alt", "chop", "trend", "crash")
RECORDINGS = ("binance-btc-2024-06", "binance-btc-2025-12", "binance-eth-2024-06")

# What learning may cost the correlation with positions of two dozen zones, which say little.
COST = 0.015
# What the sum of all reports may be missed by, for nothing is learnt before the first ones came.
MISSED = 1.1


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
    for gain in gains(simulated.history):
        for measure, figure in gain.ranked.items():
            assert figure.value >= -TOLERANCE[measure], (gain.side, measure, figure)
            assert figure.high >= 0, f"{gain.side} are surely foretold worse: {measure} {figure}"


def test_positions_of_a_simulated_market_are_told_no_worse(simulated: SimulatedMarket) -> None:
    plain, taught = (truth(simulated, learning=learning) for learning in (False, True))
    gain = [after.pearson - before.pearson for before, after in zip(plain, taught, strict=True)]
    assert np.mean(gain) > -COST
    off = [[abs(np.log(each.usd)) for each in scores] for scores in (plain, taught)]
    assert np.mean(off[1]) < np.mean(off[0]) + 0.05


@pytest.mark.parametrize("name", RECORDINGS)
def test_hours_of_a_recorded_market_are_foretold_no_worse(shared: Path, name: str) -> None:
    history = read_market(shared / "data" / "replay" / name)
    for gain in gains(history):
        for measure, figure in gain.ranked.items():
            assert figure.value >= -TOLERANCE[measure], (gain.side, measure, figure)
            assert figure.high >= 0, f"{gain.side} are surely foretold worse: {measure} {figure}"
        learnt, plain = (max(usd, 1 / usd) for usd in gain.usd)
        assert learnt <= max(plain, MISSED), f"{gain.side}: USD as reported x{gain.usd[0]:.2f}"
