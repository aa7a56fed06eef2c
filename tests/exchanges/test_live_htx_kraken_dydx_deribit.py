"""Markets of four venues as they come through the production client, in our units.

Two of the venues list inverse contracts, which count in dollars, and one counts on both sides.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import numpy as np
import pytest

from bot.core.arrays import DAY, HOUR, MINUTE
from bot.core.instruments import Contract, Instrument
from bot.exchanges.feed import Pulse
from bot.exchanges.live import VenueSource
from bot.exchanges.venue import Venue
from bot.exchanges.venues.deribit import DERIBIT
from bot.exchanges.venues.dydx import DYDX
from bot.exchanges.venues.htx import HTX
from bot.exchanges.venues.kraken import KRAKEN
from tests.support import loopback_deribit, loopback_dydx, loopback_htx, loopback_kraken
from tests.support.loopback_common import funding_rate, long_short
from tests.support.loopback_hyperliquid import hourly_rate
from tests.support.loopback_markets import MARKETS
from tests.support.venues import LoopbackVenues, loopback_venues

QUARTER = 15 * MINUTE


@dataclass(frozen=True)
class Told:
    """One market, and how its venue tells of it."""

    venue: Venue
    instrument: Instrument
    share: float  # of the open interest
    interest: int | None  # [ms] between rows, None: only what stands now
    funding: int  # [ms] between rows

    @property
    def ratio(self) -> bool:
        return self.venue.long_short_ratio is not None


def _inverse(exchange: str) -> Instrument:
    return Instrument(exchange, "BTC", "USD", "BTC", Contract.INVERSE)


TOLD = {
    "htx": Told(
        HTX, Instrument("htx", "BTC", "USDT", "USDT"), loopback_htx.SHARE, HOUR, 8 * HOUR
    ),
    "kraken linear": Told(
        KRAKEN, Instrument("kraken", "BTC", "USD", "USD"), loopback_kraken.SHARE, QUARTER, HOUR
    ),
    "kraken inverse": Told(
        KRAKEN, _inverse("kraken"), loopback_kraken.SHARE_INVERSE, QUARTER, HOUR
    ),
    "dydx": Told(
        DYDX, Instrument("dydx", "BTC", "USDC", "USDC"), loopback_dydx.SHARE, QUARTER, HOUR
    ),
    "deribit linear": Told(
        DERIBIT, Instrument("deribit", "BTC", "USDC", "USDC"), loopback_deribit.SHARE, None, HOUR
    ),
    "deribit inverse": Told(DERIBIT, _inverse("deribit"), loopback_deribit.SHARE, None, HOUR),
}  # fmt: skip


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


async def test_the_market_is_listed_and_nothing_that_is_dated_or_gone(
    told: Told, source: VenueSource
) -> None:
    listed = await source.instruments()
    assert told.instrument in listed
    assert {one.base for one in listed} == set(MARKETS)
    assert {one.contract for one in listed} == set(told.venue.contracts)


async def test_a_day_comes_whole_in_order_and_in_our_units(told: Told, source: VenueSource) -> None:
    now, market = source.now(), MARKETS["BTC"]
    history = await source.history(told.instrument, now - DAY)
    candles = history.candles
    assert candles.interval == 5 * MINUTE
    assert len(candles) in {288, 289}
    assert np.all(np.diff(candles.open_time) == 5 * MINUTE)
    bars = market.bars(candles.open_time, candles.interval, source.now(), told.share)[:-1]
    closed = candles.sliced(slice(0, -1))  # the last bar is still forming
    for column, name in enumerate(("open", "high", "low", "close", "volume")):
        assert getattr(closed, name) == pytest.approx(bars[:, column], rel=1e-6), name
    assert candles.taker_buy_volume is None

    interest = history.open_interest
    assert interest is not None
    if told.interest is None:
        # What its overview told makes a history of its own.
        assert interest.quantity == pytest.approx(
            market.interest(interest.time, told.share), rel=1e-4
        )
    else:
        assert len(interest.time) >= DAY // told.interest - 2
        assert np.all(np.diff(interest.time) == told.interest)
        assert interest.quantity == pytest.approx(market.interest(interest.time, told.share))
    assert history.funding is not None
    assert len(history.funding.time) in {DAY // told.funding - 1, DAY // told.funding}
    if told.ratio:
        ratio = history.long_short_ratio
        assert ratio is not None
        starts = ratio.time - (HOUR if told.venue is KRAKEN else 0)
        assert ratio.ratio == pytest.approx([long_short(at) for at in starts.tolist()], rel=1e-3)
    else:
        assert history.long_short_ratio is None
    lacking = set() if told.ratio else {"long/short ratio"}
    assert set(source.gaps(told.instrument)) == lacking
    assert source.failures() == {}


async def test_thirty_days_come_without_a_hole(told: Told, source: VenueSource) -> None:
    history = await source.history(told.instrument, source.now() - 30 * DAY)
    assert len(history.candles) in {8640, 8641}
    assert np.all(np.diff(history.candles.open_time) == 5 * MINUTE)
    assert history.funding is not None
    steps = np.round(np.diff(history.funding.time) / told.funding)
    assert np.all(steps == 1)
    assert history.funding.time[0] < source.now() - 30 * DAY + 2 * told.funding
    if told.interest is not None:
        assert history.open_interest is not None
        assert history.open_interest.time[0] < source.now() - 30 * DAY + DAY


async def test_funding_is_the_rate_of_its_own_interval(told: Told, source: VenueSource) -> None:
    history = await source.history(told.instrument, source.now() - DAY)
    assert history.funding is not None
    times = history.funding.time.tolist()
    if told.venue is HTX:
        expected = [float(funding_rate(at)) for at in times]
    else:
        late = {"kraken": HOUR, "dydx": loopback_dydx.LATE, "deribit": 0}[told.venue.name]
        expected = [hourly_rate(at - late) for at in times]
    assert history.funding.rate == pytest.approx(expected, rel=1e-4)


async def test_the_overview_tells_all_markets_in_our_units(told: Told, source: VenueSource) -> None:
    summaries = await source.summaries()
    assert set(summaries) == set(await source.instruments())
    summary, market = summaries[told.instrument], MARKETS["BTC"]
    price = float(market.price(summary.time))
    assert summary.price == pytest.approx(price, rel=1e-3)
    stands = market.interest(np.array([summary.time]), told.share)[0]
    assert summary.open_interest == pytest.approx(stands, rel=1e-3)
    assert summary.funding is not None
    hours = {"htx": 8, "deribit": 8}.get(told.venue.name, 1)
    assert summary.funding_interval == hours * HOUR
    hourly = hourly_rate(summary.time) * (8 if told.venue is DERIBIT else 1)
    paid = float(funding_rate(summary.time)) if told.venue is HTX else hourly
    assert summary.funding == pytest.approx(paid, rel=1e-3)
    if told.venue is not HTX:
        assert summary.turnover == pytest.approx(1000 * price, rel=1e-3)
        assert summary.change == pytest.approx(0.02, rel=1e-3)
    else:
        day = await source.history(told.instrument, summary.time - DAY)
        volume = float(np.sum(day.candles.volume * day.candles.close))
        assert summary.turnover == pytest.approx(volume, rel=0.01)


async def test_the_book_and_the_latest_trades_are_in_base_coin(
    told: Told, source: VenueSource
) -> None:
    book = await source.book(told.instrument)
    assert book.bids.price[0] < float(MARKETS["BTC"].price(book.time)) < book.asks.price[0]
    assert np.median(book.bids.quantity) == pytest.approx(75.5 if told.venue is HTX else 1.0)
    trades = await source.trades(told.instrument)
    assert len(trades) >= 60
    assert trades.quantity == pytest.approx(np.ones(len(trades)))
    assert set(trades.side.tolist()) == {+1, -1}
    newest = int(trades.time[-1])
    assert newest <= source.now()
    sold = newest // 1000 % 2 == 1 if told.venue is HTX else False
    assert trades.side[-1] == (-1 if sold else +1)


async def test_brackets_come_where_they_are_public(told: Told, source: VenueSource) -> None:
    history = await source.history(told.instrument, source.now() - 6 * HOUR)
    brackets = history.brackets
    (offer,) = source.offers()
    assert offer.brackets == ("bundled" if told.venue is DERIBIT else "live")
    if told.venue is DERIBIT:
        assert brackets is None  # the bundled table serves
        return
    assert brackets is not None
    assert np.isinf(brackets.value_cap[-1])
    assert np.all(brackets.deduction == 0)
    expected = {"htx": [0.005, 0.006], "kraken": [0.01, 0.02, 0.05], "dydx": [0.012]}[
        told.venue.name
    ]
    assert brackets.maintenance_margin_rate == pytest.approx(expected)
    if told.venue is HTX:
        cap = 1000 * MARKETS["BTC"].contract_size * history.candles.close[-1]
        assert brackets.value_cap[0] == pytest.approx(cap)
    if told.venue is KRAKEN:
        assert brackets.value_cap[0] == 500_000
