"""Hostile payloads at the doors of both chats, over loopback, as a forged client would send them.

What the words themselves may do is tried by runner.py; here it is all that comes with them: options
of every kind, ids of buttons, half-typed words, inline queries, links and the language of a phone.
"""

import asyncio
import logging
import random
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from simcord.backend.models import Message

from bot.chats.discord import DiscordChat
from bot.chats.hears import Desk
from bot.chats.telegram import TelegramChat
from bot.desk.requests import Asker
from bot.reply import Reply
from tests.fuzz.attacks import attack, callback
from tests.fuzz.manners import faults
from tests.fuzz.runner import Raised, Told
from tests.support.discord_server import TOKEN as DISCORD
from tests.support.discord_server import DiscordServer, discord_server
from tests.support.discord_world import Person, answer, answered, in_private, in_server
from tests.support.telegram_server import TOKEN as TELEGRAM
from tests.support.telegram_server import TelegramServer
from tests.support.telegram_shapes import as_chat, as_person, as_query

LANGUAGES = (
    *("de", "en-US", "de\x00", "\x00", "", "de-" + "x" * 10_000, "../../etc/passwd", "DE_de_DE"),
    *("{0}", "%s", "xx", "\u202eed", "d\ud83de", "zh-Hant-TW", "-", "_", "de\n", "😀", "１de"),
)
_TEXT = 6_000  # letters that Discord lets an option have
_WHOLE = (0, -1, 1, 9_007_199_254_740_991, -9_007_199_254_740_991, 30, 10_000)
_BROKEN = (0.0, -0.0, 1e308, -1e308, 5e-324, 0.1, 20.0, 501.0)
_LINK = "abcdefghijklmnopqrstuvwxyz0123456789_-"
_WITHIN = 60.0  # [s] for an answer


class Checked:
    """The desk; what it answers is looked at before a chat dresses it."""

    def __init__(self, desk: Desk, told: Told) -> None:
        self._desk = desk
        self._told = told

    async def answer(self, words: str, asker: Asker) -> Reply:
        """Answer as the desk does."""
        reply = await self._desk.answer(words, asker)
        self._told.kinds[reply.kind] += 1
        self._told.pictures += reply.image is not None
        for fault in faults(reply):
            self._told.note(fault, words)
        # No card is kept current, and nothing is completed: that would go on beside what follows.
        return replace(reply, live=None, coming="")

    async def suggest(self, typed: str) -> Sequence[str]:
        """Name coins, as the desk does."""
        return await self._desk.suggest(typed)


@asynccontextmanager
async def _watched(told: Told) -> AsyncIterator[Callable[[str], None]]:
    """Take note of all that is logged as failed, and of what no task has caught."""
    noted, loop = Raised(), asyncio.get_running_loop()
    before = loop.get_exception_handler()
    loop.set_exception_handler(lambda _, what: noted.new.append(str(what)[:300]))
    logging.getLogger().addHandler(noted)
    begun = time.perf_counter()

    def sent(what: str) -> None:
        told.count += 1
        for why in noted.new:
            told.note(f"noted: {why}", what)
        noted.new.clear()

    try:
        yield sent
    finally:
        logging.getLogger().removeHandler(noted)
        loop.set_exception_handler(before)
        told.seconds = time.perf_counter() - begun


async def at_discord(desk: Desk, count: int, rng: random.Random) -> Told:
    """Send so many slash commands, presses and half-typed words."""
    told = Told()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bot.chats.discord.client.ASKS", 1_000_000)  # a pause is tried elsewhere
        async with discord_server() as server, _watched(told) as sent:
            chat = DiscordChat(Checked(desk, told), DISCORD, server.api_base, server.gateway_url)
            await chat.start()
            try:
                await server.until(lambda: bool(server.world.commands))
                people = [await _met(server, in_private(server.world))]
                people.append(await _met(server, in_server(server.world)))
                for _ in range(count):
                    sent(await _interaction(server, *rng.choice(people), rng, told))
            finally:
                await chat.stop()
    return told


async def _met(server: DiscordServer, person: Person) -> tuple[Person, Message]:
    """Ask for help, so that there is a message whose buttons can be forged."""
    asked = person.slash("help")
    await server.until(lambda: answered(asked))
    return person, answer(server.world, asked)


async def _interaction(
    server: DiscordServer, person: Person, source: Message, rng: random.Random, told: Told
) -> str:
    """Send one, wait for what the person sees of it, and return what was sent."""
    language = _sent(rng.choice(LANGUAGES))
    way = rng.choice(("slash", "slash", "typed", "press"))
    spoken: dict[str, Any] = {"locale": language, "guild_locale": language}
    if way == "press":
        data: dict[str, Any] = {"custom_id": _pressed(rng), "component_type": 2}
        record = person.forge(3, data, source, **spoken)
    else:
        data = _slashed(server, rng, typed=way == "typed")
        record = person.forge(4 if way == "typed" else 2, data, **spoken)
    what = f"{way} {language[:20]!r} {data!r}"
    try:
        await server.until(lambda: answered(record), _WITHIN)
    except TimeoutError:
        told.note("no answer at Discord", what)
    return what


def _slashed(server: DiscordServer, rng: random.Random, *, typed: bool) -> dict[str, Any]:
    """Fill some options of a command, or of one that is being typed the last."""
    offered = list(server.world.commands[None].values())
    completing = {
        one["name"]: [e for e in one["options"] if e.get("autocomplete")] for one in offered
    }
    command = rng.choice([one for one in offered if completing[one["name"]] or not typed])
    chosen = [each for each in command["options"] if each.get("required") or rng.random() < 0.6]
    if typed:
        last = rng.choice(completing[command["name"]])
        chosen = [*(each for each in chosen if each is not last), last]
    options = [
        {"name": each["name"], "type": each["type"], "value": _value(each["type"], rng)}
        for each in chosen
    ]
    if typed:
        options[-1]["focused"] = True
    return {"id": command["id"], "name": command["name"], "type": 1, "options": options}


def _value(kind: int, rng: random.Random) -> object:
    """Make a value of an option's kind, as Discord numbers them, with no regard to its bounds."""
    match kind:
        case 4:
            return rng.choice(_WHOLE)
        case 5:
            return rng.random() < 0.5
        case 10:
            return rng.choice(_BROKEN)
    return _sent(attack(rng))[:_TEXT]


def _pressed(rng: random.Random) -> str:
    words = _sent(callback(rng, []))[:64]
    return f"ember:{rng.randrange(100):02d}{rng.choice('=+')}:{words or '/'}"


def _sent(text: str) -> str:
    """Return what JSON can carry: no half of a pair of surrogates."""
    return text.encode("utf-8", "replace").decode()


async def at_telegram(desk: Desk, count: int, rng: random.Random) -> Told:
    """Send so many inline queries, followed links and presses."""
    told = Told()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bot.chats.telegram.limits._ALL", (1_000_000, 1.0))
        async with TelegramServer() as server, _watched(told) as sent:
            chat = TelegramChat(Checked(desk, told), TELEGRAM, api_base=server.origin)
            await chat.start()
            try:
                for number in range(count):
                    sent(await _update(server, 1_000 + number, rng, told))
            finally:
                await chat.stop()
    return told


async def _update(server: TelegramServer, person: int, rng: random.Random, told: Told) -> str:
    """Send one, wait for what the person sees of it, and return what was sent."""
    who = {**as_person(person), "language_code": _sent(rng.choice(LANGUAGES))}
    number, method = str(person), ""
    match rng.randrange(4):
        case 0:
            text = f"/start {_payload(rng)}"
            more: dict[str, Any] = {"from": who}
            await server.write(text, person, **more)
        case 1:
            text = _sent(callback(rng, []))[: rng.choice((64, 300))] or "/"
            message = {"message_id": 7, "date": 1_764_000_000, "chat": as_chat(person), "text": "…"}
            asked = {**as_query(person, person, text), "from": who, "message": message}
            await server.update({"callback_query": asked})
            method, field = "answerCallbackQuery", "callback_query_id"
        case _:
            text = _sent(attack(rng))[: rng.choice((8, 256, 4_000))]
            asked = {"id": number, "from": who, "query": text, "offset": rng.choice(("", "9"))}
            await server.update({"inline_query": asked})
            method, field = "answerInlineQuery", "inline_query_id"

    def seen() -> bool:
        if not method:
            return bool(server.in_chat(person))
        return any(call.fields[field] == number for call in server.of(method))

    what = f"{method or 'link'} {who['language_code'][:20]!r} {text!r}"
    try:
        await server.until(seen, _WITHIN)
    except TimeoutError:
        told.note("no answer at Telegram", what)
    return what


def _payload(rng: random.Random) -> str:
    """Make what stands behind a link: well formed, mistaken, or nothing that a link could carry."""
    match rng.randrange(4):
        case 0:
            return "_".join(_sent(attack(rng)).split())[:64] or "x"
        case 1:
            return "".join(rng.choice(_LINK) for _ in range(rng.choice((1, 12, 64, 65, 512))))
        case 2:
            command = rng.choice(("watch", "forget", "settings", "journal"))
            return f"{command}_{_sent(callback(rng, []))[:40]}"
    return _sent(attack(rng))[:3_000] or "x"
