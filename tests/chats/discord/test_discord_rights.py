"""Who asks on Discord, and whether they moderate: as Discord says with each press."""

import pytest
from discord import Permissions

from bot.chats.discord import DiscordChat
from tests.support.discord_desk import SmallDesk
from tests.support.discord_server import DiscordServer
from tests.support.discord_world import Person, answered, in_private, in_server


async def asks(server: DiscordServer, person: Person) -> None:
    asked = person.slash("heatmap", symbol="BTC")
    await server.until(lambda: answered(asked))


@pytest.mark.usefixtures("chat")
@pytest.mark.parametrize("right", ["administrator", "manage_guild", "manage_channels"])
async def test_who_may_manage_a_server_or_its_channels_moderates(
    server: DiscordServer, desk: SmallDesk, right: str
) -> None:
    person = in_server(server.world)
    assert person.guild is not None
    await asks(server, person)
    rights = Permissions(**{right: True}).value
    role = server.world.create_role(person.guild, "mods", permissions=rights)
    server.world.get_guild(person.guild).members[person.user].role_ids.append(role.id)
    await asks(server, person)

    assert [await asker.moderates() for _, asker in desk.asked] == [False, True]
    assert all(asker.shared and not asker.unreachable for _, asker in desk.asked)


async def test_a_private_conversation_is_shared_with_nobody_and_can_be_written_to(
    server: DiscordServer, chat: DiscordChat, desk: SmallDesk
) -> None:
    del chat
    await asks(server, in_private(server.world))

    (_, asker) = desk.asked[0]
    assert (asker.shared, asker.unreachable) == (False, False)


async def test_where_only_a_person_has_the_app_the_bot_cannot_speak_by_itself(
    server: DiscordServer, chat: DiscordChat, desk: SmallDesk
) -> None:
    del chat
    await asks(server, in_server(server.world, installed=True))

    assert desk.asked[0][1].unreachable
