"""A walk through every command on every platform and in every language, as people see it.

What is seen is kept under out/walk, to be looked at: pictures, words and buttons.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.chats.discord import DiscordChat
from bot.chats.telegram import TelegramChat
from bot.core.language import code, say
from bot.desk.commands import COMMANDS
from bot.languages import NAMES, spoken
from bot.settings import Settings
from bot.wiring import House, house
from tests.support.discord_server import TOKEN as DISCORD_TOKEN
from tests.support.discord_server import discord_server
from tests.support.telegram_server import TOKEN, TelegramServer
from tests.support.walked import STEPS, Answer, OnDiscord, OnTelegram, OnTerminal, Walker

OUT = Path(__file__).parents[2] / "out" / "walk"
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
        seen = {walker.platform: await walker.walk(language) for walker in walkers}
        with spoken(language):
            for step in STEPS:
                answers = {platform: each[step.words] for platform, each in seen.items()}
                for platform, answer in answers.items():
                    where = f"{platform} {code()} {step.words}: {answer.text}"
                    assert answer.text.strip(), where
                    assert say("Something went wrong here.") not in answer.text, where
                    assert (answer.file is not None) is step.file, where
                    if step.pictured:
                        assert (answer.picture or b"").startswith(b"\x89PNG"), where
                # Discord shows its picture whole already, and has no button for the file.
                buttons = {platform: _said(each) for platform, each in answers.items()}
                assert buttons["telegram"] == buttons["terminal"], step.words
                assert set(buttons["discord"]) <= set(buttons["terminal"]), step.words


def _said(answer: Answer) -> tuple[str, ...]:
    return answer.labels
