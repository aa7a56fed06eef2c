"""The magnet: the larger of the two nearest dense clusters draws the price.

Whoever follows it takes his profit before the cluster and never holds through it; what happens in
it is a sweep. A cluster on the other side that comes to draw more takes its place. One magnet at a
time: which is next hangs on which was before, so that a chain of them is begun anew each week (see
weeks.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from bot.core.arrays import HOUR
from bot.core.language import mark
from bot.core.market.liquidations import PositionSide
from bot.core.signals.episode import Episode, Fact, Kind, Way
from bot.core.signals.events import Bar, Event, Look, Zone
from bot.core.signals.machine import Size
from bot.core.signals.standing import GONE, alike, sheltered, still

# A cluster draws from this size on, on a major market [USD], and within this distance [fraction].
MAGNET_USD = 300e6
NEAREST, FURTHEST = 0.005, 0.05

# It must hold so much more than the nearest dense one on the other side, or neither draws.
LARGER = 1.25

# A cluster on the other side takes its place once it has held that much more for so long [ms].
OUTDRAWN = 6 * HOUR

# It goes on drawing while this part of it stands, and while price is not this much further off.
_STANDS, _AWAY = 0.6, 1.5

# A cluster that ended so does not draw anew while it stands.
_FAILED = ("wrong", "expired")

# Profit is taken so far before the cluster [fraction], and after so long it did not draw [ms].
BEFORE = 0.001
LONGEST = 48 * HOUR


@dataclass(slots=True)
class MagnetMachine:
    """Follows the magnet of one market, or of a coin on several venues."""

    market: str
    _size: Size = field(default_factory=Size)
    _episode: Episode | None = None
    _named: int = 0  # [ms] when a look last named the cluster that draws
    _against: int | None = None  # [ms] since when a cluster on the other side has drawn more
    _failed: Zone | None = None  # the last that did not draw; it does not begin again

    def take(self, event: Event) -> Iterator[Episode]:
        """Take in a bar or a look."""
        if isinstance(event, Bar):
            self._size.take(event)
            yield from self._moved(event)
        elif isinstance(event, Look):
            yield from self._looked(event)

    def _moved(self, bar: Bar) -> Iterator[Episode]:
        """End the episode if price came to the cluster, or went where it is wrong."""
        going = self._episode
        if going is None or going.zone is None or going.stop is None:
            return
        up = going.way is Way.UP
        take = profit(going.zone)
        reached = bar.high >= take if up else bar.low <= take
        wrong = bar.low <= going.stop if up else bar.high >= going.stop
        if wrong:  # of two in one bar the worse is believed
            yield self._over(going, bar.time, bar.close, "wrong", mark("price went the other way"))
        elif reached:
            yield self._over(
                going, bar.time, bar.close, "reached", mark("price came to the cluster")
            )
        elif bar.time - going.began >= LONGEST:
            yield self._over(
                going, bar.time, bar.close, "expired", mark("it did not draw in two days")
            )

    def _looked(self, look: Look) -> Iterator[Episode]:
        going, least = self._episode, self._size.scaled(MAGNET_USD)
        found = drawing(look, least)
        if going is not None and going.zone is not None:
            if not self._outdrawn(going.zone, found, look.time):
                yield from self._stood(going, going.zone, look)
                return
            why = mark("a cluster on the other side draws more")
            yield self._over(going, look.time, look.price, "outdrawn", why)
        if self._failed is not None:
            if alike(self._failed, look.zones):
                self._named = look.time
            elif look.time - self._named >= GONE:
                self._failed = None
        if found is not None and not (self._failed and alike(self._failed, [found[0]])):
            yield self._begun(look, *found, least)

    def _outdrawn(self, zone: Zone, found: tuple[Zone, Zone | None] | None, time: int) -> bool:
        """Say whether the other side has drawn more for long enough."""
        if found is None or found[0].side is zone.side:
            self._against = None
            return False
        self._against = self._against or time
        return time - self._against >= OUTDRAWN

    def _begun(self, look: Look, zone: Zone, other: Zone | None, least: float) -> Episode:
        way = Way.UP if zone.side is PositionSide.SHORT else Way.DOWN
        distance = zone.distance(look.price)
        facts = [
            Fact(mark("cluster"), zone.usd, "USD", least),
            Fact(mark("distance"), distance, "fraction", FURTHEST, least=False),
            Fact(mark("strength"), strength(zone, look.price, least), "1"),
        ]
        if other is not None:
            facts.append(
                Fact(mark("cluster on the other side"), other.usd, "USD", zone.usd / LARGER)
            )
        self._named = look.time
        self._episode = Episode(
            Kind.MAGNET,
            self.market,
            "draws",
            began=look.time,
            time=look.time,
            price=look.price,
            began_price=look.price,
            way=way,
            zone=zone,
            target=zone,
            stop=sheltered(look.price * (1 - way.sign * distance), way, look.zones),
            invalidation=mark(
                "price goes as far the other way, the cluster thins out or is outdrawn"
            ),
            facts=tuple(facts),
        )
        return self._episode

    def _stood(self, going: Episode, zone: Zone, look: Look) -> Iterator[Episode]:
        """End the episode if the map no longer bears it out."""
        usd = still(zone, look.zones)
        if zone.distance(look.price) > _AWAY * FURTHEST:
            yield self._over(
                going, look.time, look.price, "away", mark("price is too far off by now")
            )
        elif usd < _STANDS * zone.usd and (usd or look.time - self._named >= GONE):
            yield self._over(
                going, look.time, look.price, "dissolved", mark("the cluster thinned out")
            )
        elif usd:
            self._named = look.time

    def _over(self, going: Episode, time: int, price: float, phase: str, why: str) -> Episode:
        self._episode, self._against = None, None
        self._failed = going.zone if phase in _FAILED else None
        return replace(going, phase=phase, time=time, price=price, ended=time, why_ended=why)


def drawing(look: Look, least: float) -> tuple[Zone, Zone | None] | None:
    """Return the cluster that draws and the nearest dense one on the other side, if there is one.

    None if no cluster of `least` [USD] is near, or if those on both sides are as large.
    """
    nearest: dict[PositionSide, Zone] = {}
    for zone in look.zones:
        if zone.usd >= least and NEAREST <= zone.distance(look.price) <= FURTHEST:
            known = nearest.get(zone.side)
            if known is None or zone.distance(look.price) < known.distance(look.price):
                nearest[zone.side] = zone
    if not nearest:
        return None
    larger = max(nearest.values(), key=lambda zone: zone.usd)
    other = next((zone for zone in nearest.values() if zone is not larger), None)
    if other is not None and larger.usd < LARGER * other.usd:
        return None
    return larger, other


def strength(zone: Zone, price: float, least: float) -> float:
    """How strongly a cluster draws [1]: its size over the least, less with its distance.

    >>> zone = Zone(PositionSide.SHORT, 102.5, 103.0, 600e6)
    >>> round(strength(zone, 100.0, 300e6), 3)
    1.0
    """
    return zone.usd / least * (1 - zone.distance(price) / FURTHEST)


def profit(zone: Zone) -> float:
    """Return where profit is taken: a little before the cluster [quote/base]."""
    return zone.near * (1 + BEFORE if zone.side is PositionSide.LONG else 1 - BEFORE)
