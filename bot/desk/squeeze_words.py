"""Regimes in words, and what may be asked next."""

import math
from collections.abc import Iterator

from bot.core import figures
from bot.core.evidence.words import before, reached
from bot.core.instruments import venue_name
from bot.core.market.liquidations import PositionSide
from bot.core.signals.episode import Fact, Kind
from bot.core.signals.events import Zone
from bot.core.signals.regime_reading import CLUSTERS, Reading
from bot.core.signals.squeeze import SqueezeReading
from bot.desk import steps
from bot.desk.caption import SIMULATED, clock
from bot.desk.grades import is_unproven
from bot.desk.markets import Found
from bot.desk.requests import PanelRequest
from bot.reply import Button

SIDES = {PositionSide.LONG: "longs", PositionSide.SHORT: "shorts"}
NAMES = ("Funding for 8 h", "Open interest in a day", "Clusters within 5 %")
_RECENT = 3  # past occurrences told one by one
_AFTER = "4h"  # what followed them is told of this horizon
_VENUES = 6  # told one by one, those with a regime first


def regime(reading: Reading) -> str:
    """Name a regime and the side that is crowded.

    "maximum squeeze, longs crowded", "no regime"
    """
    if reading.kind is None:
        return "no regime"
    if reading.crowded is None:
        return reading.kind.value
    was = "were" if reading.kind is Kind.EXHAUSTION else "are"
    return f"{reading.kind.value}, {SIDES[reading.crowded]} {was} crowded"


def headline(reading: SqueezeReading) -> str:
    """Name the coin and its regime."""
    said = regime(reading.reading) if reading.reading is not None else "no regime can be named"
    return f"{reading.base} regime: {said}"


def lines(reading: SqueezeReading) -> tuple[str, ...]:
    """Say what the regime rests on, the most useful first."""
    said = [SIMULATED] if reading.simulated else []
    now = reading.reading
    if now is None or not now.facts:
        why = now.ends if now is not None else "its map has not been looked at yet"
        said.append(f"{why[:1].upper()}{why[1:]}.")
    else:
        said += [_standing(now, reading.as_of), *_facts(reading, now), _zone(now, reading.price)]
        said += _evidence(reading, now)
    if len(reading.venues) > 1:
        said += venues(reading)
    said.append(_grade(reading.grade))
    names = ", ".join(venue_name(each.exchange) for each in reading.venues)
    said.append(f"{reading.freshness} ({names}) · data to {clock(reading.as_of)}")
    said += reading.failures
    return tuple(line for line in said if line)


def _standing(now: Reading, as_of: int) -> str:
    """Say since when a regime is and what would end it, or what the nearest one lacks."""
    if now.kind is not None and now.since is not None:
        lasted = figures.span(as_of - now.since)
        how = f"Since {clock(now.since)} ({lasted})" if as_of > now.since else "Since just now"
        return f"{how}; {now.ends}."
    if now.nearest is None or now.side is None:
        return ""
    crowd = "" if now.crowded is not None else "Neither side is crowded. "
    if not any(now.passed):
        return f"{crowd}No reading speaks for a regime; {now.nearest.value} would take:"
    count = sum(now.passed)
    return f"{crowd}Nearest is {now.nearest.value} of {SIDES[now.side]}, {count} of 3: {now.ends}."


def _facts(reading: SqueezeReading, now: Reading) -> Iterator[str]:
    """Say each reading: its figure, its rank, what it takes."""
    for place, (name, fact, met) in enumerate(zip(NAMES, now.facts, now.passed, strict=True)):
        whose = f" ({SIDES[now.side]})" if place == CLUSTERS and now.side is not None else ""
        share = " of open interest" if place == CLUSTERS else ""
        value = figures.percent(fact.value, signed=place != CLUSTERS)
        if not math.isfinite(fact.value):
            yield f"✗ {name}: not known."
            continue
        ranks = _ranks(reading, now, place, fact)
        takes = takes_words(fact, signed=place != CLUSTERS, held=now.kind is not None)
        yield f"{'✓' if met else '✗'} {name}{whose}: {value}{share}, {ranks}{takes}."


def _ranks(reading: SqueezeReading, now: Reading, place: int, fact: Fact) -> str:
    """Say how high a figure ranks in its own past, and in a longer one where that is known."""
    rank, longer, days = fact.rank, fact.longer, now.longer_days
    found = reading.density
    if place == CLUSTERS and found is not None and found.days > max(days, 1.5 * now.days):
        longer, days = found.quarter, found.days
    said = f"{figures.standing(math.nan if rank is None else rank)} of {now.days:.0f} days"
    if longer is not None and math.isfinite(longer) and days > now.days + 1:
        said += f" and {figures.standing(longer)} of {days:.0f}"
    return said


def takes_words(fact: Fact, *, signed: bool, held: bool) -> str:
    """Say what a reading takes to pass, or a regime under way to hold."""
    if fact.threshold is None or not math.isfinite(fact.threshold):
        return ""
    level = figures.percent(fact.threshold, signed=signed)
    if held:
        return f"; holds {'above' if fact.least else 'below'} {level}"
    return f"; takes {'at least' if fact.least else 'at most'} {level}"


def _zone(now: Reading, price: float) -> str:
    if now.side is None:
        return ""
    if now.zone is None:
        return f"No cluster of {SIDES[now.side]} stands out."
    return f"Largest cluster of {SIDES[now.side]}: {zone_words(now.zone, price)}."


def zone_words(zone: Zone, price: float) -> str:
    """Say a zone: its dollars, its prices, how far it is."""
    away = zone.distance(price)
    how_far = (
        "the price is in it" if not away else figures.percent(zone.near / price - 1, signed=True)
    )
    prices = f"{figures.price(zone.low)}–{figures.price(zone.high)}"
    return f"{figures.usd(zone.usd)} at {prices} ({how_far})"


def _evidence(reading: SqueezeReading, now: Reading) -> Iterator[str]:
    """Say what followed past occurrences, together and the latest one by one."""
    if now.nearest is None:
        return
    over = f"Evidence {reading.over}. " if reading.over else ""
    yield f"{over}{before(now.nearest, reading.followed)}"
    yield reached(reading.followed)
    told = []
    for one in reading.past:
        after = next((each for each in one.after if each.horizon == _AFTER), None)
        if after is not None and one.moment is not None:
            told.append(f"{clock(one.moment.time)} {figures.percent(after.move, signed=True)}")
    if told:
        that_way = "" if now.nearest is Kind.EXHAUSTION else " against the crowd"
        yield f"Last here, move{that_way} in {_AFTER}: {'; '.join(told[:_RECENT])}."


def venues(reading: SqueezeReading) -> Iterator[str]:
    """Say the regime of each venue alone, those with one first."""
    waiting = set(reading.waiting)
    told = [each for each in reading.venues if each.exchange not in waiting]
    told.sort(key=lambda each: each.reading is None or each.reading.kind is None)
    for each in told[:_VENUES]:
        now = each.reading
        name = venue_name(each.exchange)
        if now is None or not now.facts:
            yield f"{name}: {now.ends if now is not None else 'nothing could be read'}."
            continue
        what = regime(now) if now.kind is not None else f"no regime, {sum(now.passed)} of 3"
        ranks = ", ".join(
            f"{name} {figures.percent(fact.value, signed=place != CLUSTERS)}"
            for place, (name, fact) in enumerate(
                zip(("funding", "open interest", "clusters"), now.facts, strict=True)
            )
        )
        yield f"{name}: {what} ({ranks})."
    if more := told[_VENUES:]:
        alike = sum(each.reading is not None and each.reading.kind is not None for each in more)
        yield f"{len(more)} more venues, {alike or 'none'} of them with a regime."
    if waiting:
        names = ", ".join(venue_name(each) for each in reading.waiting)
        yield f"Alone still being read: {names}. Ask again in a moment."


def _grade(grade: str) -> str:
    if is_unproven(grade):
        return "The map is unproven: the reading of clusters is a guess, and it raises no setup."
    return f"Measured accuracy of the map: {grade}."


def buttons(
    reading: SqueezeReading, request: PanelRequest, found: Found
) -> tuple[tuple[Button, ...], ...]:
    """Offer one venue alone, newer data, the other answers, all coins."""
    theme = (request.theme,) if request.theme else ()

    def words(named: tuple[str, ...], verb: str = "squeeze", *more: str) -> str:
        return " ".join((verb, found.symbol, *named, *theme, *more))

    here = request.venues
    zone = reading.reading.zone if reading.reading is not None else None
    what_if: list[Button] = []
    if zone is not None and zone.distance(reading.price):
        far = 100 * (zone.far / reading.price - 1)
        what_if = steps.step(f"What if {far:+.1f} %", words(here, "whatif", f"{far:+.1f}%"))
    return steps.rows(
        steps.venues(found, here, words),
        (
            *steps.step("Refresh", words(here, "squeeze", "refresh")),
            *steps.step("Explain", " ".join(("explain", found.symbol, *here))),
            *what_if,
        ),
        (
            *steps.step("Heatmap", words(here, "heatmap")),
            *steps.step("All coins", " ".join(("squeeze", *theme))),
        ),
    )
