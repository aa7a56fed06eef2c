"""Bybit inverse as the loopback venue plays it: as linear, but that amounts are in dollars."""

from collections.abc import Callable, Mapping

import numpy as np

from bot.core.arrays import MINUTE, times
from tests.support import loopback_bybit as linear
from tests.support.loopback_bybit import bybit, in_pages, moments_of
from tests.support.loopback_common import Asked, Refusal, text
from tests.support.loopback_markets import MARKETS, LoopbackMarket

SHARE = 0.08  # of the open interest


def _market(asked: Asked) -> LoopbackMarket:
    base = asked.params.get("symbol", "").removesuffix("USD")
    if base not in MARKETS or asked.params.get("category") != "inverse":
        raise Refusal(200, {"retCode": 10001, "retMsg": "params error", "result": {}})
    return MARKETS[base]


def _listings(asked: Asked) -> object:
    rows = [
        {
            "symbol": f"{base}USD",
            "contractType": "InversePerpetual",
            "status": "Trading",
            "baseCoin": base,
            "quoteCoin": "USD",
            "settleCoin": base,
        }
        for base in MARKETS
    ]
    dated = {**rows[0], "symbol": "BTCUSDZ26", "contractType": "InverseFutures"}
    return in_pages(asked, [*rows, dated])


def _klines(asked: Asked) -> object:
    interval = int(asked.params["interval"]) * MINUTE
    opens = moments_of(asked, interval, 1000, "start", "end")
    bars = _market(asked).bars(times(opens), interval, asked.now, SHARE)
    rows = [
        [str(at), *map(text, bar[:4]), text(bar[3] * bar[4]), text(bar[4])]
        for at, bar in zip(opens, bars.tolist(), strict=True)
    ]
    return bybit(asked, rows)


def _interest(asked: Asked) -> object:
    moments = moments_of(asked, 15 * MINUTE, 200, "startTime", "endTime")
    market, at = _market(asked), np.array(moments, dtype=np.int64)
    values = market.interest(at, SHARE) * market.price(at)
    rows = [
        {"openInterest": text(2 * value), "timestamp": str(at)}  # of both sides
        for at, value in zip(moments, values, strict=True)
    ]
    return bybit(asked, rows, nextPageCursor="")


def _tiers(asked: Asked) -> object:
    _market(asked)
    steps = (("150", "0.005", "0.01", "100", ""), ("300", "0.01", "0.02", "50", "0.75"))
    return bybit(asked, linear.tier_rows(asked, steps))


def _counted_in_dollars(answer: Callable[[Asked], object]) -> Callable[[Asked], object]:
    """Answer as linear does, once it is sure that the inverse contract was asked for."""

    def told(asked: Asked) -> object:
        _market(asked)
        return answer(asked)

    return told


def _tickers(asked: Asked) -> object:
    return linear.ticker_rows(asked, SHARE, "USD", dollars=True)


def _book(asked: Asked) -> object:
    return linear.book_of(asked, _market(asked), dollars=True)


def _trades(asked: Asked) -> object:
    return linear.trades_of(asked, _market(asked), dollars=True)


ANSWERS: Mapping[str, Callable[[Asked], object]] = {
    "/v5/market/instruments-info": _listings,
    "/v5/market/kline": _klines,
    "/v5/market/open-interest": _interest,
    "/v5/market/funding/history": _counted_in_dollars(linear.funding),
    "/v5/market/account-ratio": _counted_in_dollars(linear.ratio),
    "/v5/market/risk-limit": _tiers,
    "/v5/market/tickers": _tickers,
    "/v5/market/orderbook": _book,
    "/v5/market/recent-trade": _trades,
}
