"""History of one market as a venue gives it, page by page, over the production client."""

from collections.abc import AsyncIterator
from dataclasses import replace

import numpy as np
import pytest

from bot.core.arrays import DAY, HOUR, MINUTE
from bot.core.errors import MarketUnavailable, UnknownSymbol
from bot.core.instruments import Instrument
from bot.exchanges.feed import wall_clock
from bot.exchanges.live import VenueSource, venue_source
from bot.exchanges.parse.common import Listing
from bot.exchanges.registry import VENUES
from bot.exchanges.venue import Call, Span
from tests.support.loopback_common import long_short
from tests.support.loopback_markets import MARKETS
from tests.support.venues import LoopbackVenues, loopback_venues

SHARES = {"binance": 1.0, "bybit": 0.6, "okx": 0.4}
BTC = {name: Instrument(name, "BTC", "USDT", "USDT") for name in VENUES}


@pytest.fixture
async def venues() -> AsyncIterator[LoopbackVenues]:
    async with loopback_venues() as far_end:
        yield far_end


@pytest.fixture
async def sources(venues: LoopbackVenues) -> AsyncIterator[dict[str, VenueSource]]:
    made = {name: venue_source(name, venues.base) for name in VENUES}
    yield made
    for source in made.values():
        await source.close()


@pytest.mark.parametrize("name", VENUES)
async def test_all_markets_of_a_venue_are_listed_also_those_of_later_pages(
    sources: dict[str, VenueSource], name: str
) -> None:
    assert {one.base for one in await sources[name].instruments()} == set(MARKETS)


@pytest.mark.parametrize("name", VENUES)
async def test_a_day_of_a_market_comes_whole_in_order_and_in_our_units(
    sources: dict[str, VenueSource], name: str
) -> None:
    source, market = sources[name], MARKETS["BTC"]
    now = source.now()
    history = await source.history(BTC[name], now - DAY)
    candles = history.candles

    opens = np.arange(-(-(now - DAY) // candles.interval), now // candles.interval + 1)
    assert set(opens * candles.interval) <= set(candles.open_time.tolist()) | {opens[-1]}
    assert np.all(np.diff(candles.open_time) == candles.interval)
    bars = market.bars(candles.open_time, candles.interval, source.now(), SHARES[name])
    closed = slice(0, -1)  # the last bar is still forming
    assert candles.open[closed] == pytest.approx(bars[closed, 0])
    assert candles.high[closed] == pytest.approx(bars[closed, 1])
    assert candles.low[closed] == pytest.approx(bars[closed, 2])
    assert candles.close[closed] == pytest.approx(bars[closed, 3])
    assert candles.volume[closed] == pytest.approx(bars[closed, 4])
    if name == "binance":
        assert candles.taker_buy_volume is not None
        assert candles.taker_buy_volume[closed] == pytest.approx(bars[closed, 5])
    else:
        assert candles.taker_buy_volume is None

    interest = history.open_interest
    assert interest is not None
    assert len(interest.time) >= 22
    assert interest.quantity == pytest.approx(market.interest(interest.time, SHARES[name]))
    assert history.funding is not None
    assert len(history.funding.time) == 3
    assert np.all(history.funding.rate != 0.0009)  # OKX's forecast
    ratio = history.long_short_ratio
    assert ratio is not None
    assert ratio.ratio == pytest.approx([long_short(at) for at in ratio.time.tolist()], rel=1e-3)
    assert source.gaps(BTC[name]) == {}
    assert source.failures() == {}


async def test_brackets_come_from_venues_that_tell_them_without_a_key(
    sources: dict[str, VenueSource],
) -> None:
    found = {}
    for name, source in sources.items():
        history = await source.history(BTC[name], source.now() - 6 * HOUR)
        found[name] = history.brackets
        price = history.candles.close[-1]
        if name == "okx" and history.brackets is not None:
            assert history.brackets.value_cap[0] == pytest.approx(3000 * 0.01 * price)
    assert found["binance"] is None  # the bundled table serves
    assert found["bybit"] is not None
    assert found["bybit"].deduction.tolist() == [0, 10_000]


@pytest.mark.parametrize(("name", "bar"), [("binance", 5 * MINUTE), ("bybit", 5 * MINUTE)])
async def test_thirty_days_come_without_a_hole(
    sources: dict[str, VenueSource], name: str, bar: int
) -> None:
    source = sources[name]
    history = await source.history(BTC[name], source.now() - 30 * DAY)
    assert len(history.candles) in {8640, 8641}
    assert np.all(np.diff(history.candles.open_time) == bar)
    assert history.open_interest is not None
    assert len(set(np.diff(history.open_interest.time).tolist())) == 1
    assert history.open_interest.time[0] < source.now() - 30 * DAY + 20 * MINUTE
    assert source.gaps(BTC[name]) == {}


async def test_bars_older_than_okx_keeps_at_hand_come_from_its_archive(
    venues: LoopbackVenues, sources: dict[str, VenueSource]
) -> None:
    source = sources["okx"]
    history = await source.history(BTC["okx"], source.now() - 17 * DAY)
    assert venues.asked("okx", "/history-candles")
    assert venues.asked("okx", "/market/candles")
    assert np.all(np.diff(history.candles.open_time) == 15 * MINUTE)
    assert len(history.candles) in {17 * 96, 17 * 96 + 1}


async def test_where_okx_forgets_hours_of_open_interest_it_remembers_days(
    sources: dict[str, VenueSource],
) -> None:
    source = sources["okx"]
    history = await source.history(BTC["okx"], source.now() - 10 * DAY)
    interest = history.open_interest
    assert interest is not None
    steps = np.diff(interest.time)
    assert steps[0] == DAY
    assert steps[-1] == HOUR
    assert np.all(np.diff(steps) <= 0)
    assert interest.quantity == pytest.approx(MARKETS["BTC"].interest(interest.time, SHARES["okx"]))


async def test_a_page_that_holds_less_than_was_believed_is_followed_by_another(
    venues: LoopbackVenues,
) -> None:
    venue = VENUES["okx"]
    hopeful = replace(venue, candles=replace(venue.candles, page=1000))
    source = VenueSource(hopeful, venues.base)
    history = await source.history(BTC["okx"], source.now() - 8 * DAY)
    await source.close()
    assert np.all(np.diff(history.candles.open_time) == 15 * MINUTE)
    assert len(history.candles) in {8 * 96, 8 * 96 + 1}


async def test_nothing_from_after_now_gets_through_if_the_venues_clock_is_ahead(
    venues: LoopbackVenues,
) -> None:
    def slow() -> int:
        return wall_clock() - 2 * HOUR

    def open_ended(listing: Listing, span: Span) -> Call:
        call = bybit.candles.call(listing, span)
        return replace(call, params={**call.params, "end": wall_clock()})

    bybit = VENUES["bybit"]
    generous = replace(bybit, candles=replace(bybit.candles, call=open_ended))
    source = VenueSource(generous, venues.base, clock=slow)
    history = await source.history(BTC["bybit"], slow() - 6 * HOUR)
    await source.close()
    assert history.candles.open_time[-1] <= slow()
    assert history.open_interest is not None
    assert history.open_interest.time[-1] <= slow()


async def test_a_coin_that_is_not_listed_is_unknown_and_the_venue_is_well(
    sources: dict[str, VenueSource],
) -> None:
    source = sources["bybit"]
    with pytest.raises(UnknownSymbol, match="DOGE/USDT:USDT"):
        await source.history(Instrument("bybit", "DOGE", "USDT", "USDT"), source.now() - DAY)
    assert source.failures() == {}


@pytest.mark.parametrize(
    ("path", "series"),
    [
        ("open-interest", "open interest"),
        ("funding", "funding"),
        ("account-ratio", "long/short ratio"),
        ("risk-limit", "margin brackets"),
    ],
)
async def test_a_series_that_fails_is_missing_by_name_and_the_rest_stands(
    venues: LoopbackVenues, sources: dict[str, VenueSource], path: str, series: str
) -> None:
    venues.fault("bybit", "garbage", path=path)
    source = sources["bybit"]
    history = await source.history(BTC["bybit"], source.now() - DAY)
    parts = {
        "open interest": history.open_interest,
        "funding": history.funding,
        "long/short ratio": history.long_short_ratio,
        "margin brackets": history.brackets,
    }
    assert {name for name, part in parts.items() if part is None} == {series}
    assert list(source.gaps(BTC["bybit"])) == [series]
    assert len(history.candles) > 280
    assert source.failures() == {}

    venues.heal("bybit")
    await source.history(BTC["bybit"], source.now() - DAY)
    assert source.gaps(BTC["bybit"]) == {}


@pytest.mark.parametrize("name", VENUES)
async def test_nothing_new_since_a_few_minutes_is_no_gap(
    sources: dict[str, VenueSource], name: str, caplog: pytest.LogCaptureFixture
) -> None:
    source = sources[name]
    day = await source.history(BTC[name], source.now() - DAY)
    newest = await source.history(BTC[name], int(day.candles.open_time[-1]))
    assert len(newest.candles)
    assert source.gaps(BTC[name]) == {}
    assert "series missing" not in caplog.text


async def test_without_candles_there_is_no_market(
    venues: LoopbackVenues, sources: dict[str, VenueSource]
) -> None:
    venues.fault("bybit", "garbage", path="/kline")
    source = sources["bybit"]
    with pytest.raises(MarketUnavailable, match="Bybit is not answering: candles came in a form"):
        await source.history(BTC["bybit"], source.now() - DAY)
    assert "candles" in str(source.failures()["bybit"])


async def test_a_market_too_young_to_have_candles_is_said_to_have_none(
    venues: LoopbackVenues, sources: dict[str, VenueSource]
) -> None:
    empty = '{"retCode":0,"result":{"category":"linear","symbol":"BTCUSDT","list":[]}}'
    venues.fault("bybit", "status", status=200, body=empty, path="/kline")
    source = sources["bybit"]
    with pytest.raises(MarketUnavailable, match="it sent no candles of BTC/USDT:USDT"):
        await source.history(BTC["bybit"], source.now() - DAY)
