"""Cascades of every market that is followed are told as they happen, and as a replay tells them."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from bot.core import figures
from bot.core.arrays import DAY, MINUTE
from bot.core.instruments import Instrument
from bot.core.market.history import MarketHistory
from bot.core.market.liquidations import Liquidations
from bot.core.market.scale import scaled
from bot.core.signals.episode import Episode, Kind, Way
from bot.core.signals.events import STEP
from bot.core.signals.weeks import by_weeks
from bot.core.signals.wide import COINS
from bot.core.simulation.simulate import simulate
from bot.desk.cascade_words import cascade
from bot.desk.cascades import Cascade, CascadeDesk
from bot.desk.evidence import EvidenceDesk
from bot.desk.held import Held
from bot.desk.liqs import LiqsDesk
from bot.desk.live import Live
from bot.desk.markets import Markets
from bot.desk.requests import PanelRequest
from bot.desk.setups import SetupsDesk
from bot.desk.signals import SignalDesk
from bot.desk.snapshot import Snapshots
from bot.desk.tapes import Tapes
from bot.exchanges.simulated import SimulatedSource
from bot.ports import MarketSource
from tests.support.lines import Line, Lines

DAYS = 6


@dataclass
class Following:
    """A desk that follows, and what it told."""

    snapshots: Snapshots
    tapes: Tapes
    live: Live
    desk: CascadeDesk
    told: list[Cascade]


@asynccontextmanager
async def following(
    source: MarketSource, store: Any = None, **fast: float
) -> AsyncIterator[Following]:
    tapes = Tapes()
    snapshots = Snapshots(source, store, DAYS, tapes)
    live = Live(source, snapshots, tapes, store, look=0.01)
    desk = CascadeDesk(source, snapshots, tapes, live, store, None, **fast)
    said: list[Cascade] = []
    desk.subscribe(said.append)
    live.start()
    desk.start()
    try:
        yield Following(snapshots, tapes, live, desk, said)
    finally:
        await desk.close()
        await live.close()
        await snapshots.close()


FAST: Mapping[str, Any] = {"look": 0.002, "late": 0.0, "steady": 0.01}


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 - a test may poll
            await asyncio.sleep(0.002)


@pytest.fixture(scope="module")
def history() -> MarketHistory:
    return simulate("crash", 5, DAYS * 288).history


@pytest.fixture(scope="module")
def whole(history: MarketHistory) -> tuple[Episode, ...]:
    """What is said of cascades by one who reads the whole record."""
    read = by_weeks(history.instrument.key, [history])
    assert read is not None
    return read.of(Kind.CASCADE)


def batches(events: Liquidations, rng: np.random.Generator) -> list[Liquidations]:
    """Cut events into batches that come in any order, some of them twice."""
    if not len(events):
        return []
    count = int(rng.integers(1, 4))
    cuts = np.sort(rng.integers(0, len(events) + 1, count - 1)).tolist()
    ends = zip([0, *cuts], [*cuts, len(events)], strict=True)
    parts = [events.sliced(slice(first, last)) for first, last in ends if last > first]
    parts += [part for part in parts if rng.random() < 0.2]
    return [parts[place] for place in rng.permutation(len(parts))]


class Told(Lines):
    """Markets whose recordings are told live, as far as the clock has gone."""

    def all_heard(self) -> bool:
        """Let a moment pass; says whether each market is in one line."""
        self.time += 1
        told = [market for line in self.open for market in line.instruments]
        return sorted(map(str, told)) == sorted(map(str, self.histories))

    async def play(self, lines: Sequence[Line], until_: int, rng: np.random.Generator) -> None:
        """Go on to a time [ms] by steps, each of them told in batches of no order."""
        while self.time < until_:
            since, now = self.time, min(self.time + STEP, until_)
            for line in lines:
                for market in line.instruments:
                    events = self.histories[market].liquidations
                    assert events is not None
                    first, last = events.time.searchsorted([since, now]).tolist()
                    for batch in batches(events.sliced(slice(first, last)), rng):
                        await line.tell(market, batch)
            await asyncio.sleep(0.003)
            self.time = now
            await asyncio.sleep(0.003)


def _in(states: Sequence[Episode], since: int) -> list[Episode]:
    return [state for state in states if state.time > since]


async def test_what_is_told_live_is_what_the_whole_record_says(
    history: MarketHistory, whole: tuple[Episode, ...]
) -> None:
    first = next(one for one in whole if one.began > history.candles.open_time[0] + 3 * DAY)
    begin = first.began // STEP * STEP - 3 * MINUTE
    source = Told(history)
    source.time = begin
    async with following(source, **FAST) as house:
        await house.snapshots.of([history.instrument])
        await until(lambda: house.desk.followed and source.open)
        await source.play([source.open[-1]], begin + 40 * MINUTE, np.random.default_rng(3))
        expected = [one for one in _in(whole, begin) if one.time <= source.time]
        await until(lambda: len(house.told) >= len(expected))
        recent = house.desk.recent(history.instrument.base)
    assert len(expected) >= 2
    assert [one.episode for one in house.told] == expected
    assert {one.coin for one in house.told} == {"SOL"}
    assert recent[0].episode == max(expected, key=lambda one: (one.began, one.time))
    earlier = [one for one in whole if one.time > source.time - DAY]
    assert {one.episode.name for one in recent} == {one.name for one in earlier} & {
        one.name for one in whole if one.time <= source.time
    }


async def test_three_coins_at_once_are_the_market_and_their_venues_are_one_coin(
    history: MarketHistory, whole: tuple[Episode, ...]
) -> None:
    key = history.instrument
    coins = [replace(key, base=base) for base in ("BTC", "ETH", "SOL")]
    histories = [replace(history, instrument=each) for each in coins]
    thousand = replace(key, base="1000SOL", exchange="other")
    histories.append(replace(scaled(history, 1000.0), instrument=thousand))
    first = next(one for one in whole if one.began > history.candles.open_time[0] + 3 * DAY)
    source = Told(*histories)
    source.time = first.began // STEP * STEP - 2 * MINUTE - STEP // 2
    async with following(source, **FAST) as house:
        await house.snapshots.of([each.instrument for each in histories])
        await until(source.all_heard)
        await until(lambda: len(house.desk.followed) == 3)
        await until(lambda: len(house.desk.markets("SOL")) == 2)
        source.time = first.began // STEP * STEP - 2 * MINUTE
        rng = np.random.default_rng(4)
        await source.play(source.open, first.time + 2 * STEP, rng)
        await until(lambda: house.desk.under_way(""))
        signals_desk, evidence = SignalDesk(house.snapshots), EvidenceDesk(None)
        held = Held(source, house.snapshots, signals_desk, None)
        setups = SetupsDesk(Markets(source), signals_desk, evidence, held, cascades=house.desk)
        of_all = (await setups.answer(PanelRequest("setups"), "dark")).text()
        of_one = (await setups.answer(PanelRequest("setups", "BTC"), "dark")).text()
        for each in (setups, held, evidence, signals_desk):
            await each.close()
        await source.play(source.open, source.time + 15 * MINUTE, rng)
        await until(lambda: any(one.episode.ended for one in house.told if not one.coin))
        assert not house.desk.under_way("")
    wide = [one for one in house.told if not one.coin]
    words = cascade(wide[0])
    assert words.startswith("Market-wide cascade ")
    assert ": 3 coins, $" in words
    assert words in of_all
    assert words in of_one
    assert of_one.index("SIMULATED") < of_one.index(words)
    assert [one.episode.phase for one in wide] == ["cascade", "over"]
    assert wide[0].episode.way is first.way is not Way.NONE
    assert [fact.value for fact in wide[0].episode.facts[:1]] == [COINS]
    assert {fact.name for fact in wide[0].episode.facts[3:]} == {"BTC", "ETH", "SOL"}
    assert len(wide[0].markets) == 4
    alone = {one.coin: one.episode for one in house.told if one.episode.phase == "cascade"}
    assert alone["BTC"].facts[0].value == pytest.approx(first.facts[0].value)
    assert alone["SOL"].facts[0].value == pytest.approx(2 * first.facts[0].value)
    assert alone["SOL"].market.count(" + ") == 1


async def test_a_cascade_under_way_is_mentioned_with_the_liquidations_themselves(
    history: MarketHistory, whole: tuple[Episode, ...]
) -> None:
    first = next(one for one in whole if one.began > history.candles.open_time[0] + 3 * DAY)
    ended = next(one for one in whole if one.name == first.name and one.ended)
    source = Told(history)
    source.time = first.began // STEP * STEP - MINUTE
    async with following(source, **FAST) as house:
        liqs = LiqsDesk(
            source, Markets(source), house.snapshots, house.tapes, None, cascades=house.desk
        )
        request = PanelRequest("liqs", "SOL", (), None)
        before = (await liqs.answer(request, "dark")).text()
        await until(lambda: house.desk.followed and source.open)
        rng = np.random.default_rng(5)
        await source.play([source.open[-1]], first.time + STEP, rng)
        await until(lambda: house.told)
        going = (await liqs.answer(request, "dark")).text()
        every = (await liqs.answer(replace(request, symbol=""), "dark")).text()
        await source.play([source.open[-1]], ended.time + STEP, rng)
        await until(lambda: len(house.told) == 2)
        after = (await liqs.answer(request, "dark")).text()
        await liqs.close()
    said = f"SOL cascade {first.way} since {figures.clock(first.began)} UTC: "
    assert said in going
    assert said in every
    assert "/setups SOL says what followed others." in going
    assert going.index("SIMULATED") < going.index(said)
    assert " cascade " not in before + after


async def test_a_market_that_nobody_follows_any_more_is_let_go_of(history: MarketHistory) -> None:
    source = Told(history)
    async with following(source, **FAST) as house:
        await house.snapshots.of([history.instrument])
        await until(lambda: house.desk.followed)
        house.snapshots.drop(history.instrument)
        await until(lambda: not house.desk.followed)
        assert not house.desk.markets("SOL")
        assert not house.told


async def test_a_cascade_of_a_market_that_is_let_go_of_is_ended(
    history: MarketHistory, whole: tuple[Episode, ...]
) -> None:
    first = next(one for one in whole if one.began > history.candles.open_time[0] + 3 * DAY)
    source = Told(history)
    source.time = first.began // STEP * STEP - MINUTE
    async with following(source, **FAST) as house:
        await house.snapshots.of([history.instrument])
        await until(lambda: house.desk.followed and source.open)
        await source.play([source.open[-1]], first.time + STEP, np.random.default_rng(5))
        await until(lambda: house.told)
        assert house.desk.under_way("SOL")
        house.snapshots.drop(history.instrument)
        await until(lambda: not house.desk.followed)
        assert not house.desk.under_way("SOL")
    assert house.told[-1].episode.name == first.name
    assert house.told[-1].episode.why_ended == "its market is not followed any more"


class Remembering:
    """The part of a HistoryStore that following needs."""

    def __init__(self, history: MarketHistory) -> None:
        self.history = history
        self.loaded: list[Instrument] = []

    async def load(self, instrument: Instrument, since: int) -> MarketHistory | None:
        self.loaded.append(instrument)
        if instrument != self.history.instrument:
            return None
        return replace(self.history, candles=self.history.candles.since(since))

    async def followed(self, since: int) -> Sequence[Instrument]:
        known = self.history.instrument
        return [known, replace(known, base="NEW")] if since else []

    async def save(self, history: MarketHistory) -> None:
        raise AssertionError(f"{history.instrument} was not gathered")

    async def save_liquidations(self, *_: object) -> None:
        """Nothing is looked at."""


async def test_after_a_restart_what_is_stored_tells_what_is_normal(
    history: MarketHistory, whole: tuple[Episode, ...]
) -> None:
    real = replace(history, simulated=False)
    first = next(one for one in whole if one.began > history.candles.open_time[0] + 3 * DAY)
    source, store = Told(real), Remembering(real)
    source.time = first.began // STEP * STEP - MINUTE
    async with following(source, store, **FAST) as house:
        await until(lambda: house.desk.followed and source.open)
        await until(lambda: len(store.loaded) == 2)
        lines = [line for line in source.open if real.instrument in line.instruments]
        known = replace(lines[0], instruments=(real.instrument,))
        await source.play([known], first.time + STEP, np.random.default_rng(5))
        await until(lambda: house.told)
        await asyncio.sleep(0.1)
    assert house.told[0].episode.began == first.began
    assert not house.told[0].simulated
    assert len(store.loaded) == 2  # what nothing is remembered of is not asked for again and again


async def test_somebody_who_listens_badly_harms_nobody_and_may_leave(
    history: MarketHistory, whole: tuple[Episode, ...]
) -> None:
    first = next(one for one in whole if one.began > history.candles.open_time[0] + 3 * DAY)
    source = Told(history)
    source.time = first.began // STEP * STEP - MINUTE
    heard: list[Cascade] = []

    def breaks(_: Cascade) -> None:
        raise RuntimeError

    async with following(source, **FAST) as house:
        house.desk.subscribe(breaks)
        leave = house.desk.subscribe(heard.append)
        leave()
        await house.snapshots.of([history.instrument])
        await until(lambda: house.desk.followed and source.open)
        await source.play([source.open[-1]], first.time + STEP, np.random.default_rng(5))
        await until(lambda: house.told)
    assert not heard


async def test_a_cascade_is_told_within_a_second_of_what_confirms_it() -> None:
    # A coin that is simulated so has a cascade twenty minutes after its start.
    speed, ahead = 60.0, 14 * 60
    source = SimulatedSource(
        2,
        days=3,
        speed=speed,
        venues=("sim-a",),
        wall=lambda: time.monotonic() + skipped[0],
    )
    skipped[0] += ahead / speed
    market = Instrument("sim-a", "SOL", "USDT", "USDT")
    late: list[float] = []
    async with following(source) as house:

        def measure(cascade: Cascade) -> None:
            if cascade.episode.phase == "cascade":
                events = house.tapes.events(market)
                end = cascade.episode.time
                last = int(events.time[events.time < end][-1])
                late.append((source.now() - last) / speed / 1000)

        house.desk.subscribe(measure)
        await house.snapshots.of([market])
        await until(lambda: late)
    assert 0 < late[0] <= 1.0


skipped = [0.0]  # [s] by which the simulated clock is ahead
