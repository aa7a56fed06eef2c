"""Each hour that is over has one row: what was said of it before, beside what came."""

from dataclasses import replace

import numpy as np
import pytest

from bot.core.arrays import HOUR, MINUTE
from bot.core.estimate.market import MarketEstimate
from bot.core.judge.report import rows as report
from bot.core.judge.scored import Scored, prices_alone, scored, together
from bot.core.judge.walk import by_interval, realised, walk
from bot.core.market.heard import Heard
from bot.core.market.history import MarketHistory
from tests.support.histories import START, history


def score(
    made: MarketHistory, before: Scored | None = None, as_of: int | None = None
) -> Scored | None:
    at = as_of or int(made.candles.close_time[-1])
    ours = MarketEstimate.of(made, as_of=at)
    rival = MarketEstimate.of(prices_alone(made), as_of=at)
    return scored(made.known_at(at), ours, rival, before)


def rows_of(found: Scored | None) -> list[list[list[float]]]:
    assert found is not None
    return [part.tolist() for part in found.rows]


def test_what_was_expected_of_an_hour_is_what_a_walk_through_its_bars_expects() -> None:
    made = history(bars=240)
    found, walked, actual = score(made), walk(made), realised(made)
    assert found is not None
    assert actual is not None
    expected, hours = by_interval(walked.time, walked.usd, actual)
    assert found.time.tolist() == actual.time[hours].tolist()
    assert found.expected.tolist() == expected.tolist()
    assert found.reported.tolist() == actual.usd[:, hours].tolist()
    scores = {(row.name, row.side): row.score for row in report(made, walked)}
    assert scores["map", "longs"].count == len(found)


@pytest.mark.parametrize("bars", [60, 61, 71, 119, 180])
def test_no_row_changes_by_what_happens_later(bars: int) -> None:
    made = history(bars=240)
    whole = score(made)
    part = score(made, as_of=int(made.candles.close_time[bars - 1]))
    assert whole is not None
    assert part is not None
    assert len(part) >= bars // 12 - 1
    assert rows_of(part) == rows_of(whole.part(slice(0, len(part))))
    assert part.until <= int(made.candles.close_time[bars - 1])


def test_hours_scored_one_after_another_are_scored_as_if_all_at_once() -> None:
    made = history(bars=240)
    grown: Scored | None = None
    for bars in (30, 31, 90, 100, 240):
        new = score(made, grown, int(made.candles.close_time[bars - 1]))
        assert new is not None
        grown = new if grown is None else grown.then(new)
    assert rows_of(grown) == rows_of(score(made))
    again = score(made, grown)
    assert again is not None
    assert len(again) == 0


def test_an_hour_in_which_nobody_listened_is_never_scored() -> None:
    made = history(bars=120)
    deaf = (START + 3 * HOUR + 20 * MINUTE, START + 3 * HOUR + 21 * MINUTE)
    heard = Heard(((START, deaf[0]), (deaf[1], START + 8 * HOUR)))
    found = score(replace(made, heard=heard))
    assert found is not None
    assert ((found.time - START) // HOUR).tolist() == [0, 1, 2, 4, 5, 6, 7]


def test_a_quiet_hour_that_was_heard_counts_as_one_without_liquidations() -> None:
    made = history(bars=120)
    assert made.liquidations is not None
    events = made.liquidations
    early = events.sliced(slice(0, int(np.searchsorted(events.time, START + 2 * HOUR))))
    found = score(replace(made, liquidations=early, heard=Heard(((START, START + 5 * HOUR),))))
    assert found is not None
    assert len(found) == 5
    assert found.reported[:, :2].sum() > 0
    assert found.reported[:, 2:].sum() == 0


def test_an_hour_that_lacks_a_candle_is_not_scored() -> None:
    made = history(bars=120)
    kept = np.delete(np.arange(120), 40)  # in the fourth hour
    names = ("open_time", "open", "high", "low", "close", "volume", "taker_buy_volume")
    columns = {name: getattr(made.candles, name)[kept] for name in names}
    holed = replace(made, candles=replace(made.candles, **columns))
    found, whole = score(holed), score(made)
    assert found is not None
    assert whole is not None
    hours = ((found.time - START) // HOUR).tolist()
    assert hours == [hour for hour in ((whole.time - START) // HOUR).tolist() if hour != 3]


def test_a_market_without_a_feed_has_no_rows() -> None:
    assert score(replace(history(bars=60), liquidations=None)) is None


def test_the_rival_knows_neither_open_interest_nor_turnover_nor_its_own_beginning() -> None:
    made = history(bars=120)
    assert made.open_interest is not None
    other = replace(
        made,
        candles=replace(made.candles, volume=made.candles.volume[::-1].copy()),
        open_interest=replace(made.open_interest, quantity=7.0 * made.open_interest.quantity[::-1]),
    )
    one, two = score(made), score(other)
    assert one is not None
    assert two is not None
    assert one.prices.tolist() == two.prices.tolist()
    assert one.expected.tolist() != two.expected.tolist()


def test_coverage_of_an_hour_is_learnt_from_earlier_ones_alone() -> None:
    made = history(bars=120)
    assert made.liquidations is not None
    events = made.liquidations
    loud = events.time >= START + 5 * HOUR
    louder = replace(events, quantity=np.where(loud, 1e3, 1.0) * events.quantity)
    one, two = score(made), score(replace(made, liquidations=louder))
    assert one is not None
    assert two is not None
    at = int(np.searchsorted(one.time, START + 5 * HOUR))
    assert one.told[:, : at + 1].tolist() == two.told[:, : at + 1].tolist()
    swept = one.expected[:, at + 1 :].sum(axis=1) > 0
    assert (two.told[:, at + 1 :].sum(axis=1) > one.told[:, at + 1 :].sum(axis=1))[swept].all()


def test_venues_are_summed_over_the_hours_that_all_of_them_have() -> None:
    one, other = score(history(bars=120)), score(history(bars=96, seed=2))
    assert one is not None
    assert other is not None
    both = together([one, other])
    assert both is not None
    assert both.time.tolist() == other.time.tolist()
    shared = one.part(np.isin(one.time, other.time))
    assert both.expected == pytest.approx(shared.expected + other.expected)
    assert both.reported == pytest.approx(shared.reported + other.reported)
    assert both.move == pytest.approx((shared.move + other.move) / 2)
    assert together([]) is None


def test_hours_and_quarters_of_hours_are_not_summed() -> None:
    one = score(history(bars=60))
    assert one is not None
    with pytest.raises(ValueError, match="one length"):
        together([one, replace(one, interval=HOUR // 4)])


def test_where_no_hour_was_heard_from_end_to_end_there_is_nothing_to_score() -> None:
    made = replace(history(bars=240), liquidation_totals=None)
    assert made.liquidations is not None
    assert report(made, walk(made))
    some = replace(made, heard=Heard(((START + 10 * MINUTE, START + 40 * MINUTE),)))
    assert report(some, walk(some)) == []
