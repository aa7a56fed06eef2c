"""Two hundred markets in every picture and language: each word has its own room, and is seen."""

from collections.abc import Sequence

import numpy as np
import pytest

from bot import languages
from bot.core.language import say, speaking
from bot.languages import NAMES
from renderers import header
from renderers.canvas import WIDTH, Box, Canvas, Word
from renderers.theme import Ink, Theme, palette
from tests.support.any_markets import SEEDS, market
from tests.support.any_pictures import PICTURES
from tests.support.legible import SMALLEST, WatchedCanvas, overlapping

_LIT = 4.5  # [ratio] of contrast that WCAG 2, level AA, asks of words
_CLEAR = 0.8  # of a word's ground; the ring around a number is as bright as the number
_EVERY = 4  # of so many markets one is held against the pixels


@pytest.mark.timeout(300)
@pytest.mark.parametrize("language", NAMES)
@pytest.mark.parametrize("name", PICTURES)
def test_no_word_covers_another_leaves_the_picture_is_small_or_lost(
    name: str, language: str
) -> None:
    canvases = {theme: WatchedCanvas() for theme in Theme}
    for seed in SEEDS:
        of, theme = market(seed), list(Theme)[seed // 2 % 2]
        canvas, look = canvases[theme], palette(theme)
        with speaking(languages.tongue(language)):
            high = PICTURES[name](canvas, of, look)
            simulated = say("SIMULATED")
        readable(canvas.words, Box(0, 0, WIDTH, high), seed)
        said = [word.text for word in canvas.words]
        assert (simulated in said) is of.simulated, seed
        if seed % _EVERY == 0:
            for read in canvas.read(look):
                assert read.left == 1, (seed, read)
                assert read.clear >= _CLEAR, (seed, read)
                assert read.least >= _LIT, (seed, read)


def readable(words: Sequence[Word], frame: Box, seed: int) -> None:
    """Hold every word against the frame, the least size, and all others."""
    assert words
    for word in words:
        assert word.size >= SMALLEST, (seed, word)
        assert word.box == word.box.within(frame), (seed, word)
    assert overlapping(words) == [], seed


def test_words_on_each_other_beyond_the_frame_too_small_painted_over_or_faint_are_found() -> None:
    look = palette(Theme.DARK)
    for x, y, size in ((110, 110, 30), (WIDTH - 20, 500, 30), (100, 500, 20)):
        canvas = _written(look.ink)
        readable(canvas.words, Box(0, 0, WIDTH, 1600), 0)
        canvas.text(x, y, "the second", look.ink, size=size)
        with pytest.raises(AssertionError):
            readable(canvas.words, Box(0, 0, WIDTH, 1600), 0)
    painted = _written(look.ink)
    painted.fill(Box(100, 90, 130, 110), look.paper)
    assert min(read.left for read in painted.read(look)) < 0.9
    assert min(read.least for read in _written(look.grid).read(look)) < _LIT


def _written(ink: Ink) -> WatchedCanvas:
    canvas = WatchedCanvas()
    canvas.clear(palette(Theme.DARK).paper)
    canvas.text(100, 100, "the first", ink)
    return canvas


@pytest.mark.parametrize("first", [True, False])
def test_words_keep_their_ground_whether_written_before_or_after_a_stamp(*, first: bool) -> None:
    look, drawn = palette(Theme.LIGHT), []
    for marked in (False, True):
        canvas = Canvas()
        canvas.clear(look.paper)
        for stamps in (first, not first):
            if stamps and marked:
                header.watermark(canvas, look)
            if not stamps:
                for line in range(20, 1580, 60):
                    canvas.text(
                        28, line + 30, "a line of words across it " * 3, look.muted, size=28
                    )
        drawn.append((canvas.pixels.copy(), list(canvas.words)))
    (plain, words), (stamped, _) = drawn
    for word in words:
        rows, columns = slice(*word.box[1::2]), slice(*word.box[0::2])
        assert np.array_equal(plain[rows, columns], stamped[rows, columns])
    assert (plain != stamped).mean() > 0.02
