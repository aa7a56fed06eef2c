"""Lighter as the loopback venue plays it: markets by number, oldest first, the end not included."""

import json
from collections.abc import Callable, Iterator, Sequence

from bot.core.arrays import HOUR, MINUTE
from tests.support.loopback_common import Asked, Refusal, text
from tests.support.loopback_hyperliquid import hourly_rate
from tests.support.loopback_markets import MARKETS, LoopbackMarket, grid
from tests.support.loopback_now import day
from tests.support.loopback_streams import Forced, Stream

SHARE = 0.08  # of the open interest
ROWS = 500  # in one answer
_BAR = 5 * MINUTE
_IDS = {base: number for number, base in enumerate(MARKETS)}
_MARKETS = {str(_IDS[base]): market for base, market in MARKETS.items()}
_GONE = 77  # a market that trades no more


def _market(asked: Asked) -> LoopbackMarket:
    market = _MARKETS.get(asked.params.get("market_id", ""))
    if market is None:
        raise Refusal(400, {"code": 20001, "message": "invalid param"})
    return market


def _details(asked: Asked) -> object:
    def row(number: int, market: LoopbackMarket, status: str) -> dict[str, object]:
        last = day(market, asked.now, SHARE)
        return {
            "symbol": market.base if status == "active" else "OLD",
            "market_id": number,
            "market_type": "perp",
            "status": status,
            "quote_multiplier": 1,
            "min_initial_margin_fraction": 200,
            "maintenance_margin_fraction": 120,
            "closeout_margin_fraction": 80,
            "last_trade_price": last.price,
            "daily_quote_token_volume": last.turnover,
            "daily_price_change": last.change * 100,
            "open_interest": float(market.interest(grid(asked.now, asked.now, 1), SHARE)[0]),
        }

    rows = [row(_IDS[base], market, "active") for base, market in MARKETS.items()]
    spot = {"symbol": "ETH/USDC", "market_id": 2048, "market_type": "spot", "status": "active"}
    gone = row(_GONE, MARKETS["SOL"], "inactive")
    return {"code": 200, "order_book_details": [*rows, gone], "spot_order_book_details": [spot]}


def _candles(asked: Asked) -> object:
    market = _market(asked)
    start, end = asked.whole("start_timestamp", 0), asked.whole("end_timestamp", 0)
    opens = grid(start, min(end - 1, asked.now), _BAR)[-min(asked.whole("count_back", 0), ROWS) :]
    bars = market.bars(opens, _BAR, asked.now, SHARE).tolist()
    rows = [
        {"t": at, "o": bar[0], "h": bar[1], "l": bar[2], "c": bar[3], "v": bar[4],
         "V": bar[4] * bar[3], "i": 1}
        for at, bar in zip(opens.tolist(), bars, strict=True)
    ]  # fmt: skip
    return {"code": 200, "r": asked.params["resolution"], "c": rows}


def _fundings(asked: Asked) -> object:
    start, end = (asked.whole(f"{name}_timestamp", 0) * 1000 for name in ("start", "end"))
    _market(asked)
    hours = grid(start, min(end - 1, asked.now), HOUR)[-min(asked.whole("count_back", 0), ROWS) :]
    rows = [
        {
            "timestamp": at // 1000,
            "value": "0.004",
            "rate": f"{abs(hourly_rate(at)) * 100:.8f}",
            "direction": "long" if hourly_rate(at) >= 0 else "short",
        }
        for at in hours.tolist()
    ]
    return {"code": 200, "resolution": "1h", "fundings": rows}


def _rates(asked: Asked) -> object:
    rows = [
        {"market_id": number, "exchange": exchange, "symbol": base, "rate": rate}
        for base, number in _IDS.items()
        for exchange, rate in (("binance", 0.0007), ("lighter", 8 * hourly_rate(asked.now)))
    ]
    return {"code": 200, "funding_rates": rows}


def _book(asked: Asked) -> object:
    price = float(_market(asked).price(asked.now))

    def side(way: int) -> list[dict[str, object]]:
        # Two orders stand at each price.
        return [
            {"order_index": n, "remaining_base_amount": "0.5", "initial_base_amount": "3",
             "price": text(price * (1 + way * 1e-4 * (1 + n // 2)))}
            for n in range(asked.whole("limit", 0))
        ]  # fmt: skip

    return {"code": 200, "bids": side(-1), "asks": side(+1)}


def _row(number: int, at: int, *, bought: bool, price: float, size: float) -> dict[str, object]:
    return {
        "trade_id": at,
        "type": "trade",
        "market_id": number,
        "size": f"{size:.10g}",
        "price": f"{price:.10g}",
        "is_maker_ask": bought,
        "timestamp": at,
    }


def _trades(asked: Asked) -> object:
    market = _market(asked)
    number = int(asked.params["market_id"])
    moments = range(asked.now, asked.now - 1000 * asked.whole("limit", 0), -1000)
    rows = [
        _row(number, at, bought=n % 2 == 0, price=float(market.price(at)), size=1.0)
        for n, at in enumerate(moments)
    ]
    return {"code": 200, "trades": rows}


ANSWERS: dict[str, Callable[[Asked], object]] = {
    "/api/v1/orderBookDetails": _details,
    "/api/v1/candles": _candles,
    "/api/v1/fundings": _fundings,
    "/api/v1/funding-rates": _rates,
    "/api/v1/orderBookOrders": _book,
    "/api/v1/recentTrades": _trades,
}


def _told(
    kind: str, number: int, liquidated: Sequence[dict[str, object]], others: Sequence[object]
) -> str:
    told = {"channel": f"trade:{number}", "type": kind, "nonce": 1, "trades": others}
    return json.dumps({**told, "liquidation_trades": liquidated or None})


def _replies(message: str, topics: set[str]) -> list[str]:
    request = json.loads(message)
    if request["type"] == "ping":
        return [json.dumps({"type": "pong"})]
    if request["type"] == "pong":
        return []
    channel, _, number = request["channel"].partition("/")
    if channel != "trade" or number not in _MARKETS:
        return [json.dumps({"error": {"code": 30005, "message": "Invalid Channel"}})]
    topics.add(number)
    before = _row(int(number), 1_700_000_000_000, bought=False, price=1.0, size=1.0)
    last = _told("subscribed/trade", int(number), [{**before, "type": "liquidation"}], [before])
    return [last, json.dumps({"type": "ping"})]


def _messages(forced: Sequence[Forced], now: int) -> Iterator[tuple[str, str]]:
    """Tell liquidations beside other trades, and one position that is deleveraged."""
    for base in dict.fromkeys(one.base for one in forced):
        rows = [
            _row(
                _IDS[base],
                one.time or now,
                bought=one.side < 0,
                price=one.price,
                size=one.quantity,
            )
            for one in forced
            if one.base == base
        ]
        liquidated = [{**row, "type": "liquidation"} for row in rows]
        liquidated.append({**rows[0], "type": "deleverage"})
        number = _IDS[base]
        yield str(number), _told("update/trade", number, liquidated, rows)
        yield str(number), _told("update/trade", number, [], rows)


STREAM = Stream(_replies, _messages)
