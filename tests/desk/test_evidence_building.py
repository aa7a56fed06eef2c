"""Evidence of whole histories is built market by market, and no market twice."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from bot.core.arrays import DAY, MINUTE
from bot.core.errors import StoreUnavailable
from bot.core.evidence.occurrences import model, occurrences, settled
from bot.core.instruments import Instrument
from bot.core.market.history import MarketHistory
from bot.core.market.join import trimmed
from bot.core.market.scale import scaled
from bot.core.signals.looks import walked
from bot.core.signals.weeks import by_weeks
from bot.core.simulation.simulate import simulate
from bot.desk import building, noted
from bot.desk.building import built, hours
from storage.memory import Memory, open_memory
from tests.support.episodes import magnets

DAYS = 9
SOL = Instrument("binance", "SOL", "USDT", "USDT")
ADA = Instrument("binance", "ADA", "USDT", "USDT")


@pytest.fixture(scope="module")
def history() -> MarketHistory:
    made = simulate("crash", 5, DAYS * 288, instrument=SOL).history
    return replace(made, simulated=False)


@pytest_asyncio.fixture
async def memory(tmp_path: Path) -> AsyncIterator[Memory]:
    opened = await open_memory(f"sqlite:///{tmp_path / 'memory.sqlite3'}")
    yield opened
    await opened.close()


@pytest.fixture
def walks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The markets whose history was walked through."""
    seen: list[str] = []

    def counted(market: str, histories: list[MarketHistory], **how: object) -> object:
        seen.append(histories[0].instrument.base)
        return by_weeks(market, histories, **how)  # type: ignore[arg-type]  # passed on as it comes

    monkeypatch.setattr(building, "by_weeks", counted)
    return seen


async def test_what_is_built_is_what_the_machines_say_and_what_followed(
    history: MarketHistory, memory: Memory
) -> None:
    ticks: list[int] = []
    found = await built([history], memory.episodes, lambda: ticks.append(1))
    read = by_weeks(SOL.key, [history])
    assert read is not None
    assert repr(found.found) == repr(settled(history.candles, occurrences(read.told)))
    assert found.found
    assert (found.market, found.days, found.before) == (SOL.key, DAYS, False)
    assert repr(tuple(await memory.episodes.of_market(SOL.key, model()))) == repr(found.found)
    assert hours([history]) == len(ticks) == DAYS * 24
    looks = await memory.episodes.looks(SOL.key, model(), 0)
    assert looks == list(walked([history]))
    [gone] = await memory.episodes.gone_through(SOL.key, model())
    assert gone.until == history.candles.close_time[-1] - 5 * MINUTE


async def test_a_build_that_was_cut_off_goes_on_with_the_market_it_was_at(
    history: MarketHistory, memory: Memory, walks: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    other = replace(history, instrument=ADA)
    first = await built([history], memory.episodes)

    async def cut_off(*_: object, **__: object) -> None:
        raise StoreUnavailable("killed")

    with monkeypatch.context() as patch:
        patch.setattr(type(memory.episodes), "keep", cut_off)
        with pytest.raises(StoreUnavailable):
            await built([other], memory.episodes)
    assert list(await memory.episodes.gone_through(ADA.key, model())) == []
    again = [await built([each], memory.episodes) for each in (history, other)]
    assert walks == ["SOL", "ADA", "ADA"]
    assert [each.before for each in again] == [True, False]
    assert repr(again[0].found) == repr(first.found)
    assert len(again[1].found) == len(first.found)


async def test_data_that_changed_is_gone_through_again_and_takes_the_place_of_what_was(
    history: MarketHistory, memory: Memory, walks: list[str]
) -> None:
    early = history.known_at(int(history.candles.close_time[-1]) - DAY)
    await built([early], memory.episodes)
    [gone] = await memory.episodes.gone_through(SOL.key, model())
    of_old = occurrences(magnets(history, [50.25]))
    await memory.episodes.keep(gone, of_old)
    whole = await built([history], memory.episodes)
    assert (walks, whole.before) == (["SOL", "SOL"], False)
    stored = await memory.episodes.of_market(SOL.key, model())
    assert repr(tuple(stored)) == repr(whole.found)
    assert len(await memory.episodes.gone_through(SOL.key, model())) == 1


async def test_another_model_goes_through_everything_again(
    history: MarketHistory, memory: Memory, walks: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    await built([history], memory.episodes)
    for module in (building, noted):
        monkeypatch.setattr(module, "model", lambda: "signals 99")
    again = await built([history], memory.episodes)
    assert (again.before, walks) == (False, ["SOL", "SOL"])
    assert len(await memory.episodes.of_market(SOL.key, model())) == len(again.found)
    assert len(await memory.episodes.of_market(SOL.key, "signals 99")) == len(again.found)


async def test_two_recordings_of_one_market_stand_side_by_side(
    history: MarketHistory, memory: Memory
) -> None:
    middle = int(history.candles.open_time[0]) + 4 * DAY
    early = await built([history.known_at(middle)], memory.episodes)
    late = await built([trimmed(history, middle + DAY)], memory.episodes)
    stored = await memory.episodes.of_market(SOL.key, model())
    assert len(stored) == len(early.found) + len(late.found)
    assert len(await memory.episodes.gone_through(SOL.key, model())) == 2
    again = await built([history.known_at(middle)], memory.episodes)
    assert again.before
    assert repr(again.found) == repr(early.found)


async def test_what_is_simulated_is_built_but_never_stored(
    history: MarketHistory, memory: Memory
) -> None:
    real = await built([history], None)
    found = await built([replace(history, simulated=True)], memory.episodes)
    assert (found.simulated, found.before) == (True, False)
    assert repr(found.found) == repr(real.found)
    assert list(await memory.episodes.of_market(SOL.key, model())) == []
    assert list(await memory.episodes.gone_through(SOL.key, model())) == []
    assert list(await memory.episodes.looks(SOL.key, model(), 0)) == []


async def test_a_coin_that_venues_count_otherwise_is_counted_as_where_it_is_traded_most(
    history: MarketHistory,
) -> None:
    thousands = Instrument("binance", "1000PEPE", "USDT", "USDT")
    single = Instrument("okx", "PEPE", "USDT", "USDT")
    most = replace(history, instrument=thousands)
    candles = replace(history.candles, volume=history.candles.volume / 4)
    less = scaled(replace(history, candles=candles, instrument=single), 1 / 1000)
    found = await built([less, most], None)
    assert found.market == f"{thousands.key} + {single.key} as 1000PEPE"
    prices = [each.episode.price for each in found.found]
    assert prices
    assert min(prices) > history.candles.low.min()


async def test_what_cannot_be_seen_for_want_of_data_is_said(history: MarketHistory) -> None:
    assert (await built([history], None)).lacks == ()
    totals = replace(history, liquidations=None, funding=None)
    assert (await built([totals], None)).lacks == (
        "without funding no regime can be seen",
        "without single liquidations no cascade can be seen",
    )
    okx = replace(history, instrument=Instrument("okx", "SOL", "USDT", "USDT"))
    assert (await built([totals, okx], None)).lacks == ()


async def test_venues_of_a_coin_are_gone_through_together(history: MarketHistory) -> None:
    okx = Instrument("okx", "SOL", "USDT", "USDT")
    found = await built([history, replace(history, instrument=okx)], None)
    assert found.market == f"{SOL.key} + {okx.key}"
    assert {each.episode.market for each in found.found} == {found.market}


async def test_a_shorter_past_does_not_take_the_place_of_what_a_longer_one_told(
    memory: Memory,
) -> None:
    """Of its first weeks a walk from elsewhere knows better, and what is known stays."""
    whole = replace(simulate("major", 11, 34 * 288, instrument=SOL).history, simulated=False)
    first = await built([whole], memory.episodes)
    later = trimmed(whole, int(whole.candles.open_time[0]) + 12 * DAY)
    early = {each.name for each in (await built([later], None)).found if each.episode.early}
    assert early - {each.name for each in first.found}  # it would tell otherwise
    again = await built([later], memory.episodes)
    stored = await memory.episodes.of_market(SOL.key, model())
    assert [repr(each.episode) for each in stored] == [repr(each.episode) for each in first.found]
    assert {each.name for each in again.found} <= {each.name for each in first.found}
