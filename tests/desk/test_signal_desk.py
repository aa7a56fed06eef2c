"""Signals are read once for all who ask, and are the same read at once or followed."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from bot.core.arrays import DAY, HOUR
from bot.core.market.history import MarketHistory
from bot.core.signals.events import Look
from bot.core.signals.looks import walked
from bot.core.signals.read import signals
from bot.core.signals.together import told
from bot.core.simulation.simulate import simulate
from bot.desk.markets import Markets
from bot.desk.signals import SignalDesk
from bot.desk.snapshot import Snapshots
from tests.support.markets import Market

DAYS = 9


@pytest.fixture(scope="module")
def history() -> MarketHistory:
    return simulate("crash", 5, DAYS * 288).history


def _desk(market: Market) -> tuple[Markets, SignalDesk]:
    return Markets(market), SignalDesk(Snapshots(market, None))


async def test_a_coin_followed_hour_by_hour_reads_as_one_that_is_read_at_once(
    history: MarketHistory,
) -> None:
    market = Market(history)
    end = market.time
    markets, desk = _desk(market)
    market.time = end - DAY
    found = await markets.find("SOL")
    early = await desk.of(found)
    for hour in range(23, -1, -1):
        market.time = end - hour * HOUR
        late = await desk.of(found)
    assert late.signals.time == end
    assert late.signals.told[: len(early.signals.told)] == early.signals.told
    whole = signals(history.instrument.key, told([history]))
    assert whole is not None
    assert repr(late.signals) == repr(whole)


async def test_looks_of_a_followed_coin_are_not_walked_for_again(
    history: MarketHistory, monkeypatch: pytest.MonkeyPatch
) -> None:
    market = Market(history)
    end = market.time
    markets, desk = _desk(market)
    market.time = end - 3 * HOUR
    found = await markets.find("SOL")
    await desk.of(found)
    walks: list[Sequence[MarketHistory]] = []

    def noted(histories: Sequence[MarketHistory]) -> Iterator[Look]:
        walks.append(histories)
        return walked(histories)

    monkeypatch.setattr("bot.desk.signals.walked", noted)
    market.time = end
    await desk.of(found)
    assert not walks
    other = replace(history, instrument=replace(history.instrument, exchange="other"))
    _, fresh = _desk(Market(other))
    await fresh.of(await Markets(Market(other)).find("SOL"))
    assert walks


async def test_all_who_ask_at_once_share_one_reading(history: MarketHistory) -> None:
    markets, desk = _desk(Market(history))
    found = await markets.find("SOL")
    seen = await asyncio.gather(*(desk.of(found) for _ in range(20)))
    assert len({id(each) for each in seen}) == 1
    assert seen[0].simulated
    assert seen[0].signals.market == history.instrument.key
    assert all(episode.ended is None for episode in seen[0].signals.current)
    await desk.close()
