"""Pressed buttons, as words for the desk."""

from typing import Any, Self, cast

import discord

from bot.chats.discord.commands import hearing
from bot.chats.discord.dress import PRESSED
from bot.chats.discord.send import Place


class Press(discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]], template=PRESSED):
    """A pressed button of any message, also of one sent before the last restart."""

    def __init__(
        self, button: discord.ui.Button[discord.ui.View], words: str, place: Place
    ) -> None:
        super().__init__(button)
        self.words = words
        self.place = place

    @classmethod
    async def from_custom_id(
        cls, _: discord.Interaction, item: discord.ui.Item[Any], match: Any, /
    ) -> Self:
        """Read the words that a button carries."""
        button = cast("discord.ui.Button[discord.ui.View]", item)
        return cls(button, match["words"], Place.NEW if match["how"] == "+" else Place.HERE)

    async def callback(self, interaction: discord.Interaction) -> None:
        """Say the button's words."""
        await hearing(interaction).hear(interaction, self.words, self.place)
