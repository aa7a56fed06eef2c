"""What is traded where: one perpetual contract of one venue."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum


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
_SUFFIX = re.compile(
    r"(?:[-_/]?(?:USDT|USDC|USD|FDUSD|BUSD))?(?:[:][A-Z]+)?(?:[-_.]?(?:PERP|SWAP|P))?$"
)


def base_of(word: str) -> str:
    """Return the coin a person means; the empty string if the word cannot name one.

    >>> [base_of(w) for w in ("btc", "BTCUSDT", "btcusdt.p", "xbt", "$sol", "BTC/USDT:USDT")]
    ['BTC', 'BTC', 'BTC', 'BTC', 'SOL', 'BTC']
    >>> base_of("1000pepe"), base_of("ETH-USDT-SWAP"), base_of("<b>")
    ('1000PEPE', 'ETH', '')
    """
    plain = unicodedata.normalize("NFKC", word).strip().lstrip("$").upper()
    if not re.fullmatch(r"[A-Z0-9][A-Z0-9/:._-]{0,29}", plain):
        return ""
    stem = _SUFFIX.sub("", plain, count=1) or plain
    if not re.fullmatch(r"[A-Z0-9]{1,20}", stem):
        return ""
    return _ALIASES.get(stem, stem)


# As venues write themselves.
_VENUES = {
    "binance": "Binance",
    "bitget": "Bitget",
    "bitmex": "BitMEX",
    "bybit": "Bybit",
    "coinex": "CoinEx",
    "dydx": "dYdX",
    "gate": "Gate",
    "htx": "HTX",
    "hyperliquid": "Hyperliquid",
    "kucoin": "KuCoin",
    "okx": "OKX",
}


def venue_name(exchange: str) -> str:
    """Write a venue as it writes itself.

    >>> venue_name("okx"), venue_name("sim-a")
    ('OKX', 'sim-a')
    """
    return _VENUES.get(exchange, exchange)
