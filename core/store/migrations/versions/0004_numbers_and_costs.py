"""A number a run in its workspace, what it costs, what it keeps, and who was served when.

Revision ID: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add columns and tables, and number the runs that are there by age."""
    # Column by column, because to write `runs` anew would cascade to the curves.
    op.add_column("runs", sa.Column("number", sa.Integer, nullable=False, server_default="0"))
    op.add_column("runs", sa.Column("name", sa.Text))
    op.add_column("runs", sa.Column("starred", sa.Integer, nullable=False, server_default="0"))
    op.add_column("runs", sa.Column("deleted_at", sa.Double))
    op.add_column("runs", sa.Column("address", sa.String(64)))
    op.add_column("runs", sa.Column("cost_seconds", sa.Double))
    op.add_column("runs", sa.Column("checkpoint_step", sa.Integer))
    op.add_column("runs", sa.Column("trouble", sa.Text))
    op.execute(
        "UPDATE runs SET number = (SELECT count(*) FROM runs AS older WHERE older.workspace = runs.workspace "
        "AND (older.created_at < runs.created_at "
        "OR (older.created_at = runs.created_at AND older.id <= runs.id)))"
    )
    op.create_index("runs_by_number", "runs", ["workspace", "number"], unique=True)
    op.create_table(
        "workspaces",
        sa.Column("workspace", sa.String(64), primary_key=True),
        sa.Column("last_number", sa.Integer, nullable=False),
        sa.Column("served_at", sa.Double),
    )
    op.execute(
        "INSERT INTO workspaces (workspace, last_number, served_at) "
        "SELECT workspace, max(number), max(started_at) FROM runs GROUP BY workspace"
    )
    op.create_table(
        "artifacts",
        sa.Column("run_id", sa.String(12), sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "calibrations",
        sa.Column("machine", sa.String(200), primary_key=True),
        sa.Column("measured_at", sa.Double, nullable=False),
        sa.Column("speed", sa.Double, nullable=False),
    )


def downgrade() -> None:
    """Drop them."""
    for table in ("calibrations", "artifacts", "workspaces"):
        op.drop_table(table)
    op.drop_index("runs_by_number", "runs")
    for column in (
        "trouble",
        "checkpoint_step",
        "cost_seconds",
        "address",
        "deleted_at",
        "starred",
        "name",
        "number",
    ):
        op.drop_column("runs", column)
