"""A cascade moves, and its watches are judged at once."""

import asyncio
from dataclasses import replace
from typing import Any, cast

from bot.core.instruments import Instrument
from bot.core.signals.episode import Episode, Kind, Way
from bot.core.watches.figures import Figure, Measure
from bot.desk.cascades import Cascade
from bot.desk.watching.live import AtOnce
from storage.memory import Memory
from tests.support.watched import MINUTE, NOW, Watching, watching

_BTC = Instrument("binance", "BTC", "USDT", "USDT")
_LIQUIDATED = Figure(Measure.LIQUIDATED, window=15 * MINUTE)
_DOWN = Episode(Kind.CASCADE, _BTC.key, "cascade", NOW, NOW, 100.0, 101.0, Way.DOWN)


class Told:
    """Cascades, told when a test says so."""

    def __init__(self) -> None:
        self.subscribers: list[Any] = []

    def subscribe(self, told: Any) -> Any:
        self.subscribers.append(told)
        return lambda: self.subscribers.remove(told)

    async def tell(self, coin: str, time: int) -> None:
        state = replace(_DOWN, time=time)
        for told in self.subscribers:
            told(Cascade(coin, coin, (_BTC,), state, simulated=False))
        await asyncio.sleep(0.2)


async def _live(desk: Watching) -> tuple[Told, AtOnce]:
    told = Told()
    live = AtOnce(desk.source, cast("Any", told), desk.desk._judge)
    live.start()
    return told, live


async def test_a_cascade_is_told_seconds_after_it_began_and_not_at_the_next_tick(
    desk: Watching,
) -> None:
    await desk.add("BTC cascade")
    await desk.add("BTC liqs 15m > 10M", chat="telegram:8")
    await desk.add("BTC price > 100", chat="telegram:9")  # which can wait
    await desk.add("ETH cascade")
    told, live = await _live(desk)
    for coin in ("BTC", "ETH"):
        desk.set(coin, cascade="", price=1)
    desk.figures.known["BTC", _LIQUIDATED] = 0.0
    await desk.tick()
    desk.set("BTC", cascade="down", price=101)
    desk.figures.known["BTC", _LIQUIDATED] = 2e7
    desk.source.time += 20_000
    views = desk.figures.views
    await told.tell("BTC", desk.source.time - 1_000)
    assert dict(await desk.shown()) == {"w1/BTC/1": "open BTC", "w2/BTC/1": "open BTC"}
    assert desk.figures.views == views + 1
    desk.source.time += 40_000 - MINUTE
    await desk.tick()
    assert len(await desk.shown()) == 3  # now the price, too
    await told.tell("ETH", desk.source.time)
    await told.tell("", desk.source.time)  # the market as a whole
    assert len(await desk.shown()) == 3
    await live.close()


async def test_a_state_told_of_a_moment_that_a_tick_has_passed_is_still_heard(
    desk: Watching,
) -> None:
    await desk.add("BTC cascade")
    told, live = await _live(desk)
    desk.set("BTC", cascade="")
    await desk.tick()
    desk.set("BTC", cascade="down")
    await told.tell("BTC", desk.source.time - 3_000)
    assert [said for _, said in await desk.shown()] == ["open BTC"]
    await live.close()


async def test_two_processes_that_hear_of_a_cascade_tell_of_it_once(memory: Memory) -> None:
    async with watching(memory) as one, watching(memory) as other:
        await one.add("BTC cascade")
        ears = [await _live(one), await _live(other)]
        for each in (one, other):
            each.set("BTC", cascade="")
            await each.tick()
            each.set("BTC", cascade="down")
            each.source.time += 20_000
        await asyncio.gather(*(told.tell("BTC", one.source.time - 1_000) for told, _ in ears))
        for each in (one, other):
            each.source.time += 40_000
            await each.tick()
        assert [name for name, _ in await one.shown()] == ["w1/BTC/1"]
        assert len(await memory.watches.ledger("w1")) == 1
        for _, live in ears:
            await live.close()
