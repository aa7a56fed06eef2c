"""What a move would set off, in words, and what may be asked next."""

from collections.abc import Iterator

from bot.core import figures
from bot.core.language import many, mark, say
from bot.core.market.liquidations import PositionSide
from bot.core.signals.names import side_name
from bot.core.signals.whatif_reading import MOST, WhatIfReading
from bot.desk import sources, steps
from bot.desk.caption import SIMULATED
from bot.desk.grades import is_unproven
from bot.desk.markets import Found
from bot.desk.requests import WhatIfRequest
from bot.desk.squeeze_words import zone_words
from bot.reply import Button

_OTHER_MOVES = (-0.10, -0.05, -0.02, 0.02, 0.05, 0.10)
# What becomes of forced orders, by the side that is forced out.
_LOST = {
    PositionSide.LONG: mark(
        "Those sales are far more than the books tell of: how far they push cannot be said."
    ),
    PositionSide.SHORT: mark(
        "Those purchases are far more than the books tell of: how far they push cannot be said."
    ),
}
_LOST_IN_THE_END = {
    PositionSide.LONG: mark(
        "The last sales are far more than the books tell of: how far they push cannot be said."
    ),
    PositionSide.SHORT: mark(
        "The last purchases are far more than the books tell of: how far they push cannot be said."
    ),
}
_TAKEN_UP = {
    PositionSide.LONG: mark(
        "The books as they stand take up those sales at once: the chain ends there."
    ),
    PositionSide.SHORT: mark(
        "The books as they stand take up those purchases at once: the chain ends there."
    ),
}
_WELL_TOLD = 0.95  # of the orders met: more is not worth a warning


def headline(reading: WhatIfReading) -> str:
    """Name the move."""
    return say(
        "{coin} {move} to {price}: {size} of {side} forced out",
        coin=reading.base,
        move=figures.percent(reading.move, signed=True),
        price=figures.price(reading.found.asked),
        size=figures.usd(reading.found.usd),
        side=side_name(reading.found.side),
    )


def lines(reading: WhatIfReading) -> tuple[str, ...]:
    """Say what the move liquidates, how far that pushes on, and how far to believe it."""
    said = [say(SIMULATED)] if reading.simulated else []
    said += [_move(reading), *_chain(reading), _next(reading), *_doubts(reading)]
    said.append(sources.told(reading.venues, reading.asked, reading.as_of))
    said += map(str, reading.failures)
    return tuple(line for line in said if line)


def _move(reading: WhatIfReading) -> str:
    first = reading.found.first
    way = {
        "start": figures.price(first.start),
        "end": figures.price(first.end),
        "side": side_name(reading.found.side),
    }
    if first.usd <= 0:
        return say(
            "The way from {start} to {end} forces out no {side} that the map knows of.", **way
        )
    return say(
        "The way from {start} to {end} forces out {size} of {side} (range {low}–{high}).",
        **way,
        size=figures.usd(first.usd),
        low=figures.usd(first.low),
        high=figures.usd(first.high),
    )


def _chain(reading: WhatIfReading) -> Iterator[str]:
    """Say what those orders would set off."""
    found = reading.found
    if not found.measured:
        said = say("No order book is to be had, so what follows from there is not said.")
        if reading.simulated:
            said += " " + say("Nobody waits with an order in a simulated market.")
        yield said
    elif not found.chain and reading.lost:
        yield say(_LOST[reading.found.side])
    elif not found.chain and not found.beyond:
        yield say(_TAKEN_UP[reading.found.side])
    elif found.chain:
        yield from _links(reading)


def _links(reading: WhatIfReading) -> Iterator[str]:
    """Say how far a chain goes."""
    found = reading.found
    count, end = len(found.chain), figures.price(found.end)
    move = figures.percent(found.end / found.price - 1, signed=True)
    pushed = many(
        "Their purchases push on: {count} more link to {price} ({move})",
        "Their purchases push on: {count} more links to {price} ({move})",
        count,
        price=end,
        move=move,
    )
    if found.side is PositionSide.LONG:
        pushed = many(
            "Their sales push on: {count} more link to {price} ({move})",
            "Their sales push on: {count} more links to {price} ({move})",
            count,
            price=end,
            move=move,
        )
    told = {
        "pushed": pushed,
        "size": figures.usd(found.usd),
        "low": figures.usd(reading.low),
        "high": figures.usd(reading.high),
    }
    if reading.runaway:
        yield say("{pushed}, and goes on from there; in all {size} (range {low}–{high}).", **told)
    else:
        yield say("{pushed}; in all {size} (range {low}–{high}).", **told)
    if reading.lost:
        yield say(_LOST_IN_THE_END[reading.found.side])


def _next(reading: WhatIfReading) -> str:
    zone, end = reading.found.next_zone, reading.found.end
    if zone is None:
        side = side_name(reading.found.side)
        return say("No cluster of {side} stands out beyond.", side=side)
    return say(
        "Next cluster: {zone}, {distance} from there.",
        zone=zone_words(zone, reading.found.price),
        distance=figures.percent(zone.near / end - 1, signed=True),
    )


def _doubts(reading: WhatIfReading) -> Iterator[str]:
    """Say how far all of this is to be believed."""
    found = reading.found
    if found.measured:
        yield say(
            "Books of {venues} as they stand now: in a real move orders are withdrawn, so depth is "
            "thinner and a chain goes further.",
            venues=sources.names(reading.books),
        )
        if reading.lacking:
            yield say(
                "No book of {venues}: what is forced out there meets the others' books.",
                venues=sources.names(reading.lacking),
            )
        if found.chain and reading.told < _WELL_TOLD:
            yield say(
                "{part} of it goes beyond what the books tell and is extrapolated.",
                part=figures.percent(1 - reading.told),
            )
    if found.beyond:
        yield say("The way leads out of the map: what stands further off is not counted.")
    if is_unproven(reading.grade):
        yield say("The map is unproven: take these dollars for a guess.")
    else:
        yield sources.measured(reading.grade)


def buttons(
    reading: WhatIfReading, request: WhatIfRequest, found: Found
) -> tuple[tuple[Button, ...], ...]:
    """Offer other moves, the way to the next cluster, the map and the book."""
    theme = (request.theme,) if request.theme else ()

    def words(verb: str, *more: str) -> str:
        return " ".join((verb, found.symbol, *more, *request.venues, *theme))

    moves: list[Button] = []
    for move in _OTHER_MOVES:
        chosen = abs(move - reading.move) < 5e-4  # noqa: PLR2004 - as precise as it is written
        label = figures.share(move, signed=True)
        moves += steps.step(label, words("whatif", f"{move:+.0%}"), chosen=chosen)
    beyond: list[Button] = []
    zone = reading.found.next_zone
    if zone is not None:
        far = zone.far / reading.found.price - 1
        if abs(far) <= MOST:
            beyond = steps.step(say("Through the next cluster"), words("whatif", f"{far:+.1%}"))
    return steps.rows(
        moves,
        (
            *beyond,
            *steps.step(say("Heatmap"), words("heatmap")),
            *steps.step(say("Book"), words("book")),
        ),
    )
