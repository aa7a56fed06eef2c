"""Every answer in a language that marks each sentence: nothing is said beside them, nor kept."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.desk.requests import Asker
from bot.reply import Reply
from bot.settings import Settings
from bot.wiring import House, house
from tests.support.foreign import OPEN, outside, spoken_as_german
from tests.support.walked import STEPS

pytestmark = pytest.mark.timeout(600)

GERMAN = Asker("telegram:1", "telegram:1", language="de")
ENGLISH = Asker("telegram:2", "telegram:2", language="en")
_WORD = re.compile(r"[^\W\d_]{2,}")
# What people type is the same in every language, and so are names and units.
_TYPED = re.compile(r"/\w+[^⟦⟧]*|“[^”]*”|[wt]\d+")
_SAME = {
    *("BTC", "ETH", "SOL", "SHIB", "PEPE", "USDT", "USD", "UTC", "OI", "sim", "Emberline"),
    *("min", "English", "Deutsch", "all", "market", "inventory", "sweep", "heatmap", "light"),
    *("bybit", "okx", "CSV", "JSON"),
}


@pytest.fixture
async def standing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    """The product's own house over a simulated market, where German marks each sentence."""
    spoken_as_german(monkeypatch)
    url = f"sqlite:///{tmp_path / 'ember.sqlite3'}"
    chosen = {"history_days": 9, "database_url": url, "ask_per_minute": 0}
    async with house(Settings.model_validate(chosen), "sim", watch=True) as built:
        yield built


def said(reply: Reply) -> str:
    """Return all of an answer, with its buttons and its picture's description."""
    labels = [button.label for row in reply.buttons for button in row]
    alt = [] if reply.image is None else [reply.image.alt]
    return "\n".join((reply.text(), *labels, *alt))


def unmarked(reply: Reply) -> list[str]:
    """Return the words that no translator was given."""
    return [
        word
        for line in said(reply).splitlines()
        for word in _WORD.findall(_TYPED.sub(" ", outside(line) if OPEN in line else line))
        if word not in _SAME
    ]


async def test_no_command_says_a_word_that_translators_never_saw(standing: House) -> None:
    left_out = {}
    for step in STEPS:
        reply = await standing.listener.answer(step.words, GERMAN)
        assert reply.language == "de"
        if words := [word for word in unmarked(reply) if word not in step.words.split()]:
            left_out[step.words] = words
        # Whoever asks for the same in English next is not answered from what was kept for others.
        assert OPEN not in said(await standing.listener.answer(step.words, ENGLISH)), step.words
    assert not left_out
