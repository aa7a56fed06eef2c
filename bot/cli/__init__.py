"""The `emberline` command. Each command imports what it needs when it runs: help stays quick."""

import typer

from bot.cli.backtest import backtest
from bot.cli.backup import backup, restore
from bot.cli.doctor import doctor
from bot.cli.estimate import estimate
from bot.cli.evidence import evidence
from bot.cli.heatmap import heatmap
from bot.cli.margin import app as margin
from bot.cli.migrate import migrate
from bot.cli.record import record
from bot.cli.run import demo, run

app = typer.Typer(
    name="emberline",
    help="Liquidation heatmaps, with their accuracy measured.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # plain help: three times as fast
    pretty_exceptions_enable=False,
)
app.command()(run)
app.command()(demo)
app.command()(heatmap)
app.command()(record)
app.command()(doctor)
app.command()(migrate)
app.command()(backup)
app.command()(restore)
app.add_typer(margin, name="margin")
app.command()(estimate)
app.add_typer(backtest, name="backtest")
app.add_typer(evidence, name="evidence")
