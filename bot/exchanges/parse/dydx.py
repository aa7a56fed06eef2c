"""dYdX v4 perpetuals by its indexer: payload -> core types. Quantities are in base coin throughout.

Markets are called BTC-USD; what is paid and margined is USDC.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import msgspec

from bot.core.arrays import HOUR, floats
from bot.core.instruments import Instrument
from bot.core.margin.tiers import Brackets
from bot.core.market.depth import OrderBook, Trades
from bot.core.market.series import Candles, FundingRates, OpenInterest
from bot.core.market.summary import Summary
from bot.exchanges.parse import common, depth
from bot.exchanges.parse.common import (
    Bar,
    ForcedOrder,
    Instant,
    Listing,
    NotNegative,
    Positive,
    Rate,
    convert,
    in_order,
    milliseconds,
    reading,
)

NAME = "dydx"
LEVELS = 100  # of each side of the book
_SETTLE = "USDC"
# It publishes the taker's side, and a liquidation takes: a long is closed by selling.
_POSITION_SIDE = {"SELL": +1, "BUY": -1}
_TAKER_SIDE = {"BUY": +1, "SELL": -1}


class _Market(msgspec.Struct):
    id: str = msgspec.field(name="ticker")
    status: str
    initial: Positive = msgspec.field(name="initialMarginFraction")
    maintenance: Positive = msgspec.field(name="maintenanceMarginFraction")


class _Markets(msgspec.Struct):
    markets: dict[str, object]

    @property
    def rows(self) -> list[object]:
        return list(self.markets.values())


@reading(NAME, "the list of perpetuals")
def listings(payload: object) -> Sequence[Listing]:
    """Read `/v4/perpetualMarkets`: the perpetuals that trade, each with its one bracket."""
    found = []
    for row in common.readable(convert(payload, _Markets).rows, _Market):
        base = row.id.removesuffix("-USD")
        listing = common.listed(NAME, row.id, base, _SETTLE, _SETTLE)
        if listing is not None and row.status == "ACTIVE":
            found.append(replace(listing, brackets=_bracket(row)))
    return found


def _bracket(market: _Market) -> Brackets | None:
    try:
        return Brackets(
            value_cap=floats([math.inf]),
            maintenance_margin_rate=floats([market.maintenance]),
            max_leverage=floats([1 / market.initial]),
            deduction=floats([0.0]),
        )
    except ValueError:
        return None


class _Candle(msgspec.Struct):
    opened: Instant = msgspec.field(name="startedAt")
    id: str = msgspec.field(name="ticker")
    open: Positive
    high: Positive
    low: Positive
    close: Positive
    volume: NotNegative = msgspec.field(name="baseTokenVolume")
    open_interest: float | str | None = msgspec.field(name="startingOpenInterest", default=None)


class _Candles(msgspec.Struct):
    rows: list[_Candle] = msgspec.field(name="candles")


def _candles(payload: object, listing: Listing) -> list[_Candle]:
    rows = convert(payload, _Candles).rows
    _one_market({row.id for row in rows}, listing)
    return rows


def _one_market(ids: set[str], listing: Listing) -> None:
    if ids - {listing.id}:
        raise ValueError("rows of another market")


@reading(NAME, "candles")
def candles(payload: object, listing: Listing, interval: int) -> Candles:
    """Read `/v4/candles/perpetualMarkets/MARKET`; the taker's side is not told."""
    bars = [
        Bar(milliseconds(k.opened), k.open, k.high, k.low, k.close, k.volume)
        for k in _candles(payload, listing)
    ]
    return common.candles(bars, interval, taker=False)


@reading(NAME, "open interest")
def open_interest(payload: object, listing: Listing, _interval: int) -> OpenInterest:
    """Read the same candles: each tells what stood open when it began."""
    found = []
    for row in _candles(payload, listing):
        quantity = common.told(row.open_interest)
        if quantity is not None:
            found.append((milliseconds(row.opened), quantity))
    return common.open_interest(found)


class _Funding(msgspec.Struct):
    id: str = msgspec.field(name="ticker")
    rate: Rate  # for an hour
    time: Instant = msgspec.field(name="effectiveAt")


class _Fundings(msgspec.Struct):
    rows: list[_Funding] = msgspec.field(name="historicalFunding")


@reading(NAME, "funding")
def funding(payload: object, listing: Listing, _interval: int) -> FundingRates:
    """Read `/v4/historicalFunding/MARKET`; it is paid some milliseconds after the hour."""
    rows = convert(payload, _Fundings).rows
    _one_market({row.id for row in rows}, listing)
    time, (rate,) = in_order([milliseconds(row.time) for row in rows], [row.rate for row in rows])
    return FundingRates(time, rate)


class _Now(msgspec.Struct):
    id: str = msgspec.field(name="ticker")
    price: Positive = msgspec.field(name="oraclePrice")
    turnover: NotNegative = msgspec.field(name="volume24H")
    open_interest: NotNegative = msgspec.field(name="openInterest")
    change: float | None = msgspec.field(name="priceChange24H", default=None)  # [quote/base]
    funding: Rate | None = msgspec.field(name="nextFundingRate", default=None)


@reading(NAME, "the overview")
def overview(
    payloads: Sequence[object], listings: Mapping[str, Listing], now: int
) -> Mapping[Instrument, Summary]:
    """Read `/v4/perpetualMarkets`; its price is the oracle's."""
    (payload,) = payloads
    found = {}
    for row in common.readable(convert(payload, _Markets).rows, _Now):
        if row.id in listings:
            before = row.price - (row.change or 0.0)
            found[listings[row.id].instrument] = Summary(
                time=now,
                price=row.price,
                turnover=row.turnover,
                open_interest=row.open_interest or None,
                funding=row.funding,
                funding_interval=HOUR,
                change=None if row.change is None or before <= 0 else row.price / before - 1,
            )
    return found


class _Level(msgspec.Struct):
    price: Positive
    size: NotNegative


class _Book(msgspec.Struct):
    bids: list[_Level]
    asks: list[_Level]


@reading(NAME, "the order book")
def order_book(payload: object, listing: Listing, now: int) -> OrderBook:
    """Read `/v4/orderbooks/perpetualMarket/MARKET`, in which orders of both sides may overlap.

    Each validator keeps a book of its own, and the indexer hears of orders that another has already
    matched. What overlaps would trade, so it is taken off both sides.
    """
    told = convert(payload, _Book)
    bids, asks = _uncrossed(told.bids, told.asks)
    return depth.order_book(listing, now, bids, asks, LEVELS)


def _uncrossed(bids: Iterable[_Level], asks: Iterable[_Level]) -> tuple[depth.Levels, depth.Levels]:
    """Let orders that overlap trade with each other.

    >>> book = [_Level(101.0, 2.0), _Level(99.0, 1.0)], [_Level(100.0, 0.5), _Level(102.0, 1.0)]
    >>> _uncrossed(*book)
    ([(99.0, 1.0), (101.0, 1.5)], [(102.0, 1.0)])
    """
    # The best of each side last, where it is taken off.
    bid = sorted((level.price, level.size) for level in bids if level.size)
    ask = sorted(((level.price, level.size) for level in asks if level.size), reverse=True)
    while bid and ask and bid[-1][0] >= ask[-1][0]:
        (high, wanted), (low, offered) = bid.pop(), ask.pop()
        if wanted > offered:
            bid.append((high, wanted - offered))
        elif offered > wanted:
            ask.append((low, offered - wanted))
    return bid, ask


class _Trade(msgspec.Struct):
    side: str  # the taker's
    price: Positive
    size: Positive
    time: Instant = msgspec.field(name="createdAt")
    kind: str = msgspec.field(name="type", default="")


class _Trades(msgspec.Struct):
    rows: list[_Trade] = msgspec.field(name="trades")


@reading(NAME, "trades")
def trades(payload: object, listing: Listing) -> Trades:
    """Read `/v4/trades/perpetualMarket/MARKET`."""
    found = [
        depth.Trade(milliseconds(row.time), _TAKER_SIDE[row.side], row.price, row.size)
        for row in convert(payload, _Trades).rows
        if row.side in _TAKER_SIDE
    ]
    return depth.trades(listing, found)


class _Contents(msgspec.Struct):
    trades: list[object]


class _Push(msgspec.Struct):
    kind: str = msgspec.field(name="type", default="")
    channel: str = ""
    id: str = ""
    contents: object = None


_PUSH = msgspec.json.Decoder(_Push)


@reading(NAME, "a liquidation")
def forced_orders(message: bytes) -> Sequence[ForcedOrder]:
    """Read one message of `v4_trades`: trades, of which those count that liquidate a taker.

    The latest trades, told after each subscription, are none, nor is any answer. If single rows
    cannot be read, the others stand.
    """
    push = _PUSH.decode(message)
    if push.kind != "channel_data" or push.channel != "v4_trades":
        return ()
    rows = convert(push.contents, _Contents).trades
    readable = common.readable(rows, _Trade)
    if rows and not readable:
        raise ValueError("no row can be read")
    return [
        ForcedOrder(push.id, milliseconds(row.time), side, row.price, row.size)
        for row in readable
        if row.kind == "LIQUIDATED" and (side := _POSITION_SIDE.get(row.side)) is not None
    ]
