"""Take updates that Telegram sends by itself."""

import hmac
import json
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from aiohttp import web

from bot.core.errors import BadSetting

log = structlog.stdlib.get_logger(__name__)

_SECRET = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name
_LARGEST = 1024**2  # bytes; Telegram's updates are a few kilobytes
_REMEMBERED = 4096  # numbers of updates; Telegram repeats one whose 200 got lost


class WebhookReceiver:
    """Hands each update with the right secret to `accept`, and only then says 200."""

    def __init__(
        self, secret: str, path: str, accept: Callable[[dict[str, Any]], Awaitable[None]]
    ) -> None:
        self._secret = secret.encode()
        self._accept = accept
        self._seen: OrderedDict[int, None] = OrderedDict()
        application = web.Application(client_max_size=_LARGEST)
        application.router.add_post(path, self._receive)
        # No access log: it would hold nothing that is of use, and every address.
        self._runner = web.AppRunner(application, access_log=None)

    async def start(self, host: str, port: int) -> None:
        """Listen. BadSetting if that address cannot be had."""
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, port).start()
        except OSError as error:
            await self._runner.cleanup()
            raise BadSetting(
                f"TELEGRAM_WEBHOOK_LISTEN: cannot listen on {host}:{port}: {error.strerror}."
            ) from error

    async def stop(self) -> None:
        """Stop listening; what was accepted stays accepted."""
        await self._runner.cleanup()

    async def _receive(self, request: web.Request) -> web.Response:
        if not hmac.compare_digest(request.headers.get(_SECRET, "").encode(), self._secret):
            return web.Response(status=403)
        try:
            update = json.loads(await request.read())
        except ValueError:
            return web.Response(status=400)
        number = update.get("update_id") if isinstance(update, dict) else None
        if not isinstance(number, int):
            return web.Response(status=400)
        if number not in self._seen:
            await self._accept(update)
            self._seen[number] = None
            if len(self._seen) > _REMEMBERED:
                self._seen.popitem(last=False)
        return web.Response()
