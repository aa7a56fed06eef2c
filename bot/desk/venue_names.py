"""Which venue a word names."""

import re
from collections.abc import Sequence

from rapidfuzz import fuzz, process

from bot.core.errors import UnknownVenue

_LIKE = 60  # [% of letters] names less alike than this are no suggestion
# What people call venues, less everything that is no letter or digit.
_VENUES = {
    "bfx": "bitfinex",
    "binancefutures": "binance",
    "binanceinverse": "binancecoinm",
    "binanceusdm": "binance",
    "bybitcoinm": "bybitinverse",
    "bybitlinear": "bybit",
    "coinm": "binancecoinm",
    "gateio": "gate",
    "hl": "hyperliquid",
    "huobi": "htx",
    "krakenfutures": "kraken",
    "okex": "okx",
    "zklighter": "lighter",
}


# Every venue, whatever a chat has chosen for where none is named.
ALL = "all"


def venues_named(venues: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    """Return the venues that words name, each once; none where all are meant. UnknownVenue."""
    return () if ALL in venues else tuple(dict.fromkeys(named(each, known) for each in venues))


def named(venue: str, known: Sequence[str]) -> str:
    """Return the venue a word names. UnknownVenue.

    >>> named("Gate.io", ["gate"]), named("binance-coinm", ["binance", "binancecoinm"])
    ('gate', 'binancecoinm')
    """
    plain = re.sub(r"[^a-z0-9]", "", venue.lower())
    for name in known:
        if venue.lower() == name or plain in {name, re.sub(r"[^a-z0-9]", "", name)}:
            return name
    if _VENUES.get(plain) in known:
        return _VENUES[plain]
    near = process.extractOne(plain, known, scorer=fuzz.ratio, score_cutoff=_LIKE)
    raise UnknownVenue(venue, known, near[0] if near else None)
