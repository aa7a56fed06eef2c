"""Every hour that is over is scored once, remembered, and told by `/accuracy` and in captions."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import numpy as np
import pytest

from bot.chats.hears import Listener
from bot.core.arrays import HOUR, MINUTE
from bot.core.errors import StoreUnavailable
from bot.core.instruments import Instrument
from bot.core.judge.scored import Scored
from bot.core.market.heard import Heard
from bot.core.market.history import MarketHistory
from bot.desk import scoring as scoring_module
from bot.desk.accuracy import AccuracyDesk, graded
from bot.desk.front import Front
from bot.desk.heatmap import HeatmapDesk
from bot.desk.markets import Markets
from bot.desk.requests import Asker
from bot.desk.scoring import Scoring
from bot.desk.snapshot import Snapshots
from bot.desk.status import Running
from bot.desk.tapes import Tapes
from bot.ports import ScoreStore
from tests.support.histories import BTC, START, history
from tests.support.markets import Market

BYBIT = Instrument("bybit", "BTC", "USDT", "USDT")
WHO = Asker("test:1", "test:2")


class Scores:
    """A ScoreStore in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, Scored] = {}
        self.written = 0
        self.broken = False

    async def add(self, market: str, model: str, rows: Scored) -> None:
        if self.broken:
            raise StoreUnavailable("the disk is full")
        assert model
        before = self.kept.get(market)
        self.kept[market] = rows if before is None else before.then(rows)
        self.written += len(rows)

    async def scored(self, market: str, since: int) -> Scored | None:
        if self.broken:
            raise StoreUnavailable("the disk is full")
        found = self.kept.get(market)
        return None if found is None else found.since(since)


@dataclass(frozen=True)
class Standing:
    listener: Listener
    scoring: Scoring
    snapshots: Snapshots
    tapes: Tapes


@asynccontextmanager
async def desk(source: Market, store: ScoreStore | None = None) -> AsyncIterator[Standing]:
    tapes = Tapes()
    markets, snapshots = Markets(source), Snapshots(source, None, tapes=tapes)
    scoring = Scoring(source, snapshots, store)
    heatmaps = HeatmapDesk(markets, snapshots, settings=None, maps=None, scoring=scoring)
    accuracies = AccuracyDesk(markets, snapshots, scoring)
    front = Front(source, markets, snapshots, heatmaps, accuracies, Running())
    try:
        yield Standing(Listener(front), scoring, snapshots, tapes)
    finally:
        await scoring.close()
        await front.close()


def silent(made: MarketHistory) -> MarketHistory:
    """As a live venue's own answer is: without liquidations."""
    return replace(made, liquidations=None)


async def live_hours(
    standing: Standing, source: Market, made: MarketHistory, *spans: tuple[int, int]
) -> None:
    """Let the tapes hear some hours of a market [hours from its start]."""
    assert made.liquidations is not None
    events = made.liquidations.until(source.time)
    standing.tapes.take(made.instrument, events)
    standing.tapes.hear(
        made.instrument, Heard.of((START + a * HOUR, START + b * HOUR) for a, b in spans)
    )


async def test_accuracy_of_a_recording_is_told_at_once_in_words_and_a_picture() -> None:
    async with desk(Market(history(bars=12 * 100))) as standing:
        reply = await standing.listener.answer("accuracy btc", WHO)
        heatmap = await standing.listener.answer("heatmap btc", WHO)
    assert reply.kind == "answer"
    assert reply.image is not None
    assert reply.image.png.startswith(b"\x89PNG")
    text = reply.text()
    for said in ("BTC map accuracy: unproven, 100 hours", "Longs, map: given the move", "Shorts,"):
        assert said in text
    for said in ("prices only: ", "bare move: –", "dollars ×", "(Binance)", "5 days"):
        assert said in text
    assert all(line in reply.image.alt for line in (reply.headline, *reply.lines))
    assert "Measured accuracy: unproven, 100 hours." in heatmap.text()
    assert len(text) < 1024  # Telegram's captions


async def test_fewer_days_are_looked_at_when_asked() -> None:
    async with desk(Market(history(bars=12 * 100))) as standing:
        reply = await standing.listener.answer("accuracy btc 2d", WHO)
        for row in reply.buttons:
            for button in row:
                assert (await standing.listener.answer(button.words, WHO)).kind == "answer"
    assert "48 hours in 2 days" in reply.text()


async def test_several_venues_are_scored_together() -> None:
    one, other = history(bars=12 * 80), history(BYBIT, bars=12 * 80, seed=2)
    async with desk(Market(one, other)) as standing:
        reply = await standing.listener.answer("accuracy btc", WHO)
        alone = await standing.listener.answer("accuracy btc bybit", WHO)
    assert "(Binance, Bybit)" in reply.text()
    assert "(Bybit)" in alone.text()


async def test_a_grade_knows_nothing_of_what_came_after_the_time_it_stands_for() -> None:
    made = history(bars=12 * 200)
    early, late = Market(made), Market(made)
    early.time = START + 120 * HOUR
    assert made.liquidations is not None
    later = made.liquidations.time > early.time
    louder = replace(
        made.liquidations, quantity=np.where(later, 1e6, 1.0) * made.liquidations.quantity
    )
    changed = Market(replace(made, liquidations=louder))
    changed.time = early.time
    told = []
    for source in (early, changed, late):
        async with desk(source) as standing:
            kept = (await standing.snapshots.of([BTC])).kept
            told.append(await standing.scoring.of(kept))
    assert told[0] == told[1] != told[2]
    assert told[0] is not None
    assert told[0].accuracy.until <= early.time


async def test_a_live_market_first_says_that_nothing_is_scored_yet() -> None:
    async with desk(Market(silent(history(bars=12 * 20))), Scores()) as standing:
        reply = await standing.listener.answer("accuracy btc", WHO)
        heatmap = await standing.listener.answer("heatmap btc", WHO)
    assert reply.kind == "answer"
    assert reply.image is None
    assert "nothing scored yet" in reply.headline
    assert "listening has begun" in reply.text()
    assert "Measured accuracy: unproven." in heatmap.text()


async def test_only_hours_heard_whole_are_scored_and_each_is_written_once() -> None:
    made, store = history(bars=12 * 20), Scores()
    source = Market(silent(made))
    source.time = START + 9 * HOUR + MINUTE
    async with desk(source, store) as standing:
        await live_hours(standing, source, made, (2, 4), (5, 9))
        await standing.listener.answer("accuracy btc", WHO)
        first = store.kept[BTC.key]
        assert ((first.time - START) // HOUR).tolist() == [2, 3, 5, 6, 7, 8]
        await standing.listener.answer("accuracy btc", WHO)
        source.time = START + 12 * HOUR + MINUTE
        await live_hours(standing, source, made, (2, 4), (5, 11))
        reply = await standing.listener.answer("accuracy btc", WHO)
        assert store.written == 8
    assert "8 hours" in reply.text()
    assert first.expected.tolist() == store.kept[BTC.key].expected[:, :6].tolist()


async def test_after_a_restart_scores_go_on_where_they_were() -> None:
    made, store = history(bars=12 * 20), Scores()
    source = Market(silent(made))
    source.time = START + 9 * HOUR + MINUTE
    async with desk(source, store) as standing:
        await live_hours(standing, source, made, (0, 9))
        await standing.listener.answer("accuracy btc", WHO)
    source.time = START + 12 * HOUR + MINUTE
    async with desk(source, store) as standing:
        await live_hours(standing, source, made, (10, 12))
        reply = await standing.listener.answer("accuracy btc", WHO)
    assert "11 hours" in reply.text()
    assert ((store.kept[BTC.key].time - START) // HOUR).tolist() == [*range(9), 10, 11]
    assert store.written == 11


async def test_a_broken_memory_costs_no_answer_and_no_row() -> None:
    made, store = history(bars=12 * 20), Scores()
    source = Market(silent(made))
    source.time = START + 9 * HOUR + MINUTE
    store.broken = True
    async with desk(source, store) as standing:
        await live_hours(standing, source, made, (0, 9))
        reply = await standing.listener.answer("accuracy btc", WHO)
        assert "9 hours" in reply.text()
        store.broken = False
        await standing.listener.answer("accuracy btc", WHO)
        assert store.written == 9


async def test_nothing_simulated_is_stored_and_it_is_called_simulated() -> None:
    store = Scores()
    source = Market(history(bars=12 * 80, simulated=True))
    source.simulated = True
    async with desk(source, store) as standing:
        reply = await standing.listener.answer("accuracy btc", WHO)
    assert reply.simulated
    assert reply.lines[0].startswith("SIMULATED")
    assert store.kept == {}


async def test_an_hour_is_scored_when_it_is_over_also_if_nobody_asks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(scoring_module, "_LOOK", 0.005)
    made, store = history(bars=12 * 20), Scores()
    source = Market(silent(made))
    source.time = START + 3 * HOUR + 30 * MINUTE
    async with desk(source, store) as standing:
        await standing.snapshots.of([BTC])  # somebody asked once
        standing.scoring.start()
        await live_hours(standing, source, made, (1, 3))
        source.time = START + 4 * HOUR + 30_000
        await live_hours(standing, source, made, (1, 4))
        asked = len(source.asked)
        await asyncio.sleep(0.05)
        assert len(source.asked) == asked  # feeds may still tell of it
        source.time = START + 4 * HOUR + 61_000
        await until(lambda: store.written == 3)
        asked = len(source.asked)
        await asyncio.sleep(0.05)
        assert len(source.asked) == asked  # once is enough


async def test_a_venue_that_is_away_is_not_asked_again_and_again_for_its_score(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(scoring_module, "_LOOK", 0.005)
    made, store = history(bars=12 * 20), Scores()
    source = Market(silent(made))
    source.time = START + 3 * HOUR
    async with desk(source, store) as standing:
        await standing.snapshots.of([BTC])
        await live_hours(standing, source, made, (0, 4))
        standing.scoring.start()
        source.down = {"binance": "HTTP 503"}
        source.time = START + 4 * HOUR + 61_000
        await until(lambda: len(source.asked) == 2)
        await asyncio.sleep(0.05)
        assert len(source.asked) == 2
        source.down, source.time = {}, source.time + 6 * MINUTE
        await until(lambda: store.written == 4)
    assert "not scored" in caplog.text


async def test_a_failure_of_scoring_costs_nobody_the_picture(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(scoring_module, "_score", broken)
    async with desk(Market(history())) as standing:
        reply = await standing.listener.answer("heatmap btc", WHO)
    assert reply.image is not None
    assert "Measured accuracy: unproven." in reply.text()
    assert "maps not graded" in caplog.text


async def test_many_askers_share_one_scoring(monkeypatch: pytest.MonkeyPatch) -> None:
    scored = 0
    score = scoring_module._score

    def counted(*given: object) -> object:
        nonlocal scored
        scored += 1
        return score(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(scoring_module, "_score", counted)
    async with desk(Market(history(bars=12 * 80))) as standing:
        replies = await asyncio.gather(
            *(standing.listener.answer("accuracy btc", WHO) for _ in range(100))
        )
    assert scored == 1
    assert len({reply.image.key for reply in replies if reply.image}) == 1


def test_without_a_score_a_caption_says_unproven() -> None:
    assert str(graded(None)) == "unproven"


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 - a test may poll
            await asyncio.sleep(0.002)
