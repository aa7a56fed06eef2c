"""How trades ended: a ring where one won, a cross where one lost; the same in every picture."""

from bot.core.language import say
from renderers.canvas import FRAME, Box, Canvas
from renderers.theme import Ink, Palette

RADIUS = 11.0  # [px] of a mark
_SIZE = 27  # [px] of the text


def mark(
    canvas: Canvas,
    at: tuple[float, float],
    ink: Ink,
    look: Palette,
    box: Box,
    *,
    won: bool,
    radius: float = RADIUS,
) -> None:
    """Draw a trade's end at a point (x, y), set off from what is below it."""
    thick = 4.0 * radius / RADIUS
    if won:
        canvas.ring(at, radius + 2, thick + 4, look.paper, box)
        canvas.ring(at, radius, thick, ink, box)
    else:
        canvas.cross(at, round(radius), thick + 4, look.paper, box)
        canvas.cross(at, round(radius) - 1, thick, ink, box)


def key(canvas: Canvas, left: int, y: int, look: Palette) -> int:
    """Write what colours and marks mean; returns where it ends [px]."""
    for ink, text in ((look.long, say("long")), (look.short, say("short"))):
        canvas.fill(Box(left, y - 16, left + 14, y - 2), ink)
        left = canvas.text(left + 24, y, text, look.muted, size=_SIZE).right + 28
    canvas.ring((left + 10, y - 9), RADIUS, 4.0, look.ink, FRAME)
    left = canvas.text(left + 32, y, say("won"), look.muted, size=_SIZE).right + 28
    canvas.cross((left + 10, y - 9), round(RADIUS) - 1, 4.0, look.ink, FRAME)
    return canvas.text(left + 32, y, say("lost"), look.muted, size=_SIZE).right + 28
