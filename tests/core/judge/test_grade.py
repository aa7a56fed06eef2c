"""A grade is one word, earned step by step."""

from dataclasses import dataclass
from itertools import pairwise

import pytest

from bot.core.judge.accuracy import accuracy
from bot.core.judge.bootstrap import NOTHING, Figure
from bot.core.judge.grade import (
    FEWEST,
    GOOD_PARTIAL,
    GOOD_USD,
    STRONG_PARTIAL,
    STRONG_USD,
    grade,
)
from tests.support.accuracies import hours

_WORDS = ("unproven", "fair", "good", "strong")


@dataclass(frozen=True)
class Side:
    partial: Figure
    biggest: Figure
    usd: Figure


def fig(value: float, wide: float = 0.05) -> Figure:
    return Figure(value, value - wide, value + wide)


def graded(
    *,
    count: int = 500,
    lead: Figure | None = None,
    given: Figure | None = None,
    usd: float = 1.0,
    biggest: float = 0.8,
    move: float = 0.6,
) -> str:
    given = given or fig(STRONG_PARTIAL + 0.1)
    ours = Side(given, fig(biggest), fig(usd))
    bare = Side(NOTHING, fig(move), NOTHING)
    return grade(count, lead or fig(0.1), given, (ours, ours), (bare, bare)).word


def test_a_map_that_passes_every_step_is_strong() -> None:
    assert graded() == "strong"


@pytest.mark.parametrize(
    ("found", "word"),
    [
        ({"count": FEWEST - 1}, "unproven"),
        ({"count": FEWEST}, "strong"),
        ({"lead": Figure(0.1, 0.0, 0.2)}, "unproven"),
        ({"lead": Figure(0.1, -0.01, 0.2)}, "unproven"),
        ({"lead": NOTHING}, "unproven"),
        ({"given": Figure(0.6, -0.01, 0.9)}, "unproven"),
        ({"given": NOTHING}, "unproven"),
        ({"given": fig(GOOD_PARTIAL - 0.01)}, "fair"),
        ({"given": fig(GOOD_PARTIAL)}, "good"),
        ({"given": fig(STRONG_PARTIAL - 0.01)}, "good"),
        ({"usd": GOOD_USD[0] - 0.01}, "fair"),
        ({"usd": GOOD_USD[1] + 0.01}, "fair"),
        ({"usd": STRONG_USD[0] - 0.01}, "good"),
        ({"usd": STRONG_USD[1] + 0.01}, "good"),
        ({"usd": float("nan")}, "fair"),
        ({"biggest": 0.5, "move": 0.6}, "good"),
        ({"biggest": float("nan")}, "good"),
    ],
)
def test_one_thing_amiss_costs_the_grade_it_stands_for(found: dict[str, object], word: str) -> None:
    assert graded(**found) == word  # type: ignore[arg-type]


def test_the_more_a_map_knows_that_moves_do_not_tell_the_better_its_grade() -> None:
    words = []
    for skill in (0.0, 0.3, 1.0):
        found = accuracy(hours(24 * 30, skill=skill, coverage=1.0))
        assert found is not None
        words.append(_WORDS.index(found.grade.word))
    assert words[0] == 0  # no better than prices
    assert all(earlier <= later for earlier, later in pairwise(words))
    assert words[-1] >= 2


def test_every_grade_below_the_best_says_what_is_missing() -> None:
    assert "72 intervals" in str(grade(3, fig(1), fig(1), (), ()).why)
    assert "prices alone" in str(grade(500, fig(0), fig(1), (), ()).why)
    assert "size of the move" in str(grade(500, fig(1), fig(0), (), ()).why)
