"""Signals are read once for all who ask, and are the same read at once or followed."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.core.arrays import DAY, HOUR
from bot.core.market.history import MarketHistory
from bot.core.market.scale import scaled
from bot.core.signals.looks import Seen, Walker
from bot.core.signals.weeks import by_weeks
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
    whole = by_weeks(history.instrument.key, [history])
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
    walked: list[int] = []
    real = Walker.on

    def noted(self: Walker, history: MarketHistory) -> Iterator[Seen]:
        for each in real(self, history):
            walked.append(each.column.time)
            yield each

    monkeypatch.setattr(Walker, "on", noted)
    market.time = end
    await desk.of(found)
    assert walked == [end - 2 * HOUR, end - HOUR, end]
    other = replace(history, instrument=replace(history.instrument, exchange="other"))
    _, fresh = _desk(Market(other))
    await fresh.of(await Markets(Market(other)).find("SOL"))
    assert len(walked) > 24 * (DAYS - 1)


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
    whole = by_weeks(other.instrument.key, [other])
    monkeypatch.setattr(Walker, "on", None)  # whoever walks again fails
    one = replace(found, instruments=(other.instrument,), asked=("other",))
    alone = await desk.of(one)
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
