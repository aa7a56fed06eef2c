"""Coins ranked by their regimes, in words, and what may be asked next."""

import math
from collections.abc import Iterator

from bot.core import figures
from bot.core.signals.episode import Fact
from bot.core.signals.squeeze import Ranked, RankingReading
from bot.desk import squeeze_words, steps
from bot.desk.caption import SIMULATED, clock
from bot.desk.grades import is_unproven
from bot.desk.requests import PanelRequest
from bot.reply import Button

_TOP = 5  # coins told one by one
_COIN_BUTTONS = 4
_RANKS = "Ranks of 100: how much of its own last 30 days was lower"


def headline(reading: RankingReading) -> str:
    """Say how many coins are in a regime."""
    if not reading.coins:
        return "Squeezes: nothing to rank yet"
    held = sum(one.reading.kind is not None for one in reading.coins)
    count = len(reading.coins)
    return f"Squeezes: {held} of {count} coin{'s' * (count != 1)} in a regime"


def lines(reading: RankingReading) -> tuple[str, ...]:
    """Say the first coins of a ranking, and which are not in it."""
    said = [SIMULATED] if reading.simulated else []
    said += [f"{place}. {_ranked(one)}" for place, one in enumerate(reading.coins[:_TOP], 1)]
    said += reading.evidence
    if (guessed := sum(is_unproven(one.grade) for one in reading.coins)) and reading.coins:
        of = f"{guessed} of {len(reading.coins)}" if guessed < len(reading.coins) else "every coin"
        said.append(f"The map of {of} is unproven: there the reading of clusters is a guess.")
    if reading.coins:
        said.append(f"{_RANKS}.")
    said += _rest(reading)
    count = len(reading.coins) + reading.new + reading.waiting + reading.old
    held = (
        f"{count} coin{'s are' if count != 1 else ' is'} held here"
        if count
        else "No coin is held here yet"
    )
    said.append(f"{held}; ask for one, such as /squeeze BTC, and it is.")
    said.append(f"Data to {clock(reading.as_of)}; estimates, never exact.")
    return tuple(said)


def _rest(reading: RankingReading) -> Iterator[str]:
    if reading.waiting:
        yield f"{_coins(reading.waiting)} still being read: ask again in a minute."
    if reading.new:
        yield f"{_coins(reading.new)} left out: too little history, or no funding or open interest."
    if reading.old:
        yield f"{_coins(reading.old)} left out: not looked at for hours."


def _coins(count: int) -> str:
    return f"{count} coin{'s' * (count != 1)}"


def _ranked(one: Ranked) -> str:
    now = one.reading
    what = squeeze_words.regime(now)
    if now.kind is None and now.nearest is not None and now.side is not None:
        what = f"{sum(now.passed)} of 3 for {now.nearest.value} of {squeeze_words.SIDES[now.side]}"
    ranks = ", ".join(
        f"{name} {_rank(fact)}"
        for name, fact in zip(("funding", "open interest", "clusters"), now.facts, strict=True)
    )
    since = f" since {figures.since(now.since, one.as_of)}" if now.since is not None else ""
    return f"{one.base}: {what}{since}; {ranks}."


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
    anew = steps.step("Refresh", " ".join(("squeeze", *request.venues, *theme)))
    return steps.rows(coins, anew)
