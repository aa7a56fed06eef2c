"""Who is answered in which language, and that nobody hears another's."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot import languages
from bot.core.errors import StoreUnavailable
from bot.core.language import ENGLISH, Said, Tongue, code, later, many, say, say_of, speaking
from bot.desk.requests import Asker
from bot.desk.speech import Speech
from bot.watching import Manners
from storage.memory import Memory, open_memory

ANN = Asker("telegram:1", "telegram:1", language="de-AT")
GROUP = Asker("telegram:-5", "telegram:1", shared=True, language="de")


@pytest.fixture
async def memory(tmp_path: Path) -> AsyncIterator[Memory]:
    opened = await open_memory(f"sqlite:///{tmp_path / 'speech.sqlite3'}")
    yield opened
    await opened.close()


async def spoken_with(speech: Speech, asker: Asker) -> str:
    return (await speech.of(asker)).code


async def test_a_private_chat_is_answered_in_its_phones_language(memory: Memory) -> None:
    speech = Speech(memory.watches)
    assert await spoken_with(speech, ANN) == "de"
    assert await spoken_with(speech, replace(ANN, language="pt-br")) == "en"
    assert await spoken_with(speech, replace(ANN, language="")) == "en"


async def test_one_person_does_not_turn_a_chat_of_many(memory: Memory) -> None:
    assert await spoken_with(Speech(memory.watches), GROUP) == "en"
    assert await spoken_with(Speech(memory.watches, "de"), GROUP) == "de"


async def test_what_a_chat_has_chosen_goes_before_all(memory: Memory) -> None:
    await memory.watches.set_manners(ANN.chat, Manners(language="en"))
    await memory.watches.set_manners(GROUP.chat, Manners(language="de"))
    speech = Speech(memory.watches)
    assert [await spoken_with(speech, each) for each in (ANN, GROUP)] == ["en", "de"]


async def test_a_choice_holds_at_once_and_another_process_s_soon(memory: Memory) -> None:
    clock = [0.0]
    speech = Speech(memory.watches, clock=lambda: clock[0])
    assert await spoken_with(speech, GROUP) == "en"
    await memory.watches.set_manners(GROUP.chat, Manners(language="de"))
    assert await spoken_with(speech, GROUP) == "en"  # believed for a while
    clock[0] = 31.0
    assert await spoken_with(speech, GROUP) == "de"
    await memory.watches.set_manners(GROUP.chat, Manners(language="en"))
    speech.changed(GROUP.chat)
    assert await spoken_with(speech, GROUP) == "en"


async def test_a_store_that_fails_costs_the_choice_and_not_the_answer(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> dict[str, Manners]:
        raise StoreUnavailable("locked")

    monkeypatch.setattr(type(memory.watches), "manners", broken)
    assert await spoken_with(Speech(memory.watches), ANN) == "de"


class Loud:
    """A catalogue in capitals."""

    def gettext(self, message: str) -> str:
        return message.upper().replace("{COUNT}", "{count}").replace("{VENUE}", "{venue}")

    def pgettext(self, context: str, message: str) -> str:
        return f"{context}: {message}"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


LOUD = Tongue("xx", Loud())


def test_words_follow_the_language_that_is_spoken_when_they_are_written() -> None:
    kept = later("{venue} is silent", venue=later("one of us"))
    with speaking(LOUD):
        assert str(kept) == "ONE OF US IS SILENT"
        assert many("{count} venue", "{count} venues", 1500) == "1,500 VENUES"
        assert say_of("side", "longs") == "side: longs"
    assert (str(kept), code()) == ("one of us is silent", "en")


def test_two_sentences_kept_are_equal_whatever_is_spoken() -> None:
    with speaking(LOUD):
        kept = later("{venue} is silent", venue="OKX")
    assert kept == Said("{venue} is silent", (("venue", "OKX"),))
    assert len({kept, later("{venue} is silent", venue="OKX")}) == 1


def test_braces_of_what_somebody_typed_are_not_read() -> None:
    assert say("“{word}” is unknown", word="{x.__class__} {") == "“{x.__class__} {” is unknown"


async def test_two_answers_at_a_time_do_not_hear_each_other() -> None:
    async def told(tongue: Tongue) -> list[str]:
        said = []
        with speaking(tongue):
            for _ in range(20):
                said.append(say("one of us"))
                said.append(await asyncio.to_thread(say, "one of us"))
                await asyncio.sleep(0)
        return said

    quiet, loud = await asyncio.gather(told(ENGLISH), told(LOUD))
    assert set(quiet) == {"one of us"}
    assert set(loud) == {"ONE OF US"}


@pytest.fixture
def _no_catalogue_kept() -> Iterator[None]:
    languages.tongue.cache_clear()
    yield
    languages.tongue.cache_clear()


@pytest.mark.usefixtures("_no_catalogue_kept")
def test_what_a_catalogue_lacks_is_said_in_english() -> None:
    with languages.spoken("de"):
        assert code() == "de"
        assert say("no catalogue has {this}", this="this") == "no catalogue has this"
        assert many("{count} x-y-z", "{count} x-y-zs", 2) == "2 x-y-zs"
