"""Funding, open interest and ratio: every word readable, every strip where its value is."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.core.arrays import HOUR
from bot.core.market.history import MarketHistory
from bot.core.panels.reading import Kind, PanelReading
from renderers import lettering, panel
from renderers.canvas import HEIGHT, WIDTH, Box, Canvas, Word
from renderers.theme import Theme, palette
from tests.support.panels import END, VENUES, many, panel_of, scarce, told
from tests.support.pictures import decoded

_MANY = settings(
    max_examples=80,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
_NAMES = ("a-venue-nobody-knows", "sim-a", *(name for name, *_ in VENUES))


def words(made: PanelReading, theme: Theme = Theme.DARK) -> list[Word]:
    canvas = Canvas()
    panel.draw(canvas, made, palette(theme))
    return list(canvas.words)


@st.composite
def a_venue(draw: st.DrawFn, name: str, base: str, *, simulated: bool) -> MarketHistory:
    whole = told(
        name,
        base=base,
        days=draw(st.sampled_from([0.3, 2, 30, 90])),
        price=draw(st.sampled_from([90_000.0, 1.2, 1.3e-8])),
        interest=draw(st.sampled_from([1e-3, 4e4, 7e12])),
        rate=draw(st.sampled_from([-0.02, -1e-6, 0.0, 1e-4, 0.0123])),
        ratio=draw(st.sampled_from([0.02, 0.97, 1.0, 37.0])),
        every=draw(st.sampled_from([HOUR, 4 * HOUR, 8 * HOUR])),
        seed=draw(st.integers(0, 5)),
        end=END - draw(st.sampled_from([0, 3, 40])) * HOUR,
        simulated=simulated,
    )
    silent = [draw(st.integers(0, 4)) == 0 for _ in Kind]
    return replace(
        whole,
        funding=None if silent[0] else whole.funding,
        open_interest=None if silent[1] else whole.open_interest,
        long_short_ratio=None if silent[2] else whole.long_short_ratio,
    )


@st.composite
def any_panel(draw: st.DrawFn) -> PanelReading:
    base = draw(st.sampled_from(["BTC", "W", "1000PEPE", "ABCDEFGHIJKLMNOPQRST"]))
    names = draw(st.lists(st.sampled_from(_NAMES), min_size=1, max_size=16, unique=True))
    simulated = draw(st.booleans())
    venues = [draw(a_venue(name, base, simulated=simulated)) for name in names]
    failed = tuple(draw(st.lists(st.sampled_from(_NAMES), max_size=3, unique=True)))
    kind = draw(st.sampled_from(list(Kind)))
    return panel_of(kind, *venues, base=base, failed=tuple(set(failed) - set(names)))


@pytest.mark.timeout(300)
@_MANY
@given(any_panel())
def test_no_word_covers_another_or_leaves_the_picture_or_is_too_small(made: PanelReading) -> None:
    written = words(made)
    high = panel.height(made)
    assert high <= HEIGHT
    for word in written:
        assert word.size >= lettering.SMALLEST, word
        assert word.box == word.box.within(Box(0, 0, WIDTH, high)), word
    for one, other in combinations(written, 2):
        assert not one.box.overlaps(other.box), (one, other)
    assert ("SIMULATED" in [word.text for word in written]) is made.simulated


def test_what_a_reader_must_know_is_written() -> None:
    made = panel_of(Kind.FUNDING, *many(3), failed=("kraken",))
    assert made.merged is not None
    text = " | ".join(word.text for word in words(made))
    for said in (
        "BTC",
        "funding for 8 h",
        "3 of 4 venues: Binance, Bybit, OKX",
        "no answer from Kraken",
        "31 Dec 2025, 16:00 UTC",
        "All together",
        "by open interest",
        "of 30 d",
        f"above {round(100 * made.merged.standings[0].percentile)} %",
        "8 h, due 00:00",
        "a year",
        "up: longs pay",
    ):
        assert said in text, said


def test_open_interest_is_written_in_coins_and_in_dollars() -> None:
    made = panel_of(Kind.INTEREST, *many(2))
    text = " | ".join(word.text for word in words(made))
    for said in ("in coins", "in dollars", "BTC", "% of all"):
        assert said in text, said


def test_a_stale_venue_and_one_that_does_not_tell_are_named() -> None:
    text = " | ".join(word.text for word in words(panel_of(Kind.RATIO, *scarce(), base="NEW")))
    assert "not told by Gate" in text
    assert "stale: 10 h old" in text


def test_nobody_tells_and_still_there_is_a_picture() -> None:
    silent = replace(told(), long_short_ratio=None)
    made = panel_of(Kind.RATIO, silent)
    assert made.merged is None
    assert "not told by Binance" in " | ".join(word.text for word in words(made))


def test_funding_stands_above_the_line_where_longs_pay_and_below_where_shorts_do() -> None:
    look = palette(Theme.DARK)
    for rate, ink, other in ((2e-4, look.long, look.short), (-2e-4, look.short, look.long)):
        calm = told(rate=rate)
        assert calm.funding is not None
        flat = replace(calm.funding, rate=np.full(len(calm.funding.time), rate))
        canvas = Canvas()
        panel.draw(canvas, panel_of(Kind.FUNDING, replace(calm, funding=flat)), look)
        strip = canvas.part(Box(310, 208, 910, 404))
        assert (strip == ink.solid).mean() > 0.5
        assert not (strip == other.solid).any()


def test_a_larger_share_of_the_past_fills_more_of_the_gauge() -> None:
    look, filled = palette(Theme.DARK), []
    for last in (0.5, 2.5):
        whole = told()
        assert whole.long_short_ratio is not None
        ratio = whole.long_short_ratio.ratio.copy()
        ratio[-1] = last
        made = panel_of(
            Kind.RATIO,
            replace(whole, long_short_ratio=replace(whole.long_short_ratio, ratio=ratio)),
        )
        canvas = Canvas()
        panel.draw(canvas, made, look)
        gauge = canvas.part(Box(944, 258, 1252, 270))
        filled.append(float((gauge == look.muted.solid).mean()))
    assert filled[0] < 0.1
    assert filled[1] > 0.9


def test_more_venues_than_there_are_rows_are_counted() -> None:
    venues = [told(f"venue-{at:02d}", interest=1e5 - at) for at in range(panel.MOST_VENUES + 2)]
    made = panel_of(Kind.INTEREST, *venues)
    assert panel.height(made) <= HEIGHT
    assert any(word.text.startswith("and 2 more venues") for word in words(made))


@pytest.mark.parametrize("theme", list(Theme))
def test_simulated_is_written_large_across_the_picture(theme: Theme) -> None:
    real, marked = (
        decoded(panel.render(panel_of(Kind.RATIO, *many(4, simulated=simulated)), theme)).astype(
            int
        )
        for simulated in (False, True)
    )
    touched = np.abs(real - marked).sum(axis=2) > 20
    rows, columns = np.nonzero(touched[200:])
    assert np.ptp(rows) > 0.6 * (real.shape[0] - 200)
    assert np.ptp(columns) > 0.7 * WIDTH


def test_the_same_reading_gives_the_same_small_picture() -> None:
    one, two = (panel.render(panel_of(Kind.INTEREST, *many()), Theme.LIGHT) for _ in range(2))
    assert one == two
    assert len(one) < 160_000
