"""A reply in Discord's clothes: one card, one picture, buttons; within Discord's limits.

The picture is an attachment beside the card rather than the card's own image: so Discord shows it
at full width, and keeps its description for people who cannot see it.
"""

import re
import unicodedata
from collections.abc import Iterator
from io import BytesIO

import discord

from bot.chats.words import wants_file
from bot.core.language import mark, say
from bot.languages import spoken
from bot.reply import Button, Document, Image, Reply

# Discord's limits; it counts the characters that are sent, so escapes count too.
TITLE = 256
DESCRIPTION = 4096
ALT = 1024
LABEL = 80
ROWS = 5
ROW = 5

SIMULATED = mark("⚠ SIMULATED – not a real market")
_TABLE = 3000  # units, so that the block is closed and what follows is read
_KEPT = "\n\u200d"  # the latter holds emoji together
_CUT = "…"
_BLANK = "…"  # Discord refuses a card, or a button, that says nothing
_ANSWER = discord.Colour(0xF2994A)
_PROBLEM = discord.Colour(0x8A8F98)
_PRETEND = discord.Colour(0xB455E0)

# What Discord would take for markup: emphasis, code, spoilers, links, mentions, timestamps;
# at the start of a line also headings, quotes and lists.
_MARKUP = re.compile(r"[\\*_~`|\[<@]|(?<=:)//|^[ \t]*(?:[#>+-])", re.MULTILINE)

# Discord pings nobody for a bot that allows no mentions, and never for what is on a card; should it
# ever read these words elsewhere, they are none.
_EVERYBODY = re.compile(r"@(?=everyone|here)", re.IGNORECASE)
_BROKEN = "@\u200b"

# ember:07=:heatmap BTC 24h   the number keeps two buttons with the same words apart
PRESSED = re.compile(r"ember:\d\d(?P<how>[=+]):(?P<words>.{1,64})", re.DOTALL)


def card(reply: Reply) -> discord.Embed:
    """Put what is said on a card: at most 256 + 4096 characters and one fixed mark.

    A headline that is too long for a title, such as a problem with three venues, opens the text.
    """
    with spoken(reply.language):
        return _card(reply)


def _card(reply: Reply) -> discord.Embed:
    headline = _plain(reply.headline.replace("\n", " ")).strip()
    is_title = 0 < _units(headline) <= TITLE
    body = (_table(reply) + _plain("\n".join(reply.lines))).strip()
    text = _text(body if is_title else f"{headline}\n{body}".strip(), _age(reply))
    embed = discord.Embed(
        title=headline if is_title else None,
        description=text or (None if is_title else _BLANK),
        colour=_colour(reply),
    )
    if reply.simulated:
        embed.set_author(name=say(SIMULATED))
    return embed


def picture(image: Image) -> discord.File:
    """Attach a picture under a harmless name, with its description."""
    stem = _harmless(image.name) or "picture"
    name = stem if stem.endswith(".png") else f"{stem}.png"
    return discord.File(BytesIO(image.png), name, description=_cut(_visible(image.alt), ALT))


def file(document: Document) -> discord.File:
    """Attach a file under a harmless name."""
    return discord.File(BytesIO(document.body), _harmless(document.name) or "file")


def _harmless(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip(".-")[:60]


def steps(reply: Reply) -> discord.ui.View | None:
    """Lay out the buttons, at most five rows of five; None if there are none.

    Must be called within a running loop. Nothing listens to the view itself: a press is known by
    its custom_id alone, so that it still works after a restart.
    """
    view = discord.ui.View(timeout=None)
    number = 0
    for row, buttons in enumerate(_rows(reply)):
        for button in buttons:
            view.add_item(
                discord.ui.Button(
                    label=_cut(_visible(button.label).strip(), LABEL) or _BLANK,
                    custom_id=f"ember:{number:02d}{'+' if button.fresh else '='}:{button.words}",
                    style=discord.ButtonStyle.primary
                    if button.chosen
                    else discord.ButtonStyle.secondary,
                    row=row,
                )
            )
            number += 1
    view.stop()
    return view if number else None


def _rows(reply: Reply) -> list[tuple[Button, ...]]:
    return [chunk for row in reply.buttons for chunk in _chunks(row)][:ROWS]


def _chunks(row: tuple[Button, ...]) -> Iterator[tuple[Button, ...]]:
    # Discord keeps an attachment as it was sent, so "as a file" would only repeat the picture.
    useful = [button for button in row if button.words and not wants_file(button.words)]
    for start in range(0, len(useful), ROW):
        yield tuple(useful[start : start + ROW])


def _table(reply: Reply) -> str:
    """Put rows into a block of code, the only place where Discord's letters have one width."""
    rows = "\n".join(_visible(row).rstrip() for row in reply.table).replace("`", "'")
    return f"```\n{_cut(rows, _TABLE)}\n```\n" if rows else ""


def _age(reply: Reply) -> str:
    # Discord shows this stamp by the reader's own clock, and keeps it up to date: "2 minutes ago".
    # An invented market has a clock of its own, of which that would say nothing.
    if reply.as_of is None or reply.simulated:
        return ""
    return say("Data from {time}", time=f"<t:{reply.as_of // 1000}:R>")


def _text(body: str, age: str) -> str:
    body = _fitted(body, DESCRIPTION - len(age) - 2)
    return f"{body}\n\n{age}" if body and age else body or age


def _colour(reply: Reply) -> discord.Colour:
    if reply.kind == "problem":
        return _PROBLEM
    return _PRETEND if reply.simulated else _ANSWER


def _plain(text: str) -> str:
    r"""Make Discord show `text` letter by letter.

    >>> print(_plain("**BTC** <@1> [x](https://y)"))
    \*\*BTC\*\* \<\@1> \[x](https:\//y)
    >>> print(_plain("- 4 % @someone"))
    \- 4 % \@someone
    """
    return _MARKUP.sub(lambda found: _escaped(found[0]), _visible(text))


def _escaped(mark: str) -> str:
    return mark[: len(mark) - len(mark.lstrip())] + "\\" + mark.lstrip()


def unescaped(markup: str) -> str:
    r"""Return the letters of a card's text, for where there is no markup.

    >>> print(unescaped(r"BTC \> 60\_000"))
    BTC > 60_000
    """
    return re.sub(r"\\([^0-9A-Za-z\s])", r"\1", markup)


def _visible(text: str) -> str:
    # Control characters are dropped, and with them those that turn the direction of reading.
    kept = "".join(each for each in text if each in _KEPT or unicodedata.category(each)[0] != "C")
    return _EVERYBODY.sub(_BROKEN, kept)


def _fitted(markup: str, limit: int) -> str:
    """Cut escaped text so that no escape is torn apart."""
    cut = _cut(markup, limit)
    if cut == markup:
        return markup
    kept = cut.removesuffix(_CUT)
    torn = (len(kept) - len(kept.rstrip("\\"))) % 2
    return kept[: len(kept) - torn] + _CUT


def _cut(text: str, limit: int) -> str:
    """Cut text to `limit` UTF-16 units, the stricter of the two ways in which one may count."""
    if _units(text) <= limit:
        return text
    room, kept = limit - len(_CUT), 0
    for letter in text:
        room -= 1 if ord(letter) < 0x10000 else 2  # noqa: PLR2004 - the last letter of one unit
        if room < 0:
            break
        kept += 1
    return text[:kept].rstrip() + _CUT


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
