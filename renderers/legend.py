"""What the colours and marks mean, in dollars."""

import numpy as np

from bot.core import figures
from bot.core.language import say
from renderers import candles, density, sums, words
from renderers.canvas import Anchor, Box, Canvas
from renderers.scale import DECADES, Scale
from renderers.theme import LEVELS, Palette

_SIZE = 27  # [px] of the text
_BAR = 24  # [px] height of a ramp
_NAMES = 100  # [px] left of the ramps
_ROW = 37  # [px] from one mark to the next
_TIGHT_ROW = 33  # [px] the same where there is one more
_MARKS = 76  # [px] left of their words


def colours(canvas: Canvas, box: Box, scale: Scale, look: Palette) -> None:
    """Draw both ramps over one scale of dollars; they need 136 px of height."""
    title = say("Estimated USD liquidated per 1 % of price")
    canvas.text(box.left, box.top + 24, title, look.muted, size=_SIZE)
    ramps = Box(box.left + _NAMES, box.top + 42, box.right, box.top + 42 + 2 * _BAR + 6)
    level = np.arange(ramps.width) * LEVELS // ramps.width
    for row, (name, first) in enumerate(
        ((words.shorts(), look.shorts), (words.longs(), look.longs))
    ):
        top = ramps.top + row * (_BAR + 6)
        canvas.text(box.left, top + 21, name, look.ink, size=_SIZE)
        canvas.part(Box(ramps.left, top, ramps.right, top + _BAR))[:] = first + level
    for decade, usd in enumerate(scale.decades):
        x = ramps.left + round((ramps.width - 2) * decade / DECADES)
        canvas.fill(Box(x, ramps.bottom, x + 2, ramps.bottom + 8), look.muted)
        first, last = decade == 0, decade == DECADES
        anchor: Anchor = "left" if first else "right" if last else "middle"
        text = figures.usd(usd) + ("+" if last else "")
        canvas.text(x, ramps.bottom + 36, text, look.ink, size=_SIZE, anchor=anchor)


def marks(
    canvas: Canvas, box: Box, scale: Scale, look: Palette, *, feed: bool, exact: bool
) -> None:
    """Explain rings, crosses and curves; without a `feed` of liquidations there are no rings."""
    row, step = box.top + 24, _TIGHT_ROW if exact else _ROW
    if feed:
        for place, long in enumerate((False, True)):
            at = (box.left + 14 + 30 * place, row - 10)
            candles.ring(canvas, at, candles.UNIT_RADIUS, look, long=long)
        text = say("{usd} liquidated", usd=figures.usd(scale.ring))
        canvas.text(box.left + _MARKS, row, text, look.ink, size=_SIZE)
    else:
        text = say("no liquidation events")
        canvas.text(box.left + _MARKS, row, text, look.muted, size=_SIZE)
    candles.cross(canvas, (box.left + 29, row + step - 10), look)
    canvas.text(box.left + _MARKS, row + step, say("zone swept"), look.ink, size=_SIZE)
    for place, ink in enumerate((look.short, look.long)):
        left = box.left + 2 + 30 * place
        canvas.fill(Box(left, row + 2 * step - 12, left + 26, row + 2 * step - 8), ink)
    canvas.text(box.left + _MARKS, row + 2 * step, say("summed from price"), look.ink, size=_SIZE)
    sums.sample(canvas, box.left + 6, row + 3 * step - 10, look)
    canvas.text(box.left + _MARKS, row + 3 * step, say("delta of the sums"), look.ink, size=_SIZE)
    if exact:
        density.exact_sample(canvas, box.left + 2, row + 4 * step - 11, look)
        canvas.text(box.left + _MARKS, row + 4 * step, say("known exactly"), look.ink, size=_SIZE)
