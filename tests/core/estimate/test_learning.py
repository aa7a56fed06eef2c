"""What a market's own liquidations teach, and that nothing is learnt before it happened."""

from dataclasses import replace

import numpy as np
import pytest

from bot.core.arrays import DAY, HOUR, MINUTE, floats
from bot.core.estimate.bars import bars
from bot.core.estimate.calibration import calibration, describe
from bot.core.estimate.learning import Learner
from bot.core.estimate.market import MarketEstimate, start
from bot.core.estimate.parameters import LONG, SHORT, near, tilted
from bot.core.market.history import MarketHistory
from bot.core.market.liquidations import Liquidations, LiquidationTotals
from bot.exchanges.venues.bybit import BYBIT
from tests.support.walks import first_bars, wandering

DAYS = 12
BARS = DAYS * DAY // (15 * MINUTE)


def quiet(seed: int = 3) -> MarketHistory:
    return wandering(seed, BARS, interval=15 * MINUTE, volatility=0.004)


def calm() -> MarketHistory:
    """A market that moves no more than large coins do."""
    return wandering(3, BARS, interval=15 * MINUTE, volatility=0.002)


def lived(history: MarketHistory, mix: np.ndarray, kept: tuple[float, float]) -> MarketHistory:
    """The same market, lived by a crowd of that mix, of whose liquidations so much is told."""
    inventory, closed = start(history), bars(history)
    told = np.zeros((2, len(closed)))
    for at in range(len(closed)):
        inventory.push(closed, at)
        told[:, at] = (mix * inventory.response).sum(axis=1) * kept
    starts, place = np.unique(history.candles.open_time // HOUR * HOUR, return_inverse=True)
    long, short = (floats(np.bincount(place, side)) for side in told)
    return replace(history, liquidation_totals=LiquidationTotals(starts, long, short, HOUR))


def learnt(history: MarketHistory) -> Learner:
    return MarketEstimate.of(history).learner


def assumed(history: MarketHistory) -> np.ndarray:
    return start(history).weight


def test_without_liquidations_the_prior_stands() -> None:
    history = calm()
    learner = learnt(history)
    assert learner.weight == pytest.approx(assumed(history), abs=1e-12)
    assert (learner.belief == learner.prior.chance).all()
    assert learner.intervals == 0


def test_without_liquidations_a_coin_that_moves_more_still_bears_less_leverage() -> None:
    wild = wandering(3, BARS, interval=15 * MINUTE, volatility=0.008)
    learner = learnt(wild)
    assert learner.intervals == 0
    assert (learner.level < 0.5).all()
    assert learner.coverage == pytest.approx(learner.assumed)
    close = near(learner.prior.leverage)
    assert (learner.weight @ close < assumed(wild) @ close).all()


def test_each_side_still_sums_to_what_is_not_hedged() -> None:
    history = quiet()
    learner = learnt(lived(history, assumed(history), (0.9, 0.02)))
    assert learner.weight.sum(axis=1) == pytest.approx(assumed(history).sum(axis=1))
    assert (learner.weight >= 0).all()
    time = history.candles.open_time
    over = int(time[-1]) // DAY * DAY - int(time[0])
    assert learner.intervals == over // HOUR - 1  # not the first hour, nor the day that goes on


def test_the_side_that_loses_more_is_taken_to_stand_nearer() -> None:
    history = quiet()
    as_assumed = learnt(lived(history, assumed(history), (0.25, 0.25)))
    learner = learnt(lived(history, assumed(history), (0.5, 0.1)))
    assert learner.level[LONG] > as_assumed.level[LONG]
    assert learner.level[SHORT] < as_assumed.level[SHORT]


def test_a_complete_feed_moves_the_dollars_and_a_lossy_one_the_coverage() -> None:
    history = quiet()
    few, many = (lived(history, assumed(history), (each, each)) for each in (0.05, 0.5))
    assert BYBIT.stream is not None  # one that publishes every liquidation
    moved = []
    for feed in ("", BYBIT.stream.lossy):
        less, more = (learnt(replace(each, liquidation_feed=feed)) for each in (few, many))
        assert less.complete == more.complete == (feed != "")
        level, coverage = np.log(more.level / less.level), np.log(more.coverage / less.coverage)
        assert (level > 0.05).all()
        moved.append(level / (level + coverage))
    lossy, complete = moved
    assert (complete > 1.5 * lossy).all()


def test_a_coin_that_moves_more_is_taken_to_bear_less_leverage() -> None:
    calm, wild = (
        wandering(3, BARS, interval=15 * MINUTE, volatility=each) for each in (0.002, 0.008)
    )
    quiet_one, wild_one = (
        learnt(lived(each, assumed(each), (0.25, 0.25))) for each in (calm, wild)
    )
    for learner, volatility in ((quiet_one, 0.002), (wild_one, 0.008)):
        assert np.exp(learner.moved) == pytest.approx(volatility * 96**0.5, rel=0.25)
    assert (wild_one.level < 0.5).all()
    assert (quiet_one.level > 0.8).all()


def test_a_crowd_is_recognised_by_how_long_it_stays() -> None:
    history = quiet()
    prior = start(history).parameters
    for pace, alone in enumerate(prior.paced):
        learner = learnt(lived(history, assumed(history) * alone, (0.3, 0.3)))
        assert learner.belief.sum() == pytest.approx(1)
        gained = learner.belief / prior.chance
        assert gained.argmax() == pace
        assert gained[pace] > 1.1


def test_what_nothing_speaks_for_is_believed_as_before() -> None:
    history = quiet()
    learner = learnt(lived(history, assumed(history), (1e-9, 1e-9)))
    assert learner.intervals > 0
    assert learner.belief == pytest.approx(learner.prior.chance, rel=0.15)


def of_days(history: MarketHistory, days: int) -> Learner:
    return learnt(first_bars(history, days * DAY // (15 * MINUTE)))


def test_more_days_bring_what_is_learnt_nearer_to_the_crowd() -> None:
    history = calm()
    prior = start(history).parameters
    less = (1 - prior.hedged) * tilted(prior.leverage, prior.share, np.array((0.4, 0.4)))
    for crowd in (less, assumed(history) * prior.paced[0]):
        told = lived(history, crowd, (0.5, 0.5))
        complete = replace(told, liquidation_feed="complete: every liquidation")
        off = [
            np.abs(learner - crowd).sum()
            for learner in (
                assumed(history),
                *(of_days(complete, days).weight for days in (4, 8, DAYS)),
            )
        ]
        assert off == sorted(off, reverse=True)
        assert off[-1] < 0.92 * off[0]


def test_the_prior_alone_is_believed_more_the_longer_it_foretells_as_well() -> None:
    history = calm()
    told = lived(history, assumed(history), (0.25, 0.25))
    early, late = of_days(told, 4), of_days(told, DAYS)
    assert late.trust[0] < early.trust[0] < of_days(told, 1).trust[0] < 0.5
    assert late.trust[1] == pytest.approx(
        0.5, abs=0.01
    )  # the level that is learnt is the usual one
    assert late.weight.sum(axis=1) == pytest.approx(assumed(history).sum(axis=1))
    quick = lived(history, assumed(history) * late.prior.paced[0], (0.25, 0.25))
    assert of_days(quick, DAYS).trust[0] > 0.5


def test_what_is_learnt_takes_effect_as_far_as_it_is_trusted() -> None:
    history = quiet()
    learner = learnt(lived(history, assumed(history), (0.5, 0.1)))
    assert ((learner.trust > 0) & (learner.trust < 1)).all()
    usual = learner._usual
    trusted = np.log(learner.level / usual) / np.log(learner._level / usual)
    assert trusted == pytest.approx([learner.trust[1]] * 2)
    assert (learner.belief >= (1 - learner.trust[0]) * learner.prior.chance).all()
    assert learner.belief.sum() == pytest.approx(1)


def test_what_is_learnt_of_a_day_is_the_same_whatever_comes_after_it() -> None:
    history = quiet()
    told = lived(history, assumed(history), (0.5, 0.1))
    whole = MarketEstimate.of(told)
    count = (DAYS - 4) * DAY // (15 * MINUTE) + 17
    part = MarketEstimate.of(first_bars(told, count))
    assert part.learner.intervals > 0
    assert not np.array_equal(part.learner.weight, assumed(history))
    assert np.array_equal(part.expected.usd, whole.expected.usd[:, :count])
    stepwise = MarketEstimate.of(first_bars(told, 100))
    for bar in range(150, BARS + 1, 50):
        stepwise = stepwise.advanced(first_bars(told, min(bar, BARS)))
    stepwise = stepwise.advanced(told)
    assert np.array_equal(stepwise.learner.weight, whole.learner.weight)
    assert np.array_equal(stepwise.expected.usd, whole.expected.usd)


def test_events_are_learnt_from_by_the_hour_and_a_quiet_end_of_day_counts() -> None:
    history = quiet()
    first = int(history.candles.open_time[0]) // DAY * DAY + DAY
    time = first + np.array([HOUR, 3 * HOUR, 5 * DAY])
    events = Liquidations(time, np.ones(3, np.int8), np.full(3, 6e4), np.full(3, 0.5))
    heard = replace(history, liquidations=events)
    count = int(np.searchsorted(history.candles.open_time, first + DAY + HOUR))
    part, whole = MarketEstimate.of(first_bars(heard, count)), MarketEstimate.of(heard)
    assert part.learner.intervals == 23  # from the hour of the first event on
    assert np.array_equal(part.expected.usd, whole.expected.usd[:, :count])


def test_hours_that_lack_a_bar_or_a_report_teach_nothing() -> None:
    history = quiet()
    told = lived(history, assumed(history), (0.5, 0.5))
    totals = told.liquidation_totals
    assert totals is not None
    half = totals.time >= totals.time[len(totals.time) // 2]
    gone = replace(
        told,
        liquidation_totals=LiquidationTotals(
            totals.time[half], totals.long_usd[half], totals.short_usd[half], HOUR
        ),
    )
    assert learnt(gone).intervals < learnt(told).intervals / 2 + 24


def test_a_copy_learns_without_the_one_it_came_from() -> None:
    history = quiet()
    told = lived(history, assumed(history), (0.5, 0.1))
    before = MarketEstimate.of(first_bars(told, BARS // 2 + 2))  # in the midst of an hour
    weight, hours = before.learner.weight.copy(), len(before.learner.hours)
    running = before.learner.hours[max(before.learner.hours)]
    bars_of, response = running.bars, running.response.copy()
    after = before.advanced(told)
    assert np.array_equal(before.learner.weight, weight)
    assert len(before.learner.hours) == hours
    assert running.bars == bars_of
    assert np.array_equal(running.response, response)
    assert not np.array_equal(after.learner.weight, weight)


def test_a_record_tells_what_was_learnt_and_how_far_it_is_from_the_prior() -> None:
    history = quiet()
    silent = describe(calibration(MarketEstimate.of(calm())))
    assert silent.intervals == 0
    assert silent.distance == pytest.approx((0.0, 0.0), abs=1e-12)
    assert np.array(silent.mix) == pytest.approx(np.array(silent.prior))
    assert silent.unlevered == pytest.approx(0.35)
    assert silent.trust == (0.5, 0.5)
    record = calibration(MarketEstimate.of(lived(history, assumed(history), (0.5, 0.1))))
    told = describe(record)
    assert record.version.startswith("prior")
    assert record.market == "BTC/USDT:USDT"
    assert told.intervals == record.intervals > 0
    assert min(told.distance) > 0.01
    assert told.trust == record.trust != (0.5, 0.5)
    assert sum(told.mix[LONG]) == pytest.approx(0.65)
    assert told.mix[SHORT][-1] < told.prior[SHORT][-1]
    # The higher the leverage, the shorter they stay.
    assert list(told.lifetime[LONG]) == sorted(told.lifetime[LONG], reverse=True)
    assert told.reported == pytest.approx(record.long.reported + record.short.reported)
