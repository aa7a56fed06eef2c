"""The market of bitcoin on each venue."""

from bot.core.instruments import Contract, Instrument
from bot.exchanges.registry import ALL_VENUES

_QUOTES = {
    "hyperliquid": "USDC",
    "dydx": "USDC",
    "deribit": "USDC",
    "kraken": "USD",
    "lighter": "USDC",
}
_INVERSE = {"binancecoinm", "bybitinverse"}


def coin(name: str, base: str) -> Instrument:
    """Return the market of a coin on a venue, the linear one where there are two."""
    if name in _INVERSE:
        return Instrument(name, base, "USD", base, Contract.INVERSE)
    quote = _QUOTES.get(name, "USDT")
    return Instrument(name, base, quote, quote)


BTC = {name: coin(name, "BTC") for name in ALL_VENUES}
