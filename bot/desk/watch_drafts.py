"""A watch put together by buttons: what is asked next, and what an answer makes of it.

A draft is the text of a watch as far as it has come, its pieces two spaces apart: "BTC", then
"BTC  funding", "BTC  funding  >", and with a value it is a whole watch. From there a link, "and",
begins another clause, and "for" asks how long. Nothing else is remembered, so that a step taken
after a restart is the same step.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from bot.core.errors import WatchRefused
from bot.core.language import mark, say
from bot.core.watches import parse
from bot.core.watches.figures import Figure
from bot.core.watches.tree import (
    ALL,
    And,
    Clause,
    Condition,
    Digest,
    HeatmapEvery,
    Options,
    Or,
    Watch,
    leaves,
)

APART = "  "
BACK, AGAIN = "back", "start over"
SHOW, LATER = "show", "show later"  # the preview, at once or when it can be had
_COINS = ("BTC", "ETH", "SOL", ALL)
_LEVEL = (">", "<", "crosses above", "crosses below", "rising", "falling")
_TRENDS = ("rising", "falling")
_WINDOWS = ("15m", "1h", "4h", "24h")
_MOVES = ("1%", "2%", "3%", "5%", "10%")
_REACHES = ("within 1%", "within 3%", "within 5%", "within 10%")
_SIGNALS = ("squeeze", "fuel gauge", "exhaustion", "magnet", "sweep", "cascade")
_LINKS = ("and", "or", "until")
_HOLDS = ("5m", "10m", "30m", "1h")
_HOURS = ("22:00-07:00", "23:00-08:00", "00:00-06:00")
_CAPS = ("3/day", "5/day", "10/day")
_VALUE = "value"  # stands for the values that a coin's own past suggests
# What is asked of each figure after its name, in turn.
_PLANS: dict[str, tuple[tuple[str, ...] | str, ...]] = {
    "funding": (_LEVEL[:3] + _TRENDS, _VALUE),
    "price": ((*_LEVEL[2:4], *_LEVEL[:2], "moves"), _VALUE),
    "oi": (_TRENDS + _LEVEL[:2], _VALUE),
    "oi change": (_WINDOWS[1:], _LEVEL[:2], _VALUE),
    "ratio": (_LEVEL, _VALUE),
    "clusters above >": (_VALUE, _REACHES),
    "clusters below >": (_VALUE, _REACHES),
    "nearest cluster distance <": (_VALUE,),
    "liquidations": (_WINDOWS, (">",), _VALUE),
    "liquidations longs": (_WINDOWS, (">",), _VALUE),
    "liquidations shorts": (_WINDOWS, (">",), _VALUE),
    "delta": (_LEVEL[:2], _VALUE),
    **dict.fromkeys(_SIGNALS, ()),
}
_ASKED: dict[str, str] = {
    "coin": mark("Which coin?"),
    "figure": mark("What is to be watched?"),
    "comparison": mark("How?"),
    "value": mark("Which value?"),
    "window": mark("Over how long?"),
    "reach": mark("How far from the price?"),
    "for": mark("For how long must it hold?"),
    "quiet": mark("When is it to be silent?"),
    "cap": mark("How often at most?"),
    "more": mark("Save it, or add to it?"),
}
_LABELS = {
    ">": mark("above"),
    "<": mark("below"),
    "clusters above >": mark("clusters above"),
    "clusters below >": mark("clusters below"),
    "nearest cluster distance <": mark("cluster nearer than"),
    "liquidations longs": mark("longs liquidated"),
    "liquidations shorts": mark("shorts liquidated"),
    "delta": mark("cumulative delta"),
    "oi change": mark("oi change in %"),
    "for": mark("for 10 min …"),
    "until": mark("until …"),
    "quiet": mark("quiet hours …"),
    "cap": mark("at most …"),
    "all": mark("all coins"),
}
_SAMPLES = ("1%", "1", "1x")  # a value of each unit, to see which figure is meant


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer: what the button shows, and the piece that it adds."""

    label: str
    piece: str


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked next of a draft."""

    name: str  # one of _ASKED
    choices: tuple[Choice, ...] = ()  # none where the coin's past suggests them
    figure: Figure | None = None  # whose values are asked for
    upward: bool = True  # whether values above the usual are meant

    def __str__(self) -> str:
        return say(_ASKED[self.name])


Pieces: TypeAlias = Sequence[str]


def question(words: str) -> Question:
    """Return what is to be asked of a draft as far as it has come."""
    base, *rest = _pieces(words)
    if not base:
        return _choose("coin", _COINS)
    if not rest:
        return _choose("more", _additions(words)) if whole(words) else _figures()
    if rest[0] in {"for", "quiet", "cap"} and whole(base):
        return _choose(rest[0], {"for": _HOLDS, "quiet": _HOURS, "cap": _CAPS}[rest[0]])
    return _of_clause(rest[1:] if whole(base) else rest)


def answered(words: str, piece: str) -> str:
    """Return a draft with one answer more, or one less.

    ValueError for what was not asked; WatchRefused for what is asked and does not fit.
    """
    pieces = _pieces(words)
    if piece == AGAIN:
        return ""
    if piece == BACK:
        return APART.join(pieces[:-1])
    asked = question(words)
    known = [choice.piece for choice in asked.choices]
    if known and piece not in known:
        raise ValueError(f"{piece!r} is none of {known}")
    if APART in piece or not piece.strip():
        raise ValueError(f"{piece!r} is no answer")
    grown = [*pieces, piece] if pieces[0] else [piece]
    return _closed(grown) or _checked(grown, asked)


def whole(words: str) -> Watch | None:
    """Return the watch that a draft says, None where it is not one yet."""
    try:
        return parse.watch(words)
    except WatchRefused:
        return None


def _checked(grown: list[str], asked: Question) -> str:
    """Return the text of a draft that goes on. ValueError if a value fits nowhere."""
    words = APART.join(grown)
    if asked.name == "value" and question(words).name == "value":
        raise ValueError(f"{grown[-1]!r} is no value here")
    return words


def _pieces(words: str) -> list[str]:
    return words.split(APART)


def _choose(name: str, pieces: Sequence[str]) -> Question:
    return Question(name, tuple(Choice(_label(piece), piece) for piece in pieces))


def _label(piece: str) -> str:
    """Return what a button shows of a piece: what is typed stays as it is typed."""
    return say(_LABELS[piece]) if piece in _LABELS else piece


def _figures() -> Question:
    return _choose("figure", tuple(_PLANS))


def _additions(words: str) -> tuple[str, ...]:
    """Return what can still be said of a whole watch."""
    watch = parse.watch(words)
    if isinstance(watch.what, Digest | HeatmapEvery):
        return ("quiet",)
    options = watch.options
    said = {"for": options.hold, "until": options.until, "quiet": options.quiet, "cap": options.cap}
    room = len(tuple(leaves(watch.what))) < parse.MOST_CLAUSES
    links = ("and", "or") if room else ()
    return (*links, *(name for name, value in said.items() if value is None))


def _of_clause(clause: list[str]) -> Question:
    """Return what is asked of a clause as far as it has come."""
    if not clause:
        return _figures()
    figure, *given = clause
    plan = _plan(figure, given)
    if len(given) >= len(plan):
        return _figures()  # no step of ours leads here
    asked = plan[len(given)]
    if isinstance(asked, str):
        upward = not given or given[-1] not in {"<", "crosses below"}
        upward = upward and not figure.endswith("<")
        return Question("value", (), _figure(clause), upward)
    return _choose(_name(asked), asked)


def _plan(figure: str, given: Pieces) -> tuple[tuple[str, ...] | str, ...]:
    """Return what is asked of a figure; a trend wants a window, and a move both."""
    plan = _PLANS.get(figure, ())
    if given and given[0] in _TRENDS:
        return (plan[0], _WINDOWS[1:])
    if given and given[0] == "moves":
        return (plan[0], _MOVES, _WINDOWS)
    return plan


def _name(choices: Sequence[str]) -> str:
    first = choices[0]
    if first in _WINDOWS:
        return "window"
    return "reach" if first in _REACHES else "value" if first in _MOVES else "comparison"


def _figure(clause: Pieces) -> Figure | None:
    """Return the figure that a clause without its value is of."""
    for sample in _SAMPLES:
        try:
            found = parse.condition(" ".join((*clause, sample)))
        except WatchRefused:
            continue
        if isinstance(found, Clause):
            return found.figure
    return None


def _closed(grown: list[str]) -> str:
    """Return the whole watch that pieces make; "" if something is still to be asked."""
    base, *rest = grown
    watch = whole(base)
    if watch is None:
        return _finished(rest) and str(parse.watch(" ".join(grown)))
    if not rest:
        return str(watch)
    link, *clause = rest
    changed: Watch | None = None
    if link == "for" and clause:
        changed = _option(watch, f"for {clause[0]}")
    elif link == "quiet" and clause:
        changed = _option(watch, f"quiet {clause[0]}")
    elif link == "cap" and clause:
        changed = _option(watch, f"cap {clause[0]}")
    elif link in _LINKS and _finished(clause):
        changed = _linked(watch, link, parse.condition(" ".join(clause)))
    return "" if changed is None else str(parse.watch(str(changed)))


def _finished(clause: Pieces) -> str:
    """Return a clause in words, "" while it asks for more. WatchRefused if it is none."""
    if not clause:
        return ""
    figure, *given = clause
    if figure not in _PLANS or len(given) < len(_plan(figure, given)):
        return ""
    said = " ".join(clause)
    parse.condition(said)
    return said


def _option(watch: Watch, said: str) -> Watch:
    """Return a watch with one more thing said of how it speaks."""
    scheduled = isinstance(watch.what, Digest | HeatmapEvery)
    example = "BTC digest 08:00" if scheduled else "BTC squeeze"
    new = parse.watch(f"{example} {said}").options
    changes = {
        name: getattr(new, name) for name in Options.__slots__ if getattr(new, name) is not None
    }
    return replace(watch, options=replace(watch.options, **changes))


def _linked(watch: Watch, link: str, clause: Condition) -> Watch:
    """Return a watch with another clause."""
    what = watch.what
    if isinstance(what, Digest | HeatmapEvery):
        raise ValueError("a schedule has no clauses")  # noqa: TRY004 - of its kind
    if link == "until":
        return replace(watch, options=replace(watch.options, until=clause))
    kind = And if link == "and" else Or
    parts = what.parts if isinstance(what, kind) else (what,)
    return replace(watch, what=kind((*parts, clause)))
