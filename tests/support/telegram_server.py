"""Telegram, small and local: a front on loopback before `lo-bot-api-emulator`.

The emulator's: tokens, polling, webhook delivery with its secret, uploads, file ids, getFile,
limits of texts, captions and keyboards, refusals of what is malformed.

Its own, because the emulator has none of it: the bot's username; editMessageMedia; what became of
each message (`messages`); "message is not modified"; the check of entities; the size of a photo;
message_thread_id and link_preview_options, which the emulator refuses and which are taken out.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from aiohttp import ClientSession, FormData, web
from lo_bot_api_emulator import LoBotApiEmulator  # type: ignore[import-untyped]  # has no types

# Shaped like a Telegram token.
TOKEN = "7000000001:AAcanary-token-that-no-log-may-ever-show"
USERNAME = "ember_test_bot"
_UNKNOWN = ("message_thread_id", "link_preview_options")


@dataclass(frozen=True, slots=True)
class Call:
    """One request as it came off the wire; JSON fields are decoded."""

    method: str
    fields: dict[str, Any]
    files: dict[str, bytes]


@dataclass(slots=True)
class Shown:
    """A message as the people in the chat see it now."""

    chat: int
    number: int
    text: str = ""
    photo: bytes | None = None
    file: bytes | None = None
    keyboard: list[list[dict[str, str]]] = field(default_factory=list)
    thread: int | None = None
    reply_to: int | None = None

    def button(self, label: str) -> str:
        """Return what pressing a button sends."""
        for row in self.keyboard:
            for button in row:
                if button["text"].removeprefix("✓ ") == label:
                    return button["callback_data"]
        raise LookupError(f"no button {label!r} in {self.keyboard}")


class TelegramServer:
    """The far end: people write and press here, and see what the bot has sent."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.messages: dict[tuple[int, int], Shown] = {}
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
        self._numbers += 1
        message: dict[str, Any] = {
            "message_id": self._numbers,
            "date": 1_764_000_000,
            "chat": _chat(chat),
            "from": _person(person),
            "text": text,
            **more,
        }
        if topic is not None:
            message |= {"message_thread_id": topic, "is_topic_message": True}
        await self.update({"message": message})
        return self._numbers

    async def press(self, shown: Shown, label: str, *, person: int = 77) -> None:
        """Press a button of a message that is shown."""
        await self.press_words(shown, shown.button(label), person=person)

    async def press_words(self, shown: Shown, data: str, *, person: int = 77) -> None:
        """Send what a button would, or what a forged one might."""
        message: dict[str, Any] = {
            "message_id": shown.number,
            "date": 1_764_000_000,
            "chat": _chat(shown.chat),
            "from": {"id": 7, "is_bot": True, "first_name": "Ember"},
        }
        if shown.thread is not None:
            message |= {"message_thread_id": shown.thread, "is_topic_message": True}
        if shown.photo is not None:
            message |= {"photo": [_photo("seen", shown.photo)], "caption": shown.text}
        else:
            message["text"] = shown.text or "…"
        await self.update({"callback_query": {**_query(self, person, data), "message": message}})

    async def update(self, update: dict[str, Any]) -> None:
        """Queue any update as it is."""
        await self._emulator.enqueue_update(update, token=TOKEN)

    # What people see

    async def until(self, seen: Callable[[], Any], seconds: float = 10.0) -> Any:
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
        call = Call(method, {name: _decoded(value) for name, value in fields.items()}, data)
        if request.match_info["token"] != TOKEN:
            return _refuse("Unauthorized", 401)
        try:
            _check_entities(call.fields)
            if method == "editMessageMedia":
                result: Any = self._edit_media(call)
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
            return {**result, "username": USERNAME}
        if not isinstance(result, dict) or "message_id" not in result:
            return result
        number = (int(call.fields["chat_id"]), result["message_id"])
        shown = self.messages.setdefault(number, Shown(*number))
        if "photo" in result:
            shown.photo = self._asset(result["photo"][0]["file_id"])
            result["photo"] = [_photo(result["photo"][0]["file_id"], shown.photo)]
        if "document" in result:
            shown.file = self._asset(result["document"]["file_id"])
        shown.text = str(call.fields.get("text", call.fields.get("caption", shown.text)))
        shown.keyboard = _keyboard(call.fields)
        thread = call.fields.get("message_thread_id")
        shown.thread = shown.thread if thread is None else int(thread)
        shown.reply_to = call.fields.get("reply_parameters", {}).get("message_id", shown.reply_to)
        result["chat"] = _chat(number[0])
        return result

    def _check_change(self, call: Call) -> None:
        if not call.method.startswith("editMessage"):
            return
        shown = self._shown(call)
        text = call.fields.get("text", call.fields.get("caption"))
        if (text, _keyboard(call.fields)) == (shown.text, shown.keyboard):
            raise ValueError("message is not modified")

    def _edit_media(self, call: Call) -> dict[str, Any]:
        shown, media = self._shown(call), call.fields["media"]
        _check_entities(media)
        if media["media"].startswith("attach://"):
            photo = call.files[media["media"].removeprefix("attach://")]
            file_id = f"edited-{len(self.calls)}"
            self._emulator.assets[file_id] = {"data": photo, "filename": "", "size": len(photo)}
        else:
            file_id = media["media"]
            photo = self._asset(file_id)
        now = (photo, media.get("caption", ""), _keyboard(call.fields))
        if len(now[1].encode("utf-16-le")) // 2 > 1024:
            raise ValueError("MEDIA_CAPTION_TOO_LONG")
        if now == (shown.photo, shown.text, shown.keyboard):
            raise ValueError("message is not modified")
        shown.photo, shown.text, shown.keyboard = now
        return {
            "message_id": shown.number,
            "date": 1_764_000_000,
            "chat": _chat(shown.chat),
            "photo": [_photo(file_id, photo)],
            "caption": shown.text,
        }

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


def _decoded(value: Any) -> Any:
    """Decode a form field that holds JSON; text that merely looks like a number stays text."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _check_entities(fields: dict[str, Any]) -> None:
    text = str(fields.get("text", fields.get("caption", "")))
    length = len(text.encode("utf-16-le")) // 2
    for entity in fields.get("entities", fields.get("caption_entities", [])):
        end = entity["offset"] + entity["length"]
        if not 0 <= entity["offset"] < end <= length:
            raise ValueError("can't parse entities: out of the text")


def _keyboard(fields: dict[str, Any]) -> list[list[dict[str, str]]]:
    rows: list[list[dict[str, str]]] = fields.get("reply_markup", {}).get("inline_keyboard", [])
    return rows


def _photo(file_id: str, png: bytes) -> dict[str, Any]:
    width, height = (int.from_bytes(png[start : start + 4], "big") for start in (16, 20))
    return {
        "file_id": file_id,
        "file_unique_id": f"{file_id}-unique",
        "width": width,
        "height": height,
    }


def _query(server: TelegramServer, person: int, data: str) -> dict[str, Any]:
    server._numbers += 1
    return {
        "id": str(server._numbers),
        "from": _person(person),
        "chat_instance": "1",
        "data": data,
    }


def _person(number: int) -> dict[str, Any]:
    return {"id": number, "is_bot": False, "first_name": "Ada"}


def _chat(number: int) -> dict[str, Any]:
    if number > 0:
        return {"id": number, "type": "private", "first_name": "Ada"}
    return {"id": number, "type": "supergroup", "title": "Traders", "is_forum": True}
