"""The sweep reversal: a dense cluster is gone, those in it were liquidated, and price turns.

    watching -> swept -> confirmed -> setup -> over
                  |          |
                  +-> over   +-> over (a new extreme after hours, or the trend is too strong)

Nothing is said before the sweep. Clusters are remembered as they stood before price came to them:
they thin out while it goes through, which may take more than one look at the map. What confirms a
sweep is a spike of realised liquidations on the swept side, by the market's own normal; what makes
it a setup is that no new extreme comes for two hours, and that there is more to win than to lose.
"""

import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from bot.core.arrays import DAY, HOUR, MINUTE
from bot.core.language import mark
from bot.core.market.heard import Heard
from bot.core.market.liquidations import PositionSide
from bot.core.signals.episode import Episode, Fact, Kind, Way
from bot.core.signals.events import Bar, Event, Forced, Look, Zone
from bot.core.signals.machine import Past, Size
from bot.core.signals.magnet import FURTHEST
from bot.core.signals.standing import BEYOND, Standing, overlap, sheltered
from bot.core.signals.trend import STRONG, Trend

# A cluster is worth a word from this size on, on a major market [USD].
SWEEP_USD = 200e6

# A cluster is swept when price has gone through so much of it. Half: its edges are known no better
# than that, and what stands in it is liquidated on the way.
THROUGH = 0.5

# A spike: the hour's liquidations of the swept side rank so high in the last thirty days, are so
# many times their mean (where hardly an hour has any, one small liquidation ranks above nearly
# all), and come within so long of the sweep.
SPIKE_RANK = 0.95
SPIKE_TIMES = 2.0
CONFIRM_WITHIN = 2 * HOUR

# Without a new extreme for so long it is a setup; one that is not one by then never will be.
CALM, LATEST = 2 * HOUR, 6 * HOUR

# What is to be won is at least so many times what is risked. A setup lasts so long [ms].
LEAST_REWARD = 1.0
LONGEST = DAY

# The target is the nearest that is worth it of the dense clusters the other way and half of the way
# back to where price came from within a day.
_HALF = 0.5
_PAST = 30 * DAY
_LEAST_PAST = 3 * DAY // HOUR

# An hour counts as heard if this part of it was; a feed that told of no liquidation at all for so
# long was not, whatever it says [ms].
_MOSTLY, _SILENT = 0.9, DAY


@dataclass(slots=True)
class SweepMachine:
    """Follows the sweeps of one market, or of a coin on several venues."""

    market: str
    heard: Heard | None = None  # when any of the feeds was, which may grow; None: always
    _size: Size = field(default_factory=Size)
    _trend: Trend = field(default_factory=Trend)
    _day: deque[Bar] = field(default_factory=deque)
    _zones: tuple[Zone, ...] = ()  # of the newest look
    _standing: list[Standing] = field(default_factory=list)
    _hour: dict[PositionSide, deque[tuple[int, float]]] = field(
        default_factory=lambda: {side: deque() for side in PositionSide}
    )
    _past: dict[PositionSide, Past] = field(
        default_factory=lambda: {side: Past(_PAST) for side in PositionSide}
    )
    _told: int | None = None  # [ms] when a liquidation was last told of
    _going: dict[PositionSide, "_Sweep"] = field(default_factory=dict)

    def take(self, event: Event) -> Iterator[Episode]:
        """Take in what became known."""
        if isinstance(event, Forced):
            self._told = event.time
            self._hour[PositionSide.LONG].append((event.time, event.long_usd))
            self._hour[PositionSide.SHORT].append((event.time, event.short_usd))
            yield from self._confirm(event.time)
        elif isinstance(event, Bar):
            self._size.take(event)
            before = self._trend.efficiency
            self._trend.take(event)
            yield from self._moved(event, before)
        else:
            self._settle(event.time)
            self._looked(event)

    def _last_hour(self, side: PositionSide, until: int) -> float:
        """Liquidations of one side in the hour before `until` [USD]."""
        rows = self._hour[side]
        while rows and rows[0][0] <= until - HOUR:
            rows.popleft()
        return sum(usd for _, usd in rows)

    def _settle(self, time: int) -> None:
        """Let the hour that is over become part of the past, if the feed was heard."""
        spans = ((0, HOUR),) if self.heard is None else self.heard.between(time - HOUR, time).spans
        if sum(end - start for start, end in spans) < _MOSTLY * HOUR:
            return
        if self._told is not None and time - self._told < _SILENT:
            for side, past in self._past.items():
                past.take(time, self._last_hour(side, time))

    def _looked(self, look: Look) -> None:
        """Remember the dense clusters that price has not come to, as they stand now."""
        self._zones = look.zones
        least = self._size.scaled(SWEEP_USD)
        kept = [each for each in self._standing if each.stands(look.time)]
        for zone in look.zones:
            if not zone.usd >= least or zone.distance(look.price) <= 0:
                continue
            known = [each for each in kept if overlap(each.zone, zone)]
            if any(each.touched is not None for each in known):
                continue  # what is left of one that price is in
            kept = [each for each in kept if each not in known]
            kept.append(Standing(zone, least, look.time))
        self._standing = kept

    def _confirm(self, time: int) -> Iterator[Episode]:
        for side, sweep in list(self._going.items()):
            if sweep.episode.phase != "swept" or time - sweep.swept > CONFIRM_WITHIN:
                continue
            usd, past = self._last_hour(side, time), self._past[side]
            least = max(past.at(SPIKE_RANK), SPIKE_TIMES * past.mean)
            if len(past) >= _LEAST_PAST and usd > 0 and usd >= least:
                spike = Fact(mark("liquidations in an hour"), usd, "USD", least, past.rank(usd))
                facts = (*sweep.episode.facts, spike)
                sweep.episode = replace(sweep.episode, phase="confirmed", time=time, facts=facts)
                yield sweep.episode

    def _moved(self, bar: Bar, trend: float) -> Iterator[Episode]:
        while self._day and self._day[0].time <= bar.time - DAY:
            self._day.popleft()
        for side, sweep in list(self._going.items()):
            yield from self._went_on(side, sweep, bar)
        yield from self._swept(bar, trend)
        self._day.append(bar)
        yield from self._confirm(bar.time)  # the spike may have been told before the bar closed

    def _swept(self, bar: Bar, trend: float) -> Iterator[Episode]:
        """See which clusters this bar came to, and which it has gone through."""
        kept = []
        for each in self._standing:
            zone, down = each.zone, each.zone.side is PositionSide.LONG
            if each.named > bar.time - bar.interval or not each.stands(bar.time):
                kept.append(each)  # the bar is older than the look, or told much too late
                continue
            if (bar.low <= zone.near) if down else (bar.high >= zone.near):
                each.touched = each.touched or bar.time
            deep = zone.near + THROUGH * (zone.far - zone.near)
            if not ((bar.low <= deep) if down else (bar.high >= deep)):
                kept.append(each)
                continue
            known = self._going.get(zone.side)
            if known is not None and known.episode.phase != "setup":
                known.grow(zone, bar)
                continue
            if known is None:
                yield self._began(each, bar, trend)
        self._standing = kept

    def _began(self, one: Standing, bar: Bar, trend: float) -> Episode:
        zone = one.zone
        down = zone.side is PositionSide.LONG
        way = Way.UP if down else Way.DOWN
        extreme = bar.low if down else bar.high
        day = [*self._day, bar]
        before = max(each.high for each in day) if down else min(each.low for each in day)
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
            stop=_stop(way, extreme, zone),
            invalidation=mark(
                "no spike of liquidations confirms it, or price keeps making new extremes"
            ),
            facts=(Fact(mark("cluster"), zone.usd, "USD", one.least),),
        )
        going = _Sweep(episode, extreme, bar.time, bar.time, before, trend, one.least)
        self._going[zone.side] = going
        return episode

    def _went_on(self, side: PositionSide, sweep: "_Sweep", bar: Bar) -> Iterator[Episode]:
        going, down = sweep.episode, side is PositionSide.LONG
        if going.phase == "setup":
            yield from self._trade(side, going, bar)
            return
        if bar.low < sweep.extreme if down else bar.high > sweep.extreme:
            sweep.extreme, sweep.extreme_at = (bar.low if down else bar.high), bar.time
        if going.phase == "swept" and bar.time - sweep.swept > CONFIRM_WITHIN:
            why = _NO_SPIKE if len(self._past[side]) >= _LEAST_PAST else _NOT_HEARD
            yield self._over(side, bar, "unconfirmed", why)
        elif bar.time - sweep.swept > LATEST:
            yield self._over(side, bar, "went on", mark("price kept making new extremes"))
        elif going.phase == "confirmed" and bar.time - sweep.extreme_at >= CALM:
            yield from self._set_up(side, sweep, bar)

    def _set_up(self, side: PositionSide, sweep: "_Sweep", bar: Bar) -> Iterator[Episode]:
        """Make a setup of a sweep that has calmed down, unless it should be left alone."""
        going, way = sweep.episode, sweep.episode.way
        stop = sheltered(_stop(way, sweep.extreme, going.zone), way, self._zones)
        target, reward = self._target(sweep, bar.close, stop)
        calm = (bar.time - sweep.extreme_at) / MINUTE
        facts = (
            *going.facts,
            Fact(
                mark("trend before it"), sweep.trend, "1", -way.sign * STRONG, least=way is Way.UP
            ),
            Fact(mark("no new extreme for"), calm, "min", CALM / MINUTE),
            Fact(mark("reward over risk"), reward, "1", LEAST_REWARD),
        )
        sweep.episode = replace(going, facts=facts, target=target, stop=stop)
        if not math.isnan(sweep.trend) and way.sign * sweep.trend <= -STRONG:
            yield self._over(
                side, bar, "against the trend", mark("the trend is too strong to be faded")
            )
        elif reward < LEAST_REWARD:
            yield self._over(side, bar, "too late", mark("less is left to win than is risked"))
        else:
            sweep.episode = replace(
                sweep.episode,
                phase="setup",
                time=bar.time,
                price=bar.close,
                invalidation=mark("price goes beyond the sweep's extreme"),
            )
            yield sweep.episode

    def _target(self, sweep: "_Sweep", price: float, stop: float) -> tuple[Zone, float]:
        """Return the nearest that is worth it: a dense cluster the other way, or half the way back.

        With it what is won there over what is risked.
        """
        way = sweep.episode.way
        side = PositionSide.SHORT if way is Way.UP else PositionSide.LONG
        risk = abs(price - stop)
        back = sweep.extreme + _HALF * (sweep.before - sweep.extreme)
        half = Zone(side, back, back, 0.0)
        near = (zone for zone in self._zones if zone.distance(price) <= FURTHEST)
        dense = (zone for zone in near if zone.side is side and zone.usd >= sweep.least)
        found = [(way.sign * (zone.near - price) / risk, zone) for zone in (half, *dense)]
        worth = [pair for pair in found if pair[0] >= LEAST_REWARD]
        reward, zone = min(worth, key=lambda pair: pair[0]) if worth else found[0]
        return zone, reward

    def _trade(self, side: PositionSide, going: Episode, bar: Bar) -> Iterator[Episode]:
        """Follow a setup to its target, its stop, or the end of its time."""
        if going.stop is None or going.target is None:
            return
        up = going.way is Way.UP
        if (bar.low <= going.stop) if up else (bar.high >= going.stop):
            yield self._over(side, bar, "wrong", mark("price went beyond the sweep's extreme"))
        elif (bar.high >= going.target.near) if up else (bar.low <= going.target.near):
            yield self._over(side, bar, "reached", mark("price came to the target"))
        elif bar.time - going.time >= LONGEST:
            yield self._over(side, bar, "expired", mark("a day has gone by"))

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
    swept: int  # [ms] when the last cluster was gone through
    before: float  # [quote/base] where price came from within a day
    trend: float  # before it began; nan if not known
    least: float  # [USD] of a dense cluster

    def grow(self, zone: Zone, bar: Bar) -> None:
        """Take in another cluster that the same move has gone through."""
        known = self.episode.zone
        if known is not None:
            low, high = min(known.low, zone.low), max(known.high, zone.high)
            whole = Zone(zone.side, low, high, known.usd + zone.usd)
            self.episode, self.swept = replace(self.episode, zone=whole), bar.time


_NO_SPIKE = mark("no spike of liquidations confirmed it")
_NOT_HEARD = mark("liquidations have not been heard long enough to tell a spike")


def _stop(way: Way, extreme: float, zone: Zone | None) -> float:
    """Return a stop beyond an extreme, and beyond the cluster that was swept [quote/base]."""
    at = [extreme] if zone is None else [extreme, zone.far]
    return (min(at) if way is Way.UP else max(at)) * (1 - way.sign * BEYOND)
