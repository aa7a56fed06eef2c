"""Liquidations are listened to while the bot runs; no deaf moment passes for a quiet one."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import numpy as np
import pytest

from bot.core.arrays import HOUR
from bot.core.errors import MarketUnavailable, StoreUnavailable
from bot.core.instruments import Instrument
from bot.core.market.heard import Heard
from bot.core.market.history import MarketHistory
from bot.core.market.liquidations import Liquidations, together
from bot.desk import live as live_module
from bot.desk.live import Live
from bot.desk.snapshot import Snapshots
from bot.desk.tapes import Tapes, merged
from bot.ports import LiveLiquidations
from tests.support.histories import BTC, START, history
from tests.support.lines import Line, Lines, event

ETH = Instrument("binance", "ETH", "USDT", "USDT")
BYBIT = Instrument("bybit", "BTC", "USDT", "USDT")
LAG = 10_000


class Store:
    """The part of a HistoryStore that listening needs."""

    def __init__(self, *followed: Instrument) -> None:
        self.followed_before = followed
        self.saved: list[tuple[Instrument, Liquidations, Heard]] = []
        self.broken = False
        self.slow: asyncio.Event | None = None  # a write takes until it is set
        self.writing = 0

    async def load(self, instrument: Instrument, since: int) -> MarketHistory | None:
        raise AssertionError(f"listening does not load {instrument} since {since}")

    async def save(self, history: MarketHistory) -> None:
        raise AssertionError(f"listening does not save {history}")

    async def save_liquidations(
        self, instrument: Instrument, events: Liquidations, heard: Heard
    ) -> None:
        if self.broken:
            raise StoreUnavailable("the disk is full")
        self.writing += 1
        if self.slow is not None:
            await self.slow.wait()
            if self.broken:
                raise StoreUnavailable("the disk is full")
        self.saved.append((instrument, events, heard))

    async def followed(self, since: int) -> Sequence[Instrument]:
        assert since > 0
        return self.followed_before

    def events(self, instrument: Instrument) -> Liquidations:
        return together([events for market, events, _ in self.saved if market == instrument])


def quiet(instrument: Instrument = BTC, *, simulated: bool = False) -> MarketHistory:
    return replace(history(instrument, simulated=simulated), liquidations=None)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_module, "_SAVE", 0.01)
    monkeypatch.setattr(live_module, "_TELL", 0.01)
    monkeypatch.setattr(live_module, "_FIRST_PAUSE", 0.01)


@asynccontextmanager
async def listening(
    source: Lines, store: Store | None = None
) -> AsyncIterator[tuple[Snapshots, Tapes]]:
    tapes = Tapes()
    snapshots = Snapshots(source, None, tapes=tapes)
    live = Live(source, snapshots, tapes, store, look=0.005)
    live.start()
    try:
        yield snapshots, tapes
    finally:
        await live.close()


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 - a test may poll
            await asyncio.sleep(0.002)


async def line_of(source: Lines, count: int = 1) -> Line:
    await until(lambda: len(source.open) == count)
    return source.open[-1]


async def both_on_one_line(source: Lines) -> None:
    def holds() -> bool:
        source.time += 1  # a line is heard as time passes
        return [set(line.instruments) for line in source.open] == [{BTC, ETH}]

    await until(holds)


async def test_nobody_is_listened_to_before_anybody_asks() -> None:
    source = Lines(quiet())
    async with listening(source):
        await asyncio.sleep(0.03)
        assert source.opened == 0


async def test_what_is_told_is_in_the_next_snapshot_with_when_it_was_heard() -> None:
    source = Lines(quiet())
    async with listening(source) as (snapshots, tapes):
        await snapshots.of([BTC])
        line = await line_of(source)
        began = source.time
        source.time += 60_000
        await line.tell(BTC, event(began + 5_000))
        await until(lambda: len(tapes.events(BTC)) == 1)
        await until(lambda: tapes.heard(BTC).spans)
        found = (await snapshots.of([BTC])).kept[0].history
    assert found.liquidations is not None
    assert found.liquidations.time.tolist() == [began + 5_000]
    assert found.heard == Heard(((began, began + 60_000 - LAG),))


async def test_everything_is_stored_with_when_it_was_heard_also_at_the_very_end() -> None:
    source, store = Lines(quiet()), Store()
    async with listening(source, store) as (snapshots, tapes):
        await snapshots.of([BTC])
        line = await line_of(source)
        began = source.time
        source.time += 60_000
        for at in range(50):
            await line.tell(BTC, event(began + at, side=(-1) ** at))
        await until(lambda: len(tapes.events(BTC)) == 50)
        source.time += 60_000
    assert store.events(BTC).time.tolist() == [began + at for at in range(50)]
    assert store.saved[-1][2] == Heard(((began, began + 120_000 - LAG),))


async def test_a_disk_that_is_full_for_a_while_loses_nothing() -> None:
    source, store = Lines(quiet()), Store()
    store.broken = True
    async with listening(source, store) as (snapshots, tapes):
        await snapshots.of([BTC])
        line = await line_of(source)
        source.time += 60_000
        for at in range(5):
            await line.tell(BTC, event(source.time + at))
            await asyncio.sleep(0.015)
        assert store.saved == []
        store.broken = False
        await until(lambda: len(store.events(BTC)) == 5)
    assert len(tapes.events(BTC)) == 5


async def test_stopping_in_the_middle_of_a_write_loses_nothing() -> None:
    source, store = Lines(quiet(), quiet(ETH)), Store()
    store.slow = asyncio.Event()
    async with listening(source, store) as (snapshots, _):
        await snapshots.of([BTC, ETH])
        await both_on_one_line(source)
        line = await line_of(source)
        await line.tell(BTC, event(source.time))
        await line.tell(ETH, event(source.time, 3_000.0))
        await until(lambda: store.writing)
        slow, store.slow = store.slow, None
        assert not slow.is_set()
        assert store.saved == []
    assert len(store.events(BTC)) == 1
    assert len(store.events(ETH)) == 1


async def test_nothing_simulated_is_ever_stored() -> None:
    source, store = Lines(quiet(simulated=True)), Store()
    source.simulated = True
    async with listening(source, store) as (snapshots, tapes):
        await snapshots.of([BTC])
        await (await line_of(source)).tell(BTC, event(source.time))
        await until(lambda: len(tapes.events(BTC)) == 1)
        await asyncio.sleep(0.03)
    assert store.saved == []


async def test_a_new_market_is_taken_in_without_a_deaf_moment_for_the_others() -> None:
    source = Lines(quiet(), quiet(ETH))
    async with listening(source) as (snapshots, tapes):
        await snapshots.of([BTC])
        old = await line_of(source)
        began = source.time
        source.time += 60_000
        source.slow = True
        await snapshots.of([ETH])
        new = await line_of(source, 2)
        assert set(new.instruments) == {BTC, ETH}
        await asyncio.sleep(0.03)
        assert old in source.open  # the new one is not heard yet
        await old.tell(BTC, event(source.time))
        new.since = source.time  # both tell the same for a while
        await new.tell(BTC, event(source.time))
        await new.tell(BTC, event(source.time + 1))
        source.time += 60_000
        await until(lambda: source.open == [new])
        await until(lambda: tapes.heard(BTC).covers(began, source.time - LAG))
        assert tapes.heard(BTC).spans[0][0] == began
        await until(lambda: tapes.heard(ETH).spans)
        assert tapes.heard(ETH).spans[0][0] == began + 60_000
        await until(lambda: len(tapes.events(BTC)) == 2)  # what both told counts once


async def test_a_market_that_is_dropped_is_let_go_of_after_an_hour_and_the_others_stay_heard(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live_module, "_CHANGE_OVER", 0.05)
    source = Lines(quiet(), quiet(ETH))
    async with listening(source) as (snapshots, tapes):
        await snapshots.of([BTC, ETH])
        await both_on_one_line(source)
        began = source.time
        snapshots.drop(ETH)
        await asyncio.sleep(0.03)
        source.time += HOUR - 1_000
        await asyncio.sleep(0.03)
        (old,) = source.open  # somebody may ask for it again
        source.time += 1_000
        new = await line_of(source, 2)
        assert new.instruments == (BTC,)
        source.time += 60_000
        await until(lambda: source.open == [new])
        source.time += 60_000
        assert old not in source.open
        await until(lambda: tapes.heard(BTC).covers(began, source.time - LAG))
        assert not tapes.heard(ETH).covers(began, began + HOUR + 60_000)


@pytest.mark.parametrize("remembered", [True, False])
async def test_the_tape_of_a_market_that_is_dropped_goes_with_it_once_it_is_stored(
    monkeypatch: pytest.MonkeyPatch, *, remembered: bool
) -> None:
    monkeypatch.setattr(live_module, "_CHANGE_OVER", 0.05)
    source, store = Lines(quiet(), quiet(ETH)), Store()
    async with listening(source, store if remembered else None) as (snapshots, tapes):
        await snapshots.of([BTC, ETH])
        await both_on_one_line(source)
        store.broken = True
        await source.open[-1].tell(ETH, event(source.time))
        await until(lambda: len(tapes.events(ETH)) == 1)
        snapshots.drop(ETH)
        await asyncio.sleep(0.03)
        assert len(tapes.events(ETH)) == 1  # somebody may ask for it again
        source.time += HOUR
        new = await line_of(source, 2)
        if remembered:
            await until(lambda: source.open == [new])
            await asyncio.sleep(0.03)
            assert ETH in tapes.markets()  # it cannot be stored yet
            store.broken = False
        await until(lambda: tapes.markets() == (BTC,))
        assert len(store.events(ETH)) == remembered
        assert len(tapes.events(ETH)) == 0


async def test_a_tape_is_kept_until_the_write_that_stores_it_has_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live_module, "_CHANGE_OVER", 0.05)
    source, store = Lines(quiet(), quiet(ETH)), Store()
    async with listening(source, store) as (snapshots, tapes):
        await snapshots.of([BTC, ETH])
        await both_on_one_line(source)
        source.time += 60_000
        await until(lambda: tapes.heard(ETH).spans)
        store.broken = True
        await source.open[-1].tell(ETH, event(source.time))
        await until(lambda: len(tapes.events(ETH)) == 1)
        snapshots.drop(ETH)
        await asyncio.sleep(0.03)
        source.time += HOUR
        new = await line_of(source, 2)
        await until(lambda: source.open == [new])
        store.slow, store.broken = asyncio.Event(), False
        await until(lambda: ETH not in tapes.unsaved(quiet=True))  # it is being written
        await asyncio.sleep(0.03)
        markets, heard = tapes.markets(), tapes.heard(ETH)
        store.broken = True
        store.slow.set()
        assert ETH in markets
        await until(lambda: ETH in tapes.unsaved())
        assert tapes.heard(ETH) == heard != Heard()
        store.broken = False
        await until(lambda: tapes.markets() == (BTC,))
        assert [(len(events), at) for one, events, at in store.saved if one == ETH][-1:] == [
            (1, heard)
        ]


async def test_a_tape_let_go_of_while_another_is_stored_is_no_failure(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, store = Lines(quiet(), quiet(ETH)), Store()
    async with listening(source, store) as (snapshots, tapes):
        await snapshots.of([BTC, ETH])
        await both_on_one_line(source)
        named = tapes.unsaved

        def unsaved(*, quiet: bool = False) -> list[Instrument]:
            """Name the markets, one of which is gone by the time that it is stored."""
            found = named(quiet=quiet)
            tapes.drop(ETH)
            return found

        monkeypatch.setattr(tapes, "unsaved", unsaved)
        await source.open[-1].tell(BTC, event(source.time))
        await source.open[-1].tell(ETH, event(source.time))
        await until(lambda: any(one == BTC for one, *_ in store.saved))
    assert "KeyError" not in caplog.text


async def test_a_market_that_is_asked_for_again_within_the_hour_is_followed_on() -> None:
    source = Lines(quiet(), quiet(ETH))
    async with listening(source) as (snapshots, _):
        await snapshots.of([BTC, ETH])
        await both_on_one_line(source)
        opened = source.opened
        for _ in range(3):
            snapshots.drop(ETH)
            await asyncio.sleep(0.03)
            source.time += HOUR - 1_000
            await asyncio.sleep(0.03)
            await snapshots.of([ETH])
            await asyncio.sleep(0.03)
        assert source.opened == opened


async def test_where_all_markets_are_dropped_nothing_is_listened_to() -> None:
    source = Lines(quiet())
    async with listening(source) as (snapshots, _):
        await snapshots.of([BTC])
        await line_of(source)
        snapshots.drop(BTC)
        await asyncio.sleep(0.03)
        source.time += HOUR
        await until(lambda: not source.open)
        await snapshots.of([BTC])
        await line_of(source)
        assert source.opened == 2


async def test_what_was_followed_before_a_restart_and_is_asked_for_by_nobody_is_let_go_of() -> None:
    source = Lines(quiet(), quiet(ETH))
    async with listening(source, Store(ETH)):
        await line_of(source)
        source.time += 24 * HOUR
        await asyncio.sleep(0.03)
        assert len(source.open) == 1
        source.time += HOUR
        await until(lambda: not source.open)


async def test_a_feed_that_breaks_is_opened_again_and_the_time_between_stays_deaf(
    caplog: pytest.LogCaptureFixture,
) -> None:
    source = Lines(quiet(), quiet(BYBIT))
    async with listening(source) as (snapshots, tapes):
        await snapshots.of([BTC, BYBIT])
        await until(lambda: len(source.open) == 2)
        broken = next(line for line in source.open if BTC in line.instruments)
        other = next(line for line in source.open if BYBIT in line.instruments)
        began = source.time
        source.time += 60_000
        await until(lambda: tapes.heard(BTC).covers(began, began + 50_000))
        await broken.told.put(ZeroDivisionError("ours"))
        await until(lambda: broken not in source.open)
        source.time += 60_000
        await until(lambda: len(source.open) == 2)
        again = source.time
        source.time += 60_000
        await until(lambda: tapes.heard(BTC).covers(again, again + 50_000))
        assert not tapes.heard(BTC).covers(began, again)
        assert other in source.open
        await until(lambda: tapes.heard(BYBIT).covers(began, again + 50_000))
    assert "tape broke" in caplog.text


async def test_a_venue_that_is_away_is_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    source = Lines(quiet())
    async with listening(source) as (snapshots, tapes):
        await snapshots.of([BTC])
        await (await line_of(source)).told.put(MarketUnavailable("binance", "HTTP 503"))
        await until(lambda: source.opened == 2)
        await (await line_of(source)).tell(BTC, event(source.time))
        await until(lambda: len(tapes.events(BTC)) == 1)
    assert "tape stopped" in caplog.text


async def test_after_a_restart_the_same_markets_are_followed_before_anybody_asks() -> None:
    source = Lines(quiet(), quiet(ETH))
    async with listening(source, Store(ETH)):
        line = await line_of(source)
        assert line.instruments == (ETH,)


async def test_stopping_leaves_no_feed_and_no_task_behind() -> None:
    source = Lines(quiet(), quiet(ETH))
    async with listening(source, Store()) as (snapshots, _):
        await snapshots.of([BTC])
        await line_of(source)
        source.slow = True
        await snapshots.of([ETH])
        await line_of(source, 2)  # stopped in the middle of a change
    assert source.open == []
    await asyncio.sleep(0)
    assert len(asyncio.all_tasks()) == 1


async def test_a_recording_has_no_live_feed_and_none_is_asked_for_twice() -> None:
    source = Lines(quiet())
    opened = 0

    async def nothing(_: Sequence[Instrument]) -> AsyncIterator[LiveLiquidations]:
        nonlocal opened
        opened += 1
        for each in list[LiveLiquidations]():
            yield each

    source.liquidations = nothing  # type: ignore[assignment,method-assign]
    async with listening(source) as (snapshots, _):
        await snapshots.of([BTC])
        await asyncio.sleep(0.05)
    assert opened == 1


def test_a_tape_keeps_the_newest_and_takes_back_what_it_no_longer_holds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.desk.tapes.MOST_EVENTS", 10)
    tapes = Tapes()
    tapes.hear(BTC, Heard(((START, START + HOUR),)))
    for at in range(25):
        tapes.take(BTC, event(START + at))
    assert tapes.events(BTC).time.tolist() == [START + at for at in range(15, 25)]
    assert tapes.heard(BTC) == Heard(((START + 15, START + HOUR),))


def test_a_history_that_has_everything_stays_one_that_was_heard_all_the_time() -> None:
    tapes = Tapes()
    made = history(bars=24)
    assert made.liquidations is not None
    tapes.take(BTC, made.liquidations.sliced(slice(2, 5)))
    tapes.take(BTC, event(int(made.liquidations.time[-1]) + 7))
    tapes.hear(BTC, Heard(((START, START + 5),)))
    found = merged(made, tapes.pieces(BTC), tapes.heard(BTC))
    assert found.heard is None
    assert found.liquidations is not None
    assert len(found.liquidations) == len(made.liquidations) + 1
    other = history(ETH, bars=3)
    assert merged(other, tapes.pieces(ETH), tapes.heard(ETH)) is other


def test_a_quiet_market_is_kept_in_few_pieces_and_what_is_told_again_counts_once() -> None:
    tapes = Tapes()
    for at in range(1_000):
        tapes.take(BTC, event(START + at))
        tapes.take(BTC, event(START + at))  # by the feed that follows the first
    assert len(tapes.pieces(BTC)) <= 70
    assert sum(map(len, tapes.pieces(BTC))) <= 1_000 + 70
    assert tapes.events(BTC).time.tolist() == [START + at for at in range(1_000)]


def test_a_burst_is_on_the_tape_once_each() -> None:
    tapes = Tapes()
    rng = np.random.default_rng(1)
    time = np.sort(START + rng.integers(0, 3_000, 60_000))
    side = rng.choice(np.array([1, -1], np.int8), 60_000)
    price, quantity = rng.uniform(80_000, 90_000, (2, 60_000))
    for at in range(0, 60_000, 500):
        part = slice(at, at + 500)
        tapes.take(BTC, Liquidations(time[part], side[part], price[part], quantity[part]))
    assert len(tapes.events(BTC)) == 60_000
    assert tapes.unsaved() == [BTC]
    batches, _ = tapes.take_unsaved(BTC)
    assert len(together(batches)) == 60_000
    assert tapes.unsaved() == []
