"""What of a market's past is not known yet: where to look again, and what there is no more of."""

from collections.abc import Iterable, Iterator, Mapping

from bot.core.arrays import DAY
from bot.core.market.gaps import gaps
from bot.core.market.heard import Heard, Span
from bot.core.market.history import MarketHistory

# The series that venues tell of the past, as gaps name them.
SERIES = ("candles", "open interest", "funding", "long/short ratio")

# A series may begin or end so much later or earlier than asked [ms]: bars begin at round times,
# funding falls due each 8 hours.
_LOOSE = DAY


def without(spans: Iterable[Span], taken: Heard) -> tuple[Span, ...]:
    """Return what of some stretches does not lie in others.

    >>> without([(0, 10), (20, 30)], Heard(((4, 6), (8, 25))))
    ((0, 4), (6, 8), (25, 30))
    """
    left: list[Span] = []
    for start, end in spans:
        at = start
        for first, last in taken.spans:
            if last > at and first < end:
                if first > at:
                    left.append((at, first))
                at = last
        if at < end:
            left.append((at, end))
    return tuple(left)


def holes(history: MarketHistory | None, since: int, until: int) -> dict[str, tuple[Span, ...]]:
    """Return where each series lacks rows between two times [ms]; one without a hole is left out.

    None, or a series that is None, lacks everything.
    """
    if history is None:
        return dict.fromkeys(SERIES, ((since, until),)) if until > since else {}
    parts = {
        "candles": history.candles.open_time,
        "open interest": None if history.open_interest is None else history.open_interest.time,
        "funding": None if history.funding is None else history.funding.time,
        "long/short ratio": (
            None if history.long_short_ratio is None else history.long_short_ratio.time
        ),
    }
    found: dict[str, list[Span]] = {series: [] for series in SERIES}
    for series, time in parts.items():
        first, last = (until, until) if time is None or not len(time) else (time[0], time[-1])
        if first - since > _LOOSE or first == until:
            found[series].append((since, min(int(first), until)))
        if until - last > _LOOSE:
            found[series].append((int(last), until))
    for gap in gaps(history):
        found[gap.series].append((gap.start, gap.end))
    within = Heard(((since, until),)) if until > since else Heard()
    inside = {
        series: tuple(span for start, end in spans for span in within.between(start, end).spans)
        for series, spans in found.items()
    }
    return {series: spans for series, spans in inside.items() if spans}


def unsought(
    lacking: Mapping[str, tuple[Span, ...]], sought: Mapping[str, Heard]
) -> dict[str, tuple[Span, ...]]:
    """Return the holes of which the venue has not told yet all that it has."""
    left = {
        series: without(spans, sought.get(series, Heard())) for series, spans in lacking.items()
    }
    return {series: spans for series, spans in left.items() if spans}


def stretches(lacking: Mapping[str, tuple[Span, ...]], length: int) -> Iterator[Span]:
    """Cut the holes of all series into stretches to be asked for, at most `length` [ms], in order.

    What lies close together is asked for together.

    >>> list(stretches({"candles": ((0, 25),), "funding": ((5, 12), (40, 44), (48, 49))}, 10))
    [(0, 10), (10, 20), (20, 25), (40, 49)]
    """
    left = Heard.of(span for spans in lacking.values() for span in spans).spans
    while left:
        start = left[0][0]
        within = [end for first, end in left if first < start + length]
        end = min(within[-1], start + length)
        yield start, end
        left = without(left, Heard(((start, end),)))
