"""After a restart the bot goes on from the estimates it has saved, or makes them again."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from bot.core.arrays import DAY, HOUR, MINUTE
from bot.core.errors import BotError, StoreUnavailable
from bot.core.estimate import saved as saved_module
from bot.core.estimate.market import MarketEstimate
from bot.core.estimate.saved import read_back, saved
from bot.core.instruments import Instrument
from bot.core.market.heard import Heard
from bot.core.market.history import MarketHistory
from bot.core.market.join import joined
from bot.core.market.liquidations import Liquidations
from bot.desk import states as states_module
from bot.desk.snapshot import Kept, Snapshots
from bot.desk.states import States, unfit
from tests.support.estimates import Estimates
from tests.support.histories import BTC, history
from tests.support.markets import Market

ETH = Instrument("binance", "ETH", "USDT", "USDT")
BAR = 5 * MINUTE
DAYS = 6


class History:
    """A HistoryStore that remembers what was saved, series by series."""

    def __init__(self) -> None:
        self.kept: dict[Instrument, MarketHistory] = {}

    async def load(self, instrument: Instrument, since: int) -> MarketHistory | None:
        kept = self.kept.get(instrument)
        return None if kept is None else replace(kept, candles=kept.candles.since(since))

    async def save(self, history: MarketHistory) -> None:
        kept = self.kept.get(history.instrument)
        self.kept[history.instrument] = history if kept is None else joined(kept, history)

    async def save_liquidations(
        self, instrument: Instrument, events: Liquidations, heard: Heard
    ) -> None:
        raise AssertionError(f"nobody listens here to {instrument}: {events}, {heard}")

    async def followed(self, since: int) -> list[Instrument]:
        raise AssertionError(f"nobody listens here, and nobody did since {since}")


@pytest.fixture
def source() -> Market:
    return Market(history(bars=12 * 24 * DAYS), history(ETH, bars=12 * 24 * DAYS, seed=2))


@pytest.fixture
def rebuilt(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names the markets that were estimated from the beginning of their history."""
    seen: list[str] = []
    of = MarketEstimate.of

    def noted(history: MarketHistory, *others: Any, **more: Any) -> MarketEstimate:
        seen.append(history.instrument.key)
        return of(history, *others, **more)

    monkeypatch.setattr(MarketEstimate, "of", noted)
    return seen


def house(source: Market, memory: History | None, states: Estimates) -> Snapshots:
    return Snapshots(source, memory, DAYS + 1, estimates=states)


def reasons(caplog: pytest.LogCaptureFixture) -> str:
    return " ".join(str(getattr(record, "why", "")) for record in caplog.records)


async def asked(snapshots: Snapshots, instrument: Instrument = BTC) -> Kept:
    return (await snapshots.of([instrument])).kept[0]


async def stopped_before(source: Market, back: int, *, memory: History, states: Estimates) -> None:
    """Let a house stand, be asked, and be closed `back` [ms] before the end of the market."""
    end, source.time = source.time, source.time - back
    snapshots = house(source, memory, states)
    await asked(snapshots)
    await snapshots.close()
    source.time = end
    source.asked.clear()


def assert_same_map(one: Kept, other: Kept) -> None:
    first, second = one.estimate.map(), other.estimate.map()
    for name in ("long_usd", "short_usd", "long_range", "short_range"):
        assert getattr(first, name).tobytes() == getattr(second, name).tobytes()
    assert (first.time, first.price) == (second.time, second.price)
    assert [each.time for each in one.estimate.columns] == [
        each.time for each in other.estimate.columns
    ]


@pytest.mark.parametrize("back", [0, 2 * MINUTE, 40 * MINUTE, 26 * HOUR])
async def test_a_restart_takes_in_only_the_new_bars_and_gives_the_same_map(
    source: Market, back: int, rebuilt: list[str]
) -> None:
    memory, states = History(), Estimates()
    await stopped_before(source, back, memory=memory, states=states)
    rebuilt.clear()
    after = await asked(house(source, memory, states))
    assert rebuilt == []
    assert source.asked == [(BTC, (source.time - back) // BAR * BAR - BAR)]
    never_stopped = await asked(house(source, None, Estimates()))
    assert rebuilt == [BTC.key]
    assert_same_map(after, never_stopped)
    assert len(after.history.candles) == len(never_stopped.history.candles)


async def test_an_estimate_goes_on_also_where_candles_were_not_remembered(
    source: Market, rebuilt: list[str]
) -> None:
    states = Estimates()
    await stopped_before(source, HOUR, memory=History(), states=states)
    rebuilt.clear()
    after = await asked(house(source, None, states))
    assert rebuilt == []
    assert_same_map(after, await asked(house(source, None, Estimates())))


async def test_a_memory_that_begins_late_is_enough_for_an_estimate_that_does_not(
    source: Market, rebuilt: list[str]
) -> None:
    memory, states = History(), Estimates()
    await stopped_before(source, HOUR, memory=memory, states=states)
    whole = memory.kept[BTC]
    late = whole.candles.since(int(whole.candles.open_time[-100]))
    memory.kept[BTC] = replace(whole, candles=late)
    rebuilt.clear()
    after = await asked(house(source, memory, states))
    assert (rebuilt, len(source.asked)) == ([], 1)
    assert len(after.history.candles) == 100 + HOUR // BAR
    assert_same_map(after, await asked(house(source, None, Estimates())))


async def test_an_estimate_that_began_before_the_past_was_gathered_is_made_again(
    source: Market, rebuilt: list[str]
) -> None:
    memory, states = History(), Estimates()
    whole = source.histories[BTC]
    source.histories[BTC] = replace(whole, candles=whole.candles.since(source.time - 2 * DAY))
    await stopped_before(source, HOUR, memory=memory, states=states)
    source.histories[BTC] = whole
    rebuilt.clear()
    assert len((await asked(house(source, memory, states))).history.candles) == 2 * DAY // BAR
    assert rebuilt == []  # as much is remembered as it was made from
    await memory.save(whole.known_at(source.time - HOUR))
    after = await asked(house(source, memory, states))
    assert rebuilt == [BTC.key]
    assert_same_map(after, await asked(house(source, None, Estimates())))


async def test_what_was_told_before_a_kill_is_not_lost_and_not_counted_twice(
    source: Market,
) -> None:
    memory, states = History(), Estimates()
    snapshots, end = house(source, memory, states), source.time
    snapshots._states = States(states, look=0.005, apart=0.0)
    source.time = end - 5 * HOUR
    await asked(snapshots)
    await until(lambda: states.saves)
    source.time = end - HOUR  # asked again, and killed before that is saved
    saves, states.broken = states.saves, StoreUnavailable("it was killed")
    await asked(snapshots)
    states.broken = None
    await killed(snapshots)
    assert states.saves == saves
    assert states.times[BTC.key] == end - 5 * HOUR
    source.time = end
    after = await asked(house(source, memory, states))
    assert_same_map(after, await asked(house(source, None, Estimates())))


async def killed(snapshots: Snapshots) -> None:
    """End without saving anything."""
    task = snapshots._states._task
    assert task is not None
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 - a test may poll
            await asyncio.sleep(0.002)


Spoiling = Callable[[Estimates, pytest.MonkeyPatch], None]


def _damaged(states: Estimates, _: pytest.MonkeyPatch) -> None:
    blob = states.kept[BTC.key]
    states.kept[BTC.key] = blob[:5000] + bytes((blob[5000] ^ 1,)) + blob[5001:]


def _cut(states: Estimates, _: pytest.MonkeyPatch) -> None:
    states.kept[BTC.key] = states.kept[BTC.key][:-1]


def _empty(states: Estimates, _: pytest.MonkeyPatch) -> None:
    states.kept[BTC.key] = b""


def _of_eth(states: Estimates, _: pytest.MonkeyPatch) -> None:
    made = saved(MarketEstimate.of(history(ETH)))
    states.kept[BTC.key] = made


def _of_another_model(_: Estimates, monkeypatch: pytest.MonkeyPatch) -> None:
    saved_module._made_by.cache_clear()
    monkeypatch.setattr(saved_module, "MODEL", "inventory 99")


def _of_other_bars(states: Estimates, _: pytest.MonkeyPatch) -> None:
    states.kept[BTC.key] = saved(MarketEstimate.of(history(bars=600, interval=15 * MINUTE)))


def _of_the_future(states: Estimates, _: pytest.MonkeyPatch) -> None:
    states.kept[BTC.key] = saved(MarketEstimate.of(history(bars=12 * 24 * DAYS + 50)))


def _long_ago(states: Estimates, _: pytest.MonkeyPatch) -> None:
    old = history(bars=600, start=int(history().candles.open_time[0]) - 20 * DAY)
    states.kept[BTC.key] = saved(MarketEstimate.of(old))


def _of_other_units(states: Estimates, _: pytest.MonkeyPatch) -> None:
    bars = 12 * (24 * DAYS - 1)
    states.kept[BTC.key] = saved(MarketEstimate.of(history(bars=bars, price=90.0)))


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_damaged, "damaged"),
        (_cut, "damaged"),
        (_empty, "cut short"),
        (_of_eth, "another market"),
        (_of_another_model, "made by inventory 4"),
        (_of_other_bars, "another length"),
        (_of_the_future, "of the future"),
        (_long_ago, "no longer to be had"),
        (_of_other_units, "prices are others"),
    ],
)
async def test_a_state_that_cannot_be_gone_on_from_costs_only_a_rebuild(
    source: Market,
    spoil: Spoiling,
    said: str,
    rebuilt: list[str],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    memory, states = History(), Estimates()
    await stopped_before(source, HOUR, memory=memory, states=states)
    spoil(states, monkeypatch)
    rebuilt.clear()
    after = await asked(house(source, memory, states))
    monkeypatch.undo()
    saved_module._made_by.cache_clear()
    assert rebuilt == [BTC.key]
    assert said in reasons(caplog)
    assert_same_map(after, await asked(house(source, None, Estimates())))


async def test_a_venue_that_has_forgotten_the_bars_between_costs_a_rebuild(
    source: Market, rebuilt: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    memory, states = History(), Estimates()
    await stopped_before(source, 20 * HOUR, memory=memory, states=states)
    whole = source.histories[BTC]
    forgotten = whole.candles.since(source.time - 10 * HOUR)
    source.histories[BTC] = replace(whole, candles=forgotten)
    rebuilt.clear()
    after = await asked(house(source, memory, states))
    assert rebuilt == [BTC.key]
    assert "bars are missing" in reasons(caplog)
    assert after.estimate.time == source.time


def test_a_bar_that_a_venue_left_out_is_no_reason_to_begin_again() -> None:
    whole = history(bars=100)
    now = int(whole.candles.close_time[-1])
    estimate = MarketEstimate.of(whole.known_at(int(whole.candles.close_time[59])))
    assert unfit(estimate, without(whole, 60, 70, 71, 72), now) == ""
    assert unfit(estimate, without(whole, *range(70, 82)), now) == ""
    assert "missing" in unfit(estimate, without(whole, *range(70, 83)), now)
    assert "missing" in unfit(estimate, without(whole, *range(60, 73)), now)


def without(history: MarketHistory, *bars: int) -> MarketHistory:
    kept = np.delete(np.arange(len(history.candles)), bars)
    candles = replace(
        history.candles,
        **{
            name: column[kept]
            for name in ("open_time", "open", "high", "low", "close", "volume", "taker_buy_volume")
            if (column := getattr(history.candles, name)) is not None
        },
    )
    return replace(history, candles=candles)


async def test_a_broken_memory_of_estimates_costs_nobody_the_picture(
    source: Market, caplog: pytest.LogCaptureFixture
) -> None:
    states = Estimates(broken=StoreUnavailable("the disk is full"))
    snapshots = house(source, None, states)
    assert (await asked(snapshots)).estimate.time == source.time
    await snapshots.close()
    assert "saved estimate not used" in caplog.text
    assert "estimate not saved" in caplog.text


async def test_states_are_saved_in_the_background_not_too_often_and_at_the_end(
    source: Market,
) -> None:
    states, end = Estimates(), source.time
    snapshots = house(source, None, states)
    snapshots._states = States(states, look=0.005, apart=3600.0)
    source.time = end - 2 * HOUR
    await asked(snapshots)
    await asked(snapshots, ETH)
    await until(lambda: states.saves == 2)
    source.time = end
    await asked(snapshots)
    await asyncio.sleep(0.05)
    assert states.times[BTC.key] == end - 2 * HOUR
    await snapshots.close()
    assert states.times == {BTC.key: end, ETH.key: end - 2 * HOUR}
    assert states.saves == 3  # what was saved already is not saved again
    assert read_back(states.kept[BTC.key], BTC).time == end


async def test_an_answer_does_not_wait_for_a_slow_disk(source: Market) -> None:
    states, writing = Estimates(), asyncio.Event()

    async def slow(instrument: Instrument, time: int, body: bytes) -> None:
        assert (instrument, time, len(body) > 0) == (BTC, source.time, True)
        writing.set()
        await asyncio.Event().wait()

    states.save = slow  # type: ignore[method-assign]
    snapshots = house(source, None, states)
    snapshots._states = States(states, look=0.001, apart=0.0)
    await asked(snapshots)
    await asyncio.wait_for(writing.wait(), 60)
    async with asyncio.timeout(60):
        assert (await asked(snapshots, ETH)).estimate.time == source.time


async def test_a_save_that_never_ends_does_not_keep_the_bot_from_stopping(
    source: Market, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(states_module, "_AT_THE_END", 0.05)
    states = Estimates()

    async def never(instrument: Instrument, time: int, body: bytes) -> None:
        await asyncio.Event().wait()
        raise AssertionError((instrument, time, body))

    states.save = never  # type: ignore[method-assign]
    snapshots = house(source, None, states)
    await asked(snapshots)
    async with asyncio.timeout(60):
        await snapshots.close()
    assert "not all estimates saved" in caplog.text


@pytest.mark.parametrize("error", [StoreUnavailable("the disk is full"), ZeroDivisionError("ours")])
async def test_what_could_not_be_saved_is_saved_later(
    source: Market, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    states = Estimates()
    save: Callable[[Instrument, int, bytes], Awaitable[None]] = states.save
    failures = 0

    async def sometimes(instrument: Instrument, time: int, body: bytes) -> None:
        nonlocal failures
        failures += 1
        if failures < 3:
            raise error
        await save(instrument, time, body)

    states.save = sometimes  # type: ignore[method-assign]
    snapshots = house(source, None, states)
    snapshots._states = States(states, look=0.002, apart=0.0)
    await asked(snapshots)
    await until(lambda: states.saves)
    assert states.times[BTC.key] == source.time
    known = isinstance(error, BotError)
    assert ("estimate not saved" if known else "saving an estimate went wrong") in caplog.text
    await snapshots.close()


async def test_what_was_learnt_is_on_record_once_a_day(source: Market) -> None:
    states, end = Estimates(), source.time
    snapshots = house(source, None, states)
    snapshots._states = States(states, look=0.002, apart=0.0)
    for back in (50 * HOUR, 49 * HOUR, 25 * HOUR, 0):
        source.time = end - back
        await asked(snapshots)
        await until(lambda: states.times.get(BTC.key) == source.time)
    await snapshots.close()
    days = [record.day for record in await snapshots.learnt(BTC, 0)]
    assert days == sorted(days)
    assert [(days[-1] - day) // DAY for day in days] == [2, 1, 0]
    assert {record.model for record in states.records.values()} == {
        f"{saved_module.MODEL} / {(await asked(snapshots)).estimate.parameters.version}"
    }


async def test_a_market_that_reports_nothing_has_no_record() -> None:
    states = Estimates()
    snapshots = house(Market(replace(history(), liquidations=None)), None, states)
    await asked(snapshots)
    await snapshots.close()
    assert states.saves == 1
    assert states.records == {}


async def test_nothing_simulated_is_saved() -> None:
    states = Estimates()
    snapshots = house(Market(history(simulated=True)), None, states)
    await asked(snapshots)
    await snapshots.close()
    source = Market(history())
    source.simulated = True
    other = house(source, None, states)
    await asked(other)
    await other.close()
    assert states.saves == 0


async def test_what_bars_held_is_let_go_of_with_the_bars() -> None:
    source = Market(history(bars=12 * 24 * 6))
    end, source.time = source.time, source.time - 3 * DAY
    snapshots = Snapshots(source, None, history_days=2)
    await asked(snapshots)
    source.time = end
    kept = await asked(snapshots)
    assert kept.estimate.expected.time[0] >= end - 2 * DAY
    assert kept.estimate.expected.time[-1] == end - BAR
