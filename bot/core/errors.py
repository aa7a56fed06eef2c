"""The tree of foreseen errors, each a sentence for the person who asked.

A library's exceptions are translated into these once, at the door, with `from error`. One failure
may be told to many: its sentence is kept, and said by `str()` in the language spoken then. Those of
files, settings and stored states are for operators, and in English.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Self

from bot.core.instruments import venue_name
from bot.core.language import Said, all_of, later, later_many, one_after_another, one_of


def _kept(words: str | Said) -> Said:
    """Keep words that may be in a catalogue, or are no sentence of ours and stay as they are."""
    return words if isinstance(words, Said) else Said(words)


def _guessed(sentence: Said, names: Sequence[str]) -> Said:
    """Add what may have been meant, if there is a guess."""
    if not names:
        return sentence
    return one_after_another(sentence, later("Did you mean {names}?", names=one_of(names)))


class BotError(Exception):
    """Anything that was foreseen; `str()` is a sentence fit for a chat."""

    @property
    def sentence(self) -> str | Said:
        """What `str()` says, to be kept and said later."""
        said = self.args[0] if len(self.args) == 1 else None
        return said if isinstance(said, Said) else str(self)


class UnknownSymbol(BotError):
    """No listed perpetual goes by that name."""

    def __init__(self, symbol: str, suggestions: Sequence[str] = ()) -> None:
        said = later("No perpetual called “{symbol}” is listed here.", symbol=symbol)
        super().__init__(_guessed(said, suggestions))
        self.symbol = symbol
        self.suggestions = tuple(suggestions)


class UnknownWindow(BotError):
    """The window asked for is none of those drawn."""

    def __init__(self, window: str, known: Sequence[str]) -> None:
        super().__init__(
            later(
                "“{window}” is not a window. Known are {known}.",
                window=window,
                known=one_of(known),
            )
        )
        self.window = window
        self.known = tuple(known)


class UnknownVenue(BotError):
    """The venue asked for is not connected."""

    def __init__(self, venue: str | Said, known: Sequence[str], near: str | None = None) -> None:
        said = later("“{venue}” is not a venue here.", venue=venue)
        there = later("Connected: {venues}.", venues=one_of(known))
        super().__init__(one_after_another(_guessed(said, (near,) if near else ()), there))
        self.venue = venue
        self.known = tuple(known)
        self.near = near


class UnknownZone(BotError):
    """No time zone goes by that name."""

    def __init__(self, zone: str, suggestions: Sequence[str] = ()) -> None:
        said = _guessed(later("“{zone}” is no time zone I know.", zone=zone[:40]), suggestions)
        super().__init__(one_after_another(said, later("Name a city: Berlin, Tokyo.")))
        self.zone = zone
        self.suggestions = tuple(suggestions)


class UnknownWord(BotError):
    """A word of the request fits nowhere."""

    def __init__(self, word: str, expected: str | Said) -> None:
        said = later("“{word}” is not understood here.", word=word)
        super().__init__(one_after_another(said, expected))
        self.word = word


class MissingWord(BotError):
    """The request stops before it says enough; the sentence asks for the rest."""


class MarketUnavailable(BotError):
    """A venue did not answer, or answered with nothing that can be used."""

    def __init__(self, exchange: str, why: str | Said) -> None:
        super().__init__(exchange, why)
        self.exchange = exchange
        self.reason = _kept(why)  # `why` to be said later
        self._without_end = later(
            "{venue} is not answering: {why}", venue=venue_name(exchange), why=self.reason
        )

    def __str__(self) -> str:
        """Say it now."""
        return f"{self._without_end}."

    @property
    def sentence(self) -> Said:
        """What `str()` says, to be kept and said later."""
        return Said("{sentence}.", (("sentence", self._without_end),))

    @property
    def why(self) -> str:
        """The reason alone, said now."""
        return str(self.reason)

    def also(self, more: str | Said) -> Self:
        """Return the same with more said of it.

        >>> str(MarketUnavailable("okx", "HTTP 503").also("shown as of 2 min ago"))
        'OKX is not answering: HTTP 503; shown as of 2 min ago.'
        """
        error = type(self).__new__(type(self), *self.args)
        error.__dict__.update(self.__dict__)
        error._without_end = _both(self._without_end, more)  # noqa: SLF001 - its own kind
        error.reason = _both(self.reason, more)
        return error


def _both(first: Said, then: str | Said) -> Said:
    return later("{first}; {then}", first=first, then=then)


class StillAsked(MarketUnavailable):
    """A venue has not told all yet; it may still do so."""

    def __init__(self, exchange: str, seconds: float) -> None:
        why = later("no answer within {seconds} s", seconds=f"{round(seconds, 1):g}")
        super().__init__(exchange, why)
        self.args = (exchange, seconds)
        self._without_end = later("{venue} has not answered yet", venue=venue_name(exchange))


class NotYetAllowed(StillAsked):
    """A venue was asked as often as it allows: it is we who wait, and it is not to blame.

    >>> str(NotYetAllowed("bitmex", 1_760_000_405_000))
    'We may not ask BitMEX before 09:00:05 UTC: it was asked as often as it allows.'
    """

    def __init__(self, exchange: str, until: int) -> None:
        super().__init__(exchange, 0.0)
        self.args = (exchange, until)
        at = f"{datetime.fromtimestamp(until / 1000, UTC):%H:%M:%S}"
        self._without_end = later(
            "We may not ask {venue} before {time} UTC: it was asked as often as it allows",
            venue=venue_name(exchange),
            time=at,
        )
        self.reason = later(
            "it was asked as often as it allows, and may not be asked before {time} UTC", time=at
        )
        self.until = until  # [ms] UTC


class ChatUnavailable(BotError):
    """A chat platform did not answer, or not with what it should have."""

    def __init__(self, chat: str, why: str) -> None:
        super().__init__(later("{chat} is not answering: {why}.", chat=chat, why=why))
        self.chat = chat
        self.why = why


class NothingAnswered(BotError):
    """Not one of the venues asked gave a market; nothing is made up instead."""

    def __init__(self, failures: Sequence[BotError]) -> None:
        said = later("No venue answered, so there is nothing to draw.")
        super().__init__(one_after_another(said, *failures))
        self.failures = tuple(failures)


class NoOrderBook(BotError):
    """The venues asked tell of no order book at all."""

    def __init__(self, venues: Sequence[str], *, simulated: bool = False) -> None:
        said = later_many(
            "There is no order book to show: {venues} tells of none.",
            "There is no order book to show: {venues} tell of none.",
            len(venues),
            venues=all_of(venues),
        )
        why = later("Nobody waits with an order in a simulated market.")
        super().__init__(one_after_another(said, why) if simulated else said)
        self.venues = tuple(venues)


class NotEnoughData(BotError):
    """There is too little history to say anything."""

    def __init__(self, what: str | Said) -> None:
        super().__init__(later("Not enough data: {what}.", what=what))


class Busy(BotError):
    """More pictures are asked for than can be drawn soon."""

    def __init__(self) -> None:
        super().__init__(later("I am drawing for many people right now; ask again in a moment."))


class MalformedData(BotError):
    """A file is not what it should be; says where."""

    def __init__(self, file: str, line: int | None, column: str | None, why: str) -> None:
        place = file
        if line is not None:
            place += f", line {line}"
        if column is not None:
            place += f", column {column}"
        super().__init__(f"{place}: {why}")
        self.file = file
        self.line = line
        self.column = column


class MissingSetting(BotError):
    """A setting that this needs has no value; names the variable."""

    def __init__(self, variable: str, what: str) -> None:
        super().__init__(f"{variable} is not set: {what}")
        self.variable = variable


class StoreUnavailable(BotError):
    """The bot's memory cannot be read or written just now; what was kept before is not lost."""

    def __init__(self, why: str) -> None:
        super().__init__(later("The bot's memory cannot be used: {why}.", why=_kept(why)))
        self.why = why


class StateRefused(BotError):
    """A saved estimate cannot be gone on from; it is made again from history."""

    def __init__(self, market: str, why: str) -> None:
        super().__init__(f"The saved estimate of {market} is not used: {why}.")
        self.market = market
        self.why = why


class StateOfAnother(StateRefused):
    """The saved estimate was made by another version of the estimate, or of its assumptions."""


class BadSetting(BotError):
    """A setting has a value that cannot be used; names the variable and what would be right."""


class BadExample(BotError):
    """A position to be checked lacks something, or says something that cannot be."""

    def __init__(self, example: str, why: str) -> None:
        super().__init__(f"Example “{example}”: {why}.")
        self.example = example


class WatchRefused(BotError):
    """A watch's words cannot be understood or kept; points at the word that is wrong."""

    def __init__(
        self, why: str, text: str = "", at: int = 0, length: int = 0, fits: Sequence[str] = ()
    ) -> None:
        super().__init__(why)
        self.text = text  # as typed
        self.at = at  # place of the wrong word's first sign; len(text) where something is missing
        self.length = length  # of the wrong word; 0 where something is missing
        self.fits = tuple(fits)  # what would fit there, in words

    @property
    def caret(self) -> str:
        """The line around the wrong word, and under it a line that points there."""
        start = max(0, self.at - 40)
        line = "".join(" " if sign.isspace() else sign for sign in self.text[start : self.at + 40])
        return f"{line}\n{' ' * (self.at - start)}{'^' * max(self.length, 1)}"


class TooManyWatches(BotError):
    """Somebody, or a chat, keeps as many watches as may be kept."""

    def __init__(self, most: int, whose: str) -> None:
        super().__init__(
            later(
                "{whose} keeps {most} watches, which is as many as there may be. Remove one with "
                "/watches first.",
                whose=_kept(whose),
                most=most,
            )
        )
        self.most = most


class NotAllowed(BotError):
    """Somebody wants to change what others have a say in, or what is another's."""


class PositionRefused(BotError):
    """A position that somebody tells of cannot be; says what could."""


class BackupRefused(BotError):
    """A copy of the database cannot be made or put back; says why, and what would be right."""


class TradeRefused(BotError):
    """A trade that somebody logs cannot be; says what could."""
