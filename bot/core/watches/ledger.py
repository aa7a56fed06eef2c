"""What became of a watch, episode by episode."""

from dataclasses import dataclass

from bot.core.watches.columns import About


@dataclass(frozen=True, slots=True)
class Entry:
    """One episode in a watch's ledger; the same key again replaces what is given anew."""

    message: str  # key of the episode: bot.core.watches.gate.Effect.message
    watch: str
    market: str  # as the watch names it: "BTC"
    began: int  # [ms] UTC
    told: int | None = None  # [ms] UTC; None: held back
    ended: int | None = None  # [ms] UTC; None: under way, or not followed to its end
    held: str = ""  # why nobody was told
    price: float | None = None  # [quote/base] when it was told
    about: About | None = None  # the cluster that it was about: what the map expected
    usd: float | None = None  # [USD] in that cluster then
    way: str = ""  # "up", "down" where it is headed a way
    markets: tuple[str, ...] = ()  # keys of the instruments it was judged by


@dataclass(frozen=True, slots=True)
class After:
    """What came of an episode so long after it began."""

    message: str
    after: int  # [ms], one of bot.messages.FOLLOW_UPS
    price: float  # [quote/base]
    move: float  # [signed fraction] since it was told
    worst: float  # [signed fraction] furthest against the way it was headed; 0: it has no way
    reached: bool | None  # whether the price came into the cluster; None: it was about none
    liquidated: float | None  # [USD] since it was told; None: nobody listened


@dataclass(frozen=True, slots=True)
class Told:
    """A ledger's line: an episode, what came of it, and whom it was of use to."""

    entry: Entry
    after: tuple[After, ...] = ()
    useful: int = 0  # people who said so
    useless: int = 0
