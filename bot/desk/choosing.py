"""Choosing among the markets of a coin: what was asked for, which of several, how it is counted."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from bot.core.instruments import QUOTES, Asked, Coin, Contract, Instrument
from bot.core.language import Said, later, mark
from bot.core.market.coins import same_coin
from bot.core.market.summary import Summary

Told: TypeAlias = Mapping[Instrument, Summary]  # what is known of markets, in a line each

# Said where a coin is not listed as asked, by the kind asked for and whether a quote was.
_NONE = {
    (Contract.INVERSE, False): mark(
        "No coin-margined market of {coin} is listed here; these are the others."
    ),
    (Contract.LINEAR, False): mark(
        "No linear market of {coin} is listed here; these are the others."
    ),
    (Contract.LINEAR, True): mark(
        "No linear {quote} market of {coin} is listed here; these are the others."
    ),
    (None, True): mark("No {quote} market of {coin} is listed here; these are the others."),
}


def fitting(said: Asked, listed: list[Instrument]) -> tuple[list[Instrument], tuple[Said, ...]]:
    """Return the markets with the quote and kind asked for; all, and why, if there is none."""
    fits = [
        item
        for item in listed
        if said.quote in {None, item.quote} and said.contract in {None, item.contract}
    ]
    if fits:
        return fits, ()
    quote = said.quote if said.contract is not Contract.INVERSE else None
    name = Coin.of(said.base).name
    return listed, (later(_NONE[said.contract, quote is not None], coin=name, quote=quote),)


def family(wanted: tuple[str, ...], fits: list[Instrument]) -> tuple[str, ...]:
    """Take "binance" for its coin-margined half where only that lists what is meant."""
    listing = exchanges(fits)
    found = []
    for venue in wanted:
        halves = [one for one in listing if one.startswith(venue)]
        found += [venue] if venue in listing else halves or [venue]
    return tuple(dict.fromkeys(found))


def one_a_venue(ranked: Sequence[Instrument]) -> Iterator[Instrument]:
    """Yield the first market of each venue."""
    seen: set[str] = set()
    for item in ranked:
        if item.exchange not in seen:
            seen.add(item.exchange)
            yield item


def others(ranked: list[Instrument], told: Told) -> Iterator[Instrument]:
    """Yield the markets whose price says that they are of another coin than the first."""
    priced = [item for item in ranked if item in told]
    for item in priced[1:]:
        first = priced[0]
        if not same_coin(told[item].price, item.base, told[first].price, first.base):
            yield item


def base(said: Asked, ranked: Sequence[Instrument], listed: Sequence[Instrument]) -> str:
    """Return how the coin is counted: as asked, else as its deepest market does."""
    if Coin.of(said.base).multiple > 1 and any(item.base == said.base for item in ranked):
        return said.base
    return (ranked or listed)[0].base


def symbol(base: str, said: Asked) -> str:
    """Write what was asked for as one would type it."""
    if said == Asked(said.base, "USD"):
        return f"{base}-USD"  # glued, it is how venues name what is settled in coins
    quote = said.quote or ""
    implied = said.contract is (Contract.INVERSE if quote == "USD" else Contract.LINEAR)
    kind = "" if said.contract is None or (quote and implied) else f" {said.contract.value}"
    return f"{base}{quote}{kind}"


def turnover(item: Instrument, told: Told) -> float:
    """Return what was traded in 24 h [USD], 0 where it is not known."""
    return told[item].turnover if item in told else 0.0


def ranked(fits: Sequence[Instrument], told: Told) -> list[Instrument]:
    """Order markets, the most traded first; of those alike, by the dollar they are counted in."""

    def rank(item: Instrument) -> tuple[float, int]:
        quote = QUOTES.index(item.quote) if item.quote in QUOTES else len(QUOTES)
        return -turnover(item, told), quote

    return sorted(fits, key=rank)


def exchanges(listing: Sequence[Instrument]) -> list[str]:
    """Name the venues of markets, each once."""
    return list(dict.fromkeys(item.exchange for item in listing))
