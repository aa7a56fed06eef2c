"""Regimes in words, and what may be asked next."""

import math
from collections.abc import Iterator

from bot.core import figures
from bot.core.evidence.words import before, reached
from bot.core.instruments import venue_name
from bot.core.language import Said, mark, say
from bot.core.market.liquidations import PositionSide
from bot.core.signals.episode import Fact, Kind
from bot.core.signals.events import Zone
from bot.core.signals.names import capital, kind_name, side_name
from bot.core.signals.regime_reading import CLUSTERS, FUNDING, INTEREST, Reading
from bot.core.signals.squeeze import SqueezeReading
from bot.desk import sources, steps
from bot.desk.caption import SIMULATED, clock
from bot.desk.grades import is_unproven
from bot.desk.markets import Found
from bot.desk.requests import PanelRequest
from bot.reply import Button

NAMES = (mark("Funding for 8 h"), mark("Open interest in a day"), mark("Clusters within 5 %"))
_RECENT = 3  # past occurrences told one by one
_AFTER = "4h"  # what followed them is told of this horizon
_VENUES = 6  # told one by one, those with a regime first

# A regime and the side that is crowded in it.
_CROWDED = {
    (Kind.SQUEEZE, PositionSide.LONG): mark("maximum squeeze, longs are crowded"),
    (Kind.SQUEEZE, PositionSide.SHORT): mark("maximum squeeze, shorts are crowded"),
    (Kind.FUEL, PositionSide.LONG): mark("fuel gauge, longs are crowded"),
    (Kind.FUEL, PositionSide.SHORT): mark("fuel gauge, shorts are crowded"),
    (Kind.EXHAUSTION, PositionSide.LONG): mark("exhaustion, longs were crowded"),
    (Kind.EXHAUSTION, PositionSide.SHORT): mark("exhaustion, shorts were crowded"),
}


def regime(reading: Reading) -> str:
    """Name a regime and the side that is crowded.

    "maximum squeeze, longs are crowded", "no regime"
    """
    if reading.kind is None:
        return say("no regime")
    if reading.crowded is None:
        return kind_name(reading.kind)
    return say(_CROWDED[reading.kind, reading.crowded])


def headline(reading: SqueezeReading) -> str:
    """Name the coin and its regime."""
    if reading.reading is None:
        return say("{coin} regime: no regime can be named", coin=reading.base)
    return say("{coin} regime: {regime}", coin=reading.base, regime=regime(reading.reading))


def lines(reading: SqueezeReading) -> tuple[str, ...]:
    """Say what the regime rests on, the most useful first."""
    said = [say(SIMULATED)] if reading.simulated else []
    now = reading.reading
    if now is None or not now.facts:
        why = now.ends if now is not None else say("its map has not been looked at yet")
        said.append(f"{capital(why)}.")
    else:
        said += [_standing(now, reading.as_of), *_facts(reading, now), _zone(now, reading.price)]
        said += _evidence(reading, now)
    if len(reading.venues) > 1:
        said += venues(reading)
    said.append(_grade(reading.grade))
    there = [each.exchange for each in reading.venues]
    said.append(sources.told(there, reading.asked, reading.as_of))
    said += map(str, reading.failures)
    return tuple(line for line in said if line)


def _standing(now: Reading, as_of: int) -> str:
    """Say since when a regime is and what would end it, or what the nearest one lacks."""
    if now.kind is not None and now.since is not None:
        if as_of <= now.since:
            return say("Since just now; {ends}.", ends=now.ends)
        lasted = figures.span(as_of - now.since)
        return say(
            "Since {time} ({span}); {ends}.", time=clock(now.since), span=lasted, ends=now.ends
        )
    if now.nearest is None or now.side is None:
        return ""
    nearest, side = kind_name(now.nearest), side_name(now.side)
    if not any(now.passed):
        said = say("No reading speaks for a regime; {regime} would take:", regime=nearest)
    else:
        said = say(
            "Nearest is {regime} of {side}, {count} of 3: {lacks}.",
            regime=nearest,
            side=side,
            count=sum(now.passed),
            lacks=now.ends,
        )
    return said if now.crowded is not None else say("Neither side is crowded.") + " " + said


def _facts(reading: SqueezeReading, now: Reading) -> Iterator[str]:
    """Say each reading: its figure, its rank, what it takes."""
    for place, (name, fact, met) in enumerate(zip(NAMES, now.facts, now.passed, strict=True)):
        if not math.isfinite(fact.value):
            yield "✗ " + say("{reading}: not known.", reading=say(name))
            continue
        value = figures.percent(fact.value, signed=place != CLUSTERS)
        ranks = _ranks(reading, now, place, fact)
        takes = takes_words(fact, signed=place != CLUSTERS, held=now.kind is not None)
        what = say(name)
        if place == CLUSTERS:
            value = say("{share} of open interest", share=value)
            what += f" ({side_name(now.side)})" if now.side is not None else ""
        yield f"{'✓' if met else '✗'} {what}: {value}, {ranks}{takes}."


def _ranks(reading: SqueezeReading, now: Reading, place: int, fact: Fact) -> str:
    """Say how high a figure ranks in its own past, and in a longer one where that is known."""
    rank, longer, days = fact.rank, fact.longer, now.longer_days
    found = reading.density
    if place == CLUSTERS and found is not None and found.days > max(days, 1.5 * now.days):
        longer, days = found.quarter, found.days
    told = {
        "standing": figures.standing(math.nan if rank is None else rank),
        "days": f"{now.days:.0f}",
    }
    if longer is not None and math.isfinite(longer) and days > now.days + 1:
        return say(
            "{standing} of {days} days and {longer} of {more}",
            **told,
            longer=figures.standing(longer),
            more=f"{days:.0f}",
        )
    return say("{standing} of {days} days", **told)


def takes_words(fact: Fact, *, signed: bool, held: bool) -> str:
    """Say what a reading takes to pass, or a regime under way to hold."""
    if fact.threshold is None or not math.isfinite(fact.threshold):
        return ""
    level = figures.percent(fact.threshold, signed=signed)
    if held:
        takes = say("holds above {level}", level=level)
        if not fact.least:
            takes = say("holds below {level}", level=level)
    else:
        takes = say("takes at least {level}", level=level)
        if not fact.least:
            takes = say("takes at most {level}", level=level)
    return f"; {takes}"


def _zone(now: Reading, price: float) -> str:
    if now.side is None:
        return ""
    side = side_name(now.side)
    if now.zone is None:
        return say("No cluster of {side} stands out.", side=side)
    return say("Largest cluster of {side}: {zone}.", side=side, zone=zone_words(now.zone, price))


def zone_words(zone: Zone, price: float) -> str:
    """Say a zone: its dollars, its prices, how far it is."""
    how_far = figures.percent(zone.near / price - 1, signed=True)
    if not zone.distance(price):
        how_far = say("the price is in it")
    return say(
        "{size} at {low}–{high} ({distance})",
        size=figures.usd(zone.usd),
        low=figures.price(zone.low),
        high=figures.price(zone.high),
        distance=how_far,
    )


def _evidence(reading: SqueezeReading, now: Reading) -> Iterator[str]:
    """Say what followed past occurrences, together and the latest one by one."""
    if now.nearest is None:
        return
    followed = before(now.nearest, reading.followed)
    if reading.over:
        followed = say("Evidence {over}.", over=reading.over) + " " + followed
    yield followed
    yield reached(reading.followed)
    told = []
    for one in reading.past:
        after = next((each for each in one.after if each.horizon == _AFTER), None)
        if after is not None and one.moment is not None:
            told.append(f"{clock(one.moment.time)} {figures.percent(after.move, signed=True)}")
    moves = "; ".join(told[:_RECENT])
    if told and now.nearest is Kind.EXHAUSTION:
        yield say("Last here, move in {horizon}: {moves}.", horizon=_AFTER, moves=moves)
    elif told:
        yield say(
            "Last here, move against the crowd in {horizon}: {moves}.", horizon=_AFTER, moves=moves
        )


def venues(reading: SqueezeReading) -> Iterator[str]:
    """Say the regime of each venue alone, those with one first."""
    waiting = set(reading.waiting)
    told = [each for each in reading.venues if each.exchange not in waiting]
    told.sort(key=lambda each: each.reading is None or each.reading.kind is None)
    for each in told[:_VENUES]:
        yield f"{venue_name(each.exchange)}: {_alone(each.reading)}."
    if more := told[_VENUES:]:
        alike = sum(each.reading is not None and each.reading.kind is not None for each in more)
        if alike:
            yield say(
                "{count} more venues, {alike} of them with a regime.", count=len(more), alike=alike
            )
        else:
            yield say("{count} more venues, none of them with a regime.", count=len(more))
    if waiting:
        names = sources.names(reading.waiting)
        yield say("Alone still being read: {venues}. Ask again in a moment.", venues=names)


def _alone(now: Reading | None) -> str:
    """Say the regime of a venue with its readings."""
    if now is None:
        return say("nothing could be read")
    if not now.facts:
        return now.ends
    what = regime(now)
    if now.kind is None:
        what = say("no regime, {count} of 3", count=sum(now.passed))
    return say(
        "{regime} (funding {funding}, open interest {change}, clusters {share})",
        regime=what,
        funding=figures.percent(now.facts[FUNDING].value, signed=True),
        change=figures.percent(now.facts[INTEREST].value, signed=True),
        share=figures.percent(now.facts[CLUSTERS].value),
    )


def _grade(grade: str | Said) -> str:
    if is_unproven(grade):
        return say(
            "The map is unproven: the reading of clusters is a guess, and it raises no setup."
        )
    return sources.measured(grade)


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
        far = zone.far / reading.price - 1
        label = say("What if {move}", move=figures.percent(far, signed=True))
        what_if = steps.step(label, words(here, "whatif", f"{far:+.1%}"))
    return steps.rows(
        steps.venues(found, here, words),
        (
            *steps.step(say("Refresh"), words(here, "squeeze", "refresh")),
            *steps.step(say("Explain"), " ".join(("explain", found.symbol, *here))),
            *what_if,
        ),
        (
            *steps.step(say("Heatmap"), words(here, "heatmap")),
            *steps.step(say("All coins"), " ".join(("squeeze", *theme))),
        ),
    )
