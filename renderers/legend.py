"""What the colours and marks mean, in dollars."""

import numpy as np

from bot.core import figures
from renderers import candles, lettering
from renderers.canvas import Anchor, Box, Canvas
from renderers.scale import DECADES, Scale
from renderers.theme import LEVELS, Palette

_SIZE = 27
_BAR = 24  # [px] height of a ramp
_NAMES = 96  # [px] left of the ramps


def colours(canvas: Canvas, box: Box, scale: Scale, look: Palette) -> None:
    """Draw both ramps over one scale of dollars; `box` is 132 px high."""
    canvas.text(
        box.left, box.top + 24, "Estimated USD liquidated per 1 % of price", look.muted, size=_SIZE
    )
    left = box.left + _NAMES
    across = box.right - left
    level = np.minimum(np.arange(across) * LEVELS // across, LEVELS - 1).astype(np.uint8)
    for row, (name, first) in enumerate((("shorts", look.shorts), ("longs", look.longs))):
        top = box.top + 40 + row * (_BAR + 6)
        canvas.text(box.left, top + 21, name, look.ink, size=_SIZE)
        canvas.part(Box(left, top, box.right, top + _BAR))[:] = first + level
    below = box.top + 40 + 2 * _BAR + 6
    for step, density in enumerate(scale.decades):
        x = left + round(across * step / DECADES)
        canvas.fill(
            Box(min(x, box.right - 2), below, min(x, box.right - 2) + 2, below + 8), look.muted
        )
        anchor: Anchor = "left" if step == 0 else "right" if step == DECADES else "middle"
        text = figures.usd(density) + ("+" if step == DECADES else "")
        canvas.text(x, below + 34, text, look.ink, size=_SIZE, anchor=anchor)


def marks(canvas: Canvas, box: Box, look: Palette, *, unit: float | None, swept: bool) -> None:
    """Explain the rings and crosses; `unit` [USD] is what the drawn rings stand for."""
    y = box.top + 24
    if unit is not None:
        text = f"{figures.usd(unit)} liquidated"
        candles.ring(canvas, box.left + 14, y - 10, 13.0, look, long=False)
        candles.ring(canvas, box.left + 46, y - 10, 13.0, look, long=True)
        canvas.text(box.left + 70, y, text, look.ink, size=_SIZE)
        y += 40
    if swept:
        candles.cross(canvas, box.left + 14, y - 10, look)
        canvas.text(box.left + 40, y, "zone swept", look.ink, size=_SIZE)


def width(text: str) -> int:
    """Return how wide a legend's text is [px]."""
    return lettering.width(text, _SIZE)
