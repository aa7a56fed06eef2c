"""`emberline migrate`: bring the database's schema up to date."""

import typer

from bot.cli.say import friendly, settle, wait_for


@friendly
def migrate() -> None:
    """Bring the database at DATABASE_URL up to date; `run` does this too when it starts."""
    from storage.database import migrate as upgrade

    done = wait_for(upgrade(settle("WARNING").database_url.get_secret_value()))
    typer.echo(f"Applied: {', '.join(done)}." if done else "Nothing to do: already up to date.")
