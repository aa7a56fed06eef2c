"""Below a setup's candles: how it came about, what it rests on, and what came of others like it."""

import math

from bot.core import figures
from bot.core.signals.episode import Episode, Fact
from bot.core.signals.setups import SetupChart
from renderers import lettering
from renderers.canvas import Box, Canvas
from renderers.theme import Palette

_SIZE = 27  # [px] of the text
_ROW = 37  # [px]
_MIDDLE = 580  # [px] left edge of what it rests on
_MOST_STATES, _MOST_FACTS, _MOST_LINES = 5, 5, 5
_DISC = 15.0  # [px] radius of a number's ring
_FIGURE = 168  # [px] kept for a figure

# What a state is called where it is not a word of its own.
PHASES = {
    "draws": "under way",
    "cascade": "under way",
    "setup": "a setup",
    "went on": "over, price went on",
    "wrong": "over, it was wrong",
    "reached": "over, target reached",
    "expired": "over, out of time",
    "dissolved": "over, cluster thinned out",
    "away": "over, price is too far off",
    "unconfirmed": "over, not confirmed",
    "too late": "over, too late",
    "against the trend": "over, against the trend",
}


def draw(canvas: Canvas, chart: SetupChart, box: Box, look: Palette) -> None:
    """Write all that is said below the picture."""
    states = chart.setup.states
    head = box.top + 30
    canvas.text(box.left, head, "How it came about, UTC", look.muted, size=_SIZE)
    canvas.text(_MIDDLE, head, "What it rests on", look.muted, size=_SIZE)
    canvas.text(box.right, head, "takes", look.muted, size=_SIZE, anchor="right")
    numbered_states = list(enumerate(states, 1))[-_MOST_STATES:]
    for row, (number, state) in enumerate(numbered_states):
        _state(canvas, box, head + (row + 1) * _ROW, number, state, look)
    facts = chart.setup.now.facts[-_MOST_FACTS:]
    for row, fact in enumerate(facts):
        _fact(canvas, box, head + (row + 1) * _ROW, fact, look)
    rows = max(len(numbered_states), len(facts))
    y = head + (rows + 1) * _ROW + 10
    now = chart.setup.now
    said = [now.why_ended and f"It ended: {now.why_ended}."]
    if now.ended is None:
        said = [f"It ends when {now.invalidation}." if now.invalidation else ""]
    said += chart.evidence
    lines = [line for each in said if each for line in wrapped(each, box.width, _SIZE)]
    for line in lines[:_MOST_LINES]:
        if y <= box.bottom:
            canvas.text(box.left, y, line, look.ink, size=_SIZE)
        y += _ROW


def _state(canvas: Canvas, box: Box, y: int, number: int, state: Episode, look: Palette) -> None:
    numbered(canvas, (box.left + 16, y - 9), number, look, box.grown(8))
    left = canvas.text(box.left + 44, y, figures.clock(state.time), look.ink, size=_SIZE).right
    price = figures.price(state.price)
    end = canvas.text(_MIDDLE - 40, y, price, look.ink, size=_SIZE, bold=True, anchor="right").left
    text = PHASES.get(state.phase, state.phase)
    canvas.text(left + 14, y, lettering.fitted(text, end - left - 28, _SIZE), look.ink, size=_SIZE)


def _fact(canvas: Canvas, box: Box, y: int, fact: Fact, look: Palette) -> None:
    known = fact.threshold is not None and math.isfinite(fact.threshold)
    takes = ""
    if known and fact.threshold is not None:
        takes = ("≥ " if fact.least else "≤ ") + amount(fact.threshold, fact.unit)
    canvas.text(box.right, y, takes, look.muted, size=_SIZE, anchor="right")
    value = amount(fact.value, fact.unit)
    right = box.right - _FIGURE
    end = canvas.text(right, y, value, look.ink, size=_SIZE, bold=True, anchor="right").left
    name = lettering.fitted(fact.name, end - _MIDDLE - 20, _SIZE)
    canvas.text(_MIDDLE, y, name, look.ink, size=_SIZE)


def amount(value: float, unit: str) -> str:
    """Write a figure with its unit.

    >>> amount(66e6, "USD"), amount(0.031, "fraction"), amount(120.0, "min"), amount(1.62, "1")
    ('$66M', '3.1 %', '120 min', '1.6')
    """
    if not math.isfinite(value):
        return figures.NOTHING
    match unit:
        case "USD":
            return figures.usd(value)
        case "fraction":
            return figures.percent(value)
        case "min" | "s":
            return f"{value:.0f} {unit}"
    return f"{value:.2g}".replace("-", "−")


def numbered(canvas: Canvas, at: tuple[int, int], number: int, look: Palette, within: Box) -> None:
    """Draw a number in a disc, the same at a time and in the list."""
    x, y = at
    x = min(max(x, within.left + 17), within.right - 17)
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
