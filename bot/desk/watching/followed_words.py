"""What came of an episode, in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.core import figures
from bot.core.arrays import DAY, HOUR, MINUTE
from bot.core.instruments import venue_name
from bot.core.watches.followed import Liquidated, Since, sign_of
from bot.core.watches.ledger import After, Entry
from bot.desk import steps
from bot.desk.caption import SIMULATED
from bot.desk.watching.alert_words import cluster, fitted, gone_words
from bot.reply import Button, Reply

_MOST = 5  # coins told one by one
_VENUES = 4  # told by name
_SAID = {15 * MINUTE: "15 min", HOUR: "1 h", 4 * HOUR: "4 h", DAY: "24 h"}


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
        way = f" {first.entry.way}" if first.entry.way else ""
        headline = f"After {_SAID[lapse]}: cascade{way} over {len(came)} coins"
        lines = [(1, _line(each)) for each in came[:_MOST]]
        if more := len(came) - _MOST:
            lines += [(1, f"And {more} more.")] if more > 0 else []
    said = [(0, SIMULATED)] if simulated else []
    said += [*lines, (2, f"{first.entry.watch}: {words}")]
    shown = fitted(headline, [(rank, line) for rank, line in said if line])
    return Reply(headline, shown, None, buttons(first), simulated=simulated, as_of=as_of)


def buttons(first: Came) -> tuple[tuple[Button, ...], ...]:
    """Ask whether it was of use, and offer the picture as it is now."""
    message = first.entry.message
    return steps.rows(
        (
            *steps.step("Useful", f"watches useful {message}"),
            *steps.step("Not useful", f"watches useless {message}"),
            *steps.step("Chart", f"heatmap {first.symbol} 24h", fresh=True),
        ),
    )


def _headline(came: Came, lapse: int) -> str:
    after = came.after
    if after is None:
        return f"After {_SAID[lapse]}: {came.base}, not known"
    return (
        f"After {_SAID[lapse]}: {came.base} {figures.price(after.price)} "
        f"({figures.percent(after.move, signed=True)})"
    )


def _lines(came: Came) -> list[tuple[int, str]]:
    entry, after, since = came.entry, came.after, came.since
    if after is None or since is None or entry.price is None:
        return [(1, "Its price was not to be had then, so what came of it cannot be said.")]
    return [
        (3, _told(entry, after, since)),
        (1, _reached(entry, after, since)),
        (1, _liquidated(entry, since.liquidated)),
        (2, _heard(since.liquidated)),
    ]


def _told(entry: Entry, after: After, since: Since) -> str:
    """Say where it began, and how far price went on the way."""
    told = (
        f"Told at {figures.price(entry.price or 0)} ({figures.since(since.start, since.end)} UTC)"
    )
    if not sign_of(entry.way):
        return f"{told}; since then {figures.price(since.low)}–{figures.price(since.high)}."
    against = figures.percent(after.worst, signed=True) if after.worst else "none"
    return f"{told}, headed {entry.way}; furthest against it: {against}."


def _reached(entry: Entry, after: After, since: Since) -> str:
    """Say whether price came to the cluster."""
    if entry.about is None:
        return ""
    where = f"{figures.price(entry.about.low)}–{figures.price(entry.about.high)}"
    if after.reached is None:
        return f"Cluster {where}: the price was there when it was told."
    if after.reached:
        return f"Cluster {where}: reached."
    return f"Cluster {where}: not reached, {_off(entry, since)} short of it."


def _off(entry: Entry, since: Since) -> str:
    about = entry.about
    assert about is not None  # noqa: S101 - only asked of a cluster
    above = about.low > since.high
    away = about.low / since.high - 1 if above else 1 - about.high / since.low
    return figures.percent(abs(away))


def _liquidated(entry: Entry, gone: Liquidated | None) -> str:
    """Say what was liquidated, and what the map had expected."""
    if gone is None:
        held = _held(entry)
        return f"What was liquidated is not known: nobody was heard.{f' {held}.' if held else ''}"
    said = f"Liquidated: {gone_words(gone)}"
    inside = f"; in the cluster {figures.usd(gone.inside_usd)}" if gone.inside_usd else ""
    held = _held(entry)
    return f"{said}{inside}{f'. {held}' if held else ''}."


def _held(entry: Entry) -> str:
    if entry.about is None or not entry.usd:
        return ""
    return f"The map held {cluster(entry.about, entry.usd, None)}"


def _heard(gone: Liquidated | None) -> str:
    """Say whose liquidations were heard: what others had is not in the sum."""
    if gone is None:
        return ""
    heard = f"Heard: {_names(gone.heard)}" if gone.heard else "Heard all along: none"
    return f"{heard}{f'; partly: {_names(gone.partly)}' if gone.partly else ''}."


def _names(exchanges: Sequence[str]) -> str:
    more = len(exchanges) - _VENUES
    named = ", ".join(venue_name(each) for each in exchanges[:_VENUES])
    return f"{named} and {more} more" if more > 0 else named


def _line(came: Came) -> str:
    """Say what came of one coin of several."""
    after, since = came.after, came.since
    if after is None or since is None:
        return f"{came.base}: not known."
    said = f"{came.base} {figures.price(after.price)} ({figures.percent(after.move, signed=True)})"
    if after.reached is not None:
        said += f" · cluster {'reached' if after.reached else 'not reached'}"
    gone = since.liquidated
    return f"{said} · liquidated {figures.usd(gone.usd)}" if gone is not None else said
