"""Alembic's door: it runs this file whenever the schema is to change. See upgrade.py."""

from collections.abc import Collection, Mapping
from typing import Any

from alembic import context
from alembic.runtime.migration import MigrationContext, MigrationInfo

_given = context.config.attributes


def _note(
    ctx: MigrationContext, step: MigrationInfo, heads: Collection[Any], run_args: Mapping[str, Any]
) -> None:
    del ctx, heads, run_args  # Alembic names what it hands over
    if step.up_revision_id:
        _given["applied"].append(step.up_revision_id)


context.configure(
    connection=_given["connection"],
    on_version_apply=_note,
    render_as_batch=True,  # SQLite alters a table by copying it
)
context.run_migrations()
