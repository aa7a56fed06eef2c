"""The `emberline` command. Each command imports what it needs when it runs: help stays quick."""

import typer

app = typer.Typer(
    name="emberline",
    help="Liquidation heatmaps, with their accuracy measured.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def emberline() -> None:
    """Liquidation heatmaps, with their accuracy measured."""
