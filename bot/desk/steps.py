"""Next steps of panels, as buttons: none that its chat could not carry."""

from collections.abc import Callable, Sequence

from bot.core.instruments import venue_name
from bot.core.language import say_of
from bot.desk.markets import ALL, Found
from bot.reply import Button

_CARRIED = 64  # bytes of a button's words


def step(label: str, words: str, *, chosen: bool = False, fresh: bool = False) -> list[Button]:
    """Make a button, or none if its words are too long to be carried."""
    if len(words.encode()) > _CARRIED:
        return []
    return [Button(label, words, chosen=chosen, fresh=fresh)]


def venues(
    found: Found, chosen: Sequence[str], words: Callable[[tuple[str, ...]], str]
) -> tuple[Button, ...]:
    """Offer all venues or each alone; nothing where there is no choice."""
    listed = tuple(item.exchange for item in found.instruments)
    if len(listed) < 2 and not chosen:  # noqa: PLR2004 - one is no choice
        return ()
    everywhere = not chosen or ALL in chosen
    row = step(say_of("venues", "All"), words((ALL,) if chosen else ()), chosen=everywhere)
    for venue in dict.fromkeys((*listed, *(() if everywhere else chosen))):
        row += step(venue_name(venue), words((venue,)), chosen=tuple(chosen) == (venue,))
    return tuple(row)


def rows(*each: Sequence[Button]) -> tuple[tuple[Button, ...], ...]:
    """Lay out rows, without empty ones."""
    return tuple(tuple(row) for row in each if row)
