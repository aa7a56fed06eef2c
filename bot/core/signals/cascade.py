"""The cascade: liquidations that push the price into the next ones, seen on the live tape.

    quiet -> first wave -> cascade -> over
                 |
                 +-> quiet (nothing followed)

What a market's minutes of liquidations are at their busiest, hour by hour, is its normal; a minute
far beyond it is a first wave. The first candle is no cascade: what confirms it is that liquidations
go on after it, on the same side, at new prices.
"""

import math
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from bot.core.arrays import DAY, HOUR, MINUTE
from bot.core.market.heard import is_complete
from bot.core.market.liquidations import PositionSide
from bot.core.signals.episode import Episode, Fact, Kind, Way
from bot.core.signals.events import STEP, Bar, Event, Forced, Look, Zone

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

# What is normal is learnt from so many days, and known after one.
_DAYS, _LEAST = 7, DAY
_MINUTE_STEPS = MINUTE // STEP


@dataclass(slots=True)
class Normal:
    """The busiest minute of each hour of the last days, both sides together [USD]."""

    _peaks: deque[tuple[int, float]] = field(default_factory=deque)  # hour, USD
    _since: int | None = None  # [ms]

    def take(self, time: int, minute: float) -> None:
        """Take in what the minute before `time` [ms] brought."""
        hour = time // HOUR
        self._since = time if self._since is None else self._since
        if self._peaks and self._peaks[-1][0] == hour:
            self._peaks[-1] = hour, max(self._peaks[-1][1], minute)
        else:
            self._peaks.append((hour, minute))
        while self._peaks[0][0] <= hour - _DAYS * 24:
            self._peaks.popleft()

    def usual(self, time: int) -> float:
        """Median of the hours' busiest minutes, those without any included; nan if too new."""
        if self._since is None or time - self._since < _LEAST:
            return math.nan
        hours = min((time - self._since) // HOUR, _DAYS * 24)
        peaks = sorted(usd for hour, usd in self._peaks if hour < time // HOUR)
        place = hours // 2 - (hours - len(peaks))  # hours without any come first
        return peaks[place] if 0 <= place < len(peaks) else 0.0


@dataclass(slots=True)
class _Wave:
    """A first wave, or the cascade it became."""

    side: PositionSide
    began: int  # [ms]
    threshold: float  # [USD] of a wave
    usual: float  # [USD]
    extreme: float  # [quote/base] of the wave's own prices
    started_at: float  # [quote/base] first price
    busiest: float = 0.0  # [USD] minute
    total: float = 0.0  # [USD]
    extreme_at: int = 0  # [ms] of the newest extreme
    busy_at: int = 0  # [ms] when a minute last brought enough
    episode: Episode | None = None


@dataclass(slots=True)
class CascadeMachine:
    """Follows the liquidations of one market, or of a coin on several venues."""

    market: str
    told: float = LOSSY  # [fraction] of a wave that the feeds tell
    _normal: Normal = field(default_factory=Normal)
    _steps: deque[Forced] = field(default_factory=deque)  # of the last minute
    _slow: deque[Forced] = field(default_factory=deque)  # of the last five
    _wave: _Wave | None = None
    _look: Look | None = None
    _price: float = math.nan
    _interest: float = 0.0  # [USD]
    _moves: deque[tuple[int, float]] = field(default_factory=deque)  # [ms], log return squared

    def take(self, event: Event) -> Iterator[Episode]:
        """Take in what became known."""
        if isinstance(event, Forced):
            if event.length == STEP:
                yield from self._step(event)
        elif isinstance(event, Bar):
            self._bar(event)
            yield from self._tick(event.time, event.close)
        else:
            self._look = event

    def _bar(self, bar: Bar) -> None:
        self._moves.append((bar.time, math.log(bar.close / bar.open) ** 2))
        while self._moves[0][0] <= bar.time - DAY:
            self._moves.popleft()
        self._price = bar.close
        if not math.isnan(bar.interest):
            self._interest = bar.interest

    @property
    def _day_move(self) -> float:
        """A day's usual move [log price]."""
        return math.sqrt(sum(square for _, square in self._moves))

    def _step(self, step: Forced) -> Iterator[Episode]:
        usual = self._normal.usual(step.time)
        self._steps.append(step)
        while self._steps[0].time <= step.time - MINUTE:
            self._steps.popleft()
        self._slow.append(step)
        while self._slow[0].time <= step.time - SLOW_IN:
            self._slow.popleft()
        self._normal.take(step.time, sum(each.long_usd + each.short_usd for each in self._steps))
        wave = self._wave
        if wave is not None and step.time - wave.began > WITHIN and wave.episode is None:
            wave = self._wave = None  # nothing followed
        if wave is None:
            self._begin(step, usual)
            wave = self._wave
        if wave is not None:
            yield from self._go_on(wave, step)

    def _begin(self, step: Forced, usual: float) -> None:
        """See a first wave, if the minute that ends with this step is one."""
        if not usual > 0:
            return
        least = max(WAVE * usual, FLOOR * self.told * self._interest)
        for side in PositionSide:
            minute = self._minute(side)
            if minute >= least or sum(_of(each, side) for each in self._slow) >= SLOW * least:
                down = side is PositionSide.LONG
                told = [each for each in self._steps if not math.isnan(each.low)]
                extreme = min(s.low for s in told) if down else max(s.high for s in told)
                first = told[0].low if down else told[0].high
                self._wave = _Wave(side, step.time, least, usual, extreme, first)
                return

    def _minute(self, side: PositionSide) -> float:
        return sum(_of(each, side) for each in self._steps)

    def _go_on(self, wave: _Wave, step: Forced) -> Iterator[Episode]:
        usd, minute = _of(step, wave.side), self._minute(wave.side)
        wave.total += usd
        wave.busiest = max(wave.busiest, minute)
        if minute >= FADED * wave.busiest:
            wave.busy_at = step.time
        down = wave.side is PositionSide.LONG
        price = step.low if down else step.high
        margin = BEYOND * self._day_move if wave.episode is None else 0.0
        sign = -1 if down else 1
        if usd and sign * math.log(price / wave.extreme) > margin:
            beyond = True
            if wave.episode is not None:
                wave.extreme, wave.extreme_at = price, step.time
        else:
            beyond = False
        if wave.episode is not None:
            self._price = price if usd else self._price
            yield from self._ended(wave, step.time, self._price)
            return
        again = sum(_of(each, wave.side) for each in self._steps if each.time > wave.began)
        follows = beyond and step.time - wave.began >= AFTER and again >= AGAIN * wave.threshold
        carried = sign * math.log(price / wave.started_at) if usd else 0.0
        rushes = carried >= RUSH * self._day_move > 0 and usd >= FADED * wave.threshold
        if follows or rushes:
            wave.extreme, wave.extreme_at, wave.busy_at = price, step.time, step.time
            wave.episode = self._confirmed(wave, step.time, price, again)
            yield wave.episode

    def _confirmed(self, wave: _Wave, time: int, price: float, again: float) -> Episode:
        way = Way.DOWN if wave.side is PositionSide.LONG else Way.UP
        zones = self._look.zones if self._look is not None else ()
        ahead = [z for z in zones if z.side is wave.side and z.distance(price) > 0]
        target: Zone | None = min(ahead, key=lambda zone: zone.distance(price), default=None)
        return Episode(
            Kind.CASCADE,
            self.market,
            "cascade",
            began=wave.began,
            time=time,
            price=price,
            began_price=wave.started_at,
            way=way,
            target=target,
            invalidation="liquidations fade, or price makes no new extreme",
            facts=(
                Fact("liquidations in the first wave", wave.busiest, "USD", wave.threshold),
                Fact("busiest minute of a usual hour", wave.usual, "USD"),
                Fact("liquidations after it", again, "USD", AGAIN * wave.threshold),
            ),
        )

    def _tick(self, time: int, price: float) -> Iterator[Episode]:
        """Let time pass where no liquidation is told."""
        if self._wave is not None and self._wave.episode is not None:
            yield from self._ended(self._wave, time, price)

    def _ended(self, wave: _Wave, time: int, price: float) -> Iterator[Episode]:
        going = wave.episode
        if going is None:
            return
        if time - wave.busy_at >= FADED_FOR:
            why = "liquidations faded"
        elif time - wave.extreme_at >= STALLED:
            why = "price stalled"
        elif time - going.began >= LONGEST:
            why = "half an hour has gone by"
        else:
            return
        self._wave = None
        facts = (*going.facts, Fact("liquidations in all", wave.total, "USD"))
        over = replace(going, phase="over", time=time, price=price, ended=time, facts=facts)
        yield replace(over, why_ended=why)


def _of(step: Forced, side: PositionSide) -> float:
    return step.long_usd if side is PositionSide.LONG else step.short_usd


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
