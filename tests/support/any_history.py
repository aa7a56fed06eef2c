"""Any history that the core's types let through, for hypothesis."""

from collections.abc import Callable
from typing import TypeVar

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from bot.core.arrays import DAY, HOUR, MINUTE, Floats, Times, floats, times
from bot.core.instruments import Instrument
from bot.core.market.history import MarketHistory
from bot.core.market.liquidations import Liquidations, LiquidationTotals
from bot.core.market.series import Candles, FundingRates, LongShortRatio, OpenInterest

_PRICES = st.floats(1e-12, 1e12)
_Series = TypeVar("_Series", OpenInterest, FundingRates, LongShortRatio)
_MINUTES = st.integers(0, 5_000_000)  # of 1970 to 1979: any times will do


@st.composite
def _times(draw: st.DrawFn, interval: int = 1, least: int = 0) -> Times:
    numbers = draw(st.lists(_MINUTES, min_size=least, max_size=40, unique=True))
    return times(sorted(numbers)) * interval


def _figures(count: int, low: float, high: float) -> st.SearchStrategy[Floats]:
    return hnp.arrays(np.float64, count, elements=st.floats(low, high))


@st.composite
def histories(draw: st.DrawFn) -> MarketHistory:
    """Any market, its series at any times, each of them there or not."""
    interval = draw(st.sampled_from([1, MINUTE, 5 * MINUTE, HOUR, 7 * DAY]))
    time = draw(_times(interval, least=1))
    prices = np.sort(draw(hnp.arrays(np.float64, (4, len(time)), elements=_PRICES)), axis=0)
    volume = draw(_figures(len(time), 0, 1e15))
    candles = Candles(
        time,
        prices[1],
        prices[3],
        prices[0],
        prices[2],
        volume,
        draw(st.none() | st.just(volume * 0.375)),
        interval,
    )
    return MarketHistory(
        Instrument("binance", "BTC", "USDT", "USDT"),
        candles,
        draw(_series(OpenInterest, 0, 1e15)),
        draw(_series(FundingRates, -1, 1)),
        draw(_series(LongShortRatio, 1e-9, 1e9)),
        draw(st.none() | _liquidations()),
        draw(_totals()),
        liquidation_feed=draw(st.sampled_from(["", "every liquidation", "1 a second at most"])),
    )


@st.composite
def _series(
    draw: st.DrawFn, kind: Callable[[Times, Floats], _Series], low: float, high: float
) -> _Series | None:
    time = draw(_times(draw(st.sampled_from([1, MINUTE, HOUR])), least=1))
    return draw(st.none() | _figures(len(time), low, high).map(lambda values: kind(time, values)))


@st.composite
def _liquidations(draw: st.DrawFn) -> Liquidations:
    event = st.tuples(_MINUTES, st.sampled_from([-1, 1]), _PRICES, _PRICES)
    rows = sorted(draw(st.lists(event, max_size=40)))
    columns = list(zip(*rows, strict=True)) or [(), (), (), ()]
    return Liquidations(
        times(columns[0]), np.array(columns[1], np.int8), floats(columns[2]), floats(columns[3])
    )


@st.composite
def _totals(draw: st.DrawFn) -> LiquidationTotals | None:
    interval = draw(st.sampled_from([MINUTE, HOUR]))
    time = draw(_times(interval, least=1))
    longs, shorts = draw(_figures(len(time), 0, 1e12)), draw(_figures(len(time), 0, 1e12))
    return draw(st.none() | st.just(LiquidationTotals(time, longs, shorts, interval)))
