"""The last hour and day of liquidations: sums, sizes, venues, and how well all was heard."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.arrays import DAY, HOUR, MINUTE, floats
from bot.core.flow.liquidated import LiquidatedReading, Sums, ToldMarket
from bot.core.flow.read_liquidated import BIN, read_liquidated
from bot.core.instruments import Instrument
from bot.core.market.heard import Heard
from bot.core.market.liquidations import Liquidations, LiquidationTotals
from tests.support.histories import BTC, START

NOW = START + 7 * MINUTE
OKX = Instrument("okx", "BTC", "USDT", "USDT")
SOL = Instrument("binance", "SOL", "USDT", "USDT")

Event = tuple[int, int, float]  # [ms] before now, side, USD


def events(*told: Event) -> Liquidations:
    rows = sorted((NOW - ago, side, usd) for ago, side, usd in told)
    time, side, usd = zip(*rows, strict=True) if rows else ((), (), ())
    return Liquidations(
        np.array(time, dtype=np.int64),
        np.array(side, dtype=np.int8),
        np.full(len(rows), 100.0),
        floats(usd) / 100,
    )


def told(
    *some: Event, instrument: Instrument = BTC, heard: Heard | None = None, feed: str = "all"
) -> ToldMarket:
    return ToldMarket(instrument, events(*some), heard, feed)


def read(*markets: ToldMarket, base: str = "BTC") -> LiquidatedReading:
    asked = tuple(dict.fromkeys(market.instrument.exchange for market in markets))
    return read_liquidated(base, markets, NOW, asked)


def test_the_last_hour_and_day_are_summed_by_side() -> None:
    found = read(
        told((5 * MINUTE, 1, 500.0), (2 * HOUR, -1, 3_000.0), (25 * HOUR, 1, 9e9)),
        told((10 * MINUTE, 1, 2e6), instrument=OKX),
    )
    assert found.hour == Sums(2_000_500.0, 0.0, 2, 0)
    assert found.day == Sums(2_000_500.0, 3_000.0, 2, 1)
    assert [(venue.name, venue.day.count) for venue in found.venues] == [("okx", 1), ("binance", 2)]
    assert [one.usd for one in found.largest] == [2e6, 3_000.0, 500.0]
    assert found.largest[0].instrument is OKX


def test_sizes_are_told_apart_at_one_ten_hundred_thousand_and_a_million() -> None:
    sizes = (999.0, 1_000.0, 9_999.0, 10_000.0, 99_999.0, 100_000.0, 999_999.0, 1e6, 5e7)
    found = read(told(*((HOUR + 60_000, 1, usd) for usd in sizes), (60_000, -1, 2e6)))
    assert [share.day.count for share in found.classes] == [1, 2, 2, 2, 3]
    assert [share.hour.count for share in found.classes] == [0, 0, 0, 0, 1]


@given(
    st.lists(
        st.tuples(st.integers(0, 2 * DAY), st.sampled_from([1, -1]), st.floats(0.5, 1e8)),
        max_size=40,
    )
)
def test_classes_bins_venues_and_sides_all_add_up_to_the_same(some: list[Event]) -> None:
    found = read(told(*some[::2]), told(*some[1::2], instrument=OKX))
    want = sum(usd for ago, _, usd in some if ago < DAY)
    assert found.day.usd == pytest.approx(want)
    assert sum(share.day.usd for share in found.classes) == pytest.approx(want)
    assert sum(share.day.count for share in found.classes) == found.day.count
    assert sum(share.day.usd for share in found.venues) == pytest.approx(want)
    drawn = float(found.timeline.long_usd.sum() + found.timeline.short_usd.sum())
    early = sum(usd for ago, _, usd in some if ago < DAY and NOW - ago < found.timeline.edges[0])
    assert drawn == pytest.approx(want - early)


def test_bins_are_a_quarter_of_an_hour_and_the_last_is_forming() -> None:
    line = read(told((0, 1, 100.0))).timeline
    assert len(line.long_usd) == 96
    assert line.edges[-2] <= NOW < line.edges[-1]
    assert line.edges[-1] % BIN == 0
    assert line.long_usd[-1] == pytest.approx(100.0)


def test_what_was_not_heard_is_known_to_be_unknown() -> None:
    since = NOW - 6 * HOUR
    found = read(told(heard=Heard(((since, NOW - 5_000),))), told(instrument=OKX))
    by_name = {each.exchange: each for each in found.coverage}
    assert by_name["binance"].heard == pytest.approx(0.25)
    assert by_name["binance"].heard_hour == 1
    assert by_name["binance"].until is None  # its newest note is moments old
    assert by_name["okx"].heard == 1
    assert found.freshness == "1 of 2 venues"
    heard = found.timeline.heard
    assert heard[-1] == pytest.approx(1)
    assert heard[0] == 0
    assert heard.mean() == pytest.approx(0.25, abs=0.02)


def test_a_feed_that_fell_silent_is_deaf_since_then() -> None:
    found = read(told(heard=Heard(((NOW - DAY, NOW - 10 * MINUTE),))))
    assert found.coverage[0].until == NOW - 10 * MINUTE
    assert found.coverage[0].heard_hour == pytest.approx(5 / 6)


def test_a_venue_that_never_told_of_any_is_not_said_to_have_none() -> None:
    found = read(ToldMarket(BTC, None, None, "it publishes none"))
    assert found.coverage[0].heard == 0
    assert found.freshness == "0 of 1 venue"
    assert not found.timeline.heard.any()


def test_of_several_markets_of_a_venue_the_worst_heard_speaks_for_it() -> None:
    found = read(told(), told(instrument=SOL, heard=Heard(((NOW - HOUR, NOW),))), base="")
    assert found.coverage[0].heard == pytest.approx(1 / 24)
    assert [coin.name for coin in found.coins] == ["BTC", "SOL"]
    assert found.candles is None


def test_sums_by_the_hour_stand_in_where_single_events_are_not_told() -> None:
    hours = np.array([START - 30 * HOUR, START - 5 * HOUR, START], dtype=np.int64)
    totals = LiquidationTotals(hours, floats([9e9, 100, 20]), floats([9e9, 50, 0]), HOUR)
    found = read(ToldMarket(BTC, None, None, "by the hour", totals))
    assert (found.day.long_usd, found.day.short_usd, found.hour.usd) == (120, 50, 20)
    assert float(found.timeline.long_usd.sum()) == 120
    assert found.coverage[0].heard == 1
    assert found.largest == ()


def test_multiples_of_a_coin_are_one_coin_at_one_price() -> None:
    thousand = Instrument("binance", "1000PEPE", "USDT", "USDT")
    single = Instrument("okx", "PEPE", "USDT", "USDT")
    markets = (
        told((MINUTE, 1, 500.0), instrument=thousand),
        told((MINUTE, 1, 700.0), instrument=single),
    )
    found = read(*markets, base="1000PEPE")
    assert [(coin.name, coin.day.usd) for coin in found.coins] == [("PEPE", 1200.0)]
    assert [one.price for one in found.largest] == pytest.approx([100_000, 100])
    assert [one.price for one in read(*markets, base="").largest] == [100, 100]
