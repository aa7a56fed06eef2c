"""Speak: send a reply as a photo, a file or a text, or put it in place of a message."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

import structlog
from telegram import InputMediaPhoto, LinkPreviewOptions, Message, ReplyParameters
from telegram.error import BadRequest, ChatMigrated, Forbidden, RetryAfter, TelegramError
from telegram.ext import ExtBot

from bot.chats.telegram import wire
from bot.chats.telegram.dress import CAPTION, Dressed, dress
from bot.chats.telegram.uploads import UploadMemory, Uploads
from bot.chats.telegram.ways import Way, dressed_for, is_photo, way_of
from bot.reply import Document, Image, Reply

log = structlog.stdlib.get_logger(__name__)

_ACTION_EVERY = 4.0  # [s]; Telegram shows an action for five

# What Telegram says of a file id that it no longer knows or that was another bot's.
_FILE_GONE = re.compile(r"file|media_empty", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an answer goes: a chat, a topic of it, and the message it answers."""

    chat: int
    thread: int | None = None
    reply_to: int | None = None


class Sent(Enum):
    """What became of an answer."""

    DONE = "done"
    SAME = "same"  # an edit that changes nothing
    CLOSED = "closed"  # the bot may not write there
    REFUSED = "refused"  # Telegram did not take it as it was
    UNKNOWN = "unknown"  # the line broke after the request had left


class Sender:
    """Says replies in Telegram; none of its methods raises a TelegramError."""

    def __init__(self, bot: ExtBot[int], uploads: UploadMemory | None) -> None:
        self._bot = bot
        self._uploads = Uploads(bot, uploads)

    @property
    def name(self) -> str:
        """What the bot is called in links."""
        return self._bot.username

    async def say(
        self,
        place: Place,
        reply: Reply,
        *,
        as_file: bool = False,
        arrived: Callable[[Message], None] = lambda _message: None,
    ) -> Sent:
        """Send a reply as a new message, once: never again if it may have arrived."""
        way = way_of(reply, as_file=as_file)

        async def speak() -> None:
            message = await self._say(place, reply, way)
            if message is not None:
                arrived(message)

        return await self._reported(place.chat, speak)

    async def deliver(self, place: Place, reply: Reply) -> Message | None:
        """Send a reply as a new message; None if Telegram did not say which. TelegramError."""
        return await self._say(place, reply, way_of(reply))

    async def change(self, chat: int, number: int, reply: Reply, *, pictured: bool) -> None:
        """Put a reply in place of a message; without a newer picture the old one stays."""
        if reply.image is not None and not is_photo(reply.image):
            reply = replace(reply, image=None)
        await self._edit(chat, number, reply, pictured=pictured)

    async def replace(self, message: Message, reply: Reply) -> Sent:
        """Put a reply in place of a message; REFUSED if this message cannot become it."""
        if reply.document is not None or (reply.image is None and not message.text):
            return Sent.REFUSED
        if reply.image is not None and not is_photo(reply.image):
            return Sent.REFUSED  # a file stands alone
        chat, number = message.chat_id, message.message_id
        return await self._reported(chat, lambda: self._edit(chat, number, reply))

    @asynccontextmanager
    async def busy(self, place: Place, action: str) -> AsyncIterator[None]:
        """Show that an answer is on its way, for as long as it is."""
        showing = asyncio.create_task(self._show(place, action))
        try:
            yield
        finally:
            showing.cancel()
            await asyncio.wait([showing])

    async def _show(self, place: Place, action: str) -> None:
        while True:
            try:
                await self._bot.send_chat_action(place.chat, action, message_thread_id=place.thread)
            except Exception as error:  # noqa: BLE001 - a courtesy must not cost the answer
                log.debug("action not shown", error=type(error).__name__)
            await asyncio.sleep(_ACTION_EVERY)

    async def _reported(self, chat: int, speak: Callable[[], Awaitable[None]]) -> Sent:
        try:
            await speak()
        except (Forbidden, RetryAfter) as error:
            log.info("not allowed to write", chat=chat, why=str(error))
            return Sent.CLOSED
        except BadRequest as error:
            if "not modified" in str(error).lower():
                return Sent.SAME
            log.warning("answer refused", chat=chat, why=str(error))
            return Sent.REFUSED
        except TelegramError as error:
            log.warning("answer perhaps not delivered", chat=chat, why=str(error))
            return Sent.UNKNOWN
        return Sent.DONE

    async def _say(self, place: Place, reply: Reply, way: Way) -> Message | None:
        """Send, and on refusal leave out what was refused until nothing is left to leave out."""
        dressed = dressed_for(reply, way)
        while True:
            try:
                if way is Way.DOCUMENT and reply.document is not None:
                    return await self._hand_over(place, dressed, reply.document)
                return await self._send(place, dressed, reply.image, way)
            except ChatMigrated as moved:
                if place.chat == moved.new_chat_id:
                    raise
                place = Place(moved.new_chat_id)
            except BadRequest as error:
                why = str(error).lower()
                if "entit" in why and dressed.entities:
                    dressed = dressed.plain()
                elif ("thread" in why or "topic" in why) and place.thread is not None:
                    place = Place(place.chat)
                elif way is not Way.TEXT:
                    log.warning("file refused", way=way.value, why=str(error))
                    way = Way.FILE if way is Way.PHOTO else Way.TEXT
                    dressed = dressed_for(reply, way)
                else:
                    raise

    async def _hand_over(self, place: Place, dressed: Dressed, file: Document) -> Message:
        """Send a file that is somebody's alone: no id of it is remembered."""
        return await wire.once(
            lambda: self._bot.send_document(
                **_where(place),
                document=file.body,
                filename=file.name,
                caption=dressed.text,
                caption_entities=dressed.entities,
                reply_markup=dressed.keyboard,
            )
        )

    async def _send(
        self, place: Place, dressed: Dressed, image: Image | None, way: Way
    ) -> Message | None:
        where = _where(place)
        if image is None or way is Way.TEXT:
            preview = LinkPreviewOptions(is_disabled=True) if dressed.has_link else None
            return await wire.once(
                lambda: self._bot.send_message(
                    **where,
                    text=dressed.text,
                    entities=dressed.entities,
                    reply_markup=dressed.keyboard,
                    link_preview_options=preview,
                )
            )
        where |= {"caption": dressed.text, "caption_entities": dressed.entities}
        if way is Way.FILE:
            return await self._put(
                image,
                way,
                lambda file: wire.once(
                    lambda: self._bot.send_document(**where, document=file, filename=image.name)
                ),
            )
        return await self._put(
            image,
            way,
            lambda photo: wire.once(
                lambda: self._bot.send_photo(
                    **where, photo=photo, filename=image.name, reply_markup=dressed.keyboard
                )
            ),
        )

    async def _edit(self, chat: int, number: int, reply: Reply, *, pictured: bool = False) -> None:
        where = {"chat_id": chat, "message_id": number}
        dressed = dress(reply, CAPTION) if pictured else dressed_for(reply, Way.PHOTO)
        try:
            await self._change(where, dressed, reply.image, pictured=pictured)
        except BadRequest as error:
            if "entit" not in str(error).lower():
                raise
            await self._change(where, dressed.plain(), reply.image, pictured=pictured)

    async def _change(
        self, where: dict[str, Any], dressed: Dressed, image: Image | None, *, pictured: bool
    ) -> None:
        where = where | {"reply_markup": dressed.keyboard}
        if image is None and pictured:
            await wire.repeated(
                lambda: self._bot.edit_message_caption(
                    **where, caption=dressed.text, caption_entities=dressed.entities
                )
            )
            return
        if image is None:
            preview = LinkPreviewOptions(is_disabled=True) if dressed.has_link else None
            await wire.repeated(
                lambda: self._bot.edit_message_text(
                    **where,
                    text=dressed.text,
                    entities=dressed.entities,
                    link_preview_options=preview,
                )
            )
            return

        def put(picture: str | bytes) -> Awaitable[object]:
            media = InputMediaPhoto(
                picture, dressed.text, caption_entities=dressed.entities, filename=image.name
            )
            return wire.repeated(lambda: self._bot.edit_message_media(**where, media=media))

        await self._put(image, Way.PHOTO, put)

    async def _put(
        self, image: Image, way: Way, put: Callable[[str | bytes], Awaitable[object]]
    ) -> Message | None:
        """Send a picture by the id of an earlier upload, or upload it and remember its id."""
        key = f"{way.value}:{image.key}"
        known = await self._uploads.known(key)
        if known is not None:
            try:
                message = await put(known)
            except BadRequest as error:
                if not _FILE_GONE.search(str(error)):
                    raise
            else:
                return message if isinstance(message, Message) else None
        message = await put(image.png)
        if not isinstance(message, Message):
            return None
        file = message.document if way is Way.FILE else next(iter(message.photo[-1:]), None)
        if file is not None:
            await self._uploads.remember(key, file.file_id)
        return message


def _where(place: Place) -> dict[str, Any]:
    return {
        "chat_id": place.chat,
        "message_thread_id": place.thread,
        "reply_parameters": ReplyParameters(place.reply_to, allow_sending_without_reply=True)
        if place.reply_to is not None
        else None,
    }
