"""Bybit inverse: payload -> core types. A contract is one dollar, settled in its coin."""

from collections.abc import Sequence

import msgspec

from bot.core.margin.tiers import Brackets
from bot.core.market.series import Candles
from bot.exchanges.parse import bybit, bybit_now, common
from bot.exchanges.parse.common import (
    Bar,
    Listing,
    Moment,
    NotNegative,
    Positive,
    convert,
    reading,
    speaking_for,
)

NAME = "bybitinverse"

next_page = speaking_for(NAME, bybit.next_page)
open_interest = speaking_for(NAME, bybit.open_interest)  # [quote]
funding = speaking_for(NAME, bybit.funding)
long_short_ratio = speaking_for(NAME, bybit.long_short_ratio)
forced_orders = speaking_for(NAME, bybit.forced_orders)
overview = speaking_for(NAME, bybit_now.overview)
book = speaking_for(NAME, bybit_now.book)
trades = speaking_for(NAME, bybit_now.trades)
_tiers = speaking_for(NAME, bybit.tiers)


@reading(NAME, "the list of perpetuals")
def listings(payload: object) -> Sequence[Listing]:
    """Read `/v5/market/instruments-info`: the inverse perpetuals that trade, of one page."""
    return bybit.perpetuals(payload, NAME, "InversePerpetual")


class _Kline(msgspec.Struct, array_like=True):
    open_time: Moment
    open: Positive
    high: Positive
    low: Positive
    close: Positive
    value: NotNegative  # [quote]
    volume: NotNegative  # base coin: what stands here is quote currency of linear contracts


@reading(NAME, "candles")
def candles(payload: object, listing: Listing, interval: int) -> Candles:
    """Read `/v5/market/kline`; the taker's side of the volume is not told."""
    rows = convert(bybit.answered(payload, listing).rows, list[_Kline])
    bars = [Bar(k.open_time, k.open, k.high, k.low, k.close, k.volume) for k in rows]
    return common.candles(bars, interval, taker=False)


@reading(NAME, "margin brackets")
def tiers(payload: object, listing: Listing, price: float) -> Brackets:
    """Read `/v5/market/risk-limit`: the caps are in base coin, valued at `price` [quote/base]."""
    told = _tiers(payload, listing, price)
    return Brackets(
        told.value_cap * price,
        told.maintenance_margin_rate,
        told.max_leverage,
        told.deduction * price,
    )
