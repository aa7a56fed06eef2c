"""A position in words, and what may be asked next."""

from collections.abc import Iterator

from bot.core import figures
from bot.core.instruments import venue_name
from bot.core.margin.position import Liquidation
from bot.core.margin.rules import Family, MarginMode
from bot.core.market.liquidations import PositionSide
from bot.core.signals.position_reading import PositionReading, Stop
from bot.desk import steps
from bot.desk.caption import SIMULATED, clock
from bot.desk.grades import is_unproven
from bot.desk.markets import Found
from bot.desk.requests import PositionRequest
from bot.desk.squeeze_words import SIDES, zone_words
from bot.reply import Button

_FAMILIES = {
    Family.AT_LIQUIDATION: "maintenance margin reckoned at the liquidation price",
    Family.AT_ENTRY: "maintenance margin fixed at entry",
    Family.FROZEN: "maintenance margin as it is now",
}
_ROWS = 8  # venues told one by one
_CLOSE = 0.02  # [fraction] a liquidation so near is warned of


def headline(reading: PositionReading) -> str:
    """Name the position and where it ends."""
    position, at = reading.position, reading.liquidation
    side = "long" if position.side is PositionSide.LONG else "short"
    name = f"{reading.base} {side} {figures.price(position.entry)} {position.leverage:g}x"
    if at is None:
        return f"{name}: no price liquidates it"
    if reading.over:
        return f"{name}: it would be gone, at {figures.price(at)}"
    away = figures.percent(reading.distance or 0.0, signed=True)
    return f"{name}: liquidated at {figures.price(at)} ({away})"


def table(reading: PositionReading) -> tuple[str, ...]:
    """Compare venues, where there are several: name, price, distance."""
    if len(reading.found) < 2:  # noqa: PLR2004 - one is told in words
        return ()
    rows = []
    for each in reading.found[:_ROWS]:
        name = venue_name(each.instrument.exchange)[:12]
        if each.price is None:
            rows.append(f"{name:<12} {'never':>11}")
            continue
        away = figures.percent(each.price / reading.price - 1, signed=True)
        rows.append(f"{name:<12} {figures.price(each.price):>11} {away:>8}")
    return tuple(rows)


def lines(reading: PositionReading) -> tuple[str, ...]:
    """Say by which rule, what stands near, where a stop belongs, and how far to believe it."""
    said = [SIMULATED] if reading.simulated else []
    said += [_rule(reading), *_now(reading), *_near(reading), *_stop(reading), *_doubts(reading)]
    said += reading.refused
    names = ", ".join(venue_name(venue) for venue in reading.venues)
    said.append(f"{reading.freshness} ({names}) · data to {clock(reading.as_of)}")
    said += reading.failures
    return tuple(said)


def _rule(reading: PositionReading) -> str:
    first, position = reading.found[0], reading.position
    rate = figures.percent(first.maintenance_margin_rate)
    fee = f" + fee {figures.percent(first.rule.fee)}" if first.rule.fee else ""
    size = (
        f"bracket {first.bracket} (to {first.max_leverage:g}x)"
        if position.value
        else "smallest bracket, as no size was told"
    )
    known = "" if first.rule.known else ", which is assumed: its own rule is not known"
    mode = position.mode.value
    if position.mode is MarginMode.CROSS:
        behind = figures.usd(first.margin) if position.wallet else "this position's margin alone"
        mode = f"cross with {behind} behind it and nothing else open"
    return (
        f"{venue_name(first.instrument.exchange)}, {mode}: {_FAMILIES[first.rule.family]}, "
        f"{rate}{fee}, {size}{known}."
    )


def _now(reading: PositionReading) -> Iterator[str]:
    price = figures.price(reading.price)
    gain = figures.percent(reading.gain, signed=True)
    if reading.over:
        yield f"The price is {price} now: by this rule it has been liquidated on the way."
        return
    opened = reading.position.entry == reading.price
    yield f"Price {price} now." if opened else f"Price {price} now: {gain} of the margin so far."
    distance = reading.distance
    if distance is not None and abs(distance) < _CLOSE:
        yield f"Close: a move of {figures.percent(abs(distance))} ends it."


def _near(reading: PositionReading) -> Iterator[str]:
    """Name the clusters on the way, and the one that it would fall with."""
    within, between = reading.within, reading.between
    side = SIDES[reading.position.side]
    if within is not None and within.side is reading.position.side:
        dollars = figures.usd(within.usd)
        yield f"Your liquidation stands within a cluster of {dollars} of {side}: it goes with them."
    if between:
        first = zone_words(between[0], reading.price)
        more = len(between) - 1
        also = f" and {more} more" if more else ""
        yield f"On the way there: {first}{also}."
    elif reading.liquidation is not None and not reading.over:
        yield f"No cluster of {side} stands out on the way there."


def _stop(reading: PositionReading) -> Iterator[str]:
    stop = reading.stop
    if reading.over:
        return
    if stop is None:
        yield "The map knows of no cluster near enough to put a stop behind."
        return
    behind = f"behind the cluster of {figures.usd(stop.zone.usd)}"
    if stop.holds:
        yield (
            f"A stop belongs at {figures.price(stop.price)}, {behind}, not at it: {_cost(stop)}."
        )
        return
    yield (
        f"A stop belongs {behind}, at {figures.price(stop.price)}, and the liquidation comes "
        f"first{_smaller(stop)}."
    )


def _cost(stop: Stop) -> str:
    if stop.loss < 0:
        return f"it would keep {figures.percent(-stop.loss)} of the margin as gain"
    return f"it costs {figures.percent(stop.loss)} of the margin"


def _smaller(stop: Stop) -> str:
    return f": with {stop.leverage:g}x or less it would hold" if stop.leverage else ""


def _doubts(reading: PositionReading) -> Iterator[str]:
    held = "Reckoned without funding paid and other positions, which move it."
    yield held
    if is_unproven(reading.grade):
        yield "The map is unproven: take its clusters for a guess."
    else:
        yield f"Measured accuracy of the map: {reading.grade}."


def brief(each: Liquidation) -> str:
    """Name a venue with its price, for a picture.

    "Binance 57,229"
    """
    at = "never" if each.price is None else figures.price(each.price)
    return f"{venue_name(each.instrument.exchange)} {at}"


def buttons(
    reading: PositionReading, request: PositionRequest, found: Found
) -> tuple[tuple[Button, ...], ...]:
    """Offer other leverages, the other margin mode, the map."""
    side = "long" if request.side is PositionSide.LONG else "short"
    entry = () if request.entry is None else (f"{request.entry:.12g}",)
    size = () if request.coins is None else (f"{request.coins:g}",)
    if request.usd is not None:
        size = (f"{request.usd:.12g}usd",)
        entry = (f"@{reading.position.entry:.12g}",)
    wallet = () if request.wallet is None else (f"{request.wallet:g}",)

    def words(leverage: float, mode: MarginMode) -> str:
        cross = (mode.value, *wallet) if mode is MarginMode.CROSS else ()
        parts = (found.symbol, side, *entry, f"{leverage:g}x", *size, *cross, *request.venues)
        return " ".join(("position", *parts))

    now = request.leverage
    choices = sorted({5.0, 10.0, 20.0, 50.0, 100.0, now})
    place = choices.index(now)
    shown = choices[max(0, min(place - 2, len(choices) - 5)) :][:5]
    row: list[Button] = []
    for leverage in shown:
        said = words(leverage, request.mode)
        row += steps.step(f"{leverage:g}x", said, chosen=leverage == now)
    other = MarginMode.CROSS if request.mode is MarginMode.ISOLATED else MarginMode.ISOLATED
    below = [
        *(steps.step(other.value.capitalize(), words(now, other)) if wallet else []),
        *steps.step("Heatmap", f"heatmap {found.symbol}", fresh=True),
        *steps.step("Refresh", words(now, request.mode)),
    ]
    return steps.rows(row, below)
