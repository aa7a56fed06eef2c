"""One connection to Discord: what it may see, what it offers, and the answering itself."""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import discord
import structlog
from discord import app_commands

from bot.chats.discord import send
from bot.chats.discord.commands import Translator, slash_commands
from bot.chats.discord.press import Press
from bot.chats.discord.send import NotSaid, Place
from bot.chats.discord.who import asker as who_asks
from bot.chats.live import LiveCards
from bot.core.language import mark, say
from bot.desk.requests import Asker
from bot.languages import spoken
from bot.reply import Reply

if TYPE_CHECKING:
    from bot.chats.hears import Desk

log = structlog.get_logger(__name__)

# One person may ask this often; a whole row of windows fits.
ASKS, PER = 10, 20.0  # [1], [s]
_PEOPLE = 10_000  # whose last questions are remembered

# A gateway that takes a connection and drops it at once would be redialled without a pause.
_DROPS, _DROPS_PER = 5, 60.0  # [1], [s]

_SORRY = mark("Something went wrong here. Please ask again in a minute.")
_UNDELIVERED = mark("Discord did not take the answer. It has been noted.")


class Client(discord.Client):
    """A client of the library that hears commands and presses, and answers from the desk."""

    def __init__(self, desk: "Desk", connected: Callable[[], None] = lambda: None) -> None:
        # There is no voice here, so nobody need hear what voice would need.
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
        super().__init__(
            # Commands and presses come without any intent; the guilds are for their settings.
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),  # of every message, edits included
            max_messages=None,
            chunk_guilds_at_startup=False,
            member_cache_flags=discord.MemberCacheFlags.none(),
        )
        self.desk = desk
        self.cards = LiveCards(desk)
        self._connected = connected
        self.answering: set[asyncio.Task[Any]] = set()
        self._asked: dict[int, app_commands.Cooldown] = {}
        self._staying: asyncio.Task[None] | None = None
        self._greeted = False
        self._drops: deque[float] = deque(maxlen=_DROPS)
        self.tree = _Tree(self)
        for command in slash_commands():
            self.tree.add_command(command)

    async def setup_hook(self) -> None:
        """Listen to buttons, those of earlier runs included; describe commands in each language."""
        await self.tree.set_translator(Translator())
        self.add_dynamic_items(Press)

    async def on_connect(self) -> None:
        """Tell the owner that commands can come in."""
        self._greeted = True
        log.info("discord connected", user=str(self.user))
        self._connected()

    async def on_disconnect(self) -> None:
        """End a connection that keeps falling, so that its owner can pause."""
        now = time.monotonic()
        self._drops.append(now)
        often = len(self._drops) == _DROPS and now - self._drops[0] < _DROPS_PER
        if often and self._staying is not None:
            self._staying.cancel()

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Say hello where a server wants such messages, if the bot may write there."""
        channel = guild.system_channel
        if channel is None or guild.me is None:
            return
        may = channel.permissions_for(guild.me)
        if not (may.view_channel and may.send_messages and may.embed_links):
            return
        # Nobody asked, so nobody's share of questions is less for it.
        place = f"discord:{channel.id}"
        hello = await self._answer("start", Asker(place, place, shared=True, effort=0.0))
        await send.greet(channel, hello)

    async def stay(self) -> None:
        """Stay connected; what only dropped is resumed. Ends, or raises, when that is no use.

        Without the library's own redialling: its pauses grow to a quarter of an hour, and it
        stumbles over a gateway that has never yet said hello.
        """
        self._staying = asyncio.create_task(self.connect(reconnect=False), name="discord gateway")
        try:
            await asyncio.wait((self._staying,))
        finally:
            self._staying.cancel()
            await asyncio.gather(self._staying, return_exceptions=True)
        if self._staying.cancelled():
            raise ConnectionAbortedError
        error = self._staying.exception()
        if isinstance(error, AttributeError) and not self._greeted:
            raise ConnectionResetError from error
        if error is not None:
            raise error

    async def finish(self, within: float) -> None:
        """Let the answers under way finish, at most for `within` seconds each way; then hang up."""
        await self.cards.close(within)
        if self.answering:
            _, late = await asyncio.wait(self.answering, timeout=within)
            for task in late:
                task.cancel()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self.close()
        await self.http.close()  # what a gateway that does not say goodbye would leave open

    async def suggest(self, typed: str) -> list[str]:
        """Name coins that `typed` may be the beginning of."""
        return list(await self.desk.suggest(typed))

    async def hear(self, interaction: discord.Interaction, words: str, place: Place) -> None:
        """Acknowledge at once, ask the desk, deliver its reply."""
        task = asyncio.current_task()
        if task is not None:
            self.answering.add(task)
            task.add_done_callback(self.answering.discard)
        wait = self._too_soon(interaction.user.id)
        if wait is not None:
            with spoken(interaction.locale.value):  # only this person sees it
                moment = say("One moment: please ask again in {wait} s.", wait=f"{wait:.0f}")
            await send.refuse(interaction, moment)
            return
        if not await send.acknowledge(interaction, place):
            return
        asker = who_asks(interaction)
        reply = await self._answer(words, asker)
        if place is Place.HERE and interaction.message is not None and reply.kind == "answer":
            self.cards.touched(interaction.channel_id, interaction.message.id)
        try:
            message = await send.say(interaction, reply, place)
        except NotSaid as error:
            log.warning("reply not delivered", why=str(error), headline=reply.headline)
            if error.refused:
                with contextlib.suppress(NotSaid), spoken(reply.language):
                    undelivered = Reply(say(_UNDELIVERED), kind="problem")
                    await send.say(interaction, undelivered, place)
            return
        if message is None:
            return
        renew = partial(send.renew, interaction)
        if reply.live is not None:
            self.cards.begin(interaction.channel_id, message, reply.live, asker, renew)
        elif reply.coming:
            self.cards.complete(interaction.channel_id, message, reply.coming, asker, renew)

    async def _answer(self, words: str, asker: Asker) -> Reply:
        try:
            return await self.desk.answer(words, asker)
        except Exception:
            # The desk answers for itself; this is for the day it does not, since otherwise the
            # person would look at "thinking" for a quarter of an hour.
            log.exception("desk failed", words=words)
            return Reply(say(_SORRY), kind="problem")

    def _too_soon(self, user: int) -> float | None:
        """Count a question; seconds to wait if it is one too many."""
        cooldown = self._asked.pop(user, None) or app_commands.Cooldown(ASKS, PER)
        self._asked[user] = cooldown  # last in the order of forgetting
        if len(self._asked) > _PEOPLE:
            del self._asked[next(iter(self._asked))]
        return cooldown.update_rate_limit()


class _Tree(app_commands.CommandTree[Client]):
    """The slash commands, usable in servers, in private, and by people who installed the bot."""

    def __init__(self, client: Client) -> None:
        super().__init__(
            client,
            allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
            allowed_contexts=app_commands.AppCommandContext(
                guild=True, dm_channel=True, private_channel=True
            ),
        )

    async def on_error(
        self, interaction: discord.Interaction[Client], error: app_commands.AppCommandError, /
    ) -> None:
        """Log what went wrong before or after the answering; the person saw what could be said."""
        name = interaction.command.name if interaction.command else None
        log.error("command failed", command=name, exc_info=error)
