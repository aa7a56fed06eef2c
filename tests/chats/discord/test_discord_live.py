"""A live card on Discord: one message, changed in place."""

import asyncio

import pytest

from bot.chats.discord import DiscordChat
from bot.chats.live import ENDED
from bot.desk.requests import Asker
from bot.reply import Button, Image, Live, Reply
from tests.support.discord_desk import SmallDesk, png
from tests.support.discord_server import DiscordServer
from tests.support.discord_world import ORIGINAL, Person, answer, answered, picture, words_of


class LiveDesk(SmallDesk):
    """Answers `liqs COIN live` with another picture each time."""

    def __init__(self) -> None:
        super().__init__()
        self.every, self.lasts = 0.05, 30.0
        self.count = 0

    async def answer(self, words: str, asker: Asker) -> Reply:
        if not words.startswith("liqs"):
            return await super().answer(words, asker)
        self.count += 1
        plain = words.removesuffix(" live")
        live = Live(words, plain, self.every, self.lasts) if plain != words else None
        key = f"{words}-{self.count}"
        button = Button("Stop", plain) if live else Button("Live", f"{plain} live")
        image = Image(png(key), "alt", "liqs.png", key)
        return Reply(f"Liquidations {self.count}", ("a line",), image, ((button,),), live=live)


@pytest.fixture
def desk() -> LiveDesk:
    return LiveDesk()


def _edits(server: DiscordServer) -> int:
    return len(server.sent("PATCH", ORIGINAL))


async def test_a_pressed_message_is_kept_current_and_says_when_it_has_ended(
    server: DiscordServer, desk: LiveDesk, trader: Person
) -> None:
    desk.lasts = 0.4
    asked = trader.slash("liqs", symbol="BTC")
    await server.until(lambda: answered(asked))
    message = answer(server.world, asked)
    trader.press(message, "Live")
    await server.until(lambda: any(ENDED in words for words in words_of(message)))
    assert desk.count >= 4
    assert len(server.world.messages[trader.channel]) == 1
    assert picture(server.world, message) == png(f"liqs BTC-{desk.count}")


async def test_a_partial_picture_is_completed_in_its_message(
    server: DiscordServer, desk: LiveDesk, trader: Person
) -> None:
    first = Image(png("9"), "alt", "btc.png", "9")
    desk.next_reply = Reply("BTC", ("9 of 15 venues",), first, coming="liqs BTC")
    asked = trader.slash("heatmap", symbol="BTC")
    await server.until(lambda: answered(asked))
    message = answer(server.world, asked)
    await server.until(lambda: picture(server.world, message) == png("liqs BTC-1"))
    assert len(server.world.messages[trader.channel]) == 1
    await asyncio.sleep(0.1)
    assert desk.count == 1  # once, and no more


async def test_stop_ends_it_at_once(server: DiscordServer, desk: LiveDesk, trader: Person) -> None:
    asked = trader.slash("liqs", symbol="BTC")
    await server.until(lambda: answered(asked))
    message = answer(server.world, asked)
    trader.press(message, "Live")
    await server.until(lambda: desk.count > 3)
    pressed = trader.press(message, "Stop")
    await server.until(lambda: answered(pressed))
    await asyncio.sleep(0.2)
    count = desk.count
    await asyncio.sleep(0.2)
    assert desk.count == count
    assert not any(ENDED in words for words in words_of(message))


async def test_a_message_that_discord_does_not_let_us_change_is_let_go(
    server: DiscordServer, desk: LiveDesk, trader: Person
) -> None:
    asked = trader.slash("liqs", symbol="BTC")
    await server.until(lambda: answered(asked))
    trader.press(answer(server.world, asked), "Live")
    await server.until(lambda: desk.count > 2)
    server.fail(
        "PATCH", ORIGINAL, times=99, status=404, body='{"code": 10008, "message": "Unknown"}'
    )
    await asyncio.sleep(0.3)
    count, edits = desk.count, _edits(server)
    await asyncio.sleep(0.2)
    assert (desk.count, _edits(server)) == (count, edits)


async def test_a_bot_that_stops_says_that_its_cards_have_ended(
    server: DiscordServer, desk: LiveDesk, trader: Person, chat: DiscordChat
) -> None:
    desk.every = 60.0
    asked = trader.slash("liqs", symbol="BTC")
    await server.until(lambda: answered(asked))
    message = answer(server.world, asked)
    pressed = trader.press(message, "Live")
    await server.until(lambda: answered(pressed) and desk.count == 2)
    await asyncio.sleep(0.05)
    await chat.stop()
    assert any(ENDED in words for words in words_of(message))
