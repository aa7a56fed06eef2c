"""The same reading is the same picture: twice, in any thread, after any other picture."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from bot import languages
from bot.core.language import speaking
from renderers import heatmap, profile
from renderers.canvas import HEIGHT, WIDTH
from renderers.theme import Theme, palette
from tests.support.pictures import decoded, told_apart
from tests.support.readings import reading

_DRAWN = pytest.mark.parametrize("render", [heatmap.render, profile.render])
_BTC = reading()
_OTHER = reading("ETH", window="7d", price=3120.5, seed=4, simulated=False)


@_DRAWN
def test_a_picture_does_not_depend_on_what_was_drawn_before(render: object) -> None:
    assert callable(render)
    first = render(_BTC, Theme.DARK)
    render(_OTHER, Theme.LIGHT)
    assert render(_BTC, Theme.DARK) == first


@_DRAWN
def test_threads_draw_what_one_thread_draws(render: object) -> None:
    assert callable(render)
    jobs = [(_BTC, Theme.DARK), (_OTHER, Theme.LIGHT), (_BTC, Theme.LIGHT), (_OTHER, Theme.DARK)]
    alone = [render(*job) for job in jobs]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda job: render(*job), jobs * 5))
    apart = [told_apart(*pair) for pair in zip(together, alone * 5, strict=True)]
    assert not any(apart), apart


@_DRAWN
def test_a_picture_is_a_phone_held_upright(render: object) -> None:
    assert callable(render)
    assert decoded(render(_BTC, Theme.DARK)).shape == (HEIGHT, WIDTH, 3) == (1600, 1280, 3)


@_DRAWN
@pytest.mark.parametrize("theme", list(Theme))
def test_simulated_is_written_large_across_the_picture(render: object, theme: Theme) -> None:
    assert callable(render)
    real = decoded(render(replace(_BTC, simulated=False), theme)).astype(int)
    marked = decoded(render(_BTC, theme)).astype(int)
    touched = np.abs(real - marked).sum(axis=2) > 20
    assert touched[240:].mean() > 0.06
    rows, columns = np.nonzero(touched[240:])
    assert np.ptp(rows) > 0.7 * HEIGHT
    assert np.ptp(columns) > 0.7 * WIDTH
    warning = palette(theme).rgb[palette(theme).warning.solid]
    flag = np.all(marked[:240] == warning, axis=2)
    assert flag.sum() > 5_000
    assert not np.all(real[:240] == warning, axis=2).any()


def test_simulated_is_written_across_in_the_language_spoken_whoever_came_first() -> None:
    english = heatmap.render(_BTC, Theme.DARK)
    with speaking(languages.tongue("de")):
        german = heatmap.render(_BTC, Theme.DARK)
    assert heatmap.render(_BTC, Theme.DARK) == english
    # Where nothing else is written than prices and dollars, which are the same.
    one, other = (decoded(png)[300:1100, 100:800] for png in (english, german))
    assert (one != other).any(axis=2).mean() > 0.02


def test_importing_the_package_does_not_import_matplotlib() -> None:
    program = (
        "import sys, renderers, renderers.theme; "
        "sys.exit(any(name.split('.')[0] == 'matplotlib' for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0  # noqa: S603 - our own interpreter and program


def test_pictures_are_drawn_without_pyplot() -> None:
    program = (
        "import sys; from renderers import heatmap, profile; "
        "sys.exit(bool({'matplotlib.pyplot', 'matplotlib.figure'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0  # noqa: S603 - likewise
