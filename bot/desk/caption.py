"""A reading in words: what stands out, how it was made, how old it is."""

from collections.abc import Sequence

from bot.core import figures
from bot.core.estimate.exact import ExactLayer
from bot.core.estimate.maps import Cluster, SweptCluster
from bot.core.estimate.reading import MapReading, StripSeries
from bot.core.instruments import venue_name
from bot.core.judge.grade import MEASURING
from bot.core.language import mark, say, say_of
from bot.core.market.gaps import gaps
from bot.core.market.history import MarketHistory
from bot.core.market.liquidations import PositionSide
from bot.core.watches.mark import Mark
from bot.reply import described

# Open interest whose past is told counts as all of it from this part on.
_NEARLY_ALL = 0.99
# Stale venues that are named, the oldest first: with seventeen, no more fit under a picture.
_STALE = 3

SIMULATED = mark("SIMULATED – an invented market, not a real one.")


def clock(at: int) -> str:
    """Write a time [ms] for people of any zone.

    >>> clock(1_764_547_200_000)
    '1 Dec 00:00 UTC'
    """
    return f"{figures.day(at)} {figures.clock(at)} UTC"


def headline(reading: MapReading, *, profile: bool) -> str:
    """Name the picture."""
    price = f"{figures.price(reading.price)} {reading.quote}"
    if profile:
        return say("{coin} liquidation map · {price}", coin=reading.base, price=price)
    return say(
        "{coin} liquidation heatmap · {window} · {price}",
        coin=reading.base,
        window=reading.window.name,
        price=price,
    )


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
                say(
                    "{venue} lacks {span} of candles, last on {time}.",
                    venue=venue_name(history.instrument.exchange),
                    span=lost,
                    time=clock(found[-1].start),
                )
            )
    return tuple(said)


def lines(reading: MapReading, *, profile: bool) -> tuple[str, ...]:
    """Say what the picture shows, the most useful first."""
    said = [say(SIMULATED)] if reading.simulated else []
    said += [
        _nearest(reading, PositionSide.SHORT),
        _nearest(reading, PositionSide.LONG),
    ]
    if profile:
        said.append(_balance(reading))
    elif reading.swept:
        said.append(_swept(reading.swept[0]))
    said.append(_context(reading))
    said.append(_accuracy(reading))
    if reading.exact is not None:
        said.append(_exact(reading.exact))
    said.append(_freshness(reading))
    said += map(str, reading.failures)
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
    since = figures.since(mark.began, reading.as_of)
    if mark.about is None:
        return say("Marked: {what} {since} UTC.", what=say(mark.label), since=since)
    return say(
        "Marked: {what} {since} UTC, the cluster at {low}–{high}.",
        what=say(mark.label),
        since=since,
        low=figures.price(mark.about.low),
        high=figures.price(mark.about.high),
    )


def _nearest(reading: MapReading, side: PositionSide) -> str:
    """Say which zone on one side is the largest."""
    zones = [cluster for cluster in reading.clusters if cluster.side is side]
    if not zones and side is PositionSide.LONG:
        return say("No cluster below the price stands out.")
    if not zones:
        return say("No cluster above the price stands out.")
    zone = _zone(max(zones, key=lambda zone: zone.usd))
    if side is PositionSide.LONG:
        return say("Largest below: {zone}.", zone=zone)
    return say("Largest above: {zone}.", zone=zone)


def _zone(zone: Cluster) -> str:
    return say(
        "{size} of {side} at {low}–{high} ({distance}, range {least}–{most})",
        size=figures.usd(zone.usd),
        side=_side(zone.side),
        low=figures.price(zone.low),
        high=figures.price(zone.high),
        distance=figures.percent(zone.distance, signed=True),
        least=figures.usd(zone.usd_low),
        most=figures.usd(zone.usd_high),
    )


def _side(side: PositionSide) -> str:
    return say_of("side", "longs") if side is PositionSide.LONG else say_of("side", "shorts")


def _swept(zone: SweptCluster) -> str:
    about = {
        "low": figures.price(zone.low),
        "high": figures.price(zone.high),
        "time": clock(zone.swept),
        "size": figures.usd(zone.usd),
        "side": _side(zone.side),
    }
    if zone.reported_usd is None:
        return say("Last swept: {low}–{high} on {time}, {size} of {side} estimated.", **about)
    return say(
        "Last swept: {low}–{high} on {time}, {size} of {side} estimated, {reported} reported.",
        **about,
        reported=figures.usd(zone.reported_usd),
    )


def _balance(reading: MapReading) -> str:
    below, above = float(reading.now.long_usd.sum()), float(reading.now.short_usd.sum())
    sizes = {"below": figures.usd(below), "above": figures.usd(above)}
    if below > above:
        return say(
            "On the map {below} of longs below and {above} of shorts above; more longs below.",
            **sizes,
        )
    return say(
        "On the map {below} of longs below and {above} of shorts above; more shorts above.", **sizes
    )


def _context(reading: MapReading) -> str:
    parts = []
    interest = reading.open_interest
    if interest is not None and len(interest.value):
        parts.append(_interest(reading, interest))
    else:
        parts.append(say("No open interest to be had"))
    if reading.funding is not None and len(reading.funding.value):
        rate = figures.percent(float(reading.funding.value[-1]))
        parts.append(say("last funding {rate} for 8 h", rate=rate))
    else:
        parts.append(say("no funding to be had"))
    return f"{', '.join(parts)}."


def _interest(reading: MapReading, past: StripSeries) -> str:
    size = figures.usd(reading.interest_usd)
    if not past.value[0] > 0:
        return say("Open interest {size}", size=size)
    moved = float(past.value[-1] / past.value[0]) - 1
    change = {"change": figures.percent(moved, signed=True), "window": reading.window.name}
    # Some venues tell only what stands now: they are in the sum, and not in its change.
    if past.value[-1] > _NEARLY_ALL * reading.interest_usd:
        return say("Open interest {size} ({change} in {window})", size=size, **change)
    return say(
        "Open interest {size} ({change} in {window} where its past is told)", size=size, **change
    )


def _accuracy(reading: MapReading) -> str:
    if reading.grade == MEASURING:
        return say("Estimated from public data, never exact. Its accuracy is being measured.")
    return say(
        "Estimated from public data, never exact. Measured accuracy: {grade}.", grade=reading.grade
    )


def _exact(layer: ExactLayer) -> str:
    count = f"{layer.count:,}"
    if layer.share is None:
        return say(
            "Drawn apart: {count} public positions at their own liquidation prices.", count=count
        )
    return say(
        "Drawn apart: {count} public positions, {share} of open interest, at their own "
        "liquidation prices.",
        count=count,
        share=figures.percent(layer.share),
    )


def _freshness(reading: MapReading) -> str:
    names = ", ".join(venue_name(venue.exchange) for venue in reading.venues)
    stale = sorted(reading.stale, key=lambda venue: venue.as_of)
    said = [f"{reading.freshness} ({names})", say("data to {time}", time=clock(reading.as_of))]
    said += [
        say(
            "{venue} stale since {when}",
            venue=venue_name(venue.exchange),
            when=figures.since(venue.as_of, reading.as_of),
        )
        for venue in stale[:_STALE]
    ]
    if len(stale) > _STALE:
        said.append(say("{count} more stale", count=len(stale) - _STALE))
    return " · ".join(said)
