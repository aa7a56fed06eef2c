"""Bitfinex perpetuals: payload -> core types; bitfinex_now.py reads what stands at this moment.

Rows are lists, amounts are in base coin, and the sign of an amount is its side. A contract is one
of the base coin (docs.bitfinex.com, rest-public-derivatives-status); what is settled in BTC is left
out. Open interest is what stands open, one-sided.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Annotated

import msgspec
import numpy as np

from bot.core.arrays import floats
from bot.core.margin.tiers import Brackets
from bot.core.market.series import Candles, FundingRates, OpenInterest
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

NAME = "bitfinex"
BARS = 10_000  # in one answer at most
_PERPETUAL = "F0"  # ends the name of both currencies
_SETTLE = "UST"  # what it calls Tether
Amount = Annotated[float, msgspec.Meta(gt=-1e18, lt=1e18)]  # by its sign one of two sides


class _Info(msgspec.Struct, array_like=True):
    gaps: object = None
    gaps1: object = None
    gaps2: object = None
    smallest: object = None  # order
    largest: object = None
    gaps5: object = None
    gaps6: object = None
    gaps7: object = None
    initial: Positive | None = None  # margin [fraction of value]
    maintenance: Positive | None = None  # likewise


class _Pair(msgspec.Struct, array_like=True):
    name: str  # BTCF0:USTF0
    info: _Info


class _Renamed(msgspec.Struct, array_like=True):
    name: str
    usual: str


@reading(NAME, "the list of perpetuals")
def listings(payload: object) -> Sequence[Listing]:
    """Read `/v2/conf/pub:info:pair:futures,pub:map:currency:sym`: perpetuals in dollars.

    The second part says how others call a coin: ATO is ATOM. Paper contracts settle in TESTUSDT.
    """
    pairs, *names = convert(payload, list[list[object]]) or [[]]
    renamed = [row for part in names for row in common.readable(part, _Renamed)]
    others = {row.name: row.usual.upper() for row in renamed}
    found = []
    for row in common.readable(pairs, _Pair):
        base, _, quote = row.name.partition(":")
        if quote != _SETTLE + _PERPETUAL or not base.endswith(_PERPETUAL):
            continue
        coin = base.removesuffix(_PERPETUAL)
        listing = common.listed(NAME, f"t{row.name}", others.get(coin, coin), "USDT", "USDT")
        if listing is not None:
            found.append(replace(listing, brackets=_bracket(row.info)))
    return found


def _bracket(info: _Info) -> Brackets | None:
    """Make the one bracket of a contract, None where its margins are not told or make no sense."""
    if info.initial is None or info.maintenance is None:
        return None
    try:
        return Brackets(
            value_cap=floats([math.inf]),
            maintenance_margin_rate=floats([info.maintenance]),
            max_leverage=floats([1 / info.initial]),
            deduction=floats([0.0]),
        )
    except ValueError:
        return None


class _Candle(msgspec.Struct, array_like=True):
    time: Moment
    open: Positive
    close: Positive
    high: Positive
    low: Positive
    volume: NotNegative


@reading(NAME, "candles")
def candles(payload: object, _listing: Listing, interval: int) -> Candles:
    """Read `/v2/candles/trade:5m:SYMBOL/hist`; the taker's side is not told.

    There is no row of a time in which nothing was traded (the venue's own word, its issue
    bitfinex-api-py 198): between two rows the price stood where the earlier one closed.
    """
    rows = convert(payload, list[_Candle])
    told = [Bar(k.time, k.open, k.high, k.low, k.close, k.volume) for k in rows]
    return common.candles([*_quiet(told, interval), *told], interval, taker=False)


def _quiet(told: Sequence[Bar], interval: int) -> Iterator[Bar]:
    """Return the bars without a trade that lie between those told. ValueError if far too many."""
    bars = sorted(told)
    if bars and bars[-1].open_time - bars[0].open_time > BARS * interval:
        raise ValueError("bars lie further apart than one answer reaches")
    for before, after in pairwise(bars):
        price = before.close
        for at in range(before.open_time + interval, after.open_time, interval):
            yield Bar(at, price, price, price, price, 0.0)


class _Status(msgspec.Struct, array_like=True):
    """A market as it stood, once a minute."""

    time: Moment
    gap: object
    price: object  # [quote/base] middle of the book
    spot: object
    gap4: object
    fund: object
    gap6: object
    due: Moment | None  # [ms] the next funding
    accrued: object
    step: object
    gap10: object
    funding: Rate | None  # paid at the next funding
    gap12: object
    gap13: object
    mark: object
    gap15: object
    gap16: object
    open_interest: NotNegative | None  # [base]


@reading(NAME, "open interest")
def open_interest(payload: object, _listing: Listing, interval: int) -> OpenInterest:
    """Read `/v2/status/deriv/SYMBOL/hist`: the first row of each interval, at its own time."""
    rows = convert(payload, list[_Status])
    known = [(row.time, row.open_interest) for row in rows if row.open_interest is not None]
    interest = common.open_interest(known)
    _, first = np.unique(interest.time // interval, return_index=True)
    return OpenInterest(interest.time[first], interest.quantity[first])


@reading(NAME, "funding")
def funding(payload: object, _listing: Listing, _interval: int) -> FundingRates:
    """Read the same rows: each tells the rate that is paid when the next funding falls due.

    It was settled when the one before was paid, and stays (seen across three fundings of BTC).
    """
    rows = sorted(convert(payload, list[_Status]), key=lambda row: row.time)
    told = [(row.due, row.funding) for row in rows if row.due and row.funding is not None]
    time, (rate,) = in_order([due for due, _ in told], [rate for _, rate in told])
    return FundingRates(time, rate)


class _Liquidation(msgspec.Struct, array_like=True):
    kind: str  # "pos"
    position: int
    # Some have a fraction of a millisecond.
    time: Annotated[float, msgspec.Meta(ge=1_420_070_400_000, le=4_102_444_800_000)]
    gap: object
    symbol: str
    amount: Amount  # above zero a long
    entry: object  # [quote/base] of the position
    gap7: object
    matched: int  # 0 it was triggered, 1 it was executed in the market
    sold: object  # what it says of it, the venue tells in two ways that contradict each other
    gap10: object
    price: Positive | None  # [quote/base] none when it is triggered

    @property
    def all_of_it(self) -> tuple[object, ...]:
        """What it is known by when it is told again."""
        return self.position, self.time, self.symbol, self.amount, self.price


_ANY = msgspec.json.Decoder()


@reading(NAME, "a liquidation")
def forced_orders(message: bytes) -> Sequence[ForcedOrder]:
    """Read one message of the channel `status`, key `liq:global` (docs: ws-public-status).

    A position is told when its liquidation is triggered, in full and mostly without a price, and
    again with a price for each execution in the market, of which there may be several. Executions
    count, and nothing else: what is triggered would be counted twice with them, and has no price.
    The same row twice is one execution. Margin positions of spot pairs are told too; nobody follows
    those.
    """
    told = _ANY.decode(message)
    if isinstance(told, dict):
        return ()  # it answers, or says how it is
    _, rows, *_ = convert(told, list[object])
    if not isinstance(rows, list):
        return ()  # a heartbeat
    if rows and isinstance(rows[0], str):
        rows = [rows]
    readable = common.readable(rows, _Liquidation)
    if rows and not readable:
        raise ValueError("no row can be read")
    return [
        ForcedOrder(row.symbol, round(row.time), side, row.price, abs(row.amount))
        for row in {row.all_of_it: row for row in readable if row.matched}.values()
        if row.price is not None and (side := int(np.sign(row.amount)))
    ]
