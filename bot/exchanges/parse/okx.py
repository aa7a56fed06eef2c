"""OKX swaps: payload -> core types. Sizes come in contracts, lists newest first."""

from collections.abc import Sequence

import msgspec
import numpy as np

from bot.core.arrays import floats
from bot.core.errors import MarketUnavailable
from bot.core.language import later
from bot.core.margin.tiers import Brackets
from bot.core.market.series import Candles, FundingRates, LongShortRatio, OpenInterest
from bot.exchanges.parse import common
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

NAME = "okx"
# In hedge mode OKX names the position; in net mode only the order that closes it.
_POSITION_SIDE = {"long": +1, "short": -1}
_ORDER_SIDE = {"sell": +1, "buy": -1}


class _Answer(msgspec.Struct):
    code: str
    data: list[object]


def answered(payload: object) -> list[object]:
    """Return what an answer holds. ValueError if it is a refusal."""
    answer = convert(payload, _Answer)
    if answer.code != "0":
        raise ValueError(f"refused with code {answer.code}")
    return answer.data


def _one_symbol(symbols: set[str], wanted: str) -> None:
    if symbols - {wanted}:
        raise ValueError("rows of another symbol")


def family(listing: Listing) -> str:
    """Return what OKX calls a contract's family: BTC-USDT of BTC-USDT-SWAP."""
    return listing.id.removesuffix("-SWAP")


class _Symbol(msgspec.Struct):
    id: str = msgspec.field(name="instId")
    kind: str = msgspec.field(name="instType")
    contract_type: str = msgspec.field(name="ctType")
    state: str
    settle: str = msgspec.field(name="settleCcy")
    face: Positive = msgspec.field(name="ctVal")
    face_currency: str = msgspec.field(name="ctValCcy")
    multiplier: Positive = msgspec.field(name="ctMult")


@reading(NAME, "the list of perpetuals")
def listings(payload: object) -> Sequence[Listing]:
    """Read `/api/v5/public/instruments`: the linear dollar swaps that trade, with contract sizes.

    Base and quote stand only in the name; the fields for them are empty for swaps.
    """
    found = []
    for row in common.readable(answered(payload), _Symbol):
        base, _, quote = row.id.removesuffix("-SWAP").partition("-")
        linear = row.contract_type == "linear" and row.face_currency == base
        if row.kind == "SWAP" and row.state == "live" and linear:
            size = row.face * row.multiplier
            found.append(common.listed(NAME, row.id, base, quote, row.settle, size))
    return [listing for listing in found if listing]


class _Kline(msgspec.Struct, array_like=True):
    open_time: Moment
    open: Positive
    high: Positive
    low: Positive
    close: Positive
    contracts: NotNegative
    volume: NotNegative  # base coin; the field before it counts contracts
    turnover: NotNegative


@reading(NAME, "candles")
def candles(payload: object, _listing: Listing, interval: int) -> Candles:
    """Read `/api/v5/market/candles` and `history-candles`; no taker's side is told."""
    rows = convert(answered(payload), list[_Kline])
    bars = [Bar(k.open_time, k.open, k.high, k.low, k.close, k.volume) for k in rows]
    return common.candles(bars, interval, taker=False)


class _OpenInterest(msgspec.Struct, array_like=True):
    time: Moment
    contracts: NotNegative
    quantity: float | str | None = None  # base coin


@reading(NAME, "open interest")
def open_interest(payload: object, listing: Listing, interval: int) -> OpenInterest:
    """Read `/api/v5/rubik/stat/contracts/open-interest-history` of one contract.

    The base coin is taken where it is told, else contracts x contract size. A row bears the start
    of its period and goes on changing until the end, so it is known only then.
    """
    rows = convert(answered(payload), list[_OpenInterest])
    counted = []
    for row in rows:
        quantity = common.told(row.quantity)
        in_contracts = row.contracts * listing.contract_size
        counted.append((row.time + interval, in_contracts if quantity is None else quantity))
    return common.open_interest(counted)


class _Funding(msgspec.Struct):
    symbol: str = msgspec.field(name="instId")
    rate: Rate = msgspec.field(name="realizedRate")  # what was paid; fundingRate is the forecast
    time: Moment = msgspec.field(name="fundingTime")


@reading(NAME, "funding")
def funding(payload: object, listing: Listing, _interval: int) -> FundingRates:
    """Read `/api/v5/public/funding-rate-history`."""
    rows = convert(answered(payload), list[_Funding])
    _one_symbol({row.symbol for row in rows}, listing.id)
    time, (rate,) = in_order([row.time for row in rows], [row.rate for row in rows])
    return FundingRates(time, rate)


class _Ratio(msgspec.Struct, array_like=True):
    time: Moment
    ratio: Positive


@reading(NAME, "the long/short ratio")
def long_short_ratio(payload: object, _listing: Listing, interval: int) -> LongShortRatio:
    """Read `/api/v5/rubik/stat/contracts/long-short-account-ratio-contract`.

    As with open interest, a row is known at the end of its period.
    """
    rows = convert(answered(payload), list[_Ratio])
    time, (ratio,) = in_order([row.time + interval for row in rows], [row.ratio for row in rows])
    return LongShortRatio(time, ratio)


class _Tier(msgspec.Struct):
    family: str = msgspec.field(name="instFamily")
    max_contracts: Positive = msgspec.field(name="maxSz")
    maintenance: Positive = msgspec.field(name="mmr")
    max_leverage: Positive = msgspec.field(name="maxLever")


@reading(NAME, "margin brackets")
def tiers(payload: object, listing: Listing, price: float) -> Brackets:
    """Read `/api/v5/public/position-tiers`: caps in contracts, valued at `price` [quote/base].

    A bracket's rate holds for the whole position, so nothing is deducted.
    """
    rows = convert(answered(payload), list[_Tier])
    _one_symbol({row.family for row in rows}, family(listing))
    rows.sort(key=lambda row: row.max_contracts)
    contracts = floats([row.max_contracts for row in rows])
    return Brackets(
        value_cap=contracts * listing.contract_size * price,
        maintenance_margin_rate=floats([row.maintenance for row in rows]),
        max_leverage=floats([row.max_leverage for row in rows]),
        deduction=np.zeros(len(rows)),
    )


class _Detail(msgspec.Struct):
    side: str
    price: Positive = msgspec.field(name="bkPx")  # the bankruptcy price
    contracts: Positive = msgspec.field(name="sz")
    time: Moment = msgspec.field(name="ts")
    position_side: str = msgspec.field(name="posSide", default="")


class _Liquidated(msgspec.Struct):
    id: str = msgspec.field(name="instId")
    details: list[object]


class _Arg(msgspec.Struct):
    channel: str = ""


class _Push(msgspec.Struct):
    arg: _Arg | None = None
    data: list[object] | None = None


_PUSH = msgspec.json.Decoder(_Push, strict=False)


def _side(detail: _Detail) -> int | None:
    named = _POSITION_SIDE.get(detail.position_side)
    return _ORDER_SIDE.get(detail.side) if named is None else named


@reading(NAME, "a liquidation")
def _decoded(message: bytes) -> _Push:
    return _PUSH.decode(message)


def forced_orders(message: bytes) -> Sequence[ForcedOrder]:
    """Read one message of `liquidation-orders`: several contracts, several details of each.

    Quantities are in contracts. Answers to pings and subscriptions are none. If single details
    cannot be read, the others stand.
    """
    if message == b"pong":
        return ()
    push = _decoded(message)
    if push.arg is None or push.arg.channel != "liquidation-orders" or not push.data:
        return ()
    found = [
        ForcedOrder(liquidated.id, detail.time, side, detail.price, detail.contracts)
        for liquidated in common.readable(push.data, _Liquidated)
        for detail in common.readable(liquidated.details, _Detail)
        if (side := _side(detail)) is not None
    ]
    if not found:
        raise MarketUnavailable(NAME, later("a liquidation came in a form that makes no sense"))
    return found
