"""Gathers every sentence for the translators: `make words` brings each catalogue up to date."""

import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from bot.languages import NAMES

ROOT = Path(__file__).parents[2]
KEYWORDS = {
    "say": None,
    "later": None,
    "mark": None,
    "many": (1, 2),
    "say_of": ((1, "c"), 2),
    "later_of": ((1, "c"), 2),
    "later_many": (1, 2),
}
_FOLDERS = ("bot", "renderers", "storage")
# Lines of a header that tell of nothing but the tool and the day.
_EMPTY = (
    b'"POT-Creation-Date',
    b'"PO-Revision-Date',
    b'"Generated-By',
    b'"Project-Id-Version',
    b'"Report-Msgid-Bugs-To',
    b'"Last-Translator',
    b'"Language-Team',
)


def templates() -> Catalog:
    """Return what the code says, in its order."""
    catalogue = Catalog()
    for folder in _FOLDERS:
        found = extract_from_dir(
            ROOT / folder, [("**.py", "python")], keywords=KEYWORDS, comment_tags=["TRANSLATORS:"]
        )
        for file, _, message, comments, context in sorted(found, key=lambda each: each[:2]):
            place = [(f"{folder}/{file}", 0)]
            catalogue.add(message, None, place, auto_comments=comments, context=context)
    return catalogue


def path(language: str) -> Path:
    """Return where a language's catalogue is."""
    return ROOT / "bot" / "locale" / language / "LC_MESSAGES" / "emberline.po"


def catalogue(language: str) -> Catalog:
    """Read a language's catalogue."""
    return read_po(BytesIO(path(language).read_bytes()), locale=language)


def written(known: Catalog, wanted: Catalog) -> bytes:
    """Return a catalogue with exactly the sentences that are said, and what is known of them."""
    known.update(wanted, no_fuzzy_matching=True)
    known.obsolete.clear()
    body = BytesIO()
    write_po(body, known, include_lineno=False, width=100)
    lines = body.getvalue().splitlines(keepends=True)
    return b"".join(line for line in lines if not line.startswith(_EMPTY))


def sentences(known: Catalog) -> Iterator[Message]:
    """Yield the messages of a catalogue without its header."""
    return (message for message in known if message.id)


def translated(message: Message) -> bool:
    """Say whether each form of a sentence has its translation."""
    told = message.string
    return all(told) if isinstance(told, list | tuple) else bool(told)


if __name__ == "__main__":
    wanted = templates()
    for language in NAMES:
        if language != "en":
            path(language).parent.mkdir(parents=True, exist_ok=True)
            known = catalogue(language)
            path(language).write_bytes(written(known, wanted))
            lacking = [each for each in sentences(known) if not translated(each)]
            told = f"{NAMES[language]}: {len(known)} sentences, {len(lacking)} not translated yet\n"
            sys.stdout.write(told)
