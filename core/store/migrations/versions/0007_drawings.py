"""Keeps drawings with their labels.

Revision ID: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "drawings",
        sa.Column("id", sa.String(12), primary_key=True),
        sa.Column("workspace", sa.String(64), nullable=False),
        sa.Column("label", sa.Integer, nullable=False),
        sa.Column("image", sa.LargeBinary, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("strokes", sa.Text),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("held_back", sa.Integer, nullable=False),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.Column("deleted_at", sa.Double),
    )
    op.create_index("drawings_by_age", "drawings", ["workspace", "created_at", "id"])
    op.create_index("drawings_once", "drawings", ["workspace", "digest"], unique=True)
    op.create_index("drawings_by_size", "drawings", ["size"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("drawings")
