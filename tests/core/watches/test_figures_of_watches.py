"""The figures that watches compare, worked out of histories and signals."""

from dataclasses import replace

import numpy as np
import pytest

from bot.core.arrays import DAY, HOUR, MINUTE, floats, times
from bot.core.market.heard import Heard
from bot.core.market.history import MarketHistory
from bot.core.market.liquidations import Liquidations, PositionSide
from bot.core.market.series import Candles, FundingRates, OpenInterest
from bot.core.signals.episode import Episode, Kind, Way
from bot.core.signals.events import Zone
from bot.core.watches.columns import Columns, clusters_of
from bot.core.watches.figures import Figure, Measure, Side
from bot.core.watches.gathered import figures_of, signals_of
from bot.core.watches.tree import Sign, Signal
from tests.support.histories import BTC, START, history

NOW = START + 2 * DAY


def figure(told: MarketHistory, asked: Figure, *at: int) -> list[float]:
    """Return a figure as watches see it, at given times."""
    time = times(at)
    figures = figures_of(told, [asked], time)
    seen = Columns(time, figures, clusters_of([None] * len(time)))
    return [float(value) for value in seen.values(asked)]


def plain() -> MarketHistory:
    """Two days of one-hour candles at 100, 101, 102 …, with what is published each hour."""
    bars = 48
    opened = START + HOUR * np.arange(bars, dtype=np.int64)
    price = floats(100 + np.arange(bars))
    ones = np.ones(bars)
    return MarketHistory(
        BTC,
        Candles(opened, price, price, price, price, ones, None, HOUR),
        open_interest=OpenInterest(opened + HOUR, floats(1000 + 10 * np.arange(bars))),
        funding=FundingRates(opened[::8], floats(0.0001 * np.arange(1, 7))),
        liquidations=Liquidations(
            opened + 30 * MINUTE,
            np.where(np.arange(bars) % 2 == 0, 1, -1).astype(np.int8),
            np.full(bars, 100.0),
            ones * 10,
        ),
    )


def test_levels_are_those_last_published_and_no_older_than_they_may_be() -> None:
    assert figure(plain(), Figure(Measure.PRICE), NOW, NOW + MINUTE) == [147.0, 147.0]
    assert np.isnan(figure(plain(), Figure(Measure.PRICE), NOW + HOUR))
    assert figure(plain(), Figure(Measure.INTEREST), NOW) == [1470.0 * 147]
    assert figure(plain(), Figure(Measure.FUNDING), NOW) == pytest.approx([0.0006])
    assert np.isnan(figure(plain(), Figure(Measure.RATIO), NOW))
    assert figure(history(), Figure(Measure.RATIO), START + HOUR)[0] > 0


def test_changes_are_from_a_window_before_and_open_interest_is_counted_in_coins() -> None:
    change = Figure(Measure.PRICE_CHANGE, window=4 * HOUR)
    assert figure(plain(), change, NOW) == pytest.approx([147 / 143 - 1])
    interest = Figure(Measure.INTEREST_CHANGE, window=4 * HOUR)
    assert figure(plain(), interest, NOW) == pytest.approx([1470 / 1430 - 1])
    funding = Figure(Measure.FUNDING_CHANGE, window=8 * HOUR)
    assert figure(plain(), funding, NOW - HOUR) == pytest.approx([0.0001])


def test_a_change_over_a_hole_is_not_known() -> None:
    whole = plain()
    kept = np.abs(np.arange(48) - 43) > 1  # nothing published around four hours ago
    assert whole.open_interest is not None
    holed = OpenInterest(whole.open_interest.time[kept], whole.open_interest.quantity[kept])
    change = Figure(Measure.INTEREST_CHANGE, window=4 * HOUR)
    assert np.isnan(figure(replace(whole, open_interest=holed), change, NOW))


def test_liquidations_are_summed_by_side_within_the_window() -> None:
    both = Figure(Measure.LIQUIDATED, window=4 * HOUR)
    longs = Figure(Measure.LIQUIDATED, Side.LONGS, 4 * HOUR)
    assert figure(plain(), both, NOW) == [4000.0]
    assert figure(plain(), longs, NOW) == [2000.0]
    times_normal = Figure(Measure.LIQUIDATED_TIMES, window=4 * HOUR)
    assert figure(plain(), times_normal, NOW) == pytest.approx([1.0])
    assert np.isnan(figure(plain(), times_normal, START + 12 * HOUR))


def test_liquidations_that_nobody_listened_to_are_not_known() -> None:
    both = Figure(Measure.LIQUIDATED, window=HOUR)
    deaf = replace(plain(), heard=Heard(((START, NOW - 2 * HOUR), (NOW - 10 * MINUTE, NOW))))
    assert np.isnan(figure(deaf, both, NOW))
    assert figure(deaf, both, NOW - 2 * HOUR) == [1000.0]
    reconnected = replace(plain(), heard=Heard(((START, NOW - MINUTE), (NOW - MINUTE // 2, NOW))))
    assert figure(reconnected, both, NOW) == [1000.0]
    assert np.isnan(figure(replace(plain(), liquidations=None), both, NOW))


def test_nothing_published_later_changes_what_was_known() -> None:
    told = history(bars=900)
    at = START + DAY + 5 * MINUTE * np.arange(100, dtype=np.int64)
    keys = [
        Figure(Measure.PRICE),
        Figure(Measure.FUNDING),
        Figure(Measure.INTEREST_CHANGE, window=HOUR),
        Figure(Measure.RATIO),
        Figure(Measure.LIQUIDATED_TIMES, Side.LONGS, HOUR),
    ]
    whole = figures_of(told, keys, at)
    for row in (0, 50, 99):
        then = figures_of(told.known_at(int(at[row])), keys, at[row : row + 1])
        for key in keys:
            np.testing.assert_allclose(then[key].value[0], whole[key].value[row])
            assert then[key].known_at[0] == whole[key].known_at[row]


def test_signals_say_how_far_they_have_come_and_what_they_are_about() -> None:
    zone = Zone(PositionSide.SHORT, 101.0, 102.0, 1e8)

    def sweep(phase: str, way: Way, ended: int | None = None) -> Episode:
        return Episode(
            Kind.SWEEP, "BTC", phase, NOW, NOW, 100.0, 100.0, way, zone=zone, ended=ended
        )

    markets = [
        [sweep("swept", Way.UP), sweep("setup", Way.DOWN)],
        [sweep("wrong", Way.UP, ended=NOW)],
        None,
    ]
    either, up = Signal(Sign.SWEEP), Signal(Sign.SWEEP, "up")
    figures, about = signals_of([either, up, Figure(Measure.PRICE)], markets, times([NOW] * 3))
    assert set(figures) == {either, up}
    np.testing.assert_array_equal(figures[either].value, [3, 0, np.nan])
    np.testing.assert_array_equal(figures[up].value, [1, 0, np.nan])
    assert [None if each is None else each.side for each in about[up]] == [Side.ABOVE, None, None]
