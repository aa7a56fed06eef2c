"""Emberline on Discord: slash commands, buttons, pictures.

Only modules of this package import the library of the same name, and none does before a chat is
started: a bot that speaks on Telegram alone never loads it.
"""

from bot.chats.discord.app import DiscordChat

__all__ = ["DiscordChat"]
