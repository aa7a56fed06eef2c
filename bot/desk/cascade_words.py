"""Cascades under way in words, for whoever tells of something else."""

from bot.core import figures
from bot.core.evidence.words import before
from bot.core.language import say
from bot.core.market.liquidations import PositionSide
from bot.core.signals.names import side_name, way_name
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
    told = {"way": way_name(now.way), "time": figures.clock(now.began)}
    if not each.coin:
        count, usd = now.facts[0], figures.usd(now.facts[1].value)
        going = say(
            "Market-wide cascade {way} since {time} UTC: {count} coins, {size} until the latest "
            "joined.",
            **told,
            count=f"{count.value:.0f}",
            size=usd,
        )
        return f"{going} {before(now.kind, each.followed, wide=True)}"
    return say(
        "{coin} cascade {way} since {time} UTC: {size} of {side} until it was confirmed; /setups "
        "{coin} says what followed others.",
        **told,
        coin=each.coin,
        size=figures.usd(liquidated(now)),
        side=side_name(PositionSide.LONG if now.way.sign < 0 else PositionSide.SHORT),
    )
