"""Deribit perpetuals: payload -> core types; amounts are in dollars if inverse, else in base coin.

So a listing's contract size is 1 throughout, whatever Deribit calls a contract.
"""

from collections.abc import Mapping, Sequence
from typing import TypeVar

import msgspec

from bot.core.arrays import HOUR
from bot.core.instruments import Instrument
from bot.core.market.depth import OrderBook, Trades
from bot.core.market.series import Candles, FundingRates
from bot.core.market.summary import Summary
from bot.exchanges.parse import common, depth
from bot.exchanges.parse.common import (
    Bar,
    ForcedOrder,
    Listing,
    Moment,
    NotNegative,
    Positive,
    Rate,
    convert,
    in_order,
    reading,
)

NAME = "deribit"
LEVELS = 1000  # of each side of the book
_SIDE = {"buy": +1, "sell": -1}  # of the taker
_TAKER, _MAKER = "T", "M"  # who was liquidated; "MT" if both were
_PERCENT = 100

_Result = TypeVar("_Result")


class _Answer(msgspec.Struct):
    result: object


def _result(payload: object, form: type[_Result]) -> _Result:
    return convert(convert(payload, _Answer).result, form)


class _Symbol(msgspec.Struct):
    id: str = msgspec.field(name="instrument_name")
    kind: str
    active: bool = msgspec.field(name="is_active")
    period: str = msgspec.field(name="settlement_period")
    base: str = msgspec.field(name="base_currency")
    quote: str = msgspec.field(name="counter_currency")
    settle: str = msgspec.field(name="settlement_currency")


@reading(NAME, "the list of perpetuals")
def listings(payload: object) -> Sequence[Listing]:
    """Read `public/get_instruments`: the perpetuals that trade."""
    found = [
        common.listed(NAME, row.id, row.base, row.quote, row.settle)
        for row in common.readable(_result(payload, list[object]), _Symbol)
        if row.kind == "future" and row.period == "perpetual" and row.active
    ]
    return [listing for listing in found if listing]


class _Chart(msgspec.Struct):
    ticks: list[Moment]
    open: list[Positive]
    high: list[Positive]
    low: list[Positive]
    close: list[Positive]
    volume: list[NotNegative]  # [base], also of inverse contracts
    status: str = "ok"


@reading(NAME, "candles")
def candles(payload: object, _listing: Listing, interval: int) -> Candles:
    """Read `public/get_tradingview_chart_data`; the taker's side is not told."""
    told = _result(payload, _Chart)
    if told.status not in {"ok", "no_data"}:
        raise ValueError(f"refused with status {told.status}")
    columns = zip(told.ticks, told.open, told.high, told.low, told.close, told.volume, strict=True)
    return common.candles([Bar(*row) for row in columns], interval, taker=False)


class _Funding(msgspec.Struct):
    time: Moment = msgspec.field(name="timestamp")
    rate: Rate = msgspec.field(name="interest_1h")  # of the hour that ended then


@reading(NAME, "funding")
def funding(payload: object, _listing: Listing, _interval: int) -> FundingRates:
    """Read `public/get_funding_rate_history`: it is paid all the time, and told by the hour."""
    rows = _result(payload, list[_Funding])
    time, (rate,) = in_order([row.time for row in rows], [row.rate for row in rows])
    return FundingRates(time, rate)


class _Summary(msgspec.Struct):
    id: str = msgspec.field(name="instrument_name")
    mark: Positive = msgspec.field(name="mark_price")
    open_interest: NotNegative  # as its amounts are counted
    last: Positive | None = None
    volume: NotNegative = 0.0  # [base]
    usd: NotNegative | None = msgspec.field(name="volume_usd", default=None)
    notional: NotNegative | None = msgspec.field(name="volume_notional", default=None)
    change: float | None = msgspec.field(name="price_change", default=None)  # [%]
    funding: Rate | None = msgspec.field(name="current_funding", default=None)  # for 8 hours


@reading(NAME, "the overview")
def overview(
    payloads: Sequence[object], listings: Mapping[str, Listing], now: int
) -> Mapping[Instrument, Summary]:
    """Read `public/get_book_summary_by_currency` of each currency that perpetuals settle in."""
    found = {}
    for payload in payloads:
        for row in common.readable(_result(payload, list[object]), _Summary):
            listing = listings.get(row.id)
            if listing is None:
                continue
            price = row.last or row.mark
            told = row.notional if row.usd is None else row.usd
            found[listing.instrument] = Summary(
                time=now,
                price=price,
                turnover=row.volume * price if told is None else told,
                open_interest=listing.base(row.open_interest, row.mark) or None,
                funding=row.funding,
                funding_interval=8 * HOUR,
                change=None if row.change is None else row.change / _PERCENT,
            )
    return found


class _Book(msgspec.Struct):
    id: str = msgspec.field(name="instrument_name")
    time: Moment = msgspec.field(name="timestamp")
    bids: list[depth.Level]
    asks: list[depth.Level]


@reading(NAME, "the order book")
def order_book(payload: object, listing: Listing, _now: int) -> OrderBook:
    """Read `public/get_order_book`: [price, amount]."""
    told = _result(payload, _Book)
    if told.id != listing.id:
        raise ValueError("the book of another market")
    bids, asks = depth.levels(told.bids), depth.levels(told.asks)
    return depth.order_book(listing, told.time, bids, asks, LEVELS)


class _Trade(msgspec.Struct):
    id: str = msgspec.field(name="instrument_name")
    time: Moment = msgspec.field(name="timestamp")
    price: Positive
    amount: Positive
    side: str = msgspec.field(name="direction")  # the taker's
    liquidated: str = msgspec.field(name="liquidation", default="")


class _Trades(msgspec.Struct):
    trades: list[_Trade]


@reading(NAME, "trades")
def trades(payload: object, listing: Listing) -> Trades:
    """Read `public/get_last_trades_by_instrument`."""
    rows = _result(payload, _Trades).trades
    if {row.id for row in rows} - {listing.id}:
        raise ValueError("trades of another market")
    found = [
        depth.Trade(row.time, _SIDE[row.side], row.price, row.amount)
        for row in rows
        if row.side in _SIDE
    ]
    return depth.trades(listing, found)


class _Params(msgspec.Struct):
    channel: str = ""
    data: object = None
    kind: str = msgspec.field(name="type", default="")


class _Push(msgspec.Struct):
    method: str = ""
    params: _Params | None = None


_PUSH = msgspec.json.Decoder(_Push)


@reading(NAME, "a liquidation")
def forced_orders(message: bytes) -> Sequence[ForcedOrder]:
    """Read one message of `trades.future.any.100ms`: trades, of which those of a liquidation count.

    Who takes sells what was long. Who is liquidated as a maker stands on the other side; if both
    are, one trade is two liquidations. If single rows cannot be read, the others stand.
    """
    push = _PUSH.decode(message)
    if push.method != "subscription" or push.params is None:
        return ()
    if not push.params.channel.startswith("trades."):
        return ()
    rows = convert(push.params.data, list[object])
    readable = common.readable(rows, _Trade)
    if rows and not readable:
        raise ValueError("no row can be read")
    return [
        ForcedOrder(row.id, row.time, side, row.price, row.amount)
        for row in readable
        for side in _liquidated(row)
    ]


def _liquidated(trade: _Trade) -> list[int]:
    """Return the sides of the positions that a trade liquidated.

    >>> sold = _Trade("BTC-PERPETUAL", 0, 1.0, 1.0, "sell", "MT")
    >>> _liquidated(sold)
    [1, -1]
    """
    taker = _SIDE.get(trade.side)
    if taker is None:
        return []
    who = ((_TAKER, -taker), (_MAKER, taker))
    return [position for one, position in who if one in trade.liquidated]


def alive(message: bytes) -> str | None:
    """Return what a test of the connection wants to hear back; None for anything else.

    >>> alive(b'{"jsonrpc":"2.0","method":"heartbeat","params":{"type":"test_request"}}')
    '{"jsonrpc":"2.0","id":9,"method":"public/test","params":{}}'
    """
    push = _PUSH.decode(message)
    if push.method != "heartbeat" or push.params is None or push.params.kind != "test_request":
        return None
    return '{"jsonrpc":"2.0","id":9,"method":"public/test","params":{}}'
