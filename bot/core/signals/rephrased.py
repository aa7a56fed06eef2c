"""Whether a text that rephrases sentences says nothing that they do not.

Who rephrases is not trusted: a figure, a coin, a side or a link that is not in the sentences is
reason enough to refuse the text, and the sentences are shown as they are.
"""

import re
from collections.abc import Iterable, Sequence

# A rephrasing is about as long as what it rephrases [times its letters].
LONGEST, SHORTEST = 1.5, 0.4

# A figure with what it counts: "1.2B", "2.3%", "4h". The same number of another unit is another.
_NUMBER = re.compile(
    r"(\d[\d,]*(?:\.\d+)?)[\s\u00a0]*"
    r"(%|percent\b|per cent\b|[KMBT]\b|thousand\b|million\b|billion\b|trillion\b|h\b|hours?\b|"
    r"d\b|days?\b|min\b|minutes?\b)?",
    re.IGNORECASE,
)
_UNITS = {
    "percent": "%",
    "per cent": "%",
    "thousand": "k",
    "million": "m",
    "billion": "b",
    "trillion": "t",
    "hour": "h",
    "hours": "h",
    "day": "d",
    "days": "d",
    "minute": "min",
    "minutes": "min",
}
# Figures in letters, and promises.
_UNTOLD = re.compile(
    r"\b(two|three|four|five|six|seven|eight|nine|ten|dozens?|hundreds?|"
    r"(?<!\d )thousands?|(?<!\d )millions?|(?<!\d )billions?|"
    r"half|halv\w+|thirds?|quarters?|doubl\w+|twice|tripl\w+|"
    r"guarante\w+|risk-free|certain|certainly|surely|always|never)\b",
    re.IGNORECASE,
)
_SIDED = re.compile(r"\b(long|short|up|down|above|below|bullish|bearish)s?\b", re.IGNORECASE)
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

    >>> sorted(numbers("$1.2B at 97,412 (+0.8 %), 1.2 billion"))
    ['0.8%', '1.2b', '97412']
    """
    found = set()
    for number, unit in _NUMBER.findall(text):
        plain = unit.lower()
        found.add(number.replace(",", "").rstrip(".") + _UNITS.get(plain, plain))
    return found


def foreign(text: str, facts: Sequence[str]) -> set[str]:
    """Return the figures of a text that none of the facts holds: a rephrasing has none."""
    return numbers(text) - set().union(*(numbers(fact) for fact in facts))


def refusal(text: str, facts: Sequence[str], base: str, coins: Iterable[str] = ()) -> str:
    """Say why a text is no rephrasing of the facts; an empty string if it is one.

    `base` is the coin they are about, `coins` are others that there are.
    """
    said = " ".join(facts)
    if not SHORTEST * len(said) <= len(text.strip()) <= LONGEST * len(said):
        return "it is not about as long"
    reasons = (
        ("it has letters that the facts do not", _letters(text) - _letters(said)),
        ("it points elsewhere", {found[0] for found in _OUTWARD.finditer(text)}),
        ("it has figures that the facts do not", foreign(text, facts)),
        ("it says what the facts do not", _words(_UNTOLD, text) - _words(_UNTOLD, said)),
        ("it takes a side that the facts do not", _words(_SIDED, text) - _words(_SIDED, said)),
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
