"""All that is said of an episode, finished; words and picture add nothing to it."""

from dataclasses import dataclass

from bot.core.language import Said
from bot.core.signals.regime_reading import Reading
from bot.core.signals.setups import Setup
from bot.core.watches.followed import Since
from bot.desk.watching.telling import Telling


@dataclass(frozen=True, slots=True)
class AlertReading:
    """All that is said of an episode, finished."""

    telling: Telling
    base: str  # as its prices count the coin
    symbol: str  # the word that finds its markets again
    price: float | None  # [quote/base] now
    as_of: int  # [ms] UTC the data are from
    regime: Reading | None = None  # where the watch asks for one that is on
    setup: Setup | None = None  # where the watch asks for one that is under way
    evidence: str = ""  # a sentence, where there is a signal
    usd: float | None = None  # [USD] in the cluster that it is about
    since: Since | None = None  # the market since it was told
    grade: str | Said = ""  # of the map; empty: nothing here rests on one
    venues: int = 0  # held
    asked: int = 0
    of_coins: tuple[tuple[str, float], ...] = ()  # [USD] liquidated by coins that share it
