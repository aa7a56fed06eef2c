"""Funding, open interest and ratio in words, and what may be asked next."""

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from bot.core import figures
from bot.core.instruments import Instrument, venue_name
from bot.core.language import mark, say, say_of
from bot.core.market.summary import Summary
from bot.core.panels import words
from bot.core.panels.reading import SPANS, Kind, Line, PanelReading
from bot.desk.caption import SIMULATED, clock
from bot.desk.markets import ALL
from bot.desk.requests import PanelRequest
from bot.desk.steps import rows, step
from bot.reply import Button

Told: TypeAlias = Mapping[Instrument, Summary]

LABELS = {  # said with `say`
    Kind.FUNDING: mark("Funding"),
    Kind.INTEREST: mark("Open interest"),
    Kind.RATIO: mark("Ratio"),
}
_VENUES_SHOWN = 7  # as buttons, the largest


def headline(reading: PanelReading) -> str:
    """Name the figure and say what it is now."""
    name = f"{reading.base} {say(words.TITLES[reading.kind])}"
    if reading.merged is None:
        return say("{figure}: nobody tells it here", figure=name)
    return f"{name}: {words.now(reading.kind, reading.merged)}"


def lines(reading: PanelReading) -> tuple[str, ...]:
    """Say what the picture shows, the most useful first."""
    said = [say(SIMULATED)] if reading.simulated else []
    if reading.merged is not None:
        said += [
            _together(reading, reading.merged),
            _standing(reading.kind, reading.merged),
            *_changes(reading.kind, reading.merged),
            _ends(reading),
        ]
    said.append(_freshness(reading))
    stale = [line for line in reading.venues if line.stale]
    said += [
        say(
            "{venue} is stale: told {ago}.",
            venue=venue_name(line.exchange),
            ago=figures.ago(reading.as_of - line.as_of),
        )
        for line in stale
    ]
    if reading.lacking:
        names = ", ".join(map(venue_name, reading.lacking))
        said.append(say("Not told by {venues}.", venues=names))
    said += map(str, reading.failures)
    return tuple(line for line in said if line)


def venues(reading: PanelReading) -> Iterator[str]:
    """Say a figure venue by venue, for somebody who cannot see the picture."""
    for line in reading.venues:
        told = f"{venue_name(line.exchange)} {words.now(reading.kind, line)}"
        paid = words.paid(line) if reading.kind is Kind.FUNDING else ""
        rank = say("above {rank}", rank=words.rank(line.standings[0])) if line.standings else ""
        yield f"{', '.join(part for part in (told, paid, rank) if part)}."


def buttons(
    reading: PanelReading, request: PanelRequest, symbol: str
) -> tuple[tuple[Button, ...], ...]:
    """Offer the other figures, one venue alone, newer data, the map, all markets."""
    theme = (request.theme,) if request.theme else ()

    def ask(panel: str, named: tuple[str, ...], *more: str) -> str:
        return " ".join((panel, symbol, *named, *theme, *more))

    panel = reading.kind.value
    kinds: list[Button] = []
    for kind in Kind:
        words_ = ask(kind.value, request.venues)
        kinds += step(say(LABELS[kind]), words_, chosen=kind is reading.kind)
    everywhere = not request.venues or ALL in request.venues
    chosen = () if everywhere else request.venues
    known = dict.fromkeys((*(line.exchange for line in reading.venues), *chosen))
    alone: list[Button] = []
    if len(known) > 1 or request.venues:
        every = (ALL,) if request.venues else ()
        alone += step(say_of("venues", "All"), ask(panel, every), chosen=everywhere)
        for each in list(known)[:_VENUES_SHOWN]:
            one = ask(panel, (each,))
            alone += step(venue_name(each), one, chosen=request.venues == (each,))
    last = (
        *step(say("Refresh"), ask(panel, request.venues, "refresh")),
        *step(say("Heatmap"), " ".join(("heatmap", symbol, *theme))),
        *step(say("All markets"), " ".join((panel, *theme))),
    )
    return rows(kinds, alone, last)


def _together(reading: PanelReading, line: Line) -> str:
    kind, beside = reading.kind, words.beside(reading.kind, line, reading.base)
    if kind is Kind.INTEREST:
        return say("All together {usd}, {coins}.", usd=words.now(kind, line), coins=beside)
    payer = _payer(line) if kind is Kind.FUNDING else ""
    weighted = say("weighted by open interest") if len(reading.venues) > 1 else ""
    return f"{', '.join(part for part in (payer, beside, weighted) if part)}."


def _payer(line: Line) -> str:
    if line.now > 0:
        return say("Longs pay")
    return say("Shorts pay") if line.now < 0 else say("Nobody pays")


def _standing(kind: Kind, line: Line) -> str:
    if not line.standings:
        return say("Too little history to say whether that is much.")
    first, *longer = (
        say("{rank} of the last {days}", rank=words.rank(each), days=each.rests_on)
        for each in line.standings
    )
    ranks = say("{rank} and {longer}", rank=first, longer=longer[0]) if longer else first
    if kind is Kind.INTEREST:
        return say("In coins higher than in {ranks}.", ranks=ranks)
    return say("Higher than in {ranks}.", ranks=ranks)


def _changes(kind: Kind, line: Line) -> Iterator[str]:
    def said(changes: tuple[float, ...]) -> str:
        pairs = zip(SPANS, changes, strict=True)
        return ", ".join(f"{span} {words.change(kind, change)}" for span, change in pairs)

    if kind is Kind.INTEREST:
        yield say("Change in coins: {changes}.", changes=said(line.changes))
        yield say("In dollars: {changes}.", changes=said(line.usd_changes))
    else:
        yield say("Change: {changes}.", changes=said(line.changes))


def _ends(reading: PanelReading) -> str:
    """Name the venues at either end."""
    if len(reading.venues) < 2:  # noqa: PLR2004 - two ends
        return ""
    if reading.kind is Kind.INTEREST:
        first = reading.venues[0]
        value = words.now(reading.kind, first)
        return say("Most on {venue}: {value}.", venue=venue_name(first.exchange), value=value)
    ranked = sorted(reading.venues, key=lambda line: -line.now)
    high, low = (
        f"{venue_name(line.exchange)} {words.now(reading.kind, line)}"
        for line in (ranked[0], ranked[-1])
    )
    return say("Highest {high}, lowest {low}.", high=high, low=low)


def _freshness(reading: PanelReading) -> str:
    names = ", ".join(venue_name(line.exchange) for line in reading.venues)
    told = f"{reading.freshness} ({names})" if names else reading.freshness
    return say("{freshness} · data to {time}", freshness=told, time=clock(reading.as_of))
