"""A ladder of prices: what the map holds at each of them, and the clusters that stand out."""

from collections.abc import Callable, Iterable

import numpy as np

from bot.core import figures
from bot.core.arrays import floats
from bot.core.estimate.maps import LiquidationMap
from bot.core.signals.events import Zone
from renderers import lettering
from renderers.axes import PriceAxis
from renderers.canvas import Box, Canvas
from renderers.theme import Ink, Palette

SIZE = 28  # [px] of the text
_THIN = 44  # [px] height of a cluster whose frame would cross its own words


def standing(
    canvas: Canvas, now: LiquidationMap, axis: PriceAxis, room: Box, look: Palette
) -> None:
    """Draw what the map holds at each price as bars to the right, longs and shorts."""
    prices = axis.price(floats(np.arange(room.height) + 0.5 + room.top))
    place = np.searchsorted(now.edges, prices, side="right") - 1
    inside = (place >= 0) & (place < len(now.long_usd))
    place = np.clip(place, 0, len(now.long_usd) - 1)
    both = [np.where(inside, usd[place], 0.0) for usd in (now.long_usd, now.short_usd)]
    most = max(float(each.max()) for each in both)
    if most <= 0:
        return
    across = np.arange(room.width)[None, :]
    part = canvas.part(room)
    for usd, ink in zip(both, (look.long_dim, look.short_dim), strict=True):
        drawn = across < (usd / most * room.width)[:, None]
        part[drawn] = ink.over[10][part[drawn]]


def zones(
    canvas: Canvas,
    found: Iterable[tuple[Zone, Ink]],
    axis: PriceAxis,
    room: Box,
    look: Palette,
    mark: Callable[[Zone], str] = lambda _zone: "",
) -> None:
    """Frame clusters across the ladder, and write the dollars of each with a mark behind."""
    taken: list[Box] = []
    for zone, ink in found:
        top, bottom = sorted(
            round(float(np.clip(axis.y(edge), room.top, room.bottom)))
            for edge in (zone.low, zone.high)
        )
        if bottom - top < 2:  # noqa: PLR2004 - hardly in view
            continue
        for y in (top, bottom - 2):
            canvas.fill(Box(room.left, y, room.right, y + 2), ink)
        text = f"{figures.usd(zone.usd)}{mark(zone)}"
        baseline = min(max((top + bottom) // 2 + 10, room.top + 30), room.bottom - 8)
        wide = lettering.width(text, SIZE, bold=True)
        box = Box(room.right - 20 - wide, baseline - 26, room.right - 10, baseline + 8)
        if any(box.overlaps(other) for other in taken):
            continue
        taken.append(box)
        if bottom - top < _THIN:
            canvas.fill(box, look.panel)
        canvas.text(room.right - 16, baseline, text, look.ink, size=SIZE, bold=True, anchor="right")
