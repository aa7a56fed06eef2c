"""Builds what watches: who judges them, who puts them into words, who answers about them."""

import time
from functools import partial

from bot.core.arrays import MINUTE
from bot.desk.cascades import CascadeDesk
from bot.desk.drawing import Drawing
from bot.desk.overview import Overview
from bot.desk.tapes import Tapes
from bot.desk.watch_making import Draftsman
from bot.desk.watch_past import Pasts
from bot.desk.watch_preview import Previews
from bot.desk.watches import WatchesDesk
from bot.desk.watching import ledger
from bot.desk.watching.desk import LATE, WatchDesk
from bot.desk.watching.parts import Parts
from bot.desk.watching.words import Words
from bot.messages import OutboxStore
from bot.schedule.ticker import TICK
from bot.settings import Settings
from bot.watching import Quota, WatchStore


class WallClock:
    """The time of this machine."""

    def now(self) -> int:
        """Return the time [ms] UTC."""
        return time.time_ns() // 1_000_000


def watch_desks(
    settings: Settings,
    parts: Parts,
    store: WatchStore,
    states: OutboxStore,
    tapes: Tapes,
    cascades: CascadeDesk,
    overview: Overview,
    *,
    collected: bool,
    speed: float = 1.0,
    drawing: Drawing | None = None,
) -> tuple[WatchDesk, WatchesDesk]:
    """Build who judges watches and who answers about them.

    `speed` is how many seconds of the market's pass in one of the wall's. Where markets are
    `collected`, prices are known between two bars, too.
    """
    source, markets = parts.source, parts.markets
    # A market that is let run is judged as often as there is a tick.
    interval = max(MINUTE, round(TICK * speed * 1000))
    judging = WatchDesk(
        source,
        markets,
        parts.snapshots,
        parts.signals,
        tapes,
        store,
        states,
        Words(parts),
        WallClock(),
        cascades=cascades,
        overview=overview if collected else None,
        collected=collected,
        interval=interval,
        late=LATE if interval == MINUTE else 0,
    )
    previews = Previews(Pasts(markets, parts.signals, parts.snapshots), drawing=drawing)
    answers = WatchesDesk(
        store,
        judging,
        source,
        Draftsman(store, source, markets, previews),
        previews,
        Quota(settings.watches_per_user, settings.watches_per_chat),
        partial(ledger.lines, parts),
        settings.language,
    )
    return judging, answers
