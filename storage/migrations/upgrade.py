"""Brings the tables up to date with Alembic, inside a transaction that is already open."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection

from bot.core.errors import StoreUnavailable


def upgrade(connection: Connection, to: str = "head") -> list[str]:
    """Apply what is missing up to a revision; returns the revisions applied, oldest first.

    The transaction holds the database's lock before the revision is read, so that of two
    processes the second one finds nothing left to do. StoreUnavailable if the tables were made
    by a newer version.
    """
    applied: list[str] = []
    config = Config()
    folder = str(Path(__file__).parent)
    config.set_main_option("script_location", folder.replace("%", "%%"))
    config.attributes.update(connection=connection, applied=applied)
    try:
        command.upgrade(config, to)
    except CommandError as error:
        raise StoreUnavailable("it was made by a newer version of the bot") from error
    return applied
