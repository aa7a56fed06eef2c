"""What somebody's trades tell of him, in words; what to change follows from figures alone."""

from collections.abc import Iterator

import numpy as np

from bot.core import figures
from bot.core.evidence.base import FEWEST
from bot.core.journal.review import Expectancy, Review, expectancy
from bot.core.journal.words import OWN_IDEA
from bot.core.language import many, mark, say
from bot.desk import steps
from bot.desk.journal_steps import back
from bot.desk.journal_words import amount, brings, small
from bot.reply import Button

_EMPTY = mark(
    "Log trades by one tap under an alert or under /setups, or with /journal add, and close them: "
    "what they bring by signal and by mistake is told here."
)
_TRADES_OF = {  # by signal
    "sweep": mark("sweep trades"),
    "magnet": mark("magnet trades"),
    "cascade": mark("cascade trades"),
    "squeeze": mark("squeeze trades"),
    "watch": mark("watch trades"),
    OWN_IDEA: mark("trades of your own idea"),
}
_TOLD = 4  # signals and mistakes told one by one


def headline(found: Review) -> str:
    """Say what it comes to.

    "Coach: a trade brings +0.21R (31 trades)"
    """
    count = len(found.trades)
    if not count:
        return say("Coach: no closed trade yet")
    if not found.whole.enough:
        return say(
            "Coach: {count} of {fewest} trades that it takes to say anything",
            count=found.whole.count,
            fewest=FEWEST,
        )
    mean = small(found.whole.mean, found.unit)
    return say("Coach: a trade brings {mean} ({count} trades)", mean=mean, count=count)


def lines(found: Review) -> tuple[str, ...]:
    """Say what to change, then what it rests on."""
    if not found.trades:
        return (say(_EMPTY),)
    said = [
        advice(found),
        brings(found.whole, found.unit) if found.whole.enough else "",
        _without_stop(found),
        *_signals(found),
        *_mistakes(found),
        _week(found),
        _drawdown(found),
        say("After usual costs; a range holds 90 % of what the same trades drawn again bring."),
    ]
    return tuple(each for each in said if each)


def advice(found: Review) -> str:
    """Say what to change in one sentence; only where ten trades or more bear it out."""
    if not found.whole.enough:
        return say(
            "What to change: too few to say ({count} of {fewest} trades).",
            count=found.whole.count,
            fewest=FEWEST,
        )
    return say("What to change: {change}.", change=_change(found))


def _change(found: Review) -> str:
    """Name the dearest that is shown to cost, else what alone is shown to earn."""
    mistakes = [(say("trades with “{mistake}”", mistake=x.said), x) for x in found.by_mistake]
    signals = [(_of(each), each) for each in found.by_signal]
    for named in (mistakes, signals):
        dear = [each for each in named if each[1].enough and each[1].high < 0]
        if dear:
            name, worst = min(dear, key=lambda each: each[1].mean * each[1].count)
            cost = small(-worst.mean, found.unit)[1:]
            return say(
                "{trades} cost {cost} each ({range}): leave those out first",
                trades=name,
                cost=cost,
                range=_range(worst, found.unit),
            )
    earning = [each for each in signals if each[1].enough and each[1].low > 0]
    if earning and len(earning) < len(signals):
        name, best = max(earning, key=lambda each: each[1].mean)
        return say(
            "{trades} earn {mean} each ({range}); of others that is not shown: prefer them",
            trades=name,
            mean=small(best.mean, found.unit),
            range=_range(best, found.unit),
        )
    if found.whole.low > 0:
        return say("nothing stands out; as a whole these trades earn")
    if found.whole.high < 0:
        return say("as a whole these trades cost, and no signal or mistake stands out")
    return say("nothing can be told from luck yet")


def _of(found: Expectancy) -> str:
    known = _TRADES_OF.get(found.name)
    return say("{signal} trades", signal=found.name) if known is None else say(known)


def _range(found: Expectancy, unit: str) -> str:
    return say(
        "90 %: {low} to {high}, {count} trades",
        low=small(found.low, unit),
        high=small(found.high, unit),
        count=found.count,
    )


def _without_stop(found: Review) -> str:
    """Say what is not in the figures: without a stop nothing was known to be at risk."""
    none = [each for each in found.trades if each.multiple is None]
    if found.unit != "R" or not none:
        return ""
    brought = expectancy("no stop", none, "%")
    return many(
        "{count} trade without a stop cannot be counted in R and is left out; on the average "
        "{mean} of the value.",
        "{count} trades without a stop cannot be counted in R and are left out; on the average "
        "{mean} of the value.",
        len(none),
        mean=figures.percent(brought.mean, signed=True),
    )


def _signals(found: Review) -> Iterator[str]:
    told = [
        f"{each.said} {small(each.mean, found.unit)} ({each.count}, {each.verdict})"
        if each.enough
        else f"{each.said} {each.verdict}"
        for each in found.by_signal[:_TOLD]
    ]
    if told:
        yield say("By signal: {list}.", list="; ".join(told))


def _mistakes(found: Review) -> Iterator[str]:
    """Say what each mistake's trades brought in all: a sum, and no more than that."""
    pairs = list(zip(found.by_mistake, found.cost, strict=True))[:_TOLD]
    told = "; ".join(_in_all(each, cost, found.unit) for each, cost in pairs)
    if told:
        said = say("By mistake: {list}.", list=told)
        if any(not each.enough for each, _ in pairs):
            few = say("Sums of fewer than {fewest} trades: too few to say.", fewest=FEWEST)
            said = f"{said} {few}"
        yield said
    elif all(not each.found_out for each in found.trades):
        yield say(
            "No mistake is told of: one tap under a closed trade says what was wrong with it."
        )


def _in_all(found: Expectancy, cost: float, unit: str) -> str:
    if cost < 0:
        return many(
            "“{mistake}” cost {amount} in {count} trade",
            "“{mistake}” cost {amount} in {count} trades",
            found.count,
            mistake=found.said,
            amount=amount(-cost, unit)[1:],
        )
    return many(
        "“{mistake}” brought {amount} in {count} trade",
        "“{mistake}” brought {amount} in {count} trades",
        found.count,
        mistake=found.said,
        amount=amount(cost, unit),
    )


def _week(found: Review) -> str:
    week = found.week
    if not week.count:
        return say("Last 7 days: no trade closed.")
    return many(
        "Last 7 days: {count} trade, {total} in all, {wins} won.",
        "Last 7 days: {count} trades, {total} in all, {wins} won.",
        week.count,
        total=amount(week.mean * week.count, found.unit),
        wins=figures.percent(week.wins),
    )


def _drawdown(found: Review) -> str:
    total, unit = float(found.equity[-1]), found.unit
    below = float(np.max(found.equity)) - total
    now = say("at its best now")
    if below > 0:
        now = say("{amount} below its best now", amount=amount(below, unit)[1:])
    if found.drawdown:
        fall = say("deepest fall {amount}", amount=amount(-found.drawdown, unit))
        now = f"{fall}, {now}"
    return say("Sum of all: {total}; {now}.", total=amount(total, unit), now=now)


def buttons(found: Review) -> tuple[tuple[Button, ...], ...]:
    """Offer the trades themselves."""
    theirs = [Button(each.id, f"journal {each.id}") for each in found.trades[::-1][:4]]
    return steps.rows(theirs, (*back(), Button(say("Refresh"), "coach")))
