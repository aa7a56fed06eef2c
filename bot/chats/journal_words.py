"""What a person typed about his journal; a note is taken as it stands.

journal                                       ->  JournalRequest()
journal add BTC long 60000 20x stop 59000     ->  TradeRequest("BTC", Told(LONG, 60000, 59000, …))
journal log sweep BTC                         ->  LogRequest("BTC", "sweep")
journal log w12/BTC/3 long                    ->  LogRequest("BTC", side=LONG, message=…)
journal close t12 61000                       ->  JournalRequest("t12", "close", 61000)
journal edit t12 stop none note too near      ->  EditRequest("t12", …)
journal tag t12 chased                        ->  JournalRequest("t12", "tag", tag=CHASED)
coach                                         ->  CoachRequest()
"""

import re
from collections.abc import Callable

from bot.chats.held_words import SIDES, Held, coin, shown
from bot.chats.trade_words import SIGNALS, plain, told
from bot.core.errors import MissingWord, UnknownWord
from bot.core.journal.trade import TAGS
from bot.core.language import mark, say
from bot.desk.journal_requests import (
    CoachRequest,
    EditRequest,
    JournalRequest,
    JournalRequests,
    LogRequest,
    Told,
    TradeRequest,
)

LONGEST_NOTE = 280
# More than a trade with its note is not even looked at.
_LONGEST = 1000
_AFTER = re.compile(r"[/\s]*(?:file\s+)?\S+\s*")
_NOTE = re.compile(r"(?:^|\s)note\b:?\s*(.*)", re.IGNORECASE | re.DOTALL)
_TRADE = re.compile(r"t[0-9]{1,12}")
_EPISODE = re.compile(r"w[0-9]{1,12}/[A-Z0-9._-]{1,30}/[a-z0-9]{1,20}", re.IGNORECASE)
_VENUE = re.compile(r"[a-z][a-z0-9._-]{1,19}")
_THEMES = {"dark", "light"}
_FITS = mark("Such as /journal add BTC long 60000 20x $30k stop 59000 target 63000 note why.")
_EDITS = mark(
    "Such as /journal edit t12 stop 59000, target 63000, entry 60100, size 0.5 or note why."
)
_WHICH = mark("/journal lists your trades.")


def journal_request(command: str, text: str) -> JournalRequests:
    """Read everything after `/journal` or `/coach`. MissingWord, UnknownWord."""
    edge = _AFTER.match(text[:_LONGEST])
    return JOURNAL_READERS[command](text[edge.end() : _LONGEST].strip() if edge else "")


def _coach(said: str) -> CoachRequest:
    words = said.lower().split()
    if words and words[0] not in _THEMES:
        raise UnknownWord(shown(words[0]), say("/coach stands alone."))
    return CoachRequest(words[0] if words else None)


def _journal(said: str) -> JournalRequests:
    words = said.split()
    if not words:
        return JournalRequest()
    first = words[0].lower()
    if len(words) == 1 and first in _THEMES:
        return JournalRequest(theme=first)
    if _TRADE.fullmatch(first):
        if len(words) == 1:
            return JournalRequest(first)
        first, words = words[1].lower(), [words[1], words[0], *words[2:]]
    read = _ACTS.get(first)
    if read is None:
        raise UnknownWord(shown(words[0]), say("After /journal: add, close, edit, tag or drop."))
    return read(" ".join(words[1:]))


def _add(said: str) -> TradeRequest:
    before, note = _parted(said)
    words = before.split()
    if not words:
        raise MissingWord(say("Which trade? {fits}", fits=say(_FITS)))
    symbol, rest = coin(words)
    read = told(symbol, rest, note, say(_FITS))
    if read.side is None:
        raise MissingWord(say("Long or short? {fits}", fits=say(_FITS)))
    return TradeRequest(symbol, read)


def _edit(said: str) -> EditRequest:
    before, note = _parted(said)
    trade, words = _named(before.split(), "edit")
    read = told("", words, note, say(_EDITS), bare=False)
    if read == Told():
        raise MissingWord(say("What is to be changed? {fits}", fits=say(_EDITS)))
    return EditRequest(trade, read)


def _log(said: str) -> LogRequest | TradeRequest:
    """Read `w12/BTC/3 [long] [sweep]`, `sweep BTC [venues]`, or a trade as after `add`."""
    words = said.split()
    first = words[0].lower() if words else ""
    if _EPISODE.fullmatch(first):
        side, signal = None, ""
        for word in (word.lower() for word in words[1:]):
            if word in SIDES:
                side = SIDES[word]
            elif word in SIGNALS:
                signal = word
            else:
                raise UnknownWord(shown(word), say("Press the button under an alert instead."))
        return LogRequest(words[0].split("/")[1].upper(), signal, side, message=words[0])
    if first not in SIGNALS:
        return _add(said)
    if len(words) == 1:
        raise MissingWord(
            say("Which coin? Such as {example}.", example=f"/journal log {first} BTC")
        )
    symbol, rest = coin(words[1:])
    side, venues = None, []
    for word in (word.lower() for word in rest):
        if word in SIDES:
            side = SIDES[word]
        elif _VENUE.fullmatch(word):
            venues.append(word)
        else:
            raise UnknownWord(shown(word), say("After the coin: long or short, or venues."))
    return LogRequest(symbol, first, side, tuple(dict.fromkeys(venues)))


def _close(said: str) -> JournalRequest:
    trade, words = _named(said.split(), "close")
    words = [word for word in words if word.lower() not in {"at", "now"}]
    if not words:
        return JournalRequest(trade, "close")
    price = Held("", say(_WHICH)).price(plain(words[0]))
    if price is None or len(words) > 1:
        raise UnknownWord(shown(words[-1]), _such_as(f"/journal close {trade} 61000"))
    return JournalRequest(trade, "close", price)


def _tag(said: str) -> JournalRequest:
    trade, words = _named(said.split(), "tag")
    meant = " ".join(words).lower()
    for tag in TAGS:
        if meant and meant in {tag.value, tag.value.removeprefix("too ")}:
            return JournalRequest(trade, "tag", tag=tag)
    fits = say("Mistakes are {list}.", list=", ".join(TAGS))
    if meant:
        raise UnknownWord(shown(meant), fits)
    raise MissingWord(say("Which mistake was it? {fits}", fits=fits))


def _drop(said: str) -> JournalRequest:
    trade, words = _named(said.split(), "drop")
    if words and words != ["yes"]:
        raise UnknownWord(shown(words[0]), _such_as(f"/journal drop {trade}"))
    return JournalRequest(trade, "drop", sure=bool(words))


def _open(said: str) -> JournalRequest:
    trade, words = _named(said.split(), "open")
    if words:
        raise UnknownWord(shown(words[0]), _such_as(f"/journal open {trade}"))
    return JournalRequest(trade, "open")


def _named(words: list[str], act: str) -> tuple[str, list[str]]:
    """Return which trade is meant, and the other words."""
    if not words:
        example = f"/journal {act} t12"
        raise MissingWord(
            say("Which trade? Such as {example}; {which}", example=example, which=say(_WHICH))
        )
    trade = words[0].lower()
    if not _TRADE.fullmatch(trade):
        raise UnknownWord(
            shown(words[0]), say("Name a trade such as t12; {which}", which=say(_WHICH))
        )
    return trade, words[1:]


def _such_as(example: str) -> str:
    return say("Such as {example}.", example=example)


def _parted(said: str) -> tuple[str, str | None]:
    """Part what is said of a trade from its note. UnknownWord."""
    found = _NOTE.search(said)
    if found is None:
        return said, None
    note = " ".join(found[1].split())
    if len(note) > LONGEST_NOTE:
        raise UnknownWord(
            shown(note), say("A note has at most {count} letters.", count=LONGEST_NOTE)
        )
    return said[: found.start()], note


_ACTS: dict[str, Callable[[str], JournalRequests]] = {
    "add": _add,
    "log": _log,
    "close": _close,
    "open": _open,
    "edit": _edit,
    "tag": _tag,
    "drop": _drop,
}
JOURNAL_READERS: dict[str, Callable[[str], JournalRequests]] = {
    "journal": _journal,
    "coach": _coach,
}
