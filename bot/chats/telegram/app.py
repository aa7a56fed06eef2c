"""Start and stop: polling or webhook, the menu, the check of the token."""

import asyncio
import logging
import re
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import structlog
from telegram import Update
from telegram.error import InvalidToken, TelegramError
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    ChatMemberHandler,
    ContextTypes,
    ExtBot,
    InlineQueryHandler,
    MessageHandler,
    filters,
)

from bot.chats.hears import Desk
from bot.chats.telegram import wire
from bot.chats.telegram.commands import Hearing
from bot.chats.telegram.inline import Drawn, Inline
from bot.chats.telegram.limits import Limits
from bot.chats.telegram.menu import menus
from bot.chats.telegram.post import TelegramPost
from bot.chats.telegram.send import Sender
from bot.chats.telegram.uploads import UploadMemory, Uploads
from bot.core.errors import BadSetting, ChatUnavailable, MissingSetting

if TYPE_CHECKING:
    from bot.chats.telegram.webhook import WebhookReceiver

log = structlog.stdlib.get_logger(__name__)

_OFFICIAL = "https://api.telegram.org"
_HEARD = ("message", "channel_post", "callback_query", "inline_query", "my_chat_member")
_TYPED = filters.UpdateType.MESSAGE | filters.UpdateType.CHANNEL_POST
_AT_ONCE = 256  # updates under way; each chat has its own, much smaller share
_POLL = 20  # [s] that Telegram holds a request open while nothing happens
_GRACE = 1.5  # [s] that answers under way have to arrive when the bot stops

# What the libraries say below these levels holds the token (in URLs), the webhook's secret or
# what people wrote.
_FLOORS = {"httpx": logging.WARNING, "httpcore": logging.WARNING, "telegram": logging.INFO}


class TelegramChat:
    """One Telegram bot, hearing by polling, or by webhook if it has an address for that."""

    def __init__(
        self,
        desk: Desk,
        token: str,
        *,
        api_base: str | None = None,
        webhook_url: str | None = None,
        webhook_secret: str | None = None,
        webhook_host: str = "127.0.0.1",
        webhook_port: int = 8443,
        uploads: UploadMemory | None = None,
    ) -> None:
        self._token = _usable(token)
        self._base = (api_base or _OFFICIAL).rstrip("/")
        self._webhook_url = webhook_url
        self._webhook_secret = _shareable(webhook_secret) if webhook_url else ""
        self._listen = (webhook_host, webhook_port)
        for name, floor in _FLOORS.items():
            if logging.getLogger(name).getEffectiveLevel() < floor:
                logging.getLogger(name).setLevel(floor)
        limits = Limits()
        self._application = self._built(limits, polling=webhook_url is None)
        sender = Sender(self._application.bot, uploads)
        drawn = Drawn(desk)
        self._hearing = Hearing(drawn, sender)
        inline = Inline(drawn, Uploads(self._application.bot, uploads))
        self.post = TelegramPost(self._application.bot, sender, limits)
        self._receiver: WebhookReceiver | None = None
        self._menu: asyncio.Task[None] | None = None
        for handler in (
            MessageHandler(filters.TEXT & _TYPED, self._hearing.on_message),
            CallbackQueryHandler(self._hearing.on_press),
            InlineQueryHandler(inline.on_query),
            ChatMemberHandler(self._hearing.on_membership, ChatMemberHandler.MY_CHAT_MEMBER),
        ):
            self._application.add_handler(handler)
        self._application.add_error_handler(_unforeseen)

    async def start(self) -> None:
        """Return once Telegram knows the bot and is heard; tries until it can be reached.

        BadSetting if Telegram refuses the token, or the webhook's address cannot be had.
        """
        try:
            await wire.until_reached(self._application.initialize)
            await self._application.start()
            if self._webhook_url is None:
                await self._poll()
            else:
                await self._receive(self._webhook_url)
        except InvalidToken:
            await self.stop()
            raise self._refused() from None
        except BaseException:
            await self.stop()
            raise
        self._menu = asyncio.create_task(self._set_menu())
        log.info(
            "telegram started",
            bot=self._application.bot.bot.username,
            hears="polling" if self._webhook_url is None else "webhook",
        )

    async def stop(self) -> None:
        """Stop hearing, let answers under way arrive for a few seconds, then let go."""
        if self._menu is not None:
            self._menu.cancel()
            await asyncio.wait([self._menu])
        if self._receiver is not None:
            await self._receiver.stop()
        application = self._application
        if application.updater is not None and application.updater.running:
            await application.updater.stop()
        await self._hearing.cards.close(_GRACE)
        if application.running:
            late = asyncio.get_running_loop().call_later(_GRACE, self._hearing.abandon)
            await application.stop()
            late.cancel()
        await application.shutdown()
        await application.bot.shutdown()

    async def check(self) -> str:
        """Ask Telegram who the token belongs to. BadSetting, ChatUnavailable."""
        bot = ExtBot(self._token, f"{self._base}/bot", request=wire.Line())
        try:
            async with bot:
                me = bot.bot
        except InvalidToken:
            raise self._refused() from None
        except TelegramError as error:
            raise ChatUnavailable("Telegram", str(error)) from None
        name = f"@{me.username}" if me.username else me.full_name
        off = [
            f"{what} (@BotFather: {how})"
            for what, how, given in (
                ("groups", "/setjoingroups", me.can_join_groups),
                ("being asked from any chat", "/setinline", me.supports_inline_queries),
            )
            if given is False
        ]
        return f"{name}. Switched off: {', '.join(off)}" if off else name

    def _built(self, limits: Limits, *, polling: bool) -> "_Application":
        builder = (
            Application.builder()
            .token(self._token)
            .base_url(f"{self._base}/bot")
            .base_file_url(f"{self._base}/file/bot")
            .request(wire.Line())
            .get_updates_request(wire.PollingLine())
            .rate_limiter(limits)
            .concurrent_updates(_AT_ONCE)
            .job_queue(None)
        )
        return builder.build() if polling else builder.updater(None).build()

    async def _poll(self) -> None:
        updater = self._application.updater
        if updater is None:
            raise RuntimeError("built without an updater")
        await updater.start_polling(
            timeout=_POLL,
            bootstrap_retries=-1,
            allowed_updates=_HEARD,
            error_callback=_polling_failed,
        )

    async def _receive(self, url: str) -> None:
        # A bot that polls needs no HTTP server and does not load one.
        from bot.chats.telegram.webhook import WebhookReceiver

        self._receiver = WebhookReceiver(
            self._webhook_secret, urlsplit(url).path or "/", self._accept
        )
        await self._receiver.start(*self._listen)
        await wire.until_reached(
            lambda: self._application.bot.set_webhook(
                url, secret_token=self._webhook_secret, allowed_updates=_HEARD
            )
        )

    async def _accept(self, raw: dict[str, Any]) -> None:
        readable = wire.readable(raw)
        if readable is not None:
            update = Update.de_json(readable, self._application.bot)
            await self._application.update_queue.put(update)

    async def _set_menu(self) -> None:
        """Offer the commands where a person types a slash."""
        bot = self._application.bot
        for scope, language, commands in menus():
            try:
                await wire.repeated(
                    partial(bot.set_my_commands, commands, scope, language_code=language)
                )
            except TelegramError as error:
                log.warning("menu not set", scope=scope.type, why=str(error))

    def _refused(self) -> BadSetting:
        where = "" if self._base == _OFFICIAL else ", and TELEGRAM_API_BASE"
        return BadSetting(
            f"TELEGRAM_TOKEN: Telegram refuses it. Compare it with @BotFather's{where}."
        )


_Application = Application[ExtBot[int], ContextTypes.DEFAULT_TYPE, Any, Any, Any, Any]


def _usable(token: str) -> str:
    """Check that a token can stand in an address; never shows it."""
    if not re.fullmatch(r"[\w:.-]+", token.strip(), re.ASCII):
        raise BadSetting("TELEGRAM_TOKEN: a token looks like 123456:ABC-DEF, without spaces.")
    return token.strip()


def _shareable(secret: str | None) -> str:
    if not secret:
        raise MissingSetting(
            "TELEGRAM_WEBHOOK_SECRET", "a webhook needs it to tell Telegram from anybody else."
        )
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret):
        raise BadSetting("TELEGRAM_WEBHOOK_SECRET: use up to 256 letters, digits, _ and -.")
    return secret


def _polling_failed(error: TelegramError) -> None:
    log.warning("polling failed, trying on", why=str(error), kind=type(error).__name__)


async def _unforeseen(_update: object, context: ContextTypes.DEFAULT_TYPE) -> None:
    log.error("update not handled", exc_info=context.error)
