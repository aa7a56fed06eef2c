"""That a market cannot be judged, or can be judged again: one clear sentence each."""

from bot.core import figures
from bot.core.language import mark, say
from bot.core.watches.figures import Measure
from bot.core.watches.gate import Act
from bot.desk.caption import SIMULATED, clock
from bot.desk.watching.alert_words import watch_line
from bot.desk.watching.headlines import coins
from bot.desk.watching.telling import Telling
from bot.reply import Reply

_MEANWHILE = mark("Until then the watch is silent, and its silence does not mean that all is calm.")
_ALL_SILENT = mark(
    "Until then watches of these are silent, which does not mean that all is calm there."
)
_NAMES = {
    Measure.PRICE.value: mark("price"),
    Measure.PRICE_CHANGE.value: mark("price change"),
    Measure.FUNDING.value: mark("funding"),
    Measure.FUNDING_CHANGE.value: mark("funding change"),
    Measure.INTEREST.value: mark("open interest"),
    Measure.INTEREST_CHANGE.value: mark("change of open interest"),
    Measure.RATIO.value: mark("long/short ratio"),
    Measure.RATIO_CHANGE.value: mark("ratio change"),
    Measure.CLUSTER.value: mark("clusters"),
    Measure.NEAREST.value: mark("nearest cluster"),
    Measure.DISTANCE.value: mark("nearest cluster distance"),
    Measure.DELTA.value: mark("delta"),
    Measure.LIQUIDATED.value: mark("liquidations"),
    Measure.LIQUIDATED_TIMES.value: mark("liquidations times normal"),
}


def reply(telling: Telling) -> Reply:
    """Say what cannot be seen of a market and why, or that it is seen again."""
    effect = telling.effect
    several = len(telling.together) > 1
    of = coins(telling.together) if several else effect.market
    silent = say(_ALL_SILENT if several else _MEANWHILE)
    if effect.act is Act.SEES:
        said = say("{coins}: there is data again", coins=of)
        lines = [say("What is watched there is judged again from now on.")]
    elif effect.act is Act.BROKEN:
        why = str(effect.why).rstrip(".") or say("its markets cannot be read")
        said = say("{coins} cannot be judged: {why}", coins=of, why=why)
        lines = [silent]
    else:
        missing = _named(str(effect.why))
        said = say("{coins}: no fresh data on {figures}", coins=of, figures=missing)
        lines = [*_missing(telling), silent]
    lines.append(f"{watch_line(telling)} · {clock(effect.time)}")
    first = (say(SIMULATED),) if telling.simulated else ()
    return Reply(said, (*first, *lines), simulated=telling.simulated, as_of=effect.time)


def _named(why: str) -> str:
    """Name the figures that are not known.

    >>> _named("funding, oi")
    'funding and open interest'
    """
    told = [each for each in why.split(", ") if each]
    *some, last = [say(_NAMES[each]) if each in _NAMES else each for each in told] or [
        say("its figures")
    ]
    return say("{some} and {last}", some=", ".join(some), last=last) if some else last


def _missing(telling: Telling) -> tuple[str, ...]:
    """Say which venues do not answer, where that is known."""
    failures = telling.found.failures if telling.found is not None else ()
    shown = tuple(map(str, failures[:2]))
    more = len(failures) - len(shown)
    return (*shown, say("And {count} more.", count=figures.amount(more))) if more > 0 else shown
