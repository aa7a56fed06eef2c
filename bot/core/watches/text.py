"""What was typed, cleaned; every sign of it knows where it stood, so that an error can point there.

Full-width and foreign digits, typographic minus signs, thousand separators and decimal commas all
become what the grammar knows; letters become small.
"""

import re
import unicodedata
from dataclasses import dataclass

# Longer than any condition that a person would want to keep.
LONGEST = 300

_MINUS = "‐‑‒–—−﹣－"
_LIKE = str.maketrans({**dict.fromkeys(_MINUS, "-"), "×": "x", "✕": "x", "“": " ", "”": " "})
_THIN = "\u00a0\u202f\u2009"
# 1,000,000 and 1_000 and 1'000, but not 0,300; with a thin space between, as some write it.
_THOUSANDS = re.compile(r"(?<![0-9.,])[1-9][0-9]{0,2}(?:[,_'’\u2009][0-9]{3})+(?![0-9])")
_DECIMAL_COMMA = re.compile(r"(?<![0-9.,])[0-9]+,[0-9]+(?![0-9.,])")
_BEFORE_OPTION = re.compile(
    r",(?=\s*(?:$|for\b|until\b|every\b|cooldown\b|quiet\b|cap\b|max\b|on\b|and\b|or\b|&|\|))"
)
_AFTER_LINK = re.compile(r"(?:\b(?:and|or)|[&|])\s*,")
_END = re.compile(r"[\s.,;!?]+$")
_COMMAND = re.compile(r"^\s*/?watch(?:@\w+)?\s+")


@dataclass(frozen=True, slots=True)
class Typed:
    """Cleaned text, and for each of its signs the place in what was typed."""

    original: str
    text: str
    places: tuple[int, ...]

    def place(self, at: int) -> int:
        """Return where a sign of the cleaned text stood; the end for what comes after the last."""
        return self.places[at] if at < len(self.places) else len(self.original.rstrip())


def typed(original: str) -> Typed:
    """Clean what was typed.

    >>> typed("BTC funding ＞ 0,03 % and price over 98’000").text
    'btc funding > 0.03 % and price over 98000'
    """
    signs: list[str] = []
    places: list[int] = []
    for place, sign in enumerate(original):
        for one in _cleaned(sign):
            signs.append(one)
            places.append(place)
    text = "".join(signs)
    gone: set[int] = set()
    for found in _THOUSANDS.finditer(text):
        gone.update(at for at in range(*found.span()) if not text[at].isdigit())
    for found in _DECIMAL_COMMA.finditer(text):
        signs[text.index(",", found.start())] = "."  # of a thousand it is left out all the same
    for pattern in (_END, _COMMAND):
        if edge := pattern.search(text):
            gone.update(range(*edge.span()))
    for found in _AFTER_LINK.finditer(text):
        signs[found.end() - 1] = " "
    for found in _BEFORE_OPTION.finditer(text):
        signs[found.start()] = " "
    kept = [at for at in range(len(signs)) if at not in gone]
    return Typed(original, "".join(signs[at] for at in kept), tuple(places[at] for at in kept))


def _cleaned(sign: str) -> str:
    if sign in _THIN:
        return "\u2009"
    digit = unicodedata.decimal(sign, None)
    if digit is not None:
        return str(digit)
    if unicodedata.category(sign) in {"Cf", "Cs", "Mn"}:
        return ""  # marks that cannot be seen
    plain = unicodedata.normalize("NFKC", sign.translate(_LIKE)).lower()
    return " " if plain.isspace() or not plain.isprintable() else plain
