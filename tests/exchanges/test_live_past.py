"""Single stretches of the past, as a back-fill asks for them, over the production client."""

from collections.abc import AsyncIterator

import numpy as np
import pytest

from bot.core.arrays import DAY, HOUR
from bot.core.errors import MarketUnavailable, UnknownSymbol
from bot.core.instruments import Instrument
from bot.exchanges import market_data
from bot.exchanges.live import VenueSource, live_source, venue_source
from bot.exchanges.merged import MergedSource
from bot.exchanges.registry import VENUES
from bot.ports import PastSource
from tests.support.histories import BTC as KNOWN
from tests.support.histories import history
from tests.support.markets import Market
from tests.support.venues import LoopbackVenues, loopback_venues

BTC = {name: Instrument(name, "BTC", "USDT", "USDT") for name in ("binance", "bybit", "okx")}


@pytest.fixture
async def venues() -> AsyncIterator[LoopbackVenues]:
    async with loopback_venues() as far_end:
        yield far_end


@pytest.fixture
async def binance(venues: LoopbackVenues) -> AsyncIterator[VenueSource]:
    source = venue_source("binance", venues.base)
    yield source
    await source.close()


@pytest.mark.parametrize(
    ("name", "never"),
    [("binance", ()), ("kucoin", ("long/short ratio",)), ("bitget", ("open interest",))],
)
async def test_what_a_venue_tells_no_past_of_is_said_with_the_first_stretch(
    venues: LoopbackVenues, name: str, never: tuple[str, ...]
) -> None:
    source = venue_source(name, venues.base)
    try:
        now = source.now()
        told = await source.past(
            Instrument(name, "BTC", "USDT", "USDT"), now - 2 * DAY, now - 1 * DAY
        )
    finally:
        await source.close()
    assert told.never == never


@pytest.mark.parametrize("name", BTC)
async def test_a_stretch_is_what_the_whole_history_says_of_it(
    venues: LoopbackVenues, name: str
) -> None:
    source = venue_source(name, venues.base)
    try:
        now = source.now()
        start, end = now - 4 * DAY, now - 2 * DAY
        told = await source.past(BTC[name], start, end)
        whole = await source.history(BTC[name], now - 5 * DAY)
    finally:
        await source.close()
    assert told.failed == ()
    opens = whole.candles.open_time
    inside = (opens >= start) & (opens <= end)
    assert told.history.candles.open_time.tolist() == opens[inside].tolist()
    assert told.history.candles.close.tolist() == whole.candles.close[inside].tolist()
    for part in ("open_interest", "funding", "long_short_ratio"):
        one, other = getattr(told.history, part), getattr(whole, part)
        expected = other.time[(other.time >= start) & (other.time <= end)]
        assert len(expected)
        assert one.time.tolist() == expected.tolist()


async def test_a_stretch_that_the_venue_has_forgotten_is_empty_and_no_failure(
    binance: VenueSource,
) -> None:
    now = binance.now()
    told = await binance.past(BTC["binance"], now - 40 * DAY, now - 38 * DAY)
    assert len(told.history.candles) > 500
    assert told.history.open_interest is None
    assert told.history.long_short_ratio is None
    assert told.failed == ()


async def test_before_a_market_was_listed_there_are_no_candles(
    binance: VenueSource, venues: LoopbackVenues
) -> None:
    await binance.instruments()
    venues.fault("binance", "status", path="/klines", status=200, body="[]")
    now = binance.now()
    told = await binance.past(BTC["binance"], now - 4 * DAY, now - 2 * DAY)
    assert len(told.history.candles) == 0
    assert told.failed == ()
    assert told.history.funding is not None


async def test_a_series_that_fails_is_said_and_the_others_are_told(
    binance: VenueSource, venues: LoopbackVenues
) -> None:
    await binance.instruments()
    venues.fault("binance", "garbage", path="openInterestHist")
    now = binance.now()
    told = await binance.past(BTC["binance"], now - 4 * DAY, now - 2 * DAY)
    assert told.failed == ("open interest",)
    assert told.history.open_interest is None
    assert np.all(np.diff(told.history.candles.open_time) > 0)


async def test_a_venue_that_does_not_tell_candles_does_not_answer(
    binance: VenueSource, venues: LoopbackVenues, monkeypatch: pytest.MonkeyPatch
) -> None:
    await binance.instruments()
    monkeypatch.setattr(market_data, "PATIENCE", 0.2)
    now = binance.now()
    venues.fault("binance", "hang", path="/klines")
    with pytest.raises(MarketUnavailable, match="took too long"):
        await binance.past(BTC["binance"], now - HOUR, now)
    with pytest.raises(UnknownSymbol):
        await binance.past(Instrument("binance", "NOPE", "USDT", "USDT"), now - HOUR, now)


async def test_of_several_venues_the_one_that_lists_the_market_is_asked(
    venues: LoopbackVenues,
) -> None:
    source = live_source(exchange_base=venues.base)
    assert isinstance(source, PastSource)
    try:
        now = source.now()
        told = await source.past(BTC["okx"], now - HOUR, now)
    finally:
        await source.close()
    assert told.history.instrument == BTC["okx"]
    assert not venues.asked("bybit", "kline")
    assert set(VENUES) >= set(BTC)


async def test_a_recording_among_the_sources_is_not_asked_for_stretches() -> None:
    source = MergedSource([Market(history())])
    with pytest.raises(MarketUnavailable, match="single stretches"):
        await source.past(KNOWN, 0, 1)
