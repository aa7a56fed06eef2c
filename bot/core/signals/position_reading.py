"""What `/position` shows, finished: where a position ends, what is near, where a stop belongs."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.core.estimate.maps import LiquidationMap
from bot.core.instruments import Contract
from bot.core.language import Said, many
from bot.core.margin.position import Liquidation, Position, leverage_for
from bot.core.margin.rules import MarginMode
from bot.core.margin.tiers import Brackets
from bot.core.market.liquidations import PositionSide
from bot.core.signals.episode import Way
from bot.core.signals.events import Zone
from bot.core.signals.standing import sheltered

# A stop hides behind the nearest cluster that is at least this part of the largest one on the way:
# a small one is gone through by noise.
_WORTH = 0.5
# What is further off than this [fraction of the price] is no place for a stop.
_REACH = 0.15


@dataclass(frozen=True, slots=True)
class Stop:
    """Where a stop belongs: beyond a cluster, never at it."""

    price: float  # [quote/base]
    zone: Zone  # that it stands behind
    loss: float  # [fraction of the margin] that it costs, without fees; above 1: more than there is
    holds: bool  # it comes before the liquidation
    leverage: float | None  # [1] with which it would; None: it does, or no leverage helps


@dataclass(frozen=True, slots=True, eq=False)
class PositionReading:
    """A position on one or several venues, and the map around it."""

    base: str
    quote: str
    as_of: int  # [ms] UTC
    price: float  # [quote/base] now
    position: Position
    found: tuple[Liquidation, ...]  # by venue, the one that is told of first
    refused: tuple[str, ...]  # a sentence for each venue that would not let it be opened
    now: LiquidationMap
    zones: tuple[Zone, ...]  # of both sides, largest first
    stop: Stop | None
    grade: str | Said
    venues: tuple[str, ...]  # exchanges in the map
    asked: tuple[str, ...]
    failures: tuple[str | Said, ...]
    simulated: bool

    @property
    def liquidation(self) -> float | None:
        """Where the first venue liquidates it [quote/base]; None: no price does."""
        return self.found[0].price

    @property
    def distance(self) -> float | None:
        """How far that is from the price [signed fraction]; None: no price liquidates it."""
        return None if self.liquidation is None else self.liquidation / self.price - 1

    @property
    def over(self) -> bool:
        """Whether it would have been liquidated by now."""
        at = self.liquidation
        return at is not None and (self.price - at) * self.position.side.value <= 0

    @property
    def gain(self) -> float:
        """What it has made so far [signed fraction of the margin], without fees and funding."""
        return made(self.position, self.price, self.found[0])

    @property
    def within(self) -> Zone | None:
        """The cluster that the liquidation stands in, if it does."""
        at = self.liquidation
        if at is None:
            return None
        return next((zone for zone in self.zones if zone.low <= at <= zone.high), None)

    @property
    def between(self) -> tuple[Zone, ...]:
        """Clusters on the way from the price to the liquidation, the nearest first."""
        return on_the_way(self.position.side, self.price, self.liquidation, self.zones)

    @property
    def freshness(self) -> str:
        """Partial answers say so.

        "3 of 3 venues"
        """
        told = len(self.venues)
        return many(
            "{told} of {count} venue", "{told} of {count} venues", len(self.asked), told=told
        )


def made(position: Position, price: float, held: Liquidation) -> float:
    """Return what a position has made at a price [signed fraction of its margin]."""
    value = position.value or position.entry
    margin = held.margin
    if held.instrument.contract is Contract.LINEAR:
        move = price / position.entry - 1
    else:  # paid in the coin, whose own price has moved
        move = (1 - position.entry / price) * price / position.entry
        margin *= price / position.entry
    return position.side.value * move * value / margin


def on_the_way(
    side: PositionSide, price: float, end: float | None, zones: Sequence[Zone]
) -> tuple[Zone, ...]:
    """Return clusters of a side between the price and an end, the nearest first."""
    limit = price * (1 - side.value * _REACH) if end is None else end
    low, high = sorted((price, limit))
    passed = (zone for zone in zones if zone.side is side and low < zone.near < high)
    return tuple(sorted(passed, key=lambda zone: abs(zone.near - price)))


def stop_for(
    position: Position, price: float, held: Liquidation, table: Brackets, zones: Sequence[Zone]
) -> Stop | None:
    """Say where a stop belongs: behind the nearest cluster that is worth hiding behind.

    None where the map knows of none within reach.
    """
    side = position.side
    near = on_the_way(side, price, None, zones)
    if not near:
        return None
    most = max(zone.usd for zone in near)
    zone = next(zone for zone in near if zone.usd >= _WORTH * most)
    way = Way.UP if side is PositionSide.LONG else Way.DOWN
    at = sheltered(zone.far, way, (zone, *zones))
    holds = held.price is None or (at - held.price) * side.value > 0
    leverage = None
    if not holds and position.mode is MarginMode.ISOLATED:
        leverage = leverage_for(position, held.instrument, table, at) or None
    return Stop(at, zone, -made(position, at, held), holds, leverage)
