"""A cascade machine on a live tape: what comes late or twice is judged as if it had come in time.

Feeds tell in batches, some of them late, and repeat themselves after they were cut off. The last
minutes are therefore gone through again from a settled machine whenever a step is over. What was
said is never taken back: where late liquidations would have it otherwise, they are not counted.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

from bot.core.arrays import MINUTE
from bot.core.market.heard import Heard
from bot.core.market.history import MarketHistory
from bot.core.market.liquidations import Liquidations, together
from bot.core.signals.cascade import CascadeMachine
from bot.core.signals.episode import Episode
from bot.core.signals.events import STEP, Bar, Event, Forced, Look, in_order, steps
from bot.core.signals.machine import run
from bot.core.signals.together import feeds, forced_together, told
from bot.core.signals.weeks import begun as since_when
from bot.core.signals.weeks import known_since, weeks

# What comes later than this is not counted any more.
LATEST = 5 * MINUTE


@dataclass(slots=True)
class CascadeTape:
    """One coin's machine, and what its feeds have told that is not settled yet."""

    machine: CascadeMachine  # settled: it knows all until `settled`
    settled: int  # [ms]
    _waiting: dict[Hashable, list[Liquidations]] = field(default_factory=dict)  # by feed
    _late: bool = False  # something came of a step that was over
    _time: int = 0  # [ms] until when it was gone through
    _newest: CascadeMachine | None = None  # as of then
    _said: list[Episode] = field(default_factory=list)  # since it is settled

    def hear(self, feed: Hashable, events: Liquidations) -> None:
        """Take in what a feed tells, in any order; what it tells twice counts once."""
        first = int(events.time.searchsorted(self.settled))
        if first < len(events):
            self._late = self._late or int(events.time[first]) < self._time
            self._waiting.setdefault(feed, []).append(events.sliced(slice(first, None)))

    def tell(self, known: Sequence[Bar | Look]) -> None:
        """Take in candles and looks, each of them once and in their order."""
        for machine in self._machines:
            for event in known:
                machine.tell(event)

    def listened(self, heard: Heard | None) -> None:
        """Take in when the feeds were heard; None: always."""
        for machine in self._machines:
            machine.heard = heard

    @property
    def _machines(self) -> tuple[CascadeMachine, ...]:
        return (self.machine,) if self._newest is None else (self.machine, self._newest)

    def due(self, time: int) -> bool:
        """Say whether `over` may have something new to say at `time` [ms]."""
        return time // STEP * STEP > self._time or self._late

    @property
    def under_way(self) -> Episode | None:
        """The cascade that is going on."""
        return None if self._newest is None else self._newest.under_way

    def over(self, time: int) -> list[Episode]:
        """Say what is new when all steps that end until `time` [ms] are over."""
        time, self._late = max(time // STEP * STEP, self._time), False
        heard = {feed: together(batches) for feed, batches in self._waiting.items()}
        newest, said = self._gone_through(heard, time)
        names = {_name(one) for one in said}
        if any(_name(one) not in names for one in self._said) and self._newest is not None:
            self.machine, self.settled, self._said = self._newest, self._time, []
            newest, said = self._gone_through(heard, time)
        before = {_name(one) for one in self._said}
        new = [one for one in said if _name(one) not in before]
        self._newest, self._time = newest, time
        self._said += new
        self._settle(heard, time - LATEST)
        return new

    def _gone_through(
        self, heard: dict[Hashable, Liquidations], time: int
    ) -> tuple[CascadeMachine, list[Episode]]:
        machine = self.machine.copy()
        said = list(run(_events(heard, self.settled, time), [machine]))
        return machine, said + list(machine.until(time))

    def _settle(self, heard: dict[Hashable, Liquidations], time: int) -> None:
        """Let the settled machine know all until `time` [ms], and forget what it was told."""
        if time > self.settled:
            said = run(_events(heard, self.settled, time), [self.machine])
            done = {_name(one) for one in [*said, *self.machine.until(time)]}
            self._said = [one for one in self._said if _name(one) not in done]
            self.settled = time
        waiting = {feed: _from(events, self.settled) for feed, events in heard.items()}
        self._waiting = {feed: [events] for feed, events in waiting.items() if len(events)}


def begun(
    market: str, histories: Sequence[MarketHistory], looks: Sequence[Look], now: int
) -> tuple[CascadeTape, list[Episode]]:
    """Begin a tape at `now` [ms] where the walk of the week has come to; with what it said.

    None of the candles may be forming, and all histories count the coin in the same way. `looks`
    are those of the walk of the week.
    """
    week = weeks(since_when(histories), now)[-1]
    cut = known_since(histories, week.anchor)
    known = feeds(cut, None if week.early else week.since)
    settled = (now - LATEST) // STEP * STEP
    machine = CascadeMachine(market, known.told, known.heard, week.early)
    said: list[Episode] = []
    for event in told(cut, looks):
        if not isinstance(event, Forced) and event.time > settled:
            machine.tell(event)
        elif event.time <= settled:
            said += machine.take(event)
    said += machine.until(settled)
    tape = CascadeTape(machine, settled)
    for each in cut:
        if each.liquidations is not None:
            tape.hear(each.instrument, each.liquidations)
    return tape, said


def _name(state: Episode) -> tuple[str, str]:
    return state.name, state.phase


def _from(events: Liquidations, time: int) -> Liquidations:
    return events.sliced(slice(int(events.time.searchsorted(time)), None))


def _events(heard: dict[Hashable, Liquidations], since: int, until: int) -> list[Event]:
    """Steps of all feeds together that end after `since` and by `until` [ms], multiples of STEP."""
    parts = []
    for events in heard.values():
        first, last = events.time.searchsorted([since, until]).tolist()
        parts.append(steps(events.sliced(slice(first, last))))
    return list(forced_together(in_order(*parts)))
