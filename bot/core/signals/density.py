"""How dense the clusters near the price are beside a market's own past, a month and three."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.core.arrays import DAY
from bot.core.market.liquidations import PositionSide
from bot.core.signals.events import Look
from bot.core.signals.machine import Past

# A market's clusters are ranked among the looks of so many days.
MONTH, QUARTER = 30 * DAY, 90 * DAY


@dataclass(frozen=True, slots=True)
class Density:
    """What stands near the price on one side, and how much of the past held less."""

    side: PositionSide
    share: float  # [fraction of open interest] within reach, see looks.NEAR
    month: float  # [rank 0 to 1] among the last 30 days
    quarter: float  # [rank 0 to 1] among the last 90 days
    days: float  # that are remembered, 90 at most


def densities(looks: Sequence[Look]) -> tuple[Density, ...]:
    """Rank the newest look among those before it, longs and shorts; () if there is none.

    Looks are in the order of time; those that no open interest is known of are passed over.
    """
    known = [look for look in looks if look.interest > 0]
    if not known:
        return ()
    return tuple(_density(known, side) for side in PositionSide)


def _density(looks: Sequence[Look], side: PositionSide) -> Density:
    month, quarter = Past(MONTH), Past(QUARTER)
    share = 0.0
    for look in looks:
        near = look.long_near if side is PositionSide.LONG else look.short_near
        share = near / look.interest
        month.take(look.time, share)
        quarter.take(look.time, share)
    return Density(side, share, month.rank(share), quarter.rank(share), quarter.days)
