"""All that became known of one coin, on one venue or on several together, as one stream."""

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter

from bot.core.arrays import times
from bot.core.estimate.strips import interest_usd
from bot.core.market.heard import Heard
from bot.core.market.history import MarketHistory
from bot.core.signals.cascade import Feeds, told_of_waves
from bot.core.signals.events import Bar, Event, Forced, Look, bars, forced, in_order
from bot.core.signals.looks import walked

# A coin whose liquidations are told of by small venues alone is judged as if they were so much.
_LEAST_TOLD = 0.05


def told(
    histories: Sequence[MarketHistory], looks: Iterable[Look] | None = None
) -> Iterator[Event]:
    """Tell of one coin in the order in which it became known; `looks` where they are kept already.

    None of the candles may be forming. Of several venues the bars are those of the one that turns
    over most, with the turnover and open interest of all and their funding weighted by it.
    """
    told_bars = [bars(history) for history in histories]
    told_forced = [forced(history) for history in histories]
    one = len(histories) == 1
    yield from in_order(
        forced_together(in_order(*told_forced)) if not one else told_forced[0],
        told_bars[0] if one else bars_together(in_order(*told_bars)),
        walked(histories) if looks is None else looks,
    )


def forced_together(events: Iterable[Event]) -> Iterator[Forced]:
    """Sum the steps of several venues that ended at the same time."""
    steps = (event for event in events if isinstance(event, Forced))
    for time, group in groupby(steps, key=attrgetter("time")):
        parts = list(group)
        lows = [part.low for part in parts if not math.isnan(part.low)]
        highs = [part.high for part in parts if not math.isnan(part.high)]
        yield Forced(
            time,
            max(part.length for part in parts),
            sum(part.long_usd for part in parts),
            sum(part.short_usd for part in parts),
            min(lows, default=math.nan),
            max(highs, default=math.nan),
        )


def bars_together(events: Iterable[Event]) -> Iterator[Bar]:
    """Join the bars of several venues that closed at the same time."""
    closed = (event for event in events if isinstance(event, Bar))
    for _, group in groupby(closed, key=attrgetter("time")):
        parts = list(group)
        lead = max(parts, key=lambda bar: bar.turnover)
        known = [bar for bar in parts if not math.isnan(bar.interest)]
        paying = [bar for bar in known if not math.isnan(bar.funding)]
        weight = sum(bar.interest for bar in paying)
        yield Bar(
            lead.time,
            lead.open,
            lead.high,
            lead.low,
            lead.close,
            sum(bar.turnover for bar in parts),
            sum(bar.interest for bar in known) if known else math.nan,
            sum(bar.funding * bar.interest for bar in paying) / weight if weight else math.nan,
            lead.interval,
        )


def feeds(histories: Sequence[MarketHistory], at: int | None = None) -> Feeds:
    """Find out what is known of the feeds of one coin's liquidations, as of `at` [ms] or the end.

    What is held where none are told of is held unheard. The part that is told is rounded, so that
    it does not change with every gathering.
    """
    told = [each for each in histories if each.liquidations is not None]
    if not told:
        return Feeds(heard=Heard())
    spans = [span for each in told for span in (each.heard or Heard()).spans]
    everywhere, there = (sum(_held(each, at) for each in some) for some in (histories, told))
    part = told_of_waves([(each.liquidation_feed, _held(each, at)) for each in told])
    part *= there / everywhere if everywhere else 1.0
    always = any(each.heard is None for each in told)
    return Feeds(max(round(20 * part) / 20, _LEAST_TOLD), None if always else Heard.of(spans))


def _held(history: MarketHistory, at: int | None) -> float:
    """Open interest as known at a time [ms], or last; 0 where none is."""
    ends = history.candles.close_time[-1:]
    newest = interest_usd(history, ends if at is None else times([at]))
    held = float(newest[-1]) if len(newest) else math.nan
    return 0.0 if math.isnan(held) else held
