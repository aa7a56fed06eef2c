"""Discord's door: starts, watches over and stops the connection."""

import asyncio
from typing import TYPE_CHECKING

import structlog

from bot.core.errors import BadSetting, ChatUnavailable

if TYPE_CHECKING:
    from bot.chats.discord.client import Client
    from bot.chats.discord.post import DiscordPost
    from bot.chats.hears import Desk
    from bot.ports import Clock

log = structlog.get_logger(__name__)

LOGIN_WITHIN = 60.0  # [s]
CHECK_WITHIN = 10.0  # [s]
FAREWELL = 1.5  # [s] that answers under way are given when the bot stops
STEADY = 60.0  # [s] after which a connection counts as good
# The longest keeps a day's attempts below the thousand that Discord allows.
PAUSES = (1.0, 120.0)  # [s]
_REFUSED = (
    "Discord refuses the token in DISCORD_TOKEN. "
    "Copy the bot's current token from the developer portal."
)
_DIVERTED = (
    "Discord sends this bot's commands to an interactions endpoint instead of here. "
    "Clear “Interactions Endpoint URL” in the developer portal."
)
_UNAUTHENTICATED = 4004  # what the gateway closes with if the token is wrong
# View Channel, Send Messages, Embed Links, Attach Files, Read Message History, Create Public
# Threads, Send Messages in Threads.
_RIGHTS = 1 << 10 | 1 << 11 | 1 << 14 | 1 << 15 | 1 << 16 | 1 << 35 | 1 << 38
_ADD = (
    "https://discord.com/oauth2/authorize"
    f"?scope=bot+applications.commands&permissions={_RIGHTS}&client_id="
)
_OFFICIAL = ("https://discord.com/api/v10", "wss://gateway.discord.gg/")


class DiscordChat:
    """Emberline on Discord.

    `api_base` and `gateway_url` point it at other servers than Discord's own; they hold for the
    whole process, because the library keeps them in its classes. `pauses` are the first and the
    longest wait [s] between attempts to connect, each twice the one before.
    """

    def __init__(
        self,
        desk: "Desk",
        token: str,
        api_base: str | None = None,
        gateway_url: str | None = None,
        *,
        pauses: tuple[float, float] = PAUSES,
    ) -> None:
        self._desk = desk
        self._token = token.strip()
        self._addresses = (api_base or _OFFICIAL[0], gateway_url or _OFFICIAL[1])
        self._pauses = pauses
        self._task: asyncio.Task[None] | None = None
        self._offered = False
        self._posts: list[DiscordPost] = []
        self._tried = asyncio.Event()

    def post(self, clock: "Clock") -> "DiscordPost":
        """Make what carries alerts; it does not depend on the connection, and ends with `stop`."""
        from bot.chats.discord.post import DiscordPost

        post = DiscordPost(self._token, clock, self._point)
        self._posts.append(post)
        return post

    async def start(self) -> None:
        """Connect, and stay connected until `stop`. BadSetting if the token is refused.

        Returns once the first attempt has ended either way: while Discord cannot be reached, the
        attempts go on in the background.
        """
        self._tried.clear()
        self._task = asyncio.create_task(self._serve(), name="discord")
        tried = asyncio.create_task(self._tried.wait())
        try:
            await asyncio.wait((self._task, tried), return_when=asyncio.FIRST_COMPLETED)
        finally:
            tried.cancel()
        if self._task.done():
            await self._task

    async def ended(self) -> None:
        """Wait until the chat has ended. BadSetting if that was because of its token."""
        if self._task is not None:
            await asyncio.wait((self._task,))
            if not self._task.cancelled():
                await self._task

    async def stop(self) -> None:
        """Hear no more, let the answers under way finish, then hang up."""
        if self._task is not None:
            self._task.cancel()
            # What ended it earlier was logged then.
            await asyncio.gather(self._task, return_exceptions=True)
        for post in self._posts:
            await post.close()

    async def check(self) -> str:
        """Say whose token it is, and where people add the bot. BadSetting, ChatUnavailable."""
        import discord

        from bot.chats.discord.client import Client

        self._point()
        client = Client(self._desk)
        try:
            async with asyncio.timeout(CHECK_WITHIN):
                await client.login(self._token)
        except discord.LoginFailure as error:
            raise BadSetting(_REFUSED) from error
        except Exception as error:
            raise ChatUnavailable("Discord", _why(error)) from error
        finally:
            await client.finish(FAREWELL)
        about = client.application
        if about is not None and about.interactions_endpoint_url:
            raise BadSetting(_DIVERTED)
        return f"Discord knows this bot as {client.user}. Add it: {_ADD}{client.application_id}"

    async def _serve(self) -> None:
        """Keep a connection; begin again, after growing pauses, whatever ends it."""
        import discord

        self._point()
        loop = asyncio.get_running_loop()
        pause, longest = self._pauses
        while True:
            began = loop.time()
            try:
                await self._connection()
                why = "hung up"
            except discord.LoginFailure as error:
                log.error("discord token refused")  # noqa: TRY400 - raised, for whoever still waits
                raise BadSetting(_REFUSED) from error
            except discord.ConnectionClosed as error:
                if error.code == _UNAUTHENTICATED:
                    log.error("discord token refused")  # noqa: TRY400 - likewise
                    raise BadSetting(_REFUSED) from error
                why = f"gateway closed with {error.code}"
            except Exception as error:  # noqa: BLE001 - nothing that Discord sends may end the bot
                why = _why(error)
            self._tried.set()
            if loop.time() - began > STEADY:
                pause = self._pauses[0]
            log.warning("discord not connected", why=why, next_try_in=pause)
            await asyncio.sleep(pause)
            pause = min(2 * pause, longest)

    async def _connection(self) -> None:
        """Hold one connection until it ends for good, or raises."""
        from bot.chats.discord.client import Client

        client = Client(self._desk, connected=self._tried.set)
        offering: asyncio.Task[None] | None = None
        try:
            async with asyncio.timeout(LOGIN_WITHIN):
                await client.login(self._token)
            offering = asyncio.create_task(self._offer(client), name="discord commands")
            await client.stay()
        finally:
            if offering is not None:
                offering.cancel()
                await asyncio.gather(offering, return_exceptions=True)
            await client.finish(FAREWELL)

    async def _offer(self, client: "Client") -> None:
        """Tell Discord once which commands there are; a failure is logged and tried again."""
        import discord

        pause, longest = self._pauses
        while not self._offered:
            try:
                async with asyncio.timeout(LOGIN_WITHIN):
                    commands = await client.tree.sync()
            except (discord.app_commands.CommandSyncFailure, discord.Forbidden) as error:
                log.error("discord refuses the commands", why=str(error))  # noqa: TRY400 - told in the error's words
                return
            except Exception as error:  # noqa: BLE001 - without new commands the old ones still work
                log.warning("commands not offered", why=_why(error), next_try_in=pause)
                await asyncio.sleep(pause)
                pause = min(2 * pause, longest)
            else:
                self._offered = True
                log.info("commands offered", commands=[command.name for command in commands])

    def _point(self) -> None:
        import yarl
        from discord.gateway import DiscordWebSocket
        from discord.http import Route

        Route.BASE = self._addresses[0]
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(self._addresses[1])


def _why(error: BaseException) -> str:
    """Name a failure without its text, in which an address or a secret may stand."""
    status = getattr(error, "status", None)
    return f"{type(error).__name__} {status}" if status else type(error).__name__
