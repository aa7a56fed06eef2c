"""Books, liquidations, rates, positions and trades hold no word that translators never saw."""

from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import chain, repeat
from pathlib import Path

import numpy as np
import pytest

from bot.chats.trade_words import SIGNALS
from bot.core.arrays import DAY, HOUR, MINUTE, floats
from bot.core.instruments import Instrument
from bot.core.journal.review import review
from bot.core.journal.trade import TAGS, Mistake, Trade, ended
from bot.core.journal.words import OWN_IDEA
from bot.core.journal.words import said as called
from bot.core.language import ENGLISH, speaking
from bot.core.margin.rules import MarginMode
from bot.core.market.heard import Heard
from bot.core.market.liquidations import Liquidations, PositionSide
from bot.core.panels.reading import Kind
from bot.desk import coach_words, liqs_words, position_words, rates_words
from bot.desk.book import BookDesk
from bot.desk.liqs import LiqsDesk
from bot.exchanges.registry import ALL_VENUES
from bot.reply import Reply
from tests.support.asking import asking
from tests.support.books import book, trades
from tests.support.histories import BTC, history
from tests.support.journal_desk import journaling
from tests.support.journals import NOW
from tests.support.journals import trades as some_trades
from tests.support.markets import Market
from tests.support.masked import MASKED, legible, spoken, whole
from tests.support.own_desk import OwnWorld, own_world
from tests.support.own_positions import position_reading
from tests.support.panels import END, many, panel_of, scarce, told

OKX = Instrument("okx", "BTC", "USDT", "USDT")
LONG, SHORT = PositionSide.LONG, PositionSide.SHORT
FIRST = Trade("t1", "test:ann", "BTC", LONG, 100.0, NOW - DAY, stop=98.0)


def apart(masked: Reply, english: Reply) -> None:
    """Hold that a picture of one language is not given to who speaks another."""
    assert not legible(whole(masked)), legible(whole(masked))
    assert "¤" not in whole(english)
    assert legible(whole(english))
    assert (masked.image is None) == (english.image is None)
    if masked.image is not None and english.image is not None:
        assert masked.image.key != english.image.key
        assert masked.image.png != english.image.png


@pytest.mark.parametrize("words", ["book btc", "book btc okx"])
async def test_a_book_says_all_of_it_and_is_drawn_for_each_language(
    monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    spoken(monkeypatch, (ENGLISH, MASKED, ENGLISH))
    source = Market(history(BTC, bars=900), history(OKX, bars=900))
    async with asking(
        source, "book", lambda markets, snapshots, _: BookDesk(source, markets, snapshots)
    ) as ask:
        snapshot = await ask.snapshots.of([BTC])
        price = float(snapshot.kept[0].history.candles.close[-1])
        sizes = [50.0] * 60 + [90_000.0] + [50.0] * 40
        for venue, old in ((BTC, 0), (OKX, 130_000)):
            walls = dict.fromkeys((-0.03, -0.02, -0.01, 0.01, 0.02, 0.03), 4000000.0)
            source.books[venue] = book(
                price, reach=0.04, usd=20_000, time=source.time - old, walls=walls
            )
        source.traded[BTC] = trades(sizes, start=source.time - 120_000, price=price)
        plain = whole(await ask.say(words))
        if words == "book btc":
            for said in ("Wall: ", "at least ", "older: stale", "told of no trades"):
                assert said in plain
        apart(await ask.say(words), await ask.say(words))


@pytest.mark.parametrize("words", ["liqs", "liqs btc", "liqs btc live", "liqs okx"])
async def test_liquidations_say_all_of_it_and_are_drawn_for_each_language(
    monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    spoken(monkeypatch, chain((ENGLISH, MASKED), repeat(ENGLISH)))
    feed = ALL_VENUES["binance"].stream
    assert feed is not None
    source = Market(
        *(
            replace(history(venue, bars=400), liquidations=None, liquidation_feed=feed.lossy)
            for venue in (BTC, OKX)
        )
    )
    async with asking(
        source,
        "liqs",
        lambda markets, snapshots, tapes: LiqsDesk(source, markets, snapshots, tapes, None),
    ) as ask:
        now = source.time
        usd = floats([900.0, 40_000.0, 2.5e6])
        sides = np.array([1, -1, 1], dtype=np.int8)
        times = now - MINUTE * np.array([300, 200, 10], dtype=np.int64)
        ask.tapes.take(BTC, Liquidations(times, sides, np.full(3, 100.0), usd / 100))
        ask.tapes.hear(BTC, Heard(((now - 5 * HOUR, now - 2 * HOUR),)))
        ask.tapes.hear(OKX, Heard(((now - 2 * DAY, now),)))
        await ask.say(words)
        apart(await ask.say(words), await ask.say(words))


def test_each_feed_and_a_number_in_it_is_told_in_the_language_spoken() -> None:
    feeds = [each.stream or each.polled for each in ALL_VENUES.values()]
    told_of = [each.lossy for each in feeds if each is not None]
    told_of += [fills.lossy(0) for each in ALL_VENUES.values() if (fills := each.fills)]
    followed = [fills.lossy(1200) for each in ALL_VENUES.values() if (fills := each.fills)]
    assert len(told_of) > 10
    with speaking(MASKED):
        for words in (*told_of, *followed):
            said = liqs_words.feed_words(words)
            assert not legible(said), words
        assert "1,200" in liqs_words.feed_words(followed[0])
    assert liqs_words.feed_words(followed[0]) == followed[0]
    assert liqs_words.feed_words("of a {strange} recording: 5 a second") == (
        "of a {strange} recording: 5 a second"
    )


@pytest.mark.parametrize("kind", Kind)
def test_rates_say_all_of_it_of_few_venues_and_of_many(kind: Kind) -> None:
    without = replace(told("gate", seed=5), open_interest=None, funding=None, long_short_ratio=None)
    readings = (
        panel_of(kind, *many(3)),
        panel_of(kind, *scarce(), base="NEW"),
        panel_of(kind, told("binance", days=90)),
        panel_of(kind, told("okx", rate=-6e-4), told("bybit", end=END - 30 * HOUR), without),
        panel_of(kind, without),
    )
    with speaking(MASKED):
        for found in readings:
            said = (
                rates_words.headline(found),
                *rates_words.lines(found),
                *rates_words.venues(found),
            )
            assert not legible("\n".join(said), "NEW")


def test_a_position_says_all_of_it_however_it_stands() -> None:
    readings = (
        position_reading(),
        position_reading(SHORT, venues=("binance",)),
        position_reading(LONG, 1.0, value=None),
        position_reading(LONG, 100.0, venues=("binance", "nowhere")),
        position_reading(LONG, 20.0, wallet=5e4),
        position_reading(SHORT, 5.0, wallet=1e3, entry=1.05),
        position_reading(LONG, 20.0, entry=1.5),
        position_reading(LONG, 3.0, usd=1.0),
        position_reading(SHORT, 3.0, entry=0.97, grade="unproven", simulated=True),
        position_reading(venues=("nowhere",)),
    )
    assert {each.position.mode for each in readings} == set(MarginMode)
    with speaking(MASKED):
        for found in readings:
            said = (
                position_words.headline(found),
                *position_words.table(found),
                *position_words.lines(found),
            )
            # The grade is what the map was given, and no word of a position's own.
            assert not legible("\n".join(said).replace(str(found.grade), ""), "Nowhere", "nowhere")


def test_every_signal_and_mistake_has_a_name_that_translators_know() -> None:
    with speaking(MASKED):
        for name in (*SIGNALS, OWN_IDEA, *Mistake):
            assert not legible(called(name)), name
    assert called(Mistake.HELD_THROUGH) == Mistake.HELD_THROUGH.value


def closed(exits: list[float], **changes: object) -> list[Trade]:
    made = replace(FIRST, **changes)  # type: ignore[arg-type]
    return [
        ended(replace(made, id=f"t{place}"), at, made.opened + (place + 1) * HOUR)
        for place, at in enumerate(exits)
    ]


def test_the_coach_says_all_of_it_whatever_the_trades_brought() -> None:
    won, lost = [104.0] * 12, [98.0] * 12
    journals: tuple[list[Trade], ...] = (
        [],
        some_trades(46),
        some_trades(46, stops=0.6),
        some_trades(46, stops=0.1),
        some_trades(4),
        closed(lost, mistakes=(Mistake.CHASED,)) + closed(won),
        closed(lost, signal="cascade") + closed(won, signal="magnet"),
        closed(won, signal="watch") + closed([104.0, 98.0] * 3, signal="squeeze"),
        closed(won),
        closed(lost, stop=None),
    )
    advices = set()
    for each in journals:
        found = review(each, NOW)
        advices.add(coach_words.advice(found).split(" (")[0][-20:])
        with speaking(MASKED):
            said = (coach_words.headline(found), *coach_words.lines(found))
            assert not legible("\n".join(said)), said
    assert len(advices) > 4  # more than one thing is said here


JOURNAL = (
    "journal",
    "coach",
    "journal add BTC long 86000 20x $30k stop 85000 target 89000 signal sweep",
    "journal t101",
    "journal close t101 87000",
    "journal close t101",
    "journal tag t101 early",
    "journal add BTC short",
    "journal log sweep BTC",
    "journal log magnet BTC long",
    "journal edit t102 stop 10",
    "journal edit t102 exit 9",
    "journal edit t102 target 1",
    "journal edit t101 stop 88000",
    "journal add BTC long 86",
    "journal add BTC long 86000 2000x",
    "journal drop t101",
    "journal",
    "coach",
    "journal drop t101 yes",
    "journal add",
    "journal log",
    "journal edit t102",
    "journal close",
    "journal nothing",
    "journal close t102 what",
    "journal add BTC long size",
    "journal add BTC long stop nothing",
    "journal add BTC long target nothing",
    "journal add BTC long entry nothing",
    "journal add BTC long exit nothing",
    "journal add BTC long signal nothing",
    "journal edit t102 86000",
    "journal log w12/BTC/3 nothing",
    "journal tag t102 nothing",
    "journal edit t102 note " + "x " * 150,
)


async def test_a_journal_says_all_of_it_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    spoken(monkeypatch, repeat(MASKED))
    typed = {"journal", "add", "close", "edit", "tag", "drop", "log", "nothing", "what"}
    async with journaling(Market(history(BTC, bars=900))) as desk:
        for words in JOURNAL:
            reply = await desk.say(words)
            # What is to be typed stays English: an example of it may stand alone in a line.
            lines = [line for line in whole(reply).split("\n") if "/journal" not in line]
            # So do the words that could be typed instead.
            fits = {*SIGNALS, *" ".join(TAGS).split()} if reply.kind == "problem" else ()
            assert not legible("\n".join(lines), *typed, *fits), words


async def test_a_journal_is_drawn_for_each_language(monkeypatch: pytest.MonkeyPatch) -> None:
    spoken(monkeypatch, (MASKED, ENGLISH, MASKED, ENGLISH))
    async with journaling(Market(history(BTC, bars=900)), *some_trades(14)) as desk:
        for words in ("journal", "coach"):
            apart(await desk.say(words), await desk.say(words))


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[OwnWorld]:
    async with own_world(Market(told("binance"), told("okx")), tmp_path) as made:
        yield made


async def test_what_is_kept_handed_over_and_deleted_is_said_whole(
    world: OwnWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoken(monkeypatch, repeat(MASKED))
    for words in ("privacy", "export", "forget"):
        assert not legible(whole(await world.say(words))), words
    asked = await world.say("forget")
    done = await world.say(asked.buttons[0][0].words)
    assert done.kind == "answer"
    assert not legible(whole(done))
    used = await world.say(asked.buttons[0][0].words)
    assert used.kind == "problem"
    assert not legible(whole(used))


@pytest.mark.parametrize("kind", [Kind.FUNDING, Kind.INTEREST, Kind.RATIO])
async def test_rates_are_drawn_for_each_language(
    world: OwnWorld, monkeypatch: pytest.MonkeyPatch, kind: Kind
) -> None:
    spoken(monkeypatch, (MASKED, ENGLISH))
    apart(await world.say(f"{kind.value} btc"), await world.say(f"{kind.value} btc"))


REFUSED = (
    "settings theme pink",
    "settings quiet 77",
    "settings venues !",
    "settings language tlh",
    "settings panels pink",
    "settings pink",
    "settings reset pink",
    "export btc !",
    "export csv",
    "forget me pink",
    "privacy pink",
)


@pytest.mark.parametrize("words", REFUSED)
async def test_what_is_not_understood_is_asked_back_whole(
    world: OwnWorld, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    spoken(monkeypatch, repeat(MASKED))
    reply = await world.say(words)
    assert reply.kind == "problem"
    assert not legible(whole(reply), "pink", "tlh", "en", "de")
