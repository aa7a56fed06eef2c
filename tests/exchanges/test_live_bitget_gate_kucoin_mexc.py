"""Four venues that count differently, over the production client: what comes is in our units."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from types import ModuleType

import numpy as np
import pytest

from bot.core.arrays import DAY, HOUR, MINUTE
from bot.core.instruments import Instrument
from bot.core.margin.rules import rule_for
from bot.exchanges import looks
from bot.exchanges.client import VenueClient
from bot.exchanges.live import VenueSource
from bot.exchanges.venue import Venue
from bot.exchanges.venues.bitget import BITGET
from bot.exchanges.venues.gate import GATE
from bot.exchanges.venues.kucoin import KUCOIN
from bot.exchanges.venues.mexc import MEXC
from tests.support import (
    loopback_bitget,
    loopback_gate,
    loopback_kucoin,
    loopback_mexc,
    loopback_now,
)
from tests.support.loopback_common import funding_rate, long_short
from tests.support.loopback_markets import MARKETS
from tests.support.venues import LoopbackVenues, loopback_venues

BAR, QUARTER = 5 * MINUTE, 15 * MINUTE


@dataclass(frozen=True)
class Told:
    """A venue, and how it is played."""

    venue: Venue
    played: ModuleType
    interest: int | None  # [ms] between rows of its history
    ratio: bool

    @property
    def btc(self) -> Instrument:
        return Instrument(self.venue.name, "BTC", "USDT", "USDT")

    @property
    def share(self) -> float:
        return float(self.played.SHARE)


TOLD = {
    "bitget": Told(BITGET, loopback_bitget, interest=None, ratio=True),
    "gate": Told(GATE, loopback_gate, interest=QUARTER, ratio=True),
    "kucoin": Told(KUCOIN, loopback_kucoin, interest=QUARTER, ratio=False),
    "mexc": Told(MEXC, loopback_mexc, interest=None, ratio=False),
}


@pytest.fixture
async def venues() -> AsyncIterator[LoopbackVenues]:
    async with loopback_venues() as far_end:
        yield far_end


@pytest.fixture(params=TOLD)
def told(request: pytest.FixtureRequest) -> Told:
    return TOLD[request.param]


def _unlimited(venue: Venue) -> Venue:
    """Let requests out as they come; the limits are kept where thirty days are asked for."""
    return replace(venue, ccxt={**venue.ccxt, "enableRateLimit": False})


@pytest.fixture
async def source(venues: LoopbackVenues, told: Told) -> AsyncIterator[VenueSource]:
    made = VenueSource(_unlimited(told.venue), venues.base)
    yield made
    await made.close()


async def test_coins_that_trade_are_listed_and_nothing_else(source: VenueSource) -> None:
    listed = await source.instruments()
    assert {one.base for one in listed} == set(MARKETS)
    assert {one.settle for one in listed} == {"USDT"}


async def test_a_day_comes_whole_in_order_and_in_our_units(told: Told, source: VenueSource) -> None:
    now, market = source.now(), MARKETS["BTC"]
    history = await source.history(told.btc, now - DAY)
    candles = history.candles
    assert len(candles) in {288, 289}
    assert np.all(np.diff(candles.open_time) == BAR)
    bars = market.bars(candles.open_time, BAR, source.now(), told.share)[:-1]
    closed = candles.sliced(slice(0, -1))  # the last bar is still forming
    for column, name in enumerate(("open", "high", "low", "close", "volume")):
        assert getattr(closed, name) == pytest.approx(bars[:, column], rel=1e-6), name
    assert candles.taker_buy_volume is None

    if told.interest is not None:
        interest = history.open_interest
        assert interest is not None
        assert len(interest.time) >= DAY // told.interest - 1
        assert np.all(np.diff(interest.time) == told.interest)
        assert interest.time[-1] > source.now() - told.interest - MINUTE
        expected = market.interest(interest.time, told.share)
        assert interest.quantity == pytest.approx(expected, rel=1e-6)
    assert history.funding is not None
    times = history.funding.time.tolist()
    assert len(times) == 3
    assert history.funding.rate == pytest.approx([float(funding_rate(at)) for at in times])
    if told.ratio:
        ratio = history.long_short_ratio
        assert ratio is not None
        assert len(ratio.time) >= 23
        assert ratio.ratio == pytest.approx(
            [long_short(at) for at in ratio.time.tolist()], rel=1e-3
        )
    assert set(source.gaps(told.btc)) == (set() if told.ratio else {"long/short ratio"})
    assert source.failures() == {}


async def test_thirty_days_come_without_a_hole_within_the_limits(
    told: Told, venues: LoopbackVenues
) -> None:
    source = VenueSource(told.venue, venues.base)
    since = source.now() - 30 * DAY
    history = await source.history(told.btc, since)
    assert len(history.candles) in {8640, 8641}
    assert np.all(np.diff(history.candles.open_time) == BAR)
    assert history.funding is not None
    assert np.all(np.diff(history.funding.time) == 8 * HOUR)
    assert history.funding.time[0] < since + 8 * HOUR + MINUTE
    if told.interest is not None:
        assert history.open_interest is not None
        assert history.open_interest.time[0] < since + DAY + QUARTER
    await source.close()


async def test_fundings_each_hour_come_without_a_hole_too(
    told: Told, source: VenueSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(told.played, "FUNDING", HOUR)
    # KuCoin remembers a hundred.
    since = source.now() - (4 if told.venue is KUCOIN else 20) * DAY
    history = await source.history(told.btc, since)
    assert history.funding is not None
    assert np.all(np.diff(history.funding.time) == HOUR)
    assert history.funding.time[0] < since + 8 * HOUR
    assert history.funding.time[-1] > source.now() - HOUR - MINUTE


async def test_what_came_in_the_last_minutes_is_no_gap(told: Told, source: VenueSource) -> None:
    day = await source.history(told.btc, source.now() - DAY)
    newest = await source.history(told.btc, int(day.candles.open_time[-1]))
    assert len(newest.candles)
    assert set(source.gaps(told.btc)) == (set() if told.ratio else {"long/short ratio"})


async def test_brackets_are_in_dollars_and_fit_a_known_margin_rule(
    told: Told, source: VenueSource
) -> None:
    history = await source.history(told.btc, source.now() - 6 * HOUR)
    brackets = history.brackets
    assert brackets is not None
    price = history.candles.close[-1]
    caps, leverages, deductions = {
        "bitget": ([200_000, 1_000_000], [150, 100], [0, 200]),
        "gate": ([500_000, 1_000_000], [125, 80.5], [0, 1000]),
        "kucoin": ([250_000, 600_000], [125, 100], [0, 0]),
        "mexc": ([5 * price, 31 * price], [125, 60], [0, 5 * price * 0.004]),
    }[told.venue.name]
    assert brackets.value_cap == pytest.approx(caps, rel=1e-3)
    assert brackets.max_leverage == pytest.approx(leverages)
    assert brackets.deduction == pytest.approx(deductions, rel=1e-3)
    assert rule_for(told.venue.name, told.btc.contract).known


async def test_the_overview_tells_all_markets_in_our_units(told: Told, source: VenueSource) -> None:
    summaries = await source.summaries()
    assert set(summaries) == set(await source.instruments())
    for instrument, summary in summaries.items():
        market = MARKETS[instrument.base]
        day = loopback_now.day(market, summary.time, told.share)
        assert summary.price == pytest.approx(day.price, rel=1e-3)
        assert summary.turnover == pytest.approx(day.turnover, rel=1e-3)
        assert summary.change == pytest.approx(day.change, abs=1e-4)
        stands = market.interest(np.array([summary.time]), told.share)[0]
        assert summary.open_interest == pytest.approx(stands, rel=1e-3)
        assert summary.funding is not None
        assert 0 < summary.funding < 0.0002
        assert summary.funding_interval == (None if told.venue is MEXC else 8 * HOUR)


async def test_open_interest_is_known_at_least_as_it_stands_now(
    told: Told, source: VenueSource
) -> None:
    await source.summaries()
    history = await source.history(told.btc, source.now() - DAY)
    assert history.open_interest is not None
    newest = history.open_interest
    stands = MARKETS["BTC"].interest(newest.time[-1:], told.share)
    assert newest.quantity[-1:] == pytest.approx(stands, rel=1e-3)


async def test_the_book_is_in_base_coin_best_price_first(told: Told, source: VenueSource) -> None:
    book = await source.book(told.btc)
    bids, asks = loopback_now.levels(MARKETS["BTC"], book.time)
    for side, levels in ((book.bids, bids), (book.asks, asks)):
        assert side.price == pytest.approx([price for price, _ in levels], rel=1e-3)
        assert side.quantity == pytest.approx([quantity for _, quantity in levels])


async def test_trades_are_in_base_coin_with_the_side_of_their_takers(
    told: Told, source: VenueSource
) -> None:
    trades = await source.trades(told.btc)
    start, end = int(trades.time[0]), int(trades.time[-1])
    expected = loopback_now.prints(MARKETS["BTC"], start, end, loopback_now.TRADES_EVERY)
    assert len(trades) >= 99
    assert trades.time.tolist() == [one.time for one in expected]
    assert trades.side.tolist() == [one.side for one in expected]
    assert trades.price == pytest.approx([one.price for one in expected])
    assert trades.quantity == pytest.approx([one.quantity for one in expected])


async def test_of_ninety_days_what_is_remembered_comes(told: Told, source: VenueSource) -> None:
    history = await source.history(told.btc, source.now() - 90 * DAY)
    remembered = 9_990 if told.venue is GATE else 90 * 288
    assert len(history.candles) in {remembered - 1, remembered, remembered + 1}
    assert np.all(np.diff(history.candles.open_time) == BAR)
    funding = history.funding
    assert funding is not None
    assert len(funding.time) in ({99, 100} if told.venue is KUCOIN else {269, 270})
    assert np.all(np.diff(funding.time) == 8 * HOUR)


async def test_what_kucoin_has_forgotten_by_the_quarter_hour_it_knows_by_the_day(
    venues: LoopbackVenues,
) -> None:
    source = VenueSource(_unlimited(KUCOIN), venues.base)
    history = await source.history(TOLD["kucoin"].btc, source.now() - 20 * DAY)
    await source.close()
    interest = history.open_interest
    assert interest is not None
    steps = np.diff(interest.time)
    assert (steps[0], steps[-1]) == (DAY, QUARTER)
    assert np.all(np.diff(steps) <= 0)
    expected = MARKETS["BTC"].interest(interest.time, loopback_kucoin.SHARE)
    assert interest.quantity == pytest.approx(expected)


async def test_bars_older_than_bitget_keeps_at_hand_come_from_its_archive(
    venues: LoopbackVenues,
) -> None:
    source = VenueSource(_unlimited(BITGET), venues.base)
    history = await source.history(TOLD["bitget"].btc, source.now() - 33 * DAY)
    await source.close()
    assert venues.asked("bitget", "/history-candles")
    assert venues.asked("bitget", "/market/candles")
    assert np.all(np.diff(history.candles.open_time) == BAR)
    assert len(history.candles) in {33 * 288, 33 * 288 + 1}


async def test_mexc_is_asked_for_its_whole_list_once_however_many_markets_are_gathered(
    venues: LoopbackVenues,
) -> None:
    source = VenueSource(_unlimited(MEXC), venues.base)
    for one in await source.instruments():
        await source.history(one, source.now() - HOUR)
    await source.close()
    assert len(venues.asked("mexc", "/contract/detail")) == 1


@pytest.mark.parametrize("code", [510, 429])
async def test_mexcs_complaint_in_an_answer_that_looks_well_is_a_pause_too(
    venues: LoopbackVenues, code: int
) -> None:
    venue = replace(MEXC, pauses={429: 0.3})
    asker = VenueClient(venue, venues.base)
    body = f'{{"success":false,"code":{code},"message":"Requests are too frequent"}}'
    venues.fault("mexc", "status", status=200, body=body, times=1)
    await asker.ask(venue.listings(""))
    await asker.close()
    refused, again = venues.asked("mexc")
    assert again.at - refused.at >= 0.3


def test_what_each_offers_and_what_it_does_not_is_said() -> None:
    said = {name: looks.offer(told.venue) for name, told in TOLD.items()}
    assert {name: one.open_interest for name, one in said.items()} == {
        "bitget": "now", "gate": "15m", "kucoin": "15m, 7d", "mexc": "now",
    }  # fmt: skip
    assert {name: one.ratio for name, one in said.items()} == {
        "bitget": "1h, 30d", "gate": "1h", "kucoin": "", "mexc": "",
    }  # fmt: skip
    assert {name: one.liquidations for name, one in said.items()} == {
        "bitget": "polled", "gate": "polled", "kucoin": "", "mexc": "",
    }  # fmt: skip
    assert said["mexc"].lossy == "it publishes none"
    assert {one.brackets for one in said.values()} == {"live"}


@pytest.mark.parametrize("name", ["kucoin", "mexc"])
async def test_where_no_liquidation_is_published_none_is_made_up(
    venues: LoopbackVenues, name: str
) -> None:
    source = VenueSource(TOLD[name].venue, venues.base)
    assert [some async for some in source.liquidations([TOLD[name].btc])] == []
    history = await source.history(TOLD[name].btc, source.now() - HOUR)
    assert history.liquidation_feed == "it publishes no liquidations"
    await source.close()
