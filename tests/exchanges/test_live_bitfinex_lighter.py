"""Markets of Bitfinex and Lighter as they come through the production client, in our units."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass

import numpy as np
import pytest

from bot.core.arrays import DAY, HOUR, MINUTE
from bot.core.instruments import Instrument
from bot.core.market.offer import NONE
from bot.exchanges.feed import Pulse
from bot.exchanges.live import VenueSource
from bot.exchanges.venue import Venue
from bot.exchanges.venues.bitfinex import BITFINEX
from bot.exchanges.venues.lighter import LIGHTER
from tests.support import loopback_bitfinex, loopback_lighter, loopback_now
from tests.support.listening import listening, until
from tests.support.loopback_common import funding_rate
from tests.support.loopback_hyperliquid import hourly_rate
from tests.support.loopback_markets import MARKETS
from tests.support.loopback_streams import Forced
from tests.support.markets_of import coin
from tests.support.venues import LoopbackVenues, loopback_venues

BAR = 5 * MINUTE


@dataclass(frozen=True)
class Told:
    """One venue, and how it tells of bitcoin."""

    venue: Venue
    share: float  # of the open interest
    funding: int  # [ms] between rows
    brackets: tuple[float, float]  # maintenance margin rate, maximum leverage

    @property
    def instrument(self) -> Instrument:
        return coin(self.venue.name, "BTC")


TOLD = {
    "bitfinex": Told(BITFINEX, loopback_bitfinex.SHARE, 8 * HOUR, (0.005, 100.0)),
    "lighter": Told(LIGHTER, loopback_lighter.SHARE, HOUR, (0.012, 50.0)),
}


@pytest.fixture
async def venues() -> AsyncIterator[LoopbackVenues]:
    async with loopback_venues() as far_end:
        yield far_end


@pytest.fixture(params=TOLD)
def told(request: pytest.FixtureRequest) -> Told:
    return TOLD[request.param]


@pytest.fixture
async def source(venues: LoopbackVenues, told: Told) -> AsyncIterator[VenueSource]:
    source = VenueSource(told.venue, venues.base, pulse=Pulse(ping=0.1, first_pause=0.05))
    yield source
    await source.close()


async def test_markets_are_listed_and_nothing_that_is_gone_or_only_for_practice(
    told: Told, source: VenueSource
) -> None:
    assert set(await source.instruments()) == {coin(told.venue.name, base) for base in MARKETS}


async def test_a_day_comes_whole_in_order_and_in_our_units(told: Told, source: VenueSource) -> None:
    market = MARKETS["BTC"]
    history = await source.history(told.instrument, source.now() - DAY)
    candles = history.candles
    assert candles.interval == BAR
    assert np.all(np.diff(candles.open_time) == BAR)
    # The newest bar is missing for as long as nothing has been traded in it.
    assert len(candles) in {287, 288, 289}
    closed = candles.sliced(slice(0, -1))  # the last bar is still forming
    traded = np.ones(len(closed), dtype=bool)
    if told.venue is BITFINEX:
        traded = np.array([not loopback_bitfinex.quiet(at) for at in closed.open_time.tolist()])
        assert np.count_nonzero(~traded) >= 40
        assert np.all(closed.volume[~traded] == 0)
    bars = market.bars(closed.open_time, BAR, source.now(), told.share)
    for column, name in enumerate(("open", "high", "low", "close", "volume")):
        seen = getattr(closed, name)[traded]
        assert seen == pytest.approx(bars[traded, column], rel=1e-6), name
    assert candles.taker_buy_volume is None
    assert set(source.gaps(told.instrument)) == {"long/short ratio"}
    assert source.failures() == {}


async def test_open_interest_is_in_base_coin(told: Told, source: VenueSource) -> None:
    history = await source.history(told.instrument, source.now() - DAY)
    interest = history.open_interest
    assert interest is not None
    stood = MARKETS["BTC"].interest(interest.time, told.share)
    if told.venue is BITFINEX:
        assert len(interest.time) in {287, 288, 289}
        assert np.all(np.diff(interest.time) == BAR)
        assert interest.quantity == pytest.approx(stood)
    else:
        # What its overview told makes a history of its own.
        assert interest.quantity == pytest.approx(stood, rel=1e-4)


async def test_thirty_days_come_without_a_hole_and_within_what_the_venue_allows(
    told: Told, source: VenueSource, venues: LoopbackVenues
) -> None:
    history = await source.history(told.instrument, source.now() - 30 * DAY)
    assert len(history.candles) in {8639, 8640, 8641}
    assert np.all(np.diff(history.candles.open_time) == BAR)
    assert history.funding is not None
    assert np.all(np.diff(history.funding.time) == told.funding)
    assert history.funding.time[0] < source.now() - 30 * DAY + 2 * told.funding
    if told.venue is BITFINEX:
        assert history.open_interest is not None
        assert history.open_interest.time[0] < source.now() - 30 * DAY + 2 * BAR
    asked = [one.path for one in venues.asked(told.venue.name)]
    limit = {BITFINEX.name: 90, LIGHTER.name: 60}[told.venue.name]  # of all kinds in a minute
    assert len(asked) < limit / 2
    assert sum("/candles/" in path for path in asked) <= 30 / 2


async def test_funding_is_the_rate_of_its_own_interval(told: Told, source: VenueSource) -> None:
    history = await source.history(told.instrument, source.now() - DAY)
    assert history.funding is not None
    times = history.funding.time.tolist()
    assert len(times) in {DAY // told.funding, DAY // told.funding + 1}
    paid = [float(funding_rate(at)) if told.venue is BITFINEX else hourly_rate(at) for at in times]
    assert history.funding.rate == pytest.approx(paid, rel=1e-3)


async def test_the_overview_tells_all_markets_in_our_units(told: Told, source: VenueSource) -> None:
    summaries = await source.summaries()
    assert set(summaries) == set(await source.instruments())
    summary, market = summaries[told.instrument], MARKETS["BTC"]
    day = loopback_now.day(market, summary.time, told.share)
    assert summary.price == pytest.approx(day.price, rel=1e-3)
    assert summary.turnover == pytest.approx(day.turnover, rel=1e-3)
    assert summary.change == pytest.approx(day.change, abs=1e-4)
    stands = market.interest(np.array([summary.time]), told.share)[0]
    assert summary.open_interest == pytest.approx(stands, rel=1e-3)
    assert summary.funding_interval == told.funding
    due = (summary.time // told.funding + 1) * told.funding
    paid = float(funding_rate(due)) if told.venue is BITFINEX else hourly_rate(summary.time)
    assert summary.funding == pytest.approx(paid, rel=1e-3)


async def test_the_book_and_the_latest_trades_are_in_base_coin(
    told: Told, source: VenueSource
) -> None:
    book = await source.book(told.instrument)
    assert book.bids.price[0] < float(MARKETS["BTC"].price(book.time)) < book.asks.price[0]
    assert len(book.asks.price) == (250 if told.venue is BITFINEX else 125)
    assert book.bids.quantity == pytest.approx(np.ones(len(book.bids.price)))
    trades = await source.trades(told.instrument)
    assert len(trades) == 100
    assert trades.quantity == pytest.approx(np.ones(100))
    assert set(trades.side.tolist()) == {+1, -1}
    assert trades.side[-1] == +1  # the newest bought
    assert trades.time[-1] <= source.now()


async def test_the_bracket_is_the_venues_own(told: Told, source: VenueSource) -> None:
    history = await source.history(told.instrument, source.now() - 6 * HOUR)
    brackets = history.brackets
    assert brackets is not None
    assert (brackets.maintenance_margin_rate[0], brackets.max_leverage[0]) == told.brackets
    assert np.isinf(brackets.value_cap[-1])


async def test_what_the_venue_offers_and_lacks_is_said(told: Told, source: VenueSource) -> None:
    (offer,) = source.offers()
    assert (offer.liquidations, offer.brackets, offer.contracts) == ("stream", "live", "linear")
    assert (offer.ratio, offer.taker_volume) == (NONE, NONE)
    assert offer.open_interest == ("5m" if told.venue is BITFINEX else "now")
    left_out = "keeps for itself" if told.venue is BITFINEX else "deleveraged"
    assert left_out in offer.lossy


async def test_a_venue_whose_maintenance_is_over_is_subscribed_to_anew(
    venues: LoopbackVenues,
) -> None:
    async with listening(venues, "bitfinex") as listener:
        await venues.subscribed("bitfinex")
        told = {"event": "info", "code": 20061, "msg": "Maintenance ended."}
        await venues.push("bitfinex", json.dumps(told))
        await until(lambda: venues.connections["bitfinex"] == 2)
        await venues.subscribed("bitfinex")
        await venues.liquidate("bitfinex", Forced("BTC", -1, 64_000.0, 1.5))
        await listener.until(1)
    assert listener.events == [("BTC", -1, 64_000.0, 1.5)]
