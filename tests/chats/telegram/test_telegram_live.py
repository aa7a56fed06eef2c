"""A live card on Telegram: one message, changed in place, within Telegram's limits."""

import asyncio
from dataclasses import replace

import pytest

from bot.chats.live import ENDED
from bot.desk.requests import Asker
from bot.reply import Button, Image, Live, Reply
from tests.support.telegram_desk import SmallDesk, png
from tests.support.telegram_server import TelegramServer

pytestmark = pytest.mark.usefixtures("bot")


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


async def test_a_pressed_message_is_kept_current_and_says_when_it_has_ended(
    telegram: TelegramServer, desk: LiveDesk
) -> None:
    desk.lasts = 0.4
    await telegram.write("/liqs BTC")
    (shown,) = await telegram.shown(1)
    await telegram.press(shown, "Live")
    await telegram.until(lambda: ENDED in shown.text)
    assert desk.count >= 4
    assert telegram.in_chat() == [shown]
    assert shown.photo == png(f"liqs BTC-{desk.count}")
    assert [button["text"] for row in shown.keyboard for button in row] == ["Live"]


async def test_a_typed_live_card_is_the_message_that_was_sent(
    telegram: TelegramServer, desk: LiveDesk
) -> None:
    await telegram.write("/liqs BTC live")
    (shown,) = await telegram.shown(1)
    first = shown.photo
    await telegram.until(lambda: desk.count > 2 and shown.photo != first)
    assert telegram.in_chat() == [shown]


async def test_a_partial_picture_is_completed_in_its_message(
    telegram: TelegramServer, desk: LiveDesk
) -> None:
    words, whole = "heatmap BTC 24h", "heatmap BTC 24h whole"
    partial = Reply("BTC", ("9 of 15 venues",), Image(png("9"), "alt", "btc.png", "9"))
    desk.replies[words] = replace(partial, coming=whole)
    desk.replies[whole] = Reply(
        "BTC", ("15 of 15 venues",), Image(png("15"), "alt", "btc.png", "15")
    )
    desk.gates[whole].clear()
    await telegram.write(f"/{words}")
    (shown,) = await telegram.shown(1)
    assert shown.photo == png("9")
    desk.gates[whole].set()
    await telegram.until(lambda: shown.photo == png("15"))
    assert "15 of 15 venues" in shown.text
    assert telegram.in_chat() == [shown]
    assert [said for said, _ in desk.asked] == [words, whole]


async def test_a_file_is_not_changed_to_a_picture(telegram: TelegramServer, desk: LiveDesk) -> None:
    image = Image(png("9"), "alt", "btc.png", "9")
    desk.replies["file heatmap BTC"] = Reply("BTC", (), image, coming="heatmap BTC 24h whole")
    await telegram.write("/file heatmap BTC")
    await telegram.shown(1)
    await asyncio.sleep(0.1)
    assert [said for said, _ in desk.asked] == ["file heatmap BTC"]


async def test_stop_ends_it_at_once_and_leaves_what_it_answers(
    telegram: TelegramServer, desk: LiveDesk
) -> None:
    await telegram.write("/liqs BTC live")
    (shown,) = await telegram.shown(1)
    await telegram.press(shown, "Stop")
    await telegram.called("answerCallbackQuery")
    count = desk.count
    await asyncio.sleep(0.3)
    assert desk.count == count
    assert shown.photo == png(f"liqs BTC-{count}")


async def test_a_chat_has_one_live_card(telegram: TelegramServer, desk: LiveDesk) -> None:
    await telegram.write("/liqs BTC live")
    (older,) = await telegram.shown(1)
    await telegram.write("/liqs ETH live")
    _, newer = await telegram.shown(2)
    await telegram.until(lambda: ENDED in older.text)
    was, count = older.photo, desk.count
    await telegram.until(lambda: desk.count > count + 1)
    assert older.photo == was
    assert ENDED not in newer.text


async def test_a_deleted_message_is_not_kept_current(
    telegram: TelegramServer, desk: LiveDesk
) -> None:
    await telegram.write("/liqs BTC live")
    (shown,) = await telegram.shown(1)
    del telegram.messages[(shown.chat, shown.number)]
    await asyncio.sleep(0.5)
    count = desk.count
    await asyncio.sleep(0.3)
    assert desk.count == count
    assert telegram.in_chat() == []


async def test_a_card_never_writes_faster_than_a_group_takes(
    telegram: TelegramServer, desk: LiveDesk
) -> None:
    desk.every = 0.01
    await telegram.write("/liqs BTC live", -100500)
    await telegram.shown(1, -100500)
    await telegram.called("editMessageMedia", 4)
    await asyncio.sleep(1.0)
    assert len(telegram.of("editMessageMedia")) <= 5  # then one in four seconds
