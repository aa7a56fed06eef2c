"""`/model`: what the estimate of a coin assumes, and what its own liquidations have taught it."""

import asyncio
from collections.abc import Iterator, Sequence

import numpy as np

from bot.core import figures
from bot.core.arrays import DAY
from bot.core.estimate.calibration import Calibration, Described, OneSide, calibration, describe
from bot.core.estimate.parameters import LONG, SHORT
from bot.core.instruments import venue_name
from bot.core.language import many, mark, say
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

_LEGEND = mark(
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
    lines = [say(SIMULATED)] if simulated else []
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
    return Reply(
        many(
            "{coin} model: learnt from {count} hour",
            "{coin} model: learnt from {count} hours",
            intervals,
            coin=found.base,
        )
        if intervals
        else say("{coin} model: as assumed, nothing learnt yet", coin=found.base),
        (*lines, say(_LEGEND), *found.failures, *snapshot.failures),
        buttons=rows(
            (
                *step(say("Refresh"), words),
                *step(say("Accuracy"), " ".join(("accuracy", found.symbol, *request.venues))),
                *step(say("Heatmap"), " ".join(("heatmap", found.symbol, *request.venues))),
            ),
        ),
        simulated=simulated,
        as_of=snapshot.now,
    )


def _headline(kept: Kept, learnt: Calibration, told: Described) -> str:
    """Write one venue's model in a line: its version, until when it learnt, from how much."""
    name = venue_name(kept.history.instrument.exchange)
    if not told.intervals:
        return say("{venue} ({version}): nothing learnt yet.", venue=name, version=learnt.version)
    version, _, until = learnt.version.partition(" / ")
    longs, shorts = map(figures.percent, told.distance)
    return many(
        "{venue} ({version}, learnt until {until}): {count} hour, {size} reported; {longs} and "
        "{shorts} of longs and shorts elsewhere than assumed.",
        "{venue} ({version}, learnt until {until}): {count} hours, {size} reported; {longs} and "
        "{shorts} of longs and shorts elsewhere than assumed.",
        told.intervals,
        venue=name,
        version=version,
        until=until,
        size=figures.usd(told.reported),
        longs=longs,
        shorts=shorts,
    )


def _in_full(told: Described) -> Iterator[str]:
    """Write the mix, its level, the feed's coverage, the lifetimes, and what learning counts."""
    for side, word in ((LONG, say("Longs")), (SHORT, say("Shorts"))):
        mix = ", ".join(
            f"{say(group)} {figures.percent(share)} ({figures.percent(assumed)})"
            for group, share, assumed in zip(
                told.groups, told.mix[side], told.prior[side], strict=True
            )
        )
        yield say(
            "{side}: {mix}; level ×{level}, the feed tells of {part}.",
            side=word,
            mix=mix,
            level=f"{told.level[side]:.2f}",
            part=figures.percent(told.coverage[side]),
        )
    lives = ", ".join(
        f"{say(group)} {_days(days)}"
        for group, days in zip(told.groups, told.lifetime[LONG], strict=True)
    )
    yield say(
        "They stay for: {lives}; {part} no price near liquidates.",
        lives=lives,
        part=figures.percent(told.unlevered),
    )
    if told.intervals:
        lifetimes, level = map(figures.percent, told.trust)
        yield say(
            "What was learnt counts for {lifetimes} of the lifetimes and {level} of the level, "
            "what was assumed for the rest: half each at first, then by which foretells better.",
            lifetimes=lifetimes,
            level=level,
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
    longs = _moved(then.long, now.long)
    shorts = _moved(then.short, now.short)
    yield many(
        "Since {day} ({count} record): level of longs {longs}, shorts {shorts}.",
        "Since {day} ({count} records): level of longs {longs}, shorts {shorts}.",
        len(earlier),
        day=figures.day(earlier[0].day),
        longs=longs,
        shorts=shorts,
    )


def _moved(before: OneSide, now: OneSide) -> str:
    moved = float(np.abs(np.subtract(before.mix, now.mix)).sum()) / 2
    return say(
        "×{before} to ×{now} ({part} moved)",
        before=f"{before.level:.2f}",
        now=f"{now.level:.2f}",
        part=figures.percent(moved),
    )


def _days(days: float) -> str:
    """Write a lifetime.

    >>> _days(17.32), _days(0.31)
    ('17 d', '7.4 h')
    """
    return f"{days:.0f} d" if days >= 2 else f"{days * 24:.2g} h"  # noqa: PLR2004 - two days
