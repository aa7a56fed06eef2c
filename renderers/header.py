"""What both pictures say above and below: whose estimate this is, of when, from where."""

from bot.core import figures
from bot.core.estimate.reading import MapReading
from renderers import lettering
from renderers.canvas import HEIGHT, WIDTH, Box, Canvas
from renderers.theme import Palette

MARGIN = 28  # [px]
BOTTOM = 222  # [px] where the header ends
_RIGHT = WIDTH - MARGIN
_GAP = 40  # [px] between what stands left and what stands right
# As venues write themselves.
_VENUES = {
    "binance": "Binance",
    "bybit": "Bybit",
    "okx": "OKX",
    "gate": "Gate",
    "bitget": "Bitget",
    "kucoin": "KuCoin",
    "htx": "HTX",
    "bitmex": "BitMEX",
    "dydx": "dYdX",
    "hyperliquid": "Hyperliquid",
    "sim": "simulated venue",
}
_BEHIND = 10 * 60_000  # [ms] a venue this much older than the newest is said to be behind


def venue_name(exchange: str) -> str:
    """Write a venue as it writes itself.

    >>> venue_name("okx"), venue_name("newdex")
    ('OKX', 'Newdex')
    """
    return _VENUES.get(exchange, exchange.capitalize())


def draw(canvas: Canvas, reading: MapReading, title: str, look: Palette) -> None:
    """Write the four lines above a picture."""
    _name_and_price(canvas, reading, look)
    move = _move(reading)
    _row(canvas, 140, title, f"{move} in {reading.window.name}" if move else "", look, strong=True)
    names = ", ".join(venue_name(venue.exchange) for venue in reading.venues)
    _row(
        canvas,
        180,
        f"{reading.freshness}: {names}" if names else reading.freshness,
        figures.moment(reading.as_of),
        look,
    )
    _row(canvas, 217, " · ".join(_qualities(reading)), "", look)


def _name_and_price(canvas: Canvas, reading: MapReading, look: Palette) -> None:
    price = canvas.text(
        _RIGHT, 86, figures.price(reading.price), look.ink, size=64, bold=True, anchor="right"
    )
    room = price.left - MARGIN - _GAP
    name = lettering.fitted(reading.base, room, 72, bold=True)
    box = canvas.text(MARGIN, 86, name, look.ink, size=72, bold=True)
    left = box.right + 12
    for text in (f"/ {reading.quote}", reading.window.name):
        if left + lettering.width(text, 38) < price.left - _GAP:
            left = canvas.text(left, 86, text, look.muted, size=38).right + 24
    if reading.simulated:
        _flag(canvas, left, price.left - _GAP // 2, look)


def _flag(canvas: Canvas, left: int, right: int, look: Palette) -> None:
    size = next(
        (
            size
            for size in (36, 32, 30)
            if left + lettering.width("SIMULATED", size, bold=True) + 32 <= right
        ),
        None,
    )
    if size is None:
        return
    wide = lettering.width("SIMULATED", size, bold=True)
    canvas.fill(
        Box(left, 86 - round(1.12 * size), left + wide + 32, 86 + round(0.4 * size)), look.warning
    )
    canvas.text(left + 16, 86, "SIMULATED", look.paper, size=size, bold=True)


def _row(
    canvas: Canvas, baseline: int, left: str, right: str, look: Palette, *, strong: bool = False
) -> None:
    size = 32 if strong else 28
    edge = _RIGHT
    if right:
        edge = (
            canvas.text(
                _RIGHT,
                baseline,
                right,
                look.ink if strong else look.muted,
                size=size,
                anchor="right",
            ).left
            - _GAP
        )
    text = lettering.fitted(left, edge - MARGIN, size)
    canvas.text(MARGIN, baseline, text, look.ink if strong else look.muted, size=size)


def _move(reading: MapReading) -> str:
    candles = reading.candles
    if not len(candles):
        return ""
    return figures.percent(reading.price / float(candles.open[0]) - 1, signed=True)


def _qualities(reading: MapReading) -> list[str]:
    """Say how far the picture may be trusted, the most important first."""
    said = [f"grade: {reading.grade}"]
    if reading.exact_share:
        said.append(f"{figures.percent(reading.exact_share)} known exactly")
    silent = [
        venue_name(name)
        for name in reading.asked
        if name not in {venue.exchange for venue in reading.venues}
    ]
    if silent:
        said.append(f"no answer from {', '.join(silent)}")
    elif reading.failures:
        said.append(reading.failures[0].rstrip("."))
    said += [
        f"{venue_name(venue.exchange)} {figures.span(reading.as_of - venue.as_of)} behind"
        for venue in reading.venues
        if reading.as_of - venue.as_of >= _BEHIND
    ]
    missing = sorted({word for venue in reading.venues for word in venue.missing})
    said += [f"no {word}" for word in missing]
    return said


def watermark(canvas: Canvas, look: Palette) -> None:
    """Write SIMULATED across the whole picture."""
    drawn = lettering.mask("SIMULATED", 236, bold=True, angle=51.0)
    cover = drawn.cover * 5 // 16
    canvas.cover(
        (WIDTH - cover.shape[1]) // 2, (HEIGHT - cover.shape[0]) // 2, cover.astype("u1"), look.ink
    )
