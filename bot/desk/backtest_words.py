"""A strategy's past in words, and what may be asked next."""

import math
from collections.abc import Iterator

from bot.core import figures
from bot.core.evidence.backtest import Backtest, Trade
from bot.core.evidence.base import FEWEST, Range
from bot.core.evidence.strategies import ROUND_TRIP, STRATEGIES, StrategyReading, verdict
from bot.core.journal.words import said as signal_said
from bot.core.language import Said, many, mark, say, say_of
from bot.core.signals.episode import Kind
from bot.core.signals.names import capital, kind_name
from bot.desk import sources, steps
from bot.desk.caption import SIMULATED, clock
from bot.desk.grades import is_unproven
from bot.desk.markets import Found
from bot.desk.requests import BacktestRequest
from bot.reply import Button

_LATEST = 3  # trades told one by one
_CHOICES = (7, 30, 90)  # days, as buttons

_RULES = {
    Kind.SWEEP: mark(
        "In when a sweep becomes a setup; out at the target, the stop, or after a day."
    ),
    Kind.MAGNET: mark(
        "In when a cluster draws; out before it, at the stop, when it thins out, or after two days."
    ),
    Kind.CASCADE: mark(
        "In at the close of the {bar} bar in which it is confirmed; out before the next zone, "
        "where it began, or when it is over."
    ),
}


def headline(reading: StrategyReading) -> str:
    """Name the strategy and how it did.

    "BTC sweep reversal backtest: no better than chance"
    """
    found = reading.backtest
    return say(
        "{coin} {strategy} backtest: {verdict}",
        coin=reading.base,
        strategy=kind_name(found.kind),
        verdict=verdict(found) if found.trades else say("no trade"),
    )


def lines(reading: StrategyReading, request: BacktestRequest) -> tuple[str, ...]:
    """Say what a strategy would have brought, beside random entries."""
    found = reading.backtest
    said = [say(SIMULATED)] if reading.simulated else []
    days = many("{count} day", "{count} days", round(found.days))
    said.append(
        many(
            "{count} trade of {seen} seen in {days}.",
            "{count} trades of {seen} seen in {days}.",
            len(found.trades),
            seen=reading.seen,
            days=days,
        )
    )
    if found.trades:
        said += _results(found)
    elif reading.seen:
        said.append(say("None was traded: it came to no entry, or was over before a bar closed."))
    said.append(say(_RULES[found.kind], bar=figures.span(reading.candles.interval)))
    said.append(
        say(
            "Past results; costs of {costs} a round trip included.",
            costs=figures.percent(ROUND_TRIP),
        )
    )
    if found.kind is Kind.CASCADE and not reading.tape:
        said.append(
            say("No venue here tells liquidations one by one, so no cascade could be seen.")
        )
    if found.kind is not Kind.CASCADE:
        said.append(_grade(reading.grade))
    if request.days - found.days > 1:
        said.append(
            say(
                "No more than {days} of it are known here; {wanted} were asked for.",
                days=days,
                wanted=request.days,
            )
        )
    said.append(sources.told(reading.venues, reading.asked, reading.as_of))
    said += map(str, reading.failures)
    return tuple(said)


def _grade(grade: str | Said) -> str:
    if is_unproven(grade):
        return say("The map is unproven: these trades rest on clusters that are a guess.")
    return sources.measured(grade)


def _results(found: Backtest) -> Iterator[str]:
    brings, edge = found.expectancy, found.edge
    yield say(
        "A trade brought {result} on average{range}; {won} won.",
        result=_signed(brings.value),
        range=_range(brings),
        won=figures.percent(found.wins),
    )
    if math.isfinite(found.random):
        yield say(
            "Random entries as volatile, with the same stops and targets, brought {result}: a "
            "difference of {edge}{range}.",
            result=_signed(found.random),
            edge=_signed(edge.value),
            range=_range(edge),
        )
    if not found.enough:
        yield say("Too few to say: {count} trades are needed.", count=FEWEST)
    if found.drawdown:
        yield say(
            "Deepest fall of their sum: {drawdown} of a stake.",
            drawdown=figures.percent(found.drawdown),
        )
    latest = "; ".join(_trade(trade) for trade in reversed(found.trades[-_LATEST:]))
    yield say("Latest: {trades}.", trades=latest)


_WHY = {
    "target": mark("at the target"),
    "stop": mark("at the stop"),
    "time": mark("out of time"),
}


def _trade(trade: Trade) -> str:
    return say(
        "{way} {time} at {entry}, out at {exit} {why}, {result}",
        way=say_of("trade", "long") if trade.sign > 0 else say_of("trade", "short"),
        time=clock(trade.entered),
        entry=figures.price(trade.entry),
        exit=figures.price(trade.exit),
        why=say(_WHY[trade.why]),
        result=_signed(trade.net),
    )


def _signed(value: float) -> str:
    return figures.percent(value, signed=True)


def _range(found: Range) -> str:
    if not math.isfinite(found.low):
        return ""
    span = say("90 %: {low} to {high}", low=_signed(found.low), high=_signed(found.high))
    return f" ({span})"


def buttons(request: BacktestRequest, found: Found) -> tuple[tuple[Button, ...], ...]:
    """Offer the other strategies, other spans, venues, and what is under way."""
    theme = (request.theme,) if request.theme else ()

    def words(name: str, days: int, venues: tuple[str, ...]) -> str:
        return " ".join(("backtest", name, found.symbol, f"{days}d", *venues, *theme))

    names = [
        button
        for name in STRATEGIES
        for button in steps.step(
            capital(signal_said(name)),
            words(name, request.days, request.venues),
            chosen=name == request.strategy,
        )
    ]
    spans = [
        button
        for days in _CHOICES
        for button in steps.step(
            many("{count} day", "{count} days", days),
            words(request.strategy, days, request.venues),
            chosen=days == request.days,
        )
    ]
    venues = steps.venues(
        found, request.venues, lambda each: words(request.strategy, request.days, each)
    )
    last = [
        *steps.step(say("Setups"), " ".join(("setups", found.symbol, *theme))),
        *steps.step(say("Heatmap"), " ".join(("heatmap", found.symbol, *theme))),
    ]
    return steps.rows(names, spans, venues, last)
