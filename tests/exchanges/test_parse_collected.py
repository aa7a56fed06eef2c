"""Messages and recordings that others collected are understood as we understand our own."""

import csv
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from bot.core.arrays import HOUR, MINUTE
from bot.core.instruments import Instrument
from bot.exchanges.parse import binance, bybit, okx
from bot.exchanges.parse.common import Listing
from tests.support.payloads import BINANCE, BYBIT

pytestmark = pytest.mark.shared


def _collected(shared: Path, venue: str, what: str) -> Any:
    """Return the first message of a path, a topic, or an origin that ends so."""
    told = json.loads((shared / "facts" / "payloads" / f"{venue}.json").read_text("utf-8"))
    for record in told["records"]:
        if "CoinFutures" in record["origin"]:
            continue
        if record.get("path", "") == what:
            return record["raw"]
        if record["origin"].endswith(what) or record["topic"] == what:
            return record["messages"][0]["json"]
    raise LookupError(what)


def test_binance(shared: Path) -> None:
    def told(path: str) -> Any:
        return _collected(shared, "binance", path)

    candles = binance.candles(told("/fapi/v1/klines"), BINANCE, 5 * MINUTE)
    assert candles.taker_buy_volume is not None
    assert candles.taker_buy_volume.tolist() == [1756.87402397]
    interest = binance.open_interest(told("/futures/data/openInterestHist"), BINANCE, 5 * MINUTE)
    assert interest.quantity.tolist() == [20403.637, 20401.367]
    funding = binance.funding(told("/fapi/v1/fundingRate"), BINANCE, HOUR)
    assert funding.rate.tolist() == [0.0001, 0.0001]
    (order,) = binance.forced_orders(json.dumps(told("UsdFutures/Liquidations.txt")).encode())
    assert (order.id, order.side, order.quantity) == ("BTCUSDT", +1, 0.014)
    assert binance.listings(told("/fapi/v1/exchangeInfo"))[0].instrument.symbol == "BLZ/USDT:USDT"


def test_bybit(shared: Path) -> None:
    def told(path: str) -> Any:
        return _collected(shared, "bybit", path)

    ratio = bybit.long_short_ratio(told("/v5/market/account-ratio"), BYBIT, HOUR)
    assert ratio.ratio == pytest.approx([0.5777 / 0.4223])
    (order,) = bybit.forced_orders(json.dumps(told("liquidations")).encode())
    assert (order.id, order.side, order.price, order.quantity) == ("ETHUSDT", -1, 0.04499, 20_000)


def test_okx(shared: Path) -> None:
    listing = Listing(Instrument("okx", "BTC", "USD", "BTC"), "BTC-USD-SWAP", 100.0)
    told = _collected(shared, "okx", "/api/v5/public/funding-rate-history")
    funding = okx.funding(told, listing, 8 * HOUR)
    assert funding.rate.tolist() == [0.0002279755647389, 0.0000746572360545]


def test_every_recorded_binance_order_has_the_side_its_recorder_gave_the_position(
    shared: Path,
) -> None:
    with gzip.open(shared / "data" / "events" / "forced_orders.csv.gz", "rt") as file:
        rows = [row for row in csv.DictReader(file) if row["venue"] == "binance_um"]
    assert len(rows) > 5000
    for row in rows:
        order = {
            "s": row["symbol"], "S": row["order_side"], "p": row["price"], "l": "0.001",
            "ap": row["avg_price"] or row["price"], "z": row["qty"], "T": int(row["time_ms"]),
        }  # fmt: skip
        (found,) = binance.forced_orders(json.dumps({"e": "forceOrder", "o": order}).encode())
        assert found.side == {"long": +1, "short": -1}[row["liquidated"]]
        assert found.quantity == float(row["qty"])
        if row["notional_usd"]:
            value = found.price * found.quantity
            assert value == pytest.approx(float(row["notional_usd"]), rel=0.1, abs=0.01)
