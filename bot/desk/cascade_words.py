"""Cascades under way in words, for whoever tells of something else."""

from bot.core import figures
from bot.core.evidence.words import before
from bot.core.signals.wide import liquidated
from bot.desk.cascades import Cascade, CascadeDesk

MOST = 2  # told in words


def under_way(desk: CascadeDesk | None, coin: str = "") -> tuple[Cascade, ...]:
    """Return the cascades under way of a coin, or of all; that of the whole market first."""
    if desk is None:
        return ()
    told = desk.under_way(coin) if coin else [each for each in desk.under_way() if each.coin]
    return (*desk.under_way(""), *told)[:MOST]


def cascade(each: Cascade) -> str:
    """Say that a cascade is under way, and where its evidence is."""
    now = each.episode
    since = f"{now.way.value} since {figures.clock(now.began)} UTC"
    if not each.coin:
        count, usd = now.facts[0], figures.usd(now.facts[1].value)
        return (
            f"Market-wide cascade {since}: {count.value:.0f} coins, {usd} until the latest joined. "
            f"{before(now.kind, each.followed, wide=True)}"
        )
    side = "longs" if now.way.sign < 0 else "shorts"
    return (
        f"{each.coin} cascade {since}: {figures.usd(liquidated(now))} of {side} until it was "
        f"confirmed; /setups {each.coin} says what followed others."
    )
