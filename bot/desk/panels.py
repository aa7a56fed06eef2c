"""What every panel beside the map is to the front: a request in, a reply out."""

from typing import Protocol

from bot.desk.requests import PanelRequest
from bot.reply import Reply


class Panel(Protocol):
    """One file of the desk that answers one command."""

    async def answer(self, request: PanelRequest, theme: str) -> Reply:
        """Answer in words and a picture. BotError says what was foreseen."""
        ...

    async def close(self) -> None:
        """Let go of work."""
        ...
