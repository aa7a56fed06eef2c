"""Nobody is called by anything the bot says on Telegram: every request is looked through."""

from typing import Any

from bot.chats.telegram import TelegramChat
from bot.reply import Button, Document, Image, Reply
from storage.memory import open_memory
from tests.support.delivery import alert, judged, sending, telegram_post
from tests.support.strict_telegram import StrictTelegram
from tests.support.telegram_desk import SmallDesk, UploadMemory, png
from tests.support.telegram_server import TOKEN, TelegramServer

CALL = "@everyone @here @ada <@77> tg://user?id=77 [x](tg://user?id=77)"
GROUP = -100
HARMLESS = {"bold", "pre", "date_time"}


def hostile(**more: Any) -> Reply:
    return Reply(CALL, (CALL,), table=(CALL,), buttons=((Button(CALL, "status"),),), **more)


def look_through(telegram: TelegramServer) -> int:
    """Check every request that said something; returns how many there were."""
    spoken = 0
    for call in telegram.calls:
        if call.method == "setMyCommands":
            assert "@" not in str(call.fields)
            continue
        assert "parse_mode" not in str(call.fields)
        for said in texts(call.fields):
            spoken += 1
            assert "@" not in said
        for entity in entities(call.fields):
            assert entity["type"] in HARMLESS
    return spoken


def texts(fields: Any) -> list[str]:
    """Return all that people would read in a request, however deep it stands."""
    if isinstance(fields, list):
        return [said for each in fields for said in texts(each)]
    if not isinstance(fields, dict):
        return []
    read = ("text", "caption", "title", "description", "message_text")
    here = [value for name, value in fields.items() if name in read and isinstance(value, str)]
    return here + [said for value in fields.values() for said in texts(value)]


def entities(fields: Any) -> list[dict[str, Any]]:
    if isinstance(fields, list):
        return [found for each in fields for found in entities(each)]
    if not isinstance(fields, dict):
        return []
    here = [*fields.get("entities", []), *fields.get("caption_entities", [])]
    return here + [found for value in fields.values() for found in entities(value)]


async def test_no_answer_note_or_inline_result_calls_anybody(
    bot: TelegramChat, telegram: TelegramServer, desk: SmallDesk, uploads: UploadMemory
) -> None:
    assert bot
    picture = Image(png("x"), CALL, "x.png", "x")
    desk.replies = {
        "heatmap BTC": hostile(image=picture),
        "heatmap ETH": hostile(image=Image(png("y"), CALL, "y.png", "y")),
        "status": hostile(kind="note"),
        "position BTC": hostile(private=True),
        "export": hostile(private=True, document=Document(b"{}", "x.json", "application/json")),
        "start": hostile(),
        "mute": hostile(kind="problem"),
    }
    for words in desk.replies:
        await telegram.write(f"/{words}", chat=77 if words in {"export", "position BTC"} else GROUP)
    await telegram.until(lambda: len(telegram.messages) == len(desk.replies))
    shown = next(each for each in telegram.in_chat(GROUP) if each.photo)
    await telegram.press_words(shown, "heatmap ETH")
    await telegram.press_words(shown, "status")
    await telegram.called("answerCallbackQuery", 2)
    await telegram.until(lambda: uploads.known)
    await telegram.type_inline("btc")
    await telegram.called("answerInlineQuery")
    await telegram.write(f"/start {CALL}")
    await telegram.until(lambda: len(telegram.messages) == len(desk.replies) + 1)

    assert look_through(telegram) > 15


async def test_no_alert_calls_anybody() -> None:
    memory = await open_memory("sqlite://")
    try:
        async with StrictTelegram() as telegram, telegram_post(telegram.origin) as post:
            async with sending(memory.outbox, post) as outbox:
                await outbox.put(judged(alert("a", f"telegram:{GROUP}", "telegram:77", words=CALL)))
                await telegram.shown(1, 77)
                await telegram.shown(1, GROUP)
            assert TOKEN not in str(telegram.calls)
            assert look_through(telegram) >= 2
    finally:
        await memory.close()
