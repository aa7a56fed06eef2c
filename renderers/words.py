"""Words that several pictures share, in the language of whoever asked."""

from collections.abc import Iterable

from bot.core.instruments import venue_name
from bot.core.language import many, say
from bot.core.market.liquidations import PositionSide
from bot.core.signals.names import side_name


def longs() -> str:
    """Name the positions that a fall liquidates."""
    return side_name(PositionSide.LONG)


def shorts() -> str:
    """Name the positions that a rise liquidates."""
    return side_name(PositionSide.SHORT)


def told(word: object) -> str:
    """Say a word that a reading carries: one that translators were given, or one kept for later.

    What they were not given, such as a coin's name, is written as it is.
    """
    return say(str(word))


def names(venues: Iterable[str]) -> str:
    """Write the names of exchanges one after another."""
    return ", ".join(venue_name(venue) for venue in venues)


def there(answered: int, asked: int) -> str:
    """Say how many venues answered: "9 of 12 venues"."""
    return many("{told} of {count} venue", "{told} of {count} venues", asked, told=answered)


def grade(of: object) -> str:
    """Say how good the map is: "grade: fair, 180 hours"."""
    return say("grade: {grade}", grade=told(of))


def silent(venues: Iterable[str]) -> str:
    """Say who did not answer."""
    return say("no answer from {venues}", venues=names(venues))


def since(when: str) -> str:
    """Say from when on something is so."""
    return say("since {when}", when=when)
