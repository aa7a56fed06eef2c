"""`emberline backup` and `emberline restore`: the memory copied, and put back."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.say import friendly, settle
from bot.core.errors import BackupRefused

_DEAD_AFTER = 90.0  # [s] without a sign of life, as `doctor --alive` counts
_MEGABYTE = 1e6


@friendly
def backup(
    file: Annotated[
        Path | None, typer.Argument(help="Where the copy goes; a name with the time if left out.")
    ] = None,
) -> None:
    """Copy the database at DATABASE_URL into a file; the bot may go on running meanwhile."""
    from storage.backup import back_up

    url = settle("WARNING").database_url.get_secret_value()
    now = datetime.now(tz=UTC)
    made = back_up(url, file or Path(f"emberline-{now:%Y-%m-%d-%H%M%S}.sqlite3"))
    size = f"{made.size / _MEGABYTE:,.1f} MB"
    typer.echo(f"{made.file}: {size}, whole, schema {made.revision}.")


@friendly
def restore(
    file: Annotated[Path, typer.Argument(help="A copy that `emberline backup` made.")],
) -> None:
    """Put a copy back; what is there now is kept beside it. Stop the bot before."""
    from storage.backup import put_back

    settings = settle("WARNING")
    if _alive(settings.alive_file):
        raise BackupRefused("The bot is running: stop it first, then restore.")
    aside = f"before-{datetime.now(tz=UTC):%Y%m%d-%H%M%S}"
    kept = put_back(settings.database_url.get_secret_value(), file, aside)
    said = f" What was there is kept as {kept}." if kept else ""
    typer.echo(f"Put back {file}.{said} The next start brings its tables up to date.")


def _alive(sign: Path) -> bool:
    try:
        return time.time() - sign.stat().st_mtime < _DEAD_AFTER
    except OSError:
        return False
