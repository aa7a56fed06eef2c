"""Carry what nobody waits for to a terminal: it is printed when it comes, and never refused."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

from bot.core.language import mark, say
from bot.languages import spoken
from bot.messages import Address, Done, Errand, Outcome, Urgency
from bot.reply import Reply

_REPEAT = mark("Possible repeat: this may have been shown before.")
_CHANGED = mark("This has changed:")
_FOLLOWED = mark("To what was told before:")
_TAKEN_BACK = mark("What was told before is taken back.")


class TerminalPost:
    """The terminal as the outbox knows it; what was printed stays, and is printed anew."""

    platform = "terminal"
    ahead = 1

    def __init__(self, show: Callable[[Reply], None]) -> None:
        self._show = show

    async def rested(self, address: Address) -> float:  # noqa: ARG002 - there is one terminal
        """Return at once: nobody limits a terminal."""
        return 0.0

    @asynccontextmanager
    async def turn(self, address: Address, urgency: Urgency) -> AsyncIterator[None]:  # noqa: ARG002 - likewise
        """Let everything go out at once."""
        yield

    async def send(self, errand: Errand, reply: Reply) -> Outcome:
        """Print a new message."""
        above = ((_FOLLOWED,) if errand.answers else ()) + ((_REPEAT,) if errand.doubts else ())
        with spoken(reply.language):
            self._show(replace(reply, lines=(*map(say, above), *reply.lines)))
        return Done(str(errand.id), rest=0.0)

    async def edit(self, errand: Errand, reply: Reply) -> Outcome:
        """Print a message as it stands now."""
        with spoken(reply.language):
            self._show(replace(reply, lines=(say(_CHANGED), *reply.lines)))
        return Done(errand.remote or str(errand.id), rest=0.0)

    async def delete(self, errand: Errand) -> Outcome:
        """Say that a message is taken back."""
        self._show(Reply(say(_TAKEN_BACK)))
        return Done(errand.remote or str(errand.id), rest=0.0)
