"""Nothing is deleted by a slip of the finger, by another's press, or by a press used twice."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.core.journal.trade import Trade
from bot.core.market.liquidations import PositionSide
from bot.messages import Address
from bot.ports import ChatSettings
from bot.watching import Draft, KeptWatch, Quota
from tests.support.markets import Market
from tests.support.own_desk import OwnWorld, own_world
from tests.support.panels import told
from tests.support.watching_desk import ANN, BOB, button, person

MEMBER, MODERATOR = person("carl", "group"), person("mo", "group", moderates=True)
ANN_IN_GROUP = person("ann", "group")


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[OwnWorld]:
    async with own_world(Market(told("binance")), tmp_path) as made:
        for who in (ANN, BOB, MEMBER):
            await keeps(made, who.chat, who.user, shared=who.shared)
        yield made


async def keeps(world: OwnWorld, chat: str, user: str, *, shared: bool) -> None:
    """Have somebody keep a watch, a draft, a trade and settings."""
    memory = world.memory
    watch = KeptWatch("", Address(chat), user, shared=shared, words="BTC squeeze", made=1)
    await memory.watches.add(watch, Quota())
    await memory.watches.keep_draft(Draft("", chat, user, "ETH", touched=5))
    await memory.journal.add(Trade("", user, "BTC", PositionSide.LONG, 60_000.0, 5))
    await memory.settings.change(chat, ChatSettings(window="7d"))


async def kept(world: OwnWorld, user: str) -> tuple[int, int]:
    """Count the watches and trades of somebody."""
    watches = await world.memory.watches.of_user(user)
    return len(watches), len(await world.memory.journal.trades(user))


async def test_it_asks_once_more_and_says_exactly_what_it_deleted(world: OwnWorld) -> None:
    asked = await world.say("/forget")
    assert asked.headline == "Delete all that is kept of you?"
    assert await kept(world, ANN.user) == (1, 1)

    done = await world.press(asked, "Delete for good")
    assert done.headline == "Forgotten"
    assert done.lines[0] == "Deleted: 1 watch, 1 draft, 1 trade, 1 chat's settings."
    assert await kept(world, ANN.user) == (0, 0)
    assert await world.memory.settings.settings(ANN.chat) == ChatSettings()
    assert await kept(world, BOB.user) == (1, 1)
    assert world.changes == 1, "who judges watches has not been told"


async def test_a_press_that_comes_twice_deletes_once(world: OwnWorld) -> None:
    asked = await world.say("/forget")
    await world.press(asked, "Delete for good")
    await keeps(world, ANN.chat, ANN.user, shared=False)
    again = await world.press(asked, "Delete for good")
    assert (again.kind, again.headline[:19]) == ("problem", "Nothing was deleted")
    assert await kept(world, ANN.user) == (1, 1)


async def test_a_press_of_somebody_else_deletes_nothing_and_spoils_nothing(
    world: OwnWorld,
) -> None:
    asked = await world.say("/forget")
    assert (await world.press(asked, "Delete for good", BOB)).kind == "problem"
    assert await kept(world, ANN.user) == (1, 1)
    assert await kept(world, BOB.user) == (1, 1)
    assert (await world.press(asked, "Delete for good")).headline == "Forgotten"


@pytest.mark.parametrize(
    "forged",
    ["forget me 0123456789abcdef", "forget chat 0123456789abcdef", "forget 00000000", "forget yes"],
)
async def test_a_forged_press_deletes_nothing(world: OwnWorld, forged: str) -> None:
    await world.say("/forget")
    assert (await world.say(forged)).kind == "problem"
    assert await kept(world, ANN.user) == (1, 1)


async def test_a_question_is_too_old_after_ten_minutes(world: OwnWorld) -> None:
    asked = await world.say("/forget")
    world.clock.seconds = 601.0
    assert (await world.press(asked, "Delete for good")).kind == "problem"
    assert await kept(world, ANN.user) == (1, 1)


async def test_no_question_is_asked_with_the_same_token_twice(world: OwnWorld) -> None:
    words = {button(await world.say("/forget"), "Delete for good").words for _ in range(50)}
    assert len(words) == 50
    assert all(re.fullmatch(r"forget me [0-9a-f]{16}", each) for each in words)


async def test_many_questions_do_not_fill_the_memory(world: OwnWorld) -> None:
    first = await world.say("/forget")
    for _ in range(1000):
        await world.say("/forget", BOB)
    assert (await world.press(first, "Delete for good")).kind == "problem"


# In a group


async def test_in_a_group_it_is_private_and_leaves_the_group_what_is_the_groups(
    world: OwnWorld,
) -> None:
    asked = await world.say("/forget", MEMBER)
    assert asked.private
    done = await world.press(asked, "Delete for good", MEMBER)
    assert done.private
    assert done.lines[0] == "Deleted: 1 draft, 1 trade."
    assert done.lines[1].startswith("1 watch stays with the groups")
    assert len(await world.memory.watches.of_chat(MEMBER.chat)) == 1
    assert (await world.memory.settings.settings(MEMBER.chat)).window == "7d"


async def test_what_was_asked_in_a_group_is_confirmed_in_the_private_chat(
    world: OwnWorld,
) -> None:
    asked = await world.say("/forget", ANN_IN_GROUP)
    assert (await world.press(asked, "Delete for good", ANN)).headline == "Forgotten"
    assert await kept(world, ANN.user) == (0, 0)


async def test_only_moderators_delete_what_a_group_keeps(world: OwnWorld) -> None:
    refused = await world.say("/forget chat", MEMBER)
    assert (refused.kind, refused.private) == ("problem", True)
    asked = await world.say("/forget chat", MODERATOR)
    assert not asked.private
    pressed = await world.press(asked, "Delete for good", MEMBER)
    assert (pressed.kind, pressed.private) == ("problem", True)
    assert len(await world.memory.watches.of_chat(MEMBER.chat)) == 1

    done = await world.press(asked, "Delete for good", MODERATOR)
    assert done.lines[0] == "Deleted: 1 watch, 1 draft, 1 chat's settings."
    assert not await world.memory.watches.of_chat(MEMBER.chat)
    assert len(await world.memory.journal.trades(MEMBER.user)) == 1, "a member's own is gone"


async def test_a_group_is_not_deleted_by_the_question_of_another(world: OwnWorld) -> None:
    asked = await world.say("/forget chat", MODERATOR)
    elsewhere = person("mo", "elsewhere", moderates=True)
    assert (await world.press(asked, "Delete for good", elsewhere)).kind == "problem"
    personal = button(asked, "Delete for good").words.replace("chat", "me")
    assert (await world.say(personal, MODERATOR)).kind == "problem"
    assert len(await world.memory.watches.of_chat(MEMBER.chat)) == 1


async def test_who_writes_in_a_chats_name_does_not_delete_it_as_if_it_were_his(
    world: OwnWorld,
) -> None:
    nobody = replace(MODERATOR, user=MODERATOR.chat)
    for words in ("/forget", "/export"):
        assert (await world.say(words, nobody)).kind == "problem"
    assert len(await world.memory.watches.of_chat(MEMBER.chat)) == 1


async def test_alone_with_the_bot_a_chat_is_a_persons_own(world: OwnWorld) -> None:
    asked = await world.say("/forget chat")
    assert (await world.press(asked, "Delete for good")).lines[0].startswith("Deleted: 1 watch")


async def test_privacy_names_what_is_kept_and_for_how_long(world: OwnWorld) -> None:
    said = (await world.say("/privacy")).text()
    assert "400 days" in said
    assert "8 days" in said
    assert "1 day." in said
    assert "/forget" in said
