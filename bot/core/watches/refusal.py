"""A refusal that points at the wrong word and says what would fit there."""

import re
from collections.abc import Iterable

from lark import Token, UnexpectedInput
from lark.exceptions import UnexpectedCharacters, UnexpectedToken
from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.core.errors import WatchRefused
from bot.core.language import mark, say
from bot.core.watches.text import Typed

# What each terminal of the grammar is to a person; the first words are offered, all are known.
# Those without words are explained, in the language of whoever typed; the others are quoted.
_COMPARED = mark("a comparison: >, >=, <, <=, above, below")
_ON = mark("on a venue")
_TERMS: dict[str, tuple[str, tuple[str, ...]]] = {
    "NAME": (mark("a name such as BTC"), ()),
    "ALL": ("all", ("all", "any")),
    "FUNDING": ("funding", ("funding",)),
    "INTEREST": ("oi", ("oi", "open", "interest")),
    "PRICE": ("price", ("price",)),
    "CLUSTERS": ("clusters", ("clusters", "cluster")),
    "NEAREST": ("nearest cluster", ("nearest",)),
    "LIQUIDATED": ("liquidations", ("liquidations", "liquidated", "liqs")),
    "RATIO": ("ratio", ("ratio", "long/short")),
    "DELTA": ("delta", ("delta", "cumulative")),
    "REGIME": ("regime", ("regime",)),
    "SQUEEZE": ("squeeze", ("squeeze",)),
    "FUEL": ("fuel", ("fuel", "gauge")),
    "EXHAUSTION": ("exhaustion", ("exhaustion",)),
    "MAGNET": ("magnet", ("magnet",)),
    "SWEEP": ("sweep", ("sweep",)),
    "CASCADE": ("cascade", ("cascade",)),
    "NONE": ("none", ("none",)),
    "PERCENT": (mark("a percentage such as 0.03%"), ()),
    "AMOUNT": (mark("a number such as 98000, 500M or 2.5"), ()),
    "TIMES": (mark("a multiple such as 5x normal"), ()),
    "WINDOW": (mark("a time such as 15m, 4h or 1d"), ()),
    "HOURS": (mark("hours such as 22:00-07:00"), ()),
    "CLOCK": (mark("a time of day such as 08:00"), ()),
    "PER_DAY": (mark("a number a day such as 5/day"), ()),
    "MORE": (_COMPARED, ("more", "than")),
    "LESS": (_COMPARED, ("less",)),
    "AT_LEAST": (_COMPARED, ()),
    "AT_MOST": (_COMPARED, ()),
    "ABOVE": ("above", ("above", "over")),
    "BELOW": ("below", ("below", "under")),
    "CROSSES": ("crosses", ("crosses", "cross")),
    "RISING": ("rising", ("rising", "rises")),
    "FALLING": ("falling", ("falling", "falls")),
    "UP": ("up", ("up",)),
    "DOWN": ("down", ("down",)),
    "MOVES": ("moves", ("moves",)),
    "CHANGE": ("change", ("change", "changed")),
    "WITHIN": ("within", ("within",)),
    "DISTANCE": ("distance", ("distance", "away")),
    "LONGS": ("longs", ("longs",)),
    "SHORTS": ("shorts", ("shorts",)),
    "NORMAL": ("normal", ("normal", "usual")),
    "SWEPT": ("swept", ("swept",)),
    "CONFIRMED": ("confirmed", ("confirmed",)),
    "SETUP": ("setup", ("setup",)),
    "AND": ("and", ("and",)),
    "OR": ("or", ("or",)),
    "NOT": ("not", ("not",)),
    "LPAR": ("(", ()),
    "RPAR": (")", ()),
    "FOR": ("for 10m", ("for",)),
    "UNTIL": ("until …", ("until",)),
    "EVERY": ("every 4h", ("every",)),
    "COOLDOWN": ("cooldown 2h", ("cooldown",)),
    "QUIET": ("quiet 22:00-07:00", ("quiet",)),
    "CAP": ("cap 5/day", ("cap", "max")),
    "ON": (_ON, ("on",)),
    "DIGEST": ("digest 08:00", ("digest",)),
    "HEATMAP": ("heatmap every 4h", ("heatmap",)),
    "$END": (mark("nothing more"), ()),
}
_EXPLAINED = {phrase for phrase, words in _TERMS.values() if not words} | {_ON}
# Left out of what is offered: they can always stand there, or say nothing.
_UNSAID = {"COMMA", "IS", "IN", "AT", "DISTANCE"}
_OFFERED = 9
# From this similarity on a word is taken for another one mistyped; a name needs more, since coins
# may be called anything.
_NEAR, _NEAR_NAME = 0.6, 0.79
_SHORTEST_NAME = 4
_CLAUSES = tuple(
    word
    for term, (_, words) in _TERMS.items()
    if term not in {"ALL", "LONGS", "SHORTS"}
    for word in words
    if len(word) >= _SHORTEST_NAME
)
# These begin a clause and name no coin.
FIGURES = frozenset(
    ("funding", "oi", "price", "cluster", "clusters", "liquidations", "liqs", "ratio", "delta")
) | {"regime", "nearest"}


def at_token(said: Typed, token: Token, why: str, fits: Iterable[str] = ()) -> WatchRefused:
    """Refuse what a token says; `why` is the sentence."""
    start = said.place(token.start_pos or 0)
    last = said.place(max((token.end_pos or 1) - 1, token.start_pos or 0))
    return WatchRefused(why, said.original, start, last + 1 - start, tuple(fits))


def near_keyword(name: str) -> str | None:
    """Return the word of the language that a name is probably meant to be, if one is near.

    >>> near_keyword("fundin"), near_keyword("doge")
    ('funding', None)
    """
    if len(name) < _SHORTEST_NAME:
        return None
    found = process.extractOne(
        name, _CLAUSES, scorer=OSA.normalized_similarity, score_cutoff=_NEAR_NAME
    )
    return found[0] if found else None


def unexpected(said: Typed, error: UnexpectedInput, names: Iterable[Token]) -> WatchRefused:
    """Say what is wrong where the grammar could not go on; `names` are the coins read before."""
    for name in names:
        if meant := near_keyword(str(name)):
            return at_token(said, name, meant_instead(str(name), meant), (meant,))
    expected = _expected(error)
    at = error.pos_in_stream if isinstance(error.pos_in_stream, int) else len(said.text)
    at += len(said.text[at:]) - len(said.text[at:].lstrip())
    fits = _fits(expected)
    if at >= len(said.text) or (isinstance(error, UnexpectedToken) and error.token.type == "$END"):
        end = len(said.original.rstrip())
        why = say("It stops too early.")
        if fits:
            why = say("It stops too early. Next comes {what}.", what=_listed(fits))
        return WatchRefused(why, said.original, end, 0, fits)
    found = re.match(r"[a-z]+|[^\s(),]+|.", said.text[at:])
    word = found.group() if found else said.text[at]
    start, last = said.place(at), said.place(at + len(word) - 1)
    shown = said.original[start : last + 1]
    why = _why(_short(shown), word, expected, fits)
    return WatchRefused(why, said.original, start, last + 1 - start, fits)


def meant_instead(word: str, meant: str) -> str:
    """Say that a word is not understood, and which was probably meant."""
    return say("“{word}” is not understood here. Did you mean “{meant}”?", word=word, meant=meant)


def _expected(error: UnexpectedInput) -> set[str]:
    if isinstance(error, UnexpectedToken):
        return set(error.accepts or error.expected)
    return set(error.allowed or ()) if isinstance(error, UnexpectedCharacters) else set()


def _fits(expected: set[str]) -> list[str]:
    unsaid = _UNSAID | ({"ABOVE", "BELOW"} if "MORE" in expected else set())
    said = (phrase for term, (phrase, _) in _TERMS.items() if term in expected - unsaid)
    return list(dict.fromkeys(said))


def _why(shown: str, word: str, expected: set[str], fits: list[str]) -> str:
    words = [each for term in expected if term in _TERMS for each in _TERMS[term][1]]
    near = process.extractOne(
        word, sorted(words), scorer=OSA.normalized_similarity, score_cutoff=_NEAR
    )
    if near and near[0] != word:
        return meant_instead(shown, near[0])
    if not fits:
        return say("“{word}” is not understood here.", word=shown)
    return say("“{word}” is not understood here. Here fits {what}.", word=shown, what=_listed(fits))


def _listed(fits: list[str]) -> str:
    """Join what fits, the most telling first.

    >>> _listed(["funding", "oi", "price"])
    'funding, oi or price'
    """
    few = [say(fit) if fit in _EXPLAINED else fit for fit in fits[:_OFFERED]]
    *head, last = few
    more = ", …" if len(fits) > _OFFERED else ""
    return say("{some} or {last}", some=", ".join(head), last=f"{last}{more}") if head else last


def _short(word: str) -> str:
    return word if len(word) <= 20 else f"{word[:19]}…"  # noqa: PLR2004 - enough to recognise it
