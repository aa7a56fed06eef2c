"""What a move would set off, in words, and what may be asked next."""

from collections.abc import Iterator

from bot.core import figures
from bot.core.instruments import venue_name
from bot.core.signals.whatif_reading import MOST, WhatIfReading
from bot.desk import steps
from bot.desk.caption import SIMULATED, clock
from bot.desk.grades import is_unproven
from bot.desk.markets import Found
from bot.desk.requests import WhatIfRequest
from bot.desk.squeeze_words import SIDES, zone_words
from bot.reply import Button

_OTHER_MOVES = (-0.10, -0.05, -0.02, 0.02, 0.05, 0.10)
_LOST = "far more than the books tell of: how far they push cannot be said."
_WELL_TOLD = 0.95  # of the orders met: more is not worth a warning


def headline(reading: WhatIfReading) -> str:
    """Name the move."""
    move = figures.percent(reading.move, signed=True)
    return (
        f"{reading.base} {move} to {figures.price(reading.found.asked)}: "
        f"{figures.usd(reading.found.usd)} of {SIDES[reading.found.side]} forced out"
    )


def lines(reading: WhatIfReading) -> tuple[str, ...]:
    """Say what the move liquidates, how far that pushes on, and how far to believe it."""
    said = [SIMULATED] if reading.simulated else []
    said += [_move(reading), *_chain(reading), _next(reading), *_doubts(reading)]
    names = ", ".join(venue_name(venue) for venue in reading.venues)
    said.append(f"{reading.freshness} ({names}) · data to {clock(reading.as_of)}")
    said += reading.failures
    return tuple(line for line in said if line)


def _move(reading: WhatIfReading) -> str:
    first, side = reading.found.first, SIDES[reading.found.side]
    way = f"{figures.price(first.start)} to {figures.price(first.end)}"
    if first.usd <= 0:
        return f"The way from {way} forces out no {side} that the map knows of."
    span = f"{figures.usd(first.low)}–{figures.usd(first.high)}"
    return f"The way from {way} forces out {figures.usd(first.usd)} of {side} (range {span})."


def _chain(reading: WhatIfReading) -> Iterator[str]:
    """Say what those orders would set off."""
    found = reading.found
    if not found.measured:
        why = " Nobody waits with an order in a simulated market." if reading.simulated else ""
        yield f"No order book is to be had, so what follows from there is not said.{why}"
        return
    orders = "sales" if found.asked < found.price else "purchases"
    if not found.chain and reading.lost:
        yield f"Those {orders} are {_LOST}"
        return
    if not found.chain and found.beyond:
        return
    if not found.chain:
        yield f"The books as they stand take up those {orders} at once: the chain ends there."
        return
    count = len(found.chain)
    span = f"{figures.usd(reading.low)}–{figures.usd(reading.high)}"
    whole = found.end / found.price - 1
    rest = "" if not reading.runaway else ", and goes on from there"
    yield (
        f"Their {orders} push on: {count} more link{'s' * (count != 1)} to "
        f"{figures.price(found.end)} ({figures.percent(whole, signed=True)}){rest}; in all "
        f"{figures.usd(found.usd)} (range {span})."
    )
    if reading.lost:
        yield f"The last {orders} are {_LOST}"


def _next(reading: WhatIfReading) -> str:
    zone, end = reading.found.next_zone, reading.found.end
    if zone is None:
        return f"No cluster of {SIDES[reading.found.side]} stands out beyond."
    away = figures.percent(zone.near / end - 1, signed=True)
    dollars = zone_words(zone, reading.found.price)
    return f"Next cluster: {dollars}, {away} from there."


def _doubts(reading: WhatIfReading) -> Iterator[str]:
    """Say how far all of this is to be believed."""
    found = reading.found
    if found.measured:
        books = ", ".join(venue_name(venue) for venue in reading.books)
        yield (
            f"Books of {books} as they stand now: in a real move orders are withdrawn, so depth "
            "is thinner and a chain goes further."
        )
        if reading.lacking:
            names = ", ".join(venue_name(venue) for venue in reading.lacking)
            yield f"No book of {names}: what is forced out there meets the others' books."
        if found.chain and reading.told < _WELL_TOLD:
            part = figures.percent(1 - reading.told)
            yield f"{part} of it goes beyond what the books tell and is extrapolated."
    if found.beyond:
        yield "The way leads out of the map: what stands further off is not counted."
    if is_unproven(reading.grade):
        yield "The map is unproven: take these dollars for a guess."
    else:
        yield f"Measured accuracy of the map: {reading.grade}."


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
        moves += steps.step(f"{move:+.0%}", words("whatif", f"{move:+.0%}"), chosen=chosen)
    beyond: list[Button] = []
    zone = reading.found.next_zone
    if zone is not None:
        far = zone.far / reading.found.price - 1
        if abs(far) <= MOST:
            beyond = steps.step("Through the next cluster", words("whatif", f"{far:+.1%}"))
    return steps.rows(
        moves,
        (
            *beyond,
            *steps.step("Heatmap", words("heatmap")),
            *steps.step("Book", words("book")),
        ),
    )
