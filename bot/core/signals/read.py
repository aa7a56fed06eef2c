"""Everything that the machines say of one coin, finished; pictures and words add nothing to it."""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.core.signals.cascade import CascadeMachine, Feeds
from bot.core.signals.episode import Episode, Kind
from bot.core.signals.events import Bar, Event, Look
from bot.core.signals.machine import Machine, Size, run
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
    hours: tuple[Hour, ...] = ()  # of its regime, the last thirty days

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


def signals(
    market: str, events: Iterable[Event], feeds: Feeds = _UNKNOWN, now: int = 0
) -> Signals | None:
    """Run every machine over a coin's events; None if there is none.

    `feeds` says what is known of those that tell of liquidations (together.py finds it out), and
    `now` [ms] until when they have told all: a cascade may fade while the last bar is still open.
    """
    watcher, regime = _Watcher(), RegimeMachine(market)
    cascades = CascadeMachine(market, feeds.told, feeds.heard)
    machines: list[Machine] = [
        watcher,
        regime,
        MagnetMachine(market),
        # Where no events are told there are totals, which are told in any case.
        SweepMachine(market, feeds.heard if feeds.heard and feeds.heard.spans else None),
        cascades,
    ]
    said = (*run(events, machines), *cascades.until(now))
    if watcher.bar is None:
        return None
    last = watcher.bar
    return Signals(
        market,
        last.time,
        last.close,
        regime.reading,
        said,
        watcher.look,
        watcher.size.turnover,
        (last.time - watcher.first) / 86_400_000,
        tuple(regime.hours),
    )


class _Watcher:
    """Remembers the newest of each kind of event; says nothing."""

    def __init__(self) -> None:
        self.bar: Bar | None = None
        self.look: Look | None = None
        self.first = 0
        self.size = Size()

    def take(self, event: Event) -> Iterable[Episode]:
        if isinstance(event, Bar):
            if self.bar is None:
                self.first = event.time - event.interval
            self.bar = event
            self.size.take(event)
        elif isinstance(event, Look):
            self.look = event
        return ()
