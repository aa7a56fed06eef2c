"""The local Telegram on a bad day: limits enforced, troubles at random, chats that are closed."""

from typing import Any

from aiohttp import web

from tests.support.platform_limits import Limits, Trouble, Weather, whole_seconds
from tests.support.telegram_server import TelegramServer

_READ = web.RequestKey("read", tuple)
_COUNTED = ("send", "edit", "copy", "forward")


class StrictTelegram(TelegramServer):
    """Like TelegramServer, but for what it is told to do to requests that write."""

    def __init__(self, limits: Limits | None = None) -> None:
        super().__init__()
        self.limits = limits
        self.weather = Weather()
        self.closed: dict[int, str] = {}  # chats that refuse the bot: what Telegram says of them
        self.moved: dict[int, int] = {}  # groups that have become others
        self._read = self._emulator.read_request
        self._emulator.read_request = self._read_once

    async def _read_once(self, request: web.Request) -> Any:
        """Read a body that comes off the wire but once."""
        if _READ not in request:
            request[_READ] = await self._read(request)
        return request[_READ]

    async def _handle(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        if not method.startswith(_COUNTED) or method == "sendChatAction":
            return await super()._handle(request)
        trouble = self.weather.next()
        fields, _ = await self._read_once(request)
        chat = int(fields["chat_id"])
        if (refusal := self._refusal(chat, trouble)) is not None:
            return refusal
        if trouble is Trouble.LOST:
            return _broken(request)
        answer = await super()._handle(request)
        return _broken(request) if trouble is Trouble.LOST_ANSWER else answer

    def _refusal(self, chat: int, trouble: Trouble | None) -> web.Response | None:
        if self.limits is not None and (wait := self.limits.ask(chat)) is not None:
            return _flooded(wait)
        if trouble is Trouble.FLOOD:
            if self.limits is not None:
                self.limits.close(chat, 1.0)
            return _flooded(1.0)
        if trouble is Trouble.ERROR:
            return web.Response(status=502, text="<html>Bad Gateway</html>")
        if chat in self.closed:
            return _refusing(f"Forbidden: {self.closed[chat]}", 403)
        if chat in self.moved:
            why = "Bad Request: group chat was upgraded to a supergroup chat"
            return _refusing(why, 400, {"migrate_to_chat_id": self.moved[chat]})
        return None


def _refusing(why: str, status: int, parameters: dict[str, Any] | None = None) -> web.Response:
    body = {"ok": False, "error_code": status, "description": why, "parameters": parameters or {}}
    return web.json_response(body, status=status)


def _flooded(wait: float) -> web.Response:
    after = whole_seconds(wait)
    return _refusing(f"Too Many Requests: retry after {after}", 429, {"retry_after": after})


def _broken(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)  # nobody is left to read it
