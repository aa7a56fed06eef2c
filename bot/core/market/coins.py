"""All markets in a line for each coin: every venue and quote together."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from bot.core.instruments import Coin, Instrument
from bot.core.market.fundings import EIGHT_HOURS
from bot.core.market.scale import scale
from bot.core.market.summary import Summary

# Two venues' prices of one coin are never this far apart: it is another coin of the same name.
ANOTHER = 2.0


@dataclass(frozen=True, slots=True)
class CoinLine:
    """One coin on all venues that tell of it; None is what none of them tells."""

    base: str  # as its deepest market counts it: "BTC", "1000PEPE"
    price: float  # [quote/base] of that market
    change: float | None  # [fraction] of the price in the last 24 hours, there
    turnover: float  # [USD] of the last 24 hours, all together
    interest_usd: float | None  # [USD] open interest, those together that tell it; see `untold`
    funding: float | None  # [fraction for eight hours] weighted by open interest
    venues: tuple[str, ...]  # most turnover first
    time: int  # [ms] UTC of the oldest figure in it


def same_coin(price: float, base: str, first: float, first_base: str) -> bool:
    """Say whether a price can be of the coin whose deepest market is `first`.

    >>> same_coin(1.0e-5, "PEPE", 0.0101, "1000PEPE"), same_coin(3.0, "PEPE", 0.0101, "1000PEPE")
    (True, False)
    """
    return 1 / ANOTHER < price * scale(base, first_base) / first < ANOTHER


def coin_lines(summaries: Mapping[Instrument, Summary]) -> list[CoinLine]:
    """Sum up all markets by coin, the most turnover first."""
    coins: dict[str, list[tuple[Instrument, Summary]]] = defaultdict(list)
    for instrument, summary in summaries.items():
        coins[Coin.of(instrument.base).name].append((instrument, summary))
    lines = [_line(sorted(each, key=lambda one: -one[1].turnover)) for each in coins.values()]
    return sorted(lines, key=lambda line: -line.turnover)


def _line(markets: list[tuple[Instrument, Summary]]) -> CoinLine:
    """Sum up one coin's markets, the deepest of which stands first."""
    first, lead = markets[0]
    same = [
        (item, told)
        for item, told in markets
        if same_coin(told.price, item.base, lead.price, first.base)
    ]
    interest = [
        told.open_interest * told.price for _, told in same if told.open_interest is not None
    ]
    return CoinLine(
        base=first.base,
        price=lead.price,
        change=lead.change,
        turnover=sum(told.turnover for _, told in same),
        interest_usd=sum(interest) if interest else None,
        funding=_funding([told for _, told in same]),
        venues=tuple(dict.fromkeys(item.exchange for item, _ in same)),
        time=min(told.time for _, told in same),
    )


def _funding(told: list[Summary]) -> float | None:
    """Average funding for eight hours, weighted by open interest.

    A market that does not tell its open interest weighs as its turnover does beside the others';
    where nobody tells it, all weigh by turnover.
    """
    interest = [each for each in told if each.open_interest is not None]
    held = sum((each.open_interest or 0.0) * each.price for each in interest)
    traded = sum(each.turnover for each in interest)
    usual = held / traded if held > 0 and traded > 0 else 1.0
    rates, weights = [], []
    for each in told:
        if each.funding is None:
            continue
        rates.append(each.funding * EIGHT_HOURS / (each.funding_interval or EIGHT_HOURS))
        known = each.open_interest is not None and held > 0
        weights.append((each.open_interest or 0.0) * each.price if known else each.turnover * usual)
    whole = sum(weights)
    return sum(r * w for r, w in zip(rates, weights, strict=True)) / whole if whole > 0 else None


def untold(summaries: Mapping[Instrument, Summary]) -> list[str]:
    """Name the venues that tell open interest of none of their markets."""
    exchanges = dict.fromkeys(item.exchange for item in summaries)
    telling = {item.exchange for item, told in summaries.items() if told.open_interest is not None}
    return [exchange for exchange in exchanges if exchange not in telling]
