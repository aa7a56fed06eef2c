"""People in simcord's world, who type commands and press buttons over a gateway.

What a person's client would refuse is refused here too: a command that was never offered, an
option that does not exist, a button that is not on the message.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import discord
from simcord.backend import Backend, serializers
from simcord.backend.models import Interaction, Message, Overwrite
from simcord.enums import AppCommandType, InteractionType, OverwriteType
from simcord.interactions import base_payload, check_options

if TYPE_CHECKING:
    from tests.support.discord_server import DiscordServer

# Paths of the requests that answer an interaction, as DiscordServer matches them.
CALLBACK = "/interactions/*/callback"
ORIGINAL = "/webhooks/*/messages/@original"


# What a person's client makes of what is typed, by Discord's number of an option's type.
_KINDS: dict[int, Callable[[str], object]] = {4: int, 5: lambda said: said == "True", 10: float}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in one channel of one server, or in private with the bot."""

    world: Backend
    user: int
    channel: int
    guild: int | None
    installed: bool = False  # the app is this person's own, the server has never heard of it

    def slash(self, name: str, **options: str) -> Interaction:
        """Send a command that was offered."""
        data = self._command(name, options)
        return self._interact(InteractionType.APPLICATION_COMMAND, data)

    def types(self, name: str, option: str, typed: str) -> Interaction:
        """Ask for suggestions while typing an option."""
        data = self._command(name, {option: typed})
        data["options"][0]["focused"] = True
        return self._interact(InteractionType.APPLICATION_COMMAND_AUTOCOMPLETE, data)

    def press(self, message: Message, label: str) -> Interaction:
        """Press the button with this label."""
        button = next(each for each in buttons(message) if each["label"] == label)
        return self.press_id(message, button["custom_id"])

    def press_id(self, message: Message, custom_id: str) -> Interaction:
        """Press whatever has this id, as a forged client might."""
        data = {"custom_id": custom_id, "component_type": 2}
        shown = dict(serializers.message_payload(self.world, message))
        return self._interact(InteractionType.MESSAGE_COMPONENT, data, message, message=shown)

    def forge(
        self, kind: int, data: dict[str, Any], source: Message | None = None, **extra: Any
    ) -> Interaction:
        """Send what no client would: any data, fields of any content, a button put on a message."""
        if source is not None:
            button = {"type": 2, "style": 2, "label": "…", **data}
            shown = dict(serializers.message_payload(self.world, source))
            extra["message"] = {**shown, "components": [{"type": 1, "components": [button]}]}
        return self._interact(InteractionType(kind), data, source, **extra)

    def _command(self, name: str, options: dict[str, str]) -> dict[str, Any]:
        command = self.world.find_command(name, self.guild)
        assert command is not None, f"/{name} was never offered"
        check_options(name, command, options, partial=True)
        kinds = {each["name"]: each["type"] for each in command["options"]}
        return {
            "id": command["id"],
            "name": name,
            "type": AppCommandType.CHAT_INPUT,
            "options": [
                {
                    "name": each,
                    "type": kinds[each],
                    "value": _KINDS.get(kinds[each], str)(options[each]),
                }
                for each in options
            ],
        }

    def _interact(
        self, kind: int, data: dict[str, Any], source: Message | None = None, **extra: Any
    ) -> Interaction:
        record, payload = base_payload(
            self.world,
            type=kind,
            channel_id=self.channel,
            guild_id=self.guild,
            user_id=self.user,
            data=data,
        )
        record.source_message_id = source.id if source else None
        owner = {"1": str(self.user)} if self.installed else {"0": str(self.guild or 0)}
        payload |= {"authorizing_integration_owners": owner, **extra}
        self.world.emit("INTERACTION_CREATE", payload)
        return record


def in_server(world: Backend, name: str = "ann", **how: bool) -> Person:
    """Put a person into a server of their own, with one channel."""
    guild = world.create_guild(f"{name}'s server")
    channel = world.create_channel(guild.id, "charts")
    user = world.make_user(name)
    world.add_member(guild.id, user.id)
    return Person(world, user.id, channel.id, guild.id, **how)


def in_private(world: Backend, name: str = "bob") -> Person:
    """Put a person into a private conversation with the bot."""
    user = world.make_user(name)
    return Person(world, user.id, world.get_dm_channel(user.id).id, None)


def forbid(world: Backend, channel: int, *rights: str) -> None:
    """Let the bot have all rights in a channel but these."""
    denied = discord.Permissions(**dict.fromkeys(rights, True)).value
    overwrite = Overwrite(world.bot_user.id, OverwriteType.MEMBER, deny=denied)
    world.set_overwrite(channel, overwrite)


def answer(world: Backend, asked: Interaction) -> Message:
    """Return the message that answers an interaction."""
    assert asked.message_id is not None, "nothing was answered"
    return world.get_message(asked.channel_id, asked.message_id)


def follow_ups(world: Backend, asked: Interaction) -> list[Message]:
    """Return the messages that were sent after the first answer."""
    return [world.get_message(asked.channel_id, each) for each in asked.followup_ids]


def picture(world: Backend, message: Message) -> bytes:
    """Return the bytes of the one attachment of a message, as the far end received them."""
    (attachment,) = message.attachments
    received = world.cdn.get(attachment["url"])
    assert received is not None
    return received


def buttons(message: Message) -> list[dict[str, Any]]:
    """Return every button of a message."""
    return [each for row in message.components for each in row["components"]]


def answered(asked: Interaction) -> bool:
    """Whether the "thinking" is over."""
    return asked.responded and not asked.loading


def words_of(message: Message) -> Iterator[str]:
    """Yield everything a message says."""
    yield message.content
    for embed in message.embeds:
        yield embed.get("author", {}).get("name", "")
        yield embed.get("title", "")
        yield embed.get("description", "")


async def shown(server: "DiscordServer", person: Person) -> bytes:
    """Let a person ask for a heatmap; return the picture that arrives."""
    asked = person.slash("heatmap", symbol="BTC")
    await server.until(lambda: answered(asked))
    return picture(server.world, answer(server.world, asked))
