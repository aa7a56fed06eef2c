"""HTTP to Telegram that a bad answer cannot break, and what each failure means."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, TypeVar

import httpx
import stamina
import structlog
from telegram import Update
from telegram.error import BadRequest, NetworkError, RetryAfter, TelegramError
from telegram.request import HTTPXRequest

log = structlog.stdlib.get_logger(__name__)

T = TypeVar("T")

_CONFLICT_PASSES = 0.2  # [s]

# The request never left, so asking again cannot say anything twice.
_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class Line(HTTPXRequest):
    """Requests with a time limit each; an answer that is no Bot API answer is a TelegramError."""

    def __init__(self) -> None:
        # Seconds. Telegram takes longest to read a picture from a slow line, then to answer.
        super().__init__(
            connection_pool_size=64,
            connect_timeout=5.0,
            read_timeout=20.0,
            write_timeout=10.0,
            media_write_timeout=30.0,
            pool_timeout=5.0,
        )

    async def do_request(self, *args: Any, **named: Any) -> tuple[int, bytes]:
        """Ask; a refusal that is not the Bot API's own (a proxy's page) is put in our words.

        The library would log such a page whole, and it may repeat the address with the token.
        """
        code, payload = await super().do_request(*args, **named)
        if code >= HTTPStatus.MULTIPLE_CHOICES and _answer(payload) is None:
            refusal = {"ok": False, "description": f"{code} that is not the Bot API's"}
            payload = json.dumps(refusal).encode()
        if code == HTTPStatus.NOT_IMPLEMENTED:
            # A smaller Bot API server refuses a method it lacks; trying again would not help.
            code = HTTPStatus.BAD_REQUEST
        return code, payload

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Read an answer; a garbled one is not logged, for it may hold what people wrote."""
        answer = _answer(payload)
        if answer is None or (answer.get("ok") and "result" not in answer):
            raise TelegramError("the answer is not one of the Bot API")
        return answer


class PollingLine(Line):
    """Requests for updates: nothing that comes back ends the polling."""

    async def do_request(self, *args: Any, **named: Any) -> tuple[int, bytes]:
        """Ask; once the token has been accepted, 401 and 404 are troubles that may pass.

        The library takes both for a wrong token and never polls again, but a proxy or a Bot API
        server that is starting answers 404 too.
        """
        code, payload = await super().do_request(*args, **named)
        if code == HTTPStatus.CONFLICT:
            # Most often the other poll is our own last one, which the server still holds open.
            await asyncio.sleep(_CONFLICT_PASSES)
            code, payload = await super().do_request(*args, **named)
        if code in (HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND):
            raise NetworkError(f"{code} to a token that was accepted before")
        return code, payload

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Read updates; one that cannot be read is confirmed unread, not fetched for ever."""
        answer = Line.parse_json_payload(payload)
        if answer.get("ok"):
            if not isinstance(answer["result"], list):
                raise TelegramError("the answer is not a list of updates")
            answer["result"] = [update for raw in answer["result"] if (update := readable(raw))]
        return answer


def _answer(payload: bytes) -> dict[str, Any] | None:
    try:
        answer = json.loads(payload)
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None


def readable(raw: object) -> dict[str, Any] | None:
    """Return an update as it is, or only its number if the rest makes no sense."""
    if not isinstance(raw, dict) or not isinstance(raw.get("update_id"), int):
        return None
    try:
        Update.de_json(raw, None)
    except Exception as error:  # noqa: BLE001 - whatever a foreign update breaks, it is only skipped
        log.warning("update skipped", number=raw["update_id"], error=type(error).__name__)
        return {"update_id": raw["update_id"]}
    return raw


def never_left(error: Exception) -> bool:
    """Whether a request was certainly not delivered."""
    return isinstance(error, NetworkError) and isinstance(error.__cause__, _NEVER_LEFT)


def may_pass(error: Exception) -> bool:
    """Whether asking the same again may help: trouble on the line or at the server."""
    return isinstance(error, NetworkError) and not isinstance(error, BadRequest)


async def once(call: Callable[[], Awaitable[T]]) -> T:
    """Make a request that must not be made twice, such as sending; see `never_left`."""
    return await _again(call, never_left, attempts=4, timeout=20.0, wait_initial=0.3, wait_max=5.0)


async def repeated(call: Callable[[], Awaitable[T]]) -> T:
    """Make a request that may be made twice, such as an edit; see `may_pass`."""
    return await _again(call, may_pass, attempts=4, timeout=20.0, wait_initial=0.3, wait_max=5.0)


async def until_reached(call: Callable[[], Awaitable[T]]) -> T:
    """Make a request for as long as Telegram cannot be reached, and say that it cannot."""

    async def noted() -> T:
        try:
            return await call()
        except TelegramError as error:
            if may_pass_or_wait(error):
                log.warning("telegram cannot be reached, trying on", why=str(error))
            raise

    return await _again(
        noted, may_pass_or_wait, attempts=None, timeout=None, wait_initial=1.0, wait_max=30.0
    )


def may_pass_or_wait(error: Exception) -> bool:
    """Whether patience alone may help."""
    return may_pass(error) or isinstance(error, RetryAfter)


async def _again(
    call: Callable[[], Awaitable[T]], on: Callable[[Exception], bool], **patience: Any
) -> T:
    async for attempt in stamina.retry_context(on, **patience):
        with attempt:
            return await call()
    raise AssertionError("stamina returns or raises")
