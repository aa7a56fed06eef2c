"""`emberline margin check FILE`: our margin rules against prices that venues gave."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.say import BAD_INPUT, friendly
from bot.core.errors import BadExample, MalformedData

if TYPE_CHECKING:
    from bot.core.margin.examples import Checked

_WIDE = 160  # [characters] where nobody's terminal sets the width: no figure is cut off

app = typer.Typer(help="The margin rules of venues.", no_args_is_help=True)


@app.callback()
def margin() -> None:
    """Margin rules of venues."""


@app.command()
@friendly
def check(
    file: Annotated[
        Path, typer.Argument(help="A JSON list of positions and the prices their venues gave.")
    ],
) -> None:
    """Compute each position's liquidation or bankruptcy price and compare it with its venue's.

    Exits with 0 if all lie within their tolerance, 1 if one does not, 2 if the file cannot be
    read or an example lacks something.
    """
    from bot.core.margin.examples import check as checked
    from bot.core.margin.examples import read_example

    done: list[Checked] = []
    bad: list[BadExample] = []
    for number, raw in enumerate(_examples(file), start=1):
        try:
            done.append(checked(read_example(raw, number)))
        except BadExample as error:
            bad.append(error)
    if done:
        _show(done)
    for each in done:
        if each.example.inputs.unknown:
            names = ", ".join(each.example.inputs.unknown)
            _say(f"{each.example.name}: not known, and not used: {names}")
    for problem in bad:
        _say(str(problem))
    failed = sum(not each.passed for each in done)
    typer.echo(f"{len(done) - failed} of {len(done) + len(bad)} within their tolerance.")
    if bad:
        raise typer.Exit(BAD_INPUT)
    raise typer.Exit(1 if failed else 0)


def _say(sentence: str) -> None:
    """Print to stderr what an example may spell in letters that no terminal has."""
    typer.echo(sentence.encode("utf-8", "replace").decode(), err=True)


def _examples(file: Path) -> list[Any]:
    import json

    try:
        found = json.loads(file.read_text("utf-8-sig"))
    except OSError as error:
        raise MalformedData(str(file), None, None, f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise MalformedData(str(file), None, None, "is not UTF-8 text") from error
    except json.JSONDecodeError as error:
        why = f"is not JSON: {error.msg} at character {error.colno}"
        raise MalformedData(str(file), error.lineno, None, why) from error
    except (ValueError, RecursionError) as error:  # numbers and nesting beyond all measure
        raise MalformedData(str(file), None, None, "is not JSON that can be read") from error
    if not isinstance(found, list) or not found:
        why = "should be a list of examples such as [{exchange, contract_type, inputs, …}]"
        raise MalformedData(str(file), None, None, why)
    return found


def _show(done: "list[Checked]") -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table()
    table.add_column("id", overflow="fold")
    for figure in ("expected", "computed", "relative error"):
        table.add_column(figure, justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    table.add_column("rule", overflow="fold")
    for each in done:
        table.add_row(
            Text(each.example.name.encode("utf-8", "replace").decode()),
            f"{each.example.expected:.12g}",
            f"{each.computed:.12g}",
            f"{each.relative_error:.1e}",
            "[green]ok[/]" if each.passed else "[red]FAILS[/]",
            each.rule.words,
        )
    Console(width=None if sys.stdout.isatty() else _WIDE).print(table)
