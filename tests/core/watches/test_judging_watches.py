"""What watches mean: the fast way and the plain way agree, and nothing unknown reads as normal."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.errors import WatchRefused
from bot.core.market.liquidations import PositionSide
from bot.core.signals.events import Zone
from bot.core.watches import judge
from bot.core.watches.columns import Clusters, Column, Columns, clusters_of, needed
from bot.core.watches.figures import Figure, Measure, Side
from bot.core.watches.margin import kept, loosened
from bot.core.watches.parse import condition, watch
from bot.core.watches.program import Program
from bot.core.watches.tree import Condition, Digest, HeatmapEvery, Sign, Signal
from bot.core.watches.truth import Truth
from tests.support.watch_texts import Grammar
from tests.support.watching import MINUTE, NOW, columns

SEEDS = st.integers(0, 2**32)


def some_conditions(rng: random.Random, count: int) -> list[Condition]:
    texts, found = Grammar(), list[Condition]()
    while len(found) < count:
        try:
            what = watch(texts.text(rng)).what
        except WatchRefused:
            continue
        if not isinstance(what, Digest | HeatmapEvery):
            found.append(what)
    return found


def one_market(*told: tuple[Figure | Signal, float], age: int = 0) -> Columns:
    figures = {
        key: Column(np.array([value]), np.array([NOW - age], dtype=np.int64)) for key, value in told
    }
    return Columns(np.array([NOW]), figures, clusters_of([None]))


def judged(typed: str, seen: Columns, before: Columns | None = None) -> Truth:
    asked = condition(typed)
    fast = Truth(Program([(0, asked)]).truths(seen, before)[0])
    assert fast is judge.truth(asked, seen, 0, before)
    return fast


@settings(max_examples=60)
@given(SEEDS)
def test_all_watches_at_once_are_judged_as_each_alone(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - no secret
    asked, markets = some_conditions(rng, 12), 5
    now = columns(rng, asked, markets)
    before = columns(rng, asked, markets, time=NOW - MINUTE)
    rows = [(rng.randrange(markets), each) for each in asked]
    told = Program(rows).truths(now, before)
    assert [Truth(each) for each in told] == [
        judge.truth(each, now, market, before) for market, each in rows
    ]
    assert not np.any(Program([]).truths(now))


@settings(max_examples=60)
@given(SEEDS)
def test_what_holds_also_goes_on_by_a_margin(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - no secret
    asked = some_conditions(rng, 12)
    eased = [loosened(each) for each in asked]
    now = columns(rng, asked + eased, 20)
    before = columns(rng, asked + eased, 20, time=NOW - MINUTE)
    for start, keep in zip(asked, eased, strict=True):
        begun = Program([(row, start) for row in range(20)]).truths(now, before)
        goes_on = Program([(row, keep) for row in range(20)]).truths(now, before)
        assert np.all(goes_on[begun == Truth.TRUE] == Truth.TRUE), str(start)


@settings(max_examples=60)
@given(SEEDS)
def test_a_figure_that_becomes_unknown_never_turns_an_answer_round(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - no secret
    asked = some_conditions(rng, 12)
    now = columns(rng, asked, 20, missing=0.0)
    lost = {
        key: each if rng.random() < 0.5 else Column(np.full(20, np.nan), each.known_at)
        for key, each in now.figures.items()
    }
    less = Columns(now.time, lost, now.clusters)
    rows = [(row, each) for each in asked for row in range(20)]
    whole, part = Program(rows).truths(now, now), Program(rows).truths(less, less)
    assert np.all((part == whole) | (part == Truth.UNKNOWN))


def test_a_figure_that_is_missing_or_too_old_is_neither_high_nor_normal() -> None:
    funding = Figure(Measure.FUNDING)
    for typed in ("funding > 0.03%", "funding < 0.03%", "not funding > 0.03%"):
        assert judged(typed, one_market()) is Truth.UNKNOWN
        assert judged(typed, one_market((funding, np.nan))) is Truth.UNKNOWN
        assert judged(typed, one_market((funding, 0.01), age=10 * 60 * MINUTE)) is Truth.UNKNOWN
    assert judged("funding > 0.03%", one_market((funding, 0.01), age=MINUTE)) is Truth.TRUE
    known = judge.unknown(condition("funding > 0.03% and squeeze"), one_market(), 0)
    assert known == ("funding", "squeeze")


def test_what_is_known_decides_where_it_can() -> None:
    seen = one_market((Figure(Measure.PRICE), 90.0))
    assert judged("price > 100 and funding > 0.03%", seen) is Truth.FALSE
    assert judged("price < 100 or funding > 0.03%", seen) is Truth.TRUE
    assert judged("price < 100 and funding > 0.03%", seen) is Truth.UNKNOWN


@pytest.mark.parametrize(
    ("then", "now", "up", "down"),
    [
        (99, 101, Truth.TRUE, Truth.FALSE),
        (101, 99, Truth.FALSE, Truth.TRUE),
        (100, 101, Truth.TRUE, Truth.FALSE),
        (101, 102, Truth.FALSE, Truth.FALSE),
        (np.nan, 101, Truth.UNKNOWN, Truth.UNKNOWN),
    ],
)
def test_a_price_crosses_where_it_was_on_the_other_side_before(
    then: float, now: float, up: Truth, down: Truth
) -> None:
    price = Figure(Measure.PRICE)
    before, after = one_market((price, then)), one_market((price, now))
    assert judged("price crosses above 100", after, before) is up
    assert judged("price crosses below 100", after, before) is down
    assert judged("price crosses 100", after, before) is max(up, down)
    assert judged("price crosses 100", after) is Truth.UNKNOWN


def clusters() -> Clusters:
    return clusters_of(
        [
            (
                100.0,
                (
                    Zone(PositionSide.SHORT, 104.0, 104.5, 8e8),
                    Zone(PositionSide.SHORT, 101.0, 101.5, 2e8),
                    Zone(PositionSide.LONG, 97.0, 98.0, 4e8),
                ),
                NOW,
            )
        ]
    )


@pytest.mark.parametrize(
    ("typed", "held"),
    [
        ("clusters above > 500M within 5%", True),
        ("clusters above > 500M within 3%", False),
        ("clusters below > 300M within 2.1%", True),
        ("clusters below > 300M within 1.9%", False),
        ("clusters > 700M", True),
        ("nearest cluster > 300M", False),
        ("nearest cluster below > 300M", True),
        ("nearest cluster above within 1.1%", True),
        ("nearest cluster distance < 0.9%", False),
        ("clusters above > 100M within 0.5%", False),
    ],
)
def test_clusters_are_judged_by_size_side_and_distance(typed: str, *, held: bool) -> None:
    seen = Columns(np.array([NOW]), {}, clusters())
    assert judged(typed, seen) is (Truth.TRUE if held else Truth.FALSE)
    old = Columns(np.array([NOW + 31 * MINUTE]), {}, clusters())
    assert judged(typed, old) is Truth.UNKNOWN


def test_a_message_can_name_the_figures_and_the_cluster() -> None:
    figure = Figure(Measure.FUNDING)
    seen = Columns(
        np.array([NOW]), {figure: Column(np.array([0.0005]), np.array([NOW]))}, clusters()
    )
    asked = condition("funding > 0.03% and clusters above > 500M within 5%")
    funding, cluster = judge.found(asked, seen, 0)
    assert (funding.value, funding.truth, funding.about) == (0.0005, Truth.TRUE, None)
    assert (cluster.value, cluster.truth) == (8e8, Truth.TRUE)
    assert cluster.about is not None
    assert (cluster.about.side, cluster.about.low) == (Side.ABOVE, 104.0)
    assert judge.about(asked, seen, 0) == cluster.about


def test_a_signal_holds_from_the_phase_that_was_asked_for() -> None:
    seen = one_market((Signal(Sign.SWEEP), 2.0), (Signal(Sign.SWEEP, "up"), 2.0))
    assert judged("sweep", seen) is Truth.TRUE
    assert judged("sweep up confirmed", seen) is Truth.TRUE
    assert judged("sweep setup", seen) is Truth.FALSE
    assert judged("sweep down", seen) is Truth.UNKNOWN


def test_no_regime_is_known_only_if_all_three_are() -> None:
    none = [(Signal(sign), 0.0) for sign in (Sign.SQUEEZE, Sign.FUEL, Sign.EXHAUSTION)]
    assert judged("regime none", one_market(*none)) is Truth.TRUE
    assert judged("regime none", one_market(*none[:2])) is Truth.UNKNOWN
    assert judged("regime none", one_market((Signal(Sign.FUEL), 1.0))) is Truth.FALSE


def test_until_takes_the_place_of_the_margin() -> None:
    said = watch("BTC funding > 0.03% until funding < 0.01%")
    assert not isinstance(said.what, Digest | HeatmapEvery)
    assert str(kept(said.what, said.options)) == "not funding < 0.01%"
    assert str(loosened(condition("funding > 0.03%"))) == "funding > 0.027%"
    assert str(loosened(condition("not funding > 0.03%"))) == "not funding > 0.033%"
    assert str(loosened(condition("price crosses above 100"))) == "price >= 99.8"


def test_only_what_watches_ask_for_is_gathered() -> None:
    asked = condition("funding > 1bps and clusters > 5M and sweep up setup and regime none")
    keys = needed([asked, condition("funding < 2bps")])
    regimes = {Signal(sign) for sign in (Sign.SQUEEZE, Sign.FUEL, Sign.EXHAUSTION)}
    assert keys == {Figure(Measure.FUNDING), Signal(Sign.SWEEP, "up"), *regimes}
