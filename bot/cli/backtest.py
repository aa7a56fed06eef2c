"""`emberline backtest map --source replay:DIR --out PRED.csv`: the map judged on what came."""

import math
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.say import friendly

if TYPE_CHECKING:
    from rich.table import Table

    from bot.core.judge.report import Row
    from bot.core.judge.walk import Forecasts

backtest = typer.Typer(help="Judge the estimate on recorded markets.", no_args_is_help=True)

_LEGEND = """rho: Spearman of forecast and reported liquidations, interval by interval
given move: the same, the size of the move held fixed
biggest: the same within the tenth of biggest moves
swept: USD the map held on the way / USD reported
as reported: that at the coverage learnt by then / USD reported"""

_SOURCE = "replay:DIR, a recorded market or a folder of them; stored or stored:COIN, the bot's own."

_HEADER = "ts,long_usd,short_usd,long_reported_usd,short_reported_usd"


@backtest.callback()
def _backtest() -> None:
    """Judge the estimate on recorded markets."""


@backtest.command("map")
@friendly
def backtest_map(
    source: Annotated[str, typer.Option(help=_SOURCE)],
    out: Annotated[Path, typer.Option(help="Where the forecasts of every bar go, as CSV.")],
) -> None:
    """Walk through recorded markets and score what the map said before each bar."""
    from rich.console import Console
    from rich.progress import Progress

    from bot.cli.recordings import recordings, said_missing, write
    from bot.core.judge.report import rows
    from bot.core.judge.walk import walk

    found = recordings(source)
    tables = []
    with Progress(console=Console(stderr=True), transient=True) as progress:
        for name, history in found.items():
            task = progress.add_task(name, total=len(history.candles))
            forecasts = walk(history, tick=partial(progress.advance, task))
            place = out if len(found) == 1 else out.with_stem(f"{out.stem}-{name}")
            write(place, _csv(forecasts))
            tables.append((name, place, rows(history, forecasts)))
    console = Console()
    for name, history in found.items():
        for line in said_missing(name, history):
            typer.echo(line, err=True)
    for name, place, table in tables:
        if table:
            console.print(_table(name, table))
        else:
            why = "no hour of liquidations is recorded from end to end"
            console.print(f"{name}: {why}, so there is nothing to score.", soft_wrap=True)
        console.print(f"forecasts of every bar: {place}", highlight=False, soft_wrap=True)


def _csv(forecasts: "Forecasts") -> bytes:
    columns = (forecasts.time.tolist(), *forecasts.usd.tolist(), *forecasts.reported.tolist())
    lines = (
        f"{time},{long:.4f},{short:.4f},{long_reported:.4f},{short_reported:.4f}"
        for time, long, short, long_reported, short_reported in zip(*columns, strict=True)
    )
    return "\n".join((_HEADER, *lines, "")).encode()


def _table(name: str, scored: "list[Row]") -> "Table":
    from rich.table import Table

    count = scored[0].score.count
    table = Table(
        "",
        "side",
        "rho",
        "given move",
        "biggest",
        "swept",
        "as reported",
        title=f"{name}: {count} intervals",
        caption=_LEGEND,
        caption_justify="left",
    )
    for row in scored:
        scores = row.score
        figures = (scores.rho, scores.partial, scores.biggest, scores.usd, row.reported)
        table.add_row(row.name, row.side, *(_said(figure) for figure in figures))
    return table


def _said(figure: float) -> str:
    return "–" if math.isnan(figure) else f"{figure:.3f}"
