"""What was seen of a simulated market, step by step, and what really happened."""

import numpy as np

from bot.core.arrays import Floats
from bot.core.market.liquidations import Liquidations
from bot.core.market.series import Candles

_SECOND = 1000  # [ms]

COLUMNS = ("open", "high", "low", "close", "volume", "taker_buy", "open_interest", "ratio")
_PLACE = {name: place for place, name in enumerate(COLUMNS)}


class Grown:
    """Rows of numbers that only grow; what stands never changes."""

    def __init__(self, width: int) -> None:
        self._data = np.empty((1024, width))
        self.count = 0

    @property
    def rows(self) -> Floats:
        """All rows so far, shape (count, width)."""
        part: Floats = self._data[: self.count]
        return part

    def add(self, rows: Floats) -> None:
        """Append rows, shape (n, width)."""
        while self.count + len(rows) > len(self._data):
            self._data = np.concatenate((self._data, np.empty_like(self._data)))
        self._data[self.count : self.count + len(rows)] = rows
        self.count += len(rows)


class Record:
    """Steps of `step` [ms] from `start` [ms] on, of `substeps` each."""

    def __init__(self, start: int, step: int, substeps: int) -> None:
        self.start, self.step, self.substeps = start, step, substeps
        self.bars = Grown(len(COLUMNS))
        self.trails = Grown(3 * substeps)  # last, low, high of each substep [quote/base]
        self.funding = Grown(2)  # time, rate
        self.forced = Grown(4)  # time, side, price, quantity of each liquidation
        self.orders = Grown(4)  # the same of each order that the venue's engine sent for them

    def column(self, name: str, first: int, last: int) -> Floats:
        """Return a column of the steps [first, last), copied."""
        return self.bars.rows[first:last, _PLACE[name]].copy()

    def candles(self, first: int, last: int, interval: int) -> Candles:
        """Candles of `interval` [ms] that lie wholly within the steps [first, last)."""
        many = interval // self.step
        lead = -(self.start // self.step + first) % many
        count = max((last - first - lead) // many, 0)
        first += lead
        bars = self.bars.rows[first : first + count * many].reshape(count, many, len(COLUMNS))
        return Candles(
            self.start + first * self.step + interval * np.arange(count, dtype=np.int64),
            bars[:, 0, _PLACE["open"]].copy(),
            bars[:, :, _PLACE["high"]].max(axis=1),
            bars[:, :, _PLACE["low"]].min(axis=1),
            bars[:, -1, _PLACE["close"]].copy(),
            bars[:, :, _PLACE["volume"]].sum(axis=1),
            bars[:, :, _PLACE["taker_buy"]].sum(axis=1),
            interval,
        )

    def forming(self, place: int, substeps: int) -> tuple[float, ...]:
        """Bar `place` as it stood after some of its substeps: its candle's columns in order.

        Trades are spread over a bar as its price moved.
        """
        last, low, high = self.trails.rows[place].reshape(-1, 3).T
        bar = self.bars.rows[place]
        moved = high - low + 1e-4 * low
        part = float(moved[:substeps].sum() / moved.sum())
        opened = float(bar[_PLACE["open"]])
        return (
            opened,
            max(opened, float(high[:substeps].max())),
            min(opened, float(low[:substeps].min())),
            float(last[substeps - 1]),
            float(bar[_PLACE["volume"]]) * part,
            float(bar[_PLACE["taker_buy"]]) * part,
        )

    def liquidations(self, since: int, until: int) -> Liquidations:
        """Every liquidation that happened from `since` on and before `until` [ms]."""
        return _events(self.forced.rows, since, until)

    def reported(self, since: int, until: int) -> Liquidations:
        """What the venue's feed told of them: seconds are told of when they are over."""
        whole = until // _SECOND * _SECOND
        told = one_a_second(_events(self.orders.rows, since // _SECOND * _SECOND, whole))
        return told.sliced(slice(int(np.searchsorted(told.time, since)), None))


def _events(rows: Floats, since: int, until: int) -> Liquidations:
    first, last = np.searchsorted(rows[:, 0], [since, until])
    time, side, price, quantity = rows[first:last].T
    return Liquidations(time.astype(np.int64), side.astype(np.int8), price.copy(), quantity.copy())


def one_a_second(complete: Liquidations) -> Liquidations:
    """Return what a feed shows that publishes at most one order a second, the largest.

    >>> two = Liquidations(np.array([0, 400]), np.ones(2, np.int8), np.ones(2), np.array([1.0, 2]))
    >>> one_a_second(two).quantity
    array([2.])
    """
    if len(complete) == 0:
        return complete
    second = complete.time // _SECOND
    order = np.lexsort((complete.value, second))
    largest = np.append(np.diff(second[order]) > 0, np.True_)
    kept = np.sort(order[largest])
    return Liquidations(
        complete.time[kept], complete.side[kept], complete.price[kept], complete.quantity[kept]
    )
