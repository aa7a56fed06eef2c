"""Hyperliquid's markets over the production client: what it tells, and what it does not."""

from collections.abc import AsyncIterator

import numpy as np
import pytest

from bot.core.arrays import DAY, HOUR, MINUTE
from bot.core.errors import MarketUnavailable
from bot.core.instruments import Instrument
from bot.core.margin.rules import rule_for
from bot.exchanges.allowance import Window
from bot.exchanges.client import VenueClient
from bot.exchanges.feed import wall_clock
from bot.exchanges.live import VenueSource, live_source, venue_source
from bot.exchanges.registry import ALL_VENUES, VENUES
from bot.exchanges.venue import Span
from bot.exchanges.venues.hyperliquid import HYPERLIQUID, weight
from bot.settings import KNOWN_VENUES, LIVE_VENUES
from tests.support.loopback_hyperliquid import SHARE, hourly_rate
from tests.support.loopback_markets import MARKETS
from tests.support.sentences import said
from tests.support.venues import LoopbackVenues, loopback_venues

BTC = Instrument("hyperliquid", "BTC", "USDC", "USDC")


@pytest.fixture
async def venues() -> AsyncIterator[LoopbackVenues]:
    async with loopback_venues() as far_end:
        yield far_end


@pytest.fixture
async def source(venues: LoopbackVenues) -> AsyncIterator[VenueSource]:
    made = venue_source("hyperliquid", venues.base)
    yield made
    await made.close()


async def test_it_is_asked_only_by_those_who_name_it(venues: LoopbackVenues) -> None:
    assert tuple(VENUES) == LIVE_VENUES
    assert sorted(ALL_VENUES) == sorted(KNOWN_VENUES)
    usual = live_source(exchange_base=venues.base)
    named = live_source(["okx", "hyperliquid"], exchange_base=venues.base)
    assert "hyperliquid" not in {one.exchange for one in await usual.instruments()}
    assert {one.exchange for one in await named.instruments()} == {"okx", "hyperliquid"}
    await usual.close()
    await named.close()


async def test_thirty_days_of_candles_and_funding_come_without_a_hole(
    source: VenueSource, venues: LoopbackVenues
) -> None:
    history = await source.history(BTC, source.now() - 30 * DAY)
    assert len(history.candles) in {2880, 2881}
    assert np.all(np.diff(history.candles.open_time) == 15 * MINUTE)
    assert history.candles.volume[5] < MARKETS["BTC"].open_interest
    assert history.funding is not None
    assert len(history.funding.time) in {719, 720}
    assert np.all(np.abs(np.diff(history.funding.time) - HOUR) < MINUTE)
    expected = [hourly_rate(int(at) // HOUR * HOUR) for at in history.funding.time]
    assert history.funding.rate == pytest.approx(expected, abs=1e-8)
    assert history.missing == ()
    assert history.positions is None
    assert len(venues.asked("hyperliquid")) <= 5


async def test_of_ninety_days_it_remembers_fifty_two(source: VenueSource) -> None:
    history = await source.history(BTC, source.now() - 90 * DAY)
    assert len(history.candles) in {4999, 5000}
    assert history.candles.open_time[-1] > source.now() - 16 * MINUTE


async def test_brackets_come_with_the_list_and_fit_the_margin_rule(source: VenueSource) -> None:
    history = await source.history(BTC, source.now() - DAY)
    assert history.brackets is not None
    assert history.brackets.max_leverage.tolist() == [40, 20]
    assert history.brackets.maintenance_margin_rate.tolist() == [1 / 80, 1 / 40]
    assert rule_for("hyperliquid", BTC.contract).known


async def test_open_interest_is_known_from_when_it_was_first_seen(venues: LoopbackVenues) -> None:
    clock = [wall_clock()]
    source = VenueSource(ALL_VENUES["hyperliquid"], venues.base, clock=lambda: clock[0])
    listed_at = clock[0]
    await source.instruments()
    clock[0] += 30 * MINUTE
    first = (await source.history(BTC, clock[0] - DAY)).open_interest
    assert first is not None
    # What somebody who begins to gather now may know, and what has been seen since.
    assert first.time.tolist() == [listed_at, clock[0]]
    stands = MARKETS["BTC"].interest(np.array([wall_clock()]), SHARE)[0]
    assert first.quantity == pytest.approx([stands, stands], rel=1e-4)
    clock[0] += 30_000
    again = (await source.history(BTC, clock[0] - DAY)).open_interest
    assert again is not None
    assert again.time.tolist() == first.time.tolist()  # asked for once a minute at most
    assert len(venues.asked("hyperliquid", "metaAndAssetCtxs")) == 2
    await source.close()


async def test_what_it_does_not_publish_is_said_and_nothing_is_made_up(
    source: VenueSource,
) -> None:
    history = await source.history(BTC, source.now() - DAY)
    assert history.long_short_ratio is None
    assert history.candles.taker_buy_volume is None
    assert history.liquidation_feed.startswith("seen in the fills of HLP's vaults;")
    assert history.liquidation_feed == source.offers()[0].lossy
    assert source.gaps(BTC) == {"long/short ratio": "it publishes none"}
    assert source.heard(BTC).spans == ()


@pytest.mark.parametrize(
    ("path", "missing"), [("fundingHistory", "funding"), ("candleSnapshot", None)]
)
async def test_a_series_that_fails_is_missing_by_name_but_without_candles_there_is_no_market(
    venues: LoopbackVenues, source: VenueSource, path: str, missing: str | None
) -> None:
    venues.fault("hyperliquid", "garbage", path=path)
    if missing is None:
        with pytest.raises(MarketUnavailable, match="makes no sense"):
            await source.history(BTC, source.now() - DAY)
        return
    history = await source.history(BTC, source.now() - DAY)
    assert history.missing == (missing,)
    assert missing in source.gaps(BTC)
    assert len(history.candles) > 90


@pytest.mark.parametrize(
    ("status", "why"),
    [
        (451, "it does not serve this location (451)"),
        (500, "its server has an error (500)"),
        (422, "it refuses (422)"),
        (429, "it says we ask too often (429)"),
    ],
)
async def test_a_status_is_told_in_words(
    venues: LoopbackVenues, source: VenueSource, status: int, why: str
) -> None:
    venues.fault("hyperliquid", "status", status=status)
    with pytest.raises(MarketUnavailable) as failed:
        await source.history(BTC, source.now() - DAY)
    assert failed.value.why == why
    assert said(source.failures()) == {"hyperliquid": why}


@pytest.mark.parametrize("body", ["[]", "{}", "null", '"text"', '{"error": "x"}', "[{}, []]"])
async def test_json_of_another_shape_is_refused(
    venues: LoopbackVenues, source: VenueSource, body: str
) -> None:
    venues.fault("hyperliquid", "status", status=200, body=body)
    with pytest.raises(MarketUnavailable):
        await source.history(BTC, source.now() - DAY)


async def test_requests_are_weighed_as_the_venue_weighs_them(venues: LoopbackVenues) -> None:
    asker = VenueClient(HYPERLIQUID, venues.base)
    await asker.ask(HYPERLIQUID.listings(""))
    assert HYPERLIQUID.accounts is not None
    await asker.ask(HYPERLIQUID.accounts.call("0x1"))
    assert HYPERLIQUID.fills is not None
    await asker.ask(HYPERLIQUID.fills.call("0x1", Span(0, 1, 1)))
    pace = asker._allowance._pace  # type: ignore[union-attr]
    assert isinstance(pace, Window)
    assert [spent for _, spent in pace._spent] == [20, 2, 120]
    assert (pace._most, pace.window) == (1000, 60)
    # All accounts of a minute leave the markets more than a first gathering of three coins.
    bars = weight({"type": "candleSnapshot", "req": {"startTime": 0, "endTime": 30 * DAY}})
    assert bars == pytest.approx(20 + 2880 / 60)
    assert HYPERLIQUID.accounts.a_minute * 2 + 3 * (20 + bars + 2 * 44) <= 1000
    # All that is looked at without anybody waiting stays within the venue's own limit, which the
    # requests of people go before.
    assert HYPERLIQUID.accounts.a_minute * 2 + HYPERLIQUID.fills.a_minute * 120 <= 1000
    await asker.close()
