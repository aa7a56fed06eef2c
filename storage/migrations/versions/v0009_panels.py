"""What stands below a chat's heatmaps."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a column: chats that have chosen nothing have none."""
    op.add_column("chat", sa.Column("panels", sa.Text))  # "oi,funding"; "": none at all
