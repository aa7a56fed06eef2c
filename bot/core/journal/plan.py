"""What a setup says of a trade: its side, its stop, its target."""

from dataclasses import dataclass

from bot.core.market.liquidations import PositionSide
from bot.core.signals.episode import Episode, Kind
from bot.core.signals.magnet import profit


@dataclass(frozen=True, slots=True)
class Plan:
    """A trade as a setup has it, from the price as it is."""

    side: PositionSide
    stop: float | None  # [quote/base]; None: the setup names none, or the price has passed it
    target: float | None  # [quote/base]; likewise
    source: str = ""  # the episode's name


def side_of(episode: Episode) -> PositionSide | None:
    """Return which side a signal is for; None where it is headed nowhere, or is no setup yet."""
    if not episode.way.sign or (episode.kind is Kind.SWEEP and episode.phase != "setup"):
        return None
    return PositionSide(episode.way.sign)


def planned(episode: Episode, price: float) -> Plan | None:
    """Return the trade that a setup is for; None where it is for none.

    Profit belongs before a magnet's cluster, and at the near edge of what the others point to.
    """
    side = side_of(episode)
    if side is None:
        return None
    stop, target = episode.stop, None
    if episode.target is not None:
        magnet = episode.kind is Kind.MAGNET
        target = profit(episode.target) if magnet else episode.target.near
    if stop is not None and (price - stop) * side.value <= 0:
        stop = None
    if target is not None and (target - price) * side.value <= 0:
        target = None
    return Plan(side, stop, target, episode.name)
