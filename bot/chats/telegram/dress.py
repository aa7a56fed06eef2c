"""A reply in Telegram's clothes: text with entities, cut to its limits, and buttons.

Formatting goes as entities, never as markup, so no text can break it, and lengths are counted as
Telegram counts them, in UTF-16 units.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, MessageEntity

from bot.core.language import say
from bot.desk.caption import clock
from bot.languages import spoken
from bot.reply import Button, Reply

# Limits of the Bot API, in UTF-16 units after formatting.
CAPTION = 1024
TEXT = 4096
ALERT = 200
BUTTON = 64  # bytes of the words a button carries

_ROW = 8
_KEYBOARD = 100
_LABEL = 48  # not a limit of Telegram's: what a phone shows of a button

_MORE = "…"
_LONGEST_MARK = 100
_FRESH = "+"  # before a button's words: answer with a new message

_TIME = "dt"  # short date and time, as the reader's phone writes them

# Telegram takes these out of any text; bidirectional marks can make a text read as another.
_TAKEN_OUT = {"\u0333", "\u033f", "\u030a"}
_JOINER = "\u200d"  # holds emoji together
# Letters by name that show nothing: a message of these alone is refused as empty.
_BLANK = {"\u115f", "\u1160", "\u2800", "\u3164", "\uffa0"}
_LINK = re.compile(r"://|[^\W\d]\.[^\W\d]{2}")


@dataclass(frozen=True, slots=True)
class Dressed:
    """What goes to Telegram: entities are offsets into `text` in UTF-16 units."""

    text: str
    entities: tuple[MessageEntity, ...] = ()
    keyboard: InlineKeyboardMarkup | None = None

    @property
    def has_link(self) -> bool:
        """Whether Telegram might add a preview of something that the text names."""
        return _LINK.search(self.text) is not None

    def plain(self) -> "Dressed":
        """Leave out the formatting."""
        return replace(self, entities=())


@dataclass(frozen=True, slots=True)
class Door(Button):
    """A button that opens an address, where its words are then asked."""

    address: str = ""


def dress(reply: Reply, limit: int) -> Dressed:
    """Dress a reply in at most `limit` units; lines that do not fit are left out, and "…" says so.

    The mark of a simulated market and the headline stand first, in bold, and always stay.
    """
    with spoken(reply.language):
        return _dressed(reply, limit)


def _dressed(reply: Reply, limit: int) -> Dressed:
    lines = [line for text in reply.lines for line in clean(text).rstrip().split("\n")]
    above: list[str] = []
    if reply.simulated:
        first, alone = say("SIMULATED"), say("SIMULATED market")
        mark = next((line for line in lines if line.startswith(first)), alone)
        above = [cut(mark, _LONGEST_MARK)]
        lines = [line for line in lines if line != mark]
    reserved = sum(_units(line) + 1 for line in (*above, _MORE))
    headline = cut(clean(reply.headline).strip(), limit - reserved)
    above += [headline] if headline else []
    bold = "\n".join(above)
    table = [line for row in reply.table for line in clean(row).rstrip().split("\n")]
    body = _fitting([*table, *lines], limit - _units(bold))
    text = "\n".join((*above, *body)).strip()
    buttons = keyboard(reply.buttons)
    if not _shows(text):
        return Dressed(_MORE, (), buttons)
    entities = [MessageEntity(MessageEntity.BOLD, 0, _units(bold))] if bold else []
    begins = _units(bold) + 1
    rows = min(_units("\n".join(body[: len(table)])), _units(text) - begins)
    if bold and table and rows > 0:
        entities.append(MessageEntity(MessageEntity.PRE, begins, rows))
    return Dressed(text, (*entities, *_time(text, reply.as_of)), buttons)


def keyboard(rows: Iterable[Sequence[Button]]) -> InlineKeyboardMarkup | None:
    """Make the buttons, wrapped at eight in a row; at most a hundred."""
    made: list[list[InlineKeyboardButton]] = []
    left = _KEYBOARD
    for row in rows:
        buttons = [_button(button) for button in row if button.words][:left]
        left -= len(buttons)
        made += [buttons[start : start + _ROW] for start in range(0, len(buttons), _ROW)]
    return InlineKeyboardMarkup(made) if made else None


def _button(button: Button) -> InlineKeyboardButton:
    label = cut(" ".join(clean(button.label).split()), _LABEL)
    label = label if _shows(label) else _MORE
    if isinstance(button, Door):
        return InlineKeyboardButton(label, url=button.address)
    data = f"{_FRESH}{button.words}" if button.fresh else button.words
    if len(data.encode()) > BUTTON:
        data = button.words  # no room for the mark: the press changes the message instead
    return InlineKeyboardButton(f"✓ {label}" if button.chosen else label, callback_data=data)


def pressed(data: str) -> tuple[str, bool]:
    """Return a pressed button's words, and whether the answer is a new message.

    >>> pressed("+map BTC"), pressed("heatmap BTC 24h")
    (('map BTC', True), ('heatmap BTC 24h', False))
    """
    return data.removeprefix(_FRESH), data.startswith(_FRESH)


def clean(text: str) -> str:
    r"""Take out what Telegram would, what hides or turns text, and every mention.

    >>> clean("a\x00b @everyone \u202eexe")
    'ab ＠everyone exe'
    """
    normal = unicodedata.normalize("NFC", whole(text))
    kept = (character for character in normal if _stays(character))
    return "".join(kept).replace("\t", " ").replace("@", "＠")


def whole(text: str) -> str:
    """Replace halves of surrogate pairs, which no encoding takes."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _stays(character: str) -> bool:
    if character in "\n\t" or character == _JOINER:
        return True
    category = unicodedata.category(character)
    return category not in {"Cc", "Cf", "Cs", "Zl", "Zp"} and character not in _TAKEN_OUT


def cut(text: str, units: int) -> str:
    """Shorten a text to at most `units` UTF-16 units, ending in "…" if it was longer.

    >>> cut("long 😀 story", 7), cut("short", 7)
    ('long …', 'short')
    """
    if _units(text) <= units:
        return text
    start = text.encode("utf-16-le")[: 2 * max(units - 1, 0)]
    # Half of a surrogate pair at the end is dropped with the rest.
    return start.decode("utf-16-le", "ignore") + _MORE if units > 0 else ""


def _fitting(lines: Sequence[str], room: int) -> list[str]:
    """Keep as many lines as `room` units hold, each with its line break."""
    if sum(_units(line) + 1 for line in lines) <= room:
        return list(lines)
    room -= _units(_MORE) + 1
    kept: list[str] = []
    for line in lines:
        room -= _units(line) + 1
        if room < 0:
            break
        kept.append(line)
    return [*kept, _MORE]


def _time(text: str, as_of: int | None) -> list[MessageEntity]:
    """Mark where the time of the data is written: a phone shows it in its own time zone."""
    if as_of is None or (at := text.rfind(written := clock(as_of))) < 0:
        return []
    return [
        MessageEntity(
            MessageEntity.DATE_TIME,
            _units(text[:at]),
            _units(written),
            unix_time=datetime.fromtimestamp(as_of // 1000, UTC),
            date_time_format=_TIME,
        )
    ]


def _shows(text: str) -> bool:
    return any(
        unicodedata.category(character)[0] in "LNPS" and character not in _BLANK
        for character in text
    )


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
