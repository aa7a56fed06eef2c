"""What venues tell of the moment, through the production client: overviews, books, trades."""

from collections.abc import AsyncIterator

import numpy as np
import pytest

from bot.core.arrays import HOUR
from bot.core.errors import MarketUnavailable
from bot.exchanges.live import VenueSource, venue_source
from bot.exchanges.registry import ALL_VENUES
from tests.support import loopback_now
from tests.support.loopback_markets import MARKETS
from tests.support.markets_of import BTC, coin
from tests.support.venues import LoopbackVenues, loopback_venues

SHARES = {"binance": 1.0, "bybit": 0.6, "okx": 0.4, "hyperliquid": 0.15}


@pytest.fixture
async def venues() -> AsyncIterator[LoopbackVenues]:
    async with loopback_venues() as far_end:
        yield far_end


@pytest.fixture(params=SHARES)
async def source(
    request: pytest.FixtureRequest, venues: LoopbackVenues
) -> AsyncIterator[VenueSource]:
    source = venue_source(request.param, venues.base)
    yield source
    await source.close()


async def test_all_markets_are_told_in_a_line_each(source: VenueSource) -> None:
    told = await source.summaries()
    assert set(told) == set(await source.instruments())
    summary, market = told[BTC[source.name]], MARKETS["BTC"]
    day = loopback_now.day(market, summary.time, SHARES[source.name])
    assert summary.price == pytest.approx(day.price, rel=1e-3)
    assert summary.turnover == pytest.approx(day.turnover, rel=1e-3)
    assert summary.change == pytest.approx(day.change, abs=1e-4)
    if source.name == "binance":
        assert summary.open_interest is None  # not told of all markets at once
    else:
        stands = market.interest(np.array([summary.time]), SHARES[source.name])[0]
        assert summary.open_interest == pytest.approx(stands, rel=1e-3)


async def test_markets_of_one_venue_may_pay_funding_at_different_intervals(
    source: VenueSource,
) -> None:
    told = await source.summaries()
    hours = {base: (told[coin(source.name, base)].funding_interval or 0) / HOUR for base in MARKETS}
    alike = source.name == "hyperliquid"
    assert hours == {"BTC": 1 if alike else 8, "ETH": 1 if alike else 8, "SOL": 1 if alike else 4}


async def test_the_book_is_best_first_around_the_price_and_in_base_coin(
    source: VenueSource,
) -> None:
    book = await source.book(BTC[source.name])
    price = float(MARKETS["BTC"].price(book.time))
    assert book.bids.price[0] < price < book.asks.price[0]
    count = len(book.bids.price)
    assert count == (20 if source.name == "hyperliquid" else 40)
    assert book.bids.quantity == pytest.approx(np.arange(1, count + 1))
    assert book.asks.quantity == pytest.approx(np.arange(1, count + 1))


async def test_the_latest_trades_have_the_takers_side(source: VenueSource) -> None:
    if source.name == "hyperliquid":
        with pytest.raises(MarketUnavailable, match="it gives no trades"):
            await source.trades(BTC[source.name])
        return
    trades = await source.trades(BTC[source.name])
    seconds = trades.time // 1000
    assert trades.side.tolist() == np.where(seconds % 3, 1, -1).tolist()
    assert trades.quantity == pytest.approx((seconds % 7 + 1) * 0.1)
    assert source.now() - trades.time[-1] < 5_000


@pytest.mark.parametrize("name", ALL_VENUES)
async def test_what_makes_no_sense_is_refused_by_name(venues: LoopbackVenues, name: str) -> None:
    source = venue_source(name, venues.base)
    await source.instruments()
    venues.fault(name, "garbage")
    for ask in (source.summaries, lambda: source.book(BTC[name])):
        with pytest.raises(MarketUnavailable) as failed:
            await ask()
        assert failed.value.exchange == name
    await source.close()


async def test_an_overview_is_asked_for_but_now_and_then(venues: LoopbackVenues) -> None:
    source = venue_source("bybit", venues.base)
    for _ in range(5):
        await source.summaries()
    assert len(venues.asked("bybit", "/tickers")) == 1
    await source.close()
