"""Signals are read once for all who ask, and are the same read at once or followed."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.core.arrays import DAY, HOUR
from bot.core.market.history import MarketHistory
from bot.core.market.scale import scaled
from bot.core.signals.looks import Seen, seen
from bot.core.signals.read import signals
from bot.core.signals.together import feeds, told
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
    whole = signals(history.instrument.key, told([history]), feeds([history]))
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
    walks: list[MarketHistory] = []

    def noted(history: MarketHistory) -> Iterator[Seen]:
        walks.append(history)
        return seen(history)

    monkeypatch.setattr("bot.desk.signals.seen", noted)
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


async def test_a_venue_alone_is_not_walked_through_again_after_it_was_read_with_others(
    history: MarketHistory, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = replace(history, instrument=replace(history.instrument, exchange="other"))
    market = Market(history, other)
    markets, desk = _desk(market)
    found = await markets.find("SOL")
    both = await desk.of(found)
    assert len(both.histories) == 2
    monkeypatch.setattr("bot.desk.signals.seen", None)  # whoever walks again fails
    one = replace(found, instruments=(other.instrument,), asked=("other",))
    alone = await desk.of(one)
    whole = signals(other.instrument.key, told([other]), feeds([other]))
    assert repr(alone.signals) == repr(whole)
    await desk.close()


async def test_a_coin_counted_by_the_thousand_is_read_with_one_that_is_not(
    history: MarketHistory,
) -> None:
    thousand = scaled(history, 1000.0)
    named = replace(history.instrument, base="1000SOL", exchange="other")
    markets, desk = _desk(Market(history, replace(thousand, instrument=named)))
    found = await markets.find("SOL")
    both = await desk.of(found)
    alone = await desk.of(replace(found, instruments=(history.instrument,)))
    price = float(history.candles.close[-1])
    assert both.signals.price == pytest.approx(price)
    assert both.signals.look is not None
    assert alone.signals.look is not None
    assert both.signals.look.long_near == pytest.approx(2 * alone.signals.look.long_near, rel=0.1)
    await desk.close()
