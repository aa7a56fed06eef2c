"""What a signal says: an episode that begins, goes on and ends, with its evidence."""

from dataclasses import dataclass, field
from enum import StrEnum

from bot.core.signals.events import Zone


class Kind(StrEnum):
    """What there is to be seen in a market."""

    SQUEEZE = "maximum squeeze"
    FUEL = "fuel gauge"
    EXHAUSTION = "exhaustion"
    MAGNET = "magnet"
    SWEEP = "sweep reversal"
    CASCADE = "cascade"


class Way(StrEnum):
    """Where an episode says that price is headed, if it says so."""

    UP = "up"
    DOWN = "down"
    NONE = ""

    @property
    def sign(self) -> int:
        """+1 up, -1 down, 0 if nothing is said."""
        return {Way.UP: 1, Way.DOWN: -1, Way.NONE: 0}[self]


@dataclass(frozen=True, slots=True)
class Fact:
    """One figure that a signal rests on, beside what it takes."""

    name: str  # "funding for 8 h", in English: say() it
    value: float
    unit: str  # "fraction", "USD", "rank", "z", "s", "1"
    threshold: float | None = None  # in the same unit; None: nothing was asked of it
    rank: float | None = None  # [0 to 1] among the market's own past; None: not ranked
    least: bool = True  # the threshold is reached from below; False: by falling to it
    longer: float | None = None  # [0 to 1] the rank among a longer past, as far as it is known


@dataclass(frozen=True, slots=True)
class Episode:
    """One occurrence of a signal on one market, as it stands at `time`."""

    kind: Kind
    market: str  # an instrument's key, or a coin where venues are read together
    phase: str  # the state of its machine, in a word: "swept", "confirmed", "setup", "over"
    began: int  # [ms] UTC
    time: int  # [ms] UTC of the newest event it knows
    price: float  # [quote/base] then
    began_price: float  # [quote/base] when it began
    way: Way = Way.NONE
    zone: Zone | None = None  # what it is about
    target: Zone | None = None  # where it points to
    stop: float | None = None  # [quote/base] beyond which it is wrong
    invalidation: str = ""  # what would end it, in English: say() it
    facts: tuple[Fact, ...] = ()
    ended: int | None = None  # [ms] UTC; None: under way
    why_ended: str = ""  # in English: say() it
    early: bool = False  # its market's past was short: a longer one may tell otherwise (weeks.py)
    key: str = field(default="", compare=False)  # the same for all states of one occurrence

    @property
    def name(self) -> str:
        """One name for one occurrence, the same live, replayed and backtested."""
        return self.key or f"{self.market} {self.kind.value} {self.began}"
