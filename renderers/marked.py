"""What a picture points at: when an episode began, and the cluster that it is about."""

from bot.core import figures
from bot.core.watches.mark import Mark
from renderers import lettering, words
from renderers.axes import PriceAxis, TimeAxis
from renderers.canvas import Box, Canvas
from renderers.theme import Palette

_SIZE = 28  # [px] of the text
_HEIGHT = 40  # [px] of the tag
_INSET = 12  # [px] from the tag's edge to its text
_THICK = 4  # [px] of the frame around the cluster
_BELOW = 52  # [px] from the top edge, where a zone beyond it may be written
_LEAST = 10  # [px] height of a frame, however narrow its cluster is
_DASH = 10  # [px]


def draw(canvas: Canvas, mark: Mark, prices: PriceAxis, times: TimeAxis, look: Palette) -> Box:
    """Draw a line where it began and a frame around its cluster; returns where its name belongs.

    What began before the picture does is marked at its left edge.
    """
    box = prices.box
    x = min(max(round(float(times.x(mark.began))), box.left), box.right - 3)
    canvas.dashes(Box(x - 1, box.top, x + 2, box.bottom), look.ink, 13, _DASH)
    if mark.about is not None:
        low, high = (float(prices.y(at)) for at in (mark.about.low, mark.about.high))
        middle, half = (low + high) / 2, max((low - high) / 2, _LEAST / 2)
        frame = Box(box.left, round(middle - half), box.right, round(middle + half)).within(box)
        if frame.height > _THICK:
            _frame(canvas, frame, look)
    wide = lettering.width(_text(mark), _SIZE, bold=True) + 2 * _INSET
    left = min(max(x - wide // 2, box.left), box.right - wide)
    return Box(left, box.top + _BELOW, left + wide, box.top + _BELOW + _HEIGHT)


def write(canvas: Canvas, mark: Mark, place: Box, look: Palette) -> None:
    """Write what it is and since when, over all that is there."""
    canvas.fill(place, look.ink)
    at = place.left + _INSET, place.top + 29
    canvas.text(*at, _text(mark), look.paper, size=_SIZE, bold=True)


def _text(mark: Mark) -> str:
    return f"{words.told(mark.label)} {figures.clock(mark.began)}"


def _frame(canvas: Canvas, frame: Box, look: Palette) -> None:
    for side in (
        frame._replace(bottom=frame.top + _THICK),
        frame._replace(top=frame.bottom - _THICK),
        frame._replace(right=frame.left + _THICK),
        frame._replace(left=frame.right - _THICK),
    ):
        canvas.fill(side, look.ink)
