"""`/status`: what answers, how fresh it is, what is running."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version

from bot.core import figures
from bot.core.estimate.reading import VenueShare
from bot.core.figures import ago
from bot.core.instruments import Instrument, venue_name
from bot.core.language import Said, many, mark, say
from bot.desk.caption import SIMULATED, clock
from bot.desk.collectors import Report
from bot.desk.live import Listening
from bot.desk.snapshot import Kept, Snapshots
from bot.ports import MarketSource
from bot.reply import Button, Reply

_NAMED = 3  # parts of a source are named one by one; more are counted
_SHOWN = 8  # markets, the newest first
_LONG = 60_000  # [ms] that a message waits before it is worth a word
_NOT_HAD_SHOWN = 4  # series that venues have no more of, the longest first
_PARTS = {"starting": mark("starting"), "started": mark("started")}
_NOT_HAD = {
    "candles": mark("{venue} has no candles of {coin} for {span}"),
    "open interest": mark("{venue} has no open interest of {coin} for {span}"),
    "funding": mark("{venue} has no funding of {coin} for {span}"),
    "long/short ratio": mark("{venue} has no long/short ratio of {coin} for {span}"),
}
_LACKING = {"open interest": mark("no open interest"), "funding": mark("no funding")}


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
    failures: Mapping[str, str | Said] = source.failures()
    lines = [say(SIMULATED)] if source.simulated else []
    lines += [f"{name}: {say(_PARTS.get(state, state))}" for name, state in running.parts.items()]
    lines += [
        say("{venue}: not answering, {why}", venue=venue_name(venue), why=why)
        for venue, why in failures.items()
    ]
    report = running.collecting()
    if report is not None:
        lines += _collecting(report, now)
    watching = running.watching()
    if watching is not None:
        lines += _watching(watching, now)
    lines += _listening(running.feeds(), now)
    if not kept:
        lines.append(say("No market has been asked for yet."))
    lines += _venues(kept, now)
    lines += [_market(item, now) for item in kept[:_SHOWN]]
    if len(kept) > _SHOWN:
        more = len(kept) - _SHOWN
        lines.append(many("and {count} more market", "and {count} more markets", more))
    health = say("some venues do not answer") if failures else say("all well")
    return Reply(
        say(
            "Emberline {version}: {health} · source {source}",
            version=version("emberline"),
            health=health,
            source=_source(source.name),
        ),
        tuple(lines),
        buttons=((Button(say("Refresh"), "status"),),),
        simulated=source.simulated,
        as_of=now,
    )


def _source(source: str) -> str:
    """Name what markets come from, in a headline's room.

    >>> _source("binance + bybit + okx"), _source("binance + bybit + okx + gate")
    ('binance + bybit + okx', '4 venues together')
    """
    parts = source.split(" + ")
    if len(parts) <= _NAMED:
        return source
    return say("{count} venues together", count=len(parts))


def _collecting(report: Report, now: int) -> Iterator[str]:
    """Say what is kept current, who is left alone, and whose past is being filled in."""
    venues = {market.exchange for market in report.markets}
    yield many(
        "collecting {count} market on {venues} · last tick {tick}",
        "collecting {count} markets on {venues} · last tick {tick}",
        len(report.markets),
        venues=many("{count} venue", "{count} venues", len(venues)),
        tick=_ticked(report.ticked, now),
    )
    for venue, (why, until) in report.paused.items():
        yield say(
            "{venue}: left alone, asked again in {span}: {why}",
            venue=venue_name(venue),
            span=figures.span(max(until - now, 0)),
            why=why,
        )
    for market, part in report.filling.items():
        yield say(
            "back-filling {coin} on {venue}: {part} %",
            coin=market.base,
            venue=venue_name(market.exchange),
            part=int(100 * part),
        )
    not_had = [
        (length, market, series)
        for market, parts in report.not_had.items()
        for series, length in parts.items()
    ]
    not_had.sort(key=lambda one: -one[0])
    for length, market, series in not_had[:_NOT_HAD_SHOWN]:
        yield say(
            _NOT_HAD[series],
            venue=venue_name(market.exchange),
            coin=market.base,
            span=figures.span(length),
        )
    if (more := len(not_had) - _NOT_HAD_SHOWN) > 0:
        yield many(
            "and {count} more gap that venues cannot fill",
            "and {count} more gaps that venues cannot fill",
            more,
        )


def _watching(watching: Watching, now: int) -> Iterator[str]:
    """Say when watches were last judged, and what has not been shown yet."""
    yield many(
        "watching {count} watch · last tick {tick}",
        "watching {count} watches · last tick {tick}",
        watching.watches,
        tick=_ticked(watching.ticked, now),
    )
    if watching.unkept:
        yield many(
            "{count} watch not kept yet: the memory cannot be used",
            "{count} watches not kept yet: the memory cannot be used",
            watching.unkept,
        )
    for platform, waiting in watching.waiting.items():
        yield many(
            "{count} message to be shown on {platform}",
            "{count} messages to be shown on {platform}",
            waiting,
            platform=platform.capitalize(),
        )
    if watching.oldest is not None and watching.oldest >= _LONG:
        yield say("the oldest has waited {span}", span=figures.span(watching.oldest))


def _ticked(at: int | None, now: int) -> str:
    return say("not yet") if at is None else ago(max(now - at, 0))


def _listening(feeds: Sequence[Listening], now: int) -> Iterator[str]:
    markets = sum(feed.markets for feed in feeds)
    if markets:
        yield many(
            "listening to liquidations of {count} market",
            "listening to liquidations of {count} markets",
            markets,
        )
    for feed in feeds:
        venue = venue_name(feed.exchange)
        if feed.since is None:
            yield say("{venue} liquidations: not heard now", venue=venue)
        else:
            since = figures.since(feed.since, now)
            yield say("{venue} liquidations: since {when}", venue=venue, when=since)


def _venues(kept: Sequence[Kept], now: int) -> Iterator[str]:
    """Say of each venue how old its oldest market is, where there are several venues or markets."""
    by_venue: dict[str, list[Kept]] = {}
    for item in kept:
        by_venue.setdefault(item.history.instrument.exchange, []).append(item)
    for venue, items in sorted(by_venue.items()):
        oldest = min(map(_newest, items))
        stale = sum(_share(item).is_stale(now) for item in items)
        said = [
            many("{count} market", "{count} markets", len(items)),
            say("data to {time} ({ago})", time=clock(oldest), ago=ago(now - oldest)),
            *([say("{count} of them stale", count=stale)] if stale else ()),
        ]
        yield f"{venue_name(venue)}: {', '.join(said)}"


def _market(item: Kept, now: int) -> str:
    history, newest = item.history, _newest(item)
    said = [say("data to {time} ({ago})", time=clock(newest), ago=ago(now - newest))]
    if _share(item).is_stale(now):
        said.append(say("stale since {when}", when=figures.since(newest, now)))
    said.append(many("{count} bar", "{count} bars", len(history.candles)))
    said += [say(_LACKING[series]) for series in history.missing]
    return f"{_named(history.instrument)}: {', '.join(said)}"


def _newest(item: Kept) -> int:
    """Up to when a market held is known [ms]: its last bar may have been forming."""
    return min(int(item.history.candles.close_time[-1]), item.gathered)


def _share(item: Kept) -> VenueShare:
    """How a market held stands: as of its newest closed bar."""
    estimate, venue = item.estimate, item.history.instrument.exchange
    return VenueShare(venue, None, estimate.time, (), "", estimate.interval)


def _named(market: Instrument) -> str:
    return f"{venue_name(market.exchange)} {market.symbol}"
