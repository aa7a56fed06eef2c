"""The regime of a market: funding, open interest and clusters, read at once.

    regime            funding        open interest    clusters on the crowded side
    maximum squeeze   extreme        rising           dense
    fuel gauge        moderate       rising           building
    exhaustion        falling back   falling          already swept

Each reading must reach a rank among the market's own last weeks (two to three in a walk of
weeks.py, thirty days at most), and also a floor that does not depend on them, so that a quiet month
does not make a small figure an extreme one. The figure that does both is its threshold. A regime
begins when all three readings pass, and lasts until one of them has failed by a margin, for a
while, or for a week: what has been so for longer is usual.
"""

import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from bot.core.arrays import DAY, HOUR
from bot.core.language import later, mark
from bot.core.market.liquidations import PositionSide
from bot.core.signals.episode import Episode, Fact, Kind
from bot.core.signals.events import Bar, Event, Look
from bot.core.signals.machine import Past
from bot.core.signals.regime_reading import (
    NEUTRAL,
    Hour,
    Reading,
    begun,
    beyond,
    crowded_by,
    level,
)

# What is usual is what was in so many days; with fewer than these there is nothing usual yet. A
# rank is also given among so many more, once enough of them are known to be another rank.
USUAL_DAYS, LEAST_DAYS = 30, 7
LONGER_DAYS, LEAST_LONGER_DAYS = 90, 45

# Funding is extreme from this rank on, and this far beyond neutral [fraction for 8 h]; the second
# pair is of moderate funding. 0.03 % for eight hours are a carry of 30 % a year.
EXTREME_RANK, EXTREME_FLOOR = 0.95, 0.0002
MODERATE_RANK, MODERATE_FLOOR = 0.70, 0.00005

# Open interest rises or falls if its change in a day, in coins, is so large and so ranked.
RISE_RANK, RISE_FLOOR = 0.80, 0.02
BUILD_RANK, BUILD_FLOOR = 0.60, 0.01

# Clusters are dense if so much of the past held less near the price, and building if more stands
# there than a day ago by this factor. They are swept if this part of what stood is gone.
DENSE_RANK, BUILDING_RANK, BUILDING = 0.80, 0.50, 1.10
SWEPT = 0.30

# Exhaustion: funding was this high by rank in the last days, and has lost this part since.
WAS_RANK, WAS_WITHIN, LOST = 0.90, 2 * DAY, 0.40

# A regime that holds is held to less: ranks by this much, floors and factors by this part; and it
# is over only when it has failed for so long [ms].
_EASE_RANK, _EASE = 0.10, 0.7
GRACE = 3 * HOUR

# What has lasted for so long is usual by now: a regime is over then, and must begin anew.
LONGEST = 7 * DAY

REGIMES = (Kind.SQUEEZE, Kind.EXHAUSTION, Kind.FUEL)  # the first that fits is the one


@dataclass(frozen=True, slots=True)
class _Ask:
    """What one reading takes: a figure to be reached, from below or from above."""

    threshold: float
    least: bool = True  # False: the figure is reached by falling to it

    def met(self, value: float) -> bool:
        return value >= self.threshold if self.least else value <= self.threshold


def _pasts() -> tuple[Past, ...]:
    """Funding, change of open interest, share of longs, share of shorts; each twice."""
    return tuple(Past(days * DAY) for days in (USUAL_DAYS, LONGER_DAYS) for _ in range(4))


@dataclass(slots=True)
class RegimeMachine:
    """Follows the regime of one market, or of a coin on several venues."""

    market: str
    reading: Reading | None = None
    hours: deque[Hour] = field(default_factory=deque)  # of the last USUAL_DAYS
    _bar: Bar | None = None
    _pasts: tuple[Past, ...] = field(default_factory=_pasts)
    _episode: Episode | None = None
    _side: PositionSide | None = None  # crowded in the regime under way
    _failed: int | None = None  # [ms] since when the regime under way has failed

    def take(self, event: Event) -> Iterator[Episode]:
        """Take in a bar or a look; a look settles the reading of its hour."""
        if isinstance(event, Bar):
            self._bar = event
        elif isinstance(event, Look) and self._bar is not None:
            yield from self._settle(event, self._bar)

    def _settle(self, look: Look, bar: Bar) -> Iterator[Episode]:
        if not look.interest > 0:
            self.reading = Reading(
                look.time,
                look.price,
                None,
                None,
                (),
                (),
                None,
                None,
                self._pasts[0].days,
                unread=later("no open interest is published"),
            )
            return
        near = look.long_near / look.interest, look.short_near / look.interest
        hour = Hour(look.time, look.price, bar.funding, bar.interest / bar.close, math.nan, near)
        self.hours.append(hour)
        while self.hours[0].time <= hour.time - USUAL_DAYS * DAY:
            self.hours.popleft()
        hour = replace(hour, change=self._day_change())
        for place, past in enumerate(self._pasts):
            past.take(hour.time, (hour.funding, hour.change, *near)[place % 4])
        self.reading = self._read(look, hour)
        self.hours[-1] = replace(hour, kind=self.reading.kind, crowded=self.reading.crowded)
        yield from self._tell(self.reading)

    def _lately(self, length: int) -> list[Hour]:
        """Return the hours of the last `length` [ms], oldest first."""
        found: list[Hour] = []
        for hour in reversed(self.hours):
            if hour.time < self.hours[-1].time - length:
                break
            found.append(hour)
        return found[::-1]

    def _day_change(self) -> float:
        """Change of open interest [base] in a day [fraction]; nan before a day was seen."""
        now, then = self.hours[-1], self._lately(DAY)[0]
        if then.time > now.time - DAY + 2 * HOUR:
            return math.nan
        return now.coins / then.coins - 1

    def _read(self, look: Look, hour: Hour) -> Reading:
        days = self._pasts[0].days
        if math.isnan(hour.funding) or days < LEAST_DAYS:
            why = (
                later("no funding is published")
                if math.isnan(hour.funding)
                else later(
                    "{days} days of its own past are too few to say what is usual",
                    days=f"{days:.0f}",
                )
            )
            crowded = crowded_by(hour.funding)
            return Reading(
                hour.time, hour.price, None, crowded, (), (), None, None, days, unread=why
            )
        judged = self._candidates(hour)
        kind, side = next((which for which, (_, met) in judged.items() if all(met)), (None, None))
        kind, side = self._held(kind, side, hour)
        if kind is not None and side is not None:
            nearest, of = kind, side
        else:
            # Of those as near, fuel takes the least, and a squeeze the most.
            nearest, of = max(reversed(judged), key=lambda which: sum(judged[which][1]))
        facts, passed = judged[nearest, of]
        going = self._episode is not None and (self._episode.kind, self._side) == (kind, side)
        since = self.reading.since if going and self.reading is not None else hour.time
        longer = self._pasts[4].days
        return Reading(
            hour.time,
            hour.price,
            kind,
            side if kind is not None else crowded_by(hour.funding),
            facts,
            passed,
            nearest,
            None if kind is None else since,
            days,
            next((zone for zone in look.zones if zone.side is of), None),
            of,
            longer if longer >= LEAST_LONGER_DAYS else 0.0,
        )

    def _candidates(
        self, hour: Hour
    ) -> dict[tuple[Kind, PositionSide], tuple[tuple[Fact, ...], tuple[bool, ...]]]:
        """Judge every regime that may be, with the side that it would be of."""
        side = PositionSide.LONG if hour.funding >= NEUTRAL / 2 else PositionSide.SHORT
        may = [(kind, side) for kind in REGIMES]
        peaks = {each: self._peak(each) for each in PositionSide}
        was = max(peaks, key=lambda each: peaks[each])
        if peaks[was] > 0 and was is not side:
            may.insert(1, (Kind.EXHAUSTION, was))
        going = None
        if self._episode is not None and self._side is not None:
            going = self._episode.kind, self._side
            may += [] if going in may else [going]
        return {which: self._judged(*which, hour, eased=which == going) for which in may}

    def _held(
        self, kind: Kind | None, side: PositionSide | None, hour: Hour
    ) -> tuple[Kind | None, PositionSide | None]:
        """Hold on to the regime under way until it has failed for a while or another begins."""
        going = self._episode.kind if self._episode else None
        if kind is not None or going is None:
            self._failed = None
            return kind, side
        self._failed = self._failed or hour.time
        return (going, self._side) if hour.time - self._failed < GRACE else (None, None)

    def _judged(
        self, kind: Kind, side: PositionSide, hour: Hour, *, eased: bool
    ) -> tuple[tuple[Fact, ...], tuple[bool, ...]]:
        """Measure the three readings for a regime, and say which of them pass."""
        place = 0 if side is PositionSide.LONG else 1
        asks = self._asked(kind, side, place, *((_EASE_RANK, _EASE) if eased else (0.0, 1.0)))
        told = (
            (mark("funding for 8 h"), hour.funding, 0),
            (mark("open interest in a day"), hour.change, 1),
            (mark("clusters near the price"), hour.near[place], 2 + place),
        )
        facts = tuple(
            Fact(
                name,
                value,
                "fraction",
                ask.threshold,
                self._pasts[of].rank(value),
                least=ask.least,
                longer=self._pasts[4 + of].rank(value),
            )
            for (name, value, of), ask in zip(told, asks, strict=True)
        )
        return facts, tuple(ask.met(fact.value) for fact, ask in zip(facts, asks, strict=True))

    def _asked(
        self, kind: Kind, side: PositionSide, place: int, ease_rank: float, ease: float
    ) -> tuple[_Ask, _Ask, _Ask]:
        """Say what each reading takes for a regime."""
        change, share = self._pasts[1], self._pasts[2 + place]
        day = [hour.near[place] for hour in self._lately(DAY)]
        if kind is Kind.SQUEEZE:
            return (
                self._funding(side, EXTREME_RANK - ease_rank, EXTREME_FLOOR * ease),
                _Ask(max(change.at(RISE_RANK - ease_rank), RISE_FLOOR * ease)),
                _Ask(share.at(DENSE_RANK - ease_rank)),
            )
        if kind is Kind.FUEL:
            grown = day[0] * (1 + (BUILDING - 1) * ease)
            return (
                self._funding(side, MODERATE_RANK - ease_rank, MODERATE_FLOOR * ease),
                _Ask(max(change.at(BUILD_RANK - ease_rank), BUILD_FLOOR * ease)),
                _Ask(max(share.at(BUILDING_RANK - ease_rank), grown)),
            )
        peak = self._peak(side)
        back = level(side, peak * (1 - LOST * ease)) if peak > 0 else math.nan
        return (
            _Ask(back, least=side is PositionSide.SHORT),
            _Ask(min(change.at(1 - RISE_RANK + ease_rank), -RISE_FLOOR * ease), least=False),
            _Ask(max(day) * (1 - SWEPT * ease), least=False),
        )

    def _funding(self, side: PositionSide, rank: float, floor: float) -> _Ask:
        """Ask that funding presses on a side by rank and by a floor."""
        past = self._pasts[0]
        if side is PositionSide.LONG:
            return _Ask(max(past.at(rank), level(side, floor)))
        return _Ask(min(past.at(1 - rank), level(side, floor)), least=False)

    def _peak(self, side: PositionSide) -> float:
        """How far funding lately was beyond neutral on a side; 0 if it was not high for it."""
        floor = self._funding(side, WAS_RANK, MODERATE_FLOOR)
        high = [hour.funding for hour in self._lately(WAS_WITHIN) if floor.met(hour.funding)]
        return max((beyond(side, funding) for funding in high), default=0.0)

    def _tell(self, reading: Reading) -> Iterator[Episode]:
        """End the episode under way if its regime is over, go on with it, or begin another."""
        going = self._episode
        if going is not None:
            now = replace(going, time=reading.time, price=reading.price)
            if reading.time - going.began >= LONGEST:
                self._episode = None
                why = mark("it has lasted for a week: what was unusual is usual by now")
                yield replace(now, phase="over", ended=reading.time, why_ended=why)
                return
            if (reading.kind, reading.crowded) == (going.kind, self._side):
                self._episode = replace(now, facts=reading.facts)
            else:
                self._episode = None
                yield replace(now, phase="over", ended=reading.time, why_ended=reading.kept_words)
        if reading.kind is not None and self._episode is None:
            self._episode, self._side = (
                begun(self.market, reading, reading.kind),
                reading.crowded,
            )
            yield self._episode
