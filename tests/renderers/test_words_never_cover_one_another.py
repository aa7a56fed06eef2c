"""Whatever the market, every word on a picture can be read."""

from dataclasses import replace

import pytest

from bot.core import figures
from bot.core.estimate.maps import Cluster
from bot.core.estimate.reading import MapReading
from bot.core.market.liquidations import PositionSide
from renderers import heatmap, profile
from renderers.canvas import Canvas, Word
from renderers.theme import Theme, palette
from tests.support.readings import reading


def _written(made: MapReading) -> dict[str, list[Word]]:
    canvas, found = Canvas(), {}
    for name, draw in (("heatmap", heatmap.draw), ("map", profile.draw)):
        draw(canvas, made, palette(Theme.DARK))
        found[name] = list(canvas.words)
    return found


@pytest.mark.parametrize("window", ["12h", "24h", "3d", "7d", "30d"])
def test_what_a_reader_must_know_is_written(window: str) -> None:
    made = reading(window=window, venues=("binance", "okx"), failed=("bybit",), funding=False)
    for words in _written(made).values():
        text = " | ".join(word.text for word in words)
        for said in (
            "BTC",
            "/ USDT",
            window,
            "97,412",
            "estimated",
            "2 of 3 venues: Binance, OKX",
            "no answer from Bybit",
            "no funding",
            "grade: unproven",
            "31 Dec 2025, 16:23 UTC",
            "SIMULATED",
        ):
            assert said in text, said


def test_a_market_with_a_long_name_and_a_long_price_is_still_called_simulated() -> None:
    made = reading("ABCDEFGHIJKLMNOPQRST", price=0.00001234)
    for words in _written(made).values():
        assert "SIMULATED" in [word.text for word in words]


def test_a_real_market_is_never_called_simulated() -> None:
    for words in _written(reading(simulated=False)).values():
        assert not any("SIMULATED" in word.text for word in words)


def test_the_largest_zones_are_labelled_with_dollars_distance_and_price() -> None:
    zone = Cluster(PositionSide.SHORT, 99_361.0, 99_900.0, 99_500.0, 4.2e8, 3e8, 6e8, 0.02)
    words = [word.text for word in _written(replace(reading(), clusters=(zone,)))["heatmap"]]
    assert "$420M  +2.0 %" in words
    assert "99,361" in words


def test_a_zone_beyond_the_view_is_pointed_at_only_if_it_is_the_largest() -> None:
    near = Cluster(PositionSide.LONG, 95_000.0, 95_600.0, 95_300.0, 2e8, 1e8, 3e8, -0.018)
    for usd, pointed in ((3.6e8, True), (1e8, False)):
        far = Cluster(PositionSide.LONG, 70_000.0, 70_500.0, 70_200.0, usd, 1e8, 5e8, -0.276)
        zones = tuple(sorted((near, far), key=lambda zone: -zone.usd))
        words = [word.text for word in _written(replace(reading(), clusters=zones))["heatmap"]]
        assert "$200M  −1.8 %" in words
        assert ("↓ $360M  −27.6 %" in words) is pointed
        assert ("70,500" in words) is pointed


def test_a_missing_series_is_named_where_it_would_stand() -> None:
    made = reading(open_interest=False, funding=False, liquidations=False)
    words = [word.text for word in _written(made)["heatmap"]]
    assert {"no open interest", "no funding", "no liquidation events"} <= set(words)


def test_a_venue_whose_data_are_old_is_named_with_their_age() -> None:
    made = reading(venues=("binance", "okx"))
    newest, other = made.venues
    at = made.as_of - 40 * 60_000
    stale = replace(other, as_of=at, interval=5 * 60_000)
    words = _written(replace(made, venues=(newest, stale)))["heatmap"]
    assert any(f"OKX stale since {figures.since(at, made.as_of)}" in word.text for word in words)
    slow = replace(stale, interval=15 * 60_000)  # bars of 15 minutes are as old as that at times
    words = _written(replace(made, venues=(newest, slow)))["heatmap"]
    assert not any("stale" in word.text for word in words)
