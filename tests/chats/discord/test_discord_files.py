"""A file goes out on Discord under a harmless name, and to whom it belongs."""

import pytest
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle
from simcord.env import Env
from simcord.results import ResponseMessage

from bot.reply import Document, Reply
from tests.support.discord_desk import SmallDesk

FILE = Document(b"PK\x03\x04all of it", "../ember line.zip", "application/zip")


@pytest.fixture
def channel(discord: Env) -> ChannelHandle:
    return discord.create_guild().create_text_channel("charts")


@pytest.fixture
def ann(discord: Env, channel: ChannelHandle) -> MemberActor:
    assert channel.guild is not None
    return channel.guild.add_member(discord.create_user("ann"))


def file_of(env: Env, message: ResponseMessage) -> tuple[str, bytes]:
    (attachment,) = message.attachments
    received = env.backend.cdn.get(attachment.url)
    assert received is not None
    return attachment.filename, received


async def test_the_figures_of_a_map_are_attached(
    discord: Env, desk: SmallDesk, channel: ChannelHandle, ann: MemberActor
) -> None:
    desk.next_reply = Reply("BTC 24h: the figures", document=FILE)
    result = await ann.slash(channel, "export", symbol="BTC", window="24h", format="csv")
    assert result.response is not None
    assert file_of(discord, result.response) == ("ember-line.zip", FILE.body)
    assert [words for words, _ in desk.asked] == ["export BTC 24h csv"]


async def test_what_is_kept_of_a_person_is_attached_for_him_alone(
    discord: Env, desk: SmallDesk, channel: ChannelHandle, ann: MemberActor
) -> None:
    desk.next_reply = Reply("All that is kept of you", private=True, document=FILE)
    result = await ann.slash(channel, "export")
    (private,) = result.followups
    assert private.ephemeral
    assert file_of(discord, private) == ("ember-line.zip", FILE.body)


@pytest.mark.parametrize(
    ("command", "options", "words"),
    [
        ("settings", {}, "settings"),
        ("settings", {"setting": "zone", "value": "new york"}, "settings zone new york"),
        ("settings", {"setting": "theme", "value": "light"}, "settings theme light"),
        ("forget", {"whose": "chat"}, "forget chat"),
        ("export", {"symbol": "chat"}, "export chat"),
        ("privacy", {}, "privacy"),
    ],
)
async def test_options_are_said_as_words(
    desk: SmallDesk,
    channel: ChannelHandle,
    ann: MemberActor,
    command: str,
    options: dict[str, str],
    words: str,
) -> None:
    await ann.slash(channel, command, **options)
    assert [said for said, _ in desk.asked] == [words]
