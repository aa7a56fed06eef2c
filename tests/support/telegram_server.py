"""Telegram, small and local: a front on loopback before `lo-bot-api-emulator`.

The emulator's: polling, webhook delivery with its secret, uploads, file ids, getFile, limits of
texts, captions and keyboards, refusals of what is malformed.

Its own, because the emulator has none of it: 401 to a wrong token; the bot's username;
editMessageMedia; getChatMember; what became of each message (`messages`); "message is not
modified"; the check of entities; the size of a photo; message_thread_id and link_preview_options,
which the emulator refuses and which are taken out.
"""

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from aiohttp import ClientSession, FormData, web
from lo_bot_api_emulator import LoBotApiEmulator  # type: ignore[import-untyped]  # has no types

from tests.support.telegram_shapes import (
    Call,
    Shown,
    as_chat,
    as_member,
    as_person,
    as_photo,
    as_query,
    check_entities,
    decoded,
    keyboard_of,
)

# Shaped like a Telegram token.
TOKEN = "7000000001:AAcanary-token-that-no-log-may-ever-show"
USERNAME = "ember_test_bot"
_UNKNOWN = ("message_thread_id", "link_preview_options")


class TelegramServer:
    """The far end: people write and press here, and see what the bot has sent."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.messages: dict[tuple[int, int], Shown] = {}
        self.members: dict[tuple[int, int], str] = {}  # what people are in groups
        self.port = 0
        self._emulator = LoBotApiEmulator(allow_insecure_loopback_webhooks=True, max_assets=1000)
        self._numbers = 1000  # of people's messages; the bot's are the emulator's, from 1

    @property
    def origin(self) -> str:
        """What TELEGRAM_API_BASE is set to."""
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        self._inner = web.AppRunner(self._emulator.app(), access_log=None)
        front = web.Application(client_max_size=64 * 1024**2)
        front.router.add_post("/bot{token}/{method}", self._handle)
        front.router.add_get("/file/bot{token}/{path:.*}", self._emulator.download)
        # A client that hangs up ends its long poll, as at Telegram.
        self._outer = web.AppRunner(
            front, access_log=None, shutdown_timeout=0.1, handler_cancellation=True
        )
        self._inner_port = await _listen(self._inner)
        self.port = await _listen(self._outer)
        self._client = ClientSession()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._client.close()
        await self._outer.cleanup()
        await self._inner.cleanup()

    # What people do

    async def write(
        self,
        text: str,
        chat: int = 77,
        *,
        person: int = 77,
        topic: int | None = None,
        **more: Any,
    ) -> int:
        """Write a message; returns its number. Chats above 0 are private, below are groups."""
        number = self._number()
        message: dict[str, Any] = {
            "message_id": number,
            "date": 1_764_000_000,
            "chat": as_chat(chat),
            "from": as_person(person),
            "text": text,
            **more,
        }
        if topic is not None:
            message |= {"message_thread_id": topic, "is_topic_message": True}
        await self.update({"message": message})
        return number

    async def press(self, shown: Shown, label: str, *, person: int = 77) -> None:
        """Press a button of a message that is shown."""
        await self.press_words(shown, shown.button(label), person=person)

    async def press_words(self, shown: Shown, data: str, *, person: int = 77) -> None:
        """Send what a button would, or what a forged one might."""
        message: dict[str, Any] = {
            "message_id": shown.number,
            "date": 1_764_000_000,
            "chat": as_chat(shown.chat),
            "from": {"id": 7, "is_bot": True, "first_name": "Ember"},
        }
        if shown.thread is not None:
            message |= {"message_thread_id": shown.thread, "is_topic_message": True}
        if shown.photo is not None:
            message |= {"photo": [as_photo("seen", shown.photo)], "caption": shown.text}
        else:
            message["text"] = shown.text or "…"
        await self.update(
            {"callback_query": {**as_query(self._number(), person, data), "message": message}}
        )

    async def type_inline(self, query: str, *, person: int = 77) -> str:
        """Type something after the bot's name in any chat; returns the number of the query."""
        number = str(self._number())
        asked = {"id": number, "from": as_person(person), "query": query, "offset": ""}
        await self.update({"inline_query": asked})
        return number

    async def update(self, update: dict[str, Any]) -> None:
        """Queue any update as it is."""
        await self._emulator.enqueue_update(update, token=TOKEN)

    def _number(self) -> int:
        self._numbers += 1
        return self._numbers

    # What people see

    async def until(self, seen: Callable[[], Any], seconds: float = 60.0) -> Any:
        """Wait until `seen` returns something true, and return it."""
        async with asyncio.timeout(seconds):
            while not (what := seen()):  # noqa: ASYNC110 - what is looked at has no events
                await asyncio.sleep(0.01)
        return what

    async def shown(self, count: int, chat: int = 77) -> list[Shown]:
        """Wait until a chat shows `count` messages of the bot, and return them."""
        found: list[Shown] = await self.until(
            lambda: shown if len(shown := self.in_chat(chat)) >= count else None
        )
        return found

    async def called(self, method: str, count: int = 1) -> list[Call]:
        """Wait for `count` requests of a method, and return them."""
        found: list[Call] = await self.until(
            lambda: calls if len(calls := self.of(method)) >= count else None
        )
        return found

    def in_chat(self, chat: int = 77) -> list[Shown]:
        """Return the bot's messages in a chat, oldest first."""
        return [message for message in self.messages.values() if message.chat == chat]

    def of(self, method: str) -> list[Call]:
        """Return the requests of one method, oldest first."""
        return [call for call in self.calls if call.method == method]

    async def received(self, file_id: str) -> bytes:
        """Fetch a file as a person's phone would."""
        address = f"http://127.0.0.1:{self._inner_port}/file/bot{TOKEN}/{file_id}"
        async with self._client.get(address) as answer:
            return await answer.read()

    # The Bot API

    async def _handle(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        fields, files = await self._emulator.read_request(request)
        data = {name: upload["data"] for name, upload in files.items()}
        call = Call(method, {name: decoded(value) for name, value in fields.items()}, data)
        if request.match_info["token"] != TOKEN:
            return _refuse("Unauthorized", 401)
        try:
            check_entities(call.fields)
            if method == "editMessageMedia":
                result: Any = self._edit_media(call)
            elif method == "getChatMember":
                result = self._member(call)
            else:
                self._check_change(call)
                status, answer = await self._forward(request, fields, files)
                if status != 200:
                    self._heard(call)
                    return web.json_response(answer, status=status)
                result = self._known(call, answer["result"])
        except ValueError as error:
            self._heard(call)
            return _refuse(f"Bad Request: {error}", 400)
        self._heard(call)
        return web.json_response({"ok": True, "result": result})

    def _heard(self, call: Call) -> None:
        if call.method != "getUpdates":
            self.calls.append(call)

    async def _forward(
        self, request: web.Request, fields: dict[str, Any], files: dict[str, Any]
    ) -> tuple[int, Any]:
        known = {name: value for name, value in fields.items() if name not in _UNKNOWN}
        body: Any = known
        if files:
            body = FormData(known)
            for name, upload in files.items():
                body.add_field(name, upload["data"], filename=upload["filename"])
        address = f"http://127.0.0.1:{self._inner_port}{request.rel_url}"
        async with self._client.post(address, data=body) as answer:
            return answer.status, await answer.json()

    def _known(self, call: Call, result: Any) -> Any:
        """Remember what a successful request has done, and complete the emulator's answer."""
        if call.method == "getMe":
            return {**result, "username": USERNAME, "supports_inline_queries": True}
        if not isinstance(result, dict) or "message_id" not in result:
            return result
        number = (int(call.fields["chat_id"]), result["message_id"])
        shown = self.messages.setdefault(number, Shown(*number))
        if "photo" in result:
            shown.photo = self._asset(result["photo"][0]["file_id"])
            result["photo"] = [as_photo(result["photo"][0]["file_id"], shown.photo)]
        if "document" in result:
            shown.file = self._asset(result["document"]["file_id"])
        shown.text = str(call.fields.get("text", call.fields.get("caption", shown.text)))
        shown.keyboard = keyboard_of(call.fields)
        thread = call.fields.get("message_thread_id")
        shown.thread = shown.thread if thread is None else int(thread)
        shown.reply_to = call.fields.get("reply_parameters", {}).get("message_id", shown.reply_to)
        result["chat"] = as_chat(number[0])
        return result

    def _check_change(self, call: Call) -> None:
        if not call.method.startswith("editMessage"):
            return
        shown = self._shown(call)
        text = call.fields.get("text", call.fields.get("caption"))
        if (text, keyboard_of(call.fields)) == (shown.text, shown.keyboard):
            raise ValueError("message is not modified")

    def _edit_media(self, call: Call) -> dict[str, Any]:
        shown, media = self._shown(call), call.fields["media"]
        check_entities(media)
        if media["media"].startswith("attach://"):
            photo = call.files[media["media"].removeprefix("attach://")]
            file_id = f"edited-{len(self.calls)}"
            self._emulator.assets[file_id] = {"data": photo, "filename": "", "size": len(photo)}
        else:
            file_id = media["media"]
            photo = self._asset(file_id)
        now = (photo, media.get("caption", ""), keyboard_of(call.fields))
        if len(now[1].encode("utf-16-le")) // 2 > 1024:
            raise ValueError("MEDIA_CAPTION_TOO_LONG")
        if now == (shown.photo, shown.text, shown.keyboard):
            raise ValueError("message is not modified")
        shown.photo, shown.text, shown.keyboard = now
        return {
            "message_id": shown.number,
            "date": 1_764_000_000,
            "chat": as_chat(shown.chat),
            "photo": [as_photo(file_id, photo)],
            "caption": shown.text,
        }

    def _member(self, call: Call) -> dict[str, Any]:
        person = int(call.fields["user_id"])
        status = self.members.get((int(call.fields["chat_id"]), person))
        if status is None:
            raise ValueError("user not found")
        return as_member(person, status)

    def _shown(self, call: Call) -> Shown:
        number = (int(call.fields["chat_id"]), int(call.fields["message_id"]))
        if number not in self.messages:
            raise ValueError("message to edit not found")
        return self.messages[number]

    def _asset(self, file_id: str) -> bytes:
        if file_id not in self._emulator.assets:
            raise ValueError("wrong file identifier/HTTP URL specified")
        data: bytes = self._emulator.assets[file_id]["data"]
        return data


async def _listen(runner: web.AppRunner) -> int:
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port: int = runner.addresses[0][1]
    return port


def _refuse(description: str, status: int) -> web.Response:
    body = {"ok": False, "error_code": status, "description": description}
    return web.json_response(body, status=status)
