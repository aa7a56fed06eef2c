"""Reading the last 24 hours of liquidations of one coin over its venues, or of all markets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from bot.core.arrays import DAY, HOUR, MINUTE, Floats, Signs, Times, floats, times
from bot.core.flow.liquidated import (
    CLASSES,
    Coverage,
    LiquidatedReading,
    OneLiquidation,
    Share,
    Sums,
    Timeline,
    ToldMarket,
)
from bot.core.instruments import Coin
from bot.core.language import Said
from bot.core.market.heard import Heard
from bot.core.market.liquidations import Liquidations, LiquidationTotals, none
from bot.core.market.scale import scale, scaled_candles

BIN = 15 * MINUTE  # [ms] of the timeline
_BINS = DAY // BIN
_LARGEST = 12  # single liquidations that are told

# A feed not heard for longer than this [ms] is deaf now: notes of hearing come some 10 s late.
_DEAF = MINUTE


def read_liquidated(
    base: str,
    told: Sequence[ToldMarket],
    now: int,
    asked: tuple[str, ...],
    failures: tuple[str | Said, ...] = (),
    *,
    simulated: bool = False,
) -> LiquidatedReading:
    """Sum up the 24 hours before `now` [ms] of markets of one coin; `base` empty: of all.

    Prices of one coin are counted as `base` counts it, those of all as each market does.
    """
    if base:
        told = [_counted(market, base) for market in told]
    day = _day(told, now)
    hours, days = _by_market(told, day, now - HOUR), _by_market(told, day, now - DAY)
    by_venue: dict[str, Share] = {}
    by_coin: dict[str, Share] = {}
    for market, in_hour, in_day in zip(told, hours, days, strict=True):
        for shares, name in (
            (by_venue, market.instrument.exchange),
            (by_coin, Coin.of(market.instrument.base).name),
        ):
            before = shares.get(name, Share(name))
            shares[name] = Share(name, before.hour + in_hour, before.day + in_day)
    venues = _ranked(by_venue)
    coverage = _coverage(told, now)
    candles = next((market.candles for market in told if market.candles is not None), None)
    return LiquidatedReading(
        base=base,
        as_of=now,
        hour=sum(hours, Sums()),
        day=sum(days, Sums()),
        classes=_classes(day, now),
        venues=venues,
        coins=_ranked(by_coin),
        coverage=tuple(coverage[share.name] for share in venues),
        largest=_largest(told, day),
        timeline=_timeline(told, day, now),
        candles=None if candles is None or not base else candles.since(now - DAY),
        asked=asked,
        failures=failures,
        simulated=simulated,
    )


def _counted(market: ToldMarket, base: str) -> ToldMarket:
    factor = scale(market.instrument.base, base)
    if factor == 1:
        return market
    events, candles = market.events, market.candles
    return replace(
        market,
        events=events
        and Liquidations(events.time, events.side, events.price * factor, events.quantity / factor),
        candles=candles and scaled_candles(candles, factor),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Day:
    """Every event of the last day, of all markets; arrays have shape (N,)."""

    market: Times  # its place among the markets
    time: Times  # [ms] UTC
    side: Signs
    price: Floats  # [quote/base]
    usd: Floats

    def sums(self, group: Times, count: int, since: int) -> list[Sums]:
        """Sum what happened after `since` [ms] by the `group` of each event, one of `count`."""
        columns = []
        for sign in (1, -1):
            kept = (self.side == sign) & (self.time > since)
            usd = np.bincount(group[kept], self.usd[kept], minlength=count)
            columns.append((usd.tolist(), np.bincount(group[kept], minlength=count).tolist()))
        (long_usd, longs), (short_usd, shorts) = columns
        rows = zip(long_usd, short_usd, longs, shorts, strict=True)
        return [Sums(*row) for row in rows]


def _day(told: Sequence[ToldMarket], now: int) -> _Day:
    parts = [_between(market.events, now - DAY, now) for market in told]
    place = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    parts.append(none())  # so that there is something to join
    time, side, price, usd = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("time", "side", "price", "value")
    )
    return _Day(times(place), time, side, price, usd)


def _between(events: Liquidations | None, start: int, end: int) -> Liquidations:
    """Return what happened after `start` and not after `end` [ms]."""
    if events is None:
        return none()
    first, last = np.searchsorted(events.time, [start, end], side="right")
    return events.sliced(slice(int(first), int(last)))


def _by_market(told: Sequence[ToldMarket], day: _Day, since: int) -> list[Sums]:
    """Sum each market since a time [ms]; those that tell no events by their own sums."""
    return [
        sums
        if market.events is not None or market.totals is None
        else _totals(market.totals, since)
        for market, sums in zip(told, day.sums(day.market, len(told), since), strict=True)
    ]


def _totals(totals: LiquidationTotals, since: int) -> Sums:
    """Sum the intervals that begin at `since` [ms] or later; how many events is not known."""
    inside = totals.time >= since
    return Sums(float(totals.long_usd[inside].sum()), float(totals.short_usd[inside].sum()))


def _ranked(shares: Mapping[str, Share]) -> tuple[Share, ...]:
    return tuple(sorted(shares.values(), key=lambda share: (-share.day.usd, share.name)))


def _classes(day: _Day, now: int) -> tuple[Share, ...]:
    group = times(np.maximum(np.digitize(day.usd, [low for _, low in CLASSES]) - 1, 0))
    hours, days = (day.sums(group, len(CLASSES), now - length) for length in (HOUR, DAY))
    names = (name for name, _ in CLASSES)
    return tuple(Share(*each) for each in zip(names, hours, days, strict=True))


def _largest(told: Sequence[ToldMarket], day: _Day) -> tuple[OneLiquidation, ...]:
    top = np.lexsort((-day.time, -day.usd))[:_LARGEST]
    columns = (day.market, day.time, day.side, day.price, day.usd)
    rows = zip(*(column[top].tolist() for column in columns), strict=True)
    return tuple(OneLiquidation(told[place].instrument, *rest) for place, *rest in rows)


def _coverage(told: Sequence[ToldMarket], now: int) -> dict[str, Coverage]:
    """Say of each exchange how well its worst heard market was heard."""
    found: dict[str, Coverage] = {}
    for market in told:
        heard = _heard(market, now)
        day, hour = (
            sum(end - start for start, end in heard.between(now - length, now).spans) / length
            for length in (DAY, HOUR)
        )
        until = heard.spans[-1][1] if heard.spans else None
        name = market.instrument.exchange
        if name not in found or day < found[name].heard:
            deaf = None if until == now else until
            found[name] = Coverage(name, market.feed, day, hour, deaf)
    return found


def _heard(market: ToldMarket, now: int) -> Heard:
    """When a market was heard; until now, if its newest note is only moments old."""
    if market.heard is None:
        always = market.events is not None or market.totals is not None
        return Heard(((0, now),)) if always else Heard()
    spans = [(a, now if now - _DEAF <= b else b) for a, b in market.heard.spans]
    return Heard.of(spans).between(0, now)


def _timeline(told: Sequence[ToldMarket], day: _Day, now: int) -> Timeline:
    end = -(-now // BIN) * BIN
    edges = times(end - DAY + BIN * np.arange(_BINS + 1))
    heard = np.ones(_BINS)
    long_usd, short_usd = (
        np.histogram(day.time, edges, weights=np.where(day.side == sign, day.usd, 0.0))[0]
        for sign in (1, -1)
    )
    for market in told:
        totals = market.totals
        if market.events is None and totals is not None:
            long_usd += np.histogram(totals.time, edges, weights=totals.long_usd)[0]
            short_usd += np.histogram(totals.time, edges, weights=totals.short_usd)[0]
        heard = np.minimum(heard, _heard_bins(_heard(market, now), edges, now))
    return Timeline(edges, floats(long_usd), floats(short_usd), floats(heard))


def _heard_bins(heard: Heard, edges: Times, now: int) -> Floats:
    """How much of each bin was heard [fraction], of the last one as far as it has come."""
    low, high = edges[:-1], np.minimum(edges[1:], now)
    length = np.zeros(len(low))
    for start, end in heard.spans:
        length += np.clip(np.minimum(high, end) - np.maximum(low, start), 0, None)
    return floats(length / np.maximum(high - low, 1))
