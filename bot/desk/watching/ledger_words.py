"""A watch's ledger in words, for who asks how it has done."""

import math
from collections.abc import Sequence

from bot.core import figures
from bot.core.evidence.base import FEWEST, Followed
from bot.core.evidence.words import SURE
from bot.core.watches.ledger import Told
from bot.core.watches.record import Record, record
from bot.desk.watching.alert_words import held_words

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
        held = f"; held back: {held_words(found.held)}" if found.held else ""
        return (f"Never fired yet{held}.",)
    said = [_fired(found), _moved(found, random), _zones(found), *_latest(ledger)]
    return tuple(each for each in said if each)


def _fired(found: Record) -> str:
    count = f"{found.told} time{'s' * (found.told != 1)}"
    useful = f"; useful {found.useful} of {found.judged}" if found.judged else ""
    held = f"; held back: {held_words(found.held)}" if found.held else ""
    return f"Fired {count}{useful}{held}."


def _moved(found: Record, random: Followed | None) -> str:
    """Say what followed after an hour, beside random times where there are enough."""
    if not found.count:
        return "What followed is not known yet."
    if not found.enough:
        return f"What followed: too few to say ({found.count} known, {FEWEST} needed)."
    way = "the way it was headed" if found.headed else "either way"
    said = (
        f"After 1 h price had moved {_percent(found, found.move)} {way} (median of {found.count})"
    )
    if random is None or not math.isfinite(random.base):
        return f"{said}."
    edge = random.edge
    sure = ""
    if math.isfinite(edge.low):
        low, high = (figures.percent(each, signed=True) for each in (edge.low, edge.high))
        sure = f" ({low} to {high}; {SURE})"
    return (
        f"{said}; on average {_percent(found, random.move)}, {_percent(found, random.base)} after "
        f"random times as volatile: a difference of "
        f"{figures.percent(edge.value, signed=True)}{sure}."
    )


def _percent(found: Record, value: float) -> str:
    return figures.percent(value, signed=found.headed)


def _zones(found: Record) -> str:
    if not found.zones:
        return ""
    return (
        f"Clusters reached within {figures.span(found.longest)}: {found.reached} of {found.zones}."
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
        said += f" {entry.way}"
    after = next((one for one in each.after if one.after == _SPOKEN), None)
    return f"{said}: {figures.percent(after.move, signed=True)} after 1 h" if after else said
