"""One figure on every venue, and of all together: what a trader may conclude from it."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.arrays import DAY, HOUR, Floats, floats, times
from bot.core.instruments import Instrument
from bot.core.market.fundings import due, eight_hourly, intervals
from bot.core.market.history import MarketHistory
from bot.core.market.scale import scaled
from bot.core.market.series import FundingRates
from bot.core.market.summary import Summary
from bot.core.panels.panel import SHOWN
from bot.core.panels.reading import SPANS, Kind, Line, PanelReading
from bot.core.panels.standing import standings
from tests.support.panels import END, many, panel_of, told

HOURS = END - HOUR * np.arange(30 * 24, -1, -1, dtype=np.int64)


def merged(reading: PanelReading) -> Line:
    assert reading.merged is not None
    return reading.merged


def paying(history: MarketHistory, rate: float, every: int = 8 * HOUR) -> MarketHistory:
    """The same market with one funding rate for every interval, all the time."""
    at = END // every * every - every * np.arange(30 * DAY // every, -1, -1, dtype=np.int64)
    return replace(history, funding=FundingRates(at, np.full(len(at), rate)))


@given(st.lists(st.sampled_from([1, 4, 8]), min_size=3, max_size=40), st.data())
def test_a_rate_a_day_is_the_same_however_often_it_is_paid(
    changes: list[int], data: st.DataObject
) -> None:
    # Each interval holds for a while, as on any venue.
    ways = np.repeat(changes, 6)
    at = times(np.cumsum(np.concatenate(([0], ways))) * HOUR)
    rate = floats(np.concatenate(([ways[0]], ways))) * 1e-4 / 8
    whole = FundingRates(at, rate)
    assert eight_hourly(whole).rate == pytest.approx(1e-4)
    lost = data.draw(st.integers(3, len(at) - 4))
    if len(set(ways[lost - 3 : lost + 3].tolist())) == 1:
        holed = FundingRates(np.delete(at, lost), np.delete(rate, lost))
        assert eight_hourly(holed).rate == pytest.approx(1e-4), "a funding that was not told"


def test_a_single_funding_is_taken_for_eight_hours() -> None:
    assert intervals(FundingRates(times([END]), floats([1e-4]))) == 8 * HOUR
    assert intervals(FundingRates(times([]), floats([]))).shape == (0,)


@given(st.integers(0, 10**6), st.sampled_from([1, 4, 8]))
def test_the_next_funding_is_ahead_and_on_the_beat(late: int, hours: int) -> None:
    now, every = END + late * 1000, hours * HOUR
    at = due(FundingRates(times([END]), floats([0])), every, now)
    assert at is not None
    assert now < at <= now + every
    assert (at - END) % every == 0
    assert due(FundingRates(times([]), floats([])), every, now) is None


def test_hourly_and_eight_hourly_venues_stand_side_by_side() -> None:
    reading = panel_of(
        Kind.FUNDING,
        paying(told("binance"), 8e-5),
        paying(told("hyperliquid"), 1e-5, HOUR),
    )
    assert [line.now for line in reading.venues] == pytest.approx([8e-5, 8e-5])
    assert {line.exchange: line.interval for line in reading.venues} == {
        "binance": 8 * HOUR,
        "hyperliquid": HOUR,
    }
    assert merged(reading).now == pytest.approx(8e-5)
    assert merged(reading).strip.value[-24:] == pytest.approx(8e-5)


def test_all_together_is_weighted_by_open_interest() -> None:
    large, small = told("binance", interest=3e4, seed=1), told("okx", interest=1e4, seed=1)
    reading = panel_of(Kind.FUNDING, paying(large, 1e-4), paying(small, 5e-4))
    assert merged(reading).now == pytest.approx(2e-4)
    assert merged(reading).strip.value[-1] == pytest.approx(2e-4)


def test_the_newest_open_interest_weighs_what_holds_now() -> None:
    one, two = paying(told("binance"), 1e-4), paying(told("okx", seed=1), 5e-4)
    assert one.open_interest is not None
    price, held = float(one.candles.close[-1]), float(one.open_interest.quantity[-1])
    grown = {one.instrument: Summary(END, price, 1e9, open_interest=3 * held)}
    assert merged(panel_of(Kind.FUNDING, one, two)).now == pytest.approx(3e-4)
    assert merged(panel_of(Kind.FUNDING, one, two, summaries=grown)).now == pytest.approx(2e-4)


def test_a_ratio_is_averaged_by_the_share_of_accounts() -> None:
    def told_ratio(name: str, ratio: float) -> MarketHistory:
        whole = told(name)
        series = whole.long_short_ratio
        assert series is not None
        return replace(
            whole, long_short_ratio=replace(series, ratio=np.full(len(series.time), ratio))
        )

    reading = panel_of(Kind.RATIO, told_ratio("binance", 4.0), told_ratio("okx", 0.25))
    assert merged(reading).now == pytest.approx(1.0)  # 80 % long and 20 % long


def test_open_interest_adds_up_and_is_told_in_coins_and_dollars() -> None:
    one, two = told("binance", seed=1), told("okx", seed=2)
    reading = panel_of(Kind.INTEREST, one, two)
    coins = 0.0
    usd = 0.0
    for history in (one, two):
        assert history.open_interest is not None
        coins += float(history.open_interest.quantity[-1])
        usd += float(history.open_interest.quantity[-1] * history.candles.close[-1])
    assert merged(reading).now == pytest.approx(coins)
    assert merged(reading).interest_usd == pytest.approx(usd)


def test_a_price_that_moves_alone_is_no_change_of_open_interest() -> None:
    whole = told()
    assert whole.open_interest is not None
    rising = whole.candles
    path = np.linspace(50_000.0, 100_000.0, len(rising))
    candles = replace(rising, open=path, high=path, low=path, close=path)
    still = replace(whole.open_interest, quantity=np.full(len(whole.open_interest.time), 1000.0))
    reading = panel_of(Kind.INTEREST, replace(whole, candles=candles, open_interest=still))
    assert merged(reading).changes == pytest.approx((0.0,) * len(SPANS))
    assert merged(reading).usd_changes[-1] > 0.1


@pytest.mark.parametrize("kind", list(Kind))
def test_changes_are_those_of_the_strip(kind: Kind) -> None:
    (line,) = panel_of(kind, told()).venues
    for span, change in zip(SPANS.values(), line.changes, strict=True):
        before = float(line.strip.value[-1 - span // HOUR])
        assert line.strip.time[-1 - span // HOUR] == END - span
        meant = line.now / before - 1 if kind is Kind.INTEREST else line.now - before
        assert change == pytest.approx(meant)


def test_a_venue_that_comes_later_is_no_change_of_the_others() -> None:
    old, new = paying(told("binance"), 1e-4), paying(told("okx", days=1), 9e-4)
    assert new.funding is not None
    recent = new.funding.time > END - 12 * HOUR
    new = replace(new, funding=FundingRates(new.funding.time[recent], new.funding.rate[recent]))
    changes = dict(zip(SPANS, merged(panel_of(Kind.FUNDING, old, new)).changes, strict=True))
    assert changes["24 h"] == pytest.approx(0.0)
    assert changes["7 d"] == pytest.approx(0.0)


def test_open_interest_that_is_told_only_of_now_counts_now_and_not_in_the_past() -> None:
    whole, bare = told("binance"), replace(told("dydx"), open_interest=None)
    summary = Summary(END, 90_000.0, 1e9, open_interest=500.0)
    reading = panel_of(Kind.INTEREST, whole, bare, summaries={bare.instrument: summary})
    assert whole.open_interest is not None
    held = float(whole.open_interest.quantity[-1])
    assert merged(reading).now == pytest.approx(held + 500)
    assert merged(reading).venues == ("binance",)
    alone = merged(panel_of(Kind.INTEREST, whole))
    assert merged(reading).changes == alone.changes
    assert merged(reading).standings == alone.standings


def test_funding_that_falls_due_next_is_what_holds_now() -> None:
    whole = paying(told(), 1e-4)
    summary = Summary(END, 90_000.0, 1e9, funding=3e-4, funding_interval=4 * HOUR)
    (line,) = panel_of(Kind.FUNDING, whole, summaries={whole.instrument: summary}).venues
    assert line.now == pytest.approx(6e-4)
    assert line.interval == 4 * HOUR
    assert not line.stale
    old = replace(summary, time=END - 30 * DAY)
    (line,) = panel_of(Kind.FUNDING, whole, summaries={whole.instrument: old}).venues
    assert line.now == pytest.approx(1e-4)  # the last that was paid


def test_what_is_old_is_stale_and_says_nothing_of_now() -> None:
    old, new = told("binance", end=END - 2 * DAY), told("okx", interest=100.0, ratio=3.0)
    reading = panel_of(Kind.RATIO, old, new)
    stale = {line.exchange: line.stale for line in reading.venues}
    assert stale == {"binance": True, "okx": False}
    assert new.long_short_ratio is not None
    assert merged(reading).now == pytest.approx(float(new.long_short_ratio.ratio[-1]))


def test_a_venue_that_fell_silent_does_not_end_the_sum_of_the_others() -> None:
    reading = panel_of(Kind.INTEREST, told("binance", end=END - DAY), told("okx"))
    assert merged(reading).venues == ("okx",)
    assert np.isfinite(merged(reading).changes).all()


def test_who_does_not_tell_is_named_and_who_fails_is_counted() -> None:
    silent = replace(told("dydx"), long_short_ratio=None)
    reading = panel_of(Kind.RATIO, told(), silent, failed=("kraken",))
    assert reading.lacking == ("dydx",)
    assert reading.freshness == "1 of 3 venues"
    nobody = panel_of(Kind.RATIO, silent)
    assert nobody.merged is None
    assert nobody.venues == ()


def test_a_coin_counted_by_the_thousand_is_summed_with_the_others() -> None:
    plain = told("okx", base="PEPE", price=1e-5, interest=1e12)
    counted = replace(
        scaled(plain, 1000.0), instrument=Instrument("binance", "1000PEPE", "USDT", "USDT")
    )
    reading = panel_of(Kind.INTEREST, plain, counted, base="1000PEPE")
    first, second = reading.venues
    assert first.now == pytest.approx(second.now)
    assert plain.open_interest is not None
    assert merged(reading).now == pytest.approx(2 * float(plain.open_interest.quantity[-1]) / 1000)


@given(st.integers(1, 6), st.sampled_from(list(Kind)))
@settings(max_examples=20, deadline=None)
def test_all_together_lies_between_the_venues(count: int, kind: Kind) -> None:
    reading = panel_of(kind, *many(count))
    nows = [line.now for line in reading.venues]
    if kind is Kind.INTEREST:
        assert merged(reading).now == pytest.approx(sum(nows))
    else:
        assert min(nows) - 1e-12 <= merged(reading).now <= max(nows) + 1e-12
    assert reading.start >= END - SHOWN
    interest = [line.interest_usd for line in reading.venues]
    assert interest == sorted(interest, reverse=True)


@given(st.lists(st.floats(-5, 5), min_size=30, max_size=400), st.floats(-6, 6))
def test_a_percentile_counts_the_hours_that_were_lower(past: list[float], now: float) -> None:
    value = floats(past)
    at = END - HOUR * np.arange(len(value), 0, -1, dtype=np.int64)
    (found, *_) = standings(at, value, now, END)
    lower = sum(each < now for each in past) / len(past)
    equal = sum(each == now for each in past) / len(past)
    assert found.percentile == pytest.approx(lower + equal / 2)
    assert found.low <= found.median <= found.high
    assert found.reached == pytest.approx(len(value) / 24)


def _steps(days: float) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], Floats]:
    count = int(days * 24)
    at = END - HOUR * np.arange(count, 0, -1, dtype=np.int64)
    return at, np.linspace(0, 1, count)


@pytest.mark.parametrize(
    ("days", "rests"),
    [(0.5, ()), (3, ("3 d",)), (30, ("30 d",)), (60, ("30 d", "60 d")), (200, ("30 d", "90 d"))],
)
def test_a_percentile_says_on_how_many_days_it_rests(days: float, rests: tuple[str, ...]) -> None:
    at, value = _steps(days)
    assert tuple(each.rests_on for each in standings(at, value, 0.5, END)) == rests


def test_what_is_not_known_is_not_ranked() -> None:
    at, value = _steps(30)
    assert standings(at, value, float("nan"), END) == ()
    value[:-10] = np.nan
    assert standings(at, value, 0.5, END) == ()
