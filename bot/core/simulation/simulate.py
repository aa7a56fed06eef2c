"""A market simulated from end to end: what was observed of it, and the truth behind that."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.core.arrays import MINUTE
from bot.core.instruments import Instrument
from bot.core.market.history import MarketHistory
from bot.core.market.liquidations import Liquidations
from bot.core.market.positions import Positions
from bot.core.simulation.market import START, STEP, Market
from bot.core.simulation.styles import STYLES, Style
from bot.core.simulation.views import observed, positions


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """The truth at one time."""

    time: int  # [ms] UTC
    price: float  # [quote/base]
    open_interest: float  # [base] one-sided
    positions: Positions  # all of them


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedMarket:
    """What was observed, and what was true."""

    history: MarketHistory  # as its venue would publish it
    snapshots: tuple[Snapshot, ...]  # oldest first
    liquidations: Liquidations  # every one, where the history has what the feed told

    def positions_at(self, at: int) -> Positions:
        """All positions at a time [ms] that a snapshot was asked for; KeyError otherwise."""
        for snapshot in self.snapshots:
            if snapshot.time == at:
                return snapshot.positions
        raise KeyError(at)


def simulate(
    style: str | Style,
    seed: int,
    bars: int,
    interval: int = STEP,
    *,
    snapshots: Sequence[int] = (),
    start: int = START,
    instrument: Instrument | None = None,
    price: float | None = None,
    open_interest: float | None = None,
    leverage: float = 1.0,
    crowd: float = 1.0,
) -> SimulatedMarket:
    """Simulate `bars` candles of `interval` [ms], whole minutes, from `start` [ms] on.

    `style` is one of STYLES or its name. `snapshots` are the times [ms] at which to keep all
    positions, rounded down to the end of a step; the end is always kept. `price` [quote/base],
    `open_interest` [quote] replace the style's; `leverage` times the style's is usual among
    traders, who are `crowd` times as many.
    """
    step = STEP if interval % STEP == 0 else MINUTE
    if interval % step:
        raise ValueError("candles of a simulated market are of whole minutes")
    market = Market(
        style if isinstance(style, Style) else STYLES[style],
        seed,
        instrument=instrument,
        start=start,
        step=step,
        price=price,
        open_interest=open_interest,
        leverage=leverage,
        crowd=crowd,
    )
    steps = bars * (interval // step)
    wanted = {(at - start) // step for at in snapshots}
    stops = sorted({place for place in wanted if 0 <= place < steps} | {steps})
    kept: list[Snapshot] = []
    for stop in stops:
        market.step(stop - market.record.bars.count)
        held = positions(market)
        kept.append(Snapshot(market.time, market.price, market.open_interest, held))
    return SimulatedMarket(
        observed(market, start, interval=interval),
        tuple(kept),
        market.record.liquidations(start, market.time),
    )
