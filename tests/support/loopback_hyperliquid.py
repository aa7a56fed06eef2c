"""Hyperliquid as the loopback venue plays it: one address for all, rows oldest first.

Its accounts hold positions that follow from their number alone, so that a test can tell what must
be found: account number n is worth n million and holds n BTC, odd ones long and even ones short,
cross with 10x but for each third, which is isolated with 20x; each fifth cannot be liquidated.

Every liquidation is told by a fill of one of two vaults: one takes positions over, the other makes
markets and trades with those who are liquidated.
"""

import itertools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from bot.core.arrays import DAY, HOUR
from tests.support import loopback_now as now_
from tests.support.loopback_common import PERIODS, Asked, Refusal, text
from tests.support.loopback_markets import MARKETS, LoopbackMarket, grid
from tests.support.loopback_streams import Forced, Stream

SHARE = 0.15  # of the open interest
ACCOUNTS = 40  # on the leaderboard
ROWS = 500  # in one answer of funding at most
BARS = 5000  # of one step that can be had
_LISTENED = 10  # accounts that may be listened to
_TRADES = itertools.count(1)


def told_apart(path: str, body: Mapping[str, object]) -> tuple[str, dict[str, str]]:
    """Return a path that says what is asked for, and whose; and the body's words.

    >>> told_apart("/info", {"type": "clearinghouseState", "user": "0x1"})[0]
    '/info/clearinghouseState?0x1'
    """
    words = {name: one if isinstance(one, str) else json.dumps(one) for name, one in body.items()}
    user = f"?{words['user']}" if "user" in words else ""
    return f"{path}/{words.get('type', '')}{user}", words


def address(number: int) -> str:
    """Name an account."""
    return f"0x{number:040x}"


LIQUIDATOR, MAKER = address(9001), address(9002)


def hourly_rate(at: int) -> float:
    """Funding paid at the full hour [fraction of value for that hour]."""
    return float(0.0000125 + 0.00001 * np.sin(at / (2 * 24 * HOUR)))


def _market(coin: str) -> LoopbackMarket:
    if coin not in MARKETS:
        raise Refusal(500, None)
    return MARKETS[coin]


def _listings(asked: Asked) -> object:
    table = {"maxLeverage": 40, "marginTableId": 56}
    universe = [{"name": name, "szDecimals": 5, **table} for name in MARKETS]
    gone = {"name": "OLD", "szDecimals": 1, "maxLeverage": 3, "marginTableId": 3}
    steps = (("0.0", 40), ("150000000.0", 20))
    tiers = [{"lowerBound": lower, "maxLeverage": most} for lower, most in steps]
    now = np.array([asked.now])
    contexts = [
        {
            "funding": f"{hourly_rate(asked.now):.8f}",
            "openInterest": text(market.interest(now, SHARE)[0]),
            "markPx": text(float(market.price(asked.now))),
            "prevDayPx": text(float(market.price(asked.now - DAY))),
            "dayNtlVlm": text(now_.day(market, asked.now, SHARE).turnover),
        }
        for market in MARKETS.values()
    ]
    meta = {
        "universe": [*universe, {**gone, "isDelisted": True}],
        "marginTables": [[56, {"description": "tiered 40x", "marginTiers": tiers}]],
    }
    return [meta, [*contexts, {"funding": "0.0", "openInterest": "0.0", "markPx": "1.0"}]]


def _candles(asked: Asked) -> object:
    req = json.loads(asked.params["req"])
    interval = PERIODS[req["interval"]]
    market = _market(req["coin"])
    start = max(int(req["startTime"]), asked.now - BARS * interval)
    opens = grid(start, min(int(req["endTime"]), asked.now), interval)
    bars = market.bars(opens, interval, asked.now, SHARE)
    return [
        {"t": at, "T": at + interval - 1, "s": req["coin"], "i": req["interval"], "n": 9,
         **dict(zip("ohlcv", map(text, bar[:5]), strict=True))}
        for at, bar in zip(opens.tolist(), bars.tolist(), strict=True)
    ]  # fmt: skip


def _funding(asked: Asked) -> object:
    _market(asked.params["coin"])
    end = min(asked.whole("endTime", asked.now), asked.now)
    hours = grid(asked.whole("startTime", asked.now - ROWS * HOUR), end, HOUR)[:ROWS].tolist()
    return [
        {
            "coin": asked.params["coin"],
            "fundingRate": f"{hourly_rate(at):.8f}",
            "premium": "0.0",
            "time": at + 31,  # it comes a little late
        }
        for at in hours
        if at + 31 <= end
    ]


def _book(asked: Asked) -> object:
    sides = [
        [{"px": text(price), "sz": text(quantity), "n": 3} for price, quantity in side[:20]]
        for side in now_.levels(_market(asked.params["coin"]), asked.now)
    ]
    return {"coin": asked.params["coin"], "time": asked.now, "levels": sides}


def _account(asked: Asked) -> object:
    number = int(asked.params["user"], 16)
    side = 1 if number % 2 else -1
    price = float(MARKETS["BTC"].middle)
    leverage: dict[str, object] = {"type": "cross", "value": 10}
    if number % 3 == 0:
        leverage = {"type": "isolated", "value": 20, "rawUsd": text(-side * number * price * 0.95)}
    position = {
        "coin": "BTC",
        "szi": text(side * number),
        "leverage": leverage,
        "entryPx": text(price),
        "positionValue": text(number * price),
        "unrealizedPnl": "0.0",
        "liquidationPx": None if number % 5 == 0 else text(liquidation_price(number)),
        "marginUsed": text(number * price / 10),
        "maxLeverage": 40,
    }
    summary = {"accountValue": text(number * 1e6), "totalNtlPos": text(number * price)}
    held = [{"type": "oneWay", "position": position}] if 0 < number <= ACCOUNTS else []
    return {"marginSummary": summary, "assetPositions": held, "time": asked.now}


def liquidation_price(number: int) -> float:
    """Price at which an account's position is liquidated: far enough from where it trades."""
    return float(MARKETS["BTC"].middle * ((0.75 if number % 2 else 1.25) + number / 1e4))


def fill(
    forced: Forced, now: int, *, of: str, whose: str = "0x" + "1" * 40, tid: int | None = None
) -> dict[str, object]:
    """Make the fill of an account that traded in a liquidation of `whose` position.

    The liquidator's names the position; to anybody else it is a trade like any other, but marked.
    """
    sold = (forced.side > 0) == (of == whose)
    position = "Long" if forced.side > 0 else "Short"
    said = f"Close {position}" if of == whose else f"Open {position}"
    return {
        "coin": forced.base,
        "px": text(forced.price),
        "sz": text(forced.quantity),
        "side": "A" if sold else "B",
        "time": forced.time or now,
        "startPosition": "0.0",
        "dir": f"Liquidated Cross {position}" if of == LIQUIDATOR else said,
        "closedPnl": "0.0",
        "hash": "0x" + "0" * 64,
        "oid": 7,
        "crossed": of == whose,
        "fee": "0.0",
        "tid": next(_TRADES) if tid is None else tid,
        "liquidation": {
            "liquidatedUser": whose,
            "markPx": text(forced.price),
            "method": "backstop" if of == LIQUIDATOR else "market",
        },
        "feeToken": "USDC",
    }


def fills(user: str, told: Sequence[object], *, snapshot: bool = False) -> str:
    """Make a message of an account's fills."""
    data: dict[str, object] = {"user": user, "fills": told}
    if snapshot:
        data["isSnapshot"] = True
    return json.dumps({"channel": "userFills", "data": data})


def _replies(message: str, topics: set[str]) -> list[str]:
    request = json.loads(message)
    if request["method"] == "ping":
        return ['{"channel":"pong"}']
    asked = request["subscription"]
    if len(topics) >= _LISTENED:
        return ['{"channel":"error","data":"Cannot track more than 10 total users."}']
    topics.add(f"{asked['type']}:{asked['user']}")
    answer = {"channel": "subscriptionResponse", "data": request}
    return [json.dumps(answer), fills(asked["user"], [], snapshot=True)]


def _messages(forced: Sequence[Forced], now: int) -> Iterator[tuple[str, str]]:
    for one, vault in zip(forced, itertools.cycle((LIQUIDATOR, MAKER)), strict=False):
        yield f"userFills:{vault}", fills(vault, [fill(one, now, of=vault)])


STREAM = Stream(_replies, _messages)


def _vaults(_asked: Asked) -> object:
    children = {"type": "parent", "data": {"childAddresses": [MAKER, LIQUIDATOR]}}
    return {"name": "Hyperliquidity Provider (HLP)", "relationship": children}


def _leaderboard(_asked: Asked) -> object:
    rows = [
        {
            "ethAddress": address(number),
            "accountValue": text(number * 1e6),
            "windowPerformances": [["day", {"pnl": "1.0", "roi": "0.1", "vlm": "9.0"}]],
            "prize": 0,
            "displayName": None,
        }
        for number in range(1, ACCOUNTS + 1)
    ]
    return {"leaderboardRows": rows}


ANSWERS: dict[str, Callable[[Asked], object]] = {
    "/info/metaAndAssetCtxs": _listings,
    "/info/candleSnapshot": _candles,
    "/info/fundingHistory": _funding,
    "/info/l2Book": _book,
    "/info/clearinghouseState": _account,
    "/info/vaultDetails": _vaults,
    "/info/userFillsByTime": lambda _asked: [],
    "/Mainnet/leaderboard": _leaderboard,
}
