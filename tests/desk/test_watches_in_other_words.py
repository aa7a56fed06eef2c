"""Watches are answered in the language of whoever asks, and speak later as they were asked for."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot import languages
from bot.core.language import speaking
from bot.core.watches import parse
from bot.desk.requests import Asker
from bot.reply import Reply
from bot.watching import Manners, Quota
from tests.support.foreign import OPEN, outside, plain, spoken_as_german
from tests.support.markets import Market
from tests.support.panels import told
from tests.support.watching_desk import ANN, WatchingDesk, labels, person, watching_desk

GERMAN = replace(ANN, language="de-AT")
FUNDING = "BTC funding > 0.03% and clusters above > 1M"


@pytest.fixture(autouse=True)
def _foreign(monkeypatch: pytest.MonkeyPatch) -> None:
    spoken_as_german(monkeypatch)


@pytest.fixture
async def desk() -> AsyncIterator[WatchingDesk]:
    source = Market(told("binance", days=6), told(base="ETH", price=3400.0, days=6))
    async with watching_desk(source, Quota(of_user=9, of_chat=9)) as made:
        yield made


async def asked(desk: WatchingDesk, words: str, who: Asker = ANN) -> Reply:
    """Ask with a phone that speaks German."""
    return await desk.say(words, replace(who, language="de"))


async def language(desk: WatchingDesk, who: Asker) -> str | None:
    return (await desk.store.manners([who.chat])).get(who.chat, Manners()).language


# What is noted


@pytest.mark.parametrize("way", ["at once", "pressed"])
async def test_a_watch_made_in_german_has_its_alerts_come_in_german(
    desk: WatchingDesk, way: str
) -> None:
    await desk.store.set_manners(ANN.chat, Manners(zone="Europe/Vienna"))
    if way == "at once":
        await desk.say("watch now BTC squeeze", GERMAN)
    else:
        shown = await desk.say("watch BTC squeeze", GERMAN)
        assert await language(desk, ANN) is None  # nothing is saved yet
        await desk.press(shown, "⟦Save⟧", GERMAN)
    assert (await desk.store.manners([ANN.chat]))[ANN.chat] == Manners(
        zone="Europe/Vienna", language="de"
    )


async def test_what_a_chat_has_chosen_stays(desk: WatchingDesk) -> None:
    await desk.store.set_manners(ANN.chat, Manners(language="en"))
    await desk.say("watch now BTC squeeze", GERMAN)
    assert await language(desk, ANN) == "en"


@pytest.mark.parametrize("phone", ["en-GB", "pt-br", ""])
async def test_the_usual_language_and_unknown_ones_are_not_noted(
    desk: WatchingDesk, phone: str
) -> None:
    who = replace(ANN, language=phone)
    await desk.say("watch now BTC squeeze", who)
    assert ANN.chat not in await desk.store.manners([ANN.chat])


async def test_a_chat_of_many_is_not_turned_by_a_moderators_phone(desk: WatchingDesk) -> None:
    who = replace(person("mo", "group", moderates=True), language="de")
    assert (await desk.say("watch now BTC squeeze", who)).kind == "answer"
    assert await language(desk, who) is None


# What is said


WORDS = (
    "watch",
    "watch BTC fundin > 0.03%",
    "watch BTC funding >",
    "watch funding > 1%",
    "watch BTC funding > 500%",
    "watch BTC ratio > 3M",
    "watch BTC price > 1 price > 2",
    "watch BTC price moves -3% in 1h",
    "watch BTC price > 1 for 7d",
    "watch BTC price > 1 cap 0/day",
    "watch BTC price > 1 quiet 22:00-22:00",
    "watch BTC price crosses 5 for 10m",
    "watch " + "(" * 60,
    "watch BTC price > " + "1" * 400,
    "watch BTC digest 08:00",
    f"watch {FUNDING}",
    "watch edit new",
    "watch edit new BTC",
    "watches",
    "watches w99",
    "watches mute",
    "watches nonsense",
    "mute",
    "mute nonsense",
    "mute 1h",
    "mute off",
    "test",
    "test it",
)


@pytest.mark.parametrize("words", WORDS)
async def test_whatever_is_said_of_watches_is_said_in_any_language(
    desk: WatchingDesk, words: str
) -> None:
    await desk.say("watch now ETH price > 1")
    foreign = await asked(desk, words)
    english = await desk.say(words)
    assert OPEN in foreign.text()
    assert OPEN not in english.text()
    # What begins a line is large only where no sign stands before it.
    assert plain(foreign.text()).casefold() == english.text().casefold()
    assert [plain(label) for label in labels(foreign)] == labels(english)


async def test_a_preview_is_drawn_anew_in_another_language(desk: WatchingDesk) -> None:
    foreign = await asked(desk, f"watch {FUNDING}")
    english = await desk.say(f"watch {FUNDING}")
    again = await asked(desk, f"watch {FUNDING}")
    assert foreign.image is not None
    assert english.image is not None
    assert foreign.image.png != english.image.png
    assert foreign.image == again.image


async def test_a_refusal_points_at_the_same_word_in_any_language(desk: WatchingDesk) -> None:
    english = await desk.say("watch BTC funding > 0.03% adn price > 1")
    foreign = await asked(desk, "watch BTC funding > 0.03% adn price > 1")
    assert foreign.table == english.table
    assert [plain(each) for each in labels(foreign)] == labels(english)
    assert "and" in labels(foreign)  # what is typed is in no other language
    right = await desk.press(foreign, "and")
    assert right.headline == "BTC funding > 0.03% and price > 1"


async def test_a_watch_is_written_in_the_same_words_in_any_language() -> None:
    words = "BTC funding > 0.03% and clusters above > 200M within 3% for 10m quiet 22:00-07:00"
    with speaking(languages.tongue("de")):
        assert str(parse.watch(words)) == words


@pytest.mark.parametrize("words", ["watches", "watches w1", "watches remove w1"])
async def test_only_what_is_typed_stands_outside_of_sentences(
    desk: WatchingDesk, words: str
) -> None:
    await desk.say("watch now BTC price > 1")
    reply = await asked(desk, words)
    left = outside(f"{reply.text()} {' '.join(labels(reply))}").replace("BTC price > 1", "")
    assert not any(sign.isalpha() for sign in left.replace("w1", "")), left
