"""Evidence is worked out once for all who ask; episodes are noted once, and only real ones."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio

from bot.cli.recordings import recordings
from bot.core.arrays import DAY, HOUR, MINUTE
from bot.core.errors import StoreUnavailable
from bot.core.evidence.base import FEWEST
from bot.core.evidence.occurrences import Occurrence, model, occurrences, settled, summed
from bot.core.evidence.words import before as said_before
from bot.core.instruments import Instrument
from bot.core.market.history import MarketHistory
from bot.core.market.join import trimmed
from bot.core.signals.episode import Episode, Kind
from bot.core.signals.weeks import by_weeks
from bot.core.simulation.simulate import simulate
from bot.desk import evidence as evidence_module
from bot.desk.evidence import EvidenceDesk
from bot.desk.held import Held
from bot.desk.markets import Markets
from bot.desk.noted import noted
from bot.desk.signals import Seeing, SignalDesk
from bot.desk.snapshot import Snapshots
from bot.ports import EpisodeStore, GoneThrough
from storage.memory import Memory, open_memory
from tests.support.episodes import magnets
from tests.support.markets import Market

DAYS = 14
SOL = Instrument("binance", "SOL", "USDT", "USDT")


@pytest.fixture(scope="module")
def history() -> MarketHistory:
    made = simulate("crash", 5, DAYS * 288, instrument=SOL).history
    return replace(made, simulated=False)


@pytest.fixture
def market(history: MarketHistory) -> Market:
    return Market(history)


@pytest_asyncio.fixture
async def memory(tmp_path: Path) -> AsyncIterator[Memory]:
    opened = await open_memory(f"sqlite:///{tmp_path / 'memory.sqlite3'}")
    yield opened
    await opened.close()


class Desk:
    """A desk of signals over a market; `see` reads and waits until what it read is noted."""

    def __init__(self, market: Market, store: EpisodeStore | None, days: int = 30) -> None:
        self.market = market
        self.markets = Markets(market)
        self.signals = SignalDesk(Snapshots(market, None, days), store)

    async def see(self, word: str = "SOL") -> Seeing:
        seeing = await self.signals.of(await self.markets.find(word), newer=True)
        others = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*others)
        return seeing


async def stored(memory: Memory, market: str = SOL.key) -> Sequence[Occurrence]:
    return await memory.episodes.of_market(market, model())


async def test_each_episode_is_noted_once_with_what_followed_as_time_goes_by(
    market: Market, memory: Memory
) -> None:
    desk, end = Desk(market, memory.episodes), market.time
    for hours in range(3 * 24, -1, -6):
        market.time = end - hours * HOUR
        seeing = await desk.see()
    read = by_weeks(SOL.key, seeing.histories)
    assert read is not None
    found = await stored(memory)
    assert found
    whole = settled(seeing.histories[0].candles, occurrences(read.told))
    assert [each.name for each in found] == [each.name for each in whole]
    for each, other in zip(found, whole, strict=True):
        assert repr((each.episode, each.moment)) == repr((other.episode, other.moment))
        assert [(one.horizon, one.move) for one in each.after] == [
            (one.horizon, one.move) for one in other.after
        ]
    [gone] = await memory.episodes.gone_through(SOL.key, model())
    assert (gone.since, gone.until) == (seeing.histories[0].candles.open_time[0], end - 5 * MINUTE)
    looks = await memory.episodes.looks(SOL.key, model(), 0)
    assert tuple(looks) == seeing.looks


async def test_a_bot_that_sees_a_shorter_past_after_a_restart_counts_nothing_twice(
    market: Market, memory: Memory
) -> None:
    seeing = await Desk(market, None).see()
    [whole] = seeing.histories
    until = 12 * 24
    before = magnets(whole, range(30, until, 20))
    at = int(before[-1].time) + 10 * MINUTE
    read = replace(seeing.signals, told=before, time=at)
    await noted(memory.episodes, read, [whole.known_at(at)])
    # Read from the fifth day on, machines say the same a little later, or what they did not say.
    again = magnets(whole, [5 * 24 + 3, *range(5 * 24 + 8, until, 20)])
    late = magnets(whole, [until + 1])
    short = trimmed(whole, int(whole.candles.open_time[0]) + 5 * DAY)
    later = replace(seeing.signals, told=(*again, *before[-2:], *late))
    found = await noted(memory.episodes, later, [short])
    assert [each.name for each in found] == [each.name for each in (*before, *late)]
    assert [each.name for each in await stored(memory)] == [each.name for each in found]
    own = await EvidenceDesk(memory.episodes).occurrences(replace(seeing, signals=later))
    assert [each.name for each in own] == [each.name for each in found]
    # What followed the one before the last was not over then, and is by now.
    assert [one.horizon for one in found[-2].after] == ["15m", "1h", "4h", "24h"]


async def test_looks_from_before_the_history_at_hand_are_remembered_for_three_months(
    market: Market, memory: Memory
) -> None:
    await Desk(market, memory.episodes).see()
    whole = await memory.episodes.looks(SOL.key, model(), 0)
    seeing = await Desk(market, memory.episodes, days=6).see()
    assert seeing.looks[0] == whole[0]
    times = [look.time for look in seeing.looks]
    assert times == sorted(set(times))
    assert len(times) > 8 * 24 + len(range(6 * 24 - 1))
    assert seeing.signals.days < 8


async def test_coins_that_are_held_are_noted_though_nobody_asks_for_their_signals(
    history: MarketHistory, memory: Memory
) -> None:
    ada = Instrument("binance", "ADA", "USDT", "USDT")
    source = Market(history, replace(history, instrument=ada))
    snapshots = Snapshots(source, None)
    await snapshots.of([SOL, ada])
    held = Held(source, snapshots, SignalDesk(snapshots, memory.episodes), None)
    await held.of()
    await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()})
    for key in (SOL.key, ada.key):
        assert await stored(memory, key)
        assert len(await memory.episodes.looks(key, model(), 0)) > 24
    await held.close()


async def test_what_is_simulated_is_never_stored(history: MarketHistory, memory: Memory) -> None:
    desk = Desk(Market(replace(history, simulated=True)), memory.episodes)
    seeing = await desk.see()
    assert seeing.simulated
    assert seeing.signals.told
    assert list(await stored(memory)) == []
    assert list(await memory.episodes.gone_through(SOL.key, model())) == []
    assert list(await memory.episodes.looks(SOL.key, model(), 0)) == []


def copied(found: Sequence[Occurrence], base: str) -> list[Occurrence]:
    """The same happened on another coin."""
    key = SOL.key.replace("SOL", base)

    def other(state: Episode) -> Episode:
        return replace(state, market=key)

    return [
        replace(each, episode=other(each.episode), moment=each.moment and other(each.moment))
        for each in found
    ]


async def keep(memory: Memory, found: Sequence[Occurrence]) -> None:
    market = found[0].episode.market
    await memory.episodes.keep(GoneThrough(market, model(), 0, 1), found)


def told_of(seeing: Seeing, count: int) -> Seeing:
    """The same coin, of which so many magnets are told."""
    hours = range(30, 30 + 20 * count, 20)
    return replace(
        seeing, signals=replace(seeing.signals, told=magnets(seeing.histories[0], hours))
    )


async def test_evidence_of_a_coin_is_its_own_where_there_is_enough(
    market: Market, memory: Memory
) -> None:
    seeing = told_of(await Desk(market, None).see(), FEWEST)
    own = settled(seeing.histories[0].candles, occurrences(seeing.signals.told))
    await keep(memory, copied(own, "ADA"))
    evidence = await EvidenceDesk(memory.episodes).of(Kind.MAGNET, seeing)
    assert evidence.followed[2].count == FEWEST
    assert repr(evidence.followed) == repr(summed(own, float(DAYS)))
    assert (evidence.over, evidence.markets) == ("", 1)


async def test_few_of_its_own_are_counted_with_those_of_other_coins_and_it_is_said(
    market: Market, memory: Memory
) -> None:
    seeing = told_of(await Desk(market, None).see(), FEWEST - 1)
    own = settled(seeing.histories[0].candles, occurrences(seeing.signals.told))
    for base in ("ADA", "SOL", "XRP"):
        await keep(memory, copied(own, base))
    # The same coin on two venues is the same coin: it is not counted beside itself.
    pair = f"{SOL.key} + okx SOL/USDT:USDT"
    await keep(memory, [replace(each, episode=replace(each.episode, market=pair)) for each in own])
    evidence = await EvidenceDesk(memory.episodes).of(Kind.MAGNET, seeing)
    assert (evidence.markets, str(evidence.over)) == (3, "over 3 markets")
    alone = summed(own, evidence.own[0].days)
    assert evidence.own[0].days == pytest.approx(DAYS)
    assert repr(evidence.own) == repr(alone)
    assert [each.count for each in evidence.followed] == [3 * each.count for each in alone]
    assert [each.move for each in evidence.followed] == pytest.approx([e.move for e in alone])


async def test_few_of_its_own_that_nobody_else_has_either_are_few(
    market: Market, memory: Memory
) -> None:
    desk = Desk(market, memory.episodes)
    evidence = await EvidenceDesk(memory.episodes).of(Kind.MAGNET, told_of(await desk.see(), 3))
    assert (evidence.pooled, evidence.over) == ((), "")
    assert not evidence.followed[2].enough


async def test_what_never_happened_in_the_days_that_are_held_is_said_so(
    market: Market, memory: Memory
) -> None:
    seeing = told_of(await Desk(market, None).see(), 1)
    begins = round(seeing.signals.time - seeing.signals.days * DAY)
    # Nineteen days, of which the last is at hand as well.
    before = GoneThrough(SOL.key, model(), begins - 18 * DAY, begins + DAY)
    await memory.episodes.keep(before, [])
    desk = EvidenceDesk(memory.episodes)
    squeezes, magnet = [await desk.of(kind, seeing) for kind in (Kind.SQUEEZE, Kind.MAGNET)]
    said = said_before(Kind.SQUEEZE, squeezes.followed)
    assert said == "No past occurrence of a maximum squeeze in the 32 days we hold."
    assert "No past occurrence" not in said_before(Kind.MAGNET, magnet.followed)


@pytest.mark.parametrize("name", ["binance-btc-2024-06", "binance-btc-2025-12"])
async def test_no_recording_holds_a_regime_and_that_is_what_is_said(
    name: str, shared: Path
) -> None:
    (recorded,) = recordings(f"replay:{shared / 'data' / 'replay' / name}").values()
    seeing = await Desk(Market(recorded), None, days=60).see("BTC")
    assert not any(seeing.signals.of(kind) for kind in (Kind.SQUEEZE, Kind.FUEL, Kind.EXHAUSTION))
    found = (await EvidenceDesk().of(Kind.FUEL, seeing)).followed
    days = round(seeing.signals.days)
    said = said_before(Kind.FUEL, found)
    assert said == f"No past occurrence of a fuel gauge in the {days} days we hold."
    assert days > 30


async def test_simulated_and_real_are_never_counted_together(
    history: MarketHistory, memory: Memory
) -> None:
    real = told_of(await Desk(Market(history), None).see(), FEWEST - 1)
    own = settled(real.histories[0].candles, occurrences(real.signals.told))
    for base in ("SOL", "ADA"):
        await keep(memory, copied(own, base))
    simulated = Market(replace(history, simulated=True))
    seeing = told_of(await Desk(simulated, memory.episodes).see(), 3)
    desk = EvidenceDesk(memory.episodes)
    evidence = await desk.of(Kind.MAGNET, seeing)
    assert (evidence.pooled, evidence.over) == ((), "")
    assert evidence.followed[0].count == 3


async def test_evidence_is_worked_out_once_for_all_who_ask(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    worked: list[int] = []
    real = settled

    def counted(*given: object) -> tuple[Occurrence, ...]:
        worked.append(1)
        return real(*given)  # type: ignore[arg-type]  # passed on as they come

    monkeypatch.setattr(evidence_module, "settled", counted)
    seeing = await Desk(market, None).see()
    desk = EvidenceDesk()
    both = await asyncio.gather(*(desk.of(kind, seeing) for kind in [*Kind, *Kind]))
    assert len(worked) == 1
    assert both[0] is both[len(Kind)]
    await desk.close()


class Broken:
    """An EpisodeStore whose database does not answer."""

    def __getattr__(self, name: str) -> object:
        async def fail(*_: object, **__: object) -> object:
            raise StoreUnavailable("it does not answer")

        return fail


async def test_without_a_database_there_is_still_the_history_at_hand(market: Market) -> None:
    broken: EpisodeStore = Broken()  # type: ignore[assignment]  # every method fails
    seeing = await Desk(market, broken).see()
    evidence = EvidenceDesk(broken)
    found = await evidence.of(Kind.MAGNET, told_of(seeing, 4))
    assert (found.followed[2].count, found.over) == (4, "")


async def test_what_could_not_be_noted_is_noted_with_the_next_bar(
    market: Market, memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(market, memory.episodes)
    market.time -= HOUR
    failing = Broken()
    with monkeypatch.context() as patch:
        patch.setattr(type(memory.episodes), "keep", failing.__getattr__("keep"))
        await desk.see()
    assert list(await stored(memory)) == []
    market.time += HOUR
    seeing = await desk.see()
    names = {each.name for each in occurrences(seeing.signals.told)}
    assert names
    assert {each.name for each in await stored(memory)} == names
    assert np.diff([each.time for each in seeing.looks]).min() == HOUR
