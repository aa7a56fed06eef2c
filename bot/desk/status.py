"""`/status`: what answers, how fresh it is, what is running."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version

from bot.core import figures
from bot.core.estimate.reading import VenueShare
from bot.core.figures import ago
from bot.core.instruments import Instrument, venue_name
from bot.desk.caption import SIMULATED, clock
from bot.desk.collectors import Report
from bot.desk.live import Listening
from bot.desk.snapshot import Kept, Snapshots
from bot.ports import MarketSource
from bot.reply import Button, Reply

_PARTS = 3  # of a source are named one by one; more are counted
_SHOWN = 8  # markets, the newest first
_LONG = 60_000  # [ms] that a message waits before it is worth a word
_NOT_HAD_SHOWN = 4  # series that venues have no more of, the longest first


@dataclass(frozen=True, slots=True)
class Watching:
    """How watches stand."""

    watches: int
    ticked: int | None  # [ms] market time of the last tick
    unkept: int  # watches of which something could not be kept yet
    waiting: Mapping[str, int]  # messages that wait to be shown, by platform; those with any
    oldest: int | None  # [ms] wall time for which the oldest has waited


@dataclass(slots=True)
class Running:
    """Which parts run, in words; wiring adds what it starts."""

    parts: dict[str, str] = field(default_factory=dict)
    feeds: Callable[[], Sequence[Listening]] = tuple  # of liquidations
    collecting: Callable[[], Report | None] = lambda: None
    watching: Callable[[], Watching | None] = lambda: None


def status_reply(source: MarketSource, snapshots: Snapshots, running: Running) -> Reply:
    """Say how things stand."""
    now = source.now()
    kept = sorted(snapshots.kept.values(), key=lambda item: -item.gathered)
    failures: Mapping[str, str] = source.failures()
    lines = [SIMULATED] if source.simulated else []
    lines += [f"{name}: {state}" for name, state in running.parts.items()]
    lines += [f"{venue_name(venue)}: not answering, {why}" for venue, why in failures.items()]
    report = running.collecting()
    if report is not None:
        lines += _collecting(report, now)
    watching = running.watching()
    if watching is not None:
        lines += _watching(watching, now)
    lines += _listening(running.feeds(), now)
    if not kept:
        lines.append("No market has been asked for yet.")
    lines += _venues(kept, now)
    lines += [_market(item, now) for item in kept[:_SHOWN]]
    if len(kept) > _SHOWN:
        lines.append(f"and {len(kept) - _SHOWN} more markets")
    health = "some venues do not answer" if failures else "all well"
    return Reply(
        f"Emberline {version('emberline')}: {health} · source {_source(source.name)}",
        tuple(lines),
        buttons=((Button("Refresh", "status"),),),
        simulated=source.simulated,
        as_of=now,
    )


def _source(source: str) -> str:
    """Name what markets come from, in a headline's room.

    >>> _source("binance + bybit + okx"), _source("binance + bybit + okx + gate")
    ('binance + bybit + okx', '4 venues together')
    """
    parts = source.split(" + ")
    return source if len(parts) <= _PARTS else f"{len(parts)} venues together"


def _collecting(report: Report, now: int) -> Iterator[str]:
    """Say what is kept current, who is left alone, and whose past is being filled in."""
    venues = {market.exchange for market in report.markets}
    what = f"{_count(len(report.markets), 'market')} on {_count(len(venues), 'venue')}"
    ticked = "not yet" if report.ticked is None else ago(now - report.ticked)
    yield f"collecting {what} · last tick {ticked}"
    for venue, (why, until) in report.paused.items():
        again = figures.span(max(until - now, 0))
        yield f"{venue_name(venue)}: left alone, asked again in {again}: {why}"
    for market, part in report.filling.items():
        yield f"back-filling {market.base} on {venue_name(market.exchange)}: {int(100 * part)} %"
    not_had = [
        (length, f"{venue_name(market.exchange)} has no {series} of {market.base} for")
        for market, parts in report.not_had.items()
        for series, length in parts.items()
    ]
    not_had.sort(key=lambda one: -one[0])
    for length, said in not_had[:_NOT_HAD_SHOWN]:
        yield f"{said} {figures.span(length)}"
    if len(not_had) > _NOT_HAD_SHOWN:
        yield f"and {len(not_had) - _NOT_HAD_SHOWN} more gaps that venues cannot fill"


def _watching(watching: Watching, now: int) -> Iterator[str]:
    """Say when watches were last judged, and what has not been shown yet."""
    ticked = "not yet" if watching.ticked is None else ago(max(now - watching.ticked, 0))
    yield f"watching {_count(watching.watches, 'watch', 'es')} · last tick {ticked}"
    if watching.unkept:
        yield f"{_count(watching.unkept, 'watch', 'es')} not kept yet: the memory cannot be used"
    for platform, waiting in watching.waiting.items():
        yield f"{_count(waiting, 'message')} to be shown on {platform.capitalize()}"
    if watching.oldest is not None and watching.oldest >= _LONG:
        yield f"the oldest has waited {figures.span(watching.oldest)}"


def _listening(feeds: Sequence[Listening], now: int) -> Iterator[str]:
    markets = sum(feed.markets for feed in feeds)
    if markets:
        yield f"listening to liquidations of {_count(markets, 'market')}"
    for feed in feeds:
        since = "not heard now" if feed.since is None else f"since {figures.since(feed.since, now)}"
        yield f"{venue_name(feed.exchange)} liquidations: {since}"


def _venues(kept: Sequence[Kept], now: int) -> Iterator[str]:
    """Say of each venue how old its oldest market is, where there are several venues or markets."""
    by_venue: dict[str, list[Kept]] = {}
    for item in kept:
        by_venue.setdefault(item.history.instrument.exchange, []).append(item)
    for venue, items in sorted(by_venue.items()):
        oldest = min(map(_newest, items))
        stale = sum(_share(item).is_stale(now) for item in items)
        said = f", {stale} of them stale" if stale else ""
        many = _count(len(items), "market")
        yield f"{venue_name(venue)}: {many}, data to {clock(oldest)} ({ago(now - oldest)}){said}"


def _market(item: Kept, now: int) -> str:
    history, newest = item.history, _newest(item)
    stale = f", stale since {figures.since(newest, now)}" if _share(item).is_stale(now) else ""
    return (
        f"{_named(history.instrument)}: "
        f"data to {clock(newest)} ({ago(now - newest)}){stale}, {len(history.candles):,} bars"
        + (f", no {', no '.join(history.missing)}" if history.missing else "")
    )


def _newest(item: Kept) -> int:
    """Up to when a market held is known [ms]: its last bar may have been forming."""
    return min(int(item.history.candles.close_time[-1]), item.gathered)


def _share(item: Kept) -> VenueShare:
    """How a market held stands: as of its newest closed bar."""
    estimate, venue = item.estimate, item.history.instrument.exchange
    return VenueShare(venue, None, estimate.time, (), "", estimate.interval)


def _named(market: Instrument) -> str:
    return f"{venue_name(market.exchange)} {market.symbol}"


def _count(number: int, what: str, more: str = "s") -> str:
    return f"{number} {what}{more * (number != 1)}"
