"""`emberline doctor --venues`: what each venue offers, and what it answers when it is asked now."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.core.arrays import DAY
from bot.core.errors import BotError, MarketUnavailable
from bot.core.instruments import Instrument, venue_name
from bot.core.market.offer import NONE, Offer

if TYPE_CHECKING:
    from bot.exchanges.live import VenueSource

_T = TypeVar("_T")
_PATIENCE = 60.0  # [s] for all that one venue is asked
_WIDE = 160  # [characters] where the output is no terminal
_COIN = "BTC"


@dataclass(slots=True)
class Answered:
    """What one venue answered; None where it did not."""

    offer: Offer
    listed: int | None = None
    told: int | None = None  # markets in its overview
    market: Instrument | None = None  # of which a day was asked for
    bars: int | None = None
    missing: dict[str, str] = field(default_factory=dict)  # what the day lacks -> why
    failures: dict[str, str] = field(default_factory=dict)  # what did not answer -> why
    took: float = 0.0  # [s]


async def look(names: Sequence[str], base: str | None) -> list[Answered]:
    """Ask venues for their listing, one overview and a day of bitcoin, side by side."""
    return await asyncio.gather(*(_asked(name, base) for name in names))


async def _asked(name: str, base: str | None) -> Answered:
    from bot.exchanges.live import venue_source

    source = venue_source(name, base)
    (offer,) = source.offers()
    answered = Answered(offer)
    started = time.monotonic()
    try:
        async with asyncio.timeout(_PATIENCE):
            await _all_asked(source, answered)
    except TimeoutError:
        answered.failures["all of it"] = f"no answer within {_PATIENCE:g} s"
    finally:
        answered.took = time.monotonic() - started
        await source.close()
    return answered


async def _all_asked(source: "VenueSource", answered: Answered) -> None:
    async def tried(what: str, ask: Callable[[], Awaitable[_T]]) -> _T | None:
        try:
            return await ask()
        except BotError as error:
            why = error.why if isinstance(error, MarketUnavailable) else str(error)
            answered.failures[what] = why
            return None

    listed = await tried("the listing", source.instruments)
    if listed is None:
        return
    answered.listed = len(listed)
    told = await tried("the overview", source.summaries)
    answered.told = None if told is None else len(told)
    turnover = {one: summary.turnover for one, summary in (told or {}).items()}
    coins = [one for one in listed if one.base == _COIN]
    market = max(coins, key=lambda one: turnover.get(one, 0.0), default=None)
    if market is None:
        answered.failures[f"a day of {_COIN}"] = "it does not list it"
        return
    history = await tried(
        f"a day of {market.symbol}", lambda: source.history(market, source.now() - DAY)
    )
    answered.market = market
    if history is not None:
        answered.bars = len(history.candles)
        answered.missing = source.gaps(market)


def show(found: Sequence[Answered]) -> None:
    """Print the table of what is offered, the one of what was answered, and what is lacking."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=_WIDE)
    console.print(_offers([one.offer for one in found]))
    console.print(_answers(found))
    for one in found:
        console.print(Text(f"{venue_name(one.offer.exchange)}, liquidations: {one.offer.lossy}."))
        for what, why in one.failures.items():
            console.print(Text(f"  {what} failed: {why}.", style="red"))
        for what, why in one.missing.items():
            console.print(Text(f"  {what} is missing: {why}.", style="yellow"))


def _offers(offers: Sequence[Offer]) -> Table:
    columns: dict[str, Callable[[Offer], str]] = {
        "contracts": lambda offer: offer.contracts,
        "candles": lambda offer: offer.candles,
        "taker volume": lambda offer: offer.taker_volume,
        "open interest": lambda offer: offer.open_interest,
        "funding": lambda offer: offer.funding,
        "long/short": lambda offer: offer.ratio,
        "brackets": lambda offer: offer.brackets,
        "book": lambda offer: offer.book,
        "trades": lambda offer: offer.trades,
        "liquidations": lambda offer: offer.liquidations,
    }
    table = Table("venue", *columns, title="What venues offer")
    for offer in offers:
        cells = [_cell(told(offer)) for told in columns.values()]
        table.add_row(venue_name(offer.exchange), *cells)
    return table


def _cell(said: str) -> Text:
    return Text("none", style="dim") if said == NONE else Text(said)


def _answers(found: Sequence[Answered]) -> Table:
    table = Table(
        "venue", "markets", "in the overview", f"a day of {_COIN}", "took", "", title="Now"
    )
    for one in found:
        well = not one.failures
        table.add_row(
            venue_name(one.offer.exchange),
            _count(one.listed),
            _count(one.told),
            f"{_count(one.bars)} bars of {one.market.symbol}" if one.market else "none",
            f"{one.took:.1f} s",
            Text("well" if well else "not well", style="green" if well else "red"),
        )
    return table


def _count(number: int | None) -> str:
    return "none" if number is None else str(number)
