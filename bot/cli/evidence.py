"""`emberline evidence`: what followed signals of the past, over stored or recorded markets."""

import sys
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.say import friendly, settle, wait_for
from bot.core.errors import BadSetting

if TYPE_CHECKING:
    from rich.console import Console

    from bot.desk.building import Built
    from storage.memory import Memory

evidence = typer.Typer(help="What followed signals of the past.", no_args_is_help=True)

_WIDE = 400  # columns at most where no terminal says how many there are

_Symbols = Annotated[list[str] | None, typer.Argument(help="Coins; all of the source if none.")]
_Source = Annotated[
    str, typer.Option(help="live, what the bot has stored; replay:DIR; or sim, a simulated market.")
]
_Days = Annotated[int | None, typer.Option(min=1, help="Only the last so many days of each.")]


@evidence.callback()
def _evidence() -> None:
    """Say what followed signals of the past."""


@evidence.command("build")
@friendly
def build(
    symbols: _Symbols = None,
    source: _Source = "live",
    days: _Days = None,
    *,
    store: Annotated[
        bool, typer.Option("--store", help="Keep what a replay shows in the bot's database.")
    ] = False,
) -> None:
    """Go through the past of every market, remember its episodes, and print the base rates.

    Cut off, it goes on with the market it was at; what is known already is not gone through again.
    """
    from bot.cli.evidence_tables import evidence_table, told_of

    if store and source.partition(":")[0] == "sim":
        raise BadSetting("--store: what is simulated is never remembered beside real markets.")
    found = _gone_through(symbols or [], source, days, kept=store or source == "live")
    for name, past in found.items():
        typer.echo(told_of(name, past))
    _console().print(evidence_table(found))


@evidence.command("episodes")
@friendly
def episodes(symbols: _Symbols = None, source: _Source = "live", days: _Days = None) -> None:
    """List every episode of the past, with what followed it."""
    from bot.cli.evidence_tables import episodes_table, told_of

    found = _gone_through(symbols or [], source, days, kept=source == "live")
    for name, past in found.items():
        if past.found:
            _console().print(episodes_table(name, past))
        typer.echo(told_of(name, past))


def _gone_through(
    symbols: list[str], source: str, days: int | None, *, kept: bool
) -> "dict[str, Built]":
    """Go through every past of a source, in the order in which they are named."""
    settings = settle("WARNING")

    async def work() -> "dict[str, Built]":
        from storage.memory import open_memory

        url = settings.database_url.get_secret_value()
        memory = await open_memory(url) if kept else None
        try:
            return await _each(memory)
        finally:
            if memory is not None:
                await memory.close()

    async def _each(memory: "Memory | None") -> "dict[str, Built]":
        from rich.console import Console
        from rich.progress import Progress

        from bot.cli.evidence_pasts import cut, pasts
        from bot.desk.building import built, hours
        from bot.desk.wide import built_wide

        named = await pasts(source, symbols, settings, memory)
        found: dict[str, Built] = {}
        with Progress(console=Console(stderr=True), transient=True) as progress:
            whole = progress.add_task("markets", total=len(named))
            for past in named:
                histories = cut(await past.load(), days)
                if histories:
                    task = progress.add_task(past.name, total=hours(histories))
                    store = memory.episodes if memory is not None else None
                    tick = partial(progress.advance, task)
                    found[past.name] = await built(histories, store, tick)
                    progress.remove_task(task)
                progress.advance(whole)
        wide = await built_wide(found, memory.episodes if memory is not None else None)
        return found if wide is None else {**found, wide.market: wide}

    return wait_for(work())


def _console() -> "Console":
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else _WIDE)
