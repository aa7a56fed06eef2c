"""What is traded where: one perpetual contract of one venue."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache


class Contract(StrEnum):
    """How a contract pays."""

    LINEAR = "linear"  # margin and profit in the quote currency
    INVERSE = "inverse"  # margin and profit in the base currency


@dataclass(frozen=True, slots=True)
class Instrument:
    """A perpetual on one venue."""

    exchange: str  # "binance", "bybit", "okx"
    base: str  # "BTC"
    quote: str  # "USDT"
    settle: str  # "USDT"
    contract: Contract = Contract.LINEAR

    @property
    def symbol(self) -> str:
        """The name ccxt uses for every venue.

        >>> Instrument("binance", "BTC", "USDT", "USDT").symbol
        'BTC/USDT:USDT'
        """
        return f"{self.base}/{self.quote}:{self.settle}"

    @property
    def key(self) -> str:
        """One name for one market, fit for storage.

        >>> Instrument("binance", "BTC", "USDT", "USDT").key
        'binance BTC/USDT:USDT'
        """
        return f"{self.exchange} {self.symbol}"


def instrument(exchange: str, symbol: str, contract: Contract = Contract.LINEAR) -> Instrument:
    """Read a unified symbol; ValueError if it is none.

    >>> instrument("okx", "ETH/USDT:USDT").base
    'ETH'
    """
    found = re.fullmatch(r"([^/:\s]+)/([^/:\s]+):([^/:\s]+)", symbol)
    if not found:
        raise ValueError(f"“{symbol}” is not a perpetual's symbol such as BTC/USDT:USDT")
    base, quote, settle = found.groups()
    return Instrument(exchange, base, quote, settle, contract)


# Old or foreign names of the same coin.
_ALIASES = {"XBT": "BTC", "BITCOIN": "BTC", "ETHEREUM": "ETH", "SOLANA": "SOL"}
_LONGEST = 20  # letters of a coin's name
# Dollars that a perpetual may be counted in.
QUOTES = ("USDT", "USDC", "USD")
_NAME = re.compile(rf"[A-Z0-9]{{1,{_LONGEST}}}")
_SHAPE = re.compile(r"[A-Z0-9][A-Z0-9/:._-]{0,39}")
# What stands before or after the pair, as venues write it.
_BEFORE = {"PF_": "linear", "PI_": "inverse"}
_AFTER = {
    "linear": r"[-_.]UMCBL|(?<=USDT)M|(?<=USDC)M",
    "inverse": r"[-_.]DMCBL|(?<=USD)M|(?<=USD)_PERP",
    "": r"[-_.]?PERP(?:ETUALS?)?|[-_.]?SWAP|\.P",
}
_AFTERS = {kind: re.compile(f"(?:{pattern})$") for kind, pattern in _AFTER.items()}
# The same in words of their own, as people say it.
_SAID = {
    **dict.fromkeys(("PERP", "PERPS", "PERPETUAL", "SWAP"), ""),
    **dict.fromkeys(("LINEAR", "USDM", "USD-M"), "linear"),
    **dict.fromkeys(("INVERSE", "COINM", "COIN-M", "COIN-MARGINED"), "inverse"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a word says of a market; None where it does not say."""

    base: str  # "BTC"
    quote: str | None = None  # "USDC"
    contract: Contract | None = None


def readings(word: str) -> tuple[Asked, ...]:
    """Return all that a word may mean, the plainest name first; empty if it can name no coin.

    Which one is meant only a listing can tell: SUSD may be a coin, or S against the dollar.

    >>> [asked.base for asked in readings("SUSD")], readings("<b>")
    (['SUSD', 'S'], ())
    """
    plain = unicodedata.normalize("NFKC", word).strip().lstrip("$").upper()
    head, *rest = plain.split() or [""]
    if not _SHAPE.fullmatch(head) or not all(map(qualifies, rest)):
        return ()
    quote = next((each for each in rest if each in QUOTES), None)
    said = next((_SAID[each] for each in rest if _SAID.get(each)), None)
    pair, kind = _without_kind(head)
    if said is not None:
        kind = Contract(said)
    pair, _, settle = pair.partition(":")
    found = [_asked(head, quote, kind), _asked(pair, quote, kind)]
    for ending in QUOTES if quote is None else ():
        stem = pair.removesuffix(ending)
        if stem in {"", pair}:
            continue
        base = stem.rstrip("-_/")
        glued = base == stem and not settle
        if kind is None and ending == "USD" and (glued or settle == base):
            kind = Contract.INVERSE  # BTCUSD is how venues name what is settled in coins
        elif kind is None and settle == ending:
            kind = Contract.LINEAR
        found.append(_asked(base, ending, kind))
        break
    return tuple(dict.fromkeys(asked for asked in found if asked is not None))


def qualifies(word: str) -> bool:
    """Say whether a word after a coin says which of its contracts is meant.

    >>> qualifies("inverse"), qualifies("usdc"), qualifies("bybit")
    (True, True, False)
    """
    return word.upper() in QUOTES or word.upper() in _SAID


def asked(word: str) -> Asked | None:
    """Return what a word most likely means; None if it can name no coin.

    >>> asked("btcusdc"), asked("ETHUSD_PERP").contract.value, asked("BTC_USDT").quote
    (Asked(base='BTC', quote='USDC', contract=None), 'inverse', 'USDT')
    """
    found = readings(word)
    return found[-1] if found else None


def base_of(word: str) -> str:
    """Return the coin a person means; the empty string if the word cannot name one.

    >>> [base_of(w) for w in ("btc", "BTCUSDT", "btcusdt.p", "xbt", "$sol", "BTC/USDT:USDT")]
    ['BTC', 'BTC', 'BTC', 'BTC', 'SOL', 'BTC']
    >>> base_of("1000pepe"), base_of("ETH-USDT-SWAP"), base_of("<b>")
    ('1000PEPE', 'ETH', '')
    """
    found = asked(word)
    return "" if found is None else found.base


def _without_kind(plain: str) -> tuple[str, Contract | None]:
    """Take off what says how a contract pays, or only that it is a perpetual."""
    for before, kind in _BEFORE.items():
        if plain.startswith(before):
            return plain.removeprefix(before), Contract(kind)
    for kind, after in _AFTERS.items():
        pair = after.sub("", plain, count=1)
        if pair not in {"", plain}:
            return pair, Contract(kind) if kind else None
    return plain, None


def _asked(base: str, quote: str | None, contract: Contract | None) -> Asked | None:
    if not _NAME.fullmatch(base):
        return None
    return Asked(_ALIASES.get(base, base), quote, contract)


# Coins worth little are traded by the thousand or more, and each venue has its own way to say it.
_BEFORE_COIN = re.compile(r"(10{3,}|1M(?=[A-Z]{3}))([A-Z].*)")
_AFTER_COIN = re.compile(r"([A-Z]{2,})(10{3,})")


@dataclass(frozen=True, slots=True)
class Coin:
    """A coin, and how many of it a contract's base stands for."""

    name: str
    multiple: float = 1.0

    @classmethod
    @lru_cache(maxsize=8192)  # a listing of all venues is read by it again and again
    def of(cls, base: str) -> "Coin":
        """Read a base as listed.

        >>> [Coin.of(base).name for base in ("1000PEPE", "1MBABYDOGE", "SHIB1000", "1INCH")]
        ['PEPE', 'BABYDOGE', 'SHIB', '1INCH']
        >>> Coin.of("1000PEPE").multiple, Coin.of("1MBABYDOGE").multiple
        (1000.0, 1000000.0)
        """
        if found := _BEFORE_COIN.fullmatch(base):
            count, name = found.groups()
            return cls(name, 1e6 if count == "1M" else float(count))
        if found := _AFTER_COIN.fullmatch(base):
            name, count = found.groups()
            return cls(name, float(count))
        return cls(base)


# As venues write themselves.
_VENUES = {
    "binance": "Binance",
    "binancecoinm": "Binance COIN-M",
    "bitget": "Bitget",
    "bitmex": "BitMEX",
    "bybit": "Bybit",
    "bybitinverse": "Bybit inverse",
    "coinex": "CoinEx",
    "dydx": "dYdX",
    "gate": "Gate",
    "htx": "HTX",
    "hyperliquid": "Hyperliquid",
    "kucoin": "KuCoin",
    "deribit": "Deribit",
    "kraken": "Kraken",
    "mexc": "MEXC",
    "bitfinex": "Bitfinex",
    "lighter": "Lighter",
    "okx": "OKX",
}


def venue_name(exchange: str) -> str:
    """Write a venue as it writes itself.

    >>> venue_name("okx"), venue_name("binancecoinm"), venue_name("sim-a")
    ('OKX', 'Binance COIN-M', 'sim-a')
    """
    return _VENUES.get(exchange, exchange)
