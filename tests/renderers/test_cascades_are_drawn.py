"""A cascade's picture: bars where dollars are, longs down and shorts up, its phases in order."""

from dataclasses import replace

import numpy as np
import pytest

from bot.core.market.liquidations import Liquidations
from bot.core.signals.cascade_timeline import timeline
from bot.core.signals.episode import Way
from bot.core.signals.setups import SetupChart
from renderers import cascade, setup_tags
from renderers.axes import TimeAxis
from renderers.canvas import WIDTH, Box, Canvas
from renderers.header import MARGIN
from renderers.theme import Theme, palette
from tests.support.setups import START, cascade_chart

_LOOK = palette(Theme.DARK)
_LANE, _TAPE = (730, 768), (778, 1122)  # [px]


def drawn(made: SetupChart) -> Canvas:
    canvas = Canvas()
    cascade.draw(canvas, made, _LOOK)
    return canvas


def said(made: SetupChart) -> list[str]:
    return [word.text for word in drawn(made).words]


def times(made: SetupChart) -> TimeAxis:
    edge = WIDTH - MARGIN - setup_tags.lane_width(setup_tags.tags(made, _LOOK))
    return TimeAxis(Box(MARGIN, 0, edge, 1), made.start, made.end)


def mirrored(made: SetupChart) -> SetupChart:
    """A cascade of as many shorts instead."""
    assert made.amounts is not None
    assert made.events is not None
    amounts = replace(
        made.amounts, long_usd=made.amounts.short_usd, short_usd=made.amounts.long_usd
    )
    events = made.events
    events = Liquidations(events.time, -events.side, events.price, events.quantity)
    states = tuple(replace(state, way=Way.UP, target=None) for state in made.setup.states)
    setup = replace(made.setup, states=states)
    return replace(made, setup=setup, amounts=amounts, events=events)


def test_its_sum_waves_thresholds_and_steps_are_written() -> None:
    made = cascade_chart(simulated=False)
    text = " | ".join(said(made))
    for part in (
        "Cascade down: over · 3 waves of longs",
        "$3.5M",
        "was target $7.4M",
        "wave $900K",
        "fades $",
        "cascade",
        "first wave",
        "confirmed",
        "It ended: liquidations faded.",
        "line: prices of liquidated longs · bars: 10 s · curve: a minute",
    ):
        assert part in text, part
    assert "SIMULATED" not in text


def test_one_under_way_is_said_to_be_and_has_its_target_ahead() -> None:
    text = " | ".join(said(cascade_chart(over=False)))
    assert "Cascade down: under way · 1 wave" in text
    assert "target $7.4M" in text
    assert "was target" not in text
    assert "fades $" not in text
    assert "SIMULATED" in text


def test_without_a_tape_it_says_so() -> None:
    assert "no venue told of liquidations" in said(
        replace(cascade_chart(), amounts=None, events=None)
    )


@pytest.mark.parametrize("up", [False, True])
def test_dollars_hang_where_price_goes_in_the_colour_of_their_side(*, up: bool) -> None:
    made = cascade_chart(simulated=False)
    made = mirrored(made) if up else made
    canvas = drawn(made)
    axis = times(made)
    assert made.amounts is not None
    usd = made.amounts.short_usd if up else made.amounts.long_usd
    most = int(np.argmax(usd))
    x = round(float(axis.x(int(made.amounts.time[most]) + made.amounts.interval // 2)))
    column = canvas.pixels[_TAPE[0] : _TAPE[1], x]
    ink = (_LOOK.short if up else _LOOK.long).solid
    inked = np.flatnonzero(column == ink)
    assert len(inked) > 60
    high = _TAPE[1] - _TAPE[0]
    assert inked.max() > 0.75 * high if up else inked.min() < 0.25 * high  # from the zero line on


def test_phases_follow_each_other_where_they_were() -> None:
    made = cascade_chart(simulated=False)
    assert made.amounts is not None
    line = timeline(made.setup, made.amounts, made.events, made.end)
    assert line.fading is not None
    row = drawn(made).pixels[_LANE[0] + 2]
    now, axis = made.setup.now, times(made)
    assert now.ended is not None
    for begin, end, ink in (
        (now.began, START + 19 * 60_000, _LOOK.long_dim),
        (START + 19 * 60_000, line.fading, _LOOK.long),
        (line.fading, now.ended, _LOOK.raised),
    ):
        middle = round(float(axis.x((begin + end) / 2)))
        assert row[middle] == ink.solid
    for outside in (now.began - 60_000, now.ended + 60_000):
        assert row[round(float(axis.x(outside)))] == _LOOK.paper.solid
