"""The regime of a market: funding, open interest and clusters, read at once.

    regime            funding        open interest    clusters on the crowded side
    maximum squeeze   extreme        rising           dense
    fuel gauge        moderate       rising           building
    exhaustion        falling back   falling          already swept

Each reading is ranked among the market's own last thirty days and must also pass a floor that does
not depend on them, so that a quiet month does not make a small figure an extreme one. A regime
begins when all three readings pass, and lasts until one of them fails by a margin.
"""

import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from bot.core.arrays import DAY, HOUR
from bot.core.market.liquidations import PositionSide
from bot.core.signals.episode import Episode, Fact, Kind, Way
from bot.core.signals.events import Bar, Event, Look, Zone
from bot.core.signals.machine import Past

# What is usual is what was in so many days; with fewer than these there is nothing usual yet.
USUAL_DAYS, LEAST_DAYS = 30, 7

# What longs pay for eight hours when neither side presses: most venues' formula has it built in.
NEUTRAL = 0.0001

# Funding is extreme from this rank on, and this far from neutral [fraction for 8 h]; the second
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

_DAY_OF_LOOKS = DAY // HOUR


@dataclass(frozen=True, slots=True)
class Reading:
    """A market's regime at one time, with what it rests on."""

    time: int  # [ms] UTC
    price: float  # [quote/base]
    kind: Kind | None  # None: no regime
    crowded: PositionSide | None  # None: nothing says which
    facts: tuple[Fact, ...]  # funding, open interest, clusters
    passed: tuple[bool, ...]  # whether each fact speaks for the regime named, or the nearest one
    nearest: Kind | None  # the regime that is, or that most readings speak for
    since: int | None  # [ms] UTC; None: no regime
    ends: str  # in words: what would end it, or what is missing for one
    days: float  # of the market's own past that ranks rest on
    zone: Zone | None = None  # the largest cluster of the crowded side


@dataclass(frozen=True, slots=True)
class _Row:
    """One hour."""

    time: int
    price: float
    funding: float
    coins: float  # open interest [base]
    near: tuple[float, float]  # share of open interest near the price, longs and shorts


@dataclass(slots=True)
class RegimeMachine:
    """Follows the regime of one market, or of a coin on several venues."""

    market: str
    reading: Reading | None = None
    _bar: Bar | None = None
    _rows: deque[_Row] = field(default_factory=deque)
    _funding: Past = field(default_factory=lambda: Past(USUAL_DAYS * DAY))
    _change: Past = field(default_factory=lambda: Past(USUAL_DAYS * DAY))
    _near: tuple[Past, Past] = field(
        default_factory=lambda: (Past(USUAL_DAYS * DAY), Past(USUAL_DAYS * DAY))
    )
    _episode: Episode | None = None
    _failed: int | None = None  # [ms] since when the regime under way has failed

    def take(self, event: Event) -> Iterator[Episode]:
        """Take in a bar or a look; a look settles the reading of its hour."""
        if isinstance(event, Bar):
            self._bar = event
        elif isinstance(event, Look) and self._bar is not None and event.interest > 0:
            yield from self._settle(event, self._bar)

    def _settle(self, look: Look, bar: Bar) -> Iterator[Episode]:
        row = _Row(
            look.time,
            look.price,
            bar.funding,
            bar.interest / bar.close,
            (look.long_near / look.interest, look.short_near / look.interest),
        )
        self._rows.append(row)
        while self._rows[0].time < row.time - WAS_WITHIN:
            self._rows.popleft()
        change = self._day_change()
        self._funding.take(row.time, row.funding)
        self._change.take(row.time, change)
        for past, share in zip(self._near, row.near, strict=True):
            past.take(row.time, share)
        before = self.reading.kind if self.reading else None
        self.reading = self._read(look, row, change, before)
        yield from self._tell(self.reading)

    def _day_change(self) -> float:
        """Change of open interest [base] in a day [fraction]; nan before a day was seen."""
        now = self._rows[-1]
        then = next((row for row in self._rows if row.time >= now.time - DAY), now)
        if then.time > now.time - DAY + 2 * HOUR:
            return math.nan
        return now.coins / then.coins - 1

    def _read(self, look: Look, row: _Row, change: float, before: Kind | None) -> Reading:
        side = _crowded(row.funding)
        days = self._funding.days
        if side is None or days < LEAST_DAYS:
            why = (
                "no funding is published"
                if side is None
                else (f"{days:.0f} days of its own past are too few to say what is usual")
            )
            return Reading(row.time, row.price, None, side, (), (), None, None, why, days)
        of_side = {
            kind: self._judged(kind, side, row, change, eased=kind is before)
            for kind in (Kind.SQUEEZE, Kind.EXHAUSTION, Kind.FUEL)
        }
        was = self._was(row)
        if was is not None and was is not side:
            of_side[Kind.EXHAUSTION] = self._judged(
                Kind.EXHAUSTION, was, row, change, eased=before is Kind.EXHAUSTION
            )
        kind = self._held(next((k for k, judged in of_side.items() if all(judged[1])), None), row)
        nearest = kind or max(of_side, key=lambda each: sum(of_side[each][1]))
        facts, passed = of_side[nearest]
        if nearest is Kind.EXHAUSTION and was is not None:
            side = was
        same = kind is not None and self.reading is not None and self.reading.kind is kind
        since = row.time if not same or self.reading is None else self.reading.since
        zone = next((zone for zone in look.zones if zone.side is side), None)
        return Reading(
            row.time,
            row.price,
            kind,
            side,
            facts,
            passed,
            nearest,
            since if kind else None,
            _ends(kind, nearest, passed, facts),
            days,
            zone,
        )

    def _held(self, kind: Kind | None, row: _Row) -> Kind | None:
        """Hold on to the regime under way until it has failed for a while or another begins."""
        going = self._episode.kind if self._episode else None
        if kind is not None or going is None:
            self._failed = None
            return kind
        self._failed = self._failed or row.time
        return going if row.time - self._failed < GRACE else None

    def _judged(
        self, kind: Kind, side: PositionSide, row: _Row, change: float, *, eased: bool
    ) -> tuple[tuple[Fact, ...], tuple[bool, ...]]:
        """Measure the three readings for a regime, and say which of them pass."""
        ease_rank, ease = (_EASE_RANK, _EASE) if eased else (0.0, 1.0)
        sign = side.value
        tilt = sign * (row.funding - NEUTRAL)
        rank = self._rank(row.funding, side)
        paid, moved = self._funding.rank(row.funding), self._change.rank(change)
        place = 0 if side is PositionSide.LONG else 1
        share, past = row.near[place], self._near[place]
        dense = past.rank(share)
        day_ago = self._day_of(place)
        if kind is Kind.SQUEEZE:
            funding = (rank >= EXTREME_RANK - ease_rank) and tilt >= EXTREME_FLOOR * ease
            asked = EXTREME_FLOOR
            interest = moved >= RISE_RANK - ease_rank and change >= RISE_FLOOR * ease
            clusters, least = dense >= DENSE_RANK - ease_rank, past.at(DENSE_RANK)
            rise = RISE_FLOOR
        elif kind is Kind.FUEL:
            funding = (rank >= MODERATE_RANK - ease_rank) and tilt >= MODERATE_FLOOR * ease
            asked = MODERATE_FLOOR
            interest = moved >= BUILD_RANK - ease_rank and change >= BUILD_FLOOR * ease
            grown = 1 + (BUILDING - 1) * ease
            clusters = dense >= BUILDING_RANK - ease_rank and share >= day_ago[0] * grown
            least, rise = day_ago[0] * BUILDING, BUILD_FLOOR
        else:
            peak = self._peak(side)
            funding = peak > 0 and tilt <= peak * (1 - LOST * ease)
            asked = peak * (1 - LOST)
            interest = moved <= 1 - RISE_RANK + ease_rank and change <= -RISE_FLOOR * ease
            clusters = share <= day_ago[1] * (1 - SWEPT * ease)
            least, rise = day_ago[1] * (1 - SWEPT), -RISE_FLOOR
        facts = (
            Fact("funding for 8 h", row.funding, "fraction", NEUTRAL + sign * asked, paid),
            Fact("open interest in a day", change, "fraction", rise, moved),
            Fact("clusters near the price", share, "fraction", least, dense),
        )
        return facts, (bool(funding), bool(interest), bool(clusters))

    def _day_of(self, place: int) -> tuple[float, float]:
        """Share near the price a day ago, and the most there was since."""
        lately = [row.near[place] for row in self._rows if row.time >= self._rows[-1].time - DAY]
        return lately[0], max(lately)

    def _peak(self, side: PositionSide) -> float:
        """How far funding lately was from neutral towards a side; 0 if it was not high for it."""
        tilts = [
            side.value * (row.funding - NEUTRAL)
            for row in self._rows
            if self._rank(row.funding, side) >= WAS_RANK
        ]
        most = max(tilts, default=0.0)
        return most if most >= MODERATE_FLOOR else 0.0

    def _was(self, row: _Row) -> PositionSide | None:
        """Return the side that was crowded lately, if one was."""
        peaks = {side: self._peak(side) for side in PositionSide}
        side = max(peaks, key=lambda each: peaks[each])
        return side if peaks[side] > 0 and not math.isnan(row.funding) else None

    def _rank(self, funding: float, side: PositionSide) -> float:
        rank = self._funding.rank(funding)
        return rank if side is PositionSide.LONG else 1 - rank

    def _tell(self, reading: Reading) -> Iterator[Episode]:
        """End the episode under way if its regime is over, go on with it, or begin another."""
        going = self._episode
        if going is not None:
            if reading.kind is going.kind:
                self._episode = replace(
                    going, time=reading.time, price=reading.price, facts=reading.facts
                )
            else:
                self._episode = None
                yield replace(
                    going,
                    phase="over",
                    time=reading.time,
                    price=reading.price,
                    ended=reading.time,
                    why_ended=reading.ends,
                )
        if reading.kind is not None and self._episode is None:
            self._episode = _episode(self.market, reading, reading.kind)
            yield self._episode


def _episode(market: str, reading: Reading, kind: Kind) -> Episode:
    """Begin an episode. A crowd is squeezed against its side; exhaustion points nowhere."""
    way = Way.NONE
    if kind is not Kind.EXHAUSTION and reading.crowded is not None:
        way = Way.DOWN if reading.crowded is PositionSide.LONG else Way.UP
    return Episode(
        kind,
        market,
        "on",
        began=reading.time,
        time=reading.time,
        price=reading.price,
        began_price=reading.price,
        way=way,
        zone=reading.zone,
        target=reading.zone if way is not Way.NONE else None,
        invalidation=reading.ends,
        facts=reading.facts,
    )


def _crowded(funding: float) -> PositionSide | None:
    if math.isnan(funding):
        return None
    return PositionSide.LONG if funding >= NEUTRAL else PositionSide.SHORT


_TURNS = {
    Kind.SQUEEZE: (
        "funding leaves its extreme",
        "open interest stops rising",
        "the clusters on the crowded side are swept or dissolve",
    ),
    Kind.FUEL: (
        "funding goes back to neutral",
        "open interest stops rising",
        "the clusters on the crowded side thin out",
    ),
    Kind.EXHAUSTION: (
        "funding turns back to its extreme",
        "open interest rises again",
        "new clusters build up",
    ),
}
_LACKS = {
    Kind.SQUEEZE: ("funding is not extreme", "open interest does not rise", "clusters are thin"),
    Kind.FUEL: ("funding is neutral", "open interest does not rise", "clusters do not build up"),
    Kind.EXHAUSTION: (
        "funding has not fallen back from an extreme",
        "open interest does not fall",
        "the crowded side was not swept",
    ),
}


def _ends(
    kind: Kind | None, nearest: Kind, passed: tuple[bool, ...], _facts: tuple[Fact, ...]
) -> str:
    """Say what would end a regime, or what is missing for the nearest one."""
    if kind is not None:
        return "it ends when " + ", or ".join(_TURNS[kind])
    missing = [said for said, met in zip(_LACKS[nearest], passed, strict=True) if not met]
    return ", and ".join(missing)
