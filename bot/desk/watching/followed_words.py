"""What came of an episode, in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.core import figures
from bot.core.arrays import DAY, HOUR, MINUTE
from bot.core.instruments import venue_name
from bot.core.language import mark, say
from bot.core.watches.followed import Liquidated, Since, sign_of
from bot.core.watches.ledger import After, Entry
from bot.desk import steps
from bot.desk.caption import SIMULATED
from bot.desk.watching.alert_words import cluster, fitted, gone_words
from bot.reply import Button, Reply

_MOST = 5  # coins told one by one
_VENUES = 4  # told by name
_SAID = {15 * MINUTE: "15 min", HOUR: "1 h", 4 * HOUR: "4 h", DAY: "24 h"}
# By the way an episode was headed.
_CASCADES = {
    "": mark("After {span}: cascade over {count} coins"),
    "up": mark("After {span}: cascade up over {count} coins"),
    "down": mark("After {span}: cascade down over {count} coins"),
}
_HEADED = {
    "up": mark("Told at {price} ({time} UTC), headed up; furthest against it: {against}."),
    "down": mark("Told at {price} ({time} UTC), headed down; furthest against it: {against}."),
}


@dataclass(frozen=True, slots=True)
class Came:
    """What came of an episode on one coin."""

    entry: Entry
    base: str
    symbol: str
    after: After | None = None  # None: it could not be found out
    since: Since | None = None


def reply(came: Sequence[Came], lapse: int, words: str, *, simulated: bool, as_of: int) -> Reply:
    """Say what came of an episode, on each coin that its message is about."""
    first = came[0]
    if len(came) == 1:
        headline, lines = _headline(first, lapse), _lines(first)
    else:
        headline = say(_CASCADES[first.entry.way], span=_SAID[lapse], count=len(came))
        lines = [(1, _line(each)) for each in came[:_MOST]]
        if more := len(came) - _MOST:
            lines += [(1, say("And {count} more.", count=more))] if more > 0 else []
    said = [(0, say(SIMULATED))] if simulated else []
    said += [*lines, (2, f"{first.entry.watch}: {words}")]
    shown = fitted(headline, [(rank, line) for rank, line in said if line])
    return Reply(headline, shown, None, buttons(first), simulated=simulated, as_of=as_of)


def buttons(first: Came) -> tuple[tuple[Button, ...], ...]:
    """Ask whether it was of use, and offer the picture as it is now."""
    message = first.entry.message
    return steps.rows(
        (
            *steps.step(say("Useful"), f"watches useful {message}"),
            *steps.step(say("Not useful"), f"watches useless {message}"),
            *steps.step(say("Chart"), f"heatmap {first.symbol} 24h", fresh=True),
        ),
    )


def _headline(came: Came, lapse: int) -> str:
    after = came.after
    if after is None:
        return say("After {span}: {coin}, not known", span=_SAID[lapse], coin=came.base)
    return say(
        "After {span}: {coin} {price} ({move})",
        span=_SAID[lapse],
        coin=came.base,
        price=figures.price(after.price),
        move=figures.percent(after.move, signed=True),
    )


def _lines(came: Came) -> list[tuple[int, str]]:
    entry, after, since = came.entry, came.after, came.since
    if after is None or since is None or entry.price is None:
        return [(1, say("Its price was not to be had then, so what came of it cannot be said."))]
    return [
        (3, _told(entry, after, since)),
        (1, _reached(entry, after, since)),
        (1, _liquidated(entry, since.liquidated)),
        (2, _heard(since.liquidated)),
    ]


def _told(entry: Entry, after: After, since: Since) -> str:
    """Say where it began, and how far price went on the way."""
    price, time = figures.price(entry.price or 0), figures.since(since.start, since.end)
    if not sign_of(entry.way):
        return say(
            "Told at {price} ({time} UTC); since then {low}–{high}.",
            price=price,
            time=time,
            low=figures.price(since.low),
            high=figures.price(since.high),
        )
    against = figures.percent(after.worst, signed=True) if after.worst else say("none")
    return say(_HEADED[entry.way], price=price, time=time, against=against)


def _reached(entry: Entry, after: After, since: Since) -> str:
    """Say whether price came to the cluster."""
    if entry.about is None:
        return ""
    where = f"{figures.price(entry.about.low)}–{figures.price(entry.about.high)}"
    if after.reached is None:
        return say("Cluster {prices}: the price was there when it was told.", prices=where)
    if after.reached:
        return say("Cluster {prices}: reached.", prices=where)
    off = _off(entry, since)
    return say("Cluster {prices}: not reached, {off} short of it.", prices=where, off=off)


def _off(entry: Entry, since: Since) -> str:
    about = entry.about
    assert about is not None  # noqa: S101 - only asked of a cluster
    above = about.low > since.high
    away = about.low / since.high - 1 if above else 1 - about.high / since.low
    return figures.percent(abs(away))


def _liquidated(entry: Entry, gone: Liquidated | None) -> str:
    """Say what was liquidated, and what the map had expected."""
    if gone is None:
        said = say("What was liquidated is not known: nobody was heard.")
    elif gone.inside_usd:
        said = say(
            "Liquidated: {what}; in the cluster {usd}.",
            what=gone_words(gone),
            usd=figures.usd(gone.inside_usd),
        )
    else:
        said = say("Liquidated: {what}.", what=gone_words(gone))
    if entry.about is None or not entry.usd:
        return said
    held = say("The map held {what}.", what=cluster(entry.about, entry.usd, None))
    return f"{said} {held}"


def _heard(gone: Liquidated | None) -> str:
    """Say whose liquidations were heard: what others had is not in the sum."""
    if gone is None:
        return ""
    heard = say("Heard all along: none")
    if gone.heard:
        heard = say("Heard: {venues}", venues=_names(gone.heard))
    if not gone.partly:
        return f"{heard}."
    return say("{heard}; partly: {venues}.", heard=heard, venues=_names(gone.partly))


def _names(exchanges: Sequence[str]) -> str:
    more = len(exchanges) - _VENUES
    named = ", ".join(venue_name(each) for each in exchanges[:_VENUES])
    return say("{names} and {more} more", names=named, more=more) if more > 0 else named


def _line(came: Came) -> str:
    """Say what came of one coin of several."""
    after, since = came.after, came.since
    if after is None or since is None:
        return say("{coin}: not known.", coin=came.base)
    said = f"{came.base} {figures.price(after.price)} ({figures.percent(after.move, signed=True)})"
    if after.reached is not None:
        said += say(" · cluster reached") if after.reached else say(" · cluster not reached")
    if since.liquidated is None:
        return said
    return said + say(" · liquidated {usd}", usd=figures.usd(since.liquidated.usd))
