"""Hostile words: what somebody may type, paste or send back as if a button had been pressed."""

import random
from collections.abc import Callable

from bot.desk.commands import COMMANDS
from tests.support.watch_texts import Grammar, spoilt

_COINS = ("BTC", "eth", "PEPE", "1000pepe", "btc inverse", "BTC/USDT:USDT", "NOSUCH", "B", "$btc")
_VENUES = ("binance", "okx", "bybit", "mtgox", "binance coin-m", "all")
_WINDOWS = ("12h", "24h", "3d", "7d", "30d", "25h", "0d", "999d", "-1d", "1e9h")
_VERBS = (
    *(command.name for command in COMMANDS),
    *("h", "hm", "m", "?", "j", "w", "alerts", "bt", "pos", "file", "trades", "coach", "forget"),
)
_ACTS = (
    *("keep", "drop", "edit", "new", "now", "mute", "wake", "remove", "preview", "ledger", "until"),
    *("useful", "useless", "add", "log", "close", "tag", "chased", "sure", "here", "off", "yes"),
    *("long", "short", "stop", "target", "note", "entry", "x20", "20x", "@60000", "$30k", "0.5"),
    *("refresh", "whole", "live", "dark", "light", "light dark", "csv", "all", "page", "2"),
)
_IDS = (
    *("d1", "d2", "d7", "w1", "w2", "w12", "t1", "t2", "t3", "d0", "w0", "t0", "d999999999999"),
    *("w9999999999999999999", "w-1", "w1/BTC/3", "w1/BTC/99999999999", "w١", "d1e3", "W1", "t1'--"),
    *("w1/../../x", "w1/BTC/3/4", "w12/" + "A" * 60, "d" + "1" * 300),
)
_NUMBERS = (
    *("0", "-0", "1", "-1", "1e309", "-1e309", "1e-400", "nan", "inf", "-inf", "0x10", "0b1"),
    *("9" * 12, "9" * 19, "9" * 400, "0." + "0" * 300 + "1", "1_000", "1,000", "60,000", "60000"),
    *("1.2.3", "-4%", "+4%", "4 %", "101%", "-100%", "1000000%", "99999999999999%", "٣٤", "½", "²"),
    *("１２", "Ⅻ", "0,03", "1e5k", "5k", "5kk", "5b", "to 60k", "25:00", "08:60", "24:00", "7d"),
)
_MARKUP = (
    *("@everyone", "@here", "<@123456789>", "<@&1>", "<#5>", "</heatmap:1>", "@durov", "#channel"),
    *("[win](https://evil.example)", "https://evil.example/x?a=b", "t.me/evil", "tg://user?id=1"),
    *("**BTC**", "__x__", "~~x~~", "||spoiler||", "`code`", "```py\nx\n```", "> quote", "# head"),
    *("<b>BTC</b>", "<script>alert(1)</script>", "<a href='x'>", "&amp;", "&#64;everyone", "\\"),
    *("{0}", "{x.__class__}", "%s%s%n", "${jndi:ldap://x}", "{{7*7}}", "$(id)", "`id`", "; ls"),
    *(
        "'; DROP TABLE watches;--",
        '" OR 1=1',
        "../../etc/passwd",
        "C:\\x",
        "\\N{BULLET}",
        "<t:1:R>",
    ),
)
_LETTERS = (
    *(
        "\x00",
        "\x07",
        "\x1b[31m",
        "\r\n",
        "\n\n",
        "\t",
        "\u2028",
        "\u2029",
        "\x85",
        "\xa0",
        "\ufeff",
    ),
    *("\u200b", "\u200d", "\u200e", "\u200f", "\u202e", "\u2066", "\u2069", "\u00ad", "\U000e0041"),
    *("\ud800", "\udfff", "\uffff", "\U0010ffff", "\u0301" * 40, "Z̸̢a̶l̷g̵o̷" * 5, "ﷺ", "ﷺ" * 60, "İ"),
    *(
        "ß",
        "ǆ",
        "ﬃ",
        "Ａ",
        "ⓑⓣⓒ",
        "ВТС",
        "بتك",
        "ביטקוין",
        "比特币",
        "ビット",
        "비트",
        "😀",
        "👨‍👩‍👧‍👦",
        "🇺🇦",
    ),
    *("e\u0301", "\u1160", "\u3164", "\u2800", "\U0001f3fb", "ı", "K", "ſ"),
)
_DEEP = (
    "(" * 500,
    "(" * 39 + "BTC funding > 1%" + ")" * 39,
    "not " * 400 + "BTC funding > 1%",
    "BTC " + "funding > 1% and " * 60 + "funding > 1%",
    "BTC " + "(funding > 1% or " * 20 + "oi > 1b" + ")" * 20,
    "BTC funding > " + "9" * 3000 + "%",
    "BTC price > 1" + "0" * 600,
    "BTC funding > " + "1/0" * 100,
    "BTC price > 9**9**9**9",
    "__import__('os').system('id') > 1",
    "BTC funding > 0.03% for " + "9" * 12 + "h",
    "BTC price moves " + "1e999% in 1h",
    ",".join(f"C{at}" for at in range(900)) + " funding > 1%",
    "BTC on " + ",".join(["binance"] * 500) + " funding > 1%",
    "BTC funding " + "> " * 900,
    "a" * 30 + "!" * 600,
    "funding" * 300 + " > 1",
    "any market price > 0 or price > 0 or price > 0 cap 100/day cooldown 0m",
    "digest all at " + "08:00 " * 300,
    "heatmap BTC every 1m",
)
_HUGE = (5_000, 60_000)
_GRAMMAR: list[Grammar] = []


def attack(rng: random.Random) -> str:
    """Make one text; most are nearly right, since those reach furthest."""
    return rng.choice(_WAYS)(rng)


def callback(rng: random.Random, seen: list[str]) -> str:
    """Make what comes back with a press: a button's own words, forged ones, or no words at all."""
    roll = rng.random()
    if seen and roll < 0.45:
        return rng.choice(seen)  # replayed, by whoever it is now
    if seen and roll < 0.75:
        return spoilt(rng.choice(seen), rng)
    if roll < 0.9:
        return attack(rng).encode("utf-8", "replace")[:64].decode("utf-8", "ignore")
    return bytes(rng.choices(range(256), k=rng.randint(0, 64))).decode("utf-8", "replace")


def _example(rng: random.Random) -> str:
    return rng.choice(rng.choice(COMMANDS).examples)


def _composed(rng: random.Random) -> str:
    slash = rng.choice(("/", "", "", "//"))
    return f"{slash}{rng.choice(_VERBS)} {_words(rng, rng.randint(0, 6))}"


def _words(rng: random.Random, count: int) -> str:
    kinds = (_COINS, _COINS, _VENUES, _WINDOWS, _ACTS, _ACTS, _IDS, _NUMBERS, _MARKUP, _LETTERS)
    gap = rng.choice((" ", " ", " ", ",", "  ", "\n"))
    return gap.join(rng.choice(rng.choice(kinds)) for _ in range(count))


def _watched(rng: random.Random) -> str:
    if not _GRAMMAR:
        _GRAMMAR.append(Grammar())
    text = _GRAMMAR[0].text(rng)
    verb = rng.choice(("watch ", "watch ", "watch now ", "watch edit d1 3 ", ""))
    return verb + (spoilt(text, rng) if rng.random() < 0.7 else text)


def _letters(rng: random.Random) -> str:
    """Any code points at all, halves of surrogate pairs included."""
    return "".join(chr(rng.randrange(0x110000)) for _ in range(rng.randint(0, 40)))


def _peppered(text: str, rng: random.Random) -> str:
    """Put signs that nobody sees between the letters."""
    return "".join(
        letter + (rng.choice(_LETTERS) if rng.random() < 0.15 else "") for letter in text
    )


def _rare(rng: random.Random) -> str:
    roll = rng.random()
    if roll < 0.05:
        return rng.choice(("A", "9", "(", " ", "😀", "not ", "\u0301")) * rng.choice(_HUGE)
    if roll < 0.3:
        return rng.choice(("", " ", "/", "//", "/ ", "@", "/@x", "\x00", "/\x00", ",", ",,,"))
    if roll < 0.6:
        name = rng.choice(("ember_bot", "", "x" * 300, "@@"))
        return f"{rng.choice(_VERBS)}@{name} {_words(rng, 2)}"
    return f"{rng.choice(_VERBS)} {rng.choice(_NUMBERS)} {rng.choice(_NUMBERS)} {_words(rng, 1)}"


def _nearly(rng: random.Random) -> str:
    return spoilt(_example(rng), rng)


def _bomb(rng: random.Random) -> str:
    return rng.choice(("watch ", "watch now ", "watch edit new ", "")) + rng.choice(_DEEP)


def _forged(rng: random.Random) -> str:
    """Name what may be another's, or may not be there at all."""
    act = rng.choice((*_ACTS, ""))
    return f"{rng.choice(_VERBS)} {act} {rng.choice(_IDS)} {_words(rng, rng.randint(0, 4))}"


def _hidden(rng: random.Random) -> str:
    return _peppered(_composed(rng), rng)


def _dressed(rng: random.Random) -> str:
    return f"{rng.choice(_VERBS)} {rng.choice((*_MARKUP, *_LETTERS))} {_words(rng, 2)}"


_WAYS: tuple[Callable[[random.Random], str], ...] = (
    *(_example, _nearly, _nearly, _nearly, _composed, _composed, _composed, _watched, _watched),
    *(_bomb, _forged, _forged, _letters, _hidden, _dressed, _rare),
)
