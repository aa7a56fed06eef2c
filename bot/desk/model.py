"""`/model`: what the estimate of a coin assumes, and what its own liquidations have taught it."""

from collections.abc import Iterator

from bot.core import figures
from bot.core.estimate.calibration import Described, calibration, describe
from bot.core.estimate.parameters import LONG, SHORT
from bot.core.instruments import venue_name
from bot.desk.caption import SIMULATED
from bot.desk.markets import Markets
from bot.desk.requests import ModelRequest
from bot.desk.snapshot import Kept, Snapshots
from bot.reply import Button, Reply

# So many venues are told of in full; an answer has to fit a chat.
_IN_FULL = 3

_LEGEND = (
    "Shares are of each side's open interest, in brackets as assumed before anything was learnt. "
    "A level of ×1.2 means a fifth more near the price than assumed. Learnt once a day, from the "
    "days before only."
)


async def model_reply(request: ModelRequest, markets: Markets, snapshots: Snapshots) -> Reply:
    """Answer with a table in words, a venue after the other. UnknownSymbol, UnknownVenue, ..."""
    found = await markets.find(request.symbol, request.venues)
    snapshot = await snapshots.of(found.instruments)
    simulated = any(kept.history.simulated for kept in snapshot.kept)
    largest = sorted(snapshot.kept, key=lambda kept: -kept.estimate.inventory.interest)
    lines = [SIMULATED] if simulated else []
    intervals = 0
    for place, kept in enumerate(largest):
        told = describe(calibration(kept.estimate))
        intervals += told.intervals
        lines.extend(_venue(kept, told, full=place < _IN_FULL))
    words = " ".join(("model", found.base, *request.venues))
    learnt = f"learnt from {intervals:,} hours" if intervals else "as assumed, nothing learnt yet"
    return Reply(
        f"{found.base} model: {learnt}",
        (*lines, _LEGEND, *found.failures, *snapshot.failures),
        buttons=(
            (
                Button("Refresh", words),
                Button("Accuracy", " ".join(("accuracy", found.base, *request.venues))),
                Button("Heatmap", " ".join(("heatmap", found.base, *request.venues))),
            ),
        ),
        simulated=simulated,
        as_of=snapshot.now,
    )


def _venue(kept: Kept, told: Described, *, full: bool) -> Iterator[str]:
    """Write one venue's model."""
    name = venue_name(kept.history.instrument.exchange)
    version = calibration(kept.estimate).version
    if told.intervals:
        evidence = f"{told.intervals:,} hours, {figures.usd(told.reported)} reported"
        away = " and ".join(figures.percent(part) for part in told.distance)
        evidence += f"; {away} of longs and shorts elsewhere than assumed"
    else:
        evidence = "nothing learnt yet"
    yield f"{name} ({version}): {evidence}."
    if not full:
        return
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


def _days(days: float) -> str:
    """Write a lifetime.

    >>> _days(17.32), _days(0.31)
    ('17 d', '7.4 h')
    """
    return f"{days:.0f} d" if days >= 2 else f"{days * 24:.2g} h"  # noqa: PLR2004 - two days
