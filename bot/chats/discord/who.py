"""Who asks, from where, and whether somebody moderates a channel."""

import discord

from bot.desk.requests import PRESSED, Asker


def asker(interaction: discord.Interaction) -> Asker:
    """Say who asks. Discord sends a person's rights in a channel along with every press."""
    rights = interaction.permissions
    moderates = rights.administrator or rights.manage_guild or rights.manage_channels

    async def ask() -> bool:
        return moderates

    in_server = interaction.guild_id is not None
    between_people = interaction.context.private_channel
    # Where only the person has installed the app the bot is no member.
    guest = interaction.is_user_integration() and not interaction.is_guild_integration()
    return Asker(
        f"discord:{_home(interaction)}",
        f"discord:{interaction.user.id}",
        shared=in_server or between_people,
        moderates=ask,
        language=interaction.locale.value,
        unreachable=between_people or (in_server and guest),
        lacking=_lacking(interaction) if in_server and not guest else (),
        effort=PRESSED if interaction.type is discord.InteractionType.component else 1.0,
    )


def _home(interaction: discord.Interaction) -> int | None:
    """Return the channel that is meant: in the thread under an alert, the one of the alert."""
    channel, bot = interaction.channel, interaction.client.user
    if isinstance(channel, discord.Thread) and bot is not None and channel.owner_id == bot.id:
        return channel.parent_id
    return interaction.channel_id


def _lacking(interaction: discord.Interaction) -> tuple[str, ...]:
    """Name the rights that the bot would need to speak here by itself."""
    has, channel = interaction.app_permissions, interaction.channel
    in_thread = isinstance(channel, discord.Thread) and _home(interaction) == channel.id
    needed = (
        ("View Channel", has.view_channel),
        ("Send Messages in Threads", has.send_messages_in_threads)
        if in_thread
        else ("Send Messages", has.send_messages),
        ("Embed Links", has.embed_links),
        ("Attach Files", has.attach_files),
    )
    return tuple(name for name, given in needed if not (given or has.administrator))
