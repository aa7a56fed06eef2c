"""What somebody's trades tell of him, in words; what to change follows from figures alone."""

from collections.abc import Iterator

import numpy as np

from bot.core import figures
from bot.core.evidence.base import FEWEST
from bot.core.journal.review import Expectancy, Review, expectancy
from bot.desk import steps
from bot.desk.journal_words import amount, brings, small
from bot.reply import Button

_EMPTY = (
    "Log trades by one tap under an alert or under /setups, or with /journal add, and close them: "
    "what they bring by signal and by mistake is told here."
)
_TOLD = 4  # signals and mistakes told one by one


def headline(found: Review) -> str:
    """Say what it comes to.

    "Coach: a trade brings +0.21R (31 trades)"
    """
    count = len(found.trades)
    if not count:
        return "Coach: no closed trade yet"
    if not found.whole.enough:
        return f"Coach: {found.whole.count} of {FEWEST} trades that it takes to say anything"
    return f"Coach: a trade brings {small(found.whole.mean, found.unit)} ({count} trades)"


def lines(found: Review) -> tuple[str, ...]:
    """Say what to change, then what it rests on."""
    if not found.trades:
        return (_EMPTY,)
    said = [
        advice(found),
        brings(found.whole, found.unit) if found.whole.enough else "",
        _without_stop(found),
        *_signals(found),
        *_mistakes(found),
        _week(found),
        _drawdown(found),
        "After usual costs; a range holds 90 % of what the same trades drawn again bring.",
    ]
    return tuple(each for each in said if each)


def advice(found: Review) -> str:
    """Say what to change in one sentence; only where ten trades or more bear it out."""
    if not found.whole.enough:
        return f"What to change: too few to say ({found.whole.count} of {FEWEST} trades)."
    return f"What to change: {_change(found)}."


def _change(found: Review) -> str:
    """Name the dearest that is shown to cost, else what alone is shown to earn."""
    mistakes = [(f"trades with “{each.name}”", each) for each in found.by_mistake]
    signals = [(_of(each), each) for each in found.by_signal]
    for named in (mistakes, signals):
        dear = [each for each in named if each[1].enough and each[1].high < 0]
        if dear:
            name, worst = min(dear, key=lambda each: each[1].mean * each[1].count)
            cost = small(-worst.mean, found.unit)[1:]
            return f"{name} cost {cost} each ({_range(worst, found.unit)}): leave those out first"
    earning = [each for each in signals if each[1].enough and each[1].low > 0]
    if earning and len(earning) < len(signals):
        name, best = max(earning, key=lambda each: each[1].mean)
        return (
            f"{name} earn {small(best.mean, found.unit)} each ({_range(best, found.unit)}); of "
            "others that is not shown: prefer them"
        )
    if found.whole.low > 0:
        return "nothing stands out; as a whole these trades earn"
    if found.whole.high < 0:
        return "as a whole these trades cost, and no signal or mistake stands out"
    return "nothing can be told from luck yet"


def _of(found: Expectancy) -> str:
    return "trades of your own idea" if found.name == "own idea" else f"{found.name} trades"


def _range(found: Expectancy, unit: str) -> str:
    return f"90 %: {small(found.low, unit)} to {small(found.high, unit)}, {found.count} trades"


def _without_stop(found: Review) -> str:
    """Say what is not in the figures: without a stop nothing was known to be at risk."""
    none = [each for each in found.trades if each.multiple is None]
    if found.unit != "R" or not none:
        return ""
    brought = expectancy("no stop", none, "%")
    count = f"{len(none)} trade{'s' * (len(none) != 1)}"
    return (
        f"{count} without a stop cannot be counted in R and "
        f"{'are' if len(none) != 1 else 'is'} left out; on the average "
        f"{figures.percent(brought.mean, signed=True)} of the value."
    )


def _signals(found: Review) -> Iterator[str]:
    told = [
        f"{each.name} {small(each.mean, found.unit)} ({each.count}, {each.verdict})"
        if each.enough
        else f"{each.name} {each.verdict}"
        for each in found.by_signal[:_TOLD]
    ]
    if told:
        yield f"By signal: {'; '.join(told)}."


def _mistakes(found: Review) -> Iterator[str]:
    """Say what each mistake's trades brought in all: a sum, and no more than that."""
    pairs = list(zip(found.by_mistake, found.cost, strict=True))[:_TOLD]
    told = [
        f"“{each.name}” {_in_all(cost, found.unit)} in {each.count} trade{'s' * (each.count != 1)}"
        for each, cost in pairs
    ]
    if told:
        few = any(not each.enough for each, _ in pairs)
        doubt = f" Sums of fewer than {FEWEST} trades: too few to say." if few else ""
        yield f"By mistake: {'; '.join(told)}.{doubt}"
    elif all(not each.found_out for each in found.trades):
        yield "No mistake is told of: one tap under a closed trade says what was wrong with it."


def _in_all(cost: float, unit: str) -> str:
    return f"cost {amount(-cost, unit)[1:]}" if cost < 0 else f"brought {amount(cost, unit)}"


def _week(found: Review) -> str:
    week = found.week
    if not week.count:
        return "Last 7 days: no trade closed."
    total = amount(week.mean * week.count, found.unit)
    wins = figures.percent(week.wins)
    return f"Last 7 days: {week.count} trade{'s' * (week.count != 1)}, {total} in all, {wins} won."


def _drawdown(found: Review) -> str:
    total, unit = float(found.equity[-1]), found.unit
    below = float(np.max(found.equity)) - total
    now = "at its best now" if below <= 0 else f"{amount(below, unit)[1:]} below its best now"
    fall = f"deepest fall {amount(-found.drawdown, unit)}, " if found.drawdown else ""
    return f"Sum of all: {amount(total, unit)}; {fall}{now}."


def buttons(found: Review) -> tuple[tuple[Button, ...], ...]:
    """Offer the trades themselves."""
    theirs = [Button(each.id, f"journal {each.id}") for each in found.trades[::-1][:4]]
    return steps.rows(theirs, (Button("Journal", "journal"), Button("Refresh", "coach")))
