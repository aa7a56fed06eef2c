"""A coin followed week by week: what is over is kept, what goes on is walked on with each hour."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from threading import Lock

from bot.core.arrays import DAY
from bot.core.market.history import MarketHistory
from bot.core.signals.events import Look
from bot.core.signals.looks import EVERY, Seen, Walker, look
from bot.core.signals.read import Signals
from bot.core.signals.weeks import Part, Week, begun, joined, known_since, part, weeks

# Most of what began in a week is over so long after it [ms]; a map is not walked further at once.
_SOON = 2 * DAY

# Maps on their way are kept for so many coins; of others they are walked to again.
_WALKERS_KEPT = 64
_COINS_KEPT = 200


@dataclass(slots=True)
class _Stretch:
    """One week of a coin, and how far it has been gone through."""

    week: Week
    looks: dict[int, Look] = field(default_factory=dict)  # by their time, in its order
    walkers: tuple[Walker, ...] = ()  # one a market; none: to be begun anew
    part: Part | None = None  # once nothing of it can change

    def look_on(self, histories: Sequence[MarketHistory], until: int, alone: "Alone") -> None:
        """Look at the map of the hours up to `until` [ms] that have not been looked at."""
        until = until // EVERY * EVERY
        if until <= max(self.looks, default=self.week.anchor):
            return
        cut = [
            replace(each, candles=each.candles.closed(until))
            for each in known_since(histories, self.week.anchor)
        ]
        self.walkers = self.walkers or tuple(Walker.of(each) for each in cut)
        by_time: dict[int, list[Seen]] = {}
        others: Sequence[Coin | None] = alone or [None] * len(cut)
        for walker, history, own in zip(self.walkers, cut, others, strict=True):
            for seen in walker.on(history):
                by_time.setdefault(seen.column.time, []).append(seen)
                if own is not None:
                    own.passed(self.week, look([seen]))
        for time in sorted(by_time):
            self.looks.setdefault(time, look(by_time[time]))


@dataclass(slots=True)
class Coin:
    """A coin on one venue, or on several together, as far as it has been gone through."""

    lock: Lock = field(default_factory=Lock)  # one reader at a time
    begun: int | None = None  # [ms] since when its past is known
    stretches: dict[int, _Stretch] = field(default_factory=dict)  # by their anchor

    def read(
        self, market: str, histories: Sequence[MarketHistory], alone: "Alone"
    ) -> tuple[Signals | None, tuple[Look, ...]]:
        """Read signals as `by_weeks` does, with the looks of each hour; what is known is kept.

        None of the candles may be forming. What is seen of each venue on the way is kept for
        whoever asks for it `alone`.
        """
        held = [each for each in histories if len(each.candles)]
        if not held:
            return None, ()
        if len(held) < len(histories):
            alone = ()
        until = _until(held)
        with self.lock:
            stretches = self._of(held)
            parts = [_part(market, each, held, until, alone) for each in stretches]
            looks = {
                time: found
                for each in stretches
                for time, found in each.looks.items()
                if each.week.since <= time < each.week.until
            }
        since = min(int(each.candles.open_time[0]) for each in held)
        return joined(parts, since), tuple(looks[time] for time in sorted(looks))

    def looks(self, histories: Sequence[MarketHistory]) -> tuple[Look, ...]:
        """Return the looks of the walk that tells of now, oldest first."""
        held = [each for each in histories if len(each.candles)]
        if not held:
            return ()
        with self.lock:
            newest = self._of(held)[-1]
            newest.look_on(held, _until(held), ())
            return tuple(newest.looks[time] for time in sorted(newest.looks))

    def passed(self, week: Week, found: Look) -> None:
        """Keep a look that was made on the way of others."""
        with self.lock:
            stretch = self.stretches.setdefault(week.anchor, _Stretch(week))
            if stretch.week == week and stretch.part is None:
                stretch.looks.setdefault(found.time, found)

    def forget_walkers(self) -> None:
        """Let go of maps on their way."""
        with self.lock:
            for each in self.stretches.values():
                each.walkers = ()

    def _of(self, held: Sequence[MarketHistory]) -> list[_Stretch]:
        """Return the weeks that are at hand, old ones as they were gone through."""
        begins, ends = begun(held), max(int(each.candles.close_time[-1]) for each in held)
        if self.begun is None or begins < self.begun - DAY:
            self.begun = begins
        wanted = [each for each in weeks(self.begun, ends) if each.until > begins]
        if any(each.anchor < begins and each.anchor not in self.stretches for each in wanted):
            self.begun, wanted = begins, [*weeks(begins, ends)]  # it was not read for weeks
        known = self.stretches
        self.stretches = {
            week.anchor: known[week.anchor]
            if week.anchor in known and known[week.anchor].week == week
            else _Stretch(week)
            for week in wanted
        }
        return [*self.stretches.values()]


def _until(held: Sequence[MarketHistory]) -> int:
    """Return until when all of some histories tell of their markets [ms]."""
    return min(int(each.candles.close_time[-1]) for each in held)


Alone = Sequence[Coin]  # each venue's own, in the order of the histories; none: there is only one


def _part(
    market: str, stretch: _Stretch, held: Sequence[MarketHistory], until: int, alone: Alone
) -> Part:
    if stretch.part is not None:
        return stretch.part
    week = stretch.week

    def looks(*_: object) -> Iterable[Look]:
        return stretch.looks.values()

    limit = min(week.until + _SOON, until)
    stretch.look_on(held, limit, alone)
    found = part(market, week, held, looks)
    if not found.final and limit < until:
        limit = until
        stretch.look_on(held, limit, alone)
        found = part(market, week, held, looks)
    if found.final and limit > week.until:
        stretch.part, stretch.walkers = found, ()
    return found


class Coins:
    """All coins that are followed; those least recently asked for are forgotten."""

    def __init__(self, most: int = _COINS_KEPT) -> None:
        self._most = most
        self._known: OrderedDict[str, Coin] = OrderedDict()

    def of(self, name: str) -> Coin:
        """Return what is known of a coin."""
        coin = self._known.setdefault(name, Coin())
        self._known.move_to_end(name)
        while len(self._known) > self._most:
            self._known.popitem(last=False)
        return coin

    def tidy(self) -> None:
        """Keep maps on their way of those only that were asked for last."""
        for coin in [*self._known.values()][:-_WALKERS_KEPT]:
            coin.forget_walkers()
