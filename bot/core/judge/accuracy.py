"""How good a market's map has been: its scores beside those of what knows only prices."""

from dataclasses import dataclass

import numpy as np

from bot.core import figures
from bot.core.arrays import DAY, HOUR, Floats, floats
from bot.core.estimate.parameters import LONG, SHORT
from bot.core.judge.bootstrap import (
    Figure,
    correlation,
    figure,
    partial,
    ranks,
    weights,
)
from bot.core.judge.grade import Grade, grade
from bot.core.judge.scored import Scored
from bot.core.language import Said, later, later_many

MAP, PRICES, MOVE = "map", "prices only", "bare move"
FORECASTERS = (MAP, PRICES, MOVE)
SIDES = ("longs", "shorts")

# The biggest moves are those of the upper tenth.
_BIGGEST = 0.9


@dataclass(frozen=True, slots=True)
class Line:
    """One forecaster's scores on one side."""

    name: str
    side: str
    rho: Figure  # Spearman of forecast and reported liquidations
    partial: Figure  # the same given the size of the move
    biggest: Figure  # the same within the tenth of biggest moves
    usd: Figure  # forecast as the feed would report it, over reported


@dataclass(frozen=True, slots=True)
class Accuracy:
    """A market's scores; ranges hold 90 % of what days drawn again say."""

    lines: tuple[Line, ...]  # map, prices only and bare move of longs, then of shorts
    count: int  # intervals
    interval: int  # [ms]
    first: int  # [ms] start of the oldest interval
    until: int  # [ms] end of the newest one
    reported: float  # [USD] in all of them
    grade: Grade

    @property
    def days(self) -> int:
        """Length of time in which the intervals lie, in days begun."""
        return -(-(self.until - self.first) // DAY)

    @property
    def intervals(self) -> Said:
        """How many intervals were scored, in words.

        "412 hours"
        """
        if self.interval == HOUR:
            return later_many("{count} hour", "{count} hours", self.count)
        return later_many(
            "{count} interval of {span}",
            "{count} intervals of {span}",
            self.count,
            span=figures.span(self.interval),
        )

    @property
    def graded(self) -> Said:
        """The grade with what it is drawn from, for a caption.

        "good, 412 hours"
        """
        return later("{grade}, {intervals}", grade=self.grade.said, intervals=self.intervals)


@dataclass(frozen=True, slots=True)
class AccuracyReading:
    """All that `/accuracy` shows of one coin."""

    base: str  # "BTC"
    accuracy: Accuracy
    venues: tuple[str, ...]  # exchanges whose maps were scored
    simulated: bool


def accuracy(found: Scored) -> Accuracy | None:
    """Score a market's intervals; None if there is none. The same intervals, the same figures."""
    if not len(found):
        return None
    weight = weights(found.time)
    lines: list[Line] = []
    over_prices, over_move = [], []
    for side in (LONG, SHORT):
        scores = _scores(found, side, weight)
        lines += [
            Line(name, SIDES[side], *(figure(scores[what][name]) for what in _MEASURES))
            for name in FORECASTERS
        ]
        given = scores["partial"]
        over_prices.append(given[MAP] - given[PRICES])
        over_move.append(given[MAP])
    return Accuracy(
        tuple(lines),
        len(found),
        found.interval,
        int(found.time[0]),
        found.until,
        float(found.reported.sum()),
        grade(
            len(found),
            figure(floats(np.mean(over_prices, axis=0))),
            figure(floats(np.mean(over_move, axis=0))),
            tuple(line for line in lines if line.name == MAP),
            tuple(line for line in lines if line.name == MOVE),
        ),
    )


_MEASURES = ("rho", "partial", "biggest", "usd")
_Scores = dict[str, dict[str, Floats]]  # by measure and forecaster, each of shape (D,)


def _scores(found: Scored, side: int, weight: Floats) -> _Scores:
    """Score every forecaster of one side under every weight."""
    truth, move = found.reported[side], found.move[side]
    told = {MAP: found.expected[side], PRICES: found.prices[side], MOVE: move}
    came, went = ranks(truth, weight), ranks(move, weight)
    yz = correlation(came, went, weight)
    unknown = np.full(len(weight), np.nan)
    scores: _Scores = {what: {} for what in _MEASURES}
    big = move >= np.quantile(move, _BIGGEST)
    few = weight[:, big]
    few_came = ranks(truth[big], few)
    for name, forecast in told.items():
        rank = went if name == MOVE else ranks(forecast, weight)
        xy = correlation(rank, came, weight)
        scores["rho"][name] = xy
        scores["partial"][name] = (
            unknown if name == MOVE else partial(xy, correlation(rank, went, weight), yz)
        )
        scores["biggest"][name] = correlation(ranks(forecast[big], few), few_came, few)
        scores["usd"][name] = _ratio(found, side, weight) if name == MAP else unknown
    return scores


def _ratio(found: Scored, side: int, weight: Floats) -> Floats:
    told, came = weight @ found.told[side], weight @ found.reported[side]
    return floats(np.divide(told, came, out=np.full(len(came), np.nan), where=came > 0))
