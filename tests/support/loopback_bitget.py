"""Bitget as the loopback venue plays it: text throughout, base coin, an envelope with a code."""

from collections.abc import Callable

from bot.core.arrays import DAY, HOUR, Times, times
from tests.support import loopback_now as now_
from tests.support.loopback_common import (
    FUNDING,
    PERIODS,
    Asked,
    Refusal,
    funding_rate,
    long_short,
    text,
)
from tests.support.loopback_markets import MARKETS, LoopbackMarket, grid

SHARE = 0.35  # of the open interest
LIQUIDATIONS_EVERY = 20_000  # [ms]
RATIOS = 500  # that are told at once
_RECENT = 30 * DAY
_FUNDED = 1000  # fundings that are remembered


def _told(data: object) -> object:
    return {"code": "00000", "msg": "success", "requestTime": 1, "data": data}


def _market(asked: Asked) -> LoopbackMarket:
    base = asked.params.get("symbol", "").removesuffix("USDT")
    if base not in MARKETS:
        raise Refusal(400, {"code": "40034", "msg": "Parameter does not exist", "data": None})
    return MARKETS[base]


def _contracts(_asked: Asked) -> object:
    rows = [
        {
            "symbol": f"{base}USDT",
            "baseCoin": base,
            "quoteCoin": "USDT",
            "supportMarginCoins": ["USDT"],
            "symbolType": "perpetual",
            "symbolStatus": "normal",
            "fundInterval": str(FUNDING // HOUR),
            "isRwa": "NO",
        }
        for base in MARKETS
    ]
    gone = {"symbol": "OLDUSDT", "baseCoin": "OLD", "symbolStatus": "off"}
    share = {"symbol": "CATUSDT", "baseCoin": "CAT", "isRwa": "YES"}
    dated = {"symbol": "BTCUSDT_261225", "symbolType": "delivery"}
    return _told([*rows, *({**rows[0], **odd} for odd in (gone, share, dated))])


def _bars(asked: Asked, opens: Times, interval: int) -> object:
    bars = _market(asked).bars(opens, interval, asked.now, SHARE)
    return _told(
        [
            [str(at), *map(text, bar[:5]), text(bar[3] * bar[4])]
            for at, bar in zip(opens.tolist(), bars.tolist(), strict=True)
        ]
    )


def _klines(asked: Asked) -> object:
    """Answer with the newest before the end, oldest first; the archive has fewer in a page."""
    interval = PERIODS[asked.params["granularity"]]
    archive = "history" in asked.path
    since = 0 if archive else asked.now - _RECENT
    start = max(asked.whole("startTime", since), since)
    end = min(asked.whole("endTime", asked.now + 1) - 1, asked.now)
    most = min(asked.whole("limit", 100), 200 if archive else 1000)
    return _bars(asked, grid(start, end, interval)[-most:], interval)


def _funding(asked: Asked) -> object:
    _market(asked)
    size = asked.whole("pageSize", 20)
    first = (asked.whole("pageNo", 1) - 1) * size
    newest = asked.now // FUNDING
    moments = [(newest - back) * FUNDING for back in range(first, min(first + size, _FUNDED))]
    return _told(
        [
            {
                "symbol": asked.params["symbol"],
                "fundingRate": funding_rate(at),
                "fundingTime": str(at),
            }
            for at in moments
        ]
    )


def _ratio(asked: Asked) -> object:
    _market(asked)
    interval = PERIODS[asked.params["period"]]
    moments = grid(asked.now - RATIOS * interval, asked.now, interval).tolist()
    rows = []
    for at in moments:
        ratio = long_short(at + interval)
        rows.append(
            {
                "longAccountRatio": f"{ratio / (1 + ratio):.6f}",
                "shortAccountRatio": f"{1 / (1 + ratio):.6f}",
                "longShortAccountRatio": f"{ratio:.4f}",
                "ts": str(at),
            }
        )
    return _told(rows)


def _tiers(asked: Asked) -> object:
    _market(asked)
    steps = (("0", "200000", "150", "0.004"), ("200000", "1000000", "100", "0.005"))
    return _told(
        [
            {
                "symbol": asked.params["symbol"],
                "level": str(place + 1),
                "startUnit": start,
                "endUnit": end,
                "leverage": leverage,
                "keepMarginRate": rate,
            }
            for place, (start, end, leverage, rate) in enumerate(steps)
        ]
    )


def _tickers(asked: Asked) -> object:
    rows = []
    for base, market in MARKETS.items():
        day = now_.day(market, asked.now, SHARE)
        rows.append(
            {
                "symbol": f"{base}USDT",
                "lastPr": text(day.price),
                "change24h": text(day.change),
                "usdtVolume": text(day.turnover),
                "quoteVolume": text(day.turnover),
                "fundingRate": funding_rate(asked.now),
                "holdingAmount": text(market.interest(times([asked.now]), SHARE)[0]),
                "ts": str(asked.now),
            }
        )
    return _told(rows)


def _book(asked: Asked) -> object:
    bids, asks = (
        [[price, quantity] for price, quantity in side]
        for side in now_.levels(_market(asked), asked.now)
    )
    return _told({"asks": asks, "bids": bids, "ts": str(asked.now), "precision": "scale0"})


def _trades(asked: Asked) -> object:
    return _told(
        [
            {
                "tradeId": str(one.time),
                "price": text(one.price),
                "size": text(one.quantity),
                "side": "Buy" if one.side > 0 else "Sell",
                "ts": str(one.time),
                "symbol": asked.params["symbol"],
            }
            for one in now_.trades(_market(asked), asked.now, asked.whole("limit", 100))
        ]
    )


def _liquidations(asked: Asked) -> object:
    market = _market(asked)
    newest = now_.prints(market, asked.now - HOUR, asked.now, LIQUIDATIONS_EVERY)[::-1]
    rows = [
        {
            "symbol": asked.params["symbol"],
            "side": "buy" if one.side > 0 else "sell",
            "price": text(one.price),
            "amount": text(one.quantity),
            "ts": str(one.time),
        }
        for one in newest[: asked.whole("limit", 20)]
    ]
    return _told({"list": rows, "cursor": "1"})


_ROOT = "/api/v2/mix/market"
ANSWERS: dict[str, Callable[[Asked], object]] = {
    f"{_ROOT}/contracts": _contracts,
    f"{_ROOT}/candles": _klines,
    f"{_ROOT}/history-candles": _klines,
    f"{_ROOT}/history-fund-rate": _funding,
    f"{_ROOT}/account-long-short": _ratio,
    f"{_ROOT}/query-position-lever": _tiers,
    f"{_ROOT}/tickers": _tickers,
    f"{_ROOT}/merge-depth": _book,
    f"{_ROOT}/fills-history": _trades,
    "/api/v3/market/liquidations": _liquidations,
}
