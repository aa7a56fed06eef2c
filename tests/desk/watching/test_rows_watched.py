"""What is known of the markets that are watched: found, kept current, read from what is held."""

from collections.abc import AsyncIterator
from dataclasses import replace

import numpy as np
import pytest

from bot.core.arrays import HOUR, MINUTE
from bot.core.instruments import Instrument
from bot.core.market.heard import Heard
from bot.core.simulation.simulate import simulate
from bot.core.watches.columns import needed
from bot.core.watches.figures import Figure, Measure, Side
from bot.core.watches.parse import condition, watch
from bot.core.watches.presets import rules
from bot.core.watches.preview import preview
from bot.desk.markets import Markets
from bot.desk.signals import SignalDesk
from bot.desk.snapshot import Snapshots
from bot.desk.tapes import Tapes
from bot.desk.watching.past import past_columns
from bot.desk.watching.rows import Rows
from bot.desk.watching.wanted import Row, Wanted
from tests.support.histories import history
from tests.support.lines import event
from tests.support.markets import Market

BTC = Row("BTC")
PRICE, SUM = Figure(Measure.PRICE), Figure(Measure.LIQUIDATED, Side.EITHER, 15 * MINUTE)
_OKX = Instrument("okx", "BTC", "USDT", "USDT")
_PEPE = Instrument("okx", "PEPE", "USDT", "USDT")


class Held:
    """Rows over a source, that a test lets find and gather."""

    def __init__(self, source: Market, *, collected: bool = False) -> None:
        self.source = source
        self.tapes = Tapes()
        self.snapshots = Snapshots(source, None, tapes=self.tapes)
        self.signals = SignalDesk(self.snapshots)
        markets = Markets(source)
        self.wanted = Wanted(source, markets, self.snapshots, collected=collected, interval=MINUTE)
        self.rows = Rows(source, self.wanted, self.signals, self.tapes)

    async def refreshed(self) -> None:
        """Look for what is wanted until it is there."""
        for _ in range(3):
            await self.rows.refresh(self.source.time)
            for tasks in (self.wanted._tasks, self.rows._tasks):
                for kind in list(tasks._under_way):
                    await tasks.settled(kind, 20)

    async def close(self) -> None:
        await self.rows.close()
        await self.signals.close()
        await self.snapshots.close()


@pytest.fixture
async def held() -> AsyncIterator[Held]:
    made = Held(Market(history(), history(_OKX, seed=2)))
    yield made
    await made.close()


async def test_a_coin_is_found_gathered_and_judged_by_all_its_venues(held: Held) -> None:
    rows = {BTC: frozenset({PRICE}), Row("BTC", ("okx",)): frozenset({PRICE})}
    held.rows.want(rows)
    before = await held.rows.view(held.source.time)
    assert before.ready.tolist() == [False, False]
    await held.refreshed()
    view = await held.rows.view(held.source.time)
    assert view.ready.tolist() == [True, True]
    found = held.wanted.found(BTC)
    assert found is not None
    assert [each.exchange for each in found.instruments] == ["binance", "okx"]
    lead = max(held.snapshots.kept.values(), key=lambda each: each.estimate.inventory.interest)
    assert view.price(0) == lead.history.candles.close[-1]
    assert view.price(1) == held.source.histories[_OKX].candles.close[-1]
    assert view.columns.mapped().all()
    assert (view.columns.clusters.usd[0] > 0).any()


async def test_markets_that_nobody_keeps_current_are_kept_current_here(held: Held) -> None:
    held.rows.want({BTC: frozenset({PRICE})})
    held.source.time -= 2 * HOUR
    await held.refreshed()
    first = (await held.rows.view(held.source.time)).price(0)
    held.source.time += 2 * HOUR
    await held.rows.refresh(held.source.time)
    second = await held.rows.view(held.source.time)
    assert second.price(0) is not None
    assert second.price(0) != first


async def test_markets_that_others_collect_are_asked_for_and_gathered_once() -> None:
    made = Held(Market(history()), collected=True)
    asked: list[Instrument] = []
    made.wanted._markets.asked = asked.extend
    made.rows.want({BTC: frozenset({PRICE})})
    await made.refreshed()
    assert {each.key for each in asked} == set(made.snapshots.kept)
    count = len(made.source.asked)
    made.source.time += 10 * MINUTE
    await made.refreshed()
    assert len(made.source.asked) == count
    assert (await made.rows.view(made.source.time)).price(0) is None  # too old to be true
    await made.close()


async def test_a_coin_that_no_venue_lists_is_an_error_unless_one_does_not_answer(
    held: Held,
) -> None:
    held.rows.want({Row("XYZ"): frozenset({PRICE}), Row("BTC", ("ftx",)): frozenset({PRICE})})
    held.source.down = {"okx": "timed out"}
    await held.refreshed()
    assert (await held.rows.view(held.source.time)).errors == ("", "")
    held.source.down = {}
    await held.refreshed()
    view = await held.rows.view(held.source.time)
    assert "XYZ" in str(view.errors[0])
    assert "ftx" in str(view.errors[1])
    assert view.ready.tolist() == [True, True]


async def test_a_market_that_cannot_be_had_is_waited_for_and_then_unknown(held: Held) -> None:
    held.source.down = {"binance": "HTTP 451", "okx": "HTTP 451"}
    held.rows.want({BTC: frozenset({PRICE})})
    await held.refreshed()
    assert not (await held.rows.view(held.source.time)).ready[0]
    held.source.time += 5 * MINUTE
    view = await held.rows.view(held.source.time)
    assert view.ready[0]
    assert view.price(0) is None


async def test_a_coin_that_a_venue_counts_by_thousands_is_counted_as_the_largest_does() -> None:
    lead = history(replace(_OKX, exchange="bybit", base="1000PEPE"), price=0.01)
    small = history(_PEPE, price=0.00001, seed=1)
    assert small.open_interest is not None
    made = Held(Market(lead, small))
    made.rows.want({Row("1000PEPE"): frozenset({PRICE, Figure(Measure.INTEREST)})})
    await made.refreshed()
    view = await made.rows.view(made.source.time)
    price = view.price(0)
    assert price == pytest.approx(lead.candles.close[-1])
    interest = view.columns.values(Figure(Measure.INTEREST))[0]
    parts = [
        each.open_interest.quantity[-1] * each.candles.close[-1]
        for each in (lead, small)
        if each.open_interest is not None
    ]
    assert interest == pytest.approx(sum(parts))
    await made.close()


async def test_liquidations_are_known_to_the_moment_from_the_tape() -> None:
    start = history()
    made = Held(Market(replace(start, liquidations=None)))
    made.rows.want({BTC: frozenset({SUM})})
    await made.refreshed()
    now = made.source.time
    view = await made.rows.view(now)
    assert np.isnan(view.columns.values(SUM)[0])  # nobody has listened
    made.tapes.take(start.instrument, event(now + MINUTE, 90_000.0))
    made.tapes.hear(start.instrument, Heard(((now - HOUR, now + 2 * MINUTE),)))
    made.source.time = now + 2 * MINUTE
    view = await made.rows.view(made.source.time)
    assert view.columns.values(SUM)[0] == 45_000.0
    await made.close()


async def test_signals_are_read_beside_the_tick_and_told_when_they_are(held: Held) -> None:
    keys = needed([condition("squeeze or magnet")])
    held.rows.want({BTC: keys})
    await held.wanted.refresh(held.source.time, 0.0)
    early = (await held.rows.view(held.source.time)).columns
    assert all(np.isnan(early.values(key)[0]) for key in keys)
    await held.refreshed()
    view = await held.rows.view(held.source.time)
    assert all(np.isfinite(view.columns.values(key)[0]) for key in keys)


WATCHES = (
    "price > 1",
    "funding > 0.001%",
    "oi change 4h > 1%",
    "clusters above > 1M within 5%",
    "delta > 0",
    "liqs 1h > 2x normal",
    "magnet",
    "sweep",
    "cascade",
)


async def test_a_preview_knows_nothing_of_what_came_later() -> None:
    whole = simulate("crash", 5, 6 * 288).history
    cut = int(whole.candles.close_time[-1]) - 24 * HOUR
    pasts = []
    for history_ in (whole, whole.known_at(cut)):
        made = Held(Market(history_))
        found = await Markets(made.source).find(history_.instrument.base)
        seeing = await made.signals.of(found)
        pasts.append([past_columns(watch(f"BTC {words}"), seeing) for words in WATCHES])
        await made.close()
    for words, late, early in zip(WATCHES, *pasts, strict=True):
        same = np.isin(late.time, early.time)
        assert early.time[-1] > cut - HOUR
        for key in early.figures:
            told, then = late.values(key)[same], early.values(key)
            assert np.array_equal(told, then, equal_nan=True), (words, key)
        width = min(late.clusters.usd.shape[1], early.clusters.usd.shape[1])
        assert np.array_equal(late.clusters.usd[same][:, :width], early.clusters.usd[:, :width])
        preview(watch(f"BTC {words}"), late, rules("w1", watch(f"BTC {words}")))
    known = [float(np.isfinite(past.values(next(iter(past.figures)))).mean()) for past in pasts[0]]
    assert min(known) > 0.5


def test_a_schedule_has_no_past() -> None:
    with pytest.raises(ValueError, match="schedule"):
        past_columns(watch("digest 08:00"), None)  # type: ignore[arg-type]
