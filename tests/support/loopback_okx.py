"""OKX swaps as the loopback venue plays them: newest first, amounts in contracts.

The bounds of a request are not included.
"""

from collections.abc import Callable, Sequence

import numpy as np

from bot.core.arrays import DAY, HOUR
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

SHARE = 0.4  # of the open interest


def _okx(data: Sequence[object]) -> object:
    return {"code": "0", "msg": "", "data": data}


def _okx_market(asked: Asked) -> LoopbackMarket:
    name = asked.params.get("instId") or asked.params.get("instFamily", "")
    base = name.partition("-")[0]
    if base not in MARKETS:
        raise Refusal(200, {"code": "51001", "msg": "Instrument ID does not exist", "data": []})
    return MARKETS[base]


def _okx_times(asked: Asked, interval: int, most: int, older: str, newer: str) -> list[int]:
    end = min(asked.whole(older, asked.now + 1) - 1, asked.now)
    moments = grid(asked.whole(newer, end - most * interval) + 1, end, interval)
    newest_first: list[int] = moments[::-1].tolist()
    return newest_first[: min(asked.whole("limit", 100), most)]


def _okx_listings(_asked: Asked) -> object:
    rows = [
        {
            "instType": "SWAP",
            "instId": f"{market.base}-USDT-SWAP",
            "instFamily": f"{market.base}-USDT",
            "uly": f"{market.base}-USDT",
            "baseCcy": "",
            "quoteCcy": "",
            "settleCcy": "USDT",
            "ctVal": text(market.contract_size),
            "ctMult": "1",
            "ctValCcy": market.base,
            "ctType": "linear",
            "state": "live",
        }
        for market in MARKETS.values()
    ]
    inverse = {"instId": "BTC-USD-SWAP", "settleCcy": "BTC", "ctVal": "100", "ctValCcy": "USD"}
    return _okx([*rows, {**rows[0], **inverse, "ctType": "inverse"}])


def _okx_klines(asked: Asked) -> object:
    interval = PERIODS[asked.params["bar"].lower()]
    market = _okx_market(asked)
    opens = _okx_times(asked, interval, 300, "after", "before")
    if asked.path.endswith("/candles"):
        opens = [at for at in opens if at > asked.now - 1440 * interval]
    bars = market.bars(np.array(opens, dtype=np.int64), interval, asked.now, SHARE)
    rows = [
        [str(at), *map(text, bar[:4]), text(bar[4] / market.contract_size), text(bar[4]),
         text(bar[3] * bar[4]), str(int(at + interval <= asked.now))]
        for at, bar in zip(opens, bars.tolist(), strict=True)
    ]  # fmt: skip
    return _okx(rows)


def _okx_interest(asked: Asked) -> object:
    period = asked.params["period"].lower()
    market = _okx_market(asked)
    moments = _okx_times(asked, PERIODS[period], 100, "end", "begin")
    remembered = 100 * DAY if period == "1d" else 5 * DAY
    moments = [at for at in moments if at > asked.now - remembered]
    # A row goes on changing until its period ends.
    ends = np.array([min(at + PERIODS[period], asked.now) for at in moments], dtype=np.int64)
    amounts = market.interest(ends, SHARE)
    prices = market.price(ends)
    rows = [
        [str(at), text(amount / market.contract_size), text(amount), text(amount * price)]
        for at, amount, price in zip(moments, amounts, prices, strict=True)
    ]
    return _okx(rows)


def _okx_funding(asked: Asked) -> object:
    _okx_market(asked)
    rows = [
        {
            "instType": "SWAP",
            "instId": asked.params["instId"],
            "fundingRate": "0.0009",
            "realizedRate": funding_rate(at),
            "fundingTime": str(at),
            "method": "current_period",
        }
        for at in _okx_times(asked, FUNDING, 100, "after", "before")
    ]
    return _okx(rows)


def _okx_ratio(asked: Asked) -> object:
    _okx_market(asked)
    period = PERIODS[asked.params["period"].lower()]
    moments = _okx_times(asked, period, 100, "end", "begin")
    return _okx([[str(at), f"{long_short(at + period):.4f}"] for at in moments])


def _okx_tiers(asked: Asked) -> object:
    _okx_market(asked)
    steps = (("1", "0", "3000", "0.004", "100"), ("2", "3001", "6000", "0.006", "75"))
    rows = [
        {
            "instFamily": asked.params["instFamily"],
            "instId": "",
            "uly": asked.params["instFamily"],
            "tier": tier,
            "minSz": least,
            "maxSz": most,
            "mmr": maintenance,
            "imr": text(1 / float(leverage)),
            "maxLever": leverage,
        }
        for tier, least, most, maintenance, leverage in steps
    ]
    return _okx(rows)


def _okx_tickers(asked: Asked) -> object:
    rows = []
    for base, market in MARKETS.items():
        day = now_.day(market, asked.now, SHARE)
        volume = day.turnover / day.price
        rows.append(
            {
                "instType": "SWAP",
                "instId": f"{base}-USDT-SWAP",
                "last": text(day.price),
                "open24h": text(day.price / (1 + day.change)),
                "vol24h": text(volume / market.contract_size),
                "volCcy24h": text(volume),
                "ts": str(asked.now),
            }
        )
    return _okx([*rows, {"instType": "SWAP", "instId": "NEW-USDT-SWAP", "last": ""}])


def _okx_interests(asked: Asked) -> object:
    at = np.array([asked.now])
    rows = [
        {
            "instType": "SWAP",
            "instId": f"{base}-USDT-SWAP",
            "oi": text(market.interest(at, SHARE)[0] / market.contract_size),
            "oiCcy": text(market.interest(at, SHARE)[0]),
            "ts": str(asked.now),
        }
        for base, market in MARKETS.items()
    ]
    return _okx(rows)


def _okx_fundings(asked: Asked) -> object:
    due = asked.now // FUNDING * FUNDING + FUNDING
    hours = {"SOL": 4}
    rows = [
        {
            "instType": "SWAP",
            "instId": f"{base}-USDT-SWAP",
            "fundingRate": funding_rate(asked.now),
            "fundingTime": str(due),
            "nextFundingTime": str(due + hours.get(base, 8) * HOUR),
        }
        for base in MARKETS
    ]
    return _okx(rows)


def _okx_book(asked: Asked) -> object:
    market = _okx_market(asked)
    bids, asks = (
        [[text(p), text(q / market.contract_size), "0", "2"] for p, q in side]
        for side in now_.levels(market, asked.now)
    )
    return _okx([{"bids": bids, "asks": asks, "ts": str(asked.now)}])


def _okx_trades(asked: Asked) -> object:
    market = _okx_market(asked)
    rows = [
        {
            "instId": asked.params["instId"],
            "side": "buy" if one.side > 0 else "sell",
            "sz": text(one.quantity / market.contract_size),
            "px": text(one.price),
            "tradeId": str(one.time),
            "ts": str(one.time),
        }
        for one in now_.trades(market, asked.now, asked.whole("limit", 100))
    ]
    return _okx(rows)


ANSWERS: dict[str, Callable[[Asked], object]] = {
    "/api/v5/public/instruments": _okx_listings,
    "/api/v5/market/candles": _okx_klines,
    "/api/v5/market/history-candles": _okx_klines,
    "/api/v5/rubik/stat/contracts/open-interest-history": _okx_interest,
    "/api/v5/public/funding-rate-history": _okx_funding,
    "/api/v5/rubik/stat/contracts/long-short-account-ratio-contract": _okx_ratio,
    "/api/v5/public/position-tiers": _okx_tiers,
    "/api/v5/market/tickers": _okx_tickers,
    "/api/v5/public/open-interest": _okx_interests,
    "/api/v5/public/funding-rate": _okx_fundings,
    "/api/v5/market/books": _okx_book,
    "/api/v5/market/trades": _okx_trades,
}
