"""Regimes, setups, moves and strategies, told in two languages side by side."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from bot import languages
from bot.core.instruments import Instrument
from bot.core.language import Tongue, speaking
from bot.core.market.history import MarketHistory
from bot.core.signals.episode import Episode, Kind
from bot.core.signals.rephrased import numbers
from bot.core.signals.setups import KINDS
from bot.core.signals.weeks import by_weeks
from bot.core.simulation.simulate import simulate
from bot.desk.backtest import BacktestDesk
from bot.desk.evidence import EvidenceDesk
from bot.desk.explain import ExplainDesk
from bot.desk.held import Held
from bot.desk.markets import Markets
from bot.desk.requests import BacktestRequest, PanelRequest, WhatIfRequest
from bot.desk.setups import SetupsDesk
from bot.desk.signals import SignalDesk
from bot.desk.snapshot import Snapshots
from bot.desk.squeeze import SqueezeDesk
from bot.desk.whatif import WhatIfDesk
from bot.reply import Reply
from tests.languages.gather import sentences, templates
from tests.support.books import book
from tests.support.foreign import OPEN, Quoting, outside, plain
from tests.support.markets import Market

if TYPE_CHECKING:
    from bot.desk.scoring import Scoring

FOREIGN = Tongue("de", Quoting())
SOL = Instrument("binance", "SOL", "USDT", "USDT")
OKX = replace(SOL, exchange="okx")
# Names and figures are the same in every language.
NAMES = re.compile(r"SOL|Binance|OKX|Bybit|UTC|[\d.]+ ?(?:h|d|min|s|B|M|K)\b")
LETTERS = re.compile(r"[A-Za-z]{2,}")


@pytest.fixture(scope="module")
def history() -> MarketHistory:
    return replace(simulate("crash", 7, 12 * 288, instrument=SOL).history, simulated=False)


class _Graded:
    """Grades every map alike."""

    def __init__(self, grade: str) -> None:
        self._grade = grade

    async def of(self, *_: Any) -> Any:
        return SimpleNamespace(accuracy=SimpleNamespace(graded=self._grade))


class House:
    """Every desk that tells of signals, over one market whose clock stands still."""

    def __init__(self, market: Market, grade: str) -> None:
        self.market = market
        snapshots, markets = Snapshots(market, None), Markets(market)
        signals, evidence = SignalDesk(snapshots), EvidenceDesk()
        scoring = cast("Scoring", _Graded(grade))
        held = Held(market, snapshots, signals, scoring)
        self.panels: dict[str, SqueezeDesk | SetupsDesk | ExplainDesk] = {
            "squeeze": SqueezeDesk(markets, signals, evidence, held, scoring),
            "setups": SetupsDesk(markets, signals, evidence, held, scoring),
            "explain": ExplainDesk(markets, signals, evidence, scoring),
        }
        self.backtests = BacktestDesk(markets, signals, scoring)
        self.moves = WhatIfDesk(market, markets, snapshots, scoring)
        self._held, self._evidence, self._signals = held, evidence, signals

    async def all(self) -> dict[str, Reply]:
        """Ask for everything."""
        said = {}
        for symbol in ("SOL", ""):
            for name, panel in self.panels.items():
                if symbol or name != "explain":
                    said[f"{name} {symbol}"] = await panel.answer(
                        PanelRequest(name, symbol), "dark"
                    )
        for strategy in ("magnet", "sweep", "cascade"):
            tried = BacktestRequest(strategy, "SOL", 30)
            said[f"backtest {strategy}"] = await self.backtests.answer(tried, "dark")
        for move in (-0.04, 0.2):
            moved = WhatIfRequest("SOL", move=move)
            said[f"whatif {move}"] = await self.moves.answer(moved, "dark")
        return said

    async def close(self) -> None:
        for desk in (*self.panels.values(), self.backtests, self.moves):
            await desk.close()
        await self._held.close()
        await self._evidence.close()
        await self._signals.close()


@asynccontextmanager
async def house(history: MarketHistory, time: int, grade: str) -> AsyncIterator[House]:
    there = Market(history, replace(history, instrument=OKX), down={"bybit": "it is switched off"})
    there.time = time
    there.books[SOL] = book(float(history.candles.close[-1]), usd=2e6, time=time)
    made = House(there, grade)
    try:
        yield made
    finally:
        await made.close()


@pytest.fixture(scope="module")
def told(history: MarketHistory) -> tuple[Episode, ...]:
    found = by_weeks(SOL.key, [history])
    assert found is not None
    return found.told


@pytest.fixture(scope="module")
def moments(history: MarketHistory, told: tuple[Episode, ...]) -> dict[str, int]:
    """A time in a magnet, one in a cascade, and the last there is [ms]."""
    wanted = {(Kind.MAGNET, "draws"): "magnet", (Kind.CASCADE, "cascade"): "cascade"}
    found = {
        wanted[state.kind, state.phase]: state.time
        for state in told
        if (state.kind, state.phase) in wanted
    }
    return {**found, "end": int(history.candles.close_time[-1])}


def test_all_that_is_kept_of_a_setup_is_given_to_translators(told: tuple[Episode, ...]) -> None:
    given = {message.id for message in sentences(templates())}
    setups = [state for state in told if state.kind in KINDS]
    assert {state.kind for state in setups} == {*KINDS}
    for state in setups:
        names = {fact.name for fact in state.facts}
        assert {state.invalidation, state.why_ended or state.invalidation, *names} <= given


def whole(reply: Reply) -> str:
    """All that a person reads of a reply, and what is read to whoever cannot see its picture."""
    labels = [button.label for row in reply.buttons for button in row]
    return "\n".join([reply.text(), *labels, reply.image.alt if reply.image else ""])


@pytest.mark.parametrize("when", ["magnet", "cascade", "end"])
@pytest.mark.parametrize("grade", ["good, 412 hours", "unproven"])
async def test_each_language_is_told_the_same_and_nobody_another_s(
    history: MarketHistory, moments: dict[str, int], when: str, grade: str
) -> None:
    async with house(history, moments[when], grade) as made:
        with speaking(FOREIGN):
            foreign = await made.all()
        english = await made.all()
        with speaking(FOREIGN):
            again = await made.all()
    for asked, reply in english.items():
        assert OPEN not in whole(reply), asked
        # A sentence that begins with a sign has its first letter as it is within one.
        assert plain(foreign[asked].text()).lower() == reply.text().lower(), asked
        assert whole(again[asked]) == whole(foreign[asked]), asked
        said = outside(whole(foreign[asked])).replace(grade, "")
        assert LETTERS.findall(NAMES.sub("", said)) == [], asked
        pictures = reply.image, foreign[asked].image, again[asked].image
        if all(pictures):
            first, other, later = (each.key for each in pictures if each is not None)
            assert other == later != first, asked


async def test_german_tells_the_same_figures(
    history: MarketHistory, moments: dict[str, int]
) -> None:
    async with house(history, moments["magnet"], "good, 412 hours") as made:
        english = await made.all()
        with languages.spoken("de"):
            german = await made.all()
    for asked, reply in english.items():
        text = german[asked].text()
        assert text != reply.text()
        # Days of a month are written with a full stop, months by other letters.
        assert figures(text) == figures(reply.text()), asked


def figures(text: str) -> set[str]:
    return {number.rstrip("hdminbkt%") for number in numbers(text)}
