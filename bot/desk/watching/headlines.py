"""What an episode is, in one line and in the watch's own terms."""

from collections.abc import Sequence

from bot.core import figures
from bot.core.language import mark, say
from bot.core.signals.episode import Kind
from bot.core.watches.gate import Act
from bot.core.watches.tree import Digest, HeatmapEvery, Sign, Signal
from bot.desk import setups_words, squeeze_words
from bot.desk.watching import clause_words
from bot.desk.watching.alert_reading import AlertReading
from bot.desk.watching.telling import Telling

_MOST = 140  # characters of clauses
_WATCH = 120  # characters of what a watch asks for
_COINS = 6  # told by name
# Of one cascade over several coins, by its way: alone, and after a colon.
_CASCADES = {
    "": (mark("Cascade over {coins}"), mark("cascade over {coins}")),
    "up": (mark("Cascade up over {coins}"), mark("cascade up over {coins}")),
    "down": (mark("Cascade down over {coins}"), mark("cascade down over {coins}")),
}


def headline(reading: AlertReading) -> str:
    """Say in one line what is seen, in the watch's own terms.

    "BTC: funding 0.041 % > 0.03 %, open interest +3.1 % in 4 h"
    """
    telling = reading.telling
    act, length = telling.effect.act, figures.span(telling.effect.time - telling.effect.began)
    if len(telling.together) > 1:
        names = coins(telling.together)
        what, again = (say(each, coins=names) for each in _CASCADES[telling.effect.way])
    else:
        seen_ = ", ".join(shown(seen(reading)))
        what, again = f"{reading.base}: {seen_}", f"{reading.base} {seen_}"
    if act is Act.CLOSE:
        asked = again if len(telling.together) > 1 else f"{reading.base} {_asked(telling)}"
        return say("Over after {span}: {what}", span=length, what=asked)
    if act is Act.REPEAT:
        return say("Still going on after {span}: {what}", span=length, what=again)
    return what


def shown(clauses: Sequence[str]) -> tuple[str, ...]:
    """Return as many clauses as a headline has room for, at least one."""
    length, count = 0, 0
    for each in clauses:
        length += len(each) + 2
        count += not count or length <= _MOST
    return tuple(clauses[:count])


def seen(reading: AlertReading) -> tuple[str, ...]:
    """Say what is seen, clause by clause."""
    telling, what = reading.telling, reading.telling.watch.what
    if isinstance(what, Digest | HeatmapEvery) or not telling.judged:
        return (_signal(reading, what) if isinstance(what, Signal) else str(what),)
    signals = {
        clause_words.signal(each.leaf): _signal(reading, each.leaf)
        for each in telling.judged
        if isinstance(each.leaf, Signal)
    }
    said = clause_words.seen(what, telling.judged)
    return tuple(signals.get(each, each) for each in said) or (str(what),)


def _signal(reading: AlertReading, asked: Signal) -> str:
    """Name a signal as it is seen, or as it was asked for where it is not."""
    regime, setup, cascade = reading.regime, reading.setup, reading.telling.cascade
    word = asked.sign.value
    if regime is not None and regime.kind is not None and regime.kind.value.endswith(word):
        return squeeze_words.regime(regime)
    if setup is not None and setup.kind.value.startswith(word):
        return setups_words.named(setup.now)
    if cascade is not None and word == Kind.CASCADE.value:
        return clause_words.signal(Signal(Sign.CASCADE, cascade.episode.way.value))
    return clause_words.signal(asked)


def coins(names: Sequence[str]) -> str:
    """List coins, the first by name.

    >>> coins(["BTC", "ETH", "SOL"])
    'BTC, ETH, SOL'
    """
    more = len(names) - _COINS
    said = ", ".join(names[:_COINS])
    return say("{names} and {more} more", names=said, more=more) if more > 0 else said


def _asked(telling: Telling) -> str:
    words = str(telling.watch.what)
    return words if len(words) <= _WATCH else f"{words[: _WATCH - 1]}…"
