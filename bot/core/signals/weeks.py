"""Each week is told by a walk of its own, so that what is said rests on a bounded past.

A map remembers its first day for months, and one setup may keep the next from beginning: begun on
another day, a walk through the same market goes on to tell other magnets for weeks. So all that
begins in a week (from Monday, UTC) is told by a walk that begins LEAD before it, with a map of its
own, and knows nothing of what was earlier. Whoever holds WARM_UP of the past therefore says the
same of what begins after it, whether he listens, replays or tests on the past, and since whenever.

What begins before the first such week of a history is told by a walk from its beginning. It was to
be known then, and counts; but a longer history may tell otherwise, so it is marked as `early`.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from heapq import merge
from operator import attrgetter

from bot.core.arrays import DAY, HOUR
from bot.core.market.history import MarketHistory
from bot.core.market.join import trimmed
from bot.core.signals.episode import Episode
from bot.core.signals.events import Event, Look
from bot.core.signals.looks import walked
from bot.core.signals.read import Signals, Walk
from bot.core.signals.together import feeds, told

WEEK = 7 * DAY
_MONDAY = 4 * DAY  # 1970 began on a Thursday

# A walk begins so long before its week. Of four markets, real and simulated, the clusters near the
# price are then within 1 to 3 % of those of a walk from the beginning, and no nearer after 28 days.
LEAD = 14 * DAY

# With so much of the past, whatever begins is told as by anybody who has as much.
WARM_UP = LEAD + WEEK

# What began in a week may be known a little after its end [ms].
_KNOWN_BY = HOUR


@dataclass(frozen=True, slots=True)
class Week:
    """What begins from `since` until before `until` [ms] is told by a walk from `anchor` on."""

    anchor: int
    since: int
    until: int
    early: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """What the walk of one week tells."""

    week: Week
    read: Signals | None  # of `told` only what began in the week; None: there was no bar
    final: bool  # whatever comes, it stays as it is


def monday(time: int) -> int:
    """Return when the week of `time` began [ms].

    >>> from datetime import UTC, datetime
    >>> datetime.fromtimestamp(monday(1_764_720_000_000) / 1000, UTC).strftime("%a %d %b")
    'Mon 01 Dec'
    """
    return (time - _MONDAY) // WEEK * WEEK + _MONDAY


def weeks(begins: int, ends: int) -> tuple[Week, ...]:
    """Divide a history from `begins` to `ends` [ms] into the weeks that its episodes begin in."""
    first = monday(begins + LEAD - 1) + WEEK
    early = Week(begins, begins, first, early=True)
    return (early, *(Week(at - LEAD, at, at + WEEK) for at in range(first, ends, WEEK)))


def begun(histories: Sequence[MarketHistory]) -> int:
    """Return since when all of some histories tell of their markets [ms]; some have a candle."""
    return max(int(each.candles.open_time[0]) for each in histories if len(each.candles))


def known_since(histories: Sequence[MarketHistory], anchor: int) -> list[MarketHistory]:
    """Leave out of histories all that was before a walk begins [ms]."""
    return [trimmed(each, anchor) for each in histories]


Looks = Callable[[Week, Sequence[MarketHistory]], Iterable[Look]]


def part(
    market: str, week: Week, histories: Sequence[MarketHistory], looks: Looks, now: int = 0
) -> Part:
    """Walk through the events of a week: from its anchor until all that began in it is over.

    None of the candles may be forming. `looks` are those at a map that was begun at the anchor;
    they are taken one by one, and no more of them than are needed.
    """
    cut = known_since(histories, week.anchor)
    of = feeds(cut, None if week.early else week.since)
    walk, said, going = Walk(market, of), [], set[str]()

    def take(states: Iterable[Episode]) -> None:
        for state in states:
            if week.since <= state.began < week.until:
                said.append(replace(state, early=week.early))
                (going.add if state.ended is None else going.discard)(state.name)

    events: Iterable[Event] = told(cut, looks(week, cut))
    final = False
    for event in events:
        if event.time > week.until + _KNOWN_BY and not going:
            final = True
            break
        take(walk.take(event))
    if not final:
        take(walk.until(now))
    read = walk.read()
    return Part(week, None if read is None else replace(read, told=tuple(said)), final)


def joined(parts: Sequence[Part], since: int) -> Signals | None:
    """Put the weeks of a market together, `since` [ms] being its beginning; None if none has a bar.

    How it stands now is what the newest walk says.
    """
    reads = [each.read for each in parts if each.read is not None]
    if not reads:
        return None
    newest = max(reads, key=attrgetter("time"))
    said = tuple(merge(*(each.told for each in reads), key=attrgetter("time")))
    return replace(newest, told=said, days=(newest.time - since) / DAY)


def by_weeks(
    market: str,
    histories: Sequence[MarketHistory],
    now: int = 0,
    seen: Callable[[Week, Look], object] = lambda _week, _look: None,
    tick: Callable[[], object] = lambda: None,
) -> Signals | None:
    """Read the signals of a coin on one or several venues, each week by its own walk.

    None of the candles may be forming. `seen` is told of each look, `tick` called after each hour
    of each venue that a walk goes through.
    """
    held = [each for each in histories if len(each.candles)]
    if not held:
        return None

    def looks(week: Week, cut: Sequence[MarketHistory]) -> Iterable[Look]:
        for look in walked(cut, tick=tick):
            seen(week, look)
            yield look

    since = min(int(each.candles.open_time[0]) for each in held)
    ends = max(int(each.candles.close_time[-1]) for each in held)
    parts = [part(market, week, held, looks, now) for week in weeks(begun(held), ends)]
    return joined(parts, since)
