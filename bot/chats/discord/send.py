"""What goes out: acknowledgements and replies, over a line that may fail.

The library sets no time limit, does not retry a reset connection on Linux, and takes a 429 that
came without a `Via` header for a ban. Here each attempt has a limit, and is repeated where that
cannot show a person anything twice: an edit always, a new message only if it was surely refused.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from enum import Enum
from typing import TypeVar

import aiohttp
import discord
import structlog

from bot.chats.discord import dress
from bot.core.language import mark
from bot.core.language import say as in_words
from bot.languages import spoken
from bot.reply import Reply

log = structlog.get_logger(__name__)
T = TypeVar("T")

# Discord takes an acknowledgement for three seconds; two attempts fit in.
ACKNOWLEDGE_WITHIN = 1.4  # [s]
# An attempt must outlast the library's own retries of server errors: 1 + 3 + 5 + 7 + 9 s.
SEND_WITHIN = 40.0  # [s]
PAUSES = (0.5, 2.0)  # [s] between attempts
LONGEST_WAIT = 60.0  # [s] that a 429 may ask for
UNSAID_WAIT = 1.0  # [s] if it does not say

_MANY = 429
_SERVER_ERRORS = 500  # and up
_EXPIRED = {10008, 10015, 10062, 50027}  # unknown message, webhook, interaction; invalid token
_ACKNOWLEDGED = 40060
_NO_PICTURE = mark("The picture is larger than Discord takes here.")
_NO_FILE = mark("The file is larger than Discord takes here.")
_ASIDE = mark("The answer is for you alone.")
# The last three: an answer that was cut short, or some other page instead of one.
LINE_FAILED = (aiohttp.ClientError, OSError, TimeoutError, ValueError, TypeError, KeyError)


class Place(Enum):
    """Where an answer goes."""

    NEW = "a message of its own"
    HERE = "the message whose button was pressed"


class NotSaid(Exception):
    """A reply was not delivered; `refused` if Discord will have nothing of it."""

    def __init__(self, why: str, *, refused: bool = False) -> None:
        super().__init__(why)
        self.refused = refused


async def acknowledge(interaction: discord.Interaction, place: Place) -> bool:
    """Tell Discord at once that an answer will follow; False if that is too late or refused."""
    for attempt in range(2):
        try:
            async with asyncio.timeout(ACKNOWLEDGE_WITHIN):
                await interaction.response.defer(thinking=place is Place.NEW)
        except discord.HTTPException as error:
            if error.code == _ACKNOWLEDGED and attempt:
                return True  # the first attempt had arrived, only its answer was lost
            if error.status == _MANY and not attempt:
                await asyncio.sleep(min(asked_wait(error), ACKNOWLEDGE_WITHIN))
                continue
            log.info("interaction not acknowledged", status=error.status, code=error.code)
            return False
        except LINE_FAILED as error:
            log.info("acknowledgement uncertain", attempt=attempt + 1, why=type(error).__name__)
        else:
            return True
    # It may have arrived all the same; if it did not, the answer is refused quietly.
    return True


async def say(interaction: discord.Interaction, reply: Reply, place: Place) -> int | None:
    """Deliver a reply to an acknowledged interaction; returns its message if all see it. NotSaid.

    What only the asker should see, and a problem or a note that would replace the picture under
    the pressed button, becomes a private message. That is the only follow-up there is, so the five
    that an app installed by a user may send are never exceeded.
    """
    try:
        if place is Place.HERE and (reply.private or reply.kind != "answer"):
            await _follow_up(interaction, reply)
        elif reply.private:
            # The public "thinking" cannot turn private, and what follows it would fill its place.
            with spoken(reply.language):
                aside = Reply(in_words(_ASIDE))
            await _edit(interaction, aside)
            await _follow_up(interaction, reply)
            await _reach(interaction.delete_original_response, again=True)
        else:
            return await _edit(interaction, reply)
    except discord.HTTPException as error:
        if error.code in _EXPIRED:
            log.info("nobody waits for the answer any more", code=error.code)
            return None
        refused = error.status != _MANY and error.status < _SERVER_ERRORS
        raise NotSaid(f"HTTP {error.status}, code {error.code}", refused=refused) from error
    except LINE_FAILED as error:
        raise NotSaid(type(error).__name__) from error
    return None


async def renew(interaction: discord.Interaction, reply: Reply) -> bool:
    """Change a reply that was delivered; False if Discord does not let it be changed any more."""
    try:
        await _edit(interaction, reply)
    except discord.HTTPException as error:
        log.info("reply not renewed", status=error.status, code=error.code)
        return error.status == _MANY or error.status >= _SERVER_ERRORS
    except LINE_FAILED as error:
        log.info("reply not renewed", why=type(error).__name__)
    return True


async def greet(channel: discord.TextChannel, reply: Reply) -> None:
    """Send what nobody waits for, at most once."""
    view = dress.steps(reply)
    try:
        async with asyncio.timeout(SEND_WITHIN):
            await channel.send(embed=dress.card(reply), view=view or discord.utils.MISSING)
    except (discord.HTTPException, *LINE_FAILED) as error:
        log.info("hello not said", why=type(error).__name__)


async def refuse(interaction: discord.Interaction, why: str) -> None:
    """Answer privately instead of acknowledging."""
    try:
        async with asyncio.timeout(ACKNOWLEDGE_WITHIN):
            await interaction.response.send_message(why, ephemeral=True)
    except (discord.HTTPException, *LINE_FAILED) as error:
        log.info("refusal not delivered", why=type(error).__name__)


async def _edit(interaction: discord.Interaction, reply: Reply) -> int:
    reply = _fitting(interaction, reply)

    async def edit() -> int:
        message = await interaction.edit_original_response(
            embed=dress.card(reply),
            attachments=_files(reply),  # replaces those of the message
            view=dress.steps(reply),
        )
        return message.id

    return await _reach(edit, again=True)


async def _follow_up(interaction: discord.Interaction, reply: Reply) -> None:
    reply = _fitting(interaction, reply)

    async def send() -> None:
        await interaction.followup.send(
            embed=dress.card(reply),
            files=_files(reply),
            view=dress.steps(reply) or discord.utils.MISSING,
            ephemeral=True,
        )

    await _reach(send, again=False)


def _fitting(interaction: discord.Interaction, reply: Reply) -> Reply:
    """Leave out what is larger than this chat takes, and say so."""
    most = interaction.filesize_limit
    if reply.document is not None and len(reply.document.body) > most:
        log.warning("file too large", size=len(reply.document.body))
        reply = replace(reply, document=None, lines=_with(reply, _NO_FILE))
    if reply.image is not None and len(reply.image.png) > most:
        log.warning("picture too large", size=len(reply.image.png), key=reply.image.key)
        reply = replace(reply, image=None, lines=_with(reply, _NO_PICTURE))
    return reply


def _with(reply: Reply, template: str) -> tuple[str, ...]:
    with spoken(reply.language):
        return (*reply.lines, in_words(template))


def _files(reply: Reply) -> list[discord.File]:
    if reply.document is not None:
        return [dress.file(reply.document)]
    return [] if reply.image is None else [dress.picture(reply.image)]


async def _reach(call: Callable[[], Awaitable[T]], *, again: bool) -> T:
    """Call until Discord has taken it; `again` says that twice does no harm."""
    for pause in PAUSES:
        try:
            async with asyncio.timeout(SEND_WITHIN):
                return await call()
        except discord.HTTPException as error:
            wait = asked_wait(error)
            if error.status != _MANY or wait > LONGEST_WAIT:
                raise
            log.info("asked to wait", seconds=wait)
            await asyncio.sleep(max(wait, pause))
        except LINE_FAILED as error:
            # A refused connection has surely carried nothing.
            if not again and not isinstance(error, aiohttp.ClientConnectorError):
                raise
            log.info("line failed, trying again", why=type(error).__name__, seconds=pause)
            await asyncio.sleep(pause)
    async with asyncio.timeout(SEND_WITHIN):
        return await call()


def asked_wait(error: discord.HTTPException) -> float:
    """Return how long [s] a 429 wants to be left alone."""
    try:
        return max(0.0, float(error.response.headers["Retry-After"]))
    except (KeyError, ValueError):
        return UNSAID_WAIT
