"""The tree of foreseen errors, each a sentence for the person who asked.

A library's exceptions are translated into these once, at the door, with `from error`.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Self

from bot.core.instruments import venue_name


def _listed(words: Sequence[str]) -> str:
    """Join words as prose.

    >>> _listed(["12h", "24h", "3d"])
    '12h, 24h or 3d'
    """
    *head, last = words
    return f"{', '.join(head)} or {last}" if head else last


def _all(words: Sequence[str]) -> str:
    """Join words as prose.

    >>> _all(["Gate", "HTX", "OKX"])
    'Gate, HTX and OKX'
    """
    *head, last = words
    return f"{', '.join(head)} and {last}" if head else last


class BotError(Exception):
    """Anything that was foreseen; `str()` is a sentence fit for a chat."""


class UnknownSymbol(BotError):
    """No listed perpetual goes by that name."""

    def __init__(self, symbol: str, suggestions: Sequence[str] = ()) -> None:
        hint = f" Did you mean {_listed(suggestions)}?" if suggestions else ""
        super().__init__(f"No perpetual called “{symbol}” is listed here.{hint}")
        self.symbol = symbol
        self.suggestions = tuple(suggestions)


class UnknownWindow(BotError):
    """The window asked for is none of those drawn."""

    def __init__(self, window: str, known: Sequence[str]) -> None:
        super().__init__(f"“{window}” is not a window. Known are {_listed(known)}.")
        self.window = window
        self.known = tuple(known)


class UnknownVenue(BotError):
    """The venue asked for is not connected."""

    def __init__(self, venue: str, known: Sequence[str], near: str | None = None) -> None:
        hint = f" Did you mean {near}?" if near else ""
        super().__init__(f"“{venue}” is not a venue here.{hint} Connected: {_listed(known)}.")
        self.venue = venue
        self.known = tuple(known)
        self.near = near


class UnknownZone(BotError):
    """No time zone goes by that name."""

    def __init__(self, zone: str, suggestions: Sequence[str] = ()) -> None:
        hint = f" Did you mean {_listed(suggestions)}?" if suggestions else ""
        super().__init__(f"“{zone[:40]}” is no time zone I know.{hint} Name a city: Berlin, Tokyo.")
        self.zone = zone
        self.suggestions = tuple(suggestions)


class UnknownWord(BotError):
    """A word of the request fits nowhere."""

    def __init__(self, word: str, expected: str) -> None:
        super().__init__(f"“{word}” is not understood here. {expected}")
        self.word = word


class MissingWord(BotError):
    """The request stops before it says enough; the sentence asks for the rest."""


class MarketUnavailable(BotError):
    """A venue did not answer, or answered with nothing that can be used."""

    def __init__(self, exchange: str, why: str) -> None:
        super().__init__(f"{venue_name(exchange)} is not answering: {why}.")
        self.exchange = exchange
        self.why = why

    def also(self, more: str) -> Self:
        """Return the same with more said of it.

        >>> str(MarketUnavailable("okx", "HTTP 503").also("shown as of 2 min ago"))
        'OKX is not answering: HTTP 503; shown as of 2 min ago.'
        """
        error = type(self).__new__(type(self))
        error.__dict__.update(self.__dict__)
        error.args = (f"{str(self).removesuffix('.')}; {more}.",)
        error.why = f"{self.why}; {more}"
        return error


class StillAsked(MarketUnavailable):
    """A venue has not told all yet; it may still do so."""

    def __init__(self, exchange: str, seconds: float) -> None:
        super().__init__(exchange, f"no answer within {round(seconds, 1):g} s")
        self.args = (f"{venue_name(exchange)} has not answered yet.",)


class NotYetAllowed(StillAsked):
    """A venue was asked as often as it allows: it is we who wait, and it is not to blame.

    >>> str(NotYetAllowed("bitmex", 1_760_000_405_000))
    'We may not ask BitMEX before 09:00:05 UTC: it was asked as often as it allows.'
    """

    def __init__(self, exchange: str, until: int) -> None:
        at = f"{datetime.fromtimestamp(until / 1000, UTC):%H:%M:%S} UTC"
        super().__init__(exchange, 0.0)
        why = "it was asked as often as it allows"
        self.args = (f"We may not ask {venue_name(exchange)} before {at}: {why}.",)
        self.why = f"{why}, and may not be asked before {at}"
        self.until = until  # [ms] UTC


class ChatUnavailable(BotError):
    """A chat platform did not answer, or not with what it should have."""

    def __init__(self, chat: str, why: str) -> None:
        super().__init__(f"{chat} is not answering: {why}.")
        self.chat = chat
        self.why = why


class NothingAnswered(BotError):
    """Not one of the venues asked gave a market; nothing is made up instead."""

    def __init__(self, failures: Sequence[BotError]) -> None:
        said = " ".join(str(failure) for failure in failures)
        super().__init__(f"No venue answered, so there is nothing to draw. {said}".strip())
        self.failures = tuple(failures)


class NoOrderBook(BotError):
    """The venues asked tell of no order book at all."""

    def __init__(self, venues: Sequence[str], *, simulated: bool = False) -> None:
        why = " Nobody waits with an order in a simulated market." if simulated else ""
        verb = "tells" if len(venues) == 1 else "tell"
        super().__init__(f"There is no order book to show: {_all(venues)} {verb} of none.{why}")
        self.venues = tuple(venues)


class NotEnoughData(BotError):
    """There is too little history to say anything."""

    def __init__(self, what: str) -> None:
        super().__init__(f"Not enough data: {what}.")


class Busy(BotError):
    """More pictures are asked for than can be drawn soon."""

    def __init__(self) -> None:
        super().__init__("I am drawing for many people right now; ask again in a moment.")


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
        super().__init__(f"The bot's memory cannot be used: {why}.")
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
            f"{whose} keeps {most} watches, which is as many as there may be. Remove one with "
            "/watches first."
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
