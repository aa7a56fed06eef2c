"""`@bot btc` in any chat offers what was drawn already, and draws nothing."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chats.telegram import TelegramChat
from bot.chats.telegram.inline import Drawn
from bot.desk.requests import Asker
from bot.reply import Image, Reply
from tests.support.telegram_desk import SmallDesk, UploadMemory, png
from tests.support.telegram_server import USERNAME, TelegramServer

COINS = ("BTC", "BCH", "ETH")
ASKER = Asker("telegram:77", "telegram:77")


@pytest.fixture(autouse=True)
def _coins(monkeypatch: pytest.MonkeyPatch) -> None:
    async def suggest(_: SmallDesk, typed: str) -> Sequence[str]:
        return [coin for coin in COINS if coin.startswith(typed.upper())]

    monkeypatch.setattr(SmallDesk, "suggest", suggest)


async def offered(telegram: TelegramServer, query: str) -> dict[str, Any]:
    """Type a query; return what Telegram was told to offer."""
    before = len(telegram.of("answerInlineQuery"))
    number = await telegram.type_inline(query)
    answer = (await telegram.called("answerInlineQuery", before + 1))[-1]
    assert answer.fields["inline_query_id"] == number
    return answer.fields


async def test_a_picture_that_was_drawn_is_offered_by_its_id(
    bot: TelegramChat, telegram: TelegramServer, desk: SmallDesk, uploads: UploadMemory
) -> None:
    assert bot
    await telegram.write("/heatmap xbt")
    await telegram.until(lambda: uploads.known)
    picture, article = (await offered(telegram, "btc"))["results"]
    others = (await offered(telegram, "b"))["results"]

    assert await telegram.received(picture["photo_file_id"]) == png("XBT-24h")
    assert picture["caption"] == "XBT liquidation heatmap · 24h\nEstimated."
    ((way,),) = picture["reply_markup"]["inline_keyboard"]
    assert way["url"] == f"https://t.me/{USERNAME}?start=heatmap_BTC_24h"
    assert article["title"] == "Draw BTC 24h now"
    assert [other["title"] for other in others] == ["Draw BTC 24h now", "Draw BCH 24h now"]
    assert [words for words, _ in desk.asked] == ["heatmap xbt"]  # nothing was drawn for it


async def test_what_was_not_drawn_leads_to_the_chat_that_draws_it(
    bot: TelegramChat, telegram: TelegramServer, desk: SmallDesk
) -> None:
    assert bot
    told = await offered(telegram, "eth 7d")

    (article,) = told["results"]
    ((way,),) = article["reply_markup"]["inline_keyboard"]
    assert way["url"].endswith("?start=heatmap_ETH_7d")
    assert told["button"] == {"text": "Draw ETH in our chat", "start_parameter": "heatmap_ETH_7d"}
    assert desk.asked == []


async def test_an_empty_query_shows_what_was_drawn_last(
    bot: TelegramChat, telegram: TelegramServer, uploads: UploadMemory
) -> None:
    assert bot
    await telegram.write("/heatmap BTC")
    await telegram.until(lambda: uploads.known)
    await telegram.write("/heatmap ETH")
    await telegram.until(lambda: len(uploads.known) == 2)
    told = await offered(telegram, "")

    photos = [each for each in told["results"] if each["type"] == "photo"]
    assert [each["title"].split()[0] for each in photos] == ["ETH", "BTC"]
    assert told["button"]["start_parameter"] == "start"


@pytest.mark.parametrize(
    "query", ["/watch now BTC squeeze", "mute 30d", "journal", "<b>", "\u202e@all", "x" * 256]
)
async def test_a_hostile_query_is_answered_with_nothing_but_the_way_to_the_chat(
    bot: TelegramChat, telegram: TelegramServer, desk: SmallDesk, query: str
) -> None:
    assert bot
    told = await offered(telegram, query)

    assert told.get("results", []) == []
    assert told["button"]["start_parameter"] == "start"
    assert desk.asked == []


async def test_only_whole_public_and_recent_heatmaps_are_remembered() -> None:
    desk, now = SmallDesk(), [0.0]
    drawn = Drawn(desk, lambda: now[0])
    picture = Image(png("x"), "x", "x.png", "x")
    desk.replies = {
        "heatmap BTC okx": Reply("BTC okx", image=picture),
        "position BTC long 20x": Reply("Yours", image=picture, private=True),
        "heatmap SOL": Reply("SOL", image=picture, private=True),
        "squeeze BTC": Reply("BTC", image=picture),
        "heatmap ADA": Reply("Not answering", kind="problem"),
    }
    for words in (*desk.replies, "heatmap ETH 7d", "heatmap ETH"):
        await drawn.answer(words, ASKER)

    assert [s.asks for s in drawn.pictures("", "")] == ["heatmap ETH 24h", "heatmap ETH 7d"]
    assert next(s.asks for s in drawn.pictures("ETH", "heatmap ETH 7d")) == "heatmap ETH 7d"
    assert list(drawn.pictures("BTC", "heatmap BTC 24h")) == []
    now[0] = 4 * 3600.0
    assert list(drawn.pictures("", "")) == []


@given(st.text(max_size=300))
def test_any_words_pass_through_the_memory_of_pictures(words: str) -> None:
    desk = SmallDesk()
    desk.replies[words] = Reply("E", image=Image(b"", "", "x.png", "x"))
    drawn = Drawn(desk)
    asyncio.run(drawn.answer(words, ASKER))

    assert len(list(drawn.pictures("", ""))) <= 1
