"""`/funding`, `/oi` and `/ratio` without a coin: who stands out among all markets."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Sequence

from bot.core import figures
from bot.core.errors import MarketUnavailable
from bot.core.instruments import Coin, venue_name
from bot.core.language import many, mark, say
from bot.core.market.coins import CoinLine, coin_lines, untold
from bot.core.panels import words
from bot.core.panels.panel import panel
from bot.core.panels.reading import Kind
from bot.desk.caption import SIMULATED, clock
from bot.desk.markets import Markets, venues_named
from bot.desk.overview import Overview
from bot.desk.rates_words import LABELS, Told
from bot.desk.requests import PanelRequest
from bot.desk.snapshot import Kept, Snapshots
from bot.reply import Button, Reply

_ENDS = 8  # coins shown at either end
_LARGEST = 15  # coins shown by open interest
_BUTTONS = 4
# Coins with less open interest [USD] are left out: their funding is anybody's.
_LEAST = 5e6
_WIDTH = 14  # letters of a coin's name
_HEADLINES = {
    Kind.FUNDING: mark("Funding of all markets"),
    Kind.INTEREST: mark("Open interest of all markets"),
}


async def extremes_reply(
    kind: Kind,
    request: PanelRequest,
    markets: Markets,
    overview: Overview,
    snapshots: Snapshots,
) -> Reply:
    """Answer with a table. UnknownVenue, NothingAnswered, MarketUnavailable."""
    known = await markets.venues()
    wanted = list(venues_named(request.venues, known))
    if kind is Kind.RATIO:
        return _ratios(request, list(snapshots.kept.values()), wanted)
    told = await overview.of(newer=request.refresh)
    if wanted:
        told = {item: line for item, line in told.items() if item.exchange in wanted}
    coins = await asyncio.to_thread(coin_lines, told)
    rows, notes, shown = _funding(coins) if kind is Kind.FUNDING else _interest(coins)
    return Reply(
        say(_HEADLINES[kind]),
        (
            *((say(SIMULATED),) if overview.simulated else ()),
            *notes,
            *without(told),
            freshness(told, wanted or known),
            *(str(MarketUnavailable(venue, why)) for venue, why in overview.failures.items()),
        ),
        buttons=_buttons(kind, shown, request),
        simulated=overview.simulated,
        as_of=max((line.time for line in told.values()), default=None),
        table=rows,
    )


def without(told: Told) -> tuple[str, ...]:
    """Say whose open interest is missing, since they tell it market by market only."""
    silent = untold(told)
    if not silent:
        return ()
    names = ", ".join(map(venue_name, silent))
    return (
        many(
            "Open interest is without {venues}, which tells it market by market only.",
            "Open interest is without {venues}, which tell it market by market only.",
            len(silent),
            venues=names,
        ),
    )


def freshness(told: Told, asked: Sequence[str]) -> str:
    """Say how many venues are in it, which are not, and how old it is."""
    there = {item.exchange for item in told}
    silent = [venue_name(venue) for venue in asked if venue not in there]
    when = max((line.time for line in told.values()), default=None)
    said = many(
        "{told} of {count} venue",
        "{told} of {count} venues",
        len(asked),
        told=len(asked) - len(silent),
    )
    if silent:
        said += ", " + say("nothing from {venues}", venues=", ".join(silent))
    return said if when is None else said + " · " + say("data to {time}", time=clock(when))


def _row(name: str, figure: str, beside: str) -> str:
    return f"{name[:_WIDTH]:<{_WIDTH}}{figure:>11}{beside:>8}"


def _funding(coins: Sequence[CoinLine]) -> tuple[tuple[str, ...], tuple[str, ...], list[str]]:
    """Return rows, what must be said of them, and the coins to go on with."""
    ranked = sorted(
        (
            (coin.funding, coin)
            for coin in coins
            if coin.funding is not None and (coin.interest_usd or 0.0) >= _LEAST
        ),
        key=lambda one: -one[0],
    )
    count = min(_ENDS, (len(ranked) + 1) // 2)
    high, low = ranked[:count], ranked[: max(count, len(ranked) - _ENDS) - 1 : -1]

    def rows(some: Sequence[tuple[float, CoinLine]]) -> Iterator[str]:
        for rate, coin in some:
            funding = words.value(Kind.FUNDING, rate)
            yield _row(coin.base, funding, figures.usd(coin.interest_usd or 0.0))

    table = (_row(say("highest"), say("for 8 h"), say("OI")), *rows(high))
    if low:
        table += ("", _row(say("lowest"), say("for 8 h"), say("OI")), *rows(low))
    note = say(
        "For 8 hours, weighted by open interest; of {count} coins with at least {least} of it.",
        count=len(ranked),
        least=figures.usd(_LEAST),
    )
    shown = [coin.base for _, coin in (*high[: _BUTTONS // 2], *low[: _BUTTONS // 2])]
    return (table, (note,), shown) if ranked else ((), (say("No venue tells funding here."),), [])


def _interest(coins: Sequence[CoinLine]) -> tuple[tuple[str, ...], tuple[str, ...], list[str]]:
    ranked = sorted(
        ((coin.interest_usd, coin) for coin in coins if coin.interest_usd), key=lambda one: -one[0]
    )
    if not ranked:
        return (), (say("No venue tells open interest of all its markets here."),), []
    whole = sum(usd for usd, _ in ranked)
    rows = (
        _row(coin.base, figures.usd(usd), figures.percent(usd / whole))
        for usd, coin in ranked[:_LARGEST]
    )
    note = say(
        "{size} in {count} coins; share of it beside each.",
        size=figures.usd(whole),
        count=len(ranked),
    )
    return (
        (_row(say("coin"), say("OI"), say("share")), *rows),
        (note,),
        [coin.base for _, coin in ranked[:_BUTTONS]],
    )


def _ratios(request: PanelRequest, kept: Sequence[Kept], wanted: Sequence[str]) -> Reply:
    """Rank the coins whose ratio is known: it is told market by market, not of all at once."""
    coins: dict[str, list[Kept]] = defaultdict(list)
    for each in kept:
        instrument = each.history.instrument
        if each.history.long_short_ratio is not None and (
            not wanted or instrument.exchange in wanted
        ):
            coins[Coin.of(instrument.base).name].append(each)
    found = []
    for markets in coins.values():
        base = markets[0].history.instrument.base
        now = max(each.gathered for each in markets)
        exchanges = tuple(each.history.instrument.exchange for each in markets)
        read = panel(Kind.RATIO, base, [each.history for each in markets], {}, now, exchanges, ())
        if read.merged is not None:
            found.append((read.merged, base, now))
    found.sort(key=lambda one: -one[0].now)
    rows = [
        _row(
            base,
            words.now(Kind.RATIO, line),
            f"> {words.rank(line.standings[0])}" if line.standings else figures.NOTHING,
        )
        for line, base, _ in found[: 2 * _ENDS]
    ]
    simulated = any(each.history.simulated for each in kept)
    why = say("Venues tell the ratio market by market, so only coins asked for of late are ranked.")
    legend = say("Accounts long over accounts short; beside it, how much of its past it is above.")
    return Reply(
        say("Long/short ratio of coins asked for of late"),
        (
            *((say(SIMULATED),) if simulated else ()),
            *((legend,) if rows else ()),
            why if rows else " ".join((why, say("None has been: try /ratio BTC."))),
        ),
        buttons=_buttons(Kind.RATIO, [base for _, base, _ in found[:_BUTTONS]] or ["BTC"], request),
        simulated=simulated,
        as_of=max((now for _, _, now in found), default=None),
        table=(_row(say("coin"), say("ratio"), say("rank")), *rows) if rows else (),
    )


def _buttons(
    kind: Kind, shown: Sequence[str], request: PanelRequest
) -> tuple[tuple[Button, ...], ...]:
    theme = (request.theme,) if request.theme else ()
    coins = tuple(
        Button(base, " ".join((kind.value, base, *theme)), fresh=True)
        for base in dict.fromkeys(shown)
    )
    kinds = tuple(
        Button(say(label), " ".join((each.value, *theme)), chosen=each is kind)
        for each, label in LABELS.items()
    )
    last = (Button(say("Markets"), "markets"),)
    return tuple(row for row in (coins, kinds, last) if row)
