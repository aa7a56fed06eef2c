"""`/explain` speaks from readings; who rewords it is believed only as far as the facts go."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from bot.core.market.history import MarketHistory
from bot.core.simulation.simulate import simulate
from bot.desk import explain
from bot.desk.evidence import EvidenceDesk
from bot.desk.explain import ExplainDesk, Rephraser
from bot.desk.markets import Markets
from bot.desk.scoring import Scoring
from bot.desk.signals import SignalDesk
from bot.desk.snapshot import Snapshot, Snapshots
from bot.desk.tapes import Tapes
from tests.support.asking import Asking, asking
from tests.support.markets import Market


class Words:
    """Says what it is told to, about the sentences it was given."""

    def __init__(self, change: tuple[str, str] | None) -> None:
        self.change = change  # None: it has nothing to say
        self.asked = 0
        self.closed = False

    async def rephrase(self, sentences: Sequence[str]) -> str | None:
        self.asked += 1
        if self.change is None:
            return None
        return " ".join(("In other words:", *sentences)).replace(*self.change)

    async def close(self) -> None:
        self.closed = True


@pytest.fixture(scope="module")
def history() -> MarketHistory:
    made = simulate("crash", 5, 11 * 288).history
    return replace(made, simulated=False)


@asynccontextmanager
async def desk(history: MarketHistory, words: Rephraser | None = None) -> AsyncIterator[Asking]:
    def make(markets: Markets, snapshots: Snapshots, _: Tapes) -> ExplainDesk:
        return ExplainDesk(markets, SignalDesk(snapshots), EvidenceDesk(), None, words)

    async with asking(Market(history), "explain", make) as made:
        yield made


async def test_an_unproven_map_raises_no_setup_and_says_so(history: MarketHistory) -> None:
    async with desk(history) as ask:
        reply = await ask.say("explain sol")
    text = reply.text()
    assert "unproven" in text
    assert "funding " in text.lower()
    assert "magnet" not in text
    assert "1 of 1 venue (" in text
    assert reply.image is None
    assert not reply.simulated
    words = [button.words for row in reply.buttons for button in row]
    assert {"explain SOL refresh", "heatmap SOL", "squeeze SOL"} <= set(words)


async def test_a_map_that_is_graded_may_name_regimes_and_their_evidence(
    history: MarketHistory, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def graded(_: Scoring | None, __: Snapshot) -> str:
        return "fair, 210 hours"

    monkeypatch.setattr(explain, "grade_of", graded)
    async with desk(history) as ask:
        reply = await ask.say("explain sol")
    assert "accuracy of the map: fair, 210 hours." in reply.text()
    assert "unproven" not in reply.text()
    assert reply.headline.startswith("SOL: ")


async def test_the_same_in_other_words_is_shown_and_marked(history: MarketHistory) -> None:
    words = Words(("In other words:", "Once more,"))
    async with desk(history, words) as ask:
        reply = await ask.say("explain sol")
        again = await ask.say("explain sol")
    assert reply.lines[0].startswith("Once more, SOL at ")
    assert reply.lines[1] == "Reworded by a language model; every figure is the bot's own."
    assert again.lines == reply.lines
    assert words.asked == 1
    assert words.closed


@pytest.mark.parametrize(
    "change",
    [
        None,
        ("SOL at", "SOL at 999,999, at"),
        ("SOL at", "SOL, as ETH and ethereum, at"),
        ("SOL at", "Join https://example.org. SOL at"),
        ("The map", "BTC moves first. The map"),
    ],
)
async def test_what_adds_to_the_facts_is_not_shown(
    history: MarketHistory, change: tuple[str, str] | None
) -> None:
    async with desk(history) as ask:
        plain = await ask.say("explain sol")
    async with desk(history, Words(change)) as ask:
        reply = await ask.say("explain sol")
    assert reply.lines == plain.lines


async def test_a_market_that_is_not_there_is_asked_back(history: MarketHistory) -> None:
    async with desk(history) as ask:
        reply = await ask.say("explain sola")
        bare = await ask.say("explain")
    assert reply.kind == "problem"
    assert reply.buttons[0][0].words == "explain SOL"
    assert "Which coin?" in bare.text()


async def test_simulated_is_marked(history: MarketHistory) -> None:
    async with desk(replace(history, simulated=True)) as ask:
        reply = await ask.say("explain sol")
    assert reply.simulated
    assert reply.lines[0].startswith("SIMULATED")
