"""Evidence as tables: what followed a kind of episode, and each of them one by one."""

import math
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from operator import itemgetter

from rich.table import Table

from bot.core import figures
from bot.core.evidence.base import FEWEST, Followed
from bot.core.evidence.occurrences import After, Occurrence, by_coin, summed
from bot.core.evidence.outcomes import NAMES
from bot.core.evidence.words import verdict
from bot.core.signals.episode import Episode, Kind
from bot.core.signals.wide import MARKET
from bot.desk.building import Built

_LEGEND = f"""move: mean, the way that was said; size where none was
random: mean at random times of the market as volatile
edge: move less random, with its range when days are drawn again, 90 % for all four horizons
against: median of the worst on the way
target: how many came to the target zone, and how many random times came as far
fewer than {FEWEST} episodes are too few to say"""

_EPISODES_LEGEND = """times are UTC
what followed: the move the way that was said, or its size, and in brackets the worst on the way
✓ the target zone was reached; – not over, or not known
* begun in the first weeks of what is held, where a longer past may tell otherwise"""


def evidence_table(pasts: dict[str, Built]) -> Table:
    """Say of each kind what followed it, market by market, and on all together if several."""
    table = Table(title="What followed", caption=_LEGEND, caption_justify="left")
    table.add_column("kind")
    table.add_column("market")
    for name in ("within", "count", "move", "random", "edge (90 %)", "against", "target", "random"):
        table.add_column(name, justify="right", overflow="fold")
    table.add_column("verdict", overflow="fold")
    for kind in Kind:
        for name, past in pasts.items():
            _add(table, kind, name, summed(_of(kind, [past])))
        coins = by_coin(_of(kind, (each for each in pasts.values() if each.market != MARKET)))
        if len(coins) > 1:
            every = [each for found in coins.values() for each in found]
            _add(table, kind, f"over {len(coins)} coins", summed(every))
    return table


def _of(kind: Kind, pasts: Iterable[Built]) -> list[Occurrence]:
    return [each for past in pasts for each in past.found if each.episode.kind is kind]


def _add(table: Table, kind: Kind, name: str, found: Sequence[Followed]) -> None:
    for each in found:
        first = each is found[0]
        table.add_row(
            kind.value if first else "",
            name if first else "",
            each.horizon,
            str(each.count),
            figures.percent(each.move, signed=True),
            figures.percent(each.base, signed=True),
            _edge(each),
            figures.percent(each.against),
            figures.percent(each.reached),
            figures.percent(each.reached_base),
            verdict(found, each.horizon),
            end_section=each is found[-1],
        )


def _edge(one: Followed) -> str:
    if math.isnan(one.edge.low):
        return figures.percent(one.edge.value, signed=True)
    low, high = (figures.percent(each, signed=True) for each in (one.edge.low, one.edge.high))
    return f"{figures.percent(one.edge.value, signed=True)} ({low} to {high})"


def told_of(name: str, past: Built) -> str:
    """Say in a line what was found in a past, and what was not."""
    counted = [each for each in past.found if each.moment is not None]
    seen = {each.episode.kind for each in counted}
    kinds = (Kind.CASCADE,) if past.market == MARKET else Kind
    unseen = ", ".join(kind.value for kind in kinds if kind not in seen)
    said = f"{name}: {past.days:.0f} days, {len(counted)} of {len(past.found)} episodes count"
    early = sum(each.episode.early for each in counted)
    said += f" ({early} of the first weeks)" if early else ""
    said += f"; none of {unseen}" if unseen else ""
    said += "; simulated" if past.simulated else ""
    said += "; known from before" if past.before else ""
    return "; ".join((said, *past.lacks)) + "."


def episodes_table(name: str, past: Built) -> Table:
    """List every episode of a past, with what followed."""
    title = f"{name}{' (simulated)' if past.simulated else ''}"
    table = Table(title=title, caption=_EPISODES_LEGEND, caption_justify="left")
    for heading in ("time", "kind", "way"):
        table.add_column(heading, overflow="fold")
    for heading in ("price", "zone", "target", *NAMES):
        table.add_column(heading, justify="right", overflow="fold")
    table.add_column("end", overflow="fold")
    for time, each in sorted(((_when(one), one) for one in past.found), key=itemgetter(0)):
        state = each.moment or each.episode
        after = {one.horizon: one for one in each.after}
        table.add_row(
            f"{_time(time)}{'*' * each.episode.early}",
            state.kind.value,
            state.way.value or "–",
            figures.price(state.price),
            _zone(state, target=False),
            _zone(state, target=True),
            *(_followed(after.get(horizon)) for horizon in NAMES),
            _end(each),
        )
    return table


def _when(one: Occurrence) -> int:
    """When an episode counted, or began if it never did [ms]."""
    return one.episode.began if one.moment is None else one.moment.time


def _followed(after: After | None) -> str:
    if after is None:
        return "–"
    came = " ✓" if after.reached else ""
    worst = figures.percent(after.against)
    return f"{figures.percent(after.move, signed=True)} ({worst}){came}"


def _zone(state: Episode, *, target: bool) -> str:
    zone = state.target if target else state.zone
    if zone is None or (target and zone == state.zone):
        return "–" if zone is None else "the zone"
    low, high = figures.price(zone.low), figures.price(zone.high)
    usd = f" {figures.usd(zone.usd)}" if zone.usd else ""
    return f"{low if low == high else f'{low}–{high}'}{usd}"


def _end(one: Occurrence) -> str:
    if one.episode.ended is None:
        return "under way"
    counted = "" if one.moment is not None else "does not count: "
    return f"{counted}{one.episode.phase} {_time(one.episode.ended)}"


def _time(at: int) -> str:
    return f"{datetime.fromtimestamp(at / 1000, UTC):%Y-%m-%d %H:%M}"
