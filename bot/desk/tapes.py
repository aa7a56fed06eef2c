"""What the feeds have told, market by market, and when they were heard."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from bot.core.arrays import DAY
from bot.core.instruments import Instrument
from bot.core.market.heard import Heard
from bot.core.market.history import MarketHistory
from bot.core.market.liquidations import Liquidations, none, together

# Of one market: some 2.5 MB, and more than a month of any market but in its wildest days.
MOST_EVENTS = 100_000
_LONGEST = 31 * DAY  # [ms] no picture looks further back
# Batches are put together once so many events wait in them: it keeps the feed waiting some 30 ms.
_JOINED_AT = 25_000
# A batch of an event or two takes thirty times the room of what it tells, so that quiet markets
# would fill the memory: so many are put together among themselves, which takes no time.
_MOST_BATCHES = 64

_EVER = 2**62  # [ms]


@dataclass(slots=True)
class _Tape:
    """One market's events: those put together, those that came since, those not yet stored."""

    events: Liquidations = field(default_factory=none)
    fresh: list[Liquidations] = field(default_factory=list)
    unsaved: list[Liquidations] = field(default_factory=list)
    heard: Heard = field(default_factory=Heard)
    saved: Heard = field(default_factory=Heard)
    waiting: int = 0  # events in `fresh`
    to_save: int = 0  # events in `unsaved`

    def take(self, events: Liquidations) -> None:
        self.fresh.append(events)
        self.unsaved.append(events)
        self.waiting += len(events)
        self.to_save += len(events)
        if self.waiting >= _JOINED_AT:
            self.join()
        elif len(self.fresh) >= _MOST_BATCHES:
            self.fresh = [together(self.fresh)]
            self.waiting = len(self.fresh[0])
        while self.to_save > MOST_EVENTS and len(self.unsaved) > 1:
            lost = self.unsaved.pop(0)
            self.to_save -= len(lost)
            self._forget(int(lost.time[-1]) + 1)

    def join(self) -> Liquidations:
        """Put together what has come, and let go of what is too old or too much."""
        if self.fresh:
            events = together([self.events, *self.fresh])
            first = max(len(events) - MOST_EVENTS, 0)
            first = max(first, int((events.time < events.time[-1] - _LONGEST).sum()))
            if first:
                self._forget(int(events.time[first - 1]) + 1)
                events = events.sliced(slice(first, None))
            self.events, self.fresh, self.waiting = events, [], 0
        return self.events

    def _forget(self, before: int) -> None:
        """Take back that anything was heard before a time [ms]: some of it is lost."""
        self.heard = self.heard.between(before, _EVER)


class Tapes:
    """The tapes of all markets that are followed."""

    def __init__(self) -> None:
        self._tapes: dict[Instrument, _Tape] = {}
        self._listeners: list[Callable[[Instrument, Liquidations], None]] = []

    def listen(self, told: Callable[[Instrument, Liquidations], None]) -> None:
        """Have somebody told at once of all that comes from now on; the feed waits meanwhile."""
        self._listeners.append(told)

    def take(self, instrument: Instrument, events: Liquidations) -> None:
        """Put events on a market's tape; quick, for the feed waits."""
        if len(events):
            self._tapes.setdefault(instrument, _Tape()).take(events)
            for told in self._listeners:
                told(instrument, events)

    def hear(self, instrument: Instrument, heard: Heard) -> None:
        """Note when a market has been heard."""
        if heard.spans:
            tape = self._tapes.setdefault(instrument, _Tape())
            tape.heard = _lately(tape.heard.also(heard.spans))

    def markets(self) -> tuple[Instrument, ...]:
        """Name the markets that have told something or were heard."""
        return tuple(self._tapes)

    def pieces(self, instrument: Instrument) -> tuple[Liquidations, ...]:
        """Return what is on a market's tape, to be put together where nobody waits."""
        tape = self._tapes.get(instrument)
        return () if tape is None else (tape.events, *tape.fresh)

    def events(self, instrument: Instrument) -> Liquidations:
        """Return what is on a market's tape, put together."""
        tape = self._tapes.get(instrument)
        return none() if tape is None else tape.join()

    def heard(self, instrument: Instrument) -> Heard:
        """Return when a market's feed was heard, as far as all it told is on the tape."""
        tape = self._tapes.get(instrument)
        return Heard() if tape is None else tape.heard

    def unsaved(self, *, quiet: bool = False) -> list[Instrument]:
        """Name the markets that have told something new; if `quiet`, also those only heard."""
        return [
            instrument
            for instrument, tape in self._tapes.items()
            if tape.unsaved or (quiet and tape.heard != tape.saved)
        ]

    def take_unsaved(self, instrument: Instrument) -> tuple[list[Liquidations], Heard]:
        """Take what a market has told since the last time, with when it was heard."""
        tape = self._tapes[instrument]
        batches, tape.unsaved, tape.to_save, tape.saved = tape.unsaved, [], 0, tape.heard
        return batches, tape.heard

    def drop(self, instrument: Instrument) -> None:
        """Let go of a market's tape."""
        self._tapes.pop(instrument, None)

    def put_back(self, instrument: Instrument, batches: list[Liquidations]) -> None:
        """Keep what could not be stored for the next time."""
        tape = self._tapes.setdefault(instrument, _Tape())
        tape.saved = Heard()
        tape.unsaved = [*batches, *tape.unsaved]
        tape.to_save += sum(len(batch) for batch in batches)


def _lately(heard: Heard) -> Heard:
    """Leave out stretches of which no picture tells any more; the others begin where they did."""
    since = heard.spans[-1][1] - _LONGEST
    return Heard(tuple(span for span in heard.spans if span[1] >= since))


def merged(history: MarketHistory, pieces: Sequence[Liquidations], heard: Heard) -> MarketHistory:
    """Return a history with what is on its market's tape.

    A history that has all liquidations anyway stays one that was heard all the time.
    """
    if not (heard.spans or any(len(piece) for piece in pieces)):
        return history
    before = history.liquidations
    always = before is not None and history.heard is None
    return replace(
        history,
        liquidations=together([*pieces] if before is None else [before, *pieces]),
        heard=None if always else (history.heard or Heard()).also(heard.spans),
    )
