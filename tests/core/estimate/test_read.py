"""One market or several venues, read for the picture and its words."""

from dataclasses import replace

import numpy as np
import pytest

from bot.core.arrays import DAY, HOUR, MINUTE
from bot.core.errors import NotEnoughData
from bot.core.estimate.maps import STEP
from bot.core.estimate.market import MarketEstimate
from bot.core.estimate.read import read
from bot.core.estimate.reading import MapReading
from bot.core.market.history import MarketHistory
from bot.core.market.liquidations import Liquidations, LiquidationTotals, PositionSide
from bot.core.market.scale import scaled
from bot.core.market.series import Candles, FundingRates
from bot.core.windows import WINDOWS, window
from tests.support.walks import first_bars, wandering


def reading(*histories: MarketHistory, name: str = "24h", as_of: int | None = None) -> MapReading:
    at = as_of or int(histories[0].candles.close_time[-1])
    estimates = [MarketEstimate.of(history, as_of=at) for history in histories]
    asked = tuple(history.instrument.exchange for history in histories)
    return read(estimates, histories, window(name), at, asked, ())


@pytest.mark.parametrize("name", [each.name for each in WINDOWS])
@pytest.mark.parametrize("interval", [MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR])
def test_a_picture_of_any_window_is_whole(name: str, interval: int) -> None:
    said = reading(wandering(bars=500, interval=interval), name=name)
    picture = said.heatmap
    columns = len(picture.column_edges) - 1
    assert picture.long_usd.shape == picture.short_usd.shape == (columns, len(picture.edges) - 1)
    assert (np.diff(picture.column_edges) > 0).all()
    assert picture.column_edges[0] <= said.as_of - window(name).length
    assert picture.column_edges[-1] >= said.as_of
    low, high = said.candles.low.min(), said.candles.high.max()
    assert picture.edges[0] < low < high < picture.edges[-1]
    assert np.isfinite(picture.long_usd).all()


def test_the_last_column_is_the_map_of_now() -> None:
    said = reading(wandering(bars=500))
    first = said.heatmap.first_bin - said.now.first_bin
    count = said.heatmap.long_usd.shape[1]
    assert not said.heatmap.forming
    assert said.heatmap.long_usd[-1] == pytest.approx(
        said.now.long_usd[first : first + count], rel=2e-3, abs=1
    )


def test_columns_that_were_closed_are_the_same_in_a_later_picture() -> None:
    history = wandering(bars=500)
    before, after = reading(first_bars(history, 450)), reading(history)
    times = before.heatmap.column_edges[1:], after.heatmap.column_edges[1:]
    shared = np.intersect1d(*times)
    assert len(shared) > 200
    low = max(before.heatmap.first_bin, after.heatmap.first_bin)
    high = min(each.heatmap.first_bin + each.heatmap.long_usd.shape[1] for each in (before, after))
    cut = []
    for each, ends in zip((before, after), times, strict=True):
        rows = np.searchsorted(ends, shared)
        first = each.heatmap.first_bin
        cut.append(each.heatmap.long_usd[rows, low - first : high - first])
    assert np.array_equal(cut[0], cut[1])


def test_a_forming_bar_takes_away_what_it_has_reached_and_adds_nothing() -> None:
    history = wandering(bars=300)
    ended = int(history.candles.close_time[-1])
    before = reading(history)
    fall = before.price * np.exp(-0.02)
    last = Candles(
        np.array([ended]),
        np.array([before.price]),
        np.array([before.price]),
        np.array([fall]),
        np.array([fall]),
        np.array([5.0]),
        None,
        history.candles.interval,
    )
    columns = {
        name: np.concatenate((getattr(history.candles, name), getattr(last, name)))
        for name in ("open_time", "open", "high", "low", "close", "volume")
    }
    candles = Candles(**columns, taker_buy_volume=None, interval=history.candles.interval)
    after = reading(replace(history, candles=candles), as_of=ended + 2 * MINUTE)
    assert after.heatmap.forming
    assert after.price == pytest.approx(fall)
    reached = int(np.floor(np.log(fall) / STEP)) - after.now.first_bin
    assert not after.now.long_usd[reached + 1 :].any()
    moved = before.now.first_bin - after.now.first_bin
    there, here = after.now.long_usd[moved : moved + reached - 20], before.now.long_usd
    assert there == pytest.approx(here[: len(there)])
    assert after.venues[0].as_of == ended


def test_venues_add_up_bin_by_bin() -> None:
    one = wandering(bars=300, seed=1)
    other = wandering(bars=300, seed=1, exchange="okx", size=30_000)
    apart, together = [reading(one), reading(other)], reading(one, other)
    for name in ("long_usd", "short_usd"):
        total = sum(getattr(each.now, name) for each in apart)
        assert getattr(together.now, name) == pytest.approx(total)
        picture = sum(getattr(each.heatmap, name) for each in apart)
        assert getattr(together.heatmap, name) == pytest.approx(picture, rel=1e-5)
        groups = getattr(together.groups, name)
        assert groups.sum(axis=0) == pytest.approx(getattr(together.now, name))
    assert together.freshness == "2 of 2 venues"
    assert together.open_interest is not None
    assert together.open_interest.value[-1] == pytest.approx(
        sum(venue.open_interest_usd or 0 for venue in together.venues)
    )


def test_the_candles_are_those_of_the_venue_with_the_most_open_interest() -> None:
    small = wandering(bars=100, seed=1, size=1_000)
    large = wandering(bars=100, seed=2, exchange="okx", size=90_000)
    said = reading(small, large)
    assert said.price == large.candles.close[-1]
    assert said.candles.close[-1] == large.candles.close[-1]


def test_a_venue_that_is_a_little_behind_leaves_a_column_forming_not_a_hole() -> None:
    ahead, behind = wandering(bars=300, seed=1), wandering(bars=300, seed=1, exchange="okx")
    at = int(ahead.candles.close_time[-1])
    late = first_bars(behind, 299)
    estimates = [MarketEstimate.of(ahead), MarketEstimate.of(late)]
    said = read(estimates, [ahead, late], window("24h"), at, ("binance", "okx"), ())
    assert said.heatmap.forming
    settled = read(
        [MarketEstimate.of(ahead), MarketEstimate.of(behind)],
        [ahead, behind],
        window("24h"),
        at,
        ("binance", "okx"),
        (),
    )
    closed = len(said.heatmap.long_usd) - 1
    assert np.array_equal(said.heatmap.column_edges[:closed], settled.heatmap.column_edges[:closed])
    assert np.array_equal(said.heatmap.long_usd[:closed], settled.heatmap.long_usd[:closed])


def test_funding_is_told_for_eight_hours_whatever_the_venues_rhythm() -> None:
    history = wandering(bars=600)
    started = int(history.candles.open_time[0])
    hourly = np.arange(started, started + 2 * DAY, HOUR, dtype=np.int64)
    said = reading(replace(history, funding=FundingRates(hourly, np.full(len(hourly), 1e-5))))
    assert said.funding is not None
    assert said.funding.value == pytest.approx(8e-5)


def test_funding_is_weighted_by_open_interest() -> None:
    at = np.array([int(wandering().candles.open_time[0])])
    histories = [
        replace(wandering(seed=1), funding=FundingRates(at, np.array([4e-4]))),
        replace(
            wandering(seed=1, size=20_000, exchange="okx"),
            funding=FundingRates(at, np.array([0.0])),
        ),
    ]
    said = reading(*histories)
    assert said.funding is not None
    assert said.funding.value == pytest.approx(3.2e-4)


def test_the_clusters_named_are_those_in_the_picture() -> None:
    said = reading(wandering(bars=600), name="12h")
    assert said.clusters
    low, high = said.heatmap.edges[[0, -1]] * (1 - 1e-9, 1 + 1e-9)
    assert all(low <= each.low < each.high <= high for each in said.clusters)


def test_what_is_missing_is_said_and_not_made_up() -> None:
    said = reading(wandering(interest=False))
    assert said.open_interest is None
    assert said.funding is None
    assert said.liquidations is None
    assert said.venues[0].open_interest_usd is None
    assert said.venues[0].missing == ("open interest", "funding")
    assert said.now.long_usd.sum() > 0  # from turnover
    assert str(said.grade) == "unproven"


def test_events_of_all_venues_are_told_in_the_order_of_time() -> None:
    history = wandering()
    last = int(history.candles.close_time[-1])
    one, other = (
        replace(
            wandering(exchange=name),
            liquidations=Liquidations(
                np.array(times), np.array([1, -1], np.int8), np.ones(2), np.ones(2)
            ),
        )
        for name, times in (("binance", [last - 9 * DAY, last - 5]), ("okx", [last - 7, last - 3]))
    )
    said = reading(one, other)
    assert said.liquidations is not None
    assert said.liquidations.time.tolist() == [last - 7, last - 5, last - 3]


def falling(history: MarketHistory, fall: float) -> MarketHistory:
    """The same market with one more bar, in which the price falls and comes half the way back."""
    candles = history.candles
    last = float(candles.close[-1])
    bar = (last, last, last * np.exp(-fall), last * np.exp(-fall / 2), float(candles.volume[-1]))
    names = ("open", "high", "low", "close", "volume")
    columns = {
        name: np.append(getattr(candles, name), value)
        for name, value in zip(names, bar, strict=True)
    }
    time = np.append(candles.open_time, candles.close_time[-1])
    longer = Candles(open_time=time, **columns, taker_buy_volume=None, interval=candles.interval)
    return replace(history, candles=longer)


def test_a_cluster_that_price_went_through_is_told_with_what_stood_and_what_was_reported() -> None:
    quiet = wandering(bars=400, volatility=0.0006)
    named = [each for each in reading(quiet).clusters if each.side is PositionSide.LONG]
    assert named
    furthest = min(named, key=lambda each: each.distance)
    history = falling(quiet, 0.012 - np.log(1 + furthest.distance))
    interval = quiet.candles.interval
    start = int(history.candles.open_time[-1])
    told = LiquidationTotals(np.array([start]), np.array([7e6]), np.array([1e6]), interval)
    said = reading(replace(history, liquidation_totals=told))
    swept = [each for each in said.swept if each.side is PositionSide.LONG and each.swept == start]
    hit = next(
        each for each in swept if any(one.low < each.high and each.low < one.high for one in named)
    )
    edges, ends = said.heatmap.edges, said.heatmap.column_edges[1:]
    inside = (edges[:-1] > hit.low * (1 - 1e-9)) & (edges[1:] < hit.high * (1 + 1e-9))
    stood = said.heatmap.long_usd[np.searchsorted(ends, start)][inside]
    assert hit.usd == pytest.approx(stood.sum(), rel=1e-5)
    assert hit.swept == start
    assert hit.formed <= start
    assert hit.reported_usd == pytest.approx(7e6)
    assert all(each.side is not PositionSide.SHORT or each.swept != start for each in said.swept)


def test_without_a_feed_nothing_is_reported_of_a_swept_cluster() -> None:
    said = reading(falling(wandering(bars=400, volatility=0.0006), 0.12))
    assert said.swept
    assert all(each.reported_usd is None for each in said.swept)


def test_a_market_that_stands_still_sweeps_nothing() -> None:
    history = wandering(bars=400, volatility=1e-9)
    assert reading(history).swept == ()


def by_the_thousand(history: MarketHistory, exchange: str) -> MarketHistory:
    """The same market as a venue tells of it that counts a thousand coins as one."""
    counted = replace(history.instrument, exchange=exchange, base=f"1000{history.instrument.base}")
    return replace(scaled(history, 1000.0), instrument=counted)


def test_venues_that_count_a_coin_by_different_multiples_are_brought_to_one_scale() -> None:
    plain = wandering(bars=500)
    thousand = by_the_thousand(plain, "okx")
    said = reading(plain, thousand)
    alone = reading(plain)
    assert said.base == plain.instrument.base
    assert said.price == pytest.approx(alone.price)
    assert said.now.first_bin == alone.now.first_bin
    both = reading(plain, replace(plain, instrument=replace(plain.instrument, exchange="okx")))
    for one, other in ((said.now, both.now), (said.heatmap, both.heatmap)):
        for side in ("long_usd", "short_usd"):
            seen, meant = (getattr(each, side).astype(float) for each in (one, other))
            assert seen.sum() == pytest.approx(meant.sum(), rel=0.02)
            # Half a bin off at most: sums of neighbours agree, and no dollar is far from its place.
            away = np.cumsum(seen - meant, axis=-1)
            assert np.abs(away).max() <= 1.02 * max(meant.max(), 1.0)
    assert said.open_interest is not None
    assert both.open_interest is not None
    assert said.open_interest.value == pytest.approx(both.open_interest.value)


def test_a_coin_is_counted_as_asked() -> None:
    plain = wandering(bars=300)
    thousand = by_the_thousand(plain, "okx")
    at = int(plain.candles.close_time[-1])
    estimates = [MarketEstimate.of(each, as_of=at) for each in (plain, thousand)]
    said = read(
        estimates,
        (plain, thousand),
        window("24h"),
        at,
        ("a", "b"),
        (),
        base=thousand.instrument.base,
    )
    assert said.base == thousand.instrument.base
    assert said.price == pytest.approx(1000 * float(plain.candles.close[-1]))
    assert said.candles.close[-1] == pytest.approx(said.price)
    low, high = said.heatmap.edges[[0, -1]]
    assert low < said.price < high
    nearest = min(abs(cluster.distance) for cluster in said.clusters)
    assert nearest < 0.2


def test_no_market_is_no_reading() -> None:
    with pytest.raises(NotEnoughData):
        read([], [], window("24h"), 0, (), ())
