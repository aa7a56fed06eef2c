"""The sweep reversal: a dense cluster is gone, those in it were liquidated, and price turns.

    watching -> swept -> confirmed -> setup -> over
                  |          |
                  +-> over   +-> over (a new extreme after hours, or the trend is too strong)

Nothing is said before the sweep. What confirms it is a spike of realised liquidations on the swept
side; what makes it a setup is that no new extreme comes for two hours.
"""

import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from bot.core.arrays import DAY, HOUR, MINUTE
from bot.core.market.liquidations import PositionSide
from bot.core.signals.episode import Episode, Fact, Kind, Way
from bot.core.signals.events import Bar, Event, Forced, Look, Zone
from bot.core.signals.machine import Past, Size
from bot.core.signals.trend import STRONG, Trend

# A cluster is worth a word from this size on, on a major market [USD].
SWEEP_USD = 200e6

# A spike: the hour's liquidations of the swept side rank so high in the market's last thirty days,
# and come within so long of the sweep.
SPIKE_RANK = 0.95
CONFIRM_WITHIN = 2 * HOUR

# Without a new extreme for so long it is a setup; one that is not one by then never will be.
CALM, LATEST = 2 * HOUR, 4 * HOUR

# The stop stands beyond the extreme by this much [fraction], and the setup lasts so long [ms].
BEYOND = 0.002
LONGEST = DAY

# The target is the nearest cluster the other way, or half of what was lost if there is none.
_HALF = 0.5
_PAST = 30 * DAY
_LEAST_PAST = 3 * DAY // HOUR


@dataclass(slots=True)
class SweepMachine:
    """Follows the sweeps of one market, or of a coin on several venues."""

    market: str
    _size: Size = field(default_factory=Size)
    _trend: Trend = field(default_factory=Trend)
    _look: Look | None = None
    _hour: dict[PositionSide, deque[tuple[int, float]]] = field(
        default_factory=lambda: {side: deque() for side in PositionSide}
    )
    _past: dict[PositionSide, Past] = field(
        default_factory=lambda: {side: Past(_PAST) for side in PositionSide}
    )
    _hours: int = 0  # [hours since 1970] until when the past has been taken in
    _going: dict[PositionSide, "_Sweep"] = field(default_factory=dict)

    def take(self, event: Event) -> Iterator[Episode]:
        """Take in what became known."""
        if isinstance(event, Forced):
            self._forced(event)
            yield from self._confirm(event.time)
        elif isinstance(event, Bar):
            self._size.take(event)
            self._trend.take(event)
            yield from self._moved(event)
        else:
            self._settle(event.time)
            self._look = event

    def _forced(self, event: Forced) -> None:
        for side, usd in (
            (PositionSide.LONG, event.long_usd),
            (PositionSide.SHORT, event.short_usd),
        ):
            self._hour[side].append((event.time, usd))

    def _last_hour(self, side: PositionSide, until: int) -> float:
        """Liquidations of one side in the hour before `until` [USD]."""
        rows = self._hour[side]
        while rows and rows[0][0] <= until - HOUR:
            rows.popleft()
        return sum(usd for _, usd in rows)

    def _settle(self, time: int) -> None:
        """Let the hour that is over become part of the past."""
        for side in PositionSide:
            self._past[side].take(time, self._last_hour(side, time))

    def _confirm(self, time: int) -> Iterator[Episode]:
        for side, sweep in list(self._going.items()):
            if sweep.episode.phase != "swept" or time - sweep.episode.began > CONFIRM_WITHIN + HOUR:
                continue
            usd, past = self._last_hour(side, time), self._past[side]
            rank = past.rank(usd)
            if len(past) >= _LEAST_PAST and usd > 0 and rank >= SPIKE_RANK:
                spike = Fact("liquidations in an hour", usd, "USD", past.at(SPIKE_RANK), rank)
                facts = (*sweep.episode.facts, spike)
                sweep.episode = replace(sweep.episode, phase="confirmed", time=time, facts=facts)
                yield sweep.episode

    def _moved(self, bar: Bar) -> Iterator[Episode]:
        for side, sweep in list(self._going.items()):
            yield from self._went_on(side, sweep, bar)
        yield from self._swept(bar)
        yield from self._confirm(bar.time)  # the spike may have been told before the bar closed

    def _swept(self, bar: Bar) -> Iterator[Episode]:
        """See whether a cluster of the last look before this bar was gone through by it."""
        look = self._look
        if look is None or look.time > bar.time - bar.interval:
            return
        least = self._size.scaled(SWEEP_USD)
        gone = [zone for zone in look.zones if _through(zone, bar)]
        # What was swept is not there to be swept again before the next look.
        self._look = replace(look, zones=tuple(zone for zone in look.zones if zone not in gone))
        for zone in gone:
            down = zone.side is PositionSide.LONG
            if not zone.usd >= least or zone.distance(look.price) <= 0:
                continue
            known = self._going.get(zone.side)
            if known is not None:
                known.grow(zone)
                continue
            way = Way.UP if down else Way.DOWN
            extreme = bar.low if down else bar.high
            episode = Episode(
                Kind.SWEEP,
                self.market,
                "swept",
                began=bar.time,
                time=bar.time,
                price=bar.close,
                began_price=bar.close,
                way=way,
                zone=zone,
                stop=_stop(way, extreme),
                invalidation="a new extreme before price has turned",
                facts=(Fact("cluster", zone.usd, "USD", least),),
            )
            self._going[zone.side] = _Sweep(episode, extreme, bar.time, look.price)
            yield episode

    def _went_on(self, side: PositionSide, sweep: "_Sweep", bar: Bar) -> Iterator[Episode]:
        going, down = sweep.episode, side is PositionSide.LONG
        beyond = bar.low < sweep.extreme if down else bar.high > sweep.extreme
        if going.phase == "setup":
            yield from self._trade(side, going, bar)
            return
        if beyond:
            sweep.extreme, sweep.extreme_at = (bar.low if down else bar.high), bar.time
        if going.phase == "swept" and bar.time - going.began > CONFIRM_WITHIN:
            yield self._over(side, bar, "unconfirmed", "no spike of liquidations confirmed it")
        elif bar.time - going.began > LATEST + CALM:
            yield self._over(side, bar, "went on", "price kept making new extremes")
        elif going.phase == "confirmed" and bar.time - sweep.extreme_at >= CALM:
            yield from self._set_up(side, sweep, bar)

    def _set_up(self, side: PositionSide, sweep: "_Sweep", bar: Bar) -> Iterator[Episode]:
        going, trend = sweep.episode, self._trend.efficiency
        against = going.way.sign * trend <= -STRONG
        facts = (*going.facts, Fact("trend", trend, "1", -going.way.sign * STRONG))
        if against and not math.isnan(trend):
            sweep.episode = replace(going, facts=facts)
            yield self._over(side, bar, "against the trend", "the trend is too strong to be faded")
            return
        calm = Fact("time without a new extreme", (bar.time - sweep.extreme_at) / MINUTE, "min")
        sweep.episode = replace(
            going,
            phase="setup",
            time=bar.time,
            price=bar.close,
            target=self._target(going.way, bar.close, sweep),
            stop=_stop(going.way, sweep.extreme),
            invalidation="price goes beyond the sweep's extreme",
            facts=(*facts, calm),
        )
        yield sweep.episode

    def _target(self, way: Way, price: float, sweep: "_Sweep") -> Zone:
        """Return the nearest cluster the other way, or half of the way back."""
        side = PositionSide.SHORT if way is Way.UP else PositionSide.LONG
        zones = self._look.zones if self._look is not None else ()
        ahead = [zone for zone in zones if zone.side is side and zone.distance(price) > BEYOND]
        if ahead:
            return min(ahead, key=lambda zone: zone.distance(price))
        back = sweep.extreme + _HALF * (sweep.before - sweep.extreme)
        at = max(back, price * (1 + BEYOND)) if way is Way.UP else min(back, price * (1 - BEYOND))
        return Zone(side, at, at, 0.0)

    def _trade(self, side: PositionSide, going: Episode, bar: Bar) -> Iterator[Episode]:
        """Follow a setup to its target, its stop, or the end of its time."""
        if going.stop is None or going.target is None:
            return
        up = going.way is Way.UP
        if (bar.low <= going.stop) if up else (bar.high >= going.stop):
            yield self._over(side, bar, "wrong", "price went beyond the sweep's extreme")
        elif (bar.high >= going.target.near) if up else (bar.low <= going.target.near):
            yield self._over(side, bar, "reached", "price came to the target")
        elif bar.time - going.time >= LONGEST:
            yield self._over(side, bar, "expired", "a day has gone by")

    def _over(self, side: PositionSide, bar: Bar, phase: str, why: str) -> Episode:
        going = self._going.pop(side).episode
        ended = replace(going, phase=phase, time=bar.time, price=bar.close, ended=bar.time)
        return replace(ended, why_ended=why)


@dataclass(slots=True)
class _Sweep:
    """A sweep under way."""

    episode: Episode
    extreme: float  # [quote/base]
    extreme_at: int  # [ms]
    before: float  # [quote/base] price before the sweep

    def grow(self, zone: Zone) -> None:
        """Take in another cluster that the same move has gone through."""
        known = self.episode.zone
        if known is not None:
            whole = Zone(
                zone.side,
                min(known.low, zone.low),
                max(known.high, zone.high),
                known.usd + zone.usd,
            )
            self.episode = replace(self.episode, zone=whole)


def _stop(way: Way, extreme: float) -> float:
    """Return a stop beyond an extreme [quote/base]."""
    return extreme * (1 - way.sign * BEYOND)


def _through(zone: Zone, bar: Bar) -> bool:
    """Say whether a bar went through a cluster to its far edge."""
    return bar.low <= zone.far if zone.side is PositionSide.LONG else bar.high >= zone.far
