"""Which perpetuals there are, and which of them a word means."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from bot.core.errors import MarketUnavailable, UnknownSymbol, UnknownVenue
from bot.core.instruments import Instrument, base_of
from bot.desk.shared import Shared
from bot.ports import MarketSource

_LISTING_KEPT = 3600.0  # [s] markets are listed and delisted on the scale of days
_PARTIAL_LISTING_KEPT = 20.0  # [s] a venue that did not answer is asked again soon
_SUGGESTIONS = 3
_LIKE = 60  # [% of letters] names less alike than this are no suggestion while typing
_AUTOCOMPLETE = 25  # Discord shows no more
# Small coins trade by the thousand; people leave that out.
_MULTIPLES = ("", "1000", "10000", "1000000", "1M", "k")
# Where one venue lists a coin against several dollars, the one with the deepest market.
_QUOTES = ("USDT", "USDC", "USD")


@dataclass(frozen=True, slots=True)
class Found:
    """The markets of one coin on the venues asked."""

    base: str
    instruments: tuple[Instrument, ...]  # one for each venue that lists it
    asked: tuple[str, ...]  # every venue that should be in the answer
    failures: tuple[str, ...]  # why the others are not, a sentence each


class Markets:
    """The listing of a source, asked now and then."""

    def __init__(self, source: MarketSource) -> None:
        self._source = source
        self._listing: Sequence[Instrument] = ()
        self._failures: dict[str, str] = {}
        self._until = 0.0
        self._shared: Shared[str, Sequence[Instrument]] = Shared()

    async def find(self, word: str, venues: Sequence[str] = ()) -> Found:
        """Find a coin's markets. UnknownSymbol with suggestions, UnknownVenue, NothingAnswered."""
        listing = await self.listing()
        known = list(dict.fromkeys(item.exchange for item in listing)) + list(self._failures)
        for venue in venues:
            if venue not in known:
                raise UnknownVenue(venue, known)
        base = base_of(word)
        listed = {item.base: item.base for item in listing}
        meant = next((m + base for m in _MULTIPLES if base and m + base in listed), None)
        if meant is None:
            raise UnknownSymbol(word[:30], self._near(base or word, listed))
        by_venue: dict[str, Instrument] = {}
        for item in sorted(listing, key=_quote_rank):
            if item.base == meant and (not venues or item.exchange in venues):
                by_venue.setdefault(item.exchange, item)
        failed = {v: why for v, why in self._failures.items() if not venues or v in venues}
        if not by_venue and not failed:
            where = " or ".join(venues)
            raise UnknownVenue(f"{meant} on {where}", _venues_of(meant, listing))
        in_order = [venue for venue in known if venue in by_venue]
        return Found(
            meant,
            tuple(by_venue[venue] for venue in in_order),
            tuple(dict.fromkeys([*in_order, *failed])),
            tuple(str(MarketUnavailable(venue, why)) for venue, why in failed.items()),
        )

    async def listing(self) -> Sequence[Instrument]:
        """Return every perpetual on offer. NothingAnswered if no venue can say."""
        if time.monotonic() < self._until:
            return self._listing
        return await self._shared.get("listing", self._ask)

    async def suggest(self, typed: str) -> list[str]:
        """Name coins that begin like `typed`, then coins that resemble it."""
        bases = list(dict.fromkeys(item.base for item in await self.listing()))
        start = base_of(typed) or typed.strip().upper()
        if not start:
            return bases[:_AUTOCOMPLETE]
        first = [base for base in bases if base.startswith(start)]
        rest = process.extract(
            start, bases, scorer=fuzz.ratio, limit=_AUTOCOMPLETE, score_cutoff=60
        )
        return list(dict.fromkeys([*first, *(name for name, *_ in rest)]))[:_AUTOCOMPLETE]

    async def _ask(self) -> Sequence[Instrument]:
        self._listing = await self._source.instruments()
        listed = {item.exchange for item in self._listing}
        failures = self._source.failures()
        self._failures = {venue: why for venue, why in failures.items() if venue not in listed}
        kept = _PARTIAL_LISTING_KEPT if self._failures else _LISTING_KEPT
        self._until = time.monotonic() + kept
        return self._listing

    def _near(self, word: str, listed: dict[str, str]) -> list[str]:
        found = process.extract(
            word.upper(), listed, scorer=fuzz.ratio, limit=_SUGGESTIONS, score_cutoff=45
        )
        return [name for name, *_ in found]


def _quote_rank(item: Instrument) -> int:
    return _QUOTES.index(item.quote) if item.quote in _QUOTES else len(_QUOTES)


def _venues_of(base: str, listing: Sequence[Instrument]) -> list[str]:
    return list(dict.fromkeys(item.exchange for item in listing if item.base == base))
