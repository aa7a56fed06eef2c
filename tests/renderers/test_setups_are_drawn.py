"""Setups and backtests: every word readable, every price where it is said, whatever the market."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.core.evidence.strategies import StrategyReading
from bot.core.signals.episode import Fact, Kind
from bot.core.signals.setups import Setup, SetupChart
from renderers import backtest, cascade, setup, setup_below, setup_tags
from renderers.canvas import FRAME, HEIGHT, Canvas, Word
from renderers.theme import Theme, palette
from tests.support.pictures import decoded
from tests.support.setups import cascade_chart, magnet_chart, strategy_reading, sweep_chart

_MANY = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
_PHASES = ("unconfirmed", "against the trend", "went on", "dissolved", "a word nobody knows of")


def words(made: SetupChart | StrategyReading) -> list[Word]:
    canvas = Canvas()
    if isinstance(made, SetupChart):
        renderer = cascade if made.setup.kind is Kind.CASCADE else setup
        renderer.draw(canvas, made, palette(Theme.DARK))
    else:
        backtest.draw(canvas, made, palette(Theme.DARK))
    return list(canvas.words)


def said(made: SetupChart | StrategyReading) -> str:
    return " | ".join(word.text for word in words(made))


@st.composite
def any_chart(draw: st.DrawFn) -> SetupChart:
    """A setup of a dear or cheap coin, early or over, its stop near or far."""
    made = draw(
        st.sampled_from(
            [
                cascade_chart(over=draw(st.booleans())),
                magnet_chart(scale=draw(st.sampled_from([1e-9, 1e-3, 1.0, 1e3]))),
                sweep_chart(
                    scale=draw(st.sampled_from([1e-9, 1e-4, 1.0])),
                    phases=draw(st.integers(1, 4)),
                    simulated=draw(st.booleans()),
                ),
            ]
        )
    )
    states = list(made.setup.states)
    if draw(st.booleans()):
        ended = replace(
            states[-1],
            phase=draw(st.sampled_from(_PHASES)),
            ended=states[-1].time,
            why_ended="the trend is too strong to be faded",
        )
        states.append(ended)
    if draw(st.booleans()):
        stop = made.price * draw(st.sampled_from([0.6, 0.99, 1.0, 1.0001, 1.5]))
        states[-1] = replace(states[-1], stop=stop)
    if draw(st.booleans()):
        longer = Fact(
            "a figure with quite a long name that nobody has shortened", 1.5e9, "USD", 1e9
        )
        states[-1] = replace(states[-1], facts=(*states[-1].facts, longer, longer))
    base = draw(st.sampled_from(["BTC", "1000PEPE", "ABCDEFGHIJKLMNOPQRST"]))
    venues = draw(st.sampled_from([("binance",), ("binance", "okx", "hyperliquid", "kraken")]))
    return replace(
        made,
        base=base,
        setup=replace(made.setup, states=tuple(states)),
        evidence=made.evidence * draw(st.integers(0, 3)),
        venues=venues,
        asked=(*venues, "bybit"),
    )


def readable(found: list[Word]) -> None:
    for word in found:
        assert word.size >= HEIGHT / 60, word
        assert word.box == word.box.within(FRAME), word
    for one, other in combinations(found, 2):
        assert not one.box.overlaps(other.box), (one, other)


@_MANY
@given(any_chart())
def test_no_word_of_a_setup_covers_another_or_leaves_the_picture(made: SetupChart) -> None:
    readable(words(made))


@_MANY
@given(st.integers(1, 60), st.booleans())
def test_no_word_of_a_backtest_covers_another(count: int, simulated: bool) -> None:  # noqa: FBT001 - hypothesis gives it
    readable(words(strategy_reading(count, simulated=simulated)))


def test_a_sweep_says_its_prices_its_steps_and_what_it_rests_on() -> None:
    text = said(sweep_chart(phases=3))
    for part in (
        "Sweep reversal up: a setup",
        "swept $66M",
        "target $91M",
        "stop",
        "extreme",
        "confirmed",
        "liquidations in an hour",
        "≥ $9.3M",
        "It ends when price goes beyond the sweep's extreme.",
        "grade of the map: good, 412 hours · no answer from OKX",
    ):
        assert part in text
    assert "After 23 of these" in text


def test_what_is_over_is_said_to_be() -> None:
    text = said(sweep_chart())
    assert "Sweep reversal up: over, target reached" in text
    assert "was target" in text
    assert "It ended: price came to the target." in text


def test_a_picture_of_the_past_says_the_price_of_now_above_and_that_of_then_beside() -> None:
    made = sweep_chart()
    later = replace(
        made,
        as_of=made.as_of + 20 * made.candles.interval,
        setup=replace(made.setup, price=91_234.0),
    )
    text = said(later)
    assert "91,234" in text
    assert "price then" in text
    assert "price then" not in said(made)


def test_a_cascade_shows_its_first_wave_and_when_it_was_confirmed() -> None:
    steps = setup_below.steps_of(cascade_chart().setup)
    assert [step.name for step in steps] == ["first wave", "confirmed", "over"]
    assert steps[0].time < steps[1].time
    assert "under way" in said(cascade_chart(over=False))


def test_without_liquidations_it_says_so() -> None:
    assert "no venue told of liquidations" in said(magnet_chart())


def test_a_price_beyond_the_picture_is_written_with_an_arrow() -> None:
    made = magnet_chart()
    far = replace(made.setup.now, stop=made.price * 1.5)
    assert "↑ stop" in said(replace(made, setup=replace(made.setup, states=(far,))))


def test_tags_say_the_prices_they_stand_for() -> None:
    made = sweep_chart(phases=3)
    found = {tag.name: tag.price for tag in setup_tags.tags(made, palette(Theme.DARK))}
    now = made.setup.now
    assert now.zone is not None
    assert now.target is not None
    assert found["stop"] == now.stop
    assert found["target $91M"] == now.target.near
    assert found["swept $66M"] == now.zone.near
    assert found["price"] == made.price


@pytest.mark.parametrize("theme", list(Theme))
def test_a_zone_is_tinted_over_the_prices_it_has(theme: Theme) -> None:
    made = magnet_chart()
    bare = replace(made.setup.now, zone=None, target=None)
    without = replace(made, setup=Setup("BTC", made.price, (bare,), (), ""))
    assert (
        np.mean(decoded(setup.render(made, theme)) != decoded(setup.render(without, theme))) > 0.03
    )


def test_a_backtest_says_what_it_comes_to() -> None:
    made = strategy_reading()
    text = said(made)
    assert "Sweep reversal: 14 trades in 60 days" in text
    assert "costs of 0.12 % a round trip included" in text
    assert "no better than chance" in text
    assert "too few to say (4 trades)" in said(strategy_reading(4))
    assert made.equity[-1] == pytest.approx(sum(trade.net for trade in made.backtest.trades))
    assert made.backtest.kind is Kind.SWEEP


def test_simulated_markets_are_marked() -> None:
    assert "SIMULATED" in said(sweep_chart(simulated=True))
    assert "SIMULATED" in said(strategy_reading(simulated=True))
    assert "SIMULATED" not in said(sweep_chart())
