"""The past that a watch is previewed on."""

from bot.core.arrays import DAY
from bot.core.watches.columns import Columns, needed
from bot.core.watches.margin import kept
from bot.core.watches.past_columns import past, past_times
from bot.core.watches.tree import Digest, HeatmapEvery, Watch
from bot.desk.signals import Seeing, seen_columns

PAST = 30 * DAY  # [ms] that a preview goes back


def past_columns(watch: Watch, seeing: Seeing, *, length: int = PAST) -> Columns:
    """Gather what a watch would have been judged by on one coin's past; takes a thread's time.

    `seeing` is the coin as SignalDesk reads it: its histories, looks and episodes. A row stands for
    each ten minutes of the last `length` [ms]; there are none where nothing is stored. ValueError
    for a watch that is a time and not a condition.
    """
    condition = watch.what
    if isinstance(condition, Digest | HeatmapEvery):
        raise ValueError("a schedule has nothing to be previewed")  # noqa: TRY004 - of its kind
    keys = needed([condition, kept(condition, watch.options)])
    until = seeing.signals.time
    histories = seeing.histories
    at = past_times(histories, until - length, until)
    maps = seen_columns(seeing.base, seeing.snapshot.kept)
    return past(keys, histories, seeing.signals.told, seeing.looks, maps, at)
