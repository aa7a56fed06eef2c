"""Pictures of order books and of liquidations: every word readable, every mark where it belongs."""

import io
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.core.flow.book import BookReading
from bot.core.flow.liquidated import LiquidatedReading
from renderers import book, lettering, liqs
from renderers.canvas import FRAME, HEIGHT, WIDTH, Box, Canvas, Word
from renderers.theme import Theme, palette
from tests.support.flows import USUAL, Venue, book_reading, liquidated_reading
from tests.support.pictures import decoded

_MANY = settings(
    max_examples=80,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
_NAMES = ("binance", "bybit", "okx", "hyperliquid", "kucoin", "sim-a", "a-venue-nobody-knows")
_COINS = st.sampled_from(["BTC", "W", "1000PEPE", "ABCDEFGHIJKLMNOPQRST", "币"])
_PRICES = st.sampled_from([97_412.5, 187.3, 1.0, 0.00001234, 3e-9])


def words_of_book(reading: BookReading) -> list[Word]:
    canvas = Canvas()
    book.draw(canvas, reading, palette(Theme.DARK))
    return list(canvas.words)


def words_of_liquidated(reading: LiquidatedReading) -> list[Word]:
    canvas = Canvas()
    liqs.draw(canvas, reading, palette(Theme.DARK))
    return list(canvas.words)


@st.composite
def any_book_reading(draw: st.DrawFn) -> BookReading:
    venues = tuple(
        Venue(
            name,
            draw(st.sampled_from([0.0005, 0.0018, 0.004, 0.012, 0.03, 0.09])),
            draw(st.sampled_from([50.0, 3e5, 4e7, 9e10])),
            draw(st.sampled_from([0, 90_000])),
        )
        for name in draw(st.lists(st.sampled_from(_NAMES), min_size=1, unique=True))
    )
    away = st.floats(-0.06, 0.06).filter(lambda each: abs(each) > 1e-4)
    zones = st.lists(st.tuples(away, st.sampled_from([0.0, 4e5, 4.2e8, 9.99e11])), max_size=9)
    return book_reading(
        draw(_COINS),
        price=draw(_PRICES),
        venues=venues,
        failed=tuple(draw(st.lists(st.sampled_from(("kraken", "deribit")), unique=True))),
        seed=draw(st.integers(0, 50)),
        walls=draw(st.booleans()),
        traded=draw(st.booleans()),
        clusters=draw(st.none() | zones.map(tuple)),
        span=draw(st.sampled_from([1_000, 240_000, 3_500_000])),
        simulated=draw(st.booleans()),
    )


@st.composite
def any_liquidated(draw: st.DrawFn) -> LiquidatedReading:
    others = draw(st.lists(st.sampled_from(["ETH", "SOL", "1000PEPE", "W" * 20]), unique=True))
    reading = liquidated_reading(
        draw(_COINS),
        price=draw(_PRICES),
        venues=tuple(draw(st.lists(st.sampled_from(_NAMES), min_size=1, unique=True))),
        others=tuple(others),
        failed=tuple(draw(st.lists(st.sampled_from(("kraken", "deribit")), unique=True))),
        count=draw(st.sampled_from([0, 1, 12, 900])),
        usd=draw(st.sampled_from([0.5, 4_000.0, 3e8])),
        deaf=draw(st.sampled_from([0.0, 0.02, 0.4, 0.99])),
        seed=draw(st.integers(0, 50)),
        simulated=draw(st.booleans()),
    )
    return replace(reading, candles=None) if draw(st.booleans()) else reading


def assert_readable(written: list[Word], *, simulated: bool) -> None:
    for word in written:
        assert word.size >= lettering.SMALLEST >= HEIGHT / 60, word
        assert word.box == word.box.within(FRAME), word
    for one, other in combinations(written, 2):
        assert not one.box.overlaps(other.box), (one, other)
    assert ("SIMULATED" in [word.text for word in written]) is simulated


@pytest.mark.timeout(300)
@_MANY
@given(any_book_reading())
def test_no_word_of_a_book_covers_another_or_leaves_the_picture(made: BookReading) -> None:
    assert_readable(words_of_book(made), simulated=made.simulated)


@pytest.mark.timeout(300)
@_MANY
@given(any_liquidated())
def test_no_word_of_liquidations_covers_another_or_leaves_the_picture(
    made: LiquidatedReading,
) -> None:
    assert_readable(words_of_liquidated(made), simulated=made.simulated)


def test_what_a_reader_of_a_book_must_know_is_written() -> None:
    late = (*USUAL[:2], replace(USUAL[2], age=150_000, reach=0.012))
    made = book_reading(venues=late, failed=("kraken",))
    text = " | ".join(word.text for word in words_of_book(made))
    for said in (
        "BTC",
        "/ USDT",
        "Order book",
        "3 of 4 venues: ",
        "none from Kraken",
        "Bybit 2 min older",
        "orders can be withdrawn; clusters are estimates",
        "31 Dec 2025, 16:23 UTC",
        "spread ",
        "≥$",  # Bybit tells only to 1.2 %
        "+5 %",
        "−1 %",
        "not told by all",
        "Takers bought ",
        "$420M",  # a cluster
    ):
        assert said in text, said
    assert any("near cluster" in word.text for word in words_of_book(book_reading()))


def test_what_a_reader_of_liquidations_must_know_is_written() -> None:
    made = liquidated_reading(failed=("kraken",), deaf=0.3)
    text = " | ".join(word.text for word in words_of_liquidated(made))
    for said in (
        "BTC",
        "24 h",
        "last hour: longs ",
        "2 of 4 venues heard all day: ",
        "Bybit 17 h",
        "nothing from Kraken",
        "what was not heard is not counted",
        "not every market heard",
        "over $1M",
        "under $1K",
        "by venue",
    ):
        assert said in text, said


def test_coins_are_ranked_where_none_was_named() -> None:
    made = liquidated_reading(others=("ETH", "SOL"))
    text = [word.text for word in words_of_liquidated(made)]
    assert "All coins" in text
    assert [word for word in text if word in {"BTC", "ETH", "SOL"}] == ["BTC", "ETH", "SOL"]


@pytest.mark.parametrize("theme", list(Theme))
def test_bids_stand_below_the_price_and_asks_above(theme: Theme) -> None:
    canvas, look = Canvas(), palette(theme)
    book.draw(canvas, book_reading(venues=(Venue("binance"),), clusters=()), look)
    bars = canvas.part(Box(28, 300, 60, 1090))
    rows_of_bids = np.flatnonzero((bars == look.long.solid).any(axis=1))
    rows_of_asks = np.flatnonzero((bars == look.short.solid).any(axis=1))
    assert rows_of_asks.max() < rows_of_bids.min()
    assert len(rows_of_asks) > 200
    assert len(rows_of_bids) > 200


def test_nothing_is_drawn_where_no_venue_tells() -> None:
    canvas, look = Canvas(), palette(Theme.DARK)
    shallow = (Venue("binance", 0.0011, usd=2e8),)  # of the 0.2 % that are shown
    book.draw(canvas, book_reading(venues=shallow, walls=False, clusters=()), look)
    panel = canvas.part(Box(30, 286, 800, 1096))
    drawn = np.asarray(np.isin(panel, [ink.solid for ink in (look.ink, look.long, look.short)]))
    assert not drawn[:150].any()
    assert not drawn[-150:].any()
    assert drawn[300:500].any(axis=1).all()


def test_a_larger_wall_has_a_longer_bar() -> None:
    look, lengths = palette(Theme.DARK), []
    for usd in (1.2, 1.6):  # both on a scale of $5M
        made = book_reading(walls=False)
        zones = made.zones
        bids, asks = np.full_like(zones.bids, 1e6), np.full_like(zones.asks, 1e6)
        asks[:, 80] *= usd
        canvas = Canvas()
        even = replace(zones, bids=bids, asks=asks)
        book.draw(canvas, replace(made, zones=even, walls=()), look)
        row = canvas.part(Box(28, 446, 800, 452))  # of the thirtieth zone above the middle
        lengths.append(int((row == look.short.solid).any(axis=0).sum()))
    assert lengths[1] > lengths[0] + 50


def test_what_was_not_heard_is_hatched() -> None:
    look, shades = palette(Theme.DARK), []
    for deaf in (0.0, 0.5):
        canvas = Canvas()
        liqs.draw(canvas, liquidated_reading(deaf=deaf, count=0), look)
        left = canvas.part(Box(30, 730, 500, 800))
        shades.append(float((left == look.raised.solid).mean()))
    assert shades[0] == 0
    assert shades[1] > 0.6


@pytest.mark.parametrize("theme", list(Theme))
@pytest.mark.parametrize("kind", ["book", "liquidations"])
def test_simulated_is_written_large_across_the_picture(theme: Theme, kind: str) -> None:
    drawn = [
        book.render(book_reading(simulated=simulated), theme)
        if kind == "book"
        else liqs.render(liquidated_reading(simulated=simulated), theme)
        for simulated in (False, True)
    ]
    real, marked = (decoded(png).astype(int) for png in drawn)
    touched = np.abs(real - marked).sum(axis=2)[240:] > 20
    rows, columns = np.nonzero(touched)
    assert touched.mean() > 0.05
    assert np.ptp(rows) > 0.7 * HEIGHT
    assert np.ptp(columns) > 0.7 * WIDTH


def test_pictures_are_small_pngs_and_the_same_each_time() -> None:
    for first, again in (
        (book.render(book_reading(), Theme.DARK), book.render(book_reading(), Theme.DARK)),
        (
            liqs.render(liquidated_reading(), Theme.DARK),
            liqs.render(liquidated_reading(), Theme.DARK),
        ),
    ):
        assert first == again
        assert len(first) < 160_000
        with Image.open(io.BytesIO(first)) as image:
            assert image.mode == "P"
            assert image.size == (WIDTH, HEIGHT)
