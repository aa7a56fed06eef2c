"""Whether a text that rephrases sentences says nothing that they do not.

Who rephrases is not trusted: a figure, a coin, a side or a link that is not in the sentences is
reason enough to refuse the text, and the sentences are shown as they are.
"""

import re
from collections.abc import Iterable, Sequence

from bot.core.language import code
from bot.core.signals.rephrased_words import words_of

# A rephrasing is about as long as what it rephrases [times its letters].
LONGEST, SHORTEST = 1.5, 0.4

_OUTWARD = re.compile(
    r"https?:|www\.|://|@|\]\(|[<>`]|\b[\w-]+\.(?:com|io|net|org|me|gg|xyz|app|finance|link)\b|#\w",
    re.IGNORECASE,
)
_PLAIN = set("–—−’‘“”…\u00a0\u202f")
_TICKER = re.compile(r"\$?\b[A-Z0-9]*[A-Z][A-Z0-9]+\b")
_CALLED = {
    "bitcoin": "BTC",
    "ethereum": "ETH",
    "ether": "ETH",
    "solana": "SOL",
    "ripple": "XRP",
    "dogecoin": "DOGE",
    "cardano": "ADA",
    "litecoin": "LTC",
    "tether": "USDT",
}


def numbers(text: str) -> set[str]:
    """Return the figures of a text with their units, without their thousands' commas.

    It is read as the language spoken now writes it.

    >>> sorted(numbers("$1.2B at 97,412 (+0.8 %), 1.2 billion"))
    ['0.8%', '1.2b', '97412']
    """
    words = words_of(code())
    found = words.figure.findall(text)
    return {number.replace(",", "") + words.units.get(unit.lower(), "") for number, unit in found}


def foreign(text: str, facts: Sequence[str]) -> set[str]:
    """Return the figures of a text that none of the facts holds: a rephrasing has none."""
    return numbers(text) - set().union(*(numbers(fact) for fact in facts))


def refusal(text: str, facts: Sequence[str], base: str, coins: Iterable[str] = ()) -> str:
    """Say why a text is no rephrasing of the facts; an empty string if it is one.

    Both are in the language spoken now. `base` is the coin they are about, `coins` are others that
    there are. What is said is for the log, in English.
    """
    said, words = " ".join(facts), words_of(code())
    if not SHORTEST * len(said) <= len(text.strip()) <= LONGEST * len(said):
        return "it is not about as long"
    letters = _letters(text) - _letters(said) - words.letters
    untold = _words(words.untold, text) - _words(words.untold, said)
    sided = {words.sides.get(each, each) for each in _words(words.sided, text)}
    sided -= {words.sides.get(each, each) for each in _words(words.sided, said)}
    reasons = (
        ("it has letters that the facts do not", letters),
        ("it points elsewhere", {found[0] for found in _OUTWARD.finditer(text)}),
        ("it has figures that the facts do not", foreign(text, facts)),
        ("it says what the facts do not", untold),
        ("it takes a side that the facts do not", sided),
        ("it names another coin", _other_coins(text, said, base, coins)),
    )
    return next((f"{why}: {', '.join(sorted(what))}" for why, what in reasons if what), "")


def _words(pattern: re.Pattern[str], text: str) -> set[str]:
    """Return the words of a kind, in the singular."""
    return {found[0].lower().removesuffix("s") for found in pattern.finditer(text)}


def _letters(text: str) -> set[str]:
    """Return the letters beyond ASCII, but for dashes and quotation marks."""
    return {letter for letter in text if not letter.isascii()} - _PLAIN


def _other_coins(text: str, said: str, base: str, coins: Iterable[str]) -> set[str]:
    others = {coin.upper() for coin in coins} | set(_CALLED.values())
    named = {found[0].lstrip("$") for found in _TICKER.finditer(text)}
    named -= {found[0].lstrip("$") for found in _TICKER.finditer(said)} | {base.upper()}
    called = {word for word, coin in _CALLED.items() if coin != base}
    return named & others | called & set(re.findall(r"[a-z]+", text.lower()))
