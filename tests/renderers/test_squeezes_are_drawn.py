"""Regimes, rankings and moves: every word can be read, and bars stand where the figures say."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import combinations, pairwise

import numpy as np
import pytest

from bot.core.arrays import floats
from bot.core.market.liquidations import PositionSide
from bot.core.signals.squeeze import RankingReading, SqueezeReading
from bot.core.signals.whatif import Link
from bot.core.signals.whatif_reading import WhatIfReading
from renderers import gauges, ranking, squeeze, whatif
from renderers.canvas import HEIGHT, WIDTH, Box, Canvas, Word
from renderers.theme import Theme, palette
from tests.support.pictures import decoded
from tests.support.squeezes import ranking_reading, squeeze_reading, whatif_reading

_LOOK = palette(Theme.DARK)
_SMALLEST = 1600 / 60  # [px]


def chained(count: int, step: float = 0.004) -> WhatIfReading:
    """A move that sets off so many links, each of them that long."""
    reading = whatif_reading(-0.02)
    ends = reading.found.asked * (1 - step) ** np.arange(count + 1)
    chain = tuple(
        Link(float(start), float(end), 3e7 / (place + 1), 1e7, 4e7)
        for place, (start, end) in enumerate(pairwise(ends))
    )
    return replace(reading, found=replace(reading.found, chain=chain))


SQUEEZES: dict[str, Callable[[], SqueezeReading]] = {
    "usual": squeeze_reading,
    "shorts": lambda: squeeze_reading(surges=((1.0, 26, -1.0),)),
    "none": lambda: squeeze_reading(surges=(), failed=("kraken",), grade="unproven"),
    "many": lambda: squeeze_reading(
        venues=("binance", "bybit", "okx", "hyperliquid", "binancecoinm", "bybitinverse", "htx"),
        waiting=("okx", "htx"),
    ),
    "long": lambda: squeeze_reading(
        "ABCDEFGHIJKLMNOPQRST", price=0.00001234, simulated=True, venues=("okx",), days=16
    ),
    "exhausted": lambda: squeeze_reading(surges=((0.97, 26, 1.0),)),
}
RANKINGS: dict[str, Callable[[], RankingReading]] = {
    "usual": ranking_reading,
    "one": lambda: ranking_reading(("1000CHEEMSFRIENDS",), simulated=True),
    "many": lambda: ranking_reading([f"COIN{n}" for n in range(20)], waiting=12),
    "none": lambda: ranking_reading(()),
}
MOVES: dict[str, Callable[[], WhatIfReading]] = {
    "fall": whatif_reading,
    "rise": lambda: whatif_reading(0.03),
    "no book": lambda: whatif_reading(-0.02, books=False, simulated=True),
    "small": lambda: whatif_reading(0.001, price=0.0000123, base="1000CHEEMSFRIENDS"),
    "far": lambda: whatif_reading(-0.4),
    "long chain": lambda: chained(14),
    "runaway": lambda: chained(20, 0.00051),
    "thin": lambda: whatif_reading(0.04, depth=0.02, lacking=("okx",)),
    "empty": lambda: whatif_reading(-0.03, usd=1e-9),
}


def readable(canvas: Canvas, height: int) -> Sequence[Word]:
    """Hold every word against the frame, the least size, and all others."""
    assert height <= HEIGHT
    frame = Box(0, 0, WIDTH, height)
    for word in canvas.words:
        assert word.size >= _SMALLEST, word
        assert word.box == word.box.within(frame), word
    for one, other in combinations(canvas.words, 2):
        assert not one.box.overlaps(other.box), (one, other)
    return canvas.words


@pytest.mark.parametrize("name", SQUEEZES)
def test_every_word_of_a_regime_can_be_read(name: str) -> None:
    reading, canvas = SQUEEZES[name](), Canvas()
    squeeze.draw(canvas, reading, _LOOK)
    said = [word.text for word in readable(canvas, squeeze.height(reading))]
    assert ("SIMULATED" in said) is reading.simulated
    assert sum(text.endswith("of its past") for text in said) == 3
    assert sum(text in {"passes", "does not pass"} for text in said) == 3
    assert squeeze.title(reading.reading) in said


@pytest.mark.parametrize("name", RANKINGS)
def test_every_word_of_a_ranking_can_be_read(name: str) -> None:
    reading, canvas = RANKINGS[name](), Canvas()
    ranking.draw(canvas, reading, _LOOK)
    said = [word.text for word in readable(canvas, ranking.height(reading))]
    shown = min(len(reading.coins), ranking.ROWS)
    assert sum(text.endswith(("longs", "shorts")) for text in said) == shown


@pytest.mark.parametrize("name", MOVES)
def test_every_word_of_a_move_can_be_read(name: str) -> None:
    reading, canvas = MOVES[name](), Canvas()
    whatif.draw(canvas, reading, _LOOK)
    said = [word.text for word in readable(canvas, whatif.HEIGHT)]
    assert "the move" in said
    links = sum(text.startswith("link") for text in said)
    assert links == min(len(reading.found.chain), 8)


@pytest.mark.parametrize("theme", Theme)
def test_the_same_reading_is_the_same_picture(theme: Theme) -> None:
    made = squeeze_reading(), ranking_reading(), whatif_reading()
    for _ in range(2):
        drawn = (
            squeeze.render(made[0], theme),
            ranking.render(made[1], theme),
            whatif.render(made[2], theme),
        )
        assert drawn == (
            squeeze.render(squeeze_reading(), theme),
            ranking.render(ranking_reading(), theme),
            whatif.render(whatif_reading(), theme),
        )
        assert all(decoded(png).shape[1] == WIDTH for png in drawn)


def test_the_present_stands_where_its_value_is_and_is_underlined_where_it_passes() -> None:
    (gauge, *_) = squeeze_reading().gauges
    for value, passed in ((0.0008, True), (-0.0002, False)):
        shown = replace(gauge, value=value, passed=passed)
        canvas = Canvas()
        canvas.clear(_LOOK.paper)
        box = Box(28, 200, 1252, 200 + gauges.HEIGHT)
        gauges.draw(canvas, shown, "funding", (box, _LOOK.long), _LOOK, signed=True)
        strip = canvas.pixels[254:300]
        ink = np.flatnonzero((strip == _LOOK.ink.solid).all(axis=0))
        span = gauges.span_of(shown.past, shown.value, shown.threshold)
        here = 28 + (value - span.low) / (span.high - span.low) * (1252 - 28)
        assert np.abs(ink - here).min() < 5
        underlined = np.flatnonzero(canvas.pixels[300] == _LOOK.long.solid)
        assert bool(underlined.min() < here < underlined.max()) is passed


def test_a_strip_spans_the_past_and_what_must_be_seen() -> None:
    span = gauges.span_of(floats([1.0, 2.0, 3.0, np.nan]), 9.0, np.nan)
    assert span.low < 1.0
    assert span.high > 9.0
    flat = gauges.span_of(floats([]), np.nan)
    assert flat.low < flat.high


def test_hours_of_a_regime_are_shaded_in_the_colour_of_the_crowd() -> None:
    for strength, ink, other in ((1.0, _LOOK.long, _LOOK.short), (-1.0, _LOOK.short, _LOOK.long)):
        canvas = Canvas()
        squeeze.draw(canvas, squeeze_reading(surges=((1.0, 26, strength),)), _LOOK)
        lane = canvas.pixels[732:766, 210:1252]
        assert (lane == ink.solid).any()
        assert not (lane == other.solid).any()


def test_a_bar_of_a_ranking_is_as_long_as_its_rank() -> None:
    reading = ranking_reading(("ETH", "SOL"))
    canvas = Canvas()
    ranking.draw(canvas, reading, _LOOK)
    for place, one in enumerate(reading.coins):
        row = canvas.pixels[282 + place * 96 + 66, 272 : 272 + 270]
        ink = _LOOK.short if one.reading.side is PositionSide.SHORT else _LOOK.long
        if one.reading.passed[0]:
            assert (row == ink.solid).sum() > 200
        else:
            rank = one.reading.facts[0].rank or 0.0
            want = rank if one.reading.facts[0].least else 1 - rank
            assert (row == _LOOK.muted.solid).sum() == pytest.approx(270 * want, abs=2)


@pytest.mark.parametrize("move", [-0.04, 0.04, -0.2, 0.3])
def test_the_way_and_where_it_ends_are_on_the_ladder(move: float) -> None:
    reading = whatif_reading(move)
    axis = whatif.axis_of(reading)
    assert axis.holds(reading.found.price)
    assert axis.holds(reading.found.end)


def test_links_beyond_eight_are_summed_up_in_the_last() -> None:
    reading = MOVES["long chain"]()
    told = whatif.links_told(reading)
    everything = (reading.found.first, *reading.found.chain)
    assert len(everything) > 9
    assert len(told) == 9
    assert sum(link.usd for _, link in told) == pytest.approx(reading.found.usd)
    assert told[-1][1].end == reading.found.end
