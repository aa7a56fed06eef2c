"""The written prices beside a picture: round ones, the current one, and the largest zones."""

from dataclasses import dataclass

from bot.core import figures
from bot.core.estimate.maps import Cluster
from bot.core.estimate.reading import MapReading
from bot.core.market.liquidations import PositionSide
from renderers import labels, lettering
from renderers.axes import PriceAxis
from renderers.canvas import Box, Canvas
from renderers.theme import Ink, Palette

SIZE = 28  # [px] of the text
_HEIGHT = 40  # [px] of a tag
_INSET = 12  # [px] from a tag's edge to its text
_ZONES = 3  # labelled on each side
_DASH = 8  # [px]


@dataclass(frozen=True, slots=True)
class Lane:
    """The column in which prices are written, to the right of what they belong to."""

    axis: PriceAxis  # of the picture to the left of the lane
    box: Box


def lane_width(reading: MapReading, axis: PriceAxis) -> int:
    """Return how wide the prices of this market are when written [px]."""
    _, decimals = axis.ticks()
    written = [figures.price(reading.price), figures.price(axis.high, decimals=decimals)]
    written += [figures.price(nearer_edge(zone)) for zone in _largest(reading, axis)]
    return max(lettering.width(text, SIZE, bold=True) for text in written) + 2 * _INSET


def draw(
    canvas: Canvas, reading: MapReading, lane: Lane, covered: list[Box], look: Palette
) -> None:
    """Write prices into the lane, and each zone's dollars and distance to the left of it.

    A zone that is larger than all in view but beyond it is written at the edge, with an arrow.
    What is said of zones keeps clear of `covered`, if there is room beside it.
    """
    zones = _largest(reading, lane.axis)
    wanted = [
        float(lane.axis.y(reading.price)),
        *(float(lane.axis.y(nearer_edge(zone))) for zone in zones),
    ]
    tops = labels.spread(wanted, _HEIGHT, lane.box.top, lane.box.bottom)
    tags = [Box(lane.box.left, top + 1, lane.box.right, top + _HEIGHT - 1) for top in tops]
    _round_prices(canvas, lane, tags, look)
    line, y = lane.axis.box, round(wanted[0])
    canvas.dashes(line._replace(top=y - 1, bottom=y + 1), look.ink, 11, _DASH)
    _tag(canvas, tags[0], reading.price, look.ink, look.paper)
    taken = list(covered)
    for tag, zone in zip(tags[1:], zones, strict=True):
        long = zone.side is PositionSide.LONG
        if lane.axis.holds(nearer_edge(zone)):
            ground, arrow = (look.long if long else look.short), ""
            _tag(canvas, tag, nearer_edge(zone), ground, look.paper)
        else:
            ground, arrow = (look.long_dim, "↓ ") if long else (look.short_dim, "↑ ")
            _tag(canvas, tag, nearer_edge(zone), ground, look.ink)
        said = f"{arrow}{figures.usd(zone.usd)}  {figures.percent(zone.distance, signed=True)}"
        taken.append(_beside(canvas, said, lane.axis.box, tag, taken, ground, look))


def nearer_edge(zone: Cluster) -> float:
    """Return the price at which a zone begins, which its distance is measured to."""
    return zone.high if zone.side is PositionSide.LONG else zone.low


def _largest(reading: MapReading, axis: PriceAxis) -> list[Cluster]:
    """Return the zones to label: of each side the largest in view, and a larger one beyond it."""
    found: list[Cluster] = []
    for side in PositionSide:
        zones = [zone for zone in reading.clusters if zone.side is side]
        seen = [zone for zone in zones if axis.holds(nearer_edge(zone))][:_ZONES]
        found += seen
        if zones and zones[0] not in seen:
            found.append(zones[0])
    return found


def _round_prices(canvas: Canvas, lane: Lane, tags: list[Box], look: Palette) -> None:
    prices, decimals = lane.axis.ticks()
    for at in prices:
        middle = round(float(lane.axis.y(at)))
        box = Box(lane.box.left, middle - 18, lane.box.right, middle + 18)
        inside = lane.box.top <= box.top and box.bottom <= lane.box.bottom
        if inside and not any(box.overlaps(tag) for tag in tags):
            text = figures.price(at, decimals=decimals)
            canvas.text(box.left + _INSET, middle + 10, text, look.muted, size=SIZE)


def _tag(canvas: Canvas, tag: Box, price: float, ground: Ink, ink: Ink) -> None:
    canvas.fill(tag, ground)
    text = figures.price(price)
    canvas.text(tag.left + _INSET, tag.top + 29, text, ink, size=SIZE, bold=True)


def _beside(
    canvas: Canvas, said: str, room: Box, tag: Box, taken: list[Box], ink: Ink, look: Palette
) -> Box:
    """Write what is to be said of a tag to its left, joined to it by a line; returns where."""
    wide = lettering.width(said, SIZE) + 2 * _INSET
    asked = Box(tag.left - wide, tag.top, tag.left, tag.bottom)
    place = labels.free_place(asked, taken, room, 12) or asked
    middle = (tag.top + tag.bottom) // 2
    canvas.fill(Box(place.right, middle - 1, tag.left, middle + 1), ink)
    canvas.fill(place, look.raised)
    canvas.fill(Box(place.left, place.top, place.left + 4, place.bottom), ink)
    canvas.text(place.left + _INSET + 3, tag.top + 29, said, look.ink, size=SIZE)
    return place
