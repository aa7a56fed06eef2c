"""Everything that the machines say of one coin, finished; pictures and words add nothing to it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from bot.core.arrays import DAY
from bot.core.signals.cascade import CascadeMachine, Feeds
from bot.core.signals.episode import Episode, Kind
from bot.core.signals.events import Bar, Event, Look
from bot.core.signals.machine import Machine, Size
from bot.core.signals.magnet import MagnetMachine
from bot.core.signals.regime import RegimeMachine
from bot.core.signals.regime_reading import Hour, Reading
from bot.core.signals.sweep import SweepMachine

_UNKNOWN = Feeds()


@dataclass(frozen=True, slots=True)
class Signals:
    """What there is to be seen in one coin, on one venue or on several together."""

    market: str  # an instrument's key, or keys joined by " + "
    time: int  # [ms] UTC of the newest event
    price: float  # [quote/base] then
    regime: Reading | None  # None: the map has not been looked at yet
    told: tuple[Episode, ...]  # every state of every episode, in the order in which it was known
    look: Look | None  # the newest
    turnover: float  # [USD a day] mean of the last week; nan if new
    days: float  # of history that was gone through
    hours: tuple[Hour, ...] = ()  # of its regime, since the walk of the week began

    @property
    def episodes(self) -> tuple[Episode, ...]:
        """Each episode as it stands now, the newest first."""
        newest: dict[str, Episode] = {episode.name: episode for episode in self.told}
        return tuple(sorted(newest.values(), key=lambda episode: -episode.began))

    @property
    def current(self) -> tuple[Episode, ...]:
        """Those under way, the newest first."""
        return tuple(episode for episode in self.episodes if episode.ended is None)

    def of(self, kind: Kind) -> tuple[Episode, ...]:
        """Every state of the episodes of one kind, in the order in which it was known."""
        return tuple(episode for episode in self.told if episode.kind is kind)


class Walk:
    """Every machine on its way through a coin's events, in the order in which they became known."""

    def __init__(self, market: str, feeds: Feeds = _UNKNOWN) -> None:
        """`feeds` says what is known of those that tell of liquidations; together.py finds out."""
        self._market = market
        self._bar: Bar | None = None
        self._look: Look | None = None
        self._first = 0
        self._size = Size()
        self._regime = RegimeMachine(market)
        self._cascades = CascadeMachine(market, feeds.told, feeds.heard)
        # Where no events are told there are totals, which are told in any case.
        heard = feeds.heard if feeds.heard and feeds.heard.spans else None
        sweeps = SweepMachine(market, heard)
        self._machines: tuple[Machine, ...] = (
            self._regime,
            MagnetMachine(market),
            sweeps,
            self._cascades,
        )

    def take(self, event: Event) -> Iterator[Episode]:
        """Take in what became known; say how each episode that changed stands now."""
        if isinstance(event, Bar):
            self._first = self._first or event.time - event.interval
            self._bar = event
            self._size.take(event)
        elif isinstance(event, Look):
            self._look = event
        for machine in self._machines:
            yield from machine.take(event)

    def until(self, now: int) -> Iterator[Episode]:
        """Let time pass: feeds have told all until `now` [ms], though the last bar is still open.

        A cascade may fade meanwhile.
        """
        yield from self._cascades.until(now)

    def read(self) -> Signals | None:
        """Return how the coin stands, without what was said; None before the first bar."""
        last = self._bar
        if last is None:
            return None
        return Signals(
            self._market,
            last.time,
            last.close,
            self._regime.reading,
            (),
            self._look,
            self._size.turnover,
            (last.time - self._first) / DAY,
            tuple(self._regime.hours),
        )


def signals(
    market: str, events: Iterable[Event], feeds: Feeds = _UNKNOWN, now: int = 0
) -> Signals | None:
    """Walk through all events of a coin at once; None if there is no bar.

    What is said so rests on where they begin: by_weeks (weeks.py) is what people are told.
    """
    walk = Walk(market, feeds)
    said = [state for event in events for state in walk.take(event)]
    said += walk.until(now)
    read = walk.read()
    return None if read is None else replace(read, told=tuple(said))
