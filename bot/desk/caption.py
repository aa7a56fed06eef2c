"""A reading in words: what stands out, how it was made, how old it is."""

from collections.abc import Sequence
from datetime import UTC, datetime

from bot.core import figures
from bot.core.estimate.exact import ExactLayer
from bot.core.estimate.maps import Cluster, SweptCluster
from bot.core.estimate.reading import MapReading
from bot.core.instruments import venue_name
from bot.core.market.gaps import gaps
from bot.core.market.history import MarketHistory
from bot.core.market.liquidations import PositionSide
from bot.core.watches.mark import Mark
from bot.reply import described

# Open interest whose past is told counts as all of it from this part on.
_NEARLY_ALL = 0.99
# Stale venues that are named, the oldest first: with fifteen, no more fit under a picture.
_STALE = 3

SIMULATED = "SIMULATED – an invented market, not a real one."


def clock(at: int) -> str:
    """Write a time [ms] for people of any zone.

    >>> clock(1_764_547_200_000)
    '1 Dec 00:00 UTC'
    """
    moment = datetime.fromtimestamp(at / 1000, UTC)
    return f"{moment.day} {moment:%b %H:%M} UTC"


def headline(reading: MapReading, *, profile: bool) -> str:
    """Name the picture."""
    what = "liquidation map" if profile else "liquidation heatmap"
    span = "" if profile else f" · {reading.window.name}"
    return f"{reading.base} {what}{span} · {figures.price(reading.price)} {reading.quote}"


def holes(histories: Sequence[MarketHistory], reading: MapReading) -> tuple[str, ...]:
    """Say where candles of the window are missing, a line for each venue."""
    start = int(reading.heatmap.column_edges[0])
    said = []
    for history in histories:
        found = [gap for gap in gaps(history) if gap.series == "candles" and gap.end > start]
        if found:
            bars = sum(gap.missing for gap in found)
            lost = figures.span(bars * history.candles.interval)
            said.append(
                f"{venue_name(history.instrument.exchange)} lacks {lost} of candles,"
                f" last on {clock(found[-1].start)}."
            )
    return tuple(said)


def lines(reading: MapReading, *, profile: bool) -> tuple[str, ...]:
    """Say what the picture shows, the most useful first."""
    said = [SIMULATED] if reading.simulated else []
    said += [
        _nearest(reading, PositionSide.SHORT, "above"),
        _nearest(reading, PositionSide.LONG, "below"),
    ]
    if profile:
        said.append(_balance(reading))
    elif reading.swept:
        said.append(_swept(reading.swept[0]))
    said.append(_context(reading))
    said.append(f"Estimated from public data, never exact. Measured accuracy: {reading.grade}.")
    if reading.exact is not None:
        said.append(_exact(reading.exact))
    said.append(_freshness(reading))
    said += reading.failures
    return tuple(line for line in said if line)


def alt(reading: MapReading, *, profile: bool, mark: Mark | None = None) -> str:
    """Describe the picture to somebody who cannot see it, first what it points at."""
    first, *others = lines(reading, profile=profile)
    said = [first] if reading.simulated else []  # that it is comes before all
    if mark is not None:
        said.append(_marked(mark, reading))
    others = others if reading.simulated else [first, *others]
    return described(f"{headline(reading, profile=profile)}.", *said, *others)


def _marked(mark: Mark, reading: MapReading) -> str:
    since = f"Marked: {mark.label} {figures.since(mark.began, reading.as_of)} UTC"
    if mark.about is None:
        return f"{since}."
    low, high = figures.price(mark.about.low), figures.price(mark.about.high)
    return f"{since}, the cluster at {low}–{high}."


def _nearest(reading: MapReading, side: PositionSide, where: str) -> str:
    """Say which zone on one side is the largest."""
    zones = [cluster for cluster in reading.clusters if cluster.side is side]
    if not zones:
        return f"No cluster {where} the price stands out."
    return f"Largest {where}: {_zone(max(zones, key=lambda zone: zone.usd))}."


def _zone(zone: Cluster) -> str:
    who = "longs" if zone.side is PositionSide.LONG else "shorts"
    return (
        f"{figures.usd(zone.usd)} of {who} at {figures.price(zone.low)}–{figures.price(zone.high)}"
        f" ({zone.distance:+.1%}, range {figures.usd(zone.usd_low)}–{figures.usd(zone.usd_high)})"
    )


def _swept(zone: SweptCluster) -> str:
    who = "longs" if zone.side is PositionSide.LONG else "shorts"
    found = "" if zone.reported_usd is None else f", {figures.usd(zone.reported_usd)} reported"
    return (
        f"Last swept: {figures.price(zone.low)}–{figures.price(zone.high)} on {clock(zone.swept)},"
        f" {figures.usd(zone.usd)} of {who} estimated{found}."
    )


def _balance(reading: MapReading) -> str:
    below, above = float(reading.now.long_usd.sum()), float(reading.now.short_usd.sum())
    lean = "longs below" if below > above else "shorts above"
    return (
        f"On the map {figures.usd(below)} of longs below and {figures.usd(above)} of shorts above;"
        f" more {lean}."
    )


def _context(reading: MapReading) -> str:
    parts = []
    interest = reading.open_interest
    if interest is not None and len(interest.value):
        part = f"Open interest {figures.usd(reading.interest_usd)}"
        if interest.value[0] > 0:
            # Some venues tell only what stands now: they are in the sum, and not in its change.
            whole = interest.value[-1] > _NEARLY_ALL * reading.interest_usd
            where = "" if whole else " where its past is told"
            change = interest.value[-1] / interest.value[0] - 1
            part += f" ({change:+.1%} in {reading.window.name}{where})"
        parts.append(part)
    else:
        parts.append("No open interest to be had")
    if reading.funding is not None and len(reading.funding.value):
        parts.append(f"last funding {figures.percent(float(reading.funding.value[-1]))} for 8 h")
    else:
        parts.append("no funding to be had")
    return f"{', '.join(parts)}."


def _exact(layer: ExactLayer) -> str:
    share = "" if layer.share is None else f", {figures.percent(layer.share)} of open interest,"
    return f"Drawn apart: {layer.count:,} public positions{share} at their own liquidation prices."


def _freshness(reading: MapReading) -> str:
    names = ", ".join(venue_name(venue.exchange) for venue in reading.venues)
    stale = sorted(reading.stale, key=lambda venue: venue.as_of)
    old = "".join(
        f" · {venue_name(venue.exchange)} stale since {figures.since(venue.as_of, reading.as_of)}"
        for venue in stale[:_STALE]
    )
    old += f" · {len(stale) - _STALE} more stale" if len(stale) > _STALE else ""
    return f"{reading.freshness} ({names}) · data to {clock(reading.as_of)}{old}"
