"""Keeps experiments, each of many runs; of a run its note, tags, best epoch and whether it was brought here.

Revision ID: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

# The best validation accuracy of each run that is there already; the earliest epoch with it.
_BEST = """
UPDATE runs SET best_accuracy = (
    SELECT max(accuracy) FROM points WHERE run_id = runs.id AND kind = 'validation'
), best_epoch = (
    SELECT epoch FROM points WHERE run_id = runs.id AND kind = 'validation' AND accuracy IS NOT NULL
    ORDER BY accuracy DESC, step LIMIT 1
)
"""


def upgrade() -> None:
    """Create the table and add the columns; NULL stands for a run that is no part of an experiment."""
    op.create_table(
        "experiments",
        sa.Column("id", sa.String(12), primary_key=True),
        sa.Column("workspace", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("plan", sa.Text, nullable=False),
        sa.Column("name", sa.Text),
        sa.Column("guess", sa.Text),
        sa.Column("outcome", sa.Text),
        sa.Column("message", sa.Text),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.Column("started_at", sa.Double),
        sa.Column("finished_at", sa.Double),
        sa.Column("request", sa.String(16), nullable=False),
        sa.Column("driver", sa.String(200)),
        sa.Column("heartbeat_at", sa.Double),
        sa.Column("cost_seconds", sa.Double),
        sa.Column("address", sa.String(64)),
        sa.Column("deleted_at", sa.Double),
    )
    op.create_index("experiments_by_workspace", "experiments", ["workspace", "created_at", "id"])
    op.create_index("experiments_by_status", "experiments", ["status", "created_at", "id"])
    op.add_column("runs", sa.Column("note", sa.Text))
    op.add_column("runs", sa.Column("tags", sa.Text))
    op.add_column("runs", sa.Column("experiment", sa.String(12)))
    op.add_column("runs", sa.Column("trial", sa.Integer))
    op.add_column("runs", sa.Column("imported", sa.Integer, nullable=False, server_default="0"))
    op.add_column("runs", sa.Column("best_accuracy", sa.Double))
    op.add_column("runs", sa.Column("best_epoch", sa.Double))
    op.execute(_BEST)
    op.create_index("runs_by_experiment", "runs", ["experiment", "trial"])


def downgrade() -> None:
    """Drop them."""
    op.drop_index("runs_by_experiment", "runs")
    for name in ("best_epoch", "best_accuracy", "imported", "trial", "experiment", "tags", "note"):
        op.drop_column("runs", name)
    op.drop_table("experiments")
