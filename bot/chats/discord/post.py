"""Carry what nobody waits for: one attempt at a message, and what became of it.

By a client of its own that speaks REST alone: alerts go out while the gateway reconnects. Answers
to commands count towards other limits of Discord, so there is nothing to share with them.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from hashlib import blake2b
from typing import Any

import aiohttp
import discord
import structlog

from bot.chats.discord import dress, send
from bot.chats.discord.threads import NotMade, Threads
from bot.core.language import mark, say
from bot.delivery.window import Window
from bot.languages import spoken
from bot.messages import Address, Done, Errand, Gone, Later, Outcome, Refused, Unknown, Urgency
from bot.ports import Clock
from bot.reply import Reply

log = structlog.get_logger(__name__)

_ALL = (50, 1.0)  # requests of a bot in so many seconds
_REST = 1.0  # [s] that a channel is left alone; its bucket is most often five in five seconds
# A wait longer than this comes back as Later instead of holding others up; the library's least.
_PATIENCE = 30.0  # [s]

# Discord returns the message that was already made for a nonce, for "the past few minutes".
_NONCE_HOLDS = 100_000  # [ms]
_LOOK_BACK = 50  # messages

REPEAT = mark("Possible repeat: this may have been sent before.")
_MANY = 429
_SERVER_ERRORS = 500
# Unknown channel, unknown guild, missing access, cannot message this user, missing permissions.
_GONE = {10003, 10004, 50001, 50007, 50013}
_NO_REPLYING = 160002  # without the right to read what was said before
_BAN = 60.0  # [s] if a ban does not say how long it lasts


class DiscordPost:
    """Discord as the outbox knows it."""

    platform = "discord"
    ahead = 8  # a doubt costs nothing here

    def __init__(self, token: str, clock: Clock, point: Callable[[], None]) -> None:
        """`point` sets the addresses that the library keeps in its classes."""
        self._token = token
        self._clock = clock
        self._point = point
        self._client: discord.Client | None = None
        self._logging_in = asyncio.Lock()
        self._all = Window(*_ALL)
        self._threads = Threads()
        self._banned_until = 0.0  # [s] of the loop's clock

    async def close(self) -> None:
        """Let go of the connections."""
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def rested(self, address: Address) -> float:  # noqa: ARG002 - the port's
        """Wait for nothing: storage knows when a channel was written to last."""
        return 0.0

    @asynccontextmanager
    async def turn(self, address: Address, urgency: Urgency) -> AsyncIterator[None]:  # noqa: ARG002 - all channels share it
        """Hold a place below Discord's limit for the bot."""
        while True:
            await self._all.take(urgency)
            wait = self._banned_until - asyncio.get_running_loop().time()
            if wait <= 0:
                break
            self._all.give()
            await asyncio.sleep(wait)
        try:
            yield
        finally:
            self._all.give()

    async def send(self, errand: Errand, reply: Reply) -> Outcome:
        """Send a new message; however often it is tried there will be one."""

        async def speak(client: discord.Client) -> Outcome:
            channel = errand.address.number
            thread = None
            if errand.answers is not None:
                thread = await self._threads.of(client, channel, int(errand.answers))
            if thread is not None:
                try:
                    return await self._say(client, thread, errand, reply)
                except discord.HTTPException as error:
                    if error.status == _MANY or error.status >= _SERVER_ERRORS:
                        raise
                    self._threads.lost(thread)
                    self._threads.close(channel, f"HTTP {error.status}, code {error.code}")
            return await self._say(client, channel, errand, reply)

        return await self._outcome(speak)

    async def edit(self, errand: Errand, reply: Reply) -> Outcome:
        """Change a message."""

        async def speak(client: discord.Client) -> Outcome:
            await _change(_message(client, errand), errand, reply)
            return Done(errand.remote or "", _REST)

        return await self._outcome(speak)

    async def delete(self, errand: Errand) -> Outcome:
        """Take a message back."""

        async def speak(client: discord.Client) -> Outcome:
            await _message(client, errand).delete()
            return Done(errand.remote or "", _REST)

        return await self._outcome(speak)

    async def _say(
        self, client: discord.Client, number: int, errand: Errand, reply: Reply
    ) -> Outcome:
        """Send a message to a channel or a thread, unless an earlier attempt has sent it."""
        where, said = client.get_partial_messageable(number), reply
        late = self._clock.now() - errand.tried > _NONCE_HOLDS
        # A nonce holds in its own channel: an earlier attempt may have found the thread, or not.
        if errand.doubts and (late or errand.answers is not None):
            try:
                found = await _found(client, errand)
            except discord.Forbidden:
                said = _repeated(reply) if late else reply
            else:
                if found is not None:
                    await _change(found, errand, reply)
                    return Done(_name(errand, found.channel.id, found.id), _REST)
        try:
            message = await where.send(**_dressed(errand, said, where))
        except discord.HTTPException as error:
            if error.code != _NO_REPLYING:
                raise
            apart = replace(errand, answers=None)
            message = await where.send(**_dressed(apart, said, where))
        if errand.doubts and not _shows(message, errand, said):
            # It is the message of an earlier attempt, which said something older.
            await _change(where.get_partial_message(message.id), errand, said)
        return Done(_name(errand, where.id, message.id), _REST)

    async def _outcome(self, speak: Callable[[discord.Client], Awaitable[Outcome]]) -> Outcome:
        try:
            client = await self._logged_in()
        except (discord.DiscordException, *send.LINE_FAILED) as error:
            log.warning("discord not reached for alerts", why=type(error).__name__)
            return Later(type(error).__name__)
        try:
            async with asyncio.timeout(send.SEND_WITHIN):
                return await speak(client)
        except discord.RateLimited as error:
            return Later("asked to wait", error.retry_after)
        except discord.HTTPException as error:
            return self._meaning(error)
        except (aiohttp.ClientConnectorError, NotMade) as error:
            return Later(type(error).__name__)  # surely nothing of the message was carried
        except send.LINE_FAILED as error:
            return Unknown(type(error).__name__)

    async def _logged_in(self) -> discord.Client:
        async with self._logging_in:
            if self._client is None:
                self._point()
                client = discord.Client(
                    intents=discord.Intents(guilds=True),  # without which the library warns
                    allowed_mentions=discord.AllowedMentions.none(),
                    max_messages=None,
                    max_ratelimit_timeout=_PATIENCE,
                )
                try:
                    async with asyncio.timeout(send.SEND_WITHIN):
                        await client.login(self._token)
                except BaseException:
                    await client.close()
                    raise
                self._client = client
            return self._client

    def _meaning(self, error: discord.HTTPException) -> Outcome:
        why = f"HTTP {error.status}, code {error.code}"
        if error.status == _MANY:
            # The library waits by itself where Discord asks it to; this is a ban of the address.
            said = "Retry-After" in error.response.headers
            wait = send.asked_wait(error) if said else _BAN
            self._banned_until = asyncio.get_running_loop().time() + wait
            return Later("banned", wait)
        if error.code in _GONE:
            return Gone(why)
        if error.status == 401:  # noqa: PLR2004 - the token was changed meanwhile
            return Later("Discord refuses the token")
        return Refused(why) if error.status < _SERVER_ERRORS else Unknown(why)


def _dressed(errand: Errand, reply: Reply, channel: discord.PartialMessageable) -> dict[str, Any]:
    said: dict[str, Any] = {"embed": _card(errand, reply), "nonce": _nonce(errand)}
    if reply.image is not None:
        said["file"] = dress.picture(reply.image)
    if (view := dress.steps(reply)) is not None:
        said["view"] = view
    if errand.answers is not None and channel.id == errand.address.number:
        said["reference"] = discord.MessageReference(
            message_id=int(errand.answers), channel_id=channel.id, fail_if_not_exists=False
        )
    return said


async def _change(message: discord.PartialMessage, errand: Errand, reply: Reply) -> None:
    said: dict[str, Any] = {"embed": _card(errand, reply), "view": dress.steps(reply)}
    said["allowed_mentions"] = discord.AllowedMentions.none()  # the client's are not for edits
    if reply.image is not None:
        said["attachments"] = [dress.picture(reply.image)]  # without a newer one the old one stays
    await message.edit(**said)


async def _found(client: discord.Client, errand: Errand) -> discord.PartialMessage | None:
    """Look for a message among the newest ones of its channel and thread by its mark."""
    numbers = [errand.address.number] + ([int(errand.answers)] if errand.answers else [])
    for channel in map(client.get_partial_messageable, numbers):
        with suppress(discord.NotFound):
            async for message in channel.history(limit=_LOOK_BACK):
                if any(embed.footer.text == _mark(errand) for embed in message.embeds):
                    return channel.get_partial_message(message.id)
    return None


def _name(errand: Errand, channel: int, message: int) -> str:
    """Name a message as storage keeps it: "8842", in a thread "8841/8842"."""
    return str(message) if channel == errand.address.number else f"{channel}/{message}"


def _message(client: discord.Client, errand: Errand) -> discord.PartialMessage:
    channel, _, message = (errand.remote or "").rpartition("/")
    where = client.get_partial_messageable(int(channel or errand.address.number))
    return where.get_partial_message(int(message or 0))


def _shows(message: discord.Message, errand: Errand, reply: Reply) -> bool:
    card = _card(errand, reply)
    return any(
        (each.title, each.description) == (card.title, card.description) for each in message.embeds
    )


def _card(errand: Errand, reply: Reply) -> discord.Embed:
    return dress.card(reply).set_footer(text=_mark(errand))


def _nonce(errand: Errand) -> str:
    """Name a message the same at every attempt, in at most 25 letters."""
    return blake2b(errand.key.encode(), digest_size=12).hexdigest()


def _mark(errand: Errand) -> str:
    return f"#{_nonce(errand)[:10]}"


def _repeated(reply: Reply) -> Reply:
    with spoken(reply.language):
        return replace(reply, lines=(say(REPEAT), *reply.lines))
