"""`emberline record SYMBOL… --out DIR`: replay data sets, from now on or from the past."""

import asyncio
import math
import signal
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.say import BAD_INPUT, friendly, settle, wait_for
from bot.core.errors import BadSetting

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from bot.core.instruments import Instrument
    from bot.core.market.history import MarketHistory
    from bot.desk.recorder import Recorder, Round
    from bot.ports import MarketSource

_EVERY = 60.0  # [s] between rounds: a kill loses no more of what was heard
_EVERY_SIMULATED = 1.0  # [s] the same where a second shows a minute
_AT_THE_END = 20.0  # [s] for the last round when told to stop
_A_DAY, _MOST_DAYS = 86_400_000, 90  # [ms], [1]
_HOUR = 3_600_000  # [ms]


@friendly
def record(
    symbols: Annotated[list[str], typer.Argument(help="Coins: BTC, ethusdt, sol …")],
    out: Annotated[Path, typer.Option(help="Folder for the data sets, one for each market.")],
    hours: Annotated[
        float | None, typer.Option(help="Record for so long; until Ctrl-C if not said.")
    ] = None,
    back: Annotated[
        str, typer.Option(help="Begin so far back, as 30d or 12h; without --hours that is all.")
    ] = "",
    venues: Annotated[str, typer.Option(help="Venues, separated by commas; all if none.")] = "",
    source: Annotated[str, typer.Option(help="live, sim, or stored: what the bot has kept.")] = (
        "live"
    ),
) -> None:
    """Write markets as data sets for `--source replay:DIR`; those there are gone on with."""
    ago, named = _ago(back), tuple(word for word in venues.split(",") if word)
    if source == "stored":
        written = _stored(symbols, named, out, ago)
    else:
        written = wait_for(_record(symbols, named, out, source, hours, ago))
    if not written:
        raise typer.Exit(BAD_INPUT)


def _ago(words: str) -> int | None:
    """Read how far back to begin [ms]; None if that is not said. BadSetting."""
    if not words:
        return None
    from bot.exchanges.market_json import interval

    length = interval(words.strip().lower())
    if length is None or not 0 < length <= _MOST_DAYS * _A_DAY:
        raise BadSetting(f"--back “{words}”: write days or hours, such as 30d or 12h, at most 90d.")
    return length


def _stored(symbols: list[str], venues: tuple[str, ...], out: Path, ago: int | None) -> int:
    """Write what the bot has kept of some coins."""
    from bot.cli.recordings import recordings
    from bot.core.market.join import trimmed
    from bot.desk.recorder import place
    from bot.exchanges.replay_writer import write_market

    written = 0
    for symbol in symbols:
        for history in recordings(f"stored:{symbol}").values():
            market = history.instrument
            if venues and market.exchange not in venues:
                continue
            end = int(history.candles.close_time[-1])
            part = history if ago is None else trimmed(history, end - ago)
            write_market(place(out, market), part)
            typer.echo(_said(out, part))
            written += 1
    return written


async def _record(
    symbols: list[str],
    venues: tuple[str, ...],
    out: Path,
    words: str,
    hours: float | None,
    ago: int | None,
) -> int:
    from bot.desk.recorder import Recorder
    from bot.wiring import market_source

    source = market_source(words, settle("ERROR"))
    try:
        markets = await _markets(source, symbols, venues)
        # A day of the past, so that a picture can be drawn of what is recorded from now on.
        recorder = Recorder(source, out, markets, _A_DAY if ago is None else ago)
        try:
            return await _rounds(recorder, source, out, hours, once=ago is not None and not hours)
        finally:
            await recorder.close()
    finally:
        await source.close()


async def _markets(
    source: "MarketSource", symbols: list[str], venues: tuple[str, ...]
) -> "list[Instrument]":
    from bot.core.instruments import Instrument
    from bot.desk.markets import Markets

    listing, found = Markets(source), list[Instrument]()
    for symbol in symbols:
        asked = await listing.find(symbol, venues)
        for failure in asked.failures:
            typer.echo(failure, err=True)
        found += asked.instruments
    return list(dict.fromkeys(found))


async def _rounds(
    recorder: "Recorder", source: "MarketSource", out: Path, hours: float | None, *, once: bool
) -> int:
    """Record until it is time to stop, and show what comes; returns how many markets are there."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    length = hours * _HOUR if hours else None
    end = math.inf if length is None else source.now() + length
    if not once:
        recorder.listen()
    shown = (SpinnerColumn(), BarColumn(), TextColumn("{task.description}"))
    with Progress(*shown, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("the first bars come …", total=length)
        last = await _unless(stop, recorder.record())
        while last is not None and not (once or stop.is_set() or source.now() >= end):
            left = max(end - source.now(), 0.0)
            passed = length - left if length else 0
            bar.update(task, completed=passed, description=_sum(last))
            pause = _EVERY_SIMULATED if source.simulated else _EVERY
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), min(pause, left / 1000))
            with suppress(TimeoutError):
                async with asyncio.timeout(_AT_THE_END if stop.is_set() else None):
                    last = await recorder.record()
    for market, why in last.failed.items() if last else ():
        typer.echo(f"{market.key}: {why}", err=True)
    for history in recorder.recorded.values():
        typer.echo(_said(out, history))
    return len(recorder.recorded)


async def _unless(stop: asyncio.Event, work: "Coroutine[Any, Any, Round]") -> "Round | None":
    """Wait for the first round, which may take long; None if told to stop meanwhile."""
    round_, stopped = asyncio.create_task(work), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait((round_, stopped), return_when=asyncio.FIRST_COMPLETED)
        return round_.result() if round_.done() else None
    finally:
        for task in (round_, stopped):
            task.cancel()
        await asyncio.gather(round_, stopped, return_exceptions=True)


def _sum(last: "Round") -> str:
    bars = sum(len(history.candles) for history in last.written.values())
    events = [history.liquidations for history in last.written.values() if history.liquidations]
    said = f"{len(last.written)} markets, {bars:,} bars, {sum(map(len, events)):,} liquidations"
    return said + (f"; {len(last.failed)} do not answer" if last.failed else "")


def _said(out: Path, history: "MarketHistory") -> str:
    """Say what a data set holds, and where it lies."""
    from bot.core.figures import span
    from bot.desk.recorder import place

    series = {
        "open interest": history.open_interest,
        "funding": history.funding,
        "long/short ratio": history.long_short_ratio,
        "positions": history.positions,
    }
    rows = [f"{len(history.candles):,} bars"]
    rows += [f"{len(part.time):,} {name}" for name, part in series.items() if part is not None]
    if history.liquidations is not None:
        heard = history.heard
        long = sum(end - start for start, end in heard.spans) if heard is not None else None
        rows.append(
            f"{len(history.liquidations):,} liquidations"
            + ("" if long is None else f" heard in {span(long)}")
        )
    return f"{place(out, history.instrument)}: {', '.join(rows)}"
