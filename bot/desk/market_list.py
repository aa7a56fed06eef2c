"""`/markets`: what there is, ranked by what is traded."""

import asyncio
from collections.abc import Sequence

from bot.core import figures
from bot.core.errors import MarketUnavailable, UnknownWord
from bot.core.instruments import venue_name
from bot.core.language import many, say, say_of
from bot.core.market.coins import CoinLine, coin_lines
from bot.core.panels import words
from bot.core.panels.reading import Kind
from bot.desk.caption import SIMULATED
from bot.desk.extremes import freshness, without
from bot.desk.markets import Markets, venues_named
from bot.desk.overview import Overview
from bot.desk.requests import MarketsRequest
from bot.desk.steps import rows, step
from bot.reply import Button, Reply

_PAGE = 10  # coins, two rows each: what a phone shows without scrolling far
_BUTTONS = 5  # coins to go on with
_VENUES = 7  # as buttons, the most traded
_WIDTH = 12  # letters of a coin's name


async def markets_reply(request: MarketsRequest, markets: Markets, overview: Overview) -> Reply:
    """Answer with one page of the list. UnknownVenue, UnknownWord, NothingAnswered, ..."""
    known = await markets.venues()
    wanted = venues_named(request.venues, known)
    told = await overview.of()
    turnover = {
        venue: sum(line.turnover for item, line in told.items() if item.exchange == venue)
        for venue in known
    }
    if wanted:
        told = {item: line for item, line in told.items() if item.exchange in wanted}
    coins = await asyncio.to_thread(coin_lines, told)
    pages = max(-(-len(coins) // _PAGE), 1)
    if request.page > pages:
        raise UnknownWord(str(request.page), say("Pages go from 1 to {last}.", last=pages))
    first = (request.page - 1) * _PAGE
    shown = coins[first : first + _PAGE]
    whole = sum(coin.turnover for coin in coins)
    return Reply(
        _headline(len(coins), wanted),
        (
            *((say(SIMULATED),) if overview.simulated else ()),
            say(
                "Coins {first} to {last}; {size} traded in 24 h.",
                first=first + 1,
                last=first + len(shown),
                size=figures.usd(whole),
            )
            if shown
            else say("No market is told of."),
            say(
                "Turnover of 24 h and open interest in dollars, funding for 8 h, all venues "
                "together."
            ),
            *without(told),
            freshness(told, wanted or known),
            *(str(MarketUnavailable(venue, why)) for venue, why in overview.failures.items()),
        ),
        buttons=_buttons(shown, request.page, pages, wanted, turnover),
        simulated=overview.simulated,
        as_of=max((line.time for line in told.values()), default=None),
        table=_table(shown, first) if shown else (),
    )


def _headline(count: int, venues: Sequence[str]) -> str:
    if not venues:
        return many("{count} market by turnover", "{count} markets by turnover", count)
    return many(
        "{count} market on {venues} by turnover",
        "{count} markets on {venues} by turnover",
        count,
        venues=", ".join(map(venue_name, venues)),
    )


def _table(shown: Sequence[CoinLine], first: int) -> tuple[str, ...]:
    """Write two rows for each coin, below two that name the columns."""
    coin, quoted = say_of("column", "coin"), say_of("column", "price")
    traded, rate, on = say_of("column", "turnover"), say("funding"), say_of("column", "on")
    table = [
        f"{'#':>3} {coin:<{_WIDTH}}{quoted:>10}{'24 h':>8}",
        f"    {traded:<9}{'OI':<7}{rate:>9}{on:>5}",
    ]
    for place, each in enumerate(shown, first + 1):
        change = figures.NOTHING if each.change is None else _tight(each.change)
        interest = figures.NOTHING if each.interest_usd is None else figures.usd(each.interest_usd)
        funding = (
            figures.NOTHING
            if each.funding is None
            else words.value(Kind.FUNDING, each.funding).replace(" ", "")
        )
        price = figures.price(each.price)
        table += [
            f"{place:>3} {_cut(each.base):<{_WIDTH}}{price:>10}{change:>8}",
            f"    {figures.usd(each.turnover):<9}{interest:<7}{funding:>9}{len(each.venues):>5}",
        ]
    return tuple(table)


def _tight(fraction: float) -> str:
    return figures.percent(fraction, signed=True).replace(" ", "")


def _cut(base: str) -> str:
    return base if len(base) < _WIDTH else f"{base[: _WIDTH - 2]}…"


def _buttons(
    shown: Sequence[CoinLine],
    page: int,
    pages: int,
    wanted: tuple[str, ...],
    turnover: dict[str, float],
) -> tuple[tuple[Button, ...], ...]:
    """Offer the pages beside, the first coins' maps, and one venue alone."""

    def words_of(venues: tuple[str, ...], number: int = 1) -> str:
        return " ".join(("markets", *venues, *((str(number),) if number > 1 else ())))

    beside: list[Button] = []
    if page > 1:
        beside += step(say("‹ Back"), words_of(wanted, page - 1))
    if page < pages:
        beside += step(say("More ›"), words_of(wanted, page + 1))
    coins = [Button(coin.base, f"heatmap {coin.base}", fresh=True) for coin in shown[:_BUTTONS]]
    venues: list[Button] = []
    if len(turnover) > 1:
        ranked = sorted(turnover, key=lambda venue: -turnover[venue])[:_VENUES]
        venues += step(say_of("venues", "All"), words_of(()), chosen=not wanted)
        for venue in dict.fromkeys((*ranked, *wanted)):
            venues += step(venue_name(venue), words_of((venue,)), chosen=wanted == (venue,))
    return rows(beside, coins, venues)
