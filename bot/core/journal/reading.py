"""What `/journal` and `/coach` show of a person's trades, finished."""

from dataclasses import dataclass

from bot.core.journal.review import Review


@dataclass(frozen=True, slots=True, eq=False)
class JournalReading:
    """All closed trades of a person, for a picture."""

    review: Review  # at least one closed trade
    as_of: int  # [ms] UTC
    simulated: bool
