"""What learning adds to a market's map: the same days foretold with it and by the prior alone."""

from dataclasses import dataclass, replace

import numpy as np

from bot.core.arrays import Floats, Times, floats
from bot.core.judge.bootstrap import Figure, correlation, figure, partial, ranks, weights
from bot.core.judge.report import interval_moves
from bot.core.judge.walk import by_interval, realised, walk
from bot.core.market.history import MarketHistory

SIDES = ("longs", "shorts")
BIGGEST = 0.9  # the biggest moves are those of the upper tenth

# What one walk of two that tell the same apart may be ahead by: the ranges of their difference, of
# days drawn again, reach as far on the recordings (`python -m tests.benchmarks contributions`).
TOLERANCE = {"rho": 0.001, "partial": 0.001, "biggest": 0.005}


@dataclass(frozen=True, slots=True)
class Gain:
    """What learning adds on one side; ranges hold 90 % of what days drawn again say."""

    side: str
    rho: Figure  # Spearman of forecast and reported liquidations
    partial: Figure  # the same given the size of the move
    biggest: Figure  # the same within the tenth of biggest moves
    usd: tuple[float, float]  # as the feed would report it over reported: learnt, prior alone

    @property
    def ranked(self) -> dict[str, Figure]:
        """The gains in rank, by measure."""
        return {"rho": self.rho, "partial": self.partial, "biggest": self.biggest}


def silent(history: MarketHistory) -> MarketHistory:
    """The same market, of which no liquidation was ever published."""
    return replace(history, liquidations=None, liquidation_totals=None, heard=None)


def gains(history: MarketHistory) -> list[Gain]:
    """Walk a market with learning and without, and compare on the same days; longs, shorts."""
    actual = realised(history)
    assert actual is not None
    learnt, plain = walk(history), walk(silent(history))
    moves, _ = interval_moves(history.candles, actual)
    sums, found = [], []
    for forecasts in (learnt, plain):
        expected, filled = by_interval(forecasts.time, forecasts.usd, actual)
        told, _ = by_interval(forecasts.time, forecasts.reported, actual)
        sums.append((expected, told))
    time, came = actual.time[filled], actual.usd[:, filled]
    for side, word in enumerate(SIDES):
        ours, theirs = (
            _measures(time, expected[side], came[side], moves[side]) for expected, _ in sums
        )
        usd = [float(told[side].sum() / came[side].sum()) for _, told in sums]
        rho, given, biggest = (
            figure(floats(one - other)) for one, other in zip(ours, theirs, strict=True)
        )
        found.append(Gain(word, rho, given, biggest, (usd[0], usd[1])))
    return found


def _measures(
    time: Times, forecast: Floats, came: Floats, move: Floats
) -> tuple[Floats, Floats, Floats]:
    """Score a forecast under every weight of its days: rho, partial and biggest."""
    weight = weights(time)
    said, real, went = (ranks(each, weight) for each in (forecast, came, move))
    rho = correlation(said, real, weight)
    given = partial(rho, correlation(said, went, weight), correlation(real, went, weight))
    big = move >= np.quantile(move, BIGGEST)
    few = weight[:, big]
    return rho, given, correlation(ranks(forecast[big], few), ranks(came[big], few), few)
