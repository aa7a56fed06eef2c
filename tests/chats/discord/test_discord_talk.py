"""People talk to Emberline in simcord's Discord: commands, suggestions, buttons."""

from typing import Literal

import pytest
from discord import Permissions
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle, UserHandle
from simcord.env import Env
from simcord.results import InteractionResult, ResponseMessage

from bot.chats.discord.client import ASKS, Client
from bot.core.language import say
from bot.core.windows import WINDOWS
from bot.desk.commands import COMMANDS
from bot.desk.requests import Asker
from bot.languages import spoken
from bot.reply import Button, Image, Reply
from tests.support.discord_desk import SmallDesk, png


@pytest.fixture
def channel(discord: Env) -> ChannelHandle:
    return discord.create_guild().create_text_channel("charts")


@pytest.fixture
def ann(discord: Env, channel: ChannelHandle) -> MemberActor:
    assert channel.guild is not None
    return channel.guild.add_member(discord.create_user("ann"))


def said(result: InteractionResult) -> ResponseMessage:
    assert result.response is not None
    return result.response


async def png_of(env: Env, message: ResponseMessage) -> bytes:
    (attachment,) = message.attachments
    received = env.backend.cdn.get(attachment.url)
    assert received is not None
    return received


async def test_every_command_of_the_house_is_offered_in_servers_and_in_private(
    discord: Env,
) -> None:
    offered = list(discord.backend.commands[None].values())

    assert {each["name"] for each in offered} == {command.name for command in COMMANDS}
    for each in offered:
        assert each["integration_types"] == [0, 1]
        assert each["contexts"] == [0, 1, 2]
    for command in COMMANDS:
        (here,) = (each for each in offered if each["name"] == command.name)
        assert here["description"] == command.summary
        with spoken("de"):
            assert here["description_localizations"] == {"de": say(command.summary)}
            for option in here["options"]:
                assert len(option["description_localizations"]["de"]) <= 100
        # What takes words elsewhere takes options here.
        assert bool(here["options"]) is (" " in command.usage)


async def test_the_bot_asks_for_no_more_than_it_needs_to_hear_commands(desk: SmallDesk) -> None:
    client = Client(desk)

    assert [name for name, wanted in client.intents if wanted] == ["guilds"]
    assert client.allowed_mentions is not None
    assert client.allowed_mentions.everyone is False


async def test_a_heatmap_is_a_picture_with_words_and_next_steps(
    discord: Env, desk: SmallDesk, channel: ChannelHandle, ann: MemberActor
) -> None:
    message = said(await ann.slash(channel, "heatmap", symbol="btc"))

    assert await png_of(discord, message) == png("heatmap btc")
    (attachment,) = message.attachments
    assert (attachment.filename, attachment.description) == ("btc-24h.png", "BTC over 24h")
    assert message.embeds[0].title == "BTC 24h liquidation heatmap, estimated"
    assert [each["label"] for each in message.components[0]["components"]] == ["12h", "24h", "3d"]
    assert desk.asked == [
        (
            "heatmap btc",
            Asker(f"discord:{channel.id}", f"discord:{ann.id}", shared=True, language="en-US"),
        ),
    ]


async def test_options_become_the_words_one_would_type_elsewhere(
    desk: SmallDesk, channel: ChannelHandle, ann: MemberActor
) -> None:
    for window in WINDOWS:
        await ann.slash(channel, "heatmap", symbol="BTC", window=window.name)
    await ann.slash(channel, "map", symbol="eth", window="3d", venues="bybit okx", theme="light")
    await ann.slash(channel, "help", command="heatmap")
    await ann.slash(channel, "status")
    await ann.slash(channel, "start")

    assert [words for words, _ in desk.asked] == [
        *(f"heatmap BTC {window.name}" for window in WINDOWS),
        "map eth 3d bybit okx light",
        "help heatmap",
        "status",
        "start",
    ]


async def test_panels_take_their_options_in_any_number(
    desk: SmallDesk, channel: ChannelHandle, ann: MemberActor
) -> None:
    await ann.slash(channel, "liqs")
    await ann.slash(channel, "liqs", symbol="BTC", live=True, venues="okx bybit")
    await ann.slash(channel, "liqs", symbol="BTC", live=False, theme="light")
    await ann.slash(channel, "book", symbol="BTC", venues="okx")
    await ann.slash(channel, "setups")
    await ann.slash(channel, "backtest", strategy="sweep", symbol="BTC", days=90, theme="dark")

    assert [words for words, _ in desk.asked] == [
        "liqs",
        "liqs BTC okx bybit live",
        "liqs BTC light",
        "book BTC okx",
        "setups",
        "backtest sweep BTC 90d dark",
    ]


async def test_a_watch_is_said_in_free_text(
    discord: Env, desk: SmallDesk, channel: ChannelHandle
) -> None:
    assert channel.guild is not None
    role = channel.guild.create_role("mods", permissions=Permissions(manage_guild=True))
    ann = channel.guild.add_member(discord.create_user("moderator"), roles=[role])
    words = "BTC, ETH funding > 0.03% and clusters above > 500M within 3%"
    await ann.slash(channel, "watch", condition=words)
    await ann.slash(channel, "watch")
    await ann.slash(channel, "watches")
    await ann.slash(channel, "watches", watch="w12")
    await ann.slash(channel, "mute", **{"for": "until 08:00"})
    await ann.slash(channel, "test")

    assert [said_ for said_, _ in desk.asked] == [
        f"watch {words}",
        "watch",
        "watches",
        "watches w12",
        "mute until 08:00",
        "test",
    ]


async def test_the_command_stays_the_first_word_whatever_the_symbol_says(
    desk: SmallDesk, channel: ChannelHandle, ann: MemberActor
) -> None:
    await ann.slash(channel, "heatmap", symbol="  /status ; drop")

    assert desk.asked[0][0] == "heatmap /status ; drop"


async def test_typing_a_coin_brings_suggestions(channel: ChannelHandle, ann: MemberActor) -> None:
    choices = await ann.autocomplete(channel, "heatmap", "symbol", "b")

    assert [choice["value"] for choice in choices] == ["BTC", "BNB", "BCH"]


async def test_a_desk_that_fails_leaves_the_typing_undisturbed(
    desk: SmallDesk, channel: ChannelHandle, ann: MemberActor
) -> None:
    desk.fails = RuntimeError("no venue")

    assert await ann.autocomplete(channel, "map", "symbol", "b") == []


async def test_a_button_changes_the_picture_in_its_place(
    discord: Env, channel: ChannelHandle, ann: MemberActor
) -> None:
    first = said(await ann.slash(channel, "heatmap", symbol="BTC"))

    pressed = await ann.click(first, label="3d")

    assert said(pressed).id == first.id
    assert await png_of(discord, said(pressed)) == png("heatmap BTC 3d")
    assert said(pressed).embeds[0].title == "BTC 3d liquidation heatmap, estimated"
    assert len(channel.history()) == 1


async def test_a_fresh_button_leaves_the_picture_and_answers_below(
    discord: Env, channel: ChannelHandle, ann: MemberActor
) -> None:
    first = said(await ann.slash(channel, "heatmap", symbol="BTC"))

    pressed = said(await ann.click(first, label="ETH too"))

    assert pressed.id != first.id
    assert await png_of(discord, pressed) == png("heatmap ETH")
    assert await png_of(discord, first) == png("heatmap BTC")


async def test_buttons_still_work_after_a_restart(
    discord: Env, channel: ChannelHandle, ann: MemberActor
) -> None:
    first = said(await ann.slash(channel, "heatmap", symbol="BTC"))
    later = SmallDesk()

    await discord.restart_bot(Client(later))
    pressed = await ann.click(first, label="12h")

    assert [words for words, _ in later.asked] == ["heatmap BTC 12h"]
    assert await png_of(discord, said(pressed)) == png("heatmap BTC 12h")


async def test_a_text_that_follows_a_picture_takes_the_picture_away(
    desk: SmallDesk, channel: ChannelHandle, ann: MemberActor
) -> None:
    first = said(await ann.slash(channel, "heatmap", symbol="BTC"))
    desk.next_reply = Reply("Only words")

    pressed = said(await ann.click(first, label="3d"))

    assert pressed.attachments == []
    assert pressed.components == []
    assert pressed.embeds[0].title == "Only words"


@pytest.mark.parametrize("kind", ["problem", "note"])
async def test_a_problem_or_a_note_is_told_without_taking_the_picture_away(
    discord: Env,
    desk: SmallDesk,
    channel: ChannelHandle,
    ann: MemberActor,
    kind: Literal["problem", "note"],
) -> None:
    first = said(await ann.slash(channel, "heatmap", symbol="BTC"))
    desk.next_reply = Reply("binance is not answering: timeout.", kind=kind)

    pressed = await ann.click(first, label="3d")

    (told,) = pressed.followups
    assert told.ephemeral
    assert told.embeds[0].title == "binance is not answering: timeout."
    assert await png_of(discord, first) == png("heatmap BTC")


async def test_an_unknown_coin_is_answered_in_a_sentence(
    channel: ChannelHandle, ann: MemberActor
) -> None:
    message = said(await ann.slash(channel, "heatmap", symbol="NOPE"))

    assert message.embeds[0].title == "No perpetual called “NOPE” is listed here."


async def test_what_is_private_is_seen_by_the_asker_alone(
    desk: SmallDesk, channel: ChannelHandle, ann: MemberActor
) -> None:
    secret = Reply("Your position", image=Image(png("x"), "alt", "x.png", "x"), private=True)
    desk.next_reply = secret

    result = await ann.slash(channel, "heatmap", symbol="BTC")

    assert result.response is None  # the public "thinking" is gone
    (told,) = result.followups
    assert told.ephemeral
    assert told.embeds[0].title == "Your position"
    assert len(told.attachments) == 1


async def test_one_question_never_takes_more_than_one_follow_up(
    desk: SmallDesk, channel: ChannelHandle, ann: MemberActor
) -> None:
    """An app that a user has installed may send five, a reply of any length needs one."""
    desk.next_reply = Reply("long", ("words " * 5000,), private=True)

    result = await ann.slash(channel, "heatmap", symbol="BTC")

    assert len(result.followups) == 1


async def test_it_answers_in_private_conversations_too(discord: Env, desk: SmallDesk) -> None:
    bob: UserHandle = discord.create_user("bob")

    result = await bob.slash("heatmap", symbol="ETH")

    assert await png_of(discord, said(result)) == png("heatmap ETH")
    who = f"discord:{bob.dm_channel.id}", f"discord:{bob.id}"
    assert desk.asked[0][1] == Asker(*who, language="en-US")


async def test_nobody_is_pinged_by_what_somebody_typed(
    discord: Env, desk: SmallDesk, channel: ChannelHandle, ann: MemberActor
) -> None:
    desk.next_reply = Reply(f"@everyone <@{ann.id}>", (f"<@{ann.id}> @here",))
    first = await ann.slash(channel, "heatmap", symbol="BTC")
    desk.next_reply = Reply("again", (), buttons=((Button("x", "heatmap BTC"),),))
    await ann.slash(channel, "heatmap", symbol="BTC")

    stored = discord.backend.get_message(channel.id, said(first).id)
    assert not stored.mention_everyone
    sent = [each.json for each in discord.http_requests if "@original" in each.path]
    assert sent
    assert all(body and body["allowed_mentions"] == {"parse": []} for body in sent)


async def test_an_error_of_the_desk_is_apologised_for(
    desk: SmallDesk, channel: ChannelHandle, ann: MemberActor
) -> None:
    desk.fails = RuntimeError("must not be shown")

    message = said(await ann.slash(channel, "heatmap", symbol="BTC"))

    assert "went wrong" in (message.embeds[0].title or "")
    assert "must not be shown" not in str(message.embeds[0].to_dict())


async def test_a_picture_too_large_for_the_chat_leaves_its_words(
    desk: SmallDesk, channel: ChannelHandle, ann: MemberActor
) -> None:
    desk.next_reply = Reply("BTC", image=Image(bytes(26_214_401), "alt", "x.png", "x"))

    message = said(await ann.slash(channel, "heatmap", symbol="BTC"))

    assert message.attachments == []
    assert message.embeds[0].title == "BTC"
    assert "The picture is larger than Discord takes here." in str(message.embeds[0].description)


async def test_who_asks_too_often_is_asked_to_wait_and_nobody_else_is(
    discord: Env, desk: SmallDesk, channel: ChannelHandle, ann: MemberActor
) -> None:
    assert channel.guild is not None
    bob = channel.guild.add_member(discord.create_user("bob"))
    for _ in range(ASKS):
        await ann.slash(channel, "heatmap", symbol="BTC")

    refused = await ann.slash(channel, "heatmap", symbol="BTC")
    answered = await bob.slash(channel, "heatmap", symbol="BTC")

    assert refused.ephemeral
    assert said(refused).content.startswith("One moment")
    assert said(answered).attachments
    assert len(desk.asked) == ASKS + 1


async def test_a_client_that_never_started_can_be_let_go(desk: SmallDesk) -> None:
    client = Client(desk)
    await client.finish(within=1.0)

    assert client.is_closed()
