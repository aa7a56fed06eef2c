"""What comes from people is text that can be kept, and what is repeated to them can be seen."""

import unicodedata
from dataclasses import replace

from bot.reply import Reply


def whole(text: str) -> str:
    r"""Replace halves of surrogate pairs, which no encoding takes, and so no database.

    >>> whole("BTC \udfff 7d") == "BTC \ufffd 7d"
    True
    """
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def seen(reply: Reply) -> Reply:
    """Take out of a refusal what nobody sees: it may hide, or turn, the words that it repeats."""
    if reply.kind != "problem":
        return reply
    return replace(
        reply,
        headline=_visible(reply.headline),
        lines=tuple(map(_visible, reply.lines)),
        table=tuple(map(_visible, reply.table)),
    )


def _visible(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(each for each in text if each == "\n" or unicodedata.category(each)[0] != "C")
