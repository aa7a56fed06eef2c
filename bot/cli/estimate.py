"""`emberline estimate --source replay:DIR --json OUT.json`: the map at given times, as figures."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.say import friendly
from bot.core.errors import NotEnoughData

if TYPE_CHECKING:
    from bot.core.estimate.maps import LiquidationMap
    from bot.core.market.history import MarketHistory

_SOURCE = "replay:DIR, a recorded market or a folder of them."
_AT = "Time [ms since 1970, UTC] to know nothing later than; may be repeated. Default: the end."


@friendly
def estimate(
    source: Annotated[str, typer.Option(help=_SOURCE)],
    json: Annotated[Path, typer.Option("--json", help="Where the maps go.")],
    at: Annotated[list[int] | None, typer.Option(help=_AT)] = None,
) -> None:
    """Estimate the liquidation map of recorded markets and write it as JSON."""
    from rich.console import Console
    from rich.progress import Progress

    from bot.cli.recordings import recordings, said_missing, write

    console = Console(stderr=True)
    found = recordings(source)
    maps = []
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("estimating", total=len(found))
        for name, history in found.items():
            maps += [
                ({"market": name} if len(found) > 1 else {}) | {"ts": time, **_figures(known)}
                for time, known in _maps(history, at)
            ]
            progress.advance(task)
    for name, history in found.items():
        for line in said_missing(name, history):
            typer.echo(line, err=True)
    write(json, _encoded({"maps": maps}))
    typer.echo(f"{len(maps)} {'map' if len(maps) == 1 else 'maps'}: {json}")


def _maps(history: "MarketHistory", at: list[int] | None) -> "list[tuple[int, LiquidationMap]]":
    """Return the map of each time asked for, in the order asked for."""
    from bot.core.estimate.market import MarketEstimate

    times = at or [int(history.candles.close_time[-1])]
    first = int(history.candles.close_time[0])
    if min(times) < first:
        raise NotEnoughData(f"--at {min(times)} is before the first candle closed, at {first}")
    known: dict[int, LiquidationMap] = {}
    reached: MarketEstimate | None = None
    for time in sorted(set(times)):
        if reached is None:
            reached = MarketEstimate.of(history, as_of=time)
        else:
            reached = reached.advanced(history, as_of=time)
        known[time] = reached.map()
    return [(time, known[time]) for time in times]


def _figures(known: "LiquidationMap") -> dict[str, Any]:
    """The map in plain figures: USD by bin, and the ends of its credible range."""
    low, high = known.long_range + known.short_range
    return {
        "price": known.price,
        "edges": known.edges.tolist(),
        "long_usd": known.long_usd.tolist(),
        "short_usd": known.short_usd.tolist(),
        "low": low.tolist(),
        "high": high.tolist(),
    }


def _encoded(document: dict[str, Any]) -> bytes:
    import msgspec

    return msgspec.json.encode(document)
