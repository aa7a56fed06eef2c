"""A position in words, and what may be asked next."""

from collections.abc import Iterator

from bot.core import figures
from bot.core.instruments import venue_name
from bot.core.language import mark, say
from bot.core.margin.position import Liquidation, Position
from bot.core.margin.rules import Family, MarginMode
from bot.core.market.liquidations import PositionSide
from bot.core.signals.names import side_name
from bot.core.signals.position_reading import PositionReading, Stop
from bot.desk import steps
from bot.desk.caption import SIMULATED, clock
from bot.desk.grades import is_unproven
from bot.desk.markets import Found
from bot.desk.requests import PositionRequest
from bot.desk.squeeze_words import zone_words
from bot.reply import Button

_FAMILIES = {
    Family.AT_LIQUIDATION: mark("maintenance margin reckoned at the liquidation price"),
    Family.AT_ENTRY: mark("maintenance margin fixed at entry"),
    Family.FROZEN: mark("maintenance margin as it is now"),
}
_MODES = {MarginMode.ISOLATED: mark("Isolated"), MarginMode.CROSS: mark("Cross")}  # on buttons
_ROWS = 8  # venues told one by one
_CLOSE = 0.02  # [fraction] a liquidation so near is warned of


def headline(reading: PositionReading) -> str:
    """Name the position and where it ends."""
    position, at = reading.position, reading.liquidation
    side = say("long") if position.side is PositionSide.LONG else say("short")
    name = f"{reading.base} {side} {figures.price(position.entry)} {position.leverage:g}x"
    if at is None:
        return say("{position}: no price liquidates it", position=name)
    price = figures.price(at)
    if reading.over:
        return say("{position}: it would be gone, at {price}", position=name, price=price)
    away = figures.percent(reading.distance or 0.0, signed=True)
    return say("{position}: liquidated at {price} ({away})", position=name, price=price, away=away)


def table(reading: PositionReading) -> tuple[str, ...]:
    """Compare venues, where there are several: name, price, distance."""
    if len(reading.found) < 2:  # noqa: PLR2004 - one is told in words
        return ()
    rows = []
    for each in reading.found[:_ROWS]:
        name = venue_name(each.instrument.exchange)[:12]
        if each.price is None:
            rows.append(f"{name:<12} {say('never'):>11}")
            continue
        away = figures.percent(each.price / reading.price - 1, signed=True)
        rows.append(f"{name:<12} {figures.price(each.price):>11} {away:>8}")
    return tuple(rows)


def lines(reading: PositionReading) -> tuple[str, ...]:
    """Say by which rule, what stands near, where a stop belongs, and how far to believe it."""
    said = [say(SIMULATED)] if reading.simulated else []
    said += [_rule(reading), *_now(reading), *_near(reading), *_stop(reading), *_doubts(reading)]
    said += reading.refused
    names = ", ".join(venue_name(venue) for venue in reading.venues)
    told = f"{reading.freshness} ({names})"
    said.append(say("{freshness} · data to {time}", freshness=told, time=clock(reading.as_of)))
    said += map(str, reading.failures)
    return tuple(said)


def _rule(reading: PositionReading) -> str:
    first, position = reading.found[0], reading.position
    rate = figures.percent(first.maintenance_margin_rate)
    if first.rule.fee:
        rate = say("{rate} + fee {fee}", rate=rate, fee=figures.percent(first.rule.fee))
    size = (
        say(
            "bracket {bracket} (to {most})",
            bracket=first.bracket,
            most=f"{first.max_leverage:g}x",
        )
        if position.value
        else say("smallest bracket, as no size was told")
    )
    known = mark("{venue}, {mode}: {rule}, {rate}, {bracket}.")
    assumed = mark(
        "{venue}, {mode}: {rule}, {rate}, {bracket}, which is assumed: its own rule is not known."
    )
    return say(
        known if first.rule.known else assumed,
        venue=venue_name(first.instrument.exchange),
        mode=_mode(position, first),
        rule=say(_FAMILIES[first.rule.family]),
        rate=rate,
        bracket=size,
    )


def _mode(position: Position, held: Liquidation) -> str:
    """Say what stands behind a position."""
    if position.mode is MarginMode.ISOLATED:
        return say("isolated")
    if not position.wallet:
        return say("cross with this position's margin alone behind it and nothing else open")
    behind = figures.usd(held.margin)
    return say("cross with {usd} behind it and nothing else open", usd=behind)


def _now(reading: PositionReading) -> Iterator[str]:
    price = figures.price(reading.price)
    gain = figures.percent(reading.gain, signed=True)
    if reading.over:
        yield say(
            "The price is {price} now: by this rule it has been liquidated on the way.", price=price
        )
        return
    if reading.position.entry == reading.price:
        yield say("Price {price} now.", price=price)
    else:
        yield say("Price {price} now: {gain} of the margin so far.", price=price, gain=gain)
    distance = reading.distance
    if distance is not None and abs(distance) < _CLOSE:
        yield say("Close: a move of {move} ends it.", move=figures.percent(abs(distance)))


def _near(reading: PositionReading) -> Iterator[str]:
    """Name the clusters on the way, and the one that it would fall with."""
    within, between = reading.within, reading.between
    side = side_name(reading.position.side)
    if within is not None and within.side is reading.position.side:
        dollars = figures.usd(within.usd)
        yield say(
            "Your liquidation stands within a cluster of {usd} of {side}: it goes with them.",
            usd=dollars,
            side=side,
        )
    if between:
        zones, more = zone_words(between[0], reading.price), len(between) - 1
        if more:
            zones = say("{list} and {count} more", list=zones, count=more)
        yield say("On the way there: {zones}.", zones=zones)
    elif reading.liquidation is not None and not reading.over:
        yield say("No cluster of {side} stands out on the way there.", side=side)


def _stop(reading: PositionReading) -> Iterator[str]:
    stop = reading.stop
    if reading.over:
        return
    if stop is None:
        yield say("The map knows of no cluster near enough to put a stop behind.")
        return
    yield say(
        _stop_words(stop),
        price=figures.price(stop.price),
        usd=figures.usd(stop.zone.usd),
        share=figures.percent(abs(stop.loss)),
        leverage="" if stop.leverage is None else f"{stop.leverage:g}x",
    )


def _stop_words(stop: Stop) -> str:
    """Return how it is said where a stop belongs, by what would come of it."""
    if stop.holds and stop.loss < 0:
        return mark(
            "A stop belongs at {price}, behind the cluster of {usd}, not at it: it would keep "
            "{share} of the margin as gain."
        )
    if stop.holds:
        return mark(
            "A stop belongs at {price}, behind the cluster of {usd}, not at it: it costs {share} "
            "of the margin."
        )
    if stop.leverage:
        return mark(
            "A stop belongs behind the cluster of {usd}, at {price}, and the liquidation comes "
            "first: with {leverage} or less it would hold."
        )
    return mark(
        "A stop belongs behind the cluster of {usd}, at {price}, and the liquidation comes first."
    )


def _doubts(reading: PositionReading) -> Iterator[str]:
    yield say("Reckoned without funding paid and other positions, which move it.")
    if is_unproven(reading.grade):
        yield say("The map is unproven: take its clusters for a guess.")
    else:
        yield say("Measured accuracy of the map: {grade}.", grade=reading.grade)


def brief(each: Liquidation) -> str:
    """Name a venue with its price, for a picture.

    "Binance 57,229"
    """
    at = say("never") if each.price is None else figures.price(each.price)
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
        *(steps.step(say(_MODES[other]), words(now, other)) if wallet else []),
        *steps.step(say("Heatmap"), f"heatmap {found.symbol}", fresh=True),
        *steps.step(say("Refresh"), words(now, request.mode)),
    ]
    return steps.rows(row, below)
