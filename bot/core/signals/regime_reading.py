"""What a regime is said as: its readings at one time, and the side that they are of."""

from dataclasses import dataclass

from bot.core.language import ENGLISH, Said, speaking
from bot.core.market.liquidations import PositionSide
from bot.core.signals import regime_words
from bot.core.signals.episode import Episode, Fact, Kind, Way
from bot.core.signals.events import Zone

# What longs pay for eight hours when neither side presses: most venues' formula has it built in.
# Between nothing and that nobody is crowded; beyond it longs are, and where shorts pay, shorts.
NEUTRAL = 0.0001

# A side is crowded from so far beyond neutral on [fraction for 8 h]: less is how venues round.
_CROWDED = 0.00002

FUNDING, INTEREST, CLUSTERS = range(3)  # places of the readings among facts


@dataclass(frozen=True, slots=True)
class Reading:
    """A market's regime at one time, with what it rests on."""

    time: int  # [ms] UTC
    price: float  # [quote/base]
    kind: Kind | None  # None: no regime
    crowded: PositionSide | None  # None: neither side, or nothing says which
    facts: tuple[Fact, ...]  # funding, open interest, clusters
    passed: tuple[bool, ...]  # whether each fact speaks for the regime named, or the nearest one
    nearest: Kind | None  # the regime that is, or that most readings speak for
    since: int | None  # [ms] UTC; None: no regime
    days: float  # of the market's own past that ranks rest on
    zone: Zone | None = None  # the largest cluster of the side that readings are of
    side: PositionSide | None = None  # whose clusters the readings are of
    longer_days: float = 0.0  # that the longer ranks rest on; 0: there are none
    unread: Said | None = None  # why nothing could be judged; None: it could

    @property
    def ends(self) -> str:
        """In words: what would end it, or what is missing for one."""
        if self.unread is not None or self.nearest is None:
            return str(self.unread or "")
        if self.kind is not None:
            return regime_words.ends(self.kind)
        return regime_words.lacking(self.nearest, self.facts, self.passed)

    @property
    def kept_words(self) -> str:
        """The same as episodes are kept with: in English, whoever asked."""
        with speaking(ENGLISH):
            return self.ends


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour of a market as regimes see it, for its history."""

    time: int  # [ms] UTC
    price: float  # [quote/base]
    funding: float  # [fraction for 8 h]
    coins: float  # [base] open interest
    change: float  # [fraction] of open interest in a day; nan before a day was seen
    near: tuple[float, float]  # share of open interest near the price, longs and shorts
    kind: Kind | None = None  # the regime then
    crowded: PositionSide | None = None


def begun(market: str, reading: Reading, kind: Kind) -> Episode:
    """Begin an episode. A crowd is squeezed against its side; exhaustion points nowhere."""
    way = Way.NONE
    if kind is not Kind.EXHAUSTION and reading.crowded is not None:
        way = Way.DOWN if reading.crowded is PositionSide.LONG else Way.UP
    return Episode(
        kind,
        market,
        "on",
        began=reading.time,
        time=reading.time,
        price=reading.price,
        began_price=reading.price,
        way=way,
        zone=reading.zone,
        target=reading.zone if way is not Way.NONE else None,
        invalidation=reading.kept_words,
        facts=reading.facts,
    )


def level(side: PositionSide, beyond: float) -> float:
    """Return the funding that is so far beyond neutral on a side [fraction for 8 h]."""
    return NEUTRAL + beyond if side is PositionSide.LONG else -beyond


def beyond(side: PositionSide, funding: float) -> float:
    """Return how far funding is beyond neutral on a side [fraction for 8 h]."""
    return funding - NEUTRAL if side is PositionSide.LONG else -funding


def crowded_by(funding: float) -> PositionSide | None:
    """Return the side that pays more than is built in; None in between, or if nothing is known."""
    return next((side for side in PositionSide if beyond(side, funding) >= _CROWDED), None)
