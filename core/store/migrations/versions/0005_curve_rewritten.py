"""Tells readers of a curve whether it has only grown at its end since they last looked.

Revision ID: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the column; 0 stands for "has only grown"."""
    op.add_column("runs", sa.Column("curve_rewritten", sa.Integer, nullable=False, server_default="0"))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("runs", "curve_rewritten")
