"""One chat's watches taken through one tick: what each sees, and what comes of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.core.instruments import Coin, base_of
from bot.core.watches.columns import Columns
from bot.core.watches.gate import Effect, State, Tick, advance, snoozed
from bot.core.watches.grouping import cascading
from bot.core.watches.judge import about, unknown
from bot.core.watches.lifecycle import BLIND_AFTER, Course, Seen, Sight
from bot.core.watches.truth import Truth
from bot.desk.watching.judging import On, condition_of
from bot.desk.watching.kept import Watched
from bot.desk.watching.rows import View

_FRESH = Course()


@dataclass(frozen=True, slots=True)
class Told:
    """What one judging says of a watch on one market."""

    on: On
    row: int
    start: Truth
    keep: Truth


@dataclass(frozen=True, slots=True)
class Step:
    """What a tick made of one watch."""

    watched: Watched
    state: State
    effects: tuple[Effect, ...]
    rows: Mapping[str, int]  # by market


@dataclass(frozen=True, slots=True)
class At:
    """A tick."""

    time: int  # [ms] UTC
    tick: int  # [ms] the same, but that it only rises, wherever the clock is set to
    interval: int  # [ms] from one tick to the next
    view: View
    before: Columns | None  # of the tick before this one
    live: bool = False  # something happened just now: later than whatever was seen before


def walked(
    due: Sequence[tuple[Watched, Sequence[Told]]], cascades: Sequence[Watched], at: At
) -> list[Step]:
    """Take the watches of a chat through a tick; `cascades` are all of it that tell of one."""
    steps = [_step(*each, at, frozenset()) for each in due if each[0].rules.cascade]
    now = {step.watched.kept.id: step.state for step in steps}
    standing = [(one.rules, now.get(one.kept.id, one.state)) for one in cascades]
    going = cascading((rules, state) for rules, state in standing if isinstance(state, State))
    coins = {coin_of(market) for market in going}
    return steps + [_step(*each, at, frozenset(coins)) for each in due if not each[0].rules.cascade]


def coin_of(market: str) -> str:
    """Name the coin that a watch's word means, as far as the word says it.

    >>> coin_of("1000PEPE"), coin_of("BTCUSDT")
    ('PEPE', 'BTC')
    """
    return Coin.of(base_of(market) or market).name


def _step(watched: Watched, told: Sequence[Told], at: At, coins: frozenset[str]) -> Step:
    state = watched.state if isinstance(watched.state, State) else State()
    if state.snoozed_until != watched.kept.snoozed_until:
        state = snoozed(state, watched.kept.snoozed_until)
    going = frozenset(each.on.market for each in told if coins and coin_of(each.on.market) in coins)
    seen = tuple(_seen(watched, state, each, at) for each in told)
    state, effects = advance(state, Tick(seen, going, at.interval), watched.rules)
    return Step(watched, state, effects, {each.on.market: each.row for each in told})


def _seen(watched: Watched, state: State, told: Told, at: At) -> Seen:
    course = state.courses.get(told.on.market, _FRESH)
    condition, columns = condition_of(watched), at.view.columns
    time = at.time
    if at.live and 0 <= course.time - time < BLIND_AFTER:
        time = course.time + 1
    cluster, names = None, tuple[str, ...]()
    new = course.about is None or not course.phase.lasts
    if condition is not None and told.start is Truth.TRUE and new:
        cluster = about(condition, columns, told.row)
    if condition is not None and _soon_blind(course, told, at.interval):
        names = unknown(condition, columns, told.row)
    way = at.view.ways[told.row] if watched.rules.cascade else ""
    return Seen(
        told.on.market,
        time,
        told.start,
        told.keep,
        cluster,
        way,
        names,
        at.view.errors[told.row],
    )


def _soon_blind(course: Course, told: Told, interval: int) -> bool:
    """Whether this tick may say that there is no data: only then is it worth naming what lacks."""
    judged = told.keep if course.phase.lasts else told.start
    if judged is not Truth.UNKNOWN or course.sight is not Sight.CLEAR:
        return False
    return course.unseen + 2 * interval >= BLIND_AFTER
