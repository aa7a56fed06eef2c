"""Hear: a command, a press of a button, a chat that opens or closes to the bot."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import structlog
from telegram import CallbackQuery, Chat, ChatMemberUpdated, Message, Update, User
from telegram.constants import ChatAction, ChatMemberStatus
from telegram.ext import ContextTypes

from bot.chats.hears import COMMANDS, Asker, Desk
from bot.chats.live import LiveCards
from bot.chats.telegram.dress import ALERT, BUTTON, Door, clean, cut, pressed, whole
from bot.chats.telegram.links import link, opened
from bot.chats.telegram.press import Press
from bot.chats.telegram.send import Place, Sender, Sent
from bot.chats.telegram.who import asker as who_asks
from bot.chats.words import wants_file
from bot.core.errors import UnknownWord
from bot.core.language import mark, say
from bot.desk.requests import PRESSED
from bot.languages import spoken
from bot.reply import Button, Reply

log = structlog.stdlib.get_logger(__name__)

_NAMES = frozenset(command.name for command in COMMANDS)
# Answered without a picture.
_IN_WORDS = frozenset(
    {
        *("start", "help", "status", "markets", "watches", "mute", "test"),
        *("settings", "forget", "privacy"),
    }
)

# Questions of one chat under way at a time: more would only stand in other chats' way.
_AT_ONCE = 8

_CROWDED = mark("One moment, please: your earlier questions are still being answered.")
_NOTHING_NEWER = mark("Nothing newer yet.")
_BROKEN = mark(
    "The line to Telegram broke while I was answering. If nothing has arrived, ask again."
)
_FOR_YOU = mark("That answer is for you alone. Open a chat with me, press Start and ask there.")
_SENT_TO_YOU = mark("I have sent it to you alone.")
_OUTSIDE = (ChatMemberStatus.LEFT, ChatMemberStatus.BANNED)
_INSIDE = (ChatMemberStatus.MEMBER, ChatMemberStatus.ADMINISTRATOR)


class Hearing:
    """Each update in, one answer out."""

    def __init__(self, desk: Desk, sender: Sender) -> None:
        self._desk = desk
        self._sender = sender
        self.cards = LiveCards(desk)
        self._under_way: Counter[int] = Counter()
        self._told: set[int] = set()  # chats that know they are too fast
        self._latest: dict[tuple[int, int], str] = {}  # last press on each message
        self._tasks: set[asyncio.Task[object]] = set()

    async def on_message(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """Answer a command; in a private chat, any text is one."""
        message = update.effective_message
        if message is None or message.text is None:
            return
        private = message.chat.type == Chat.PRIVATE
        words = asked(whole(message.text), context.bot.bot.username, private=private)
        if words is None:
            return
        place = place_of(message)
        with self._question(place.chat) as admitted:
            if admitted:
                await self._answer(words, place, message)
            elif place.chat not in self._told:
                self._told.add(place.chat)
                with spoken(_phone(update)):
                    crowded = Reply(say(_CROWDED), kind="problem")
                await self._sender.say(place, crowded)

    async def on_press(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        """Do what a button says; what comes back with it is taken for typed text."""
        query = update.callback_query
        if query is None:
            return
        async with Press(query) as press:
            if query.data is None or query.message is None:
                return
            with self._question(query.message.chat.id) as admitted:
                if admitted:
                    await self._follow(query, query.data, press)
                else:
                    with spoken(_phone(update)):
                        crowded = say(_CROWDED)
                    await press.answer(crowded)

    async def on_membership(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        """Say hello to a group that let the bot in; note where it was put out, or blocked."""
        if (change := update.my_chat_member) is None:
            return
        log.info("membership", chat=change.chat.id, status=change.new_chat_member.status)
        if joined(change):
            asker = who_asks(change.get_bot(), change.chat, change.from_user)
            hello = await self._desk.answer("start", asker)
            if not (hello.private or hello.quiet):
                await self._sender.say(Place(change.chat.id), hello)

    def abandon(self) -> None:
        """Give up what is still under way."""
        for task in self._tasks:
            task.cancel()

    @contextmanager
    def _question(self, chat: int) -> Iterator[bool]:
        """Count a chat's questions under way; False if there are too many."""
        if self._under_way[chat] >= _AT_ONCE:
            yield False
            return
        task = asyncio.current_task()
        self._under_way[chat] += 1
        if task is not None:
            self._tasks.add(task)
        try:
            yield True
        finally:
            if task is not None:
                self._tasks.discard(task)
            self._under_way[chat] -= 1
            if not self._under_way[chat]:
                del self._under_way[chat]
                self._told.discard(chat)

    async def _answer(self, words: str, place: Place, message: Message) -> None:
        person = message.sender_chat or message.from_user
        asker = who_asks(message.get_bot(), message.chat, person, place.thread)
        try:
            with spoken("" if asker.shared else asker.language):
                words = opened(words)
        except UnknownWord as error:
            await self._sender.say(place, Reply(str(error), kind="problem"))
            return
        async with self._sender.busy(place, _action(words)):
            reply = await self._desk.answer(words, asker)
            if reply.quiet:
                return
            sent = await self._speak(place, reply, words, asker, message.from_user)
        if sent is Sent.UNKNOWN:
            # Sending again could show the picture twice, silence could show none.
            fits = len(words.encode()) <= BUTTON
            with spoken(reply.language):
                again = ((Button(say("Send again"), words),),) if fits else ()
                broken = Reply(say(_BROKEN), buttons=again, kind="problem")
            await self._sender.say(place, broken)

    async def _follow(self, query: CallbackQuery, data: str, press: Press) -> None:
        words, fresh = pressed(whole(data))
        message = query.message if isinstance(query.message, Message) else None
        if message is None or fresh or wants_file(words):
            message = None  # too old to change, or not to be changed
        place = _place_of_press(query)
        asker = _presser(query, place)
        with self._last_press(query, message) as is_last:
            async with self._sender.busy(place, _action(words)):
                reply = await self._desk.answer(words, asker)
                if not is_last():
                    return
                if reply.kind != "answer":
                    said = cut(clean(reply.text()), ALERT)
                    if await press.answer(said, alert=reply.kind == "problem"):
                        return  # and the picture stays as it was
                    message = None
                sent = Sent.REFUSED
                if message is not None and not reply.private:
                    self.cards.touched(message.chat.id, message.message_id)
                    sent = await self._sender.replace(message, reply)
                    if sent is not Sent.REFUSED:
                        self._keep_current(reply, asker, message)
                if sent is Sent.REFUSED:
                    sent = await self._speak(place, reply, words, asker, query.from_user)
        alone = reply.private and place.chat < 0
        with spoken(reply.language):
            note = _note(sent, alone=alone)
        await press.answer(note, alert=sent is Sent.UNKNOWN)

    async def _speak(
        self, place: Place, reply: Reply, words: str, asker: Asker, user: User | None
    ) -> Sent:
        if not reply.private or place.chat > 0 or user is None:
            # A file stays as it was sent.
            said = replace(reply, coming="") if wants_file(words) else reply
            return await self._sender.say(
                place,
                reply,
                as_file=wants_file(words),
                arrived=lambda message: self._keep_current(said, asker, message),
            )
        sent = await self._sender.say(Place(user.id), reply, as_file=wants_file(words))
        if sent is Sent.CLOSED:
            with spoken(reply.language):
                door = Door(say("Ask me there"), "start", address=link(self._sender.name, words))
                said = Reply(say(_FOR_YOU), buttons=((door,),), kind="problem")
            await self._sender.say(place, said)
        return sent

    def _keep_current(self, reply: Reply, asker: Asker, message: Message) -> None:
        """Begin the live card of a message that has just been said, if it is to be one."""
        if reply.private or not (reply.live or reply.coming):
            return

        async def show(newer: Reply) -> bool:
            # A broken line may be whole again at the next turn.
            return await self._sender.replace(message, newer) not in (Sent.REFUSED, Sent.CLOSED)

        if reply.live is not None:
            self.cards.begin(message.chat.id, message.message_id, reply.live, asker, show)
        else:
            self.cards.complete(message.chat.id, message.message_id, reply.coming, asker, show)

    @contextmanager
    def _last_press(
        self, query: CallbackQuery, message: Message | None
    ) -> Iterator[Callable[[], bool]]:
        """Of several presses on one message, only the last may change it."""
        if message is None:
            yield lambda: True
            return
        at = (message.chat.id, message.message_id)
        self._latest[at] = query.id
        try:
            yield lambda: self._latest.get(at) == query.id
        finally:
            if self._latest.get(at) == query.id:
                del self._latest[at]


def asked(text: str, name: str | None, *, private: bool) -> str | None:
    """Return the words after the slash, None if they are not for this bot, called `name`.

    A group may hold other bots: without an address only our own commands are ours.

    >>> asked("/heatmap@ember_bot BTC 24h", "ember_bot", private=False)
    'heatmap BTC 24h'
    >>> asked("/heatmap@other_bot BTC", "ember_bot", private=False) is None
    True
    """
    first, *rest = text.split() or [""]
    if not first.startswith("/"):
        return " ".join(text.split()) if private else None
    command, at, addressee = first[1:].partition("@")
    if at and name is not None and addressee.lower() != name.lower():
        return None
    ours = command.lower() in _NAMES or private or (at and name is not None)
    return " ".join((command, *rest)) if ours else None


def _note(sent: Sent, *, alone: bool) -> str:
    """Say beside a pressed button what became of the answer, where that is not to be seen."""
    if sent is Sent.DONE:
        return say(_SENT_TO_YOU) if alone else ""
    return say({Sent.SAME: _NOTHING_NEWER, Sent.UNKNOWN: _BROKEN}.get(sent, ""))


def _phone(update: Update) -> str:
    """Return the language of whoever's phone it is; a chat of many has none."""
    person, chat = update.effective_user, update.effective_chat
    private = chat is not None and chat.type == Chat.PRIVATE
    return (person.language_code or "") if person is not None and private else ""


def joined(change: ChatMemberUpdated) -> bool:
    """Whether a group has just let the bot in; a channel's readers are left in peace."""
    return (
        change.chat.type in (Chat.GROUP, Chat.SUPERGROUP)
        and change.old_chat_member.status in _OUTSIDE
        and change.new_chat_member.status in _INSIDE
    )


def place_of(message: Message) -> Place:
    """Return where an answer to a message belongs: the same topic, in a group as a reply."""
    # Outside of forums a thread number only marks replies, and sending to it is refused.
    thread = message.message_thread_id if message.is_topic_message else None
    in_group = message.chat.type != Chat.PRIVATE
    return Place(message.chat.id, thread, message.message_id if in_group else None)


def _presser(query: CallbackQuery, place: Place) -> Asker:
    if query.message is None:
        raise ValueError("a press without a message has no place")
    who = who_asks(query.get_bot(), query.message.chat, query.from_user, place.thread)
    return replace(who, effort=PRESSED)


def _place_of_press(query: CallbackQuery) -> Place:
    if isinstance(query.message, Message):
        return place_of(query.message)
    if query.message is None:
        raise ValueError("a press without a message has no place")
    return Place(query.message.chat.id)


def _action(words: str) -> ChatAction:
    command = words.partition(" ")[0].lower()
    if wants_file(words) or command == "export":
        return ChatAction.UPLOAD_DOCUMENT
    return ChatAction.TYPING if command in _IN_WORDS else ChatAction.UPLOAD_PHOTO
