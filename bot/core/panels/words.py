"""A panel's figures in the words that pictures and captions share."""

import math

from bot.core import figures
from bot.core.language import mark, say
from bot.core.market.fundings import yearly
from bot.core.panels.reading import Kind, Line
from bot.core.panels.standing import Standing

TITLES = {  # said with `say`
    Kind.FUNDING: mark("funding for 8 h"),
    Kind.INTEREST: mark("open interest"),
    Kind.RATIO: mark("long/short ratio"),
}


def now(kind: Kind, line: Line) -> str:
    """Write the present value.

    "+0.012 %", "$12B", "1.42"
    """
    if kind is Kind.INTEREST:
        return figures.usd(line.interest_usd)
    return value(kind, line.now)


def value(kind: Kind, number: float) -> str:
    """Write a value of a strip.

    >>> value(Kind.FUNDING, 0.00012), value(Kind.INTEREST, 131_400), value(Kind.RATIO, 1.4231)
    ('+0.012 %', '131K', '1.42')
    """
    if not math.isfinite(number):
        return figures.NOTHING
    if kind is Kind.FUNDING:
        return figures.percent(number, signed=True)
    return figures.amount(number) if kind is Kind.INTEREST else f"{number:.2f}"


def beside(kind: Kind, line: Line, base: str) -> str:
    """Write the present value in other terms.

    "+13 % a year", "131K BTC", "58.7 % of accounts long"
    """
    if kind is Kind.FUNDING:
        return say("{rate} a year", rate=figures.percent(yearly(line.now), signed=True))
    if kind is Kind.INTEREST:
        return f"{figures.amount(line.now)} {base}"
    return say("{share} of accounts long", share=figures.percent(line.now / (1 + line.now)))


def change(kind: Kind, number: float) -> str:
    """Write a change.

    >>> change(Kind.FUNDING, -0.00012), change(Kind.INTEREST, 0.031), change(Kind.RATIO, 0.117)
    ('−0.012 %', '+3.1 %', '+0.12')
    >>> change(Kind.RATIO, float("nan"))
    '–'
    """
    if not math.isfinite(number):
        return figures.NOTHING
    if kind is Kind.RATIO:
        return f"{round(number, 2) + 0.0:+.2f}".replace("-", "−")
    return figures.percent(number, signed=True)


def rank(standing: Standing) -> str:
    """Write a percentile.

    >>> rank(Standing(30, 30.0, 0.924, 0.0, 0.0, 0.0))
    '92 %'
    """
    return f"{round(100 * standing.percentile)} %"


def paid(line: Line) -> str:
    """Say how often funding is paid, and when next.

    "4 h, due 12:00"
    """
    every = "" if line.interval is None else figures.span(line.interval)
    due = "" if line.due is None else say("due {time}", time=figures.clock(line.due))
    return ", ".join(part for part in (every, due) if part)
