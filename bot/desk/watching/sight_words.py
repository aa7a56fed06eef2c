"""That a market cannot be judged, or can be judged again: one clear sentence each."""

from bot.core import figures
from bot.core.watches.gate import Act
from bot.desk.caption import SIMULATED, clock
from bot.desk.watching.alert_words import watch_line
from bot.desk.watching.headlines import coins
from bot.desk.watching.telling import Telling
from bot.reply import Reply

_MEANWHILE = "Until then the watch is silent, and its silence does not mean that all is calm."
_ALL_SILENT = "Until then watches of these are silent, which does not mean that all is calm there."
_NAMES = {
    "oi": "open interest",
    "oi change": "change of open interest",
    "ratio": "long/short ratio",
}


def reply(telling: Telling) -> Reply:
    """Say what cannot be seen of a market and why, or that it is seen again."""
    effect = telling.effect
    several = len(telling.together) > 1
    of = coins(telling.together) if several else effect.market
    silent = _ALL_SILENT if several else _MEANWHILE
    if effect.act is Act.SEES:
        said = f"{of}: there is data again"
        lines = ["What is watched there is judged again from now on."]
    elif effect.act is Act.BROKEN:
        why = effect.why.rstrip(".") or "its markets cannot be read"
        said = f"{of} cannot be judged: {why}"
        lines = [silent]
    else:
        said = f"{of}: no fresh data on {_named(effect.why)}"
        lines = [*_missing(telling), silent]
    lines.append(f"{watch_line(telling)} · {clock(effect.time)}")
    first = (SIMULATED,) if telling.simulated else ()
    return Reply(said, (*first, *lines), simulated=telling.simulated, as_of=effect.time)


def _named(why: str) -> str:
    """Name the figures that are not known.

    >>> _named("funding, oi")
    'funding and open interest'
    """
    names = [_NAMES.get(each, each) for each in why.split(", ") if each]
    *head, last = names or ["its figures"]
    return f"{', '.join(head)} and {last}" if head else last


def _missing(telling: Telling) -> tuple[str, ...]:
    """Say which venues do not answer, where that is known."""
    failures = telling.found.failures if telling.found is not None else ()
    shown = failures[:2]
    more = len(failures) - len(shown)
    return (*shown, f"And {figures.amount(more)} more.") if more > 0 else shown
