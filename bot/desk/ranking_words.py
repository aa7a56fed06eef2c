"""Coins ranked by their regimes, in words, and what may be asked next."""

import math
from collections.abc import Iterator

from bot.core import figures
from bot.core.language import many, say
from bot.core.signals.episode import Fact
from bot.core.signals.names import kind_name, side_name
from bot.core.signals.regime_reading import CLUSTERS, FUNDING, INTEREST
from bot.core.signals.squeeze import Ranked, RankingReading
from bot.desk import squeeze_words, steps
from bot.desk.caption import SIMULATED, clock
from bot.desk.grades import is_unproven
from bot.desk.requests import PanelRequest
from bot.reply import Button

_TOP = 5  # coins told one by one
_COIN_BUTTONS = 4


def headline(reading: RankingReading) -> str:
    """Say how many coins are in a regime."""
    if not reading.coins:
        return say("Squeezes: nothing to rank yet")
    return many(
        "Squeezes: {held} of {count} coin in a regime",
        "Squeezes: {held} of {count} coins in a regime",
        len(reading.coins),
        held=sum(one.reading.kind is not None for one in reading.coins),
    )


def lines(reading: RankingReading) -> tuple[str, ...]:
    """Say the first coins of a ranking, and which are not in it."""
    said = [say(SIMULATED)] if reading.simulated else []
    said += [f"{place}. {_ranked(one)}" for place, one in enumerate(reading.coins[:_TOP], 1)]
    said += reading.evidence
    if guessed := sum(is_unproven(one.grade) for one in reading.coins):
        said.append(_unproven(guessed, len(reading.coins)))
    if reading.coins:
        said.append(say("Ranks of 100: how much of its own last 30 days was lower."))
    said += _rest(reading)
    if count := len(reading.coins) + reading.new + reading.waiting + reading.old:
        held = many("{count} coin is held here", "{count} coins are held here", count)
    else:
        held = say("No coin is held here yet")
    said.append(say("{held}; ask for one, such as /squeeze BTC, and it is.", held=held))
    said.append(say("Data to {time}; estimates, never exact.", time=clock(reading.as_of)))
    return tuple(said)


def _unproven(guessed: int, count: int) -> str:
    if guessed == count:
        return say("The map of every coin is unproven: there the reading of clusters is a guess.")
    return say(
        "The map of {guessed} of {count} is unproven: there the reading of clusters is a guess.",
        guessed=guessed,
        count=count,
    )


def _rest(reading: RankingReading) -> Iterator[str]:
    if reading.waiting:
        yield waiting(reading.waiting)
    if reading.new:
        yield many(
            "{count} coin left out: too little history, or no funding or open interest.",
            "{count} coins left out: too little history, or no funding or open interest.",
            reading.new,
        )
    if reading.old:
        yield many(
            "{count} coin left out: not looked at for hours.",
            "{count} coins left out: not looked at for hours.",
            reading.old,
        )


def waiting(count: int) -> str:
    """Say how many coins are not in an answer yet."""
    return many(
        "{count} coin still being read: ask again in a minute.",
        "{count} coins still being read: ask again in a minute.",
        count,
    )


def _ranked(one: Ranked) -> str:
    now = one.reading
    what = squeeze_words.regime(now)
    if now.kind is None and now.nearest is not None and now.side is not None:
        what = say(
            "{count} of 3 for {regime} of {side}",
            count=sum(now.passed),
            regime=kind_name(now.nearest),
            side=side_name(now.side),
        )
    if now.since is not None:
        since = figures.since(now.since, one.as_of)
        what = say("{regime} since {since}", regime=what, since=since)
    return say(
        "{coin}: {regime}; funding {funding}, open interest {interest}, clusters {clusters}.",
        coin=one.base,
        regime=what,
        funding=_rank(now.facts[FUNDING]),
        interest=_rank(now.facts[INTEREST]),
        clusters=_rank(now.facts[CLUSTERS]),
    )


def _rank(fact: Fact) -> str:
    known = fact.rank is not None and math.isfinite(fact.rank)
    return (
        f"{min(round(100 * fact.rank), 99)}" if known and fact.rank is not None else figures.NOTHING
    )


def buttons(reading: RankingReading, request: PanelRequest) -> tuple[tuple[Button, ...], ...]:
    """Offer the first coins, and the ranking anew."""
    theme = (request.theme,) if request.theme else ()
    coins: list[Button] = []
    for one in reading.coins[:_COIN_BUTTONS]:
        coins += steps.step(one.base, " ".join(("squeeze", one.base, *theme)))
    anew = steps.step(say("Refresh"), " ".join(("squeeze", *request.venues, *theme)))
    return steps.rows(coins, anew)
