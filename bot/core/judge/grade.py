"""One word for how good a map has been, and the only place that says when it is deserved.

A grade compares figures that were measured, walking forward, with what a map has to beat:

unproven  fewer than FEWEST intervals were scored, or the map says no more about liquidations than
          the size of the move does, or no more than a map made from prices alone; "no more" means
          that the range of its lead reaches down to nothing.
fair      it says more than either.
good      and of two moves of the same size, it tells which liquidates more (GOOD_PARTIAL), and its
          dollars, as the feed reports them, are right within GOOD_USD.
strong    and it tells that well (STRONG_PARTIAL), with dollars right within STRONG_USD, and within
          the tenth of biggest moves, which matter most, it ranks no worse than the move itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from bot.core.judge.bootstrap import Figure
from bot.core.language import ENGLISH, Said, later, later_of, speaking

Word: TypeAlias = Literal["unproven", "fair", "good", "strong"]

# Three days of hours: with fewer, the ranges themselves are not to be trusted.
FEWEST = 72

# Spearman given the move, mean of both sides. The published goal for hourly markets is .42 to .52
# for longs and .25 to .42 for shorts, .65 where bars are short; guessing from moves alone is 0.
GOOD_PARTIAL, STRONG_PARTIAL = 0.35, 0.55

# Forecast over reported dollars of each side: half as much again is the wrong size of zone for a
# stop; a third off is within what one day differs from the next.
GOOD_USD = (0.5, 2.0)
STRONG_USD = (0.7, 1.4)


class SideScores(Protocol):
    """What a grade looks at of one forecaster and side."""

    @property
    def partial(self) -> Figure:
        """Spearman given the move."""
        ...

    @property
    def biggest(self) -> Figure:
        """Spearman within the tenth of biggest moves."""
        ...

    @property
    def usd(self) -> Figure:
        """Forecast over reported dollars."""
        ...


_WORDS: dict[Word, Said] = {
    "unproven": later_of("grade", "unproven"),
    "fair": later_of("grade", "fair"),
    "good": later_of("grade", "good"),
    "strong": later_of("grade", "strong"),
}
UNPROVEN = _WORDS["unproven"]
# No verdict: what is shown did not wait for it. Whoever decides by a grade decides as if unproven.
MEASURING = later_of("grade", "being measured")


@dataclass(frozen=True, slots=True)
class Grade:
    """A grade and the sentence that says why it is no better."""

    word: Word
    why: Said

    @property
    def said(self) -> Said:
        """The word, to be said in any language."""
        return _WORDS[self.word]


def is_unproven(grade: str | Said) -> bool:
    """Whether a map has not been shown to say more than the price alone.

    >>> is_unproven(later("{grade}, {intervals}", grade=UNPROVEN, intervals="12 hours"))
    True
    >>> is_unproven(MEASURING)
    True
    """
    with speaking(ENGLISH):
        return str(grade).startswith((str(UNPROVEN), str(MEASURING)))


def grade(
    count: int,
    over_prices: Figure,
    over_move: Figure,
    ours: tuple[SideScores, ...],
    move: tuple[SideScores, ...],
) -> Grade:
    """Grade a map.

    `over_prices` and `over_move` are by how much it says more than either baseline, as Spearman
    given the move, mean of both sides; `ours` and `move` the scores of each side.
    """
    given = over_move.value
    needed = later("{count} intervals are needed for a grade", count=FEWEST)
    steps: tuple[tuple[bool, Word, Said], ...] = (
        (count >= FEWEST, "unproven", needed),
        (over_move.low > 0, "unproven", later("it says no more than the size of the move")),
        (over_prices.low > 0, "unproven", later("it says no more than a map of prices alone")),
        (given >= GOOD_PARTIAL, "fair", _below(GOOD_PARTIAL)),
        (_right(ours, GOOD_USD), "fair", later("its dollars are off by more than half")),
        (given >= STRONG_PARTIAL, "good", _below(STRONG_PARTIAL)),
        (_right(ours, STRONG_USD), "good", later("its dollars are off by more than a third")),
        (
            all(
                one.biggest.value >= other.biggest.value
                for one, other in zip(ours, move, strict=True)
            ),
            "good",
            later("within the biggest moves the size of the move ranks better"),
        ),
    )
    for passed, word, why in steps:
        if not passed:
            return Grade(word, why)
    return Grade("strong", later("it leads its baselines, with the right dollars"))


def _below(rank: float) -> Said:
    return later("given the move it ranks below {rank}", rank=f"{rank:.2f}")


def _right(sides: Sequence[SideScores], bounds: tuple[float, float]) -> bool:
    return all(bounds[0] <= side.usd.value <= bounds[1] for side in sides)  # never if it is nan
