"""A summary of what a chat watches, in words."""

import math
from collections.abc import Sequence

from bot.core import figures
from bot.core.instruments import venue_name
from bot.core.language import many, say
from bot.core.signals.regime_reading import CLUSTERS, FUNDING, INTEREST
from bot.core.watches.digested import CoinDay, Largest, Spoken
from bot.desk import setups_words, squeeze_words, steps
from bot.desk.caption import SIMULATED, clock
from bot.desk.watching.alert_words import fitted
from bot.desk.watching.held_back import held_words
from bot.reply import Button

_COINS = 6  # told one by one
_BUTTONS = 4


def notable_first(coins: Sequence[CoinDay]) -> tuple[CoinDay, ...]:
    """Order coins by how much there is to be said of them."""
    return tuple(sorted(coins, key=_notable))


def _notable(coin: CoinDay) -> tuple[bool, int, float, str]:
    regime = coin.regime
    held = regime is not None and regime.kind is not None
    return not held, -len(coin.current), -abs(coin.move or 0.0), coin.base


def headline(coins: Sequence[CoinDay], asked: int) -> str:
    """Say how many coins there is something of."""
    held = sum(one.regime is not None and one.regime.kind is not None for one in coins)
    if not coins:
        return many(
            "Digest: nothing is known of {count} coin just now",
            "Digest: nothing is known of {count} coins just now",
            asked,
        )
    of = many("{count} coin", "{count} coins", asked)
    said = say("Digest of {coins}: none in a regime", coins=of)
    if held:
        said = say("Digest of {coins}: {held} in a regime", coins=of, held=held)
    going = sum(len(one.current) for one in coins)
    if not going:
        return said
    return said + many(", {count} setup under way", ", {count} setups under way", going)


def lines(
    coins: Sequence[CoinDay], missing: Sequence[str], spoken: Spoken, *, simulated: bool, head: str
) -> tuple[str, ...]:
    """Say each coin's day, what was liquidated, and what the watches told and held back."""
    said = [(0, say(SIMULATED))] if simulated else []
    said += [(1 + place, _coin(one)) for place, one in enumerate(coins[:_COINS])]
    if more := len(coins) - _COINS:
        said += [(4, say("And {count} more.", count=more))] if more > 0 else []
    said.append((2, _liquidated(coins)))
    said.append((3, _spoken(spoken)))
    if missing:
        said.append((3, say("Not to be had just now: {names}.", names=", ".join(missing))))
    if coins:
        newest = max(one.as_of for one in coins)
        said.append((4, say("Data to {clock}; estimates, never exact.", clock=clock(newest))))
    return fitted(head, [(rank, line) for rank, line in said if line])


def buttons(coins: Sequence[CoinDay]) -> tuple[tuple[Button, ...], ...]:
    """Offer the pictures of the first coins, and what is watched."""
    row: list[Button] = []
    for one in coins[:_BUTTONS]:
        row += steps.step(one.base, f"heatmap {one.base} 24h", fresh=True)
    return steps.rows(row, steps.step(say("Watches"), "watches", fresh=True))


def _coin(one: CoinDay) -> str:
    move = "" if one.move is None else f" ({figures.percent(one.move, signed=True)})"
    parts = [f"{one.base} {figures.price(one.price)}{move}"]
    regime = one.regime
    if regime is not None and regime.kind is not None:
        parts.append(squeeze_words.regime(regime))
    parts += [setups_words.named(each) for each in one.current[:2]]
    if regime is not None and len(regime.facts) > CLUSTERS:
        funding, interest = regime.facts[FUNDING].value, regime.facts[INTEREST].value
        if math.isfinite(funding):
            parts.append(say("funding {rate}", rate=figures.percent(funding, signed=True)))
        if math.isfinite(interest):
            change = figures.percent(interest, signed=True)
            parts.append(say("open interest {change}", change=change))
    return f"{parts[0]}: {', '.join(parts[1:])}." if parts[1:] else f"{parts[0]}."


def _liquidated(coins: Sequence[CoinDay]) -> str:
    """Say what was liquidated within a day, of all coins together, and the largest one."""
    gone = [one.liquidated for one in coins if one.liquidated is not None]
    if not gone:
        return say("No venue was heard that tells of liquidations.") if coins else ""
    long, short = sum(one.long_usd for one in gone), sum(one.short_usd for one in gone)
    said = say(
        "Liquidated in 24 h: {longs} of longs, {shorts} of shorts",
        longs=figures.usd(long),
        shorts=figures.usd(short),
    )
    partly = say(" (not heard all day)") if any(one.partly for one in gone) else ""
    largest = max(
        (one.largest for one in coins if one.largest is not None),
        key=lambda one: one.usd,
        default=None,
    )
    return f"{said}{partly}{_largest(largest)}."


def _largest(one: Largest | None) -> str:
    if one is None:
        return ""
    told = {
        "usd": figures.usd(one.usd),
        "coin": one.base,
        "price": figures.price(one.price),
        "venue": venue_name(one.exchange),
    }
    if one.side > 0:
        return say("; largest {usd} of {coin} longs at {price} on {venue}", **told)
    return say("; largest {usd} of {coin} shorts at {price} on {venue}", **told)


def _spoken(spoken: Spoken) -> str:
    """Say what the watches told and held back."""
    said = say("Watches here told nothing in 24 h")
    if spoken.told:
        said = many(
            "Watches here told {count} time in 24 h",
            "Watches here told {count} times in 24 h",
            spoken.told,
        )
    if spoken.judged:
        counted = {"useful": spoken.useful, "all": spoken.judged}
        said += say(" ({useful} of {all} called useful)", **counted)
    if spoken.held:
        said += say("; held back: {what}", what=held_words(spoken.held))
    return f"{said}."
