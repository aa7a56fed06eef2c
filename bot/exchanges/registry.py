"""The venues there are, by name."""

from bot.exchanges.venue import Venue
from bot.exchanges.venues.binance import BINANCE
from bot.exchanges.venues.bybit import BYBIT
from bot.exchanges.venues.okx import OKX

VENUES: dict[str, Venue] = {venue.name: venue for venue in (BINANCE, BYBIT, OKX)}
