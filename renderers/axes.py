"""Where prices and times stand on the picture, and which of them are written."""

import math
from dataclasses import dataclass

import numpy as np

from bot.core import figures
from bot.core.arrays import DAY, HOUR, Floats, Times
from bot.core.estimate.reading import MapReading
from renderers.canvas import Box

# An axis spans at least this, so that a market that stood still can be drawn [log price].
_LEAST_SPAN = 0.002
_NICE = (1.0, 2.0, 2.5, 5.0, 10.0)
_NICE_TIMES = tuple(hours * HOUR for hours in (1, 2, 3, 6, 12, 24, 48, 72, 120, 168, 240))


@dataclass(frozen=True, slots=True)
class PriceAxis:
    """Prices upward on a logarithmic scale: equal distances are equal percentages."""

    box: Box
    low: float  # [quote/base] at the bottom
    high: float  # at the top

    def moved(self, box: Box) -> "PriceAxis":
        """Return the same prices on another box."""
        return PriceAxis(box, self.low, self.high)

    def y(self, price: Floats | float) -> Floats:
        """Return rows [px from the top of the picture]."""
        share = np.log(np.asarray(price) / self.low) / math.log(self.high / self.low)
        return self.box.bottom - share * self.box.height

    def price(self, y: Floats) -> Floats:
        """Return the price at rows [px from the top of the picture]."""
        share = (self.box.bottom - y) / self.box.height
        return self.low * np.exp(share * math.log(self.high / self.low))

    def holds(self, price: float) -> bool:
        """Say whether a price is on the axis."""
        return self.low <= price <= self.high

    def ticks(self, wanted: int = 8) -> tuple[list[float], int]:
        """Return round prices about evenly spread, and the decimals they are written with."""
        step = nice((self.high - self.low) / wanted)
        first, last = math.ceil(self.low / step), math.floor(self.high / step)
        decimals = max(0, -math.floor(math.log10(step) + 1e-9))
        if round(step * 10**decimals, 6) % 1:
            decimals += 1
        ticks = [round(index * step, decimals) for index in range(first, last + 1)]
        return [at for at in ticks if self.holds(at)], decimals


@dataclass(frozen=True, slots=True)
class TimeAxis:
    """Times to the right."""

    box: Box
    start: int  # [ms] at the left
    end: int  # at the right

    def x(self, time: Times | float) -> Floats:
        """Return columns [px from the left of the picture]."""
        share = (np.asarray(time, dtype=np.float64) - self.start) / (self.end - self.start)
        return self.box.left + share * self.box.width

    def ticks(self, wanted: int = 6) -> list[tuple[int, str]]:
        """Return round times [ms] with what is written there: the day at midnight, else hours."""
        length = self.end - self.start
        step = next(
            (step for step in _NICE_TIMES if length / step <= wanted + 0.5), _NICE_TIMES[-1]
        )
        first = -(-self.start // step)
        times = [index * step for index in range(first, self.end // step + 1)]
        return [(at, figures.clock(at) if at % DAY else figures.day(at)) for at in times]


def nice(step: float) -> float:
    """Return the next round figure, such as 2,500 for 2,134."""
    unit = 10.0 ** math.floor(math.log10(step))
    return next((nice * unit for nice in _NICE if nice * unit >= step * 0.999), 10 * unit)


def price_axis(reading: MapReading, box: Box) -> PriceAxis:
    """Show the prices of the heatmap, and whatever was traded beyond them."""
    edges, candles, price = reading.heatmap.edges, reading.candles, reading.price
    shown = [price, *edges[:1].tolist(), *edges[-1:].tolist()]
    if len(candles):
        shown += [float(candles.low.min()), float(candles.high.max())]
    low, high = min(shown), max(shown)
    margin = math.exp(max(_LEAST_SPAN - math.log(high / low), 0.0) / 2)
    return PriceAxis(box, low / margin, high * margin)


def time_axis(reading: MapReading, box: Box) -> TimeAxis:
    """Show the columns of the heatmap, edge to edge."""
    edges = reading.heatmap.column_edges
    return TimeAxis(box, int(edges[0]), int(edges[-1]))
