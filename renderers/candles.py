"""What really happened, drawn over the estimate: candles, liquidations, swept clusters."""

from dataclasses import dataclass

import numpy as np

from bot.core.arrays import DAY, HOUR, MINUTE, Floats, Times, floats
from bot.core.estimate.reading import MapReading
from bot.core.market.liquidations import Liquidations
from bot.core.market.series import Candles
from renderers.axes import PriceAxis, TimeAxis
from renderers.canvas import FRAME, Box, Canvas
from renderers.theme import Palette

# A candle narrower than this says nothing on a phone; bars are joined until they are as wide.
_NARROWEST = 8  # [px]
_WIDEST_BODY = 13  # [px]
_INTERVALS = (
    tuple(minutes * MINUTE for minutes in (1, 3, 5, 10, 15, 30))
    + tuple(hours * HOUR for hours in (1, 2, 3, 4, 6, 8, 12))
    + (DAY, 3 * DAY)
)
_MOST_BUBBLES = 40
_MOST_SWEPT = 8  # the largest
UNIT_RADIUS = 13.0  # [px] of a bubble of one unit
_LEAST_RADIUS, _MOST_RADIUS = 5.0, 36.0


@dataclass(frozen=True, slots=True)
class Bubbles:
    """Realised liquidations joined where they lie together; arrays have shape (N,)."""

    time: Times
    price: Floats
    usd: Floats
    side: Floats  # +1 long, -1 short


def joined(candles: Candles, interval: int) -> Candles:
    """Join bars to bars of `interval` [ms], aligned to 1970."""
    start = candles.open_time // interval * interval
    first = np.flatnonzero(np.diff(start, prepend=-1))
    last = np.append(first[1:], len(start)) - 1
    return Candles(
        start[first],
        candles.open[first],
        np.maximum.reduceat(candles.high, first),
        np.minimum.reduceat(candles.low, first),
        candles.close[last],
        np.add.reduceat(candles.volume, first),
        None,
        interval,
    )


def fit(candles: Candles, times: TimeAxis) -> Candles:
    """Join bars until each is wide enough to be seen."""
    if not len(candles):
        return candles
    pixel = (times.end - times.start) / times.box.width
    for interval in _INTERVALS:
        if interval >= candles.interval and interval / pixel >= _NARROWEST:
            return joined(candles, interval) if interval > candles.interval else candles
    return candles


def draw(
    canvas: Canvas, candles: Candles, prices: PriceAxis, times: TimeAxis, look: Palette
) -> None:
    """Draw candles with a thin edge of paper, so that they stand out from any heat."""
    if not len(candles):
        return
    box = prices.box
    pitch = candles.interval / (times.end - times.start) * times.box.width
    half = max(min(int(pitch * 0.68), _WIDEST_BODY) // 2, 1)
    middle = np.clip(
        np.round(times.x(candles.open_time + candles.interval // 2)), box.left, box.right - 1
    ).astype(int)
    tops, bottoms, opens, closes = (
        np.round(prices.y(part)).astype(int)
        for part in (candles.high, candles.low, candles.open, candles.close)
    )
    for x, top, bottom, opened, closed in zip(
        middle.tolist(),
        tops.tolist(),
        bottoms.tolist(),
        opens.tolist(),
        closes.tolist(),
        strict=True,
    ):
        rose = closed <= opened
        line = look.rising_line if rose else look.falling
        upper, lower = min(opened, closed), max(opened, closed, min(opened, closed) + 2)
        wick = Box(x - 1, top, x + 1, bottom + 1)
        body = Box(x - half, upper, x + half + 1, lower)
        canvas.fill(wick.grown(1).within(box), look.paper)
        canvas.fill(body.grown(1).within(box), look.paper)
        canvas.fill(wick.within(box), line)
        canvas.fill(body.within(box), line)
        if rose and half > 1:
            canvas.fill(body.grown(-1).within(box), look.rising)


def boxes(candles: Candles, prices: PriceAxis, times: TimeAxis) -> list[Box]:
    """Return what the candles cover, for labels to keep clear of."""
    shown = fit(candles, times)
    left, right = times.x(shown.open_time), times.x(shown.close_time)
    top, bottom = prices.y(shown.high), prices.y(shown.low)
    return [
        Box(int(a), int(b) - 3, int(c) + 1, int(d) + 4)
        for a, b, c, d in zip(left, top, right, bottom, strict=True)
    ]


def bubbles_of(reading: MapReading, prices: PriceAxis, times: TimeAxis) -> Bubbles | None:
    """Join the liquidations of a reading to bubbles; None without events."""
    return bubbles(reading.liquidations, prices, times)


def bubbles(events: Liquidations | None, prices: PriceAxis, times: TimeAxis) -> Bubbles | None:
    """Join liquidations of one side that lie within a bubble's width; None without events."""
    if events is None or not len(events):
        return None
    x, y = times.x(events.time), prices.y(events.price)
    cell = 2 * UNIT_RADIUS
    key = (x // cell).astype(np.int64) * 100_000 + (y // cell).astype(np.int64) * 10 + events.side
    _, place = np.unique(key, return_inverse=True)
    usd = floats(np.bincount(place, events.value))
    order = np.argsort(-usd, kind="stable")[:_MOST_BUBBLES]
    time = np.bincount(place, events.value * events.time.astype(np.float64)) / usd
    price = floats(np.bincount(place, events.value * events.price) / usd)
    side = floats(np.bincount(place, events.value * events.side) / usd)
    return Bubbles(time.astype(np.int64)[order], price[order], usd[order], side[order])


def draw_bubbles(
    canvas: Canvas, bubbles: Bubbles, unit: float, axes: tuple[PriceAxis, TimeAxis], look: Palette
) -> None:
    """Draw liquidations as rings whose area is their USD: one `unit` has a fixed size."""
    prices, times = axes
    box = prices.box
    radius = np.clip(UNIT_RADIUS * np.sqrt(bubbles.usd / unit), 0, _MOST_RADIUS)
    for x, y, size, side in zip(
        times.x(bubbles.time), prices.y(bubbles.price), radius, bubbles.side, strict=True
    ):
        if size >= _LEAST_RADIUS and box.top <= y < box.bottom:
            ring(canvas, (float(x), float(y)), float(size), look, long=bool(side > 0), box=box)


def ring(
    canvas: Canvas,
    at: tuple[float, float],
    radius: float,
    look: Palette,
    *,
    long: bool,
    box: Box = FRAME,
) -> None:
    """Draw one liquidation; what leaves the box is cut off."""
    canvas.ring(at, radius + 2.0, 7.0, look.paper, box)
    canvas.ring(at, radius, 3.0, look.long if long else look.short, box)


def draw_swept(
    canvas: Canvas, reading: MapReading, prices: PriceAxis, times: TimeAxis, look: Palette
) -> None:
    """Cross out the clusters that price went through, where and when it did."""
    for cluster in sorted(reading.swept, key=lambda found: -found.usd)[:_MOST_SWEPT]:
        price = (cluster.low * cluster.high) ** 0.5
        if prices.holds(price) and times.start <= cluster.swept <= times.end:
            at = (float(times.x(cluster.swept)), float(prices.y(price)))
            cross(canvas, at, look, prices.box)


def cross(canvas: Canvas, at: tuple[float, float], look: Palette, box: Box = FRAME) -> None:
    """Draw the mark of a swept cluster; what leaves the box is cut off."""
    canvas.cross(at, 11, 8.0, look.paper, box)
    canvas.cross(at, 9, 3.5, look.ink, box)
