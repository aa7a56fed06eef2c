"""What an answer rests on, in a line: whose data, how new, how good the map has been."""

from collections.abc import Sequence

from bot.core.instruments import venue_name
from bot.core.language import Said, many, say
from bot.desk.caption import clock


def names(venues: Sequence[str]) -> str:
    """Write the names of venues one after another."""
    return ", ".join(map(venue_name, venues))


def told(venues: Sequence[str], asked: Sequence[str], as_of: int) -> str:
    """Say who is in an answer, of how many, and until when [ms].

    "2 of 3 venues (Binance, OKX) · data to 1 Dec 00:00 UTC"
    """
    count = many(
        "{told} of {count} venue", "{told} of {count} venues", len(asked), told=len(venues)
    )
    until = say("data to {time}", time=clock(as_of))
    return f"{count} ({names(venues)}) · {until}"


def measured(grade: str | Said) -> str:
    """Say how good the map has been."""
    return say("Measured accuracy of the map: {grade}.", grade=grade)
