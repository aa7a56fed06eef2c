"""Below a setup's candles: how it came about, what it rests on, and what came of others like it."""

import math
from dataclasses import dataclass

from bot.core import figures
from bot.core.arrays import MINUTE
from bot.core.language import mark, say
from bot.core.signals.episode import Fact, Kind
from bot.core.signals.setups import Setup, SetupChart
from renderers import lettering, words
from renderers.canvas import Box, Canvas
from renderers.theme import Palette

_SIZE = 27  # [px] of the text
_ROW = 37  # [px]
_MIDDLE = 580  # [px] left edge of what it rests on
_MOST_STATES, _MOST_FACTS, _MOST_LINES = 5, 5, 5
_DISC = 17.0  # [px] radius of a number's ring
_FIGURE = 136  # [px] kept for a figure

# What states are called; one that is not here is called by its own name.
_PHASES = {
    "draws": mark("draws the price"),
    "cascade": mark("confirmed"),
    "confirmed": mark("confirmed"),
    "swept": mark("swept"),
    "setup": mark("a setup"),
    "over": mark("over"),
    "went on": mark("price went on"),
    "against the trend": mark("against the trend"),
    "too late": mark("too late"),
    "wrong": mark("stop reached"),
    "reached": mark("target reached"),
    "expired": mark("out of time"),
    "dissolved": mark("cluster thinned out"),
    "away": mark("price too far off"),
    "unconfirmed": mark("not confirmed"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened to a setup."""

    time: int  # [ms] UTC
    name: str
    price: float  # [quote/base]


def phase(name: str) -> str:
    """Say how a setup stands."""
    return say(_PHASES.get(name, name))


def steps_of(setup: Setup) -> list[Step]:
    """Return what happened, oldest first; a cascade began before it was confirmed."""
    first = setup.states[0]
    found = []
    if setup.kind is Kind.CASCADE:
        found.append(Step(first.began, say("first wave"), first.began_price))
    found += [Step(each.time, phase(each.phase), each.price) for each in setup.states]
    return found


def draw(canvas: Canvas, chart: SetupChart, box: Box, look: Palette) -> None:
    """Write all that is said below the picture."""
    happened = list(enumerate(steps_of(chart.setup), 1))[-_MOST_STATES:]
    head = box.top + 30
    canvas.text(box.left, head, say("How it came about, UTC"), look.muted, size=_SIZE)
    canvas.text(_MIDDLE, head, say("What it rests on"), look.muted, size=_SIZE)
    canvas.text(box.right, head, say("takes"), look.muted, size=_SIZE, anchor="right")
    for row, (number, step) in enumerate(happened):
        _step(canvas, box, head + (row + 1) * _ROW, number, step, look)
    facts = chart.setup.now.facts[-_MOST_FACTS:]
    for row, fact in enumerate(facts):
        _fact(canvas, box, head + (row + 1) * _ROW, fact, look)
    rows = max(len(happened), len(facts))
    y = head + (rows + 1) * _ROW + 10
    now = chart.setup.now
    said = [say("It ended: {why}.", why=words.told(now.why_ended)) if now.why_ended else ""]
    if now.ended is None:
        what = words.told(now.invalidation)
        said = [say("It ends when {what}.", what=what) if now.invalidation else ""]
    said += [words.told(each) for each in chart.evidence]
    lines = [line for each in said if each for line in wrapped(each, box.width, _SIZE)]
    for line in lines[:_MOST_LINES]:
        if y <= box.bottom:
            canvas.text(box.left, y, line, look.ink, size=_SIZE)
        y += _ROW


def _step(canvas: Canvas, box: Box, y: int, number: int, step: Step, look: Palette) -> None:
    numbered(canvas, (box.left + 16, y - 9), number, look, box.grown(8))
    left = canvas.text(box.left + 44, y, figures.clock(step.time), look.ink, size=_SIZE).right
    price = figures.price(step.price)
    end = canvas.text(_MIDDLE - 40, y, price, look.ink, size=_SIZE, bold=True, anchor="right").left
    text = lettering.fitted(step.name, end - left - 28, _SIZE)
    canvas.text(left + 14, y, text, look.ink, size=_SIZE)


def _fact(canvas: Canvas, box: Box, y: int, fact: Fact, look: Palette) -> None:
    known = fact.threshold is not None and math.isfinite(fact.threshold)
    takes = ""
    if known and fact.threshold is not None:
        takes = ("≥ " if fact.least else "≤ ") + amount(fact.threshold, fact.unit)
    canvas.text(box.right, y, takes, look.muted, size=_SIZE, anchor="right")
    value = amount(fact.value, fact.unit)
    right = box.right - _FIGURE
    end = canvas.text(right, y, value, look.ink, size=_SIZE, bold=True, anchor="right").left
    name = lettering.fitted(words.told(fact.name), end - _MIDDLE - 20, _SIZE)
    canvas.text(_MIDDLE, y, name, look.ink, size=_SIZE)


def amount(value: float, unit: str) -> str:
    """Write a figure with its unit.

    >>> amount(66e6, "USD"), amount(0.031, "fraction"), amount(120.0, "min"), amount(1.62, "1")
    ('$66M', '3.1 %', '2 h', '1.6')
    """
    if not math.isfinite(value):
        return figures.NOTHING
    match unit:
        case "USD":
            return figures.usd(value)
        case "fraction":
            return figures.percent(value)
        case "min":
            return figures.span(round(value) * MINUTE)
    return f"{value:.2g}".replace("-", "−")


def numbered(canvas: Canvas, at: tuple[int, int], number: int, look: Palette, within: Box) -> None:
    """Draw a number in a disc, the same at a time and in the list."""
    x, y = at
    x = min(max(x, within.left + 19), within.right - 19)
    canvas.ring((x, y), _DISC + 2, _DISC + 2, look.paper, within)
    canvas.ring((x, y), _DISC, 3.0, look.ink, within)
    canvas.text(x, y + 9, str(number), look.ink, size=_SIZE, bold=True, anchor="middle")


def wrapped(text: str, room: int, size: int) -> list[str]:
    """Break a sentence into lines that fit into `room` [px]."""
    lines: list[str] = []
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and lettering.width(longer, size) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
