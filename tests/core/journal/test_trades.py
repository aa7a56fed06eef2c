"""A trade of one's own, and what trades tell of a person."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.arrays import DAY, HOUR
from bot.core.errors import TradeRefused
from bot.core.evidence.backtest import COST
from bot.core.journal.review import review
from bot.core.journal.trade import Mistake, Trade, ended, sound
from bot.core.market.liquidations import PositionSide

LONG, SHORT = PositionSide.LONG, PositionSide.SHORT
NOW = 1_760_000_000_000
TRADE = Trade("t1", "me", "BTC", LONG, 100.0, NOW, stop=98.0, target=106.0, signal="sweep")


def closed(exit_: float, *, at: int = 0, **changes: object) -> Trade:
    made = replace(TRADE, **changes)  # type: ignore[arg-type]
    return ended(made, exit_, made.opened + HOUR + at)


def test_a_trade_is_counted_in_what_was_at_risk_after_costs() -> None:
    won, lost = closed(104.0), closed(98.0)
    assert won.result == pytest.approx(0.04 - 2 * COST)
    assert won.multiple == pytest.approx((0.04 - 2 * COST) / 0.02)
    assert lost.multiple == pytest.approx(-1 - 2 * COST / 0.02)
    assert TRADE.result is None
    assert closed(104.0, stop=None).multiple is None


def test_a_short_wins_when_price_falls() -> None:
    short = replace(TRADE, side=SHORT, stop=102.0, target=94.0)
    assert ended(short, 96.0, NOW).result == pytest.approx(0.04 - 2 * COST)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"stop": 101.0}, "The stop of a long from 100.00 lies below it, not at 101"),
        ({"target": 99.0}, "The target of a long from 100.00 lies above it"),
        ({"side": SHORT}, "The stop of a short from 100.00 lies above it"),
        ({"stop": 1.0}, "far from the entry"),
        ({"exit": 9_800.0}, "far from the entry"),
    ],
)
def test_a_trade_that_cannot_be_is_refused(changes: dict[str, object], said: str) -> None:
    with pytest.raises(TradeRefused, match=said):
        sound(replace(TRADE, **changes))  # type: ignore[arg-type]


def test_a_trade_is_closed_once() -> None:
    with pytest.raises(TradeRefused, match="t1 is closed already, at 104"):
        ended(closed(104.0), 105.0, NOW)
    assert ended(TRADE, 104.0, NOW - DAY).closed == NOW  # not before it was opened


def test_mistakes_are_found_out_by_the_figures_too() -> None:
    assert closed(98.0).found_out == ()  # a stop that was kept is none
    assert closed(97.0).found_out == (Mistake.PAST_STOP,)
    assert closed(101.0).found_out == (Mistake.SHORT_OF_TARGET,)
    assert closed(105.0).found_out == ()
    assert closed(97.0, stop=None, mistakes=(Mistake.CHASED,)).found_out == (
        Mistake.CHASED,
        Mistake.NO_STOP,
    )
    assert replace(TRADE, stop=None).found_out == ()  # it may still be set


def test_ten_trades_say_something_and_nine_do_not() -> None:
    nine = [closed(104.0, at=n) for n in range(9)]
    assert review(nine, NOW).whole.verdict == "too few to say (9)"
    ten = review([*nine, closed(104.0, at=9)], NOW).whole
    assert ten.enough
    assert ten.verdict == "earns"
    assert ten.low == pytest.approx(ten.mean) == pytest.approx(ten.high)


def test_trades_are_looked_at_by_signal_and_the_dearest_mistake_comes_first() -> None:
    trades = [
        *(closed(104.0, at=n) for n in range(12)),
        *(closed(98.0, signal="", mistakes=(Mistake.CHASED,), at=n) for n in range(6)),
        *(closed(97.9, signal="", mistakes=(Mistake.LATE,), at=n) for n in range(2)),
        TRADE,
    ]
    found = review(trades, NOW + 2 * HOUR)
    assert found.unit == "R"
    assert [(each.name, each.count) for each in found.by_signal] == [("sweep", 12), ("own idea", 8)]
    assert found.by_mistake[0].name == "chased"
    assert found.worst_mistake == "chased"
    assert found.going == (TRADE,)
    assert found.week.count == 20
    assert review(trades, NOW + 30 * DAY).week.count == 0


def test_without_stops_trades_are_counted_in_percent() -> None:
    trades = [closed(102.0, stop=None, at=n) for n in range(3)]
    found = review([*trades, closed(102.0)], NOW)
    assert found.unit == "%"
    assert found.whole.mean == pytest.approx(0.02 - 2 * COST)


def test_of_nothing_nothing_is_said() -> None:
    found = review([], NOW)
    assert (found.whole.name, found.whole.count) == ("all", 0)
    assert np.isnan(found.whole.mean)
    assert found.equity.tolist() == [0.0]
    assert found.drawdown == 0.0
    assert found.worst_mistake == ""


@given(st.lists(st.floats(90.0, 115.0), max_size=30), st.randoms())
def test_the_sum_of_trades_is_their_sum_whatever_their_order(
    exits: list[float], rng: object
) -> None:
    trades = [closed(exit_, at=n * HOUR) for n, exit_ in enumerate(exits)]
    found = review(trades, NOW)
    rng.shuffle(trades)  # type: ignore[attr-defined]
    again = review(trades, NOW)
    assert np.array_equal(found.equity, again.equity)
    assert found.equity[-1] == pytest.approx(sum(each.multiple or 0.0 for each in trades))
    assert 0 <= found.drawdown <= np.ptp(found.equity) + 1e-12
    if len(trades) >= 10:
        assert found.whole.low <= found.whole.mean <= found.whole.high
