"""`/setups`: what is under way, what would end it, and what followed others; never of a guess."""

from collections.abc import AsyncIterator
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
import pytest_asyncio

from bot.core.arrays import DAY, MINUTE
from bot.core.errors import UnknownSymbol
from bot.core.instruments import Instrument
from bot.core.market.history import MarketHistory
from bot.core.signals.episode import Episode, Kind
from bot.core.signals.setups import KINDS, SetupChart
from bot.core.signals.weeks import by_weeks
from bot.core.simulation.simulate import simulate
from bot.desk.evidence import EvidenceDesk
from bot.desk.held import Held
from bot.desk.markets import Markets
from bot.desk.requests import PanelRequest
from bot.desk.setups import SetupsDesk
from bot.desk.signals import SignalDesk
from bot.desk.snapshot import Snapshots
from renderers import cascade as cascade_picture
from renderers.theme import Theme
from tests.support.markets import Market

if TYPE_CHECKING:
    from bot.desk.scoring import Scoring

DAYS = 12
SOL = Instrument("binance", "SOL", "USDT", "USDT")


@pytest.fixture(scope="module")
def history() -> MarketHistory:
    return simulate("crash", 7, DAYS * 288, instrument=SOL).history


@pytest.fixture(scope="module")
def said(history: MarketHistory) -> tuple[Episode, ...]:
    found = by_weeks(SOL.key, [history])
    assert found is not None
    return found.told


def undisturbed(said: tuple[Episode, ...]) -> Episode:
    """The first magnet that begins while no other setup is under way."""
    going: set[str] = set()
    for state in said:
        if state.kind is Kind.MAGNET and state.phase == "draws" and not going:
            return state
        if state.kind in KINDS:
            (going.add if state.ended is None else going.discard)(state.name)
    raise AssertionError("no magnet is alone")


class _Graded:
    """Grades every map alike."""

    def __init__(self, word: str) -> None:
        self.word = word

    async def of(self, *_: Any) -> Any:
        return SimpleNamespace(accuracy=SimpleNamespace(graded=f"{self.word}, 412 hours"))


class Desk:
    """A desk over one market whose clock is moved by hand."""

    def __init__(self, history: MarketHistory) -> None:
        self.market = Market(history)
        self.markets = Markets(self.market)
        snapshots = Snapshots(self.market, None)
        self.signals, self.evidence = SignalDesk(snapshots), EvidenceDesk()
        self.scoring = _Graded("good")
        scoring = cast("Scoring", self.scoring)
        self.held = Held(self.market, snapshots, self.signals, scoring)
        self.desk = SetupsDesk(self.markets, self.signals, self.evidence, self.held, scoring)

    async def ask(self, symbol: str = "SOL", theme: str = "dark") -> Any:
        return await self.desk.answer(PanelRequest("setups", symbol), theme)

    async def close(self) -> None:
        await self.desk.close()
        await self.held.close()
        await self.evidence.close()
        await self.signals.close()


@pytest_asyncio.fixture
async def desk(history: MarketHistory) -> AsyncIterator[Desk]:
    made = Desk(history)
    yield made
    await made.close()


def at(said: tuple[Episode, ...], kind: Kind, phase: str) -> Episode:
    """Return the latest state of a kind in a phase that nothing followed at the same time."""
    last = {(state.name, state.time): state for state in said if state.kind is kind}
    return [state for state in last.values() if state.phase == phase][-1]


async def test_a_magnet_is_told_with_target_stop_end_and_evidence(
    desk: Desk, said: tuple[Episode, ...]
) -> None:
    magnet = undisturbed(said)
    desk.market.time = magnet.time
    reply = await desk.ask()
    text = reply.text()
    assert f"magnet {magnet.way.value}" in reply.headline
    assert "draws the price" in text
    assert "Target" in text
    assert "stop" in text
    assert "It ends when price goes as far the other way" in text
    assert "No past occurrence of a magnet in the " in text
    assert "Measured accuracy of the map: good, 412 hours." in text
    assert magnet.early  # twelve days are all there is
    assert "Less than 3 weeks of this market were held when it began" in text
    assert reply.simulated
    assert text.count("SIMULATED") == 1
    assert reply.image.png.startswith(b"\x89PNG")
    assert reply.image.name == "sol-magnet.png"


async def test_a_sweep_is_no_setup_before_it_has_calmed_down(
    desk: Desk, said: tuple[Episode, ...]
) -> None:
    for phase, words in (("swept", "has to confirm it"), ("confirmed", "two hours without")):
        desk.market.time = at(said, Kind.SWEEP, phase).time
        reply = await desk.ask()
        assert "sweep of" in reply.headline
        assert words in reply.text()
        assert "Target" not in next(line for line in reply.lines if line.startswith("Sweep of"))


async def test_a_cascade_is_told_while_its_bar_is_still_open(
    desk: Desk, said: tuple[Episode, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[Kind] = []
    plain = cascade_picture.render

    def noted(chart: SetupChart, theme: Theme) -> bytes:
        drawn.append(chart.setup.kind)
        return plain(chart, theme)

    monkeypatch.setattr(cascade_picture, "render", noted)
    under_way = [
        state
        for state in said
        if state.kind is Kind.CASCADE and state.phase == "cascade" and state.time % (5 * MINUTE)
    ]
    cascade = under_way[-1]
    desk.market.time = cascade.time + 10_000
    reply = await desk.ask()
    assert reply.headline.startswith(f"SOL setups: cascade {cascade.way.value}")
    assert "liquidated until it was confirmed" in reply.text()
    assert reply.as_of == cascade.time
    assert reply.image.name == "sol-cascade.png"
    assert reply.image.alt.startswith(f"SOL cascade {cascade.way.value} since ")
    assert drawn == [Kind.CASCADE]


async def test_a_cascade_that_is_over_is_told_for_a_day(
    desk: Desk, said: tuple[Episode, ...]
) -> None:
    over = at(said, Kind.CASCADE, "over")
    assert over.ended is not None
    desk.market.time = (over.ended // (5 * MINUTE) + 1) * 5 * MINUTE
    reply = await desk.ask()
    assert f"cascade {over.way.value} of" in reply.text()
    assert over.why_ended in reply.text()


async def test_an_unproven_map_raises_nothing_and_says_so(
    desk: Desk, said: tuple[Episode, ...]
) -> None:
    desk.scoring.word = "unproven"
    desk.market.time = at(said, Kind.MAGNET, "draws").time
    reply = await desk.ask()
    assert "magnet" not in reply.headline
    assert "unproven" in reply.text()
    assert "raises no magnet and no sweep" in reply.text()
    everything = await desk.ask("")
    assert "1 coin with a map that is unproven" in everything.text()


async def test_where_nothing_is_under_way_it_says_what_it_would_take(
    history: MarketHistory,
) -> None:
    quiet = replace(history.known_at(int(history.candles.open_time[0]) + DAY + DAY // 2))
    desk = Desk(quiet)
    reply = await desk.ask()
    await desk.close()
    assert reply.headline == "SOL setups: none under way"
    assert "A sweep takes a cluster of $" in reply.text()


async def test_without_a_tape_cascades_cannot_be_seen(history: MarketHistory) -> None:
    desk = Desk(replace(history, liquidations=None))
    reply = await desk.ask()
    await desk.close()
    assert "cascades cannot be seen" in reply.text()


async def test_all_coins_that_are_held_are_told_most_urgent_first(
    desk: Desk, said: tuple[Episode, ...]
) -> None:
    nobody = await desk.ask("")
    assert "No coin is held here yet" in nobody.text()
    desk.market.time = undisturbed(said).time
    await desk.ask()
    reply = await desk.ask("")
    assert reply.headline == "Setups: 1 under way on 1 coin"
    assert "1. SOL: magnet" in reply.text()
    assert reply.buttons[0][0].words == "setups SOL"


async def test_a_venue_may_be_named_instead_of_a_coin(desk: Desk) -> None:
    await desk.ask()
    reply = await desk.ask("binance")
    assert "1 coin looked at" in reply.text()
    with pytest.raises(UnknownSymbol):
        await desk.ask("nothing-there")


async def test_the_same_setup_is_drawn_once_for_all_who_ask(
    desk: Desk, said: tuple[Episode, ...]
) -> None:
    desk.market.time = at(said, Kind.MAGNET, "draws").time
    one, two, light = await desk.ask(), await desk.ask(), await desk.ask(theme="light")
    assert one.image.key == two.image.key
    assert one.image.png is two.image.png
    assert light.image.key != one.image.key
