"""The cascade: liquidations that push the price into the next ones, seen on the live tape.

    quiet -> first wave -> cascade -> over
                 |
                 +-> quiet (nothing followed)

What a market's minutes of liquidations are at their busiest, hour by hour, is its normal; a minute
far beyond it is a first wave. The first candle is no cascade: what confirms it is that liquidations
go on after it, on the same side, at new prices.
"""

import math
from bisect import insort
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter

from bot.core.arrays import DAY, MINUTE
from bot.core.language import mark
from bot.core.market.heard import Heard, is_complete
from bot.core.market.liquidations import PositionSide
from bot.core.signals.episode import Episode, Fact, Kind, Way
from bot.core.signals.events import STEP, Bar, Event, Forced, Look
from bot.core.signals.normal import Normal

# A first wave: within a minute so many times what the busiest minute of an hour usually brings,
# and so much of the open interest. A feed that leaves orders out tells this part of a wave; one
# that tells every liquidation tells all of it.
WAVE, FLOOR = 2.0, 1.2e-3
LOSSY, COMPLETE = 0.25, 1.0

# A wave may also be a slow one: so many times that within five minutes.
SLOW, SLOW_IN = 2.5, 5 * MINUTE

# It is a cascade if at least so long after the wave began, and within so long, this part of a wave
# comes again, on the same side and at prices beyond the wave's by so much of a day's usual move.
AFTER, WITHIN = 20_000, 5 * MINUTE
AGAIN = 0.4
BEYOND = 0.02

# A wave that itself carries the price by so much of a day's usual move is one already: what follows
# in a flash crash is over within the minute.
RUSH = 0.35

# It is over when a minute brings less than this part of its busiest one for so long, when price
# makes no new extreme for so long, or after so long in any case.
FADED, FADED_FOR = 0.15, 3 * MINUTE
STALLED = 10 * MINUTE
LONGEST = 30 * MINUTE

# Candles, open interest and looks at the map are told late, each venue by its own: what they say
# counts from so long after, so that a market heard live is judged as it will be when replayed.
KNOWN = 15 * MINUTE

# A feed that was not heard for so long was cut off: nothing is known of what goes on.
CUT_OFF = 2 * MINUTE

# Names of facts that others look for.
FIRST, AFTERWARDS, ALL = (
    mark("liquidations in the first wave"),
    mark("liquidations after it"),
    mark("liquidations in all"),
)


@dataclass(slots=True)
class _Wave:
    """A first wave, or the cascade it became."""

    side: PositionSide
    began: int  # [ms]
    threshold: float  # [USD] of a wave
    usual: float  # [USD]
    extreme: float  # [quote/base] of the wave's own prices
    started_at: float  # [quote/base] first price
    price: float  # [quote/base] newest
    busiest: float = 0.0  # [USD] minute
    total: float = 0.0  # [USD]
    extreme_at: int = 0  # [ms] of the newest extreme
    busy_at: int = 0  # [ms] when a minute last brought enough
    episode: Episode | None = None


@dataclass(slots=True)
class CascadeMachine:
    """Follows the liquidations of one market, or of a coin on several venues.

    Steps come in their order. Those without any are not told: `until` lets their time pass, as does
    whatever comes later, and what is said is the same either way.
    """

    market: str
    told: float = LOSSY  # [fraction] of a wave that the feeds tell
    heard: Heard | None = None  # when any of the feeds was, which may grow; None: always
    early: bool = False  # see Episode
    _time: int = 0  # [ms] until when all is told
    _normal: Normal = field(default_factory=Normal)
    _steps: deque[Forced] = field(default_factory=deque)  # of the last minute
    _slow: deque[Forced] = field(default_factory=deque)  # of the last five
    _wave: _Wave | None = None
    _waiting: deque[Bar | Look] = field(default_factory=deque)  # until they count
    _look: Look | None = None
    _interest: float = 0.0  # [USD]
    _moves: deque[tuple[int, float]] = field(default_factory=deque)  # [ms], log return squared

    def take(self, event: Event) -> Iterator[Episode]:
        """Take in what became known."""
        if isinstance(event, Forced):
            if event.length == STEP and event.time > self._time:
                yield from self.until(event.time - STEP)
                yield from self._step(event)
        else:
            self.tell(event)
            yield from self.until(event.time)

    def tell(self, event: Bar | Look) -> None:
        """Take in a candle or a look that may be late; it counts when it is old enough."""
        self._normal.begin(event.time)
        insort(self._waiting, event, key=attrgetter("time"))

    def until(self, time: int) -> Iterator[Episode]:
        """Let time pass: all liquidations until `time` [ms] have been told."""
        while self._wave is not None and self._wave.episode is not None:
            if self._time + STEP > time:
                return
            yield from self._step(Forced(self._time + STEP, STEP, 0.0, 0.0, math.nan, math.nan))
        self._time = max(self._time, time // STEP * STEP)

    @property
    def under_way(self) -> Episode | None:
        """The cascade that is going on."""
        return self._wave.episode if self._wave is not None else None

    def copy(self) -> "CascadeMachine":
        """Return one that goes its own way from here."""
        return replace(
            self,
            _normal=self._normal.copy(),
            _steps=self._steps.copy(),
            _slow=self._slow.copy(),
            _wave=None if self._wave is None else replace(self._wave),
            _waiting=self._waiting.copy(),
            _moves=self._moves.copy(),
        )

    def _learn(self, time: int) -> None:
        """Let what was told long enough ago count."""
        while self._waiting and self._waiting[0].time <= time - KNOWN:
            event = self._waiting.popleft()
            if isinstance(event, Look):
                self._look = event
                continue
            self._moves.append((event.time, math.log(event.close / event.open) ** 2))
            while self._moves[0][0] <= event.time - DAY:
                self._moves.popleft()
            if not math.isnan(event.interest):
                self._interest = event.interest

    @property
    def _day_move(self) -> float:
        """A day's usual move [log price]."""
        return math.sqrt(sum(square for _, square in self._moves))

    def _step(self, step: Forced) -> Iterator[Episode]:
        self._time = step.time
        self._learn(step.time)
        for steps, length in ((self._steps, MINUTE), (self._slow, SLOW_IN)):
            if step.long_usd or step.short_usd:
                steps.append(step)
            while steps and steps[0].time <= step.time - length:
                steps.popleft()
        usual = self._normal.usual(step.time, self.heard)
        if self._steps:
            minute = sum(each.long_usd + each.short_usd for each in self._steps)
            self._normal.take(step.time, minute)
        wave = self._wave
        if wave is not None and step.time - wave.began > WITHIN and wave.episode is None:
            wave = self._wave = None  # nothing followed
        if wave is None:
            wave = self._wave = self._begun(step, usual)
        if wave is None:
            return
        beyond = self._take(wave, step)
        if wave.episode is not None:
            yield from self._ended(wave, step.time)
        else:
            yield from self._confirmed(wave, step, beyond=beyond)

    def _begun(self, step: Forced, usual: float) -> _Wave | None:
        """See a first wave, if the minute that ends with this step is one."""
        if not usual > 0:
            return None
        least = max(WAVE * usual, FLOOR * self.told * self._interest)
        for side in PositionSide:
            slow = sum(_of(each, side) for each in self._slow)
            if self._minute(side) >= least or slow >= SLOW * least:
                told = [each for each in self._steps if not math.isnan(each.low)]
                if not told:
                    return None
                down = side is PositionSide.LONG
                extreme = min(s.low for s in told) if down else max(s.high for s in told)
                first = told[0].low if down else told[0].high
                return _Wave(side, step.time, least, usual, extreme, first, extreme)
        return None

    def _minute(self, side: PositionSide) -> float:
        return sum(_of(each, side) for each in self._steps)

    def _take(self, wave: _Wave, step: Forced) -> bool:
        """Add a step to a wave; says whether it brought a new extreme."""
        usd, minute = _of(step, wave.side), self._minute(wave.side)
        wave.total += usd
        wave.busiest = max(wave.busiest, minute)
        if minute >= FADED * wave.busiest:
            wave.busy_at = step.time
        if not usd:
            return False
        down = wave.side is PositionSide.LONG
        wave.price = step.low if down else step.high
        margin = BEYOND * self._day_move if wave.episode is None else 0.0
        beyond = (-1 if down else 1) * math.log(wave.price / wave.extreme) > margin
        if beyond and wave.episode is not None:
            wave.extreme, wave.extreme_at = wave.price, step.time
        return beyond

    def _confirmed(self, wave: _Wave, step: Forced, *, beyond: bool) -> Iterator[Episode]:
        """Say that a wave is a cascade, if this step makes it one."""
        time, usd = step.time, _of(step, wave.side)
        again = sum(_of(each, wave.side) for each in self._steps if each.time > wave.began)
        follows = beyond and time - wave.began >= AFTER and again >= AGAIN * wave.threshold
        carried = abs(math.log(wave.price / wave.started_at)) if usd else 0.0
        rushes = carried >= RUSH * self._day_move > 0 and usd >= FADED * wave.threshold
        if not (follows or rushes):
            return
        wave.extreme, wave.extreme_at, wave.busy_at = wave.price, time, time
        zones = self._look.zones if self._look is not None else ()
        ahead = [z for z in zones if z.side is wave.side and z.distance(wave.price) > 0]
        wave.episode = Episode(
            Kind.CASCADE,
            self.market,
            "cascade",
            began=wave.began,
            time=time,
            price=wave.price,
            began_price=wave.started_at,
            way=Way.DOWN if wave.side is PositionSide.LONG else Way.UP,
            target=min(ahead, key=lambda zone: zone.distance(wave.price), default=None),
            invalidation=mark("liquidations fade, or price makes no new extreme"),
            facts=(
                Fact(FIRST, wave.busiest, "USD", wave.threshold),
                Fact(mark("busiest minute of a usual hour"), wave.usual, "USD"),
                Fact(AFTERWARDS, again, "USD", AGAIN * wave.threshold),
            ),
            early=self.early,
        )
        yield wave.episode

    def _ended(self, wave: _Wave, time: int) -> Iterator[Episode]:
        going = wave.episode
        if going is None:
            return
        if self.heard is not None and not self.heard.between(time - CUT_OFF, time).spans:
            why = mark("its liquidations are not heard any more")
        elif time - wave.busy_at >= FADED_FOR:
            why = mark("liquidations faded")
        elif time - wave.extreme_at >= STALLED:
            why = mark("price stalled")
        elif time - going.began >= LONGEST:
            why = mark("half an hour has gone by")
        else:
            return
        self._wave = None
        facts = (*going.facts, Fact(ALL, wave.total, "USD"))
        over = replace(going, phase="over", time=time, price=wave.price, ended=time, facts=facts)
        yield replace(over, why_ended=why)


def _of(step: Forced, side: PositionSide) -> float:
    return step.long_usd if side is PositionSide.LONG else step.short_usd


@dataclass(frozen=True, slots=True)
class Feeds:
    """What is known of the feeds of a coin's liquidations."""

    told: float = LOSSY  # [fraction] of a wave that they tell together
    heard: Heard | None = None  # when any of them was; None: always


def told_of_waves(feeds: Sequence[tuple[str, float]]) -> float:
    """Return which part of a wave feeds tell together, each by its words and open interest [USD].

    >>> told_of_waves([("every liquidation is published", 1e9), ("at most one a second", 1e9)])
    0.625
    """
    total = sum(interest for _, interest in feeds)
    if not total > 0:
        return LOSSY
    told = sum((COMPLETE if is_complete(words) else LOSSY) * held for words, held in feeds)
    return told / total
