"""A picture does not wait for its grade: it says that it is being measured, and is completed."""

import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace

import pytest

from bot import languages, patience
from bot.chats.hears import Listener
from bot.core.estimate.market import MarketEstimate
from bot.core.judge.grade import MEASURING, UNPROVEN, is_unproven
from bot.core.judge.scored import Scored
from bot.core.language import speaking
from bot.desk import heatmap, scoring, snapshot
from bot.desk.accuracy import AccuracyDesk
from bot.desk.front import Front
from bot.desk.grades import grade_of
from bot.desk.heatmap import HeatmapDesk
from bot.desk.markets import Markets
from bot.desk.requests import BY_ITSELF, Asker
from bot.desk.scoring import Scoring
from bot.desk.snapshot import Kept, Snapshots
from bot.desk.status import Running
from bot.reply import Reply
from tests.support.histories import BTC, history
from tests.support.markets import Market

WHO = Asker("test:1", "test:2")
MEASURED = "Its accuracy is being measured."
HOURS = 100


class Held:
    """Scoring that goes no further than it is let, and counts how often it began."""

    def __init__(self) -> None:
        self.goes_on = threading.Event()
        self.begun = 0
        self.breaks = False

    def score(
        self, kept: Kept, rival: MarketEstimate | None, earlier: Scored | None
    ) -> tuple[MarketEstimate, Scored | None]:
        self.begun += 1
        self.goes_on.wait()
        if self.breaks:
            raise ZeroDivisionError
        return _score(kept, rival, earlier)


_score = scoring._score


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    made = Held()
    monkeypatch.setattr(scoring, "_score", made.score)
    monkeypatch.setattr(heatmap, "_GRADED_WITHIN", 0.01)
    yield made
    made.goes_on.set()


@asynccontextmanager
async def desk(held: Held | None = None) -> AsyncIterator[tuple[Listener, Scoring, Snapshots]]:
    source = Market(history(bars=12 * HOURS))
    markets, snapshots = Markets(source), Snapshots(source, None)
    graded = Scoring(source, snapshots)
    heatmaps = HeatmapDesk(markets, snapshots, settings=None, maps=None, scoring=graded)
    accuracies = AccuracyDesk(markets, snapshots, graded)
    front = Front(source, markets, snapshots, heatmaps, accuracies, Running())
    try:
        yield Listener(front), graded, snapshots
    finally:
        if held is not None:
            held.goes_on.set()  # a thread cannot be stopped
        await graded.close()
        await front.close()


@contextmanager
def _impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let nobody wait for the whole, either."""
    with monkeypatch.context() as patch:
        patch.setattr(patience, "WHOLE_WITHIN", 0.0)
        patch.setattr(patience, "LEAST", 0.01)
        yield


def _same_but_for_the_grade(one: Reply, other: Reply) -> bool:
    apart = [pair for pair in zip(one.lines, other.lines, strict=True) if len({*pair}) > 1]
    return len(apart) == 1 and one.headline == other.headline and one.buttons == other.buttons


async def test_a_score_that_comes_late_changes_the_message_that_is_there(
    held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk(held) as (listener, _, _):
        first = await listener.answer("heatmap btc 12h light", WHO)
        assert first.image is not None
        assert MEASURED in first.text()
        assert "unproven" not in first.text()  # that is a verdict
        assert MEASURED in first.image.alt
        assert first.coming == "heatmap BTC 12h light whole"
        held.goes_on.set()
        whole = await listener.answer(first.coming, WHO)
        assert f"Measured accuracy: unproven, {HOURS} hours." in whole.text()
        assert whole.coming == ""
        assert whole.image is not None
        assert whole.image.key != first.image.key
        assert whole.image.png != first.image.png
        assert _same_but_for_the_grade(first, whole)
        monkeypatch.setattr(heatmap, "_GRADED_WITHIN", 60.0)
        assert (await listener.answer("heatmap btc 12h light", WHO)).image == whole.image
    assert held.begun == 1  # the same work for all who asked


async def test_a_score_that_never_comes_costs_nobody_the_picture(
    held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk(held) as (listener, _, _):
        first = await listener.answer("map btc", WHO)
        with _impatient(monkeypatch):
            whole = await listener.answer(first.coming, WHO)
        assert MEASURED in first.text()
        assert MEASURED in whole.text()
        assert whole.image == first.image  # nothing to change in the message
        assert "The others are still asked" not in whole.text()
    assert held.begun == 1


async def test_a_score_that_fails_late_leaves_the_map_unproven(
    held: Held, caplog: pytest.LogCaptureFixture
) -> None:
    held.breaks = True
    async with desk(held) as (listener, _, _):
        first = await listener.answer("heatmap btc", WHO)
        held.goes_on.set()
        whole = await listener.answer(first.coming, WHO)
    assert MEASURED in first.text()
    assert "Measured accuracy: unproven." in whole.text()
    assert whole.coming == ""
    assert "maps not graded" in caplog.text


async def test_what_cannot_be_changed_any_more_waits_for_its_grade(
    held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk(held) as (listener, _, _):
        nobodys_thumb = replace(WHO, effort=BY_ITSELF)
        monkeypatch.setattr(patience, "WITHIN", 0.0)
        monkeypatch.setattr(patience, "LEAST", 0.01)
        assert MEASURED in (await listener.answer("heatmap btc", nobodys_thumb)).text()
        monkeypatch.setattr(patience, "WITHIN", 60.0)
        held.goes_on.set()
        reply = await listener.answer("heatmap btc", nobodys_thumb)
        assert f"unproven, {HOURS} hours." in reply.text()


async def test_who_decides_by_a_grade_waits_for_it_or_takes_the_map_for_unproven(
    held: Held,
) -> None:
    async with desk(held) as (_, graded, snapshots):
        btc = await snapshots.of([BTC])
        assert await grade_of(graded, btc, within=0.01) == MEASURING
        held.goes_on.set()
        assert str(await grade_of(graded, btc)) == f"unproven, {HOURS} hours"
    assert is_unproven(str(MEASURING))
    assert MEASURING != UNPROVEN
    with speaking(languages.tongue("de")):
        assert is_unproven(MEASURING)


async def test_a_picture_is_drawn_before_the_next_market_is_scored(
    held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "_STANDS_BACK", 60.0)
    async with desk(held) as (_, graded, snapshots):
        btc = await snapshots.of([BTC])
        with snapshots.standing_back():
            assert await grade_of(graded, btc, within=0.2) == MEASURING
            assert held.begun == 0
        held.goes_on.set()
        assert str(await grade_of(graded, btc)) == f"unproven, {HOURS} hours"
