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
        f"discord:{interaction.channel_id}",
        f"discord:{interaction.user.id}",
        shared=in_server or between_people,
        moderates=ask,
        language=interaction.locale.value,
        unreachable=between_people or (in_server and guest),
        effort=PRESSED if interaction.type is discord.InteractionType.component else 1.0,
    )
