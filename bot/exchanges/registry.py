"""The venues there are, by name: those that are live by default, and those on request."""

from bot.exchanges.venue import Venue
from bot.exchanges.venues.binance import BINANCE
from bot.exchanges.venues.binancecoinm import BINANCECOINM
from bot.exchanges.venues.bitfinex import BITFINEX
from bot.exchanges.venues.bitget import BITGET
from bot.exchanges.venues.bitmex import BITMEX
from bot.exchanges.venues.bybit import BYBIT
from bot.exchanges.venues.bybitinverse import BYBITINVERSE
from bot.exchanges.venues.deribit import DERIBIT
from bot.exchanges.venues.dydx import DYDX
from bot.exchanges.venues.gate import GATE
from bot.exchanges.venues.htx import HTX
from bot.exchanges.venues.hyperliquid import HYPERLIQUID
from bot.exchanges.venues.kraken import KRAKEN
from bot.exchanges.venues.kucoin import KUCOIN
from bot.exchanges.venues.lighter import LIGHTER
from bot.exchanges.venues.mexc import MEXC
from bot.exchanges.venues.okx import OKX

VENUES: dict[str, Venue] = {venue.name: venue for venue in (BINANCE, BYBIT, OKX)}
ALL_VENUES: dict[str, Venue] = VENUES | {
    venue.name: venue
    for venue in (
        HYPERLIQUID,
        BINANCECOINM,
        BYBITINVERSE,
        BITMEX,
        HTX,
        KRAKEN,
        DYDX,
        DERIBIT,
        BITGET,
        GATE,
        KUCOIN,
        MEXC,
        BITFINEX,
        LIGHTER,
    )
}
