"""What a setup says of a trade: a side, a stop, a target, and nothing that has passed."""

from dataclasses import replace

import pytest

from bot.core.journal.plan import Plan, planned, side_of
from bot.core.market.liquidations import PositionSide
from bot.core.signals.episode import Episode, Kind, Way
from bot.core.signals.events import Zone
from bot.core.signals.magnet import profit

LONG, SHORT = PositionSide.LONG, PositionSide.SHORT
ABOVE = Zone(SHORT, 104.0, 105.0, 3e8)
SWEEP = Episode(
    Kind.SWEEP, "BTC", "setup", 0, 1, 100.0, 99.0, Way.UP, target=ABOVE, stop=97.0, key="name"
)


def test_a_sweep_aims_at_the_near_edge() -> None:
    assert planned(SWEEP, 100.0) == Plan(LONG, 97.0, 104.0, "name")


def test_profit_belongs_before_a_magnets_cluster() -> None:
    plan = planned(replace(SWEEP, kind=Kind.MAGNET, phase="draws"), 100.0)
    assert plan is not None
    assert plan.target == profit(ABOVE) < ABOVE.near


def test_a_cascade_goes_its_own_way() -> None:
    below = Zone(LONG, 95.0, 96.0, 3e8)
    down = replace(
        SWEEP, kind=Kind.CASCADE, phase="cascade", way=Way.DOWN, target=below, stop=103.0
    )
    assert planned(down, 100.0) == Plan(SHORT, 103.0, 96.0, "name")


@pytest.mark.parametrize("phase", ["swept", "confirmed", "over"])
def test_a_sweep_is_no_trade_before_it_is_a_setup(phase: str) -> None:
    assert side_of(replace(SWEEP, phase=phase)) is None
    assert planned(replace(SWEEP, phase=phase), 100.0) is None


def test_what_is_headed_nowhere_is_no_trade() -> None:
    assert planned(replace(SWEEP, kind=Kind.EXHAUSTION, way=Way.NONE), 100.0) is None


def test_a_stop_or_a_target_that_price_has_passed_is_left_out() -> None:
    assert planned(SWEEP, 96.0) == Plan(LONG, None, 104.0, "name")
    assert planned(SWEEP, 104.5) == Plan(LONG, 97.0, None, "name")
    assert planned(replace(SWEEP, target=None, stop=None), 100.0) == Plan(LONG, None, None, "name")
