"""The prices that a setup names, written beside its candles: target, stop, zone, extreme, now."""

from dataclasses import dataclass

from bot.core import figures
from bot.core.language import say
from bot.core.market.liquidations import PositionSide
from bot.core.signals.episode import Kind
from bot.core.signals.events import Zone
from bot.core.signals.setups import SetupChart
from renderers import labels, lettering
from renderers.axes import PriceAxis
from renderers.canvas import Box, Canvas
from renderers.theme import Ink, Palette

_SIZE = 28  # [px] of the text
_HEIGHT = 68  # [px] of a tag: its name, and its price below
_INSET = 12  # [px]
_LEAST = 180  # [px] for what is written beside the bars below
_DASH = 8  # [px]


@dataclass(frozen=True, slots=True)
class Tag:
    """One price and what it is."""

    name: str
    price: float  # [quote/base]
    ground: Ink
    ink: Ink
    line: bool = True  # drawn over the candles, for zones are seen already


def tags(chart: SetupChart, look: Palette) -> list[Tag]:
    """Return what is to be written, the price itself first."""
    now = chart.setup.now
    late = chart.as_of - chart.end >= chart.candles.interval  # price has gone on since
    found = [Tag(say("price then") if late else say("price"), chart.price, look.ink, look.paper)]
    ended = now.ended is not None
    if now.zone is not None and now.zone is not now.target:
        name = say("swept") if now.kind is Kind.SWEEP else say("zone")
        found.append(_of_zone(f"{name} {figures.usd(now.zone.usd)}", now.zone, look))
    if now.target is not None:
        name = say("was target") if ended else say("target")
        if now.target.usd > 0:
            found.append(_of_zone(f"{name} {figures.usd(now.target.usd)}", now.target, look))
        else:
            found.append(Tag(name + " " + say("halfway"), now.target.near, look.raised, look.ink))
    if now.stop is not None:
        name = say("was stop") if ended else say("stop")
        found.append(Tag(name, now.stop, look.raised, look.ink))
    if chart.extreme is not None:
        name = say("extreme") if now.kind is Kind.SWEEP else say("furthest")
        found.append(Tag(name, chart.extreme, look.raised, look.muted, line=False))
    return found


def _of_zone(name: str, zone: Zone, look: Palette) -> Tag:
    ground = look.long if zone.side is PositionSide.LONG else look.short
    return Tag(name, zone.near, ground, look.paper, line=False)


def lane_width(found: list[Tag]) -> int:
    """Return how wide the tags are [px]."""
    written = [lettering.width(tag.name, _SIZE) for tag in found]
    written += [lettering.width(figures.price(tag.price), _SIZE, bold=True) for tag in found]
    return max(*written, _LEAST) + 2 * _INSET + 10


def draw(canvas: Canvas, found: list[Tag], axis: PriceAxis, lane: Box, look: Palette) -> None:
    """Write the tags beside their prices; one that is beyond the picture says so by an arrow."""
    wanted = [float(axis.y(min(max(tag.price, axis.low), axis.high))) for tag in found]
    tops = labels.spread(wanted, _HEIGHT + 4, lane.top, lane.bottom)
    for tag, at, top in zip(found, wanted, tops, strict=True):
        y = round(at)
        if tag.line and axis.holds(tag.price):
            line = Box(axis.box.left, y - 1, axis.box.right, y + 1).within(axis.box)
            canvas.dashes(line, look.ink, 11, _DASH)
        middle = top + _HEIGHT // 2
        low, high = min(y, middle), max(y, middle)
        canvas.fill(Box(lane.left + 2, low - 1, lane.left + 5, high + 1), tag.ground)
        box = Box(lane.left + 5, top, lane.right, top + _HEIGHT)
        canvas.fill(box, tag.ground)
        arrow = "" if axis.holds(tag.price) else "↑ " if tag.price > axis.high else "↓ "
        left, price = box.left + _INSET - 4, figures.price(tag.price)
        canvas.text(left, top + 28, f"{arrow}{tag.name}", tag.ink, size=_SIZE)
        canvas.text(left, top + 58, price, tag.ink, size=_SIZE, bold=True)
