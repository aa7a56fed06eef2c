"""`/model`: what the estimate of a coin assumes, and what its own liquidations have taught it."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import numpy as np

from bot.core import figures
from bot.core.arrays import DAY
from bot.core.estimate.calibration import Calibration, Described, calibration, describe
from bot.core.estimate.parameters import LONG, SHORT
from bot.core.instruments import venue_name
from bot.desk.caption import SIMULATED
from bot.desk.markets import Markets
from bot.desk.requests import ModelRequest
from bot.desk.snapshot import Kept, Snapshots
from bot.desk.steps import rows, step
from bot.ports import KeptCalibration
from bot.reply import Reply

# So many venues are told of in full; an answer has to fit a chat.
_IN_FULL = 3

# How far back records are looked at: four weeks.
_LOOK_BACK = 28 * DAY

_LEGEND = (
    "Shares are of each side's open interest, in brackets as assumed of any coin. A level of ×1.2 "
    "means a fifth more near the price than that; until liquidations are heard it follows from how "
    "much the coin moves. Learnt once a day, from the days before only."
)


async def model_reply(request: ModelRequest, markets: Markets, snapshots: Snapshots) -> Reply:
    """Answer with a table in words, a venue after the other. UnknownSymbol, UnknownVenue, ..."""
    found = await markets.find(request.symbol, request.venues)
    snapshot = await snapshots.of(found.instruments)
    simulated = any(kept.history.simulated for kept in snapshot.kept)
    largest = sorted(snapshot.kept, key=lambda kept: -kept.estimate.inventory.interest)
    lines = [SIMULATED] if simulated else []
    records = await asyncio.gather(
        *(
            snapshots.learnt(kept.history.instrument, kept.estimate.time - _LOOK_BACK)
            for kept in largest[:_IN_FULL]
        )
    )
    intervals = 0
    for place, kept in enumerate(largest):
        learnt = calibration(kept.estimate)
        told = describe(learnt)
        intervals += told.intervals
        lines.append(_headline(kept, learnt, told))
        if place < _IN_FULL:
            lines += [*_in_full(told), *_changed(learnt, records[place])]
    words = " ".join(("model", found.symbol, *request.venues))
    evidence = f"learnt from {intervals:,} hours" if intervals else "as assumed, nothing learnt yet"
    return Reply(
        f"{found.base} model: {evidence}",
        (*lines, _LEGEND, *found.failures, *snapshot.failures),
        buttons=rows(
            (
                *step("Refresh", words),
                *step("Accuracy", " ".join(("accuracy", found.symbol, *request.venues))),
                *step("Heatmap", " ".join(("heatmap", found.symbol, *request.venues))),
            ),
        ),
        simulated=simulated,
        as_of=snapshot.now,
    )


def _headline(kept: Kept, learnt: Calibration, told: Described) -> str:
    """Write one venue's model in a line: its version, until when it learnt, from how much."""
    name = venue_name(kept.history.instrument.exchange)
    if not told.intervals:
        return f"{name} ({learnt.version}): nothing learnt yet."
    version, _, until = learnt.version.partition(" / ")
    away = " and ".join(figures.percent(part) for part in told.distance)
    return (
        f"{name} ({version}, learnt until {until}): {told.intervals:,} hours, "
        f"{figures.usd(told.reported)} reported; {away} of longs and shorts elsewhere than assumed."
    )


def _in_full(told: Described) -> Iterator[str]:
    """Write the mix, its level, the feed's coverage, the lifetimes, and what learning counts."""
    for side, word in ((LONG, "Longs"), (SHORT, "Shorts")):
        mix = ", ".join(
            f"{group} {figures.percent(share)} ({figures.percent(assumed)})"
            for group, share, assumed in zip(
                told.groups, told.mix[side], told.prior[side], strict=True
            )
        )
        yield (
            f"{word}: {mix}; level ×{told.level[side]:.2f}, "
            f"the feed tells of {figures.percent(told.coverage[side])}."
        )
    lives = ", ".join(
        f"{group} {_days(days)}"
        for group, days in zip(told.groups, told.lifetime[LONG], strict=True)
    )
    yield f"They stay for: {lives}; {figures.percent(told.unlevered)} no price near liquidates."
    if told.intervals:
        lifetimes, level = map(figures.percent, told.trust)
        yield (
            f"What was learnt counts for {lifetimes} of the lifetimes and {level} of the level, "
            "what was assumed for the rest: half each at first, then by which foretells better."
        )


def _changed(now: Calibration, records: Sequence[KeptCalibration]) -> Iterator[str]:
    """Write how the newest figures differ from the oldest on record, if both are of one model."""
    version = now.version.partition(" / ")[0]
    earlier = [
        record
        for record in records
        if record.learnt.version.partition(" / ")[0] == version
        and record.learnt.leverage == now.leverage
        and record.learnt.time <= now.time - DAY
    ]
    if not earlier or not now.intervals:
        return
    then = earlier[0].learnt
    day = datetime.fromtimestamp(earlier[0].day / 1000, UTC)
    sides = ((then.long, now.long, "longs"), (then.short, now.short, "shorts"))
    moved = ", ".join(
        f"{word} ×{one.level:.2f} to ×{other.level:.2f} "
        f"({figures.percent(float(np.abs(np.subtract(one.mix, other.mix)).sum()) / 2)} moved)"
        for one, other, word in sides
    )
    count = f"{len(earlier)} record{'s' * (len(earlier) > 1)}"
    yield f"Since {day.day} {day:%b} ({count}): level of {moved}."


def _days(days: float) -> str:
    """Write a lifetime.

    >>> _days(17.32), _days(0.31)
    ('17 d', '7.4 h')
    """
    return f"{days:.0f} d" if days >= 2 else f"{days * 24:.2g} h"  # noqa: PLR2004 - two days
