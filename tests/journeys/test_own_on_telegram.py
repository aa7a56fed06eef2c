"""A person chooses, takes and deletes what is his, in Telegram, over real sockets."""

import io
import json
import zipfile
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from bot.chats.telegram import TelegramChat
from bot.settings import Settings
from bot.wiring import House, house
from tests.support.telegram_server import TOKEN, TelegramServer
from tests.support.telegram_shapes import Shown

ME = "telegram:77"


@pytest.fixture
async def standing(tmp_path: Path) -> AsyncIterator[House]:
    """The whole house over a simulated market, with a memory of its own."""
    url = f"sqlite:///{tmp_path / 'own.sqlite3'}"
    chosen = Settings(_env_file=None, history_days=2, database_url=url)
    async with house(chosen, "sim", watch=True) as made:
        yield made


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramServer]:
    async with TelegramServer() as server:
        yield server


@pytest.fixture
async def bot(telegram: TelegramServer, standing: House) -> AsyncIterator[TelegramChat]:
    chat = TelegramChat(standing.listener, TOKEN, api_base=telegram.origin)
    await chat.start()
    yield chat
    await chat.stop()


def menu_says(menu: Shown, headline: str) -> bool:
    return menu.text.startswith(headline)


@pytest.mark.usefixtures("bot")
async def test_a_person_chooses_by_taps_takes_his_own_and_has_it_deleted(
    telegram: TelegramServer, standing: House
) -> None:
    memory = standing.memory
    assert memory is not None

    # One message, changed in place from tap to tap.
    await telegram.write("/settings")
    (menu,) = await telegram.shown(1)
    for tap, headline in (
        ("Window", "Window: 24h"),
        ("12h", "Window: 12h"),
        ("All settings", "Your settings"),
        ("Time zone", "Time zone: UTC"),
        ("Tokyo", "Time zone: Asia/Tokyo"),
    ):
        await telegram.press(menu, tap)
        await telegram.until(partial(menu_says, menu, headline))
    assert telegram.in_chat() == [menu]
    assert (await memory.settings.settings(ME)).window == "12h"
    assert (await memory.watches.manners([ME]))[ME].zone == "Asia/Tokyo"

    # All that is kept, as a file.
    await telegram.write("/watch now BTC squeeze")
    await telegram.shown(2)
    await telegram.write("/export")
    *_, handed = await telegram.shown(3)
    assert handed.file is not None
    with zipfile.ZipFile(io.BytesIO(handed.file)) as archive:
        kept = json.loads(archive.read("emberline.json"))
    assert [each["words"] for each in kept["watches"]] == ["BTC squeeze"]
    assert kept["settings"][ME]["window"] == "12h"

    # And all of it gone, once it has been said twice; the used button does nothing more.
    await telegram.write("/forget")
    *_, asked = await telegram.shown(4)
    data = asked.keyboard[0][0]["callback_data"]
    await telegram.press(asked, "Delete for good")
    await telegram.until(lambda: asked.text.startswith("Forgotten"))
    assert "Deleted: 1 watch, 1 chat's settings." in asked.text
    assert not await memory.watches.of_chat(ME)
    assert (await memory.settings.settings(ME)).window is None
    await telegram.write("/" + data.lstrip("+"))
    *_, again = await telegram.shown(5)
    assert again.text.startswith("Nothing was deleted")
