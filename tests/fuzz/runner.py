"""Sends hostile words through a whole house, as typed, as pressed and as replayed."""

import logging
import random
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field

from bot.chats.discord.dress import PRESSED
from bot.chats.hears import Listener
from bot.chats.telegram.commands import asked
from bot.chats.telegram.dress import pressed, whole
from bot.desk.requests import Asker
from bot.reply import Reply
from tests.fuzz.attacks import attack, callback
from tests.fuzz.manners import faults

# [s] for an answer in words: of work, and in all, since the machine may be busy with other things
SLOW, LATE = 1.0, 3.0
_SEEN = 2_000  # buttons that may be replayed
_PEOPLE = tuple(
    Asker(f"{chat}:{place}", f"{chat}:{person}", shared=place != person)
    for chat in ("telegram", "discord")
    for person in (7, 8, 9)
    for place in (person, -5)
)


@dataclass
class Told:
    """What came of it."""

    count: int = 0
    seconds: float = 0.0
    kinds: Counter[str] = field(default_factory=Counter)
    pictures: int = 0
    slowest: list[tuple[float, str]] = field(default_factory=list)  # [s], without pictures
    faults: dict[str, list[str]] = field(default_factory=dict)  # what is wrong, and by which words

    def note(self, fault: str, words: str) -> None:
        """Remember some words for each fault."""
        self.faults.setdefault(fault, []).append(ascii(words[:300]))


class Raised(logging.Handler):
    """Keeps what the house itself notes as failed: an apology hides an exception."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.new: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Take note of an error."""
        why = record.getMessage()
        if record.exc_info and record.exc_info[1] is not None:
            where = traceback.extract_tb(record.exc_info[1].__traceback__)[-1]
            why = f"{record.exc_info[1]!r:.120} at {where.filename}:{where.lineno}"
        exception = getattr(record, "exception", None)
        self.new.append(str(exception)[-300:] if exception else why)


async def run(listener: Listener, count: int, rng: random.Random) -> Told:
    """Send so many words, one after the other so that each one's time is its own."""
    told, seen = Told(), list[str]()
    noted = Raised()
    logging.getLogger().addHandler(noted)
    begun = time.perf_counter()
    try:
        for _ in range(count):
            await _once(listener, rng, told, seen, noted)
    finally:
        logging.getLogger().removeHandler(noted)
    told.seconds = time.perf_counter() - begun
    return told


async def _once(
    listener: Listener, rng: random.Random, told: Told, seen: list[str], noted: Raised
) -> None:
    words, asker = _arrived(rng, seen), rng.choice(_PEOPLE)
    told.count += 1
    begun, worked = time.perf_counter(), time.process_time()
    try:
        reply = await listener.answer(words, asker)
        took, worked = time.perf_counter() - begun, time.process_time() - worked
        wrong = faults(reply)
    except Exception as error:  # noqa: BLE001 - it is what is looked for
        told.note(f"raised {error!r:.120}", words)
        return
    for fault in wrong:
        told.note(fault, words)
    for why in noted.new:
        told.note(f"noted: {why}", words)
    noted.new.clear()
    told.kinds[reply.kind] += 1
    if reply.image is not None:
        told.pictures += 1
    else:
        told.slowest = sorted([*told.slowest, (took, ascii(words[:120]))], reverse=True)[:5]
        if worked > SLOW or took > LATE:
            told.note("slow", f"{took:.1f} s, {worked:.1f} s of work: {words}")
    _remember(reply, seen, rng)


def _arrived(rng: random.Random, seen: list[str]) -> str:
    """Return words as a chat hands them on: typed, or from a button of either platform."""
    match rng.randrange(5):
        case 0 | 1:
            return attack(rng)
        case 2:
            typed = asked(whole(attack(rng)), "ember_bot", private=rng.random() < 0.7)
            return typed if typed is not None else ""
        case 3:
            return pressed(whole(callback(rng, seen)))[0]
        case _:
            made = f"ember:{rng.randrange(120):02d}{rng.choice('=+=+x')}:{callback(rng, seen)}"
            found = PRESSED.fullmatch(made)
            return found["words"] if found else ""


def _remember(reply: Reply, seen: list[str], rng: random.Random) -> None:
    offered = [button.words for row in reply.buttons for button in row]
    offered += [reply.coming] if reply.coming else []
    for words in offered:
        if len(seen) < _SEEN:
            seen.append(words)
        else:
            seen[rng.randrange(_SEEN)] = words
