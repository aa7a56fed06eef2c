"""A strategy's past in words, and what may be asked next."""

import math
from collections.abc import Iterator

from bot.core import figures
from bot.core.evidence.backtest import Backtest, Trade
from bot.core.evidence.base import FEWEST, Range
from bot.core.evidence.strategies import ROUND_TRIP, STRATEGIES, StrategyReading, verdict
from bot.core.instruments import venue_name
from bot.core.signals.episode import Kind
from bot.desk import steps
from bot.desk.caption import SIMULATED, clock
from bot.desk.grades import is_unproven
from bot.desk.markets import Found
from bot.desk.requests import BacktestRequest
from bot.reply import Button

_LATEST = 3  # trades told one by one
_CHOICES = (7, 30, 90)  # days, as buttons

_RULES = {
    Kind.SWEEP: "In when a sweep becomes a setup; out at the target, the stop, or after a day.",
    Kind.MAGNET: "In when a cluster draws; out before it, at the stop, when it thins out, or after "
    "two days.",
    Kind.CASCADE: "In at the close of the {bar} bar in which it is confirmed; out before the next "
    "zone, where it began, or when it is over.",
}


def headline(reading: StrategyReading) -> str:
    """Name the strategy and how it did.

    "BTC sweep reversal backtest: no better than chance"
    """
    found = reading.backtest
    said = verdict(found) if found.trades else "no trade"
    return f"{reading.base} {found.kind.value} backtest: {said}"


def lines(reading: StrategyReading, request: BacktestRequest) -> tuple[str, ...]:
    """Say what a strategy would have brought, beside random entries."""
    found = reading.backtest
    said = [SIMULATED] if reading.simulated else []
    days = f"{found.days:.0f} day{'s' * (round(found.days) != 1)}"
    count = len(found.trades)
    said.append(f"{count} trade{'s' * (count != 1)} of {reading.seen} seen in {days}.")
    if found.trades:
        said += _results(found)
    elif reading.seen:
        said.append("None was traded: it came to no entry, or was over before a bar closed.")
    bar = figures.span(reading.candles.interval)
    said.append(_RULES[found.kind].format(bar=bar))
    said.append(f"Past results; costs of {figures.percent(ROUND_TRIP)} a round trip included.")
    if found.kind is Kind.CASCADE and not reading.tape:
        said.append("No venue here tells liquidations one by one, so no cascade could be seen.")
    if found.kind is not Kind.CASCADE:
        said.append(_grade(reading.grade))
    if request.days - found.days > 1:
        said.append(f"No more than {days} of it are known here; {request.days} were asked for.")
    names = ", ".join(venue_name(each) for each in reading.venues)
    venues = f"{len(reading.venues)} of {len(reading.asked)} venue{'s' * (len(reading.asked) != 1)}"
    said.append(f"{venues} ({names}) · data to {clock(reading.as_of)}")
    said += reading.failures
    return tuple(said)


def _grade(grade: str) -> str:
    if is_unproven(grade):
        return "The map is unproven: these trades rest on clusters that are a guess."
    return f"Measured accuracy of the map: {grade}."


def _results(found: Backtest) -> Iterator[str]:
    brings, edge = found.expectancy, found.edge
    yield (
        f"A trade brought {_signed(brings.value)} on average{_range(brings)}; "
        f"{figures.percent(found.wins)} won."
    )
    if math.isfinite(found.random):
        yield (
            "Random entries as volatile, with the same stops and targets, brought "
            f"{_signed(found.random)}: a difference of {_signed(edge.value)}{_range(edge)}."
        )
    if not found.enough:
        yield f"Too few to say: {FEWEST} trades are needed."
    if found.drawdown:
        yield f"Deepest fall of their sum: {figures.percent(found.drawdown)} of a stake."
    latest = "; ".join(_trade(trade) for trade in reversed(found.trades[-_LATEST:]))
    yield f"Latest: {latest}."


_WHY = {"target": "at the target", "stop": "at the stop", "time": "out of time"}


def _trade(trade: Trade) -> str:
    way = "long" if trade.sign > 0 else "short"
    return (
        f"{way} {clock(trade.entered)} at {figures.price(trade.entry)}, out at "
        f"{figures.price(trade.exit)} {_WHY[trade.why]}, {_signed(trade.net)}"
    )


def _signed(value: float) -> str:
    return figures.percent(value, signed=True)


def _range(found: Range) -> str:
    if not math.isfinite(found.low):
        return ""
    return f" (90 %: {_signed(found.low)} to {_signed(found.high)})"


def buttons(request: BacktestRequest, found: Found) -> tuple[tuple[Button, ...], ...]:
    """Offer the other strategies, other spans, venues, and what is under way."""
    theme = (request.theme,) if request.theme else ()

    def words(name: str, days: int, venues: tuple[str, ...]) -> str:
        return " ".join(("backtest", name, found.symbol, f"{days}d", *venues, *theme))

    names = [
        button
        for name in STRATEGIES
        for button in steps.step(
            name.capitalize(),
            words(name, request.days, request.venues),
            chosen=name == request.strategy,
        )
    ]
    spans = [
        button
        for days in _CHOICES
        for button in steps.step(
            f"{days} days",
            words(request.strategy, days, request.venues),
            chosen=days == request.days,
        )
    ]
    venues = steps.venues(
        found, request.venues, lambda each: words(request.strategy, request.days, each)
    )
    last = [
        *steps.step("Setups", " ".join(("setups", found.symbol, *theme))),
        *steps.step("Heatmap", " ".join(("heatmap", found.symbol, *theme))),
    ]
    return steps.rows(names, spans, venues, last)
