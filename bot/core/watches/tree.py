"""A watch as a typed tree: made once from words, printed back the same, never evaluated as code."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from bot.core.watches.figures import Figure
from bot.core.watches.written import written_clause, written_hours, written_span

ALL = "all"  # every market that is followed


class Comparison(StrEnum):
    """How a figure is held against a value."""

    MORE = ">"
    AT_LEAST = ">="
    LESS = "<"
    AT_MOST = "<="
    CROSSES = "crosses"  # either way
    CROSSES_UP = "crosses above"
    CROSSES_DOWN = "crosses below"
    MOVES = "moves"  # at least so much, either way
    RISES = "rising"  # by what figures.py counts as rising; the value is 0
    FALLS = "falling"

    @property
    def crosses(self) -> bool:
        """Whether it looks at what was before, and is over in a moment."""
        return self.name.startswith("CROSSES")


@dataclass(frozen=True, slots=True)
class Clause:
    """One figure against one value, in the figure's unit."""

    figure: Figure
    comparison: Comparison
    value: float

    def __str__(self) -> str:
        return written_clause(self.figure, self.comparison.value, self.value)


class Sign(StrEnum):
    """The signals of bot.core.signals, as traders type them."""

    SQUEEZE = "squeeze"
    FUEL = "fuel gauge"
    EXHAUSTION = "exhaustion"
    MAGNET = "magnet"
    SWEEP = "sweep"
    CASCADE = "cascade"


# How far a signal can have come while it is under way; a later phase has gone through the earlier.
PHASES = {Sign.SWEEP: ("swept", "confirmed", "setup")}


@dataclass(frozen=True, slots=True)
class Signal:
    """A signal is under way, headed a way, and at least in a phase."""

    sign: Sign
    way: str = ""  # "up", "down"; empty: either
    phase: str = ""  # one of PHASES; empty: any

    @property
    def rank(self) -> int:
        """How far it must have come, counted from 1."""
        return PHASES[self.sign].index(self.phase) + 1 if self.phase else 1

    def __str__(self) -> str:
        return " ".join(part for part in (self.sign.value, self.way, self.phase) if part)


@dataclass(frozen=True, slots=True)
class NoRegime:
    """None of the three regimes holds."""

    def __str__(self) -> str:
        return "regime none"


@dataclass(frozen=True, slots=True)
class Not:
    """What must not hold."""

    part: "Condition"

    def __str__(self) -> str:
        return f"not ({self.part})" if isinstance(self.part, And | Or) else f"not {self.part}"


@dataclass(frozen=True, slots=True)
class And:
    """Two or more conditions that must all hold; none of them is itself an And."""

    parts: tuple["Condition", ...]

    def __str__(self) -> str:
        inner = (f"({part})" if isinstance(part, Or) else str(part) for part in self.parts)
        return " and ".join(inner)


@dataclass(frozen=True, slots=True)
class Or:
    """Two or more conditions of which one must hold; none of them is itself an Or."""

    parts: tuple["Condition", ...]

    def __str__(self) -> str:
        return " or ".join(map(str, self.parts))


Leaf: TypeAlias = Clause | Signal | NoRegime
Condition: TypeAlias = Leaf | Not | And | Or


def leaves(condition: Condition) -> Iterator[Leaf]:
    """Yield the clauses of a condition, in the order in which they were typed."""
    if isinstance(condition, And | Or):
        for part in condition.parts:
            yield from leaves(part)
    elif isinstance(condition, Not):
        yield from leaves(condition.part)
    else:
        yield condition


def depth(condition: Condition) -> int:
    """Count how deep conditions stand within one another; a clause alone is 0 deep."""
    if isinstance(condition, And | Or):
        return 1 + max(depth(part) for part in condition.parts)
    return 1 + depth(condition.part) if isinstance(condition, Not) else 0


@dataclass(frozen=True, slots=True)
class Hours:
    """A part of the day in a person's own zone; it may go over midnight."""

    start: int  # [minute of the day]
    end: int  # [minute of the day], not in it

    def __str__(self) -> str:
        return written_hours(self.start, self.end)


@dataclass(frozen=True, slots=True)
class Options:
    """How a watch speaks; None is what presets.py holds for usual."""

    hold: int | None = None  # [ms] `for`: so long it must hold before it is told
    until: Condition | None = None  # what ends it; None: hysteresis
    every: int | None = None  # [ms] it is told again while it goes on
    cooldown: int | None = None  # [ms] the same is not told again so soon after it was over
    quiet: Hours | None = None  # it waits until these hours are over
    cap: int | None = None  # messages a day

    def __str__(self) -> str:
        said = (
            ("for", None if self.hold is None else written_span(self.hold)),
            ("until", self.until),
            ("every", None if self.every is None else written_span(self.every)),
            ("cooldown", None if self.cooldown is None else written_span(self.cooldown)),
            ("quiet", self.quiet),
            ("cap", None if self.cap is None else f"{self.cap}/day"),
        )
        return " ".join(f"{name} {value}" for name, value in said if value is not None)


@dataclass(frozen=True, slots=True)
class Digest:
    """A summary once a day."""

    at: int  # [minute of the day] in the person's own zone

    def __str__(self) -> str:
        return f"digest {self.at // 60:02d}:{self.at % 60:02d}"


@dataclass(frozen=True, slots=True)
class HeatmapEvery:
    """A picture at equal times."""

    every: int  # [ms]

    def __str__(self) -> str:
        return f"heatmap every {written_span(self.every)}"


@dataclass(frozen=True, slots=True)
class Watch:
    """What somebody wants to be told of; `str()` is the same watch in words."""

    markets: tuple[str, ...]  # as typed, upper case; (ALL,); () where a schedule names none
    what: Condition | Digest | HeatmapEvery
    venues: tuple[str, ...] = ()  # empty: all connected
    options: Options = field(default_factory=Options)

    def __str__(self) -> str:
        on = f"on {', '.join(self.venues)}" if self.venues else ""
        what = (on, str(self.what)) if self.markets else (str(self.what), on)
        parts = (", ".join(self.markets), *what, str(self.options))
        return " ".join(part for part in parts if part)
