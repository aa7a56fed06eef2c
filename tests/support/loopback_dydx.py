"""dYdX v4's indexer as the loopback venue plays it: rows newest first, a book that overlaps."""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from bot.core.arrays import HOUR, MINUTE
from tests.support.loopback_common import Asked, text
from tests.support.loopback_hyperliquid import hourly_rate
from tests.support.loopback_kraken import iso
from tests.support.loopback_markets import MARKETS, LoopbackMarket, grid
from tests.support.loopback_streams import Forced, Stream

SHARE = 0.05  # of the open interest
ROWS = 1000  # in one answer at most
LATE = 13  # [ms] after the hour at which funding is paid
_RESOLUTIONS = {"5MINS": 5 * MINUTE, "15MINS": 15 * MINUTE}


def _moment(word: str) -> int:
    return round(datetime.fromisoformat(word).timestamp() * 1000)


def _market(asked: Asked) -> LoopbackMarket:
    return MARKETS[asked.path.rpartition("/")[2].removesuffix("-USD")]


def _markets(asked: Asked) -> object:
    def row(base: str, market: LoopbackMarket, status: str) -> dict[str, object]:
        price = float(market.price(asked.now))
        return {
            "ticker": f"{base}-USD",
            "status": status,
            "oraclePrice": text(price),
            "priceChange24H": text(price - price / 1.02),
            "volume24H": text(1000 * price),
            "nextFundingRate": f"{hourly_rate(asked.now):.10f}",
            "initialMarginFraction": "0.02",
            "maintenanceMarginFraction": "0.012",
            "openInterest": text(market.interest(grid(asked.now, asked.now, 1), SHARE)[0]),
            "marketType": "CROSS",
        }

    rows = {f"{base}-USD": row(base, market, "ACTIVE") for base, market in MARKETS.items()}
    return {"markets": {**rows, "OLD-USD": row("OLD", MARKETS["SOL"], "FINAL_SETTLEMENT")}}


def _candles(asked: Asked) -> object:
    interval = _RESOLUTIONS[asked.params["resolution"]]
    start, end = _moment(asked.params["fromISO"]), _moment(asked.params["toISO"])
    opens = grid(start, min(end - 1, asked.now), interval)[::-1]
    opens = opens[: min(asked.whole("limit", ROWS), ROWS)]
    market = _market(asked)
    bars = market.bars(opens, interval, asked.now, SHARE).tolist()
    rows = [
        {
            "startedAt": iso(at),
            "ticker": f"{market.base}-USD",
            "resolution": asked.params["resolution"],
            **dict(zip(("open", "high", "low", "close"), map(text, bar[:4]), strict=True)),
            "baseTokenVolume": text(bar[4]),
            "usdVolume": text(bar[4] * bar[3]),
            "trades": 9,
            "startingOpenInterest": text(amount),
        }
        for at, bar, amount in zip(opens.tolist(), bars, market.interest(opens, SHARE), strict=True)
    ]
    return {"candles": rows}


def _funding(asked: Asked) -> object:
    market = _market(asked)
    end = min(_moment(asked.params["effectiveBeforeOrAt"]), asked.now) - LATE
    count = min(asked.whole("limit", ROWS), ROWS)
    hours = grid(end - count * HOUR, end, HOUR)[::-1][:count].tolist()
    rows = [
        {
            "ticker": f"{market.base}-USD",
            "rate": f"{hourly_rate(at):.10f}",
            "price": text(float(market.price(at))),
            "effectiveAtHeight": "44865196",
            "effectiveAt": iso(at + LATE),
        }
        for at in hours
    ]
    return {"historicalFunding": rows}


def _book(asked: Asked) -> object:
    price = float(_market(asked).price(asked.now))

    def side(way: int) -> list[dict[str, str]]:
        steps = [
            {"price": text(price * (1 + way * 1e-4 * (1 + n))), "size": "1"} for n in range(99)
        ]
        # One order of each side stands beyond the other's best.
        return [{"price": text(price * (1 - way * 1e-4)), "size": "0.25"}, *steps]

    return {"bids": side(-1), "asks": side(+1)}


def _trades(asked: Asked) -> object:
    market = _market(asked)
    rows = [
        {"id": f"{at}", "side": "SELL" if n % 2 else "BUY", "size": "1", "type": "LIMIT",
         "price": text(float(market.price(at))), "createdAt": iso(at), "createdAtHeight": "1"}
        for n, at in enumerate(range(asked.now, asked.now - 100_000, -1000))
    ]  # fmt: skip
    return {"trades": rows}


_BY_NAME: dict[str, Callable[[Asked], object]] = {
    "/v4/candles/perpetualMarkets/{}-USD": _candles,
    "/v4/historicalFunding/{}-USD": _funding,
    "/v4/orderbooks/perpetualMarket/{}-USD": _book,
    "/v4/trades/perpetualMarket/{}-USD": _trades,
}
ANSWERS: dict[str, Callable[[Asked], object]] = {"/v4/perpetualMarkets": _markets} | {
    path.format(base): answer for path, answer in _BY_NAME.items() for base in MARKETS
}


def _row(one: Forced, at: int, kind: str, number: int) -> dict[str, object]:
    return {
        "id": f"{at}-{number}",
        "side": "SELL" if one.side > 0 else "BUY",
        "size": text(one.quantity),
        "price": text(one.price),
        "createdAt": iso(at),
        "createdAtHeight": "1",
        "type": kind,
    }


def _replies(message: str, topics: set[str]) -> list[str]:
    request = json.loads(message)
    if request["id"].removesuffix("-USD") not in MARKETS:
        return [json.dumps({"type": "error", "message": f"Invalid id: {request['id']}"})]
    topics.add(request["id"])
    before = _row(Forced("BTC", +1, 64_000.0, 1.0), 1_700_000_000_000, "LIQUIDATED", 0)
    subscribed = {"type": "subscribed", "channel": "v4_trades", "id": request["id"]}
    return [json.dumps({**subscribed, "contents": {"trades": [before]}})]


def _messages(forced: Sequence[Forced], now: int) -> Iterator[tuple[str, str]]:
    for base in dict.fromkeys(one.base for one in forced):
        rows = [
            _row(one, one.time or now, kind, number)
            for number, one in enumerate(forced)
            if one.base == base
            for kind in ("LIQUIDATED", "LIMIT")
        ]
        told = {"type": "channel_data", "channel": "v4_trades", "id": f"{base}-USD"}
        yield f"{base}-USD", json.dumps({**told, "contents": {"trades": rows}})


STREAM = Stream(_replies, _messages)
