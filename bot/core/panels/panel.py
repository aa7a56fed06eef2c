"""Reading one figure of one coin on every venue, and of all together weighted by open interest."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from bot.core.arrays import DAY, HOUR, Floats, Times, floats
from bot.core.estimate.reading import StripSeries
from bot.core.instruments import Instrument
from bot.core.language import Said
from bot.core.market.history import MarketHistory
from bot.core.market.scale import scale, scaled, scaled_summary
from bot.core.market.summary import Summary
from bot.core.panels.reading import SPANS, Kind, Line, PanelReading
from bot.core.panels.standing import DAYS, standings
from bot.core.panels.venue import Venue, venue

SHOWN = 30 * DAY  # of a strip, at most

# Older than this, the present is called stale [ms].
_STALE = {Kind.FUNDING: 9 * HOUR, Kind.INTEREST: 2 * HOUR, Kind.RATIO: 3 * HOUR}
# A venue's open interest is in the sum of the past if it is known for this part of the longest one.
_TOLD = 0.9


def panel(
    kind: Kind,
    base: str,
    histories: Sequence[MarketHistory],
    summaries: Mapping[Instrument, Summary],
    as_of: int,
    asked: tuple[str, ...],
    failures: tuple[str | Said, ...],
) -> PanelReading:
    """Read a figure as known at `as_of` [ms], coins counted as `base` says.

    Every value is taken at whole hours before `as_of`, so that venues which tell it every five
    minutes and every eight hours weigh alike in a percentile.
    """
    hours = max(DAYS) * DAY // HOUR
    at = as_of - HOUR * np.arange(hours, -1, -1, dtype=np.int64)
    found: list[Venue] = []
    lacking: list[str] = []
    for history in histories:
        factor = scale(history.instrument.base, base)
        summary = summaries.get(history.instrument)
        if summary is not None:
            summary = scaled_summary(summary, factor)
        read = venue(kind, scaled(history, factor), summary, at, as_of)
        if read is None:
            lacking.append(history.instrument.exchange)
        else:
            found.append(read)
    found.sort(key=lambda each: -np.nan_to_num(each.now_usd))
    return PanelReading(
        kind=kind,
        base=base,
        as_of=as_of,
        start=_first(at, found, as_of),
        merged=_merged(kind, found, at, as_of) if found else None,
        venues=tuple(_line(kind, each, at, as_of) for each in found),
        lacking=tuple(lacking),
        asked=asked,
        failures=failures,
        simulated=any(history.simulated for history in histories),
    )


def _first(at: Times, venues: Sequence[Venue], as_of: int) -> int:
    """Where the longest strip begins [ms]: at least a day ago, and not before what is shown."""
    begun = [int(at[np.isfinite(v.value)][0]) for v in venues if np.isfinite(v.value).any()]
    return min(max(min(begun, default=as_of), as_of - SHOWN), as_of - DAY)


def _line(kind: Kind, read: Venue, at: Times, as_of: int) -> Line:
    interest = kind is Kind.INTEREST
    return Line(
        exchange=read.exchange,
        strip=StripSeries(at, read.value),
        now=read.now,
        as_of=read.told,
        stale=as_of - read.told > _STALE[kind],
        standings=standings(at, read.value, read.now, as_of),
        changes=_changes(read.value, read.now, relative=interest),
        interest_usd=read.now_usd,
        usd_changes=_changes(read.usd, read.now_usd, relative=True) if interest else (),
        interval=read.interval,
        due=read.due,
    )


def _changes(value: Floats, now: float, *, relative: bool) -> tuple[float, ...]:
    """Return how far `now` is from the values of earlier hours; the last value is of now."""
    before = [float(value[-1 - span // HOUR]) for span in SPANS.values()]
    if relative:
        return tuple(now / then - 1 if then > 0 else np.nan for then in before)
    return tuple(now - then for then in before)


def _merged(kind: Kind, venues: Sequence[Venue], at: Times, as_of: int) -> Line:
    """Sum open interest, or average what is weighted by it."""
    total = [each.now_usd for each in venues if np.isfinite(each.now_usd)]
    usd = float(sum(total)) if total else np.nan
    told = max(each.told for each in venues)
    if kind is Kind.INTEREST:
        past = _long_known(venues)
        both = _summed(past, len(at), told)
        now = float(sum(each.now for each in venues))
        return replace(
            _line(kind, both, at, as_of),
            now=now,
            interest_usd=usd,
            venues=tuple(each.exchange for each in past),
        )
    rows, nows = np.array([v.value for v in venues]), np.array([v.now for v in venues])
    if kind is Kind.RATIO:  # averages are of the share of accounts that are long
        rows, nows = rows / (1 + rows), nows / (1 + nows)
    weight = np.array([_weights(each) for each in venues])
    fresh = np.array([as_of - each.told <= _STALE[kind] for each in venues])
    if fresh.any():  # what is stale says nothing of now
        nows = np.where(fresh, nows, np.nan)
    value, (now,) = _mean(rows, weight), _mean(nows[:, None], weight[:, -1:]).tolist()
    shared = np.array(
        [_then_and_now(rows[:, -1 - span // HOUR], nows, weight) for span in SPANS.values()]
    )
    if kind is Kind.RATIO:
        value, now, shared = value / (1 - value), now / (1 - now), shared / (1 - shared)
    both = Venue("", value, weight.sum(axis=0), now, usd, told)
    return replace(
        _line(kind, both, at, as_of),
        changes=tuple((shared[:, 1] - shared[:, 0]).tolist()),
        venues=tuple(each.exchange for each in venues if np.isfinite(each.value).any()),
    )


def _then_and_now(then: Floats, nows: Floats, weight: Floats) -> Floats:
    """Average both over the venues that tell both, so that one which comes or goes is no change."""
    told = np.isfinite(then) & np.isfinite(nows)
    pairs = np.where(told[:, None], np.stack((then, nows), axis=1), np.nan)
    return _mean(pairs, np.repeat(weight[:, -1:], 2, axis=1))


def _long_known(venues: Sequence[Venue]) -> list[Venue]:
    """Return the venues that tell open interest for as long as any, or the sum would jump.

    One that has fallen silent is left out too, or the sum would end with it.
    """
    venues = [each for each in venues if np.isfinite(each.value[-1])] or venues
    lengths = [int(np.isfinite(each.value).sum()) for each in venues]
    least = max(_TOLD * max(lengths), 1)
    return [each for each, length in zip(venues, lengths, strict=True) if length >= least]


def _summed(venues: Sequence[Venue], count: int, told: int) -> Venue:
    if not venues:
        nothing = np.full(count, np.nan)
        return Venue("", nothing, nothing, np.nan, np.nan, told)
    value = np.array([each.value for each in venues]).sum(axis=0)
    usd = np.array([each.usd for each in venues]).sum(axis=0)
    now, now_usd = sum(each.now for each in venues), sum(each.now_usd for each in venues)
    return Venue("", value, usd, float(now), float(now_usd), told)


def _weights(read: Venue) -> Floats:
    """Return open interest at each time [USD]; what is usual where it is not told, or 0."""
    known = read.usd[np.isfinite(read.usd)]
    usual = float(np.median(known)) if len(known) else float(np.nan_to_num(read.now_usd))
    filled = np.where(np.isfinite(read.usd), read.usd, usual)
    if np.isfinite(read.now_usd):
        filled[-1] = read.now_usd
    return floats(filled)


def _mean(rows: Floats, weight: Floats) -> Floats:
    """Average the rows that are known at each time; all alike where nobody's weight is known."""
    known = np.isfinite(rows)
    weight = np.where(known, weight, 0.0)
    weight = np.where(weight.sum(axis=0) > 0, weight, known.astype(np.float64))
    total = weight.sum(axis=0)
    summed = (np.nan_to_num(rows) * weight).sum(axis=0)
    return floats(np.divide(summed, total, out=np.full(len(total), np.nan), where=total > 0))
