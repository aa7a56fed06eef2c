"""A watch's ledger in words, for who asks how it has done."""

import math
from collections.abc import Sequence

from bot.core import figures
from bot.core.evidence.base import FEWEST, Followed
from bot.core.evidence.words import SURE
from bot.core.language import many, say
from bot.core.signals.episode import Way
from bot.core.signals.names import way_name
from bot.core.watches.ledger import Told
from bot.core.watches.record import Record, record
from bot.desk.watching.held_back import held_words

_LATEST = 3  # episodes told one by one
_SPOKEN = 3_600_000  # [ms] after which the price of an episode is told


def lines(ledger: Sequence[Told], random: Followed | None = None) -> tuple[str, ...]:
    """Say what became of a watch's episodes, the newest of `ledger` first.

    `random` is what followed beside random times (record.random_times), where that is known.

    >>> lines(())
    ('Never fired yet.',)
    """
    found = record(ledger)
    if not found.told:
        never = say("Never fired yet")
        return (f"{never}{_held(found)}.",)
    said = [_fired(found), _moved(found, random), _zones(found), *_latest(ledger)]
    return tuple(each for each in said if each)


def _fired(found: Record) -> str:
    said = many("Fired {count} time", "Fired {count} times", found.told)
    if found.judged:
        said += say("; useful {useful} of {all}", useful=found.useful, all=found.judged)
    return f"{said}{_held(found)}."


def _held(found: Record) -> str:
    return say("; held back: {what}", what=held_words(found.held)) if found.held else ""


def _moved(found: Record, random: Followed | None) -> str:
    """Say what followed after an hour, beside random times where there are enough."""
    if not found.count:
        return say("What followed is not known yet.")
    if not found.enough:
        counted = {"known": found.count, "needed": FEWEST}
        return say("What followed: too few to say ({known} known, {needed} needed).", **counted)
    moved = {"move": _percent(found, found.move), "count": found.count}
    said = say("After 1 h price had moved {move} either way (median of {count})", **moved)
    if found.headed:
        said = say(
            "After 1 h price had moved {move} the way it was headed (median of {count})", **moved
        )
    if random is None or not math.isfinite(random.base):
        return f"{said}."
    edge = random.edge
    sure = ""
    if math.isfinite(edge.low):
        low, high = (figures.percent(each, signed=True) for each in (edge.low, edge.high))
        sure = say(" ({low} to {high}; {sure})", low=low, high=high, sure=say(SURE))
    return say(
        "{said}; on average {move}, {base} after random times as volatile: a difference of "
        "{edge}{sure}.",
        said=said,
        move=_percent(found, random.move),
        base=_percent(found, random.base),
        edge=figures.percent(edge.value, signed=True),
        sure=sure,
    )


def _percent(found: Record, value: float) -> str:
    return figures.percent(value, signed=found.headed)


def _zones(found: Record) -> str:
    if not found.zones:
        return ""
    return say(
        "Clusters reached within {span}: {reached} of {all}.",
        span=figures.span(found.longest),
        reached=found.reached,
        all=found.zones,
    )


def _latest(ledger: Sequence[Told]) -> list[str]:
    """Say when it fired last, and what came of that."""
    told = [each for each in ledger if each.entry.told is not None][:_LATEST]
    return [_one(each) for each in told]


def _one(each: Told) -> str:
    entry = each.entry
    at = entry.told if entry.told is not None else entry.began
    said = f"{figures.day(at)} {figures.clock(at)} UTC {entry.market}"
    if entry.way:
        said += f" {way_name(Way(entry.way))}"
    after = next((one for one in each.after if one.after == _SPOKEN), None)
    if after is None:
        return said
    move = figures.percent(after.move, signed=True)
    return say("{said}: {move} after 1 h", said=said, move=move)
