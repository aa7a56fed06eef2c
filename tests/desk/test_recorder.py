"""A recording is what its market was: the same maps, to the bit, and nothing heard that was not."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from bot.core.arrays import DAY, HOUR, MINUTE
from bot.core.errors import BadSetting
from bot.core.estimate.market import MarketEstimate
from bot.core.instruments import Contract, Instrument
from bot.core.market.heard import Heard
from bot.core.market.history import MarketHistory
from bot.desk import live as live_module
from bot.desk.recorder import Recorder, place
from bot.exchanges.live import live_source
from bot.exchanges.replay import ReplaySource, read_market
from bot.ports import MarketSource
from tests.support.histories import BTC as KNOWN
from tests.support.histories import START, history
from tests.support.lines import Lines, event
from tests.support.loopback_streams import Forced
from tests.support.markets import Market
from tests.support.venues import LoopbackVenues, loopback_venues

NAMES = ("binance", "bybit", "okx")
BTC = [Instrument(name, "BTC", "USDT", "USDT") for name in NAMES]


@pytest.fixture
async def venues() -> AsyncIterator[LoopbackVenues]:
    async with loopback_venues() as far_end:
        yield far_end


@pytest.fixture
async def source(venues: LoopbackVenues) -> AsyncIterator[MarketSource]:
    made = live_source(NAMES, exchange_base=venues.base)
    yield made
    await made.close()


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 - a test may poll
            await asyncio.sleep(0.01)


def same_maps(one: MarketHistory, other: MarketHistory, times: list[int]) -> bool:
    """Whether the maps at some times are the same to the bit, range and all."""
    for at in times:
        maps = [MarketEstimate.of(each, as_of=at).map() for each in (one, other)]
        for name in ("time", "price", "first_bin"):
            if getattr(maps[0], name) != getattr(maps[1], name):
                return False
        for name in ("long_usd", "short_usd", "long_range", "short_range"):
            if getattr(maps[0], name).tobytes() != getattr(maps[1], name).tobytes():
                return False
    return True


async def test_replay_of_a_recording_gives_the_same_maps_as_the_live_source_gave(
    venues: LoopbackVenues,
    source: MarketSource,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live_module, "_LAG", 0)
    recorder = Recorder(source, tmp_path, BTC, 3 * DAY)
    recorder.listen()
    try:
        await recorder.record()
        for name in NAMES:
            await venues.subscribed(name)
            forced = [Forced("BTC", (-1) ** n, 64_000.0 + n, 0.5 + n) for n in range(20)]
            await venues.liquidate(name, *forced)
        await until(lambda: all(len(recorder._tapes.events(market)) == 20 for market in BTC))
        await asyncio.sleep(2.1)  # what is as good as new is not gathered again
        last = await recorder.record()
        live = {market: recorder._snapshots.kept[market.key] for market in BTC}
    finally:
        await recorder.close()
    assert last.failed == {}
    replay = ReplaySource(tmp_path)
    for market, kept in live.items():
        told = await replay.history(market, 0)
        assert told.heard is not None
        assert told.liquidations is not None
        assert len(told.liquidations) == 20
        assert told.brackets is not None or market.exchange == "binance"
        assert told.open_interest is not None
        assert told.funding is not None
        assert told.long_short_ratio is not None
        assert told.liquidation_feed == kept.history.liquidation_feed
        end = kept.gathered
        assert same_maps(told, kept.history, [end - 2 * DAY, end - HOUR, end])
        assert told.candles.close_time[-1] <= end  # the bar that was forming is not in it
        # The map that people saw, kept going bar by bar:
        shown = kept.estimate.map()
        again = MarketEstimate.of(told).map()
        assert again.time == shown.time
        assert np.array_equal(again.long_usd, shown.long_usd)
        assert np.array_equal(again.short_usd, shown.short_usd)
    assert not same_maps(told, history(market, bars=900, start=end - 3 * DAY), [end])


def told(recorder: Recorder) -> bool:
    """Whether something is on the tape, and when it was heard."""
    tapes = recorder._tapes
    return bool(len(tapes.events(KNOWN)) and tapes.heard(KNOWN).spans)


async def test_a_recording_goes_on_where_it_has_stopped_and_keeps_what_was_heard(
    tmp_path: Path,
) -> None:
    source = Lines(replace(history(bars=900, seed=5), liquidations=None))
    start = source.time
    source.time = start - 20 * HOUR
    heard = [source.time + 10 * MINUTE, start - 2 * HOUR]
    for at in heard:
        recorder = Recorder(source, tmp_path, [KNOWN], DAY)
        recorder.listen()
        await recorder.record()
        await until(lambda: source.open)
        source.time = at
        await source.open[0].tell(KNOWN, event(at - 30_000))
        await until(partial(told, recorder))
        await recorder.record()
        await recorder.close()
    found = read_market(place(tmp_path, KNOWN))
    assert np.all(np.diff(found.candles.open_time) == 5 * MINUTE)
    assert found.candles.open_time[0] <= start - 43 * HOUR
    assert found.candles.close_time[-1] == heard[-1]
    assert found.liquidations is not None
    assert found.liquidations.time.tolist() == [at - 30_000 for at in heard]
    assert found.heard is not None
    assert len(found.heard.spans) == 2  # and nobody listened in between


async def test_nobody_listening_is_not_silence(tmp_path: Path) -> None:
    whole = history(bars=900)
    quiet = Market(whole.known_at(whole.candles.close_time[-1]))
    quiet.histories = {
        KNOWN: MarketHistory(KNOWN, whole.candles, whole.open_interest, whole.funding)
    }
    recorder = Recorder(quiet, tmp_path, [KNOWN], DAY)
    await recorder.record()
    await recorder.close()
    found = read_market(place(tmp_path, KNOWN))
    assert found.liquidations is None
    recorder = Recorder(quiet, tmp_path, [KNOWN], DAY)
    recorder._tapes.hear(KNOWN, Heard(((START + 60 * HOUR, START + 61 * HOUR),)))
    await recorder.record()
    await recorder.close()
    found = read_market(place(tmp_path, KNOWN))
    assert found.liquidations is not None
    assert len(found.liquidations) == 0
    assert found.heard == Heard(((START + 60 * HOUR, START + 61 * HOUR),))


async def test_a_venue_that_fails_leaves_what_is_recorded_and_stops_no_other(
    tmp_path: Path,
) -> None:
    other = Instrument("okx", "BTC", "USDT", "USDT")
    source = Market(history(bars=900), history(other, bars=900))
    end = source.time
    source.time = end - HOUR
    recorder = Recorder(source, tmp_path, [KNOWN, other], DAY)
    await recorder.record()
    source.down["okx"] = "it hangs"
    source.time = end
    last = await recorder.record()
    await recorder.close()
    assert last.failed == {other: "it hangs"}
    assert set(recorder.recorded) == {KNOWN, other}
    assert read_market(place(tmp_path, KNOWN)).candles.close_time[-1] == end
    assert read_market(place(tmp_path, other)).candles.close_time[-1] == end - HOUR


async def test_other_bars_than_those_recorded_are_refused(tmp_path: Path) -> None:
    for interval in (5 * MINUTE, 15 * MINUTE):
        source = Market(history(bars=900, interval=interval))
        recorder = Recorder(source, tmp_path, [KNOWN], DAY)
        if interval == 5 * MINUTE:
            await recorder.record()
        else:
            with pytest.raises(BadSetting, match="recorded in bars of 5m"):
                await recorder.record()
        await recorder.close()


def test_a_coin_margined_market_has_a_folder_of_its_own() -> None:
    coin = Instrument("okx", "BTC", "USD", "BTC", Contract.INVERSE)
    assert place(Path("rec"), coin) != place(Path("rec"), BTC[-1])
