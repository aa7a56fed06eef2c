"""Markets are gathered once for all who ask, brought up to date, and remembered."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from bot.core.arrays import DAY, MINUTE
from bot.core.errors import BotError, NothingAnswered, StoreUnavailable
from bot.core.instruments import Instrument
from bot.core.market.heard import Heard
from bot.core.market.history import MarketHistory
from bot.core.market.liquidations import Liquidations
from bot.desk.snapshot import Snapshots
from tests.support.histories import BTC, history
from tests.support.markets import Market

BYBIT = Instrument("bybit", "BTC", "USDT", "USDT")


class Memory:
    """A HistoryStore that keeps what it is given."""

    def __init__(self, kept: MarketHistory | None = None, broken: BotError | None = None) -> None:
        self.kept = kept
        self.broken = broken
        self.saved: list[MarketHistory] = []

    async def load(self, instrument: Instrument, since: int) -> MarketHistory | None:
        if self.broken:
            raise self.broken
        if self.kept is None or self.kept.instrument != instrument:
            return None
        return replace(self.kept, candles=self.kept.candles.since(since))

    async def save(self, history: MarketHistory) -> None:
        if self.broken:
            raise self.broken
        self.saved.append(history)

    async def save_liquidations(
        self, instrument: Instrument, events: Liquidations, heard: Heard
    ) -> None:
        raise AssertionError(
            f"a gathering saves whole histories, not {events}, {heard} of {instrument}"
        )

    async def followed(self, since: int) -> Sequence[Instrument]:
        raise AssertionError(f"a gathering need not know who was followed since {since}")


async def test_askers_at_the_same_time_share_one_gathering() -> None:
    source = Market(history())
    source.pause = 0.01
    snapshots = Snapshots(source, None)
    results = await asyncio.gather(*(snapshots.of([BTC]) for _ in range(50)))
    assert len(source.asked) == 1
    assert len({id(result.kept[0]) for result in results}) == 1


async def test_a_fresh_gathering_is_used_again_and_a_stale_one_is_brought_up_to_date() -> None:
    source = Market(history(bars=600))
    end = source.time
    source.time = end - 60 * MINUTE
    snapshots = Snapshots(source, None)
    first = (await snapshots.of([BTC])).kept[0]
    assert (await snapshots.of([BTC])).kept[0] is first
    source.time = end
    second = (await snapshots.of([BTC])).kept[0]
    assert source.asked[1][1] == first.history.candles.open_time[-1]
    assert len(second.history.candles) == 600
    assert second.estimate.time == end


async def test_bringing_up_to_date_gives_the_same_estimate_as_gathering_anew() -> None:
    source = Market(history(bars=600))
    end = source.time
    snapshots = Snapshots(source, None)
    for back in (80, 45, 44, 10, 0):
        source.time = end - back * MINUTE
        stepped = (await snapshots.of([BTC])).kept[0]
    anew = (await Snapshots(source, None).of([BTC])).kept[0]
    np.testing.assert_array_equal(stepped.estimate.map().long_usd, anew.estimate.map().long_usd)


async def test_what_is_kept_does_not_grow_for_ever_and_the_estimate_goes_on() -> None:
    source = Market(history(bars=288 * 6))
    end = source.time
    source.time = end - 3 * DAY
    snapshots = Snapshots(source, None, history_days=2)
    await snapshots.of([BTC])
    source.time = end
    kept = (await snapshots.of([BTC])).kept[0]
    assert end - kept.history.candles.open_time[0] <= 2 * DAY
    assert kept.estimate.time == end


async def test_a_refresh_asks_again_sooner() -> None:
    source = Market(history())
    snapshots = Snapshots(source, None)
    await snapshots.of([BTC])
    source.time += 5_000
    await snapshots.of([BTC])
    assert len(source.asked) == 1
    await snapshots.of([BTC], newer=True)
    assert len(source.asked) == 2


async def test_one_venue_down_leaves_the_others_and_says_why() -> None:
    whole = history()
    source = Market(whole, replace(whole, instrument=BYBIT), down={"bybit": "HTTP 503"})
    snapshot = await Snapshots(source, None).of([BTC, BYBIT])
    assert [kept.history.instrument for kept in snapshot.kept] == [BTC]
    assert snapshot.failures == ("Bybit is not answering: HTTP 503.",)


async def test_what_is_held_of_a_venue_that_fails_later_is_shown_with_its_age() -> None:
    source = Market(history())
    snapshots = Snapshots(source, None)
    first = await snapshots.of([BTC])
    source.time += 2 * MINUTE
    source.down = {"binance": "it took too long"}
    later = await snapshots.of([BTC])
    assert later.kept == first.kept
    assert later.failures == ("Binance is not answering: it took too long; shown as of 2 min ago.",)
    source.time += DAY
    with pytest.raises(NothingAnswered):  # nobody takes yesterday's for today's
        await snapshots.of([BTC])


async def test_nobody_waits_long_for_a_market_that_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.desk.snapshot.PATIENCE", 0.05)
    source = Market(history())
    snapshots = Snapshots(source, None)
    first = await snapshots.of([BTC])
    source.time += 2 * MINUTE
    source.pause = 0.3
    later = await snapshots.of([BTC])
    assert later.kept == first.kept
    assert later.failures == ("Binance has not answered yet; shown as of 2 min ago.",)
    async with asyncio.timeout(60):
        # The gathering goes on meanwhile.
        while (newest := await snapshots.of([BTC])).failures:  # noqa: ASYNC110 - a test may poll
            await asyncio.sleep(0.05)
    assert len(source.asked) == 2
    assert newest.kept[0].gathered == source.time
    await snapshots.close()


async def test_all_venues_down_is_an_error_that_names_each() -> None:
    whole = history()
    down = {"bybit": "HTTP 503", "binance": "no connection"}
    source = Market(whole, replace(whole, instrument=BYBIT), down=down)
    with pytest.raises(NothingAnswered, match=r"Binance is not .*no connection.*Bybit.*HTTP 503"):
        await Snapshots(source, None).of([BTC, BYBIT])


async def test_what_is_remembered_is_not_asked_for_again() -> None:
    whole = history(bars=600)
    source = Market(whole)
    memory = Memory(replace(whole, candles=whole.candles.sliced(slice(0, 500))))
    depth = int(600 * 5 * MINUTE / DAY) + 1
    kept = (await Snapshots(source, memory, depth).of([BTC])).kept[0]
    assert source.asked == [(BTC, int(whole.candles.open_time[499]))]
    assert len(kept.history.candles) == 600
    assert len(memory.saved[0].candles) == 101


async def test_a_memory_that_begins_too_late_is_gathered_anew() -> None:
    whole = history(bars=2_000)
    source = Market(whole)
    memory = Memory(replace(whole, candles=whole.candles.sliced(slice(1_500, 1_900))))
    kept = (await Snapshots(source, memory, 6).of([BTC])).kept[0]
    assert len(kept.history.candles) > 1_700


async def test_a_broken_memory_does_not_cost_anybody_the_picture() -> None:
    broken = StoreUnavailable("the disk is full")
    snapshot = await Snapshots(Market(history()), Memory(broken=broken)).of([BTC])
    assert len(snapshot.kept) == 1


async def test_nothing_simulated_is_remembered() -> None:
    memory = Memory()
    await Snapshots(Market(history(simulated=True)), memory).of([BTC])
    assert memory.saved == []


async def test_another_candle_interval_begins_again() -> None:
    whole = history(bars=600)
    memory = Memory(history(bars=200, interval=15 * MINUTE))
    kept = (await Snapshots(Market(whole), memory, 3).of([BTC])).kept[0]
    assert kept.history.candles.interval == 5 * MINUTE
    assert len(kept.history.candles) == 600
