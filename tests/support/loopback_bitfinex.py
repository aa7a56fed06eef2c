"""Bitfinex as the loopback venue plays it: rows are lists, newest first, none of a quiet bar."""

import json
from collections.abc import Callable, Iterator, Sequence

from bot.core.arrays import MINUTE, Times
from tests.support.loopback_common import FUNDING, Asked, Refusal, funding_rate
from tests.support.loopback_markets import MARKETS, LoopbackMarket, grid
from tests.support.loopback_now import day
from tests.support.loopback_streams import Forced, Stream

SHARE = 0.06  # of the open interest
MINUTES = 5000  # rows of how a market stood, at most
SECONDS_PAST = 11_000  # [ms] after the full minute at which rows of it are written
QUIET = 7  # of so many bars one is without a trade
_BAR = 5 * MINUTE
_BARS = 10_000
# It calls some coins by names of its own.
_NAMES = {"SOL": "SLN"}
IDS = {base: f"t{_NAMES.get(base, base)}F0:USTF0" for base in MARKETS}
_MARKETS = {IDS[base]: market for base, market in MARKETS.items()}


def _invalid(what: str) -> Refusal:
    return Refusal(500, ["error", 10020, f"{what}: invalid"])


def _market(asked: Asked) -> LoopbackMarket:
    name = next((name for name in _MARKETS if name in asked.path), None)
    if name is None:
        raise _invalid("symbol")
    return _MARKETS[name]


def _conf(asked: Asked) -> object:
    assert asked.path.endswith("/pub:info:pair:futures,pub:map:currency:sym")

    def pair(name: str) -> list[object]:
        return [name, [None, None, None, "0.00004", "100.0", None, None, None, 0.01, 0.005]]

    names = [name[1:] for name in _MARKETS]
    pairs = [pair(name) for name in [*names, "ETHF0:BTCF0", "TESTBTCF0:TESTUSDTF0"]]
    return [pairs, [["UST", "USDt"], ["SLN", "Sol"], ["DSH", "DASH"]]]


def _page(asked: Asked, moments: Times, most: int) -> list[int]:
    return list(map(int, moments[::-1][: min(asked.whole("limit", 100), most)]))


def quiet(at: int) -> bool:
    """Say whether nothing was traded in the bar that opened then [ms]."""
    return at // _BAR % QUIET == 0


def _candles(asked: Asked) -> object:
    market = _market(asked)
    opens = grid(asked.whole("start", 0), min(asked.whole("end", asked.now), asked.now), _BAR)
    bars = market.bars(opens, _BAR, asked.now, SHARE).tolist()
    rows = [
        [at, first, close, high, low, volume]
        for at, (first, high, low, close, volume, _) in zip(opens.tolist(), bars, strict=True)
        if not quiet(at)
    ]
    return rows[::-1][: min(asked.whole("limit", 100), _BARS)]


def _stood(market: LoopbackMarket, at: int) -> list[object]:
    price = float(market.price(at))
    due = (at // FUNDING + 1) * FUNDING
    interest = float(market.interest(grid(at, at, 1), SHARE)[0])
    return [at, None, price, price, None, 1e7, None, due, 1e-6, 9, None, float(funding_rate(due)),
            None, None, price, None, None, interest, None, None, None, 0.0005, 0.0025]  # fmt: skip


def _history(asked: Asked) -> object:
    market = _market(asked)
    start, end = (at - SECONDS_PAST for at in (asked.whole("start", 0), asked.whole("end", 0)))
    minutes = grid(start, min(end, asked.now - SECONDS_PAST), MINUTE)
    return [_stood(market, at + SECONDS_PAST) for at in _page(asked, minutes, MINUTES)]


def _status(asked: Asked) -> object:
    assert asked.params["keys"] == "ALL"
    paper = ["tTESTBTCF0:TESTUSDTF0", *_stood(MARKETS["BTC"], asked.now)]
    return [paper, *([name, *_stood(market, asked.now)] for name, market in _MARKETS.items())]


def _tickers(asked: Asked) -> object:
    rows = []
    for name, market in _MARKETS.items():
        last = day(market, asked.now, SHARE)
        price, before = last.price, last.price / (1 + last.change)
        rows.append([name, price, 1, price, 1, price - before, last.change, price,
                     last.turnover / price, price, price])  # fmt: skip
    return [["tBTCUSD", *rows[0][1:]], ["fUSD", 0.0002, *rows[0][1:]], *rows]


def _book(asked: Asked) -> object:
    price = float(_market(asked).price(asked.now))
    count = asked.whole("len", 25)

    def side(way: int) -> list[list[float]]:
        return [[price * (1 + way * 1e-4 * (1 + n)), 3, -way * 1.0] for n in range(count)]

    return [*side(-1), *side(+1)]


def _trades(asked: Asked) -> object:
    market = _market(asked)
    return [
        [at, at, -1.0 if n % 2 else 1.0, float(market.price(at))]
        for n, at in enumerate(range(asked.now, asked.now - 100_000, -1000))
    ]


_BY_NAME: dict[str, Callable[[Asked], object]] = {
    "/v2/candles/trade:5m:{}/hist": _candles,
    "/v2/status/deriv/{}/hist": _history,
    "/v2/book/{}/P0": _book,
    "/v2/trades/{}/hist": _trades,
}
ANSWERS: dict[str, Callable[[Asked], object]] = {
    "/v2/conf/pub:info:pair:futures,pub:map:currency:sym": _conf,
    "/v2/status/deriv": _status,
    "/v2/tickers": _tickers,
} | {path.format(name): answer for path, answer in _BY_NAME.items() for name in _MARKETS}

_CHANNEL = 91684
_KEY = "liq:global"


def _replies(message: str, topics: set[str]) -> list[str]:
    request = json.loads(message)
    if request["event"] == "ping":
        return [json.dumps({"event": "pong", "ts": 1, "cid": request["cid"]})]
    if (request["channel"], request["key"]) != ("status", _KEY):
        return [json.dumps({"event": "error", "msg": "key: invalid", "code": 10300})]
    topics.add(_KEY)
    told = {"event": "subscribed", "channel": "status", "chanId": _CHANNEL, "key": _KEY}
    info = {"event": "info", "version": 2, "platform": {"status": 1}}
    return [*map(json.dumps, (info, told)), json.dumps([_CHANNEL, "hb"])]


def _row(one: Forced, name: str, at: int, number: int, *, price: float | None) -> list[object]:
    matched = 0 if price is None else 1
    return ["pos", 171_000_000 + number, at, None, name, one.side * one.quantity, one.price * 1.05,
            None, matched, matched, None, price]  # fmt: skip


def _messages(forced: Sequence[Forced], now: int) -> Iterator[tuple[str, str]]:
    """Tell each when it is triggered and again when it is executed, beside one of a spot pair."""
    at = [one.time or now for one in forced]
    triggered, executed = (
        [
            _row(one, IDS[one.base], at[n], n, price=one.price if matched else None)
            for n, one in enumerate(forced)
        ]
        for matched in (False, True)
    )
    spot = _row(forced[0], "tBTCUSD", now, len(forced), price=forced[0].price)
    for rows in ([*triggered, spot], executed):
        yield _KEY, json.dumps([_CHANNEL, rows])
    yield _KEY, json.dumps([_CHANNEL, "hb"])


STREAM = Stream(_replies, _messages)
