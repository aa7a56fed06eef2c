"""Texts of watches, made from the grammar itself, and the same spoilt."""

import random
from collections import defaultdict
from collections.abc import Callable

from lark.grammar import NonTerminal, Rule, Symbol, Terminal

from bot.core.watches.parse import grammar

# So many symbols deep the walk takes the shortest way out.
_DEEP = 14
_WORDS = {
    "PRICE": "price|mark price|PRICE",
    "FUNDING": "funding|funding rate|Funding",
    "INTEREST": "oi|open interest|OI",
    "RATIO": "ratio|long/short ratio|l/s|long/short",
    "CLUSTERS": "clusters|cluster",
    "DELTA": "delta|cumulative delta",
    "LIQUIDATED": "liquidations|liqs|liquidated",
    "REGIME": "regime",
    "SQUEEZE": "squeeze|maximum squeeze",
    "FUEL": "fuel|fuel gauge",
    "EXHAUSTION": "exhaustion",
    "MAGNET": "magnet",
    "SWEEP": "sweep|sweep reversal",
    "CASCADE": "cascade|CASCADE",
    "SWEPT": "swept",
    "CONFIRMED": "confirmed",
    "SETUP": "setup",
    "NONE": "none",
    "NEAREST": "nearest|next|closest",
    "DISTANCE": "distance|away",
    "WITHIN": "within",
    "NORMAL": "normal|its normal|usual",
    "LONGS": "longs|long",
    "SHORTS": "shorts|short",
    "CHANGE": "change|changed",
    "RISING": "rising|rises",
    "FALLING": "falling|falls",
    "MOVES": "moves|move",
    "UP": "up",
    "DOWN": "down",
    "ABOVE": "above|over|is above",
    "BELOW": "below|under",
    "AT_LEAST": ">=|≥|at least",
    "AT_MOST": "<=|≤|at most",
    "MORE": ">|more than|＞",
    "LESS": "<|less than",
    "CROSSES": "crosses|cross",
    "IS": "is|=",
    "IN": "in",
    "AND": "and|&|AND",
    "OR": "or|||OR",
    "NOT": "not|!",
    "COMMA": ",",
    "LPAR": "(",
    "RPAR": ")",
    "ALL": "all|any market",
    "ON": "on",
    "AT": "at",
    "FOR": "for",
    "UNTIL": "until",
    "EVERY": "every",
    "COOLDOWN": "cooldown",
    "QUIET": "quiet|quiet hours",
    "CAP": "cap|max",
    "DIGEST": "digest",
    "HEATMAP": "heatmap",
    "NAME": "BTC|eth|1000PEPE|SOL|binance|BTC/USDT:USDT",
}
_VALUES: dict[str, Callable[[random.Random], str]] = {
    "PERCENT": lambda rng: (
        f"{rng.choice('+- ')}{rng.randint(1, 999) / 100}{rng.choice(('%', ' %', 'bps'))}"
    ),
    "TIMES": lambda rng: f"{rng.randint(2, 90) / 2}x",
    "AMOUNT": lambda rng: (
        f"{rng.choice(('', '$'))}{rng.randint(1, 9999)}{rng.choice(('', 'K', ' M', 'b', '.5'))}"
    ),
    "WINDOW": lambda rng: f"{rng.randint(5, 59)}{rng.choice(('m', ' min', 'm', 'h'))}",
    "HOURS": lambda rng: f"{rng.randint(12, 23)}:00{rng.choice('-–')}0{rng.randint(0, 9)}:30",
    "CLOCK": lambda rng: f"{rng.randint(0, 23):02d}:{rng.randint(0, 59):02d}",
    "PER_DAY": lambda rng: f"{rng.randint(1, 100)}/day",
}
_SIGNS = "0123456789.,%$<>=()-−|&!/:'_ \t\n\u202f×abckmxBTZé中😀\u200f\x00٣"


def terminals() -> set[str]:
    """Name every terminal that this file can write."""
    return set(_WORDS) | set(_VALUES)


class Grammar:
    """Walks the grammar's own rules at random; every text it gives is in the language."""

    def __init__(self) -> None:
        self._rules: dict[str, list[list[Symbol]]] = defaultdict(list)
        for rule in _rules():
            self._rules[rule.origin.name].append(list(rule.expansion))
        self._least = self._heights()

    def text(self, rng: random.Random) -> str:
        """Return a watch that the grammar allows; limits on its size may still refuse it."""
        words: list[str] = []
        self._walk("start", rng, words, 0)
        return " ".join(words)

    def _walk(self, name: str, rng: random.Random, words: list[str], depth: int) -> None:
        ways = self._rules[name]
        if depth > _DEEP:
            least = min(map(self._height, ways))
            ways = [way for way in ways if self._height(way) == least]
        for symbol in rng.choice(ways):
            if isinstance(symbol, Terminal):
                words.append(_said(symbol.name, rng))
            else:
                self._walk(symbol.name, rng, words, depth + 1)

    def _height(self, way: list[Symbol]) -> int:
        return max((self._least[each.name] for each in way if not each.is_term), default=0)

    def _heights(self) -> dict[str, int]:
        """How deep each rule goes at least."""
        self._least = dict.fromkeys(self._rules, 1_000)
        for _ in range(50):
            for name, ways in self._rules.items():
                self._least[name] = 1 + min(map(self._height, ways))
        return self._least


def _rules() -> list[Rule]:
    rules: list[Rule] = grammar().rules
    assert all(isinstance(rule.origin, NonTerminal) for rule in rules)
    return rules


def _said(terminal: str, rng: random.Random) -> str:
    if terminal in _VALUES:
        return _VALUES[terminal](rng).strip()
    return rng.choice(_WORDS[terminal].split("|")) or "||"


def spoilt(text: str, rng: random.Random) -> str:
    """Change a text in one to four places: signs, words, order, length."""
    for _ in range(rng.randint(1, 4)):
        text = _spoilt_once(text, rng)
    return text


def _spoilt_once(text: str, rng: random.Random) -> str:
    at = rng.randint(0, len(text))
    words = text.split(" ")
    match rng.randint(0, 7):
        case 0:
            return text[:at] + rng.choice(_SIGNS) + text[at:]
        case 1:
            return text[:at] + text[at + rng.randint(1, 3) :]
        case 2:
            return text[: at - 1] + rng.choice(_SIGNS) + text[at:] if at else text
        case 3:
            rng.shuffle(words)
        case 4:
            words.insert(rng.randint(0, len(words)), _said(rng.choice(sorted(terminals())), rng))
        case 5:
            del words[rng.randrange(len(words))]
        case 6:
            return text[:at]
        case _:
            return rng.choice((text * 2, "(" * rng.randint(1, 60) + text, text.replace(" ", "")))
    return " ".join(words)
