"""Tells of a run that goes on from an epoch of another one which, and from which epoch.

Revision ID: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the columns; NULL stands for a run that begins untrained."""
    op.add_column("runs", sa.Column("parent", sa.String(12)))
    op.add_column("runs", sa.Column("parent_number", sa.Integer))
    op.add_column("runs", sa.Column("fork_epoch", sa.Integer))


def downgrade() -> None:
    """Drop them."""
    for name in ("fork_epoch", "parent_number", "parent"):
        op.drop_column("runs", name)
