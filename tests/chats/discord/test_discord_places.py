"""Where Emberline stands on Discord: hello in a new server, rights it lacks, threads of alerts."""

import asyncio
from dataclasses import replace

import pytest
from discord import Permissions
from simcord.backend import serializers
from simcord.env import Env

from bot.chats.discord import DiscordChat
from bot.chats.discord.client import Client
from bot.desk.commands import COMMANDS
from bot.reply import Reply
from tests.support.discord_desk import SmallDesk
from tests.support.discord_server import DiscordServer
from tests.support.discord_world import Person, answered, forbid, in_server

HELLO = Reply("Emberline is here", ("Moderators: /watch",))


async def asks(server: DiscordServer, person: Person) -> None:
    asked = person.slash("heatmap", symbol="BTC")
    await server.until(lambda: answered(asked))


@pytest.fixture
def ready(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Told when the library takes a server that comes for a new one; asked for before `chat`."""
    event = asyncio.Event()

    async def on_ready(_: Client) -> None:
        event.set()

    monkeypatch.setattr(Client, "on_ready", on_ready, raising=False)
    return event


def joins(
    server: DiscordServer, monkeypatch: pytest.MonkeyPatch, *denied: str, system: bool = True
) -> int:
    """Let a server take the bot in; returns the one channel of that server."""
    world = server.world
    with monkeypatch.context() as quietly:
        quietly.setattr(world, "emit", lambda *_args, **_more: None)
        guild = world.create_guild("new")
        channel = world.create_channel(guild.id, "hall")
        forbid(world, channel.id, *denied)
    if system:
        guild.system_channel_id = channel.id
    # Only of servers that were known before Discord says whether they are available.
    made = dict(serializers.guild_create_payload(world, guild))
    del made["unavailable"]
    world.emit("GUILD_CREATE", made)
    return channel.id


async def test_a_server_that_takes_the_bot_in_is_told_hello_once(
    ready: asyncio.Event,
    server: DiscordServer,
    chat: DiscordChat,
    desk: SmallDesk,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    del chat
    await ready.wait()
    desk.next_reply = HELLO
    channel = joins(server, monkeypatch)
    await server.until(lambda: bool(server.world.messages[channel]))
    server.gateway.cut()  # and connects again
    await asks(server, in_server(server.world))

    (shown,) = server.world.messages[channel].values()
    assert shown.embeds[0]["title"] == "Emberline is here"
    (request,) = server.sent("POST", f"/channels/{channel}/messages")
    assert request.body["allowed_mentions"] == {"parse": []}
    words, asker = desk.asked[0]
    assert (words, asker.chat, asker.shared, asker.effort) == (
        "start",
        f"discord:{channel}",
        True,
        0.0,
    )


@pytest.mark.parametrize(
    ("denied", "system"),
    [(["send_messages"], True), (["view_channel"], True), (["embed_links"], True), ([], False)],
    ids=["may not write", "may not see", "may show no card", "no channel for it"],
)
async def test_a_server_that_has_no_place_for_hello_is_left_in_peace(
    ready: asyncio.Event,
    server: DiscordServer,
    chat: DiscordChat,
    desk: SmallDesk,
    monkeypatch: pytest.MonkeyPatch,
    denied: list[str],
    system: bool,  # noqa: FBT001 - pytest hands it in
) -> None:
    del chat
    await ready.wait()
    channel = joins(server, monkeypatch, *denied, system=system)
    await asks(server, in_server(server.world))

    assert server.world.messages.get(channel, {}) == {}
    assert server.sent("POST", f"/channels/{channel}/messages") == []
    assert [words for words, _ in desk.asked] == ["heatmap BTC"]


@pytest.mark.parametrize(
    ("denied", "lacking"),
    [
        ([], ()),
        (["send_messages"], ("Send Messages",)),
        (["embed_links", "attach_files"], ("Embed Links", "Attach Files")),
        (["send_messages_in_threads"], ()),
    ],
)
async def test_rights_that_the_bot_would_need_to_speak_here_are_named(
    server: DiscordServer,
    chat: DiscordChat,
    desk: SmallDesk,
    denied: list[str],
    lacking: tuple[str, ...],
) -> None:
    del chat
    person = in_server(server.world)
    forbid(server.world, person.channel, *denied)
    await asks(server, person)

    assert desk.asked[0][1].lacking == lacking


async def test_in_somebodys_thread_it_is_the_right_to_write_in_threads_that_counts(
    server: DiscordServer, trader: Person, desk: SmallDesk
) -> None:
    thread = server.world.create_thread(trader.channel, "talk", trader.user)
    forbid(server.world, trader.channel, "send_messages_in_threads")
    await asks(server, replace(trader, channel=thread.id))

    (_, asker) = desk.asked[0]
    assert asker.chat == f"discord:{thread.id}"
    assert asker.lacking == ("Send Messages in Threads",)


async def test_what_is_pressed_in_the_thread_under_an_alert_is_said_in_the_alerts_channel(
    server: DiscordServer, trader: Person, desk: SmallDesk
) -> None:
    world = server.world
    thread = world.create_thread(trader.channel, "BTC squeeze", world.bot_user.id)
    await asks(server, replace(trader, channel=thread.id))

    (_, asker) = desk.asked[0]
    assert asker.chat == f"discord:{trader.channel}"
    assert asker.lacking == ()


async def test_where_only_a_person_has_the_app_no_right_of_the_bot_is_asked_for(
    server: DiscordServer, chat: DiscordChat, desk: SmallDesk
) -> None:
    del chat
    person = in_server(server.world, installed=True)
    forbid(server.world, person.channel, "send_messages")
    await asks(server, person)

    assert (desk.asked[0][1].unreachable, desk.asked[0][1].lacking) == (True, ())


async def test_what_changes_a_channels_watches_is_offered_to_those_who_manage_the_server(
    discord: Env, simcord_bot: Client
) -> None:
    assert simcord_bot
    offered = discord.backend.commands[None].values()
    manage = str(Permissions(manage_guild=True).value)

    guarded = {each["name"]: str(each["default_member_permissions"]) for each in offered}
    assert {name for name, rights in guarded.items() if rights == manage} == {
        "watch",
        "mute",
        "test",
    }
    assert set(guarded.values()) == {manage, "None"}
    assert set(guarded) == {command.name for command in COMMANDS}
