"""Messages in the form the venues send them: tests/payloads/VENUE/NAME.json."""

import json
from pathlib import Path
from typing import Any

from bot.core.instruments import Contract, Instrument
from bot.exchanges.parse.common import Listing

FOLDER = Path(__file__).resolve().parent.parent / "payloads"
T = 1_760_000_400_000  # [ms] the full hour at which all of them begin

BITGET = Listing(Instrument("bitget", "BTC", "USDT", "USDT"), "BTCUSDT")
GATE = Listing(Instrument("gate", "BTC", "USDT", "USDT"), "BTC_USDT", 0.0001)
KUCOIN = Listing(Instrument("kucoin", "BTC", "USDT", "USDT"), "XBTUSDTM", 0.001)
MEXC = Listing(Instrument("mexc", "BTC", "USDT", "USDT"), "BTC_USDT", 0.0001)
BINANCE = Listing(Instrument("binance", "BTC", "USDT", "USDT"), "BTCUSDT")
BITFINEX = Listing(Instrument("bitfinex", "BTC", "USDT", "USDT"), "tBTCF0:USTF0")
BYBIT = Listing(Instrument("bybit", "BTC", "USDT", "USDT"), "BTCUSDT")
DERIBIT = Listing(Instrument("deribit", "BTC", "USDC", "USDC"), "BTC_USDC-PERPETUAL")
DERIBIT_INVERSE = Listing(
    Instrument("deribit", "BTC", "USD", "BTC", Contract.INVERSE), "BTC-PERPETUAL"
)
DYDX = Listing(Instrument("dydx", "BTC", "USDC", "USDC"), "BTC-USD")
HTX = Listing(Instrument("htx", "BTC", "USDT", "USDT"), "BTC-USDT", 0.001)
HYPERLIQUID = Listing(Instrument("hyperliquid", "BTC", "USDC", "USDC"), "BTC")
KRAKEN = Listing(Instrument("kraken", "BTC", "USD", "USD"), "PF_XBTUSD")
KRAKEN_INVERSE = Listing(Instrument("kraken", "BTC", "USD", "BTC", Contract.INVERSE), "PI_XBTUSD")
LIGHTER = Listing(Instrument("lighter", "ETH", "USDC", "USDC"), "0")
OKX = Listing(Instrument("okx", "BTC", "USDT", "USDT"), "BTC-USDT-SWAP", 0.01)


def payload(name: str) -> Any:
    """Return a message decoded, as "binance/klines"; a new one each time."""
    return json.loads((FOLDER / f"{name}.json").read_text("utf-8"))


def message(name: str) -> bytes:
    """Return a message as a websocket carries it."""
    return json.dumps(payload(name)).encode()
