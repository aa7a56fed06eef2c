"""Any SettingsStore: what chats prefer, and what they have uploaded."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ports import ChatSettings
from storage import settings
from storage.memory import Memory, open_memory

pytest_plugins = ("tests.support.stores",)


async def test_a_chat_that_chose_nothing_has_the_defaults(memory: Memory) -> None:
    assert await memory.settings.settings("telegram:-100123") == ChatSettings()


@pytest.mark.parametrize(
    "chosen",
    [
        ChatSettings("light", "7d", ("binance", "okx"), ("oi",)),
        ChatSettings(theme="dark"),
        ChatSettings(venues=()),
        ChatSettings(panels=()),
        ChatSettings(),
    ],
)
async def test_what_a_chat_chose_is_remembered(memory: Memory, chosen: ChatSettings) -> None:
    await memory.settings.change("discord:8842", chosen)
    assert await memory.settings.settings("discord:8842") == chosen


async def test_a_change_replaces_all_that_was_chosen_before(memory: Memory) -> None:
    await memory.settings.change("terminal", ChatSettings("light", "7d", ("okx",)))
    await memory.settings.change("terminal", ChatSettings(window="12h"))
    assert await memory.settings.settings("terminal") == ChatSettings(window="12h")


async def test_chats_do_not_share_what_they_chose(memory: Memory) -> None:
    await memory.settings.change("telegram:1", ChatSettings("light"))
    await memory.settings.change("discord:1", ChatSettings("dark"))
    assert (await memory.settings.settings("telegram:1")).theme == "light"
    assert (await memory.settings.settings("discord:1")).theme == "dark"


async def test_settings_outlive_the_process(url: str) -> None:
    before = await open_memory(url)
    await before.settings.change("telegram:1", ChatSettings("light"))
    await before.close()
    after = await open_memory(url)
    assert (await after.settings.settings("telegram:1")).theme == "light"
    await after.close()


async def test_a_picture_never_uploaded_has_no_file_id(memory: Memory) -> None:
    assert await memory.settings.uploaded("telegram", "btc 24h") is None


async def test_an_uploaded_picture_is_found_by_platform_and_key(memory: Memory) -> None:
    await memory.settings.remember_upload("telegram", "btc 24h", "AgACAgI")
    await memory.settings.remember_upload("discord", "btc 24h", "1234")
    assert await memory.settings.uploaded("telegram", "btc 24h") == "AgACAgI"
    assert await memory.settings.uploaded("discord", "btc 24h") == "1234"


async def test_a_picture_uploaded_again_has_its_newest_file_id(memory: Memory) -> None:
    await memory.settings.remember_upload("telegram", "btc 24h", "old")
    await memory.settings.remember_upload("telegram", "btc 24h", "new")
    assert await memory.settings.uploaded("telegram", "btc 24h") == "new"


async def test_only_the_newest_uploads_are_kept(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "UPLOADS_KEPT", 3)
    for number in range(5):
        await memory.settings.remember_upload("telegram", f"key {number}", f"file {number}")
    found = [await memory.settings.uploaded("telegram", f"key {number}") for number in range(5)]
    assert found == [None, None, "file 2", "file 3", "file 4"]


# PostgreSQL keeps every character but the zero, which no chat sends either.
words = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=60)
lists = st.lists(st.from_regex(r"[a-z0-9]{1,12}", fullmatch=True), max_size=5).map(tuple)


def test_any_words_come_back_as_they_were(url: str) -> None:
    with asyncio.Runner() as runner:
        memory = runner.run(open_memory(url))

        @given(words, st.builds(ChatSettings, *[st.none() | words] * 2, *[st.none() | lists] * 2))
        def same(chat: str, chosen: ChatSettings) -> None:
            runner.run(memory.settings.change(chat, chosen))
            assert runner.run(memory.settings.settings(chat)) == chosen
            runner.run(memory.settings.remember_upload(chat, chat, chat))
            assert runner.run(memory.settings.uploaded(chat, chat)) == chat

        try:
            same()
        finally:
            runner.run(memory.close())
