"""Any CollectionStore: markets that are kept current, and what of their past was asked for."""

from bot.core.arrays import DAY, HOUR
from bot.core.instruments import Contract, Instrument
from bot.core.market.heard import Heard
from bot.ports import Collected
from storage.memory import Memory, open_memory
from tests.support.remembered import BTC, START

pytest_plugins = ("tests.support.stores",)

COIN = Instrument("binance", "BTC", "USD", "BTC", Contract.INVERSE)


async def test_collected_markets_are_known_after_a_restart_the_one_asked_for_last_first(
    memory: Memory, url: str
) -> None:
    await memory.collections.adopt([Collected(BTC, START), Collected(COIN, START + HOUR)])
    again = await open_memory(url)
    found = await again.collections.collected()
    await again.close()
    assert list(found) == [Collected(COIN, START + HOUR), Collected(BTC, START)]


async def test_a_market_asked_for_again_is_the_same_market(memory: Memory) -> None:
    await memory.collections.adopt([Collected(BTC, START)])
    await memory.collections.adopt([Collected(BTC, START + DAY)])
    assert list(await memory.collections.collected()) == [Collected(BTC, START + DAY)]


async def test_a_market_that_is_dropped_is_no_longer_collected_the_others_are(
    memory: Memory,
) -> None:
    await memory.collections.adopt([Collected(BTC, START), Collected(COIN, START)])
    await memory.collections.drop([BTC])
    await memory.collections.drop([])
    await memory.collections.adopt([])
    assert list(await memory.collections.collected()) == [Collected(COIN, START)]


async def test_what_was_sought_is_known_series_by_series(memory: Memory) -> None:
    assert await memory.collections.sought(BTC) == {}
    candles = Heard(((START, START + HOUR), (START + DAY, START + 2 * DAY)))
    await memory.collections.seek(BTC, {"candles": candles, "funding": Heard(((0, 5),))})
    await memory.collections.seek(COIN, {"candles": Heard(((1, 2),))})
    grown = Heard(((START, START + 2 * DAY),))
    await memory.collections.seek(BTC, {"candles": grown})
    await memory.collections.seek(BTC, {})
    assert await memory.collections.sought(BTC) == {"candles": grown, "funding": Heard(((0, 5),))}
    assert await memory.collections.sought(COIN) == {"candles": Heard(((1, 2),))}
