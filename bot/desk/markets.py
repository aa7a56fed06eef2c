"""Which perpetuals there are, and which of them a word means."""

import asyncio
import math
import re
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from bot.core.errors import MarketUnavailable, StillAsked, UnknownSymbol, UnknownVenue
from bot.core.instruments import (
    Asked,
    Coin,
    Contract,
    Instrument,
    base_of,
    readings,
    venue_name,
)
from bot.core.language import Said, later, one_of
from bot.desk import choosing
from bot.desk.overview import Overview
from bot.desk.shared import Shared
from bot.desk.venue_names import ALL, named, venues_named
from bot.patience import for_the_whole, left_out
from bot.ports import ListedInParts, MarketSource

__all__ = ["ALL", "Found", "Markets", "named", "venues_named"]

_LISTING_KEPT = 3600.0  # [s] markets are listed and delisted on the scale of days
_PARTIAL_LISTING_KEPT = 20.0  # [s] a venue that did not answer is asked again soon
# Who has not said within so long [s] what it lists is not waited for, nor is anybody for longer if
# most have not.
_LISTED_WITHIN, _MOST_LISTED_WITHIN = 1.5, 4.0
_SUGGESTIONS = 3
_LIKE = 45  # [% of letters] names less alike than this are no suggestion
_LIKE_TYPING = 60  # [% of letters] the same while somebody is typing
_DECADE = 6.0  # [% of letters] ten times the turnover makes up for this much likeness
_AUTOCOMPLETE = 25  # Discord shows no more
_PATIENCE = 0.7  # [s] turnover is waited for, where it decides
_PATIENCE_TYPING = 0.3  # [s] the same while somebody is typing
# A thousand in front, as one venue writes it; only where the coin is listed by multiples at all.
_KILO = re.compile(r"K([A-Z0-9]{2,})")


@dataclass(frozen=True, slots=True)
class Found:
    """The markets of one coin on the venues asked."""

    base: str  # as the deepest of them counts it, or as asked: "BTC", "1000PEPE"
    instruments: tuple[Instrument, ...]  # one for each venue that lists it
    asked: tuple[str, ...]  # every venue that should be in the answer
    lacking: tuple[str | Said, ...]  # why the others are not, a sentence each
    symbol: str  # the word that finds the same again: "BTC", "BTCUSDC", "BTC inverse"
    coming: bool = False  # some of `lacking` are still asked what they list

    @property
    def failures(self) -> tuple[str, ...]:
        """What is lacking, said now."""
        return tuple(map(str, self.lacking))


class Markets:
    """The listing of a source, asked now and then."""

    def __init__(self, source: MarketSource, overview: Overview | None = None) -> None:
        self._source = source
        self._overview = overview or Overview(source)
        self._listing: Sequence[Instrument] = ()
        self._coins: dict[str, list[Instrument]] = {}  # by the coin's name
        self._failures: dict[str, str | Said] = {}
        self._late: tuple[str, ...] = ()  # of `_failures`, those that are still asked
        self._until = 0.0
        self._shared: Shared[str, Sequence[Instrument]] = Shared()
        # Told of the markets of every question; whoever keeps them current listens here.
        self.asked: Callable[[Sequence[Instrument]], None] = lambda _: None

    async def find(self, word: str, venues: Sequence[str] = (), *, patient: bool = False) -> Found:
        """Find a coin's markets. UnknownSymbol with suggestions, UnknownVenue, NothingAnswered.

        Of several on one venue it is the one with the most turnover, unless the word says which.
        Who is `patient` waits for venues that are slow to say what they list.
        """
        known = await self.venues(patient=patient or for_the_whole())
        wanted = venues_named(venues, known)
        said, listed = self._meant(word)
        if said is None:
            raise UnknownSymbol(word[:30], await self._near(base_of(word) or word))
        fitting, notes = choosing.fitting(said, listed)
        if said.contract is Contract.INVERSE and not notes:
            wanted = choosing.family(wanted, fitting)
        fitting = [item for item in fitting if not wanted or item.exchange in wanted]
        failed = {v: why for v, why in self._failures.items() if not wanted or v in wanted}
        if not fitting and not failed:
            where = later("{coin} on {venues}", coin=said.base, venues=one_of(wanted))
            raise UnknownVenue(where, choosing.exchanges(listed))
        choice = len({item.exchange for item in fitting}) < len(fitting)
        told: choosing.Told = {}
        if choice or len({item.base for item in fitting}) > 1:
            told = await self._overview.within(_PATIENCE)
        ranked = choosing.ranked(fitting, told)
        base, ranked = choosing.base(said, ranked, listed), list(choosing.one_a_venue(ranked))
        others = list(choosing.others(ranked, told))
        by_venue = {item.exchange: item for item in ranked if item not in others}
        in_order = [venue for venue in known if venue in by_venue]
        meant = tuple(by_venue[venue] for venue in in_order)
        self.asked(meant)
        coming = any(venue in self._late for venue in failed)
        if coming:
            left_out()
        return Found(
            base,
            meant,
            tuple(dict.fromkeys([*in_order, *failed])),
            (
                *notes,
                *(
                    later(
                        "{venue} lists another coin as {coin}.",
                        venue=venue_name(each.exchange),
                        coin=each.base,
                    )
                    for each in others
                ),
                *(self._failure(venue, why).sentence for venue, why in failed.items()),
            ),
            base if notes else choosing.symbol(base, said),
            coming=coming,
        )

    async def listing(self, *, patient: bool = False) -> Sequence[Instrument]:
        """Return every perpetual on offer. NothingAnswered if no venue can say.

        Who is not `patient` is not kept waiting by some venues once others have answered.
        """
        if time.monotonic() < self._until:
            return self._listing
        asking = self._shared.begin("listing", self._ask)
        if patient or not isinstance(self._source, ListedInParts):
            return await asyncio.shield(asking)
        for patience in (_LISTED_WITHIN, _MOST_LISTED_WITHIN - _LISTED_WITHIN):
            done, _ = await asyncio.wait([asking], timeout=patience)
            if done:
                return asking.result()
            listed, late = self._source.listed()
            if len(late) <= len({item.exchange for item in listed}):
                break  # else it is not some that are slow
        if not listed:
            return await asyncio.shield(asking)
        # What comes meanwhile is taken over by the asking that goes on.
        why = StillAsked("", _LISTED_WITHIN).reason
        return self._take(listed, dict.fromkeys(late, why), tuple(late))

    async def venues(self, *, patient: bool = False) -> list[str]:
        """Name every venue, those that do not answer last. NothingAnswered if none does."""
        return [*choosing.exchanges(await self.listing(patient=patient)), *self._failures]

    def begin(self) -> None:
        """Begin to ask what is listed and how much is traded: whoever asks first need not wait."""
        self._shared.begin("first", self._ask_first)

    async def close(self) -> None:
        """Stop asking."""
        await self._shared.close()

    async def suggest(self, typed: str) -> list[str]:
        """Name coins that begin like `typed`, then coins that resemble it; much traded first."""
        await self.listing()
        ranks = await self._ranks(_PATIENCE_TYPING)
        start = base_of(typed) or typed.strip().upper()
        bases = [ranks[name][0] for name in sorted(ranks, key=lambda name: -ranks[name][1])]
        if not start:
            return bases[:_AUTOCOMPLETE]
        name = Coin.of(start).name
        first = [base for base in bases if base.startswith(start) or Coin.of(base).name == name]
        first += [base for base in bases if Coin.of(base).name.startswith(name)]
        rest = process.extract(
            start, bases, scorer=fuzz.ratio, limit=_AUTOCOMPLETE, score_cutoff=_LIKE_TYPING
        )
        return list(dict.fromkeys([*first, *(name for name, *_ in rest)]))[:_AUTOCOMPLETE]

    async def _ask_first(self) -> Sequence[Instrument]:
        listing = await self.listing(patient=True)
        await self._overview.within(_LISTING_KEPT)
        return listing

    async def _ask(self) -> Sequence[Instrument]:
        listing = await self._source.instruments()
        self._take(listing, self._source.failures())
        kept = _PARTIAL_LISTING_KEPT if self._failures else _LISTING_KEPT
        self._until = time.monotonic() + kept
        return listing

    def _take(
        self,
        listing: Sequence[Instrument],
        failures: Mapping[str, str | Said],
        late: tuple[str, ...] = (),
    ) -> Sequence[Instrument]:
        self._listing, self._late = listing, late
        listed = {item.exchange for item in listing}
        self._failures = {venue: why for venue, why in failures.items() if venue not in listed}
        coins: dict[str, list[Instrument]] = defaultdict(list)
        for item in self._listing:
            coins[Coin.of(item.base).name].append(item)
        self._coins = coins
        return listing

    def _failure(self, venue: str, why: str | Said) -> MarketUnavailable:
        late = venue in self._late
        return StillAsked(venue, _LISTED_WITHIN) if late else MarketUnavailable(venue, why)

    def _meant(self, word: str) -> tuple[Asked | None, list[Instrument]]:
        """Return the first thing a word may mean that is listed, and all markets of that coin."""
        for said in readings(word):
            if listed := self._coins.get(Coin.of(said.base).name):
                return said, listed
            kilo = _KILO.fullmatch(said.base)
            listed = self._coins.get(kilo[1], []) if kilo else []
            if kilo and any(Coin.of(item.base).multiple > 1 for item in listed):
                return Asked(f"1000{kilo[1]}", said.quote, said.contract), listed
        return None, []

    async def _ranks(self, patience: float) -> dict[str, tuple[str, float]]:
        """Return each coin's base and turnover [USD] of all venues, 0 where it is not known."""
        told = await self._overview.within(patience)
        ranks = {}
        for name, listed in self._coins.items():
            deepest = max(listed, key=lambda item: choosing.turnover(item, told))
            ranks[name] = deepest.base, sum(choosing.turnover(item, told) for item in listed)
        return ranks

    async def _near(self, word: str) -> list[str]:
        """Name coins that are written much like `word`, preferring those that are traded much."""
        ranks = await self._ranks(_PATIENCE)
        name = Coin.of(word.upper()).name
        like = process.extract(name, list(ranks), scorer=fuzz.ratio, limit=None, score_cutoff=_LIKE)
        found = sorted(like, key=lambda one: -one[1] - _DECADE * math.log10(1 + ranks[one[0]][1]))
        return [ranks[one[0]][0] for one in found[:_SUGGESTIONS]]
