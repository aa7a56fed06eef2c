"""The answer to `/book`: orders by price, their sum from the price, walls, clusters, trades."""

from dataclasses import dataclass

import numpy as np

from bot.core import figures
from bot.core.arrays import Floats, floats
from bot.core.estimate.maps import Cluster
from bot.core.flow.book import BookReading
from bot.core.flow.depth import EACH_WAY
from bot.core.flow.ladder import OrderSide
from bot.core.flow.walls import Wall
from bot.core.instruments import venue_name
from bot.core.language import say
from bot.core.market.liquidations import PositionSide
from renderers import book_below, header, labels, lettering, words
from renderers.axes import nice
from renderers.canvas import WIDTH, Box, Canvas, own
from renderers.header import MARGIN
from renderers.theme import Ink, Palette, Theme, palette

_PANEL = Box(MARGIN, 286, 800, 1096)  # [px] orders by price
_LANE = Box(812, 286, 1026, 1096)  # prices, and the sums at round distances
_CLUSTERS = Box(1040, 286, WIDTH - MARGIN, 1096)
_HEADS, _TICKS = 268, 1130  # [px] baselines above and below the panel
_SIZE = 27  # [px] of the text
_TAG = 40  # [px] height of a label
_BLOCK = 44  # [px] width of a cluster's mark
_INSET = 10
_DASH = 8
_FILLED = 0.62  # of the panel's width that the bars' scale takes
_CURVE = 0.94  # likewise of the curve
_WALLS, _ZONES = 3, 3  # labelled on each side
_CLIP = 2.5  # bars longer than so many times the 90th percentile are cut, and say so
# Which of the curve's places are written, by the extent shown: 1, 2 and 5 % where it is 5 %.
_WRITTEN = {0.05: (10, 20, 50), 0.005: (10, 20, 50)}
_WRITTEN_ELSE = (10, 25, 50)


@dataclass(frozen=True, slots=True)
class _Axis:
    """Prices upward, evenly; the middle price stands in the middle."""

    middle: float
    extent: float

    def y(self, price: float) -> float:
        half = _PANEL.height / 2
        return _PANEL.top + half - (price / self.middle - 1) / self.extent * half


def render(reading: BookReading, theme: Theme) -> bytes:
    """Draw an order book as PNG, 1280 x 1600; the same reading always gives the same bytes."""
    canvas, look = own(), palette(theme)
    draw(canvas, reading, look)
    return canvas.png(look)


def draw(canvas: Canvas, reading: BookReading, look: Palette) -> None:
    """Draw an order book on a canvas."""
    canvas.clear(look.paper)
    axis = _Axis(reading.price, reading.zones.extent)
    canvas.fill(_PANEL, look.panel)
    canvas.fill(_CLUSTERS, look.panel)
    scale = _scale(reading)
    _bars(canvas, reading, scale, look)
    _written_distances(canvas, reading, axis, look)
    _curve(canvas, reading, look)
    if reading.simulated:
        header.watermark(canvas, look)
    _above(canvas, reading, look)
    _heads(canvas, reading, scale, look)
    _lane(canvas, reading, axis, look)
    _walls(canvas, reading, axis, scale, look)
    _clusters(canvas, reading, axis, look)
    book_below.draw(canvas, reading, look)


def _above(canvas: Canvas, reading: BookReading, look: Palette) -> None:
    names = words.names(venue.exchange for venue in reading.venues)
    best = min(reading.venues, key=lambda venue: venue.spread)
    spread = say(
        "spread {spread} ({venue})",
        spread=figures.percent(best.spread),
        venue=venue_name(best.exchange),
    )
    there = {venue.exchange for venue in reading.venues}
    silent = [name for name in reading.asked if name not in there]
    quality = [
        say(
            "{venue} {span} older",
            venue=venue_name(venue.exchange),
            span=figures.span(reading.as_of - venue.time),
        )
        for venue in reading.stale
    ]
    if silent:
        quality.append(say("none from {venues}", venues=words.names(silent)))
    quality.append(say("orders can be withdrawn; clusters are estimates"))
    header.write(
        canvas,
        (reading.base, (f"/ {reading.quote}",), figures.price(reading.price)),
        header.Lines(
            (say("Order book"), spread),
            (f"{reading.freshness}: {names}", figures.moment(reading.as_of)),
            " · ".join(quality),
        ),
        look,
        simulated=reading.simulated,
    )


def _heads(canvas: Canvas, reading: BookReading, scale: float, look: Palette) -> None:
    """Write what the columns are, and what the bars' lengths mean."""
    wide = figures.share(reading.zones.extent / EACH_WAY)
    for left, head in (
        (_PANEL.left, say("orders by {step} of price", step=wide)),
        (_LANE.left, say("sum from price")),
        (_CLUSTERS.left, say("clusters, est.")),
    ):
        canvas.text(left, _HEADS, head, look.muted, size=_SIZE)
    for part in (0.0, 0.5, 1.0):
        x = _PANEL.left + round(part * _FILLED * _PANEL.width)
        canvas.fill(Box(x, _PANEL.bottom, x + 2, _PANEL.bottom + 8), look.muted)
        text = figures.usd(part * scale) + ("+" if part == 1 else "")
        anchor = "left" if part == 0 else "middle"
        canvas.text(x, _TICKS, text, look.ink, size=_SIZE, anchor=anchor)  # type: ignore[arg-type]


def _scale(reading: BookReading) -> float:
    """Return the USD at which bars end; a single wall far beyond the rest is cut there."""
    sums = np.concatenate([reading.zones.bids.sum(axis=0), reading.zones.asks.sum(axis=0)])
    held = sums[sums > 0]
    if not len(held):
        return 1.0
    return nice(min(float(held.max()), _CLIP * float(np.quantile(held, 0.9))))


def _length(usd: float, scale: float) -> int:
    """Return how long a bar is [px]."""
    return max(round(min(usd / scale, 1.0) * _FILLED * _PANEL.width), 2)


def _bars(canvas: Canvas, reading: BookReading, scale: float, look: Palette) -> None:
    """Draw what stands in each zone, paler where some venue does not tell all of it."""
    zones = reading.zones
    edges = _PANEL.bottom - np.arange(2 * EACH_WAY + 1) * _PANEL.height / (2 * EACH_WAY)
    rows = np.round(edges).astype(int)
    half = np.arange(2 * EACH_WAY) < EACH_WAY
    for side, here, bright, dim in (
        (OrderSide.BID, half, look.long, look.long_dim),
        (OrderSide.ASK, ~half, look.short, look.short_dim),
    ):
        usd, told = zones.side(side)
        total = usd.sum(axis=0)
        whole = np.all(told, axis=0, keepdims=True)[0] | ~here
        for place in np.flatnonzero(total > 0).tolist():
            top, bottom = int(rows[place + 1]), int(rows[place]) - 1
            bar = Box(_PANEL.left, top, _PANEL.left + _length(float(total[place]), scale), bottom)
            canvas.fill(bar, bright if whole[place] else dim)
            if total[place] > scale:  # cut: a gap near its end says so
                canvas.fill(bar._replace(left=bar.right - 14, right=bar.right - 8), look.panel)


def _curve(canvas: Canvas, reading: BookReading, look: Palette) -> None:
    """Draw the sums outward from the price, both on one scale."""
    curve = reading.curve
    most = max(float(curve.bids[-1]), float(curve.asks[-1]), 1e-9)
    half = _PANEL.height // 2
    away = floats(np.arange(half) + 0.5) / half * reading.zones.extent
    for values, reach, box in (
        (
            curve.asks,
            curve.asks_reach,
            Box(_PANEL.left, _PANEL.top, _PANEL.right, _PANEL.top + half),
        ),
        (
            curve.bids,
            curve.bids_reach,
            Box(_PANEL.left, _PANEL.top + half, _PANEL.right, _PANEL.bottom),
        ),
    ):
        x = np.interp(away, curve.away, values) / most * _CURVE * _PANEL.width
        x[away > reach] = np.nan
        rows: Floats = floats(x[::-1] if values is curve.asks else x)
        canvas.rising_curve(box, rows, look.panel, thick=8.0)
        canvas.rising_curve(box, rows, look.ink, thick=4.0)


def _places(reading: BookReading) -> tuple[int, ...]:
    extent = round(reading.zones.extent, 6)
    return _WRITTEN.get(extent, _WRITTEN_ELSE)


def _written_distances(canvas: Canvas, reading: BookReading, axis: _Axis, look: Palette) -> None:
    """Draw faint lines at the distances whose sums are written."""
    for place in _places(reading):
        for sign in (-1, 1):
            y = round(axis.y(axis.middle * (1 + sign * float(reading.curve.away[place]))))
            line = Box(_PANEL.left, y - 1, _PANEL.right, y + 1).within(_PANEL)
            if line.height:
                canvas.tint(line, look.ink, 4)


def _lane(canvas: Canvas, reading: BookReading, axis: _Axis, look: Palette) -> None:
    """Write the price, and at round distances what stands up to there."""
    middle = round(axis.y(axis.middle))
    tag = Box(_LANE.left, middle - _TAG // 2, _LANE.right, middle + _TAG // 2)
    line = Box(_PANEL.left, middle - 1, _PANEL.right, middle + 1)
    canvas.dashes(line, look.ink, 11, _DASH)
    canvas.fill(tag, look.ink)
    price = figures.price(axis.middle)
    canvas.text(tag.left + _INSET, tag.top + 30, price, look.paper, size=28, bold=True)
    for place in _places(reading):
        away = float(reading.curve.away[place])
        for sign, sums, reach in (
            (1, reading.curve.asks, reading.depth.asks_reach),
            (-1, reading.curve.bids, reading.depth.bids_reach),
        ):
            y = round(axis.y(axis.middle * (1 + sign * away)))
            top = min(max(y - 34, _LANE.top), _LANE.bottom - 68)
            bound = "≥" if reach < away * (1 - 1e-6) else ""
            usd = f"{bound}{figures.usd(float(sums[place]))}"
            canvas.text(
                _LANE.left,
                top + 27,
                figures.share(sign * away, signed=True),
                look.muted,
                size=_SIZE,
            )
            canvas.text(_LANE.left, top + 60, usd, look.ink, size=30, bold=True)


def _walls(canvas: Canvas, reading: BookReading, axis: _Axis, scale: float, look: Palette) -> None:
    """Label the largest walls of each side at the panel's right end, joined to their bars."""
    middle = round(axis.y(axis.middle))
    for side, ink, top, bottom in (
        (OrderSide.ASK, look.short, _PANEL.top, middle - 2),
        (OrderSide.BID, look.long, middle + 2, _PANEL.bottom),
    ):
        walls = [wall for wall in reading.walls if wall.side is side and _seen(wall, axis)]
        walls = walls[:_WALLS]
        wanted = [axis.y(wall.price) for wall in walls]
        labelled: list[tuple[str, Box]] = []
        for wall, y, at in zip(
            walls, labels.spread(wanted, _TAG, top, bottom), wanted, strict=True
        ):
            said = f"{figures.price(wall.price)}  {figures.usd(wall.usd)}"
            said += "  " + say("near cluster") if wall.cluster is not None else ""
            wide = lettering.width(said, _SIZE, bold=True) + 2 * _INSET + 6
            box = Box(_PANEL.right - wide - 6, y + 1, _PANEL.right - 6, y + _TAG - 1)
            end = min(max(round(at), _PANEL.top + 1), _PANEL.bottom - 2)
            bar = _PANEL.left + _length(_stands(reading, wall), scale)
            canvas.fill(Box(min(bar, box.left), end - 1, box.left, end + 1), ink)
            labelled.append((said, box))
        for said, box in labelled:  # over all lines, for one may pass behind another's label
            canvas.fill(box, look.raised)
            canvas.fill(Box(box.left, box.top, box.left + 5, box.bottom), ink)
            canvas.text(box.left + _INSET + 6, box.top + 28, said, look.ink, size=_SIZE, bold=True)


def _stands(reading: BookReading, wall: Wall) -> float:
    """Return what stands in the drawn zone that a wall's price lies in [USD]."""
    zones = reading.zones
    place = int(np.searchsorted(zones.edges, wall.price, side="right")) - 1
    usd = zones.side(wall.side)[0]
    return float(usd[:, min(max(place, 0), usd.shape[1] - 1)].sum())


def _seen(wall: Wall, axis: _Axis) -> bool:
    return abs(wall.price / axis.middle - 1) <= axis.extent


def _clusters(canvas: Canvas, reading: BookReading, axis: _Axis, look: Palette) -> None:
    """Mark estimated clusters beside the prices they stand at, the largest with their dollars."""
    if not reading.clusters:
        text = say("no map now") if reading.clusters is None else say("none here")
        canvas.text(_CLUSTERS.left + _INSET, _CLUSTERS.top + 40, text, look.muted, size=_SIZE)
        return
    for cluster in reading.clusters:
        box = _block(cluster, axis)
        canvas.fill(box, _dim(cluster, look))
        canvas.fill(box._replace(right=box.left + 6), _bright(cluster, look))
    shown: list[Cluster] = []
    for side in PositionSide:
        shown += [each for each in reading.clusters if each.side is side][:_ZONES]
    wanted = [(_block(each, axis).top + _block(each, axis).bottom) / 2 for each in shown]
    tops = labels.spread(wanted, _TAG, _CLUSTERS.top, _CLUSTERS.bottom)
    for cluster, top in zip(shown, tops, strict=True):
        left = _CLUSTERS.left + _BLOCK + 14
        text = figures.usd(cluster.usd)
        canvas.text(left, top + 29, text, look.ink, size=28, bold=True)


def _block(cluster: Cluster, axis: _Axis) -> Box:
    top, bottom = round(axis.y(cluster.high)), round(axis.y(cluster.low))
    box = Box(_CLUSTERS.left, top, _CLUSTERS.left + _BLOCK, max(bottom, top + 4))
    return box.within(_CLUSTERS)


def _dim(cluster: Cluster, look: Palette) -> Ink:
    return look.long_dim if cluster.side is PositionSide.LONG else look.short_dim


def _bright(cluster: Cluster, look: Palette) -> Ink:
    return look.long if cluster.side is PositionSide.LONG else look.short
