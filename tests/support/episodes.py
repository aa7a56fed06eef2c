"""Episodes that are made up, at real prices: what followed them is what the prices did."""

from collections.abc import Sequence

from bot.core.arrays import HOUR
from bot.core.market.history import MarketHistory
from bot.core.market.liquidations import PositionSide
from bot.core.signals.episode import Episode, Kind, Way
from bot.core.signals.events import Zone


def magnets(history: MarketHistory, hours: Sequence[float]) -> tuple[Episode, ...]:
    """A magnet at each of some hours of a history, up and down in turn, half a percent away."""
    candles = history.candles
    made = []
    for number, hour in enumerate(hours):
        place = round(hour * HOUR / candles.interval)
        time, price = int(candles.close_time[place - 1]), float(candles.close[place - 1])
        up = number % 2 == 0
        side = PositionSide.SHORT if up else PositionSide.LONG
        low, high = (1.005, 1.01) if up else (0.99, 0.995)
        zone = Zone(side, price * low, price * high, 1e8)
        made.append(
            Episode(
                Kind.MAGNET,
                history.instrument.key,
                "draws",
                time,
                time,
                price,
                price,
                Way.UP if up else Way.DOWN,
                zone,
                zone,
            )
        )
    return tuple(made)
