"""Each message of a watch is said in the language of its chat, whoever else is told of the same."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from sqlalchemy import text

from bot import languages
from bot.core.arrays import HOUR
from bot.core.errors import NotEnoughData, UnknownSymbol
from bot.core.instruments import Instrument
from bot.core.language import Said
from bot.core.simulation.simulate import simulate
from bot.core.watches.gate import Act
from bot.core.watches.ledger import Entry
from bot.core.watches.parse import watch
from bot.core.watches.schedule import Call
from bot.messages import Address, FollowUp
from bot.reply import Reply
from bot.watching import KeptWatch, Manners, Quota
from storage.outbox_rows import decoded
from tests.support.foreign import OPEN, outside, plain, spoken_as_german
from tests.support.telling import Teller, later, teller
from tests.support.watched import CHAT, Watching

SOL = Instrument("binance", "SOL", "USDT", "USDT")
GERMAN = Manners(language="de")
OTHER = "telegram:8"


@pytest.fixture(autouse=True)
def _foreign(monkeypatch: pytest.MonkeyPatch) -> None:
    spoken_as_german(monkeypatch)


@pytest.fixture
async def said() -> AsyncIterator[Teller]:
    async with teller(simulate("crash", 7, 4 * 288, instrument=SOL).history) as made:
        yield made


@pytest.fixture
async def chats(desk: Watching) -> Watching:
    """Let one chat speak German, and another nothing of its own."""
    await desk.memory.watches.set_manners(CHAT, GERMAN)
    return desk


async def shown(desk: Watching) -> dict[str, list[str]]:
    """Return the headlines that wait for each chat."""
    async with desk.memory.database.reading() as connection:
        rows = await connection.execute(
            text(
                "SELECT delivery.chat, content.body FROM delivery "
                "JOIN content ON content.hash = delivery.content ORDER BY delivery.id"
            )
        )
        found: dict[str, list[str]] = {}
        for row in rows.all():
            found.setdefault(row.chat, []).append(decoded(bytes(row.body)).text())
        return found


def same_but_for_the_language(foreign: Reply, english: Reply) -> None:
    assert foreign.language == "de"
    assert english.language == "en"
    assert OPEN in foreign.text()
    assert OPEN not in english.text()
    assert plain(foreign.text()) == english.text()
    labels = [[b.label for row in each.buttons for b in row] for each in (foreign, english)]
    assert [plain(label) for label in labels[0]] == labels[1]
    assert all(label.startswith(OPEN) for label in labels[0])


EPISODES = (
    "SOL clusters below > 1 within 20% and funding > -1%",
    "SOL price > 1 or oi rising 4h or delta > -900B or ratio < 9",
    "SOL squeeze or fuel gauge or cascade or sweep down setup or magnet",
)


@pytest.mark.parametrize("words", EPISODES)
@pytest.mark.parametrize("act", [Act.OPEN, Act.EDIT, Act.CLOSE, Act.REPEAT])
async def test_an_episode_is_told_to_each_chat_in_its_own_language(
    said: Teller, words: str, act: Act
) -> None:
    told = await said.telling(words)
    told = replace(told, effect=replace(told.effect, held={"quiet hours": 2}, why="muted"))
    if act is not Act.OPEN:
        told = later(told, act, 20, 1.01 * (told.price or 0.0))
    foreign = await said.words.episode(replace(told, manners=GERMAN))
    english = await said.words.episode(told)
    same_but_for_the_language(foreign, english)


async def test_a_picture_is_made_once_for_each_language(said: Teller) -> None:
    told = await said.telling("SOL clusters > 1")
    first, second, third = [
        (await said.words.episode(replace(told, manners=each))).image
        for each in (GERMAN, Manners(), GERMAN)
    ]
    assert first is not None
    assert second is not None
    assert first.png != second.png
    assert first == third


async def test_nothing_of_a_coin_that_cannot_be_read_is_kept_in_anybodys_language(
    chats: Watching,
) -> None:
    for chat in (CHAT, OTHER):
        await chats.add("XYZ price > 100", chat)
    error = UnknownSymbol("XYZ", ["XRP"])
    assert isinstance(error.args[0], Said)
    chats.figures.errors["XYZ"] = error.args[0]
    await chats.tick(2)
    told = await shown(chats)
    assert told[CHAT][0].count(OPEN) > 0
    assert OPEN not in told[OTHER][0]
    assert "Did you mean XRP?" in told[OTHER][0]
    assert plain(told[CHAT][0]) == told[OTHER][0]


@pytest.mark.parametrize("act", [Act.BLIND, Act.BROKEN, Act.SEES])
async def test_what_cannot_be_seen_is_said_in_the_language_of_the_chat(
    said: Teller, act: Act
) -> None:
    told = await said.telling("SOL funding > 1% and oi rising 4h")
    told = replace(told, effect=replace(told.effect, act=act, why="funding, oi change"))
    foreign = await said.words.sight(replace(told, manners=GERMAN))
    english = await said.words.sight(told)
    same_but_for_the_language(foreign, english)
    assert "fund" not in outside(foreign.headline)


async def test_words_that_are_read_no_more_are_refused_in_the_language_of_their_chat(
    chats: Watching,
) -> None:
    for chat in (CHAT, OTHER):
        await chats.add("BTC prize > 100", chat)
    await chats.tick()
    told = await shown(chats)
    assert told[CHAT][0].startswith(OPEN)
    assert "is not understood here" in told[OTHER][0]
    assert plain(told[CHAT][0]) == told[OTHER][0]
    kept = await chats.memory.watches.of_chat(CHAT, retired=True)
    assert [each.retired for each in kept] == ["its words are not read"]


async def test_plain_words_are_in_the_language_of_the_chat_too(chats: Watching) -> None:
    for chat in (CHAT, OTHER):
        await chats.add("BTC price > 100", chat)
    chats.set("BTC", price=101)
    await chats.tick()
    chats.set("BTC", price=90)
    chats.teller.fails = [ZeroDivisionError(), ZeroDivisionError()]
    await chats.tick()
    told = await shown(chats)
    assert told[CHAT] == ["⟦BTC: price > 100 is over⟧"]
    assert told[OTHER] == ["BTC: price > 100 is over"]


async def test_why_a_picture_cannot_be_made_is_said_in_the_language_of_the_chat(
    chats: Watching,
) -> None:
    for chat in (CHAT, OTHER):
        await chats.add("BTC heatmap every 30m", chat)
    await chats.tick()
    chats.teller.fails = [NotEnoughData("no closed candle of BTC")] * 500
    await chats.tick(50)
    told = await shown(chats)
    assert told[CHAT][0].startswith(f"{OPEN}“BTC heatmap every 30m” cannot be made now")
    assert plain(told[CHAT][0]) == told[OTHER][0]
    assert "Not enough data: no closed candle of BTC." in told[OTHER][0]


@pytest.mark.parametrize("lapse", [HOUR, 4 * HOUR])
async def test_what_came_of_it_is_told_as_the_chat_speaks_by_then(said: Teller, lapse: int) -> None:
    made = KeptWatch("", Address(CHAT), CHAT, shared=False, words="SOL price > 1", made=0)
    kept = await said.store.add(made, Quota())
    at = said.market.time - lapse
    candles = said.market.histories[SOL].candles
    price = float(candles.close[candles.close_time <= at][-1])
    entry = Entry(f"{kept.id}/SOL/1", kept.id, "SOL", at, told=at, price=price, way="down")
    said.store.entries[entry.message] = entry
    due = FollowUp(entry.message, lapse)
    english = await said.words.follow_up(due)
    await said.store.set_manners(CHAT, GERMAN)
    foreign = await said.words.follow_up(due)
    assert foreign is not None
    assert english is not None
    same_but_for_the_language(foreign, english)


@pytest.mark.parametrize("words", ["SOL, XYZ digest 08:00", "SOL digest 08:00"])
async def test_a_digest_is_in_the_language_of_its_chat(said: Teller, words: str) -> None:
    made = KeptWatch("", Address(CHAT), CHAT, shared=False, words=words, made=0)
    kept, call = await said.store.add(made, Quota()), Call("w1/1", said.market.time)
    foreign = await said.words.schedule(kept, watch(words), GERMAN, call)
    english = await said.words.schedule(kept, watch(words), Manners(), call)
    assert (foreign.language, english.language) == ("de", "en")
    assert foreign.headline.startswith(OPEN)
    assert OPEN not in english.text()
    assert plain(foreign.text()) == english.text()
    assert foreign.image is not None
    assert english.image is not None
    assert foreign.image.png != english.image.png


async def test_a_ledger_is_read_in_the_language_of_whoever_asks(said: Teller) -> None:
    made = KeptWatch("", Address(CHAT), CHAT, shared=False, words="SOL price > 1", made=0)
    kept = await said.store.add(made, Quota())
    with languages.spoken("de"):
        assert await said.words.ledger(kept) == ("⟦Never fired yet⟧.",)
    assert await said.words.ledger(kept) == ("Never fired yet.",)
