"""How the hidden units of a run fared, a row for each layer and measurement.

Revision ID: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "vitals",
        sa.Column("run_id", sa.String(12), sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("step", sa.Integer, primary_key=True),
        sa.Column("layer", sa.Integer, primary_key=True),
        sa.Column("epoch", sa.Double, nullable=False),
        sa.Column("dead", sa.Double),
        sa.Column("saturated", sa.Double),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("vitals")
