"""Cascades in forced orders that were recorded on real venues, beside what their prices did.

The recordings are stretches of half an hour or so, and nobody listened in between. No machine
knows from them what is usual, so each market is given a day before its stretch of which every hour
was as busy as the stretch's own first minutes; those are not judged. `pytest -s` prints the list.
"""

import csv
import gzip
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from bot.core.arrays import DAY, HOUR, MINUTE
from bot.core.market.heard import Heard
from bot.core.market.liquidations import Liquidations
from bot.core.signals.cascade import ALL, LONGEST, CascadeMachine
from bot.core.signals.episode import Episode
from bot.core.signals.events import STEP, Forced, steps
from bot.core.signals.machine import run
from bot.core.signals.wide import COINS, WideMachine

# A recorder that told of no market for so long was off [ms].
OFF = 5 * MINUTE

# The first minutes of a stretch tell what is usual; a market with fewer orders is not judged.
FIRST, FEWEST = 10 * MINUTE, 12

# Waves below this are of no market that anybody would be told of [USD]: open interest, which else
# tells what is much, is not in the recordings.
LEAST_USD = 20_000.0


@dataclass(frozen=True)
class Stretch:
    """A market's orders while a recorder was on."""

    market: str
    since: int  # [ms]
    until: int  # [ms]
    events: Liquidations


def stretches(file: Path) -> Iterator[Stretch]:
    with gzip.open(file, "rt") as text:
        rows = list(csv.DictReader(text))
    recorders: dict[str, list[int]] = defaultdict(list)
    markets: dict[tuple[str, str, str], list[Mapping[str, str]]] = defaultdict(list)
    for row in rows:
        recorders[row["source"]].append(int(row["time_ms"]))
        markets[row["source"], row["venue"], row["symbol"]].append(row)
    on = {name: Heard.of((at, at + OFF) for at in times) for name, times in recorders.items()}
    for (source, venue, symbol), told in sorted(markets.items()):
        told.sort(key=lambda row: int(row["time_ms"]))
        price = np.array([float(row["avg_price"] or row["price"]) for row in told])
        whole = Liquidations(
            np.array([int(row["time_ms"]) for row in told]),
            np.array([1 if row["liquidated"] == "long" else -1 for row in told], np.int8),
            price,
            np.array([float(row["notional_usd"]) for row in told]) / price,
        )
        for since, until in on[source].spans:
            first, last = whole.time.searchsorted([since, until]).tolist()
            yield Stretch(f"{venue} {symbol}", since, until, whole.sliced(slice(first, last)))


def judged(stretch: Stretch) -> list[Episode]:
    """Follow a stretch after its first minutes, with a day before it that was like them."""
    told = list(steps(stretch.events))
    after = (stretch.since + FIRST) // STEP * STEP
    early = [step for step in told if step.time <= after]
    late = [step for step in told if step.time > after]
    usual = max((_minute(early, step.time) for step in early), default=0.0)
    begin = after - DAY - HOUR
    day = [
        Forced(begin + hour * HOUR + 30 * MINUTE, STEP, usual / 2, usual / 2, 1.0, 1.0)
        for hour in range(25 * bool(usual))
    ]
    heard = Heard(((begin - HOUR, after), (after, stretch.until)))
    machine = CascadeMachine(stretch.market, heard=heard)
    said = list(run([*day, *late], [machine]))
    said += machine.until(stretch.until + LONGEST)
    return said


def _minute(told: Sequence[Forced], end: int) -> float:
    part = [step for step in told if end - MINUTE < step.time <= end]
    return sum(step.long_usd + step.short_usd for step in part)


@dataclass(frozen=True)
class Line:
    """A detection, and what price did by the orders' own prices."""

    said: Episode
    over: Episode
    usd: float
    went: float  # [fraction] from when it was said to its furthest, the way it said
    later: float  # [fraction] to the last order within a quarter of an hour, the same way

    def __str__(self) -> str:
        at = datetime.fromtimestamp(self.said.time / 1000, UTC)
        return (
            f"{at:%Y-%m-%d %H:%M:%S}  {self.said.market:24} {self.said.way.value:4}"
            f" ${self.usd / 1000:7,.0f}K  {100 * self.went:+6.2f} %  {100 * self.later:+6.2f} %"
            f"  {self.over.why_ended}"
        )


def line(stretch: Stretch, said: Episode, over: Episode) -> Line:
    events = stretch.events
    after = (events.time >= said.time) & (events.time < said.time + 15 * MINUTE)
    moves = said.way.sign * (events.price[after] / said.price - 1)
    usd = {fact.name: fact.value for fact in over.facts}[ALL]
    went, later = (float(moves.max()), float(moves[-1])) if len(moves) else (0.0, 0.0)
    return Line(said, over, usd, went, later)


@pytest.fixture
def recorded(shared: Path) -> list[tuple[Stretch, list[Episode]]]:
    file = shared / "data" / "events" / "forced_orders.csv.gz"
    enough = [each for each in stretches(file) if len(each.events) >= FEWEST]
    return [(each, judged(each)) for each in enough]


def test_detections_are_listed_against_price(
    recorded: list[tuple[Stretch, list[Episode]]],
) -> None:
    lines = []
    for stretch, said in recorded:
        ended = {one.name: one for one in said if one.ended is not None}
        begun = [one for one in said if one.phase == "cascade"]
        assert len(ended) == len(begun)
        assert all(stretch.since + FIRST < one.began <= one.time for one in begun)
        assert all(one.time <= stretch.until for one in begun)
        lines += [line(stretch, one, ended[one.name]) for one in begun]
    lines = sorted((one for one in lines if one.usd >= LEAST_USD), key=lambda one: one.said.time)
    print(f"\n{len(recorded)} stretches of markets", *map(str, lines), sep="\n")  # noqa: T201 - the list is what the test is run for
    assert len(lines) >= 10
    assert sum(one.went > 0 for one in lines) >= 0.75 * len(lines)
    assert any(one.said.market.endswith("BTCUSDT") and one.usd > 5e5 for one in lines)


def test_of_the_recordings_alone_nothing_is_said_for_no_market_was_heard_a_day(
    recorded: list[tuple[Stretch, list[Episode]]],
) -> None:
    for stretch, _ in recorded:
        heard = Heard(((stretch.since, stretch.until),))
        machine = CascadeMachine(stretch.market, heard=heard)
        assert not list(run(steps(stretch.events), [machine]))


def test_coins_that_cascade_together_in_the_recordings_are_the_market(
    recorded: list[tuple[Stretch, list[Episode]]],
) -> None:
    said = [(stretch.market, one) for stretch, told in recorded for one in told]
    said.sort(key=lambda one: (one[1].time, one[1].ended is not None))
    machine = WideMachine()
    found = [wide for coin, state in said for wide in machine.take(coin, state)]
    for wide in found:
        if wide.ended is not None:
            at = datetime.fromtimestamp(wide.began / 1000, UTC)
            coins = ", ".join(fact.name for fact in wide.facts[3:])
            print(f"{at:%Y-%m-%d %H:%M:%S}  {wide.way}  {wide.facts[1].value:,.0f} USD  {coins}")  # noqa: T201 - as above
    assert len({one.name for one in found}) == sum(one.ended is not None for one in found)
    assert all(one.facts[0].value >= COINS for one in found)
    assert found
