"""Starting and stopping, the menu, and what must never be seen in a log."""

import asyncio
import logging
import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chats.hears import COMMANDS
from bot.chats.telegram import TelegramChat
from bot.core.errors import BadSetting
from bot.core.language import say
from bot.languages import NAMES, spoken
from tests.support.fault_proxy import Fault, FaultProxy, Kind, flood
from tests.support.telegram_desk import SmallDesk
from tests.support.telegram_server import TOKEN, TelegramServer


async def test_the_menu_offers_each_kind_of_chat_its_commands(
    bot: TelegramChat, telegram: TelegramServer
) -> None:
    assert bot
    calls = await telegram.called("setMyCommands", 4 * len(NAMES))
    menus: dict[str, list[str]] = {}
    described: dict[tuple[str, str], dict[str, str]] = {}
    for call in calls:
        scope = call.fields.get("scope", {"type": "default"})["type"]
        language = call.fields.get("language_code", "")
        offered = [command["command"] for command in call.fields["commands"]]
        assert menus.setdefault(scope, offered) == offered  # the same in every language
        described[scope, language] = {
            command["command"]: command["description"] for command in call.fields["commands"]
        }
    assert len(described) == 4 * len(NAMES)
    summary = next(each.summary for each in COMMANDS if each.name == "status")
    assert described["default", ""]["status"] == summary
    with spoken("de"):
        assert described["default", "de"]["status"] == say(summary) != summary

    everything = {command.name for command in COMMANDS}
    assert set(menus["all_private_chats"]) == everything
    assert menus["default"] == menus["all_private_chats"]
    assert set(menus["all_chat_administrators"]) == everything - {"start"}
    # What everybody in a group is told is changed by those who moderate it.
    changing = {"watch", "mute", "test"}
    assert set(menus["all_group_chats"]) == everything - {"start"} - changing
    for call in calls:
        for command in call.fields["commands"]:
            assert re.fullmatch(r"[a-z0-9_]{1,32}", command["command"])
            assert 1 <= len(command["description"]) <= 256


async def test_a_menu_that_cannot_be_set_does_not_keep_the_bot_from_answering(
    telegram: TelegramServer, line: FaultProxy, desk: SmallDesk
) -> None:
    line.faults.append(Fault("setMyCommands", Kind.ANSWER, times=None, status=400, body=b"{}"))
    chat = TelegramChat(desk, TOKEN, api_base=line.origin)
    await chat.start()
    await telegram.write("/status")
    await telegram.shown(1)
    await chat.stop()


async def test_no_log_of_any_library_at_any_level_holds_the_token_or_what_people_wrote(
    telegram: TelegramServer,
    line: FaultProxy,
    desk: SmallDesk,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    line.faults += [
        Fault("getMe", Kind.ANSWER),
        Fault("getUpdates", Kind.ANSWER, body=b"{" + TOKEN.encode()),
        Fault("getUpdates", Kind.RESET_BEFORE),
        Fault("sendPhoto", Kind.ANSWER, status=404),
        Fault("sendMessage", Kind.TRUNCATED),
        flood("sendChatAction", 1),
    ]
    chat = TelegramChat(desk, TOKEN, api_base=line.origin)
    await chat.start()
    for text in ("/heatmap BTC", "/status canary-words", "/heatmap ETH"):
        await telegram.write(text)
    await telegram.until(lambda: any(m.photo for m in telegram.in_chat()))
    await chat.stop()
    with pytest.raises(BadSetting):
        await TelegramChat(desk, f"{TOKEN}-wrong", api_base=telegram.origin).start()

    fields = "".join(str(vars(record)) for record in caplog.records)
    logged = caplog.text + fields + "".join(capsys.readouterr())
    assert "telegram started" in logged
    assert TOKEN.partition(":")[2] not in logged
    assert "canary-words" not in logged


@given(st.text().filter(lambda text: not re.fullmatch(r"\s*[A-Za-z0-9_:.-]+\s*", text)))
def test_what_can_be_no_token_is_refused_before_it_gets_into_an_address(token: str) -> None:
    with pytest.raises(BadSetting, match="TELEGRAM_TOKEN") as refusal:
        TelegramChat(SmallDesk(), token)
    assert len(token) < 20 or token not in str(refusal.value)


async def test_a_bot_that_stops_lets_the_answer_under_way_arrive(
    telegram: TelegramServer, line: FaultProxy, desk: SmallDesk
) -> None:
    chat = TelegramChat(desk, TOKEN, api_base=line.origin)
    await chat.start()
    desk.gates["heatmap BTC"].clear()
    await telegram.write("/heatmap BTC")
    await telegram.until(lambda: desk.asked)
    stopping = asyncio.create_task(chat.stop())
    await asyncio.sleep(0.1)
    desk.gates["heatmap BTC"].set()
    await stopping

    assert len(telegram.in_chat()) == 1


async def test_what_was_answered_is_not_answered_again_after_a_restart(
    telegram: TelegramServer, line: FaultProxy, desk: SmallDesk
) -> None:
    for count in (1, 2):
        chat = TelegramChat(desk, TOKEN, api_base=line.origin)
        await chat.start()
        await telegram.write(f"/heatmap BTC {count}2h" if count == 1 else "/heatmap ETH")
        await telegram.shown(count)
        await chat.stop()

    assert len(desk.asked) == 2


async def test_it_is_noted_when_a_chat_closes_to_the_bot(
    bot: TelegramChat, caplog: pytest.LogCaptureFixture
) -> None:
    ada = {"id": 77, "is_bot": False, "first_name": "Ada"}
    me = {"id": 7, "is_bot": True, "first_name": "Ember"}
    change = {
        "chat": {"id": 77, "type": "private"},
        "from": ada,
        "date": 1_764_000_000,
        "old_chat_member": {"status": "member", "user": me},
        "new_chat_member": {"status": "kicked", "user": me, "until_date": 0},
    }
    await bot._accept({"update_id": 1, "my_chat_member": change})
    await bot._application.update_queue.join()

    assert "update not handled" not in caplog.text


def test_a_bot_without_telegram_never_loads_its_library() -> None:
    code = "import sys, bot.wiring, bot.cli, bot.chats.hears; sys.exit('telegram' in sys.modules)"

    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603 - a constant
