"""What is said, without markup: a chat dresses it in its own clothes."""

from dataclasses import dataclass
from typing import Literal

ALT = 1024  # letters that a picture's description has: what Discord takes


def described(*sentences: str) -> str:
    """Describe a picture to somebody who cannot see it: whole sentences, the first that fit.

    >>> described("BTC, 24 hours.", "", "Largest cluster above: $420M.")
    'BTC, 24 hours. Largest cluster above: $420M.'
    """
    said = ""
    for sentence in filter(None, sentences):
        longer = f"{said} {sentence}" if said else sentence
        if _units(longer) > ALT:
            break
        said = longer
    return said or "".join(sentences)[: ALT // 2]


def _units(text: str) -> int:
    """Count letters as chats do: those beyond the first 65,536 are two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@dataclass(frozen=True, slots=True)
class Image:
    """A picture and what it says to somebody who cannot see it."""

    png: bytes
    alt: str  # at most ALT letters
    name: str  # file name without a path, such as "btc-24h.png"
    key: str  # same key, same bytes: a chat may send a copy it has already uploaded


@dataclass(frozen=True, slots=True)
class Document:
    """A file to keep; no chat shows what is in it, or remembers that it was sent."""

    body: bytes
    name: str  # file name without a path, such as "btc-24h.json"
    mime: str  # "application/zip"


@dataclass(frozen=True, slots=True)
class Button:
    """An obvious next step.

    Pressing it says `words`, as if typed after a slash: "heatmap BTC 24h". At most 64 bytes, so
    that every chat can carry it; what comes back is as hostile as any typed text.
    """

    label: str
    words: str
    chosen: bool = False  # marks what is shown now
    fresh: bool = False  # answer with a new message instead of changing this one

    def __post_init__(self) -> None:
        if len(self.words.encode()) > 64:  # noqa: PLR2004 - Telegram's limit, the tightest
            raise ValueError(f"a button carries at most 64 bytes: {self.words!r}")


@dataclass(frozen=True, slots=True)
class Live:
    """How a chat keeps a reply current: by asking again, and changing the message it sent."""

    words: str  # asked again each time, as if typed after a slash
    ended: str  # asked once more at the end, for the reply that stays
    every: float = 10.0  # [s] between two changes
    lasts: float = 600.0  # [s]


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer: a headline, lines below it, perhaps a picture and next steps."""

    headline: str
    lines: tuple[str, ...] = ()
    image: Image | None = None
    buttons: tuple[tuple[Button, ...], ...] = ()  # rows
    private: bool = False  # only for the person who asked, where the chat can do that
    quiet: bool = False  # it has been said a moment ago: nothing more is sent if that can be
    # A note answers a press beside its message, which stays as it is.
    kind: Literal["answer", "problem", "note"] = "answer"
    simulated: bool = False  # data of a simulated market; every chat marks it
    as_of: int | None = None  # [ms] UTC the data are from; a chat may show it in local time
    # Rows shown before the lines, in letters of one width and with columns aligned; at most 34
    # letters wide, which is what a phone has room for.
    table: tuple[str, ...] = ()
    live: Live | None = None  # the chat keeps this reply current for a while
    # Words that ask for the same once more is known, as if typed after a slash: the chat asks them
    # at once and changes the message when the answer comes. "": this is all there is.
    coming: str = ""
    document: Document | None = None  # instead of a picture: a new message, never a changed one
    language: str = ""  # that it is said in, where known; what a chat adds of its own follows

    def text(self) -> str:
        """Return all that is said, plain."""
        return "\n".join((self.headline, *self.table, *self.lines))
