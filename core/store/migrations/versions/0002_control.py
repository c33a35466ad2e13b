"""When a run was queued again, the learning rates it was given on the way, claims in vain.

Revision ID: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the columns, empty."""
    op.add_column("runs", sa.Column("queued_at", sa.Double))
    op.add_column("runs", sa.Column("rate_changes", sa.Text))
    op.add_column("runs", sa.Column("fruitless_attempts", sa.Integer, nullable=False, server_default="0"))


def downgrade() -> None:
    """Drop the columns."""
    op.drop_column("runs", "fruitless_attempts")
    op.drop_column("runs", "rate_changes")
    op.drop_column("runs", "queued_at")
