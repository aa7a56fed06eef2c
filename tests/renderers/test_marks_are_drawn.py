"""An episode on a picture: when it began, and its cluster, wherever both are."""

import numpy as np
import pytest

from bot.core.arrays import DAY, HOUR
from bot.core.watches.columns import About
from bot.core.watches.figures import Side
from bot.core.watches.mark import Mark
from renderers import heatmap
from renderers.theme import Theme
from tests.support.pictures import decoded
from tests.support.readings import reading

SCENE = reading(seed=9)
NEAR = About(Side.BELOW, 0.96 * SCENE.price, 0.97 * SCENE.price)


def drawn(mark: Mark | None, theme: Theme = Theme.DARK) -> np.ndarray:
    return decoded(heatmap.render(SCENE, theme, mark)).astype(np.int64)


def changed(mark: Mark, plain: np.ndarray) -> np.ndarray:
    """Where a mark makes a difference, shape (rows, columns)."""
    return np.asarray((drawn(mark) != plain).any(axis=-1))


@pytest.fixture(scope="module")
def plain() -> np.ndarray:
    return drawn(None)


def test_a_picture_without_an_episode_is_as_before(plain: np.ndarray) -> None:
    assert (drawn(None) == plain).all()


def test_the_line_stands_where_it_began(plain: np.ndarray) -> None:
    early, late = (
        changed(Mark(SCENE.as_of - hours * HOUR, "since"), plain)[500:1100] for hours in (18, 6)
    )
    middle = [np.flatnonzero(each.any(axis=0)).mean() for each in (early, late)]
    wide = middle[1] - middle[0]
    assert 0.4 * 830 < wide < 0.6 * 830  # twelve of 24 hours, on a picture some 830 wide


def test_a_cluster_is_framed_across_the_picture(plain: np.ndarray) -> None:
    mark = Mark(SCENE.as_of - HOUR, "since", NEAR)
    without = changed(Mark(SCENE.as_of - HOUR, "since"), plain)
    rows = (changed(mark, plain) & ~without).sum(axis=1)
    assert (rows > 400).sum() >= 6  # two edges, some pixels thick


@pytest.mark.parametrize(
    "about", [About(Side.ABOVE, 9 * SCENE.price, 10 * SCENE.price), About(Side.BELOW, 1.0, 2.0)]
)
def test_a_cluster_beyond_the_picture_is_not_framed(about: About, plain: np.ndarray) -> None:
    began = SCENE.as_of - HOUR
    assert (
        changed(Mark(began, "since", about), plain) == changed(Mark(began, "since"), plain)
    ).all()


@pytest.mark.parametrize("began", [SCENE.as_of - 30 * DAY, SCENE.as_of, SCENE.as_of + HOUR])
@pytest.mark.parametrize("theme", list(Theme))
def test_what_began_outside_the_picture_is_marked_at_its_edge(began: int, theme: Theme) -> None:
    mark = Mark(began, "since", NEAR)
    assert (drawn(mark, theme) != drawn(None, theme)).any()
