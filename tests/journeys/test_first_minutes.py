"""The first minutes: from /start to a heatmap in one tap, to a watch in three, a group set up."""

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from bot.chats.discord import DiscordChat
from bot.chats.hears import Desk
from bot.chats.telegram import TelegramChat
from bot.settings import Settings
from bot.wiring import house
from tests.support.discord_server import TOKEN as DISCORD_TOKEN
from tests.support.discord_server import discord_server
from tests.support.discord_world import answer, answered, in_private, picture, words_of
from tests.support.telegram_server import TOKEN, TelegramServer
from tests.support.telegram_shapes import Shown

GROUP = -100500


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """The product's own desk over a simulated market, with a memory."""
    url = f"sqlite:///{tmp_path / 'ember.sqlite3'}"
    chosen = Settings.model_validate({"history_days": 2, "database_url": url})
    async with house(chosen, "sim", watch=True) as standing:
        yield standing.listener


@pytest.fixture
async def telegram(desk: Desk) -> AsyncIterator[TelegramServer]:
    """Telegram, with the bot."""
    async with TelegramServer() as server:
        chat = TelegramChat(desk, TOKEN, api_base=server.origin)
        await chat.start()
        yield server
        await chat.stop()


def more(telegram: TelegramServer, chat: int, count: int) -> list[Shown] | None:
    """Return what a chat shows, once that are so many."""
    return shown if len(shown := telegram.in_chat(chat)) >= count else None


async def test_on_telegram_one_tap_brings_a_heatmap_and_two_a_watch(
    telegram: TelegramServer,
) -> None:
    await telegram.write("/start")
    (hello,) = await telegram.shown(1)
    await telegram.press(hello, "BTC heatmap")  # the first tap
    _, heatmap = await telegram.until(partial(more, telegram, 77, 2), 60)
    assert heatmap.photo is not None

    await telegram.press(hello, "Watch BTC")  # counted from /start: the first
    menu = (await telegram.shown(3))[-1]
    await telegram.press(menu, "squeeze")  # the second: it is kept
    kept = (await telegram.until(partial(more, telegram, 77, 4), 30))[-1]
    assert "Watching as w1" in kept.text
    kept.button("Undo")


async def test_on_discord_one_tap_brings_a_heatmap_and_two_a_watch(desk: Desk) -> None:
    async with discord_server() as server:
        chat = DiscordChat(desk, DISCORD_TOKEN, server.api_base, server.gateway_url)
        await chat.start()
        await server.until(lambda: bool(server.world.commands))
        ann = in_private(server.world)
        start = ann.slash("start")
        await server.until(lambda: answered(start))
        hello = answer(server.world, start)

        first = ann.press(hello, "BTC heatmap")
        await server.until(lambda: answered(first), 60)
        assert picture(server.world, answer(server.world, first)).startswith(b"\x89PNG")

        second = ann.press(hello, "Watch BTC")
        await server.until(lambda: answered(second))
        menu = answer(server.world, second)
        third = ann.press(menu, "squeeze")
        await server.until(lambda: answered(third), 30)
        kept = answer(server.world, third)
        assert any(said.startswith("Watching as w1") for said in words_of(kept))
        await chat.stop()


async def test_a_group_is_set_up_by_its_moderator_with_what_hello_says(
    telegram: TelegramServer,
) -> None:
    telegram.members[GROUP, 77] = "creator"
    await telegram.write("/start@ember_test_bot", GROUP)
    (hello,) = await telegram.shown(1, GROUP)
    assert hello.text.startswith("Emberline is here")

    # Whoever else presses learns who may; the moderator has it in two taps, and tests it.
    await telegram.press(hello, "Watch BTC", person=78)
    menu = (await telegram.shown(2, GROUP))[-1]
    telegram.members[GROUP, 78] = "member"
    await telegram.press(menu, "squeeze", person=78)
    (refused,) = [
        call
        for call in await telegram.called("answerCallbackQuery", 2)
        if "Only moderators" in call.fields.get("text", "")
    ]
    assert refused.fields["show_alert"]
    await telegram.press(menu, "squeeze", person=77)
    kept = (await telegram.until(partial(more, telegram, GROUP, 3), 30))[-1]
    assert "Watching as w1" in kept.text
