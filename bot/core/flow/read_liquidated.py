"""Reading the last 24 hours of liquidations of one coin over its venues, or of all markets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bot.core.arrays import DAY, HOUR, MINUTE, Floats, Times, floats, times
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
    failures: tuple[str, ...] = (),
    *,
    simulated: bool = False,
) -> LiquidatedReading:
    """Sum up the 24 hours before `now` [ms] of markets of one coin; `base` empty: of all.

    Prices of one coin are counted as `base` counts it, those of all as each market does.
    """
    if base:
        told = [_counted(market, base) for market in told]
    rows = [_row(market, now) for market in told]
    by_venue: dict[str, Share] = {}
    by_coin: dict[str, Share] = {}
    for market, row in zip(told, rows, strict=True):
        for shares, name in (
            (by_venue, market.instrument.exchange),
            (by_coin, Coin.of(market.instrument.base).name),
        ):
            before = shares.get(name, Share(name))
            shares[name] = Share(name, before.hour + row.hour, before.day + row.day)
    venues = _ranked(by_venue)
    coverage = _coverage(told, now)
    events = [row.day_events for row in rows]
    candles = next((market.candles for market in told if market.candles is not None), None)
    return LiquidatedReading(
        base=base,
        as_of=now,
        hour=sum((row.hour for row in rows), Sums()),
        day=sum((row.day for row in rows), Sums()),
        classes=_classes(events, now),
        venues=venues,
        coins=_ranked(by_coin),
        coverage=tuple(coverage[share.name] for share in venues),
        largest=_largest(told, events),
        timeline=_timeline(told, events, now),
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
class _Row:
    day_events: Liquidations
    hour: Sums
    day: Sums


def _row(market: ToldMarket, now: int) -> _Row:
    events = _between(market.events, now - DAY, now)
    if market.events is None and market.totals is not None:
        sums = [_sums_of_totals(market.totals, since, now) for since in (now - HOUR, now - DAY)]
        return _Row(events, *sums)
    return _Row(events, _sums(_between(events, now - HOUR, now)), _sums(events))


def _between(events: Liquidations | None, start: int, end: int) -> Liquidations:
    """Return what happened after `start` and not after `end` [ms]."""
    if events is None:
        return none()
    first, last = np.searchsorted(events.time, [start, end], side="right")
    return events.sliced(slice(int(first), int(last)))


def _sums(events: Liquidations, part: NDArray[np.bool_] | None = None) -> Sums:
    value = events.value
    kept = np.ones(len(value), dtype=np.bool_) if part is None else part
    long, short = kept & (events.side > 0), kept & (events.side < 0)
    return Sums(
        float(value[long].sum()), float(value[short].sum()), int(long.sum()), int(short.sum())
    )


def _sums_of_totals(totals: LiquidationTotals, since: int, until: int) -> Sums:
    """Sum the intervals that begin within since..until [ms]; how many events is not known."""
    inside = (totals.time >= since) & (totals.time < until)
    return Sums(float(totals.long_usd[inside].sum()), float(totals.short_usd[inside].sum()))


def _ranked(shares: Mapping[str, Share]) -> tuple[Share, ...]:
    return tuple(sorted(shares.values(), key=lambda share: (-share.day.usd, share.name)))


def _classes(events: Sequence[Liquidations], now: int) -> tuple[Share, ...]:
    lows = [low for _, low in CLASSES]
    shares = []
    for place, (name, _) in enumerate(CLASSES):
        hour, day = Sums(), Sums()
        for each in events:
            inside = np.digitize(each.value, lows) - 1 == place
            day += _sums(each, inside)
            hour += _sums(each, inside & (each.time > now - HOUR))
        shares.append(Share(name, hour, day))
    return tuple(shares)


def _largest(
    told: Sequence[ToldMarket], events: Sequence[Liquidations]
) -> tuple[OneLiquidation, ...]:
    found: list[OneLiquidation] = []
    for market, each in zip(told, events, strict=True):
        top = np.argsort(-each.value, kind="stable")[:_LARGEST]
        columns = (each.time, each.side, each.price, each.value)
        rows = zip(*(column[top].tolist() for column in columns), strict=True)
        found += [OneLiquidation(market.instrument, *row) for row in rows]
    return tuple(sorted(found, key=lambda one: (-one.usd, -one.time))[:_LARGEST])


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


def _timeline(told: Sequence[ToldMarket], events: Sequence[Liquidations], now: int) -> Timeline:
    end = -(-now // BIN) * BIN
    edges = times(end - DAY + BIN * np.arange(_BINS + 1))
    long_usd, short_usd, heard = np.zeros(_BINS), np.zeros(_BINS), np.ones(_BINS)
    for market, each in zip(told, events, strict=True):
        value = each.value
        long_usd += np.histogram(each.time, edges, weights=np.where(each.side > 0, value, 0.0))[0]
        short_usd += np.histogram(each.time, edges, weights=np.where(each.side < 0, value, 0.0))[0]
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
