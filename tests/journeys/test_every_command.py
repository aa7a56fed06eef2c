"""A walk through every command on every platform and in every language, as people see it.

What is seen is kept under out/walk, to be looked at: pictures, words and buttons.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.chats.discord import DiscordChat
from bot.chats.telegram import TelegramChat
from bot.core.language import say
from bot.desk.commands import COMMANDS
from bot.languages import NAMES, spoken
from bot.settings import Settings
from bot.wiring import House, house
from tests.support.discord_server import TOKEN as DISCORD_TOKEN
from tests.support.discord_server import discord_server
from tests.support.telegram_server import TOKEN, TelegramServer
from tests.support.walked import (
    STEPS,
    Answer,
    OnDiscord,
    OnTelegram,
    OnTerminal,
    Step,
    Walker,
)

OUT = Path(__file__).parents[2] / "out" / "walk"
_SORRY = (
    "Something went wrong here, and it has been noted. Please ask again in a minute.",
    "Something went wrong here. Please ask again in a minute.",
)
pytestmark = pytest.mark.timeout(600)


@pytest.fixture
async def standing(tmp_path: Path) -> AsyncIterator[House]:
    """The product's own house over a simulated market, with a memory."""
    url = f"sqlite:///{tmp_path / 'ember.sqlite3'}"
    chosen = {"history_days": 9, "database_url": url, "ask_per_minute": 0}
    async with house(Settings.model_validate(chosen), "sim", watch=True) as built:
        yield built


@pytest.fixture
async def walkers(standing: House) -> AsyncIterator[list[Walker]]:
    """One person on each platform; Discord's own cooldown is lifted, as nobody asks so fast."""
    desk = standing.listener
    async with TelegramServer() as telegram, discord_server() as discord:
        on_telegram = TelegramChat(desk, TOKEN, api_base=telegram.origin)
        on_discord = DiscordChat(desk, DISCORD_TOKEN, discord.api_base, discord.gateway_url)
        await on_telegram.start()
        await on_discord.start()
        await discord.until(lambda: bool(discord.world.commands), 30)
        yield [OnTelegram(OUT, telegram), OnDiscord(OUT, discord), OnTerminal(OUT, desk)]
        await on_telegram.stop()
        await on_discord.stop()


def test_the_walk_leaves_no_command_out() -> None:
    assert {step.words.partition(" ")[0] for step in STEPS} == {each.name for each in COMMANDS}


async def test_every_command_is_answered_alike_everywhere_and_in_every_language(
    walkers: list[Walker], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.chats.discord.client.ASKS", 1_000)
    for language in NAMES:
        for walker in walkers:
            await walker.speaks(language)
        for number, step in enumerate(STEPS, 1):
            # At the same moment: a simulated market runs a minute a second.
            answers = await asyncio.gather(*(w.sees(language, number, step) for w in walkers))
            for walker, answer in zip(walkers, answers, strict=True):
                _check(step, answer, f"{walker.platform} {language} {step.words}", language)
            telegram, discord, terminal = (_buttons(answer) for answer in answers)
            assert telegram == terminal, step.words
            # Discord shows its picture whole already, and has no button for the file.
            assert set(discord) <= set(terminal), step.words


def _check(step: Step, answer: Answer, where: str, language: str) -> None:
    told = f"{where}: {answer.text}"
    assert answer.text.strip(), told
    with spoken(language):
        for sorry in _SORRY:
            assert say(sorry) not in answer.text, told
    assert (answer.file is not None) is step.file, told
    if step.pictured:
        assert (answer.picture or b"").startswith(b"\x89PNG"), told


def _buttons(answer: Answer) -> list[str]:
    """Return the labels without their figures, which move."""
    return [re.sub(r"[+−-]?[\d.,]+", "#", label) for label in answer.labels]
