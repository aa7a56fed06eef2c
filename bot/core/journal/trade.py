"""One trade of a person, as he told of it."""

from dataclasses import dataclass, replace
from enum import StrEnum

from bot.core import figures
from bot.core.errors import TradeRefused
from bot.core.evidence.backtest import COST
from bot.core.language import mark, say
from bot.core.market.liquidations import PositionSide

# A stop that was left by more than this part of what was at risk was not kept.
PAST_THE_STOP = 1.1
# A winner that was closed before this part of the way to its target was cut short.
CUT_SHORT = 0.5


class Mistake(StrEnum):
    """What people say of their own trades; the last three are found out by the figures.

    Kept as written here, said by words.py.
    """

    CHASED = "chased"
    EARLY = "too early"
    LATE = "too late"
    LARGE = "too large"
    REVENGE = "revenge"
    NO_PLAN = "no plan"
    HELD_THROUGH = "held through a zone"
    NO_STOP = "no stop"
    PAST_STOP = "past the stop"
    SHORT_OF_TARGET = "short of target"


TAGS = tuple(each for each in Mistake if each not in (
    Mistake.NO_STOP, Mistake.PAST_STOP, Mistake.SHORT_OF_TARGET
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Trade:
    """What was bought or sold, why, and how it ended."""

    id: str  # "t12"; never given again
    owner: str  # "telegram:77": nobody else sees it
    base: str  # "BTC"
    side: PositionSide
    entry: float  # [quote/base]
    opened: int  # [ms] UTC
    stop: float | None = None  # [quote/base]
    target: float | None = None  # [quote/base]
    usd: float | None = None  # [USD] size
    leverage: float | None = None  # [1]
    signal: str = ""  # "sweep", "magnet", "cascade", "squeeze", "watch"; "": his own idea
    source: str = ""  # the episode it came from: "w12/BTC/3"
    note: str = ""
    mistakes: tuple[Mistake, ...] = ()  # said by himself
    exit: float | None = None  # [quote/base]; None: still open
    closed: int | None = None  # [ms] UTC

    @property
    def open(self) -> bool:
        """Whether it goes on."""
        return self.exit is None

    @property
    def risk(self) -> float | None:
        """How far the stop was [fraction of the entry]; None without one."""
        return None if self.stop is None else abs(self.entry - self.stop) / self.entry

    def move(self, price: float) -> float:
        """What it has made at a price [signed fraction of its value], after usual costs."""
        return self.side.value * (price / self.entry - 1) - 2 * COST

    @property
    def result(self) -> float | None:
        """What it made [signed fraction of its value], after usual costs; None while open."""
        return None if self.exit is None else self.move(self.exit)

    @property
    def multiple(self) -> float | None:
        """The same in units of what was at risk (R); None while open or without a stop."""
        result, risk = self.result, self.risk
        return None if result is None or not risk else result / risk

    @property
    def found_out(self) -> tuple[Mistake, ...]:
        """All mistakes: those he told of, and those that the figures tell of."""
        found = list(self.mistakes)
        if self.exit is not None:
            multiple = self.multiple
            if self.stop is None:
                found.append(Mistake.NO_STOP)
            elif multiple is not None and multiple < -PAST_THE_STOP - 2 * COST / (self.risk or 1):
                found.append(Mistake.PAST_STOP)
            if self.target is not None and (self.result or 0.0) > 0:
                way = (self.exit - self.entry) / (self.target - self.entry)
                if way < CUT_SHORT:
                    found.append(Mistake.SHORT_OF_TARGET)
        return tuple(dict.fromkeys(found))


_STOPS = {
    PositionSide.LONG: mark("The stop of a long from {entry} lies below it, not at {price}."),
    PositionSide.SHORT: mark("The stop of a short from {entry} lies above it, not at {price}."),
}
_TARGETS = {
    PositionSide.LONG: mark("The target of a long from {entry} lies above it, not at {price}."),
    PositionSide.SHORT: mark("The target of a short from {entry} lies below it, not at {price}."),
}
_SLIPS = (
    mark("The stop at {price} is far from the entry at {entry}. Was another number meant?"),
    mark("The target at {price} is far from the entry at {entry}. Was another number meant?"),
    mark("The exit at {price} is far from the entry at {entry}. Was another number meant?"),
)


def sound(trade: Trade) -> Trade:
    """Return a trade that can be. TradeRefused says what cannot, and what could."""
    entry = figures.price(trade.entry)
    for price, sign, wrong in (
        (trade.stop, -1, _STOPS[trade.side]),
        (trade.target, 1, _TARGETS[trade.side]),
    ):
        if price is not None and (price - trade.entry) * sign * trade.side.value <= 0:
            raise TradeRefused(say(wrong, entry=entry, price=figures.price(price)))
    for price, slip in zip((trade.stop, trade.target, trade.exit), _SLIPS, strict=True):
        if price is not None and not 1 / 20 < price / trade.entry < 20:  # noqa: PLR2004 - a slip
            raise TradeRefused(say(slip, entry=entry, price=figures.price(price)))
    return trade


def ended(trade: Trade, price: float, at: int) -> Trade:
    """Return a trade that was closed. TradeRefused if it was before, or the price is a slip."""
    if not trade.open:
        told = figures.price(trade.exit or 0.0)
        raise TradeRefused(
            say("{trade} is closed already, at {price}.", trade=trade.id, price=told)
        )
    return sound(replace(trade, exit=price, closed=max(at, trade.opened)))
