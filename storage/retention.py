"""What is forgotten after a time, so that the memory does not grow for ever."""

from sqlalchemy import text

from bot.core.arrays import DAY
from bot.watching import DRAFT_LASTS
from storage.database import Database

# A year to look back on, and some weeks to compare it with.
SHOWN_FOR = 400 * DAY

# No picture looks further back than a month: nothing could be gone on with from an older state.
_STATES_FOR = 35 * DAY

# Some signals come but a few times a year, and a base rate needs ten of them.
_EPISODES_FOR = 1100 * DAY

# The longest that a map is ranked against is 90 days.
_LOOKS_FOR = 100 * DAY

# The last follow-up comes after a day; a week later nobody asks what was sent any more.
SENT_FOR = 8 * DAY

_OUT_OF_DATE = {
    "DELETE FROM map WHERE time_ms < :before": SHOWN_FOR,
    "DELETE FROM score WHERE time_ms < :before": SHOWN_FOR,
    "DELETE FROM calibration WHERE day_ms < :before": SHOWN_FOR,
    "DELETE FROM estimate WHERE time_ms < :before": _STATES_FOR,
    "DELETE FROM episode WHERE began_ms < :before": _EPISODES_FOR,
    "DELETE FROM gone_through WHERE until_ms < :before": _EPISODES_FOR,
    "DELETE FROM look WHERE time_ms < :before": _LOOKS_FOR,
    "DELETE FROM delivery WHERE put_ms < :before AND progress >= 2": SENT_FOR,
    "DELETE FROM follow_up WHERE due_ms < :before AND done": SENT_FOR,
    "DELETE FROM content WHERE put_ms < :before AND NOT EXISTS "
    "(SELECT 1 FROM delivery WHERE delivery.content = content.hash)": SENT_FOR,
    "DELETE FROM watch_outcome WHERE message IN (SELECT message FROM watch_episode "
    "WHERE began_ms < :before)": SHOWN_FOR,
    "DELETE FROM watch_vote WHERE message IN (SELECT message FROM watch_episode "
    "WHERE began_ms < :before)": SHOWN_FOR,
    "DELETE FROM watch_episode WHERE began_ms < :before": SHOWN_FOR,
    "DELETE FROM watch_draft WHERE touched_ms < :before": DRAFT_LASTS,
}


async def prune(database: Database, now: int) -> dict[str, int]:
    """Forget what is out of date at `now` [ms]; returns how many rows of each table.

    Maps, scores and calibrations go after 400 days, estimates to go on from after 35, episodes
    after three years, looks after 100 days, messages that were sent after eight, and ledgers of
    watches after 400.
    StoreUnavailable.
    """
    gone = {}
    for statement, kept_for in _OUT_OF_DATE.items():
        async with database.writing() as connection:
            done = await connection.execute(text(statement), {"before": now - kept_for})
        gone[statement.split()[2]] = done.rowcount
    return gone
