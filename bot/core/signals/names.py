"""What signals, ways and sides are called, as they are said: what is kept of them is English."""

from bot.core.language import mark, say, say_of
from bot.core.market.liquidations import PositionSide
from bot.core.signals.episode import Kind, Way

_KINDS = {
    Kind.SQUEEZE: mark("maximum squeeze"),
    Kind.FUEL: mark("fuel gauge"),
    Kind.EXHAUSTION: mark("exhaustion"),
    Kind.MAGNET: mark("magnet"),
    Kind.SWEEP: mark("sweep reversal"),
    Kind.CASCADE: mark("cascade"),
}


def kind_name(kind: Kind) -> str:
    """Name a signal.

    >>> kind_name(Kind.SWEEP)
    'sweep reversal'
    """
    return say(_KINDS[kind])


def one_of(kind: Kind) -> str:
    """Name one occurrence of a signal: "a magnet", as what comes after or of it."""
    return {
        Kind.SQUEEZE: say_of("what follows", "a maximum squeeze"),
        Kind.FUEL: say_of("what follows", "a fuel gauge"),
        Kind.EXHAUSTION: say_of("what follows", "an exhaustion"),
        Kind.MAGNET: say_of("what follows", "a magnet"),
        Kind.SWEEP: say_of("what follows", "a sweep reversal"),
        Kind.CASCADE: say_of("what follows", "a cascade"),
    }[kind]


def way_name(way: Way) -> str:
    """Name where price is headed; nothing if nothing is said.

    >>> way_name(Way.UP), way_name(Way.NONE)
    ('up', '')
    """
    if way is Way.NONE:
        return ""
    return say_of("way", "up") if way is Way.UP else say_of("way", "down")


def side_name(side: PositionSide) -> str:
    """Name the positions of a side.

    >>> side_name(PositionSide.LONG)
    'longs'
    """
    return say_of("side", "longs") if side is PositionSide.LONG else say_of("side", "shorts")


def capital(words: str) -> str:
    """Begin a sentence: its first letter large, the others as the language has them.

    >>> capital("open interest in BTC")
    'Open interest in BTC'
    """
    return words[:1].upper() + words[1:]
