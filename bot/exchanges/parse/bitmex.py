"""BitMEX: payload -> core types. Amounts come in contracts, times as text.

A contract of an inverse perpetual is a dollar, one of a linear perpetual a fraction of the coin.
Bitcoin is called XBT. A bar bears the time at which it closes, and opens where the last one closed.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from bot.core.errors import MarketUnavailable
from bot.core.instruments import Instrument
from bot.core.language import later
from bot.core.market.depth import OrderBook, Trades
from bot.core.market.series import Candles, FundingRates
from bot.core.market.summary import Summary
from bot.exchanges.parse import common, depth
from bot.exchanges.parse.common import (
    UNTIMED,
    Bar,
    Change,
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

NAME = "bitmex"
_PERPETUAL = "FFWCSX"  # code of the kind of contract
# The order closes the position.
_SIDE = {"Sell": +1, "Buy": -1}
_TAKER = {"Buy": +1, "Sell": -1}
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)  # from which lengths of time are written


class _Symbol(msgspec.Struct):
    symbol: str
    kind: str = msgspec.field(name="typ")
    state: str
    base: str = msgspec.field(name="underlying")
    quote: str = msgspec.field(name="quoteCurrency")
    settle: str = msgspec.field(name="settlCurrency")
    multiplier: float  # below zero if it is inverse
    to_settle: float | None = msgspec.field(name="underlyingToSettleMultiplier", default=None)
    to_position: float | None = msgspec.field(name="underlyingToPositionMultiplier", default=None)

    @property
    def contract_size(self) -> float:
        """What one contract stands for: [quote] if it is inverse, else [base]; nan if untold."""
        if self.multiplier < 0:
            return self.multiplier / self.to_settle if self.to_settle else float("nan")
        return 1 / self.to_position if self.to_position else float("nan")


@reading(NAME, "the list of perpetuals")
def listings(payload: object) -> Sequence[Listing]:
    """Read `/api/v1/instrument/active`: the dollar perpetuals that trade, but for quantos."""
    found = [
        common.listed(NAME, row.symbol, row.base, row.quote, row.settle.upper(), row.contract_size)
        for row in common.readable(convert(payload, list[object]), _Symbol)
        if row.kind == _PERPETUAL and row.state == "Open"
    ]
    return [listing for listing in found if listing]


class _Bucket(msgspec.Struct):
    symbol: str
    closes: Instant = msgspec.field(name="timestamp")
    open: Positive | None = None
    high: Positive | None = None
    low: Positive | None = None
    close: Positive | None = None
    volume: NotNegative | None = msgspec.field(name="homeNotional", default=None)  # [base]


@reading(NAME, "candles")
def candles(payload: object, listing: Listing, interval: int) -> Candles:
    """Read `/api/v1/trade/bucketed`; the taker's side is not told.

    A bar is said to open where the one before it closed, which need not lie within what was traded:
    the nearest price that was stands instead. Bars without prices are left out.
    """
    rows = convert(payload, list[_Bucket])
    _one_symbol({row.symbol for row in rows}, listing)
    bars = [
        Bar(
            milliseconds(row.closes) - interval,
            min(max(row.open, row.low), row.high),
            row.high,
            row.low,
            row.close,
            row.volume or 0.0,
        )
        for row in rows
        if row.open and row.high and row.low and row.close
    ]
    return common.candles(bars, interval, taker=False)


class _Funding(msgspec.Struct):
    symbol: str
    time: Instant = msgspec.field(name="timestamp")
    rate: Rate = msgspec.field(name="fundingRate")


@reading(NAME, "funding")
def funding(payload: object, listing: Listing, _interval: int) -> FundingRates:
    """Read `/api/v1/funding`."""
    rows = convert(payload, list[_Funding])
    _one_symbol({row.symbol for row in rows}, listing)
    moments = [milliseconds(row.time) for row in rows]
    time, (rate,) = in_order(moments, [row.rate for row in rows])
    return FundingRates(time, rate)


def _one_symbol(symbols: set[str], listing: Listing) -> None:
    if symbols - {listing.id}:
        raise ValueError("rows of another symbol")


class _Market(msgspec.Struct):
    symbol: str
    price: Positive = msgspec.field(name="lastPrice")
    contracts: NotNegative = msgspec.field(name="openInterest")
    turnover: NotNegative = msgspec.field(name="foreignNotional24h")  # [quote]
    funding: Rate | None = msgspec.field(name="fundingRate", default=None)
    interval: Instant | None = msgspec.field(name="fundingInterval", default=None)
    change: Change | None = msgspec.field(name="lastChangePcnt", default=None)  # a fraction


@reading(NAME, "the overview")
def overview(
    answers: Sequence[object], listings: Mapping[str, Listing], now: int
) -> Mapping[Instrument, Summary]:
    """Read `/api/v1/instrument/active` for what stands now."""
    (markets,) = answers
    return {
        listing.instrument: Summary(
            time=now,
            price=row.price,
            turnover=row.turnover,
            open_interest=listing.base(row.contracts, row.price) or None,
            funding=row.funding,
            funding_interval=_length(row.interval),
            change=row.change,
        )
        for row in common.readable(convert(markets, list[object]), _Market)
        if (listing := listings.get(row.symbol)) is not None
    }


def _length(written: datetime | None) -> int | None:
    """Read a length of time [ms], which is written as a moment: 2000-01-01T08:00 is 8 hours."""
    length = 0 if written is None else round((written - _EPOCH).total_seconds() * 1000)
    return length if length > 0 else None


class _Level(msgspec.Struct):
    symbol: str
    side: str
    contracts: NotNegative = msgspec.field(name="size")
    price: Positive


@reading(NAME, "the order book")
def book(payload: object, listing: Listing, now: int, most: int) -> OrderBook:
    """Read `/api/v1/orderBook/L2`: both sides in one list."""
    rows = convert(payload, list[_Level])
    _one_symbol({row.symbol for row in rows}, listing)
    bids, asks = (
        [(row.price, row.contracts) for row in rows if row.side == side] for side in _TAKER
    )
    return depth.order_book(listing, now, bids, asks, most)


class _Trade(msgspec.Struct):
    symbol: str
    time: Instant = msgspec.field(name="timestamp")
    side: str
    contracts: NotNegative = msgspec.field(name="size")
    price: Positive


@reading(NAME, "trades")
def trades(payload: object, listing: Listing) -> Trades:
    """Read `/api/v1/trade`; rows without a side are fundings and settlements, not trades."""
    rows = convert(payload, list[_Trade])
    _one_symbol({row.symbol for row in rows}, listing)
    return depth.trades(
        listing,
        [
            depth.Trade(milliseconds(row.time), _TAKER[row.side], row.price, row.contracts)
            for row in rows
            if row.side in _TAKER and row.contracts
        ],
    )


class _Liquidation(msgspec.Struct):
    symbol: str
    side: str
    price: Positive
    contracts: Positive = msgspec.field(name="leavesQty")


class _Push(msgspec.Struct):
    table: str = ""
    action: str = ""
    data: list[object] | None = None


_PUSH = msgspec.json.Decoder(_Push)


@reading(NAME, "a liquidation")
def _decoded(message: bytes) -> _Push:
    return _PUSH.decode(message)


def forced_orders(message: bytes) -> Sequence[ForcedOrder]:
    """Read one message of the table `liquidation`: an order counts once, when it is entered.

    Later it is filled, repriced and deleted. What was entered before we listened is `partial`. No
    time is told. If single rows cannot be read, the others stand.
    """
    if message == b"pong":
        return ()
    push = _decoded(message)
    if push.table != "liquidation" or push.action != "insert" or not push.data:
        return ()
    found = [
        ForcedOrder(row.symbol, UNTIMED, side, row.price, row.contracts)
        for row in common.readable(push.data, _Liquidation)
        if (side := _SIDE.get(row.side)) is not None
    ]
    if not found:
        raise MarketUnavailable(NAME, later("a liquidation came in a form that makes no sense"))
    return found
