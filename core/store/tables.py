"""The schema: runs, their curves and files, how their hidden units fared; experiments; labelled drawings.

Times are seconds since 1970 in UTC: the same number in every database, and a
damaged one cannot make the driver refuse the healthy rows beside it.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

SCHEMA_VERSION = "0008"
# A name of its own, because other libraries keep an `alembic_version` in the same database.
VERSION_TABLE = "digitlab_schema"

metadata = MetaData()

runs = Table(
    "runs",
    metadata,
    Column("id", String(12), primary_key=True),
    Column("workspace", String(64), nullable=False),
    Column("status", String(16), nullable=False),
    Column("config", Text, nullable=False),
    Column("recipe", String(64)),
    Column("created_at", Double, nullable=False),
    Column("started_at", Double),
    Column("finished_at", Double),
    Column("request", String(16), nullable=False),
    Column("claimed_by", String(200)),
    Column("heartbeat_at", Double),
    Column("attempts", Integer, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("step", Integer, nullable=False),
    Column("steps_per_epoch", Integer, nullable=False),
    Column("images_per_second", Double),
    Column("seconds_left", Double),
    Column("train_seconds", Double),
    Column("total_seconds", Double),
    Column("test_accuracy", Double),
    Column("test_loss", Double),
    Column("message", Text),
    Column("curve_version", Integer, nullable=False),
    Column("queued_at", Double),  # again, after a pause or for more epochs
    Column("rate_changes", Text),
    Column("fruitless_attempts", Integer, nullable=False, server_default="0"),
    Column("number", Integer, nullable=False, server_default="0"),  # in its workspace, from 1
    Column("name", Text),
    Column("starred", Integer, nullable=False, server_default="0"),
    Column("deleted_at", Double),  # until it is removed for good, it can be had back
    Column("address", String(64)),  # of whom it was made by, hashed
    Column("cost_seconds", Double),  # estimated for all its epochs
    Column("checkpoint_step", Integer),  # the optimizer step of its last checkpoint
    Column("trouble", Text),  # what keeps a run from going on at present
    # The `curve_version` at which the curve last changed otherwise than by growing at its end.
    Column("curve_rewritten", Integer, nullable=False, server_default="0"),
    # Where a run goes on from an epoch of another one, which may be gone: its id, its number, the epoch.
    Column("parent", String(12)),
    Column("parent_number", Integer),
    Column("fork_epoch", Integer),
    Column("note", Text),
    Column("tags", Text),  # a JSON list of words
    # Of which experiment it is a part, and its place there, from 0.
    Column("experiment", String(12)),
    Column("trial", Integer),
    Column("imported", Integer, nullable=False, server_default="0"),  # trained elsewhere
    # The most of its validation images that it has read right at once, and after how many epochs.
    Column("best_accuracy", Double),
    Column("best_epoch", Double),
    Index("runs_by_age", "created_at", "id"),
    Index("runs_by_workspace", "workspace", "created_at", "id"),
    Index("runs_by_status", "status", "created_at", "id"),
    Index("runs_by_number", "workspace", "number", unique=True),
    Index("runs_by_experiment", "experiment", "trial"),
)

experiments = Table(
    "experiments",
    metadata,
    Column("id", String(12), primary_key=True),
    Column("workspace", String(64), nullable=False),
    Column("kind", String(24), nullable=False),
    Column("status", String(16), nullable=False),
    Column("plan", Text, nullable=False),  # JSON: what is to be trained, see core.experiments
    Column("name", Text),
    Column("guess", Text),  # what its owner expects, committed to before it began
    Column("outcome", Text),  # JSON: what came of it
    Column("message", Text),
    Column("created_at", Double, nullable=False),
    Column("started_at", Double),
    Column("finished_at", Double),
    Column("request", String(16), nullable=False),
    # The process that looks after it, and when it was last heard.
    Column("driver", String(200)),
    Column("heartbeat_at", Double),
    Column("cost_seconds", Double),  # estimated for all its runs
    Column("address", String(64)),
    Column("deleted_at", Double),
    Index("experiments_by_workspace", "workspace", "created_at", "id"),
    Index("experiments_by_status", "status", "created_at", "id"),
)

points = Table(
    "points",
    metadata,
    Column("run_id", String(12), ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("step", Integer, primary_key=True),
    Column("epoch", Double, nullable=False),
    # NaN is stored as NULL: SQLite knows no NaN.
    Column("loss", Double),
    Column("accuracy", Double),
    # The rows lie in the order in which a curve is read.
    sqlite_with_rowid=False,
)

vitals = Table(
    "vitals",
    metadata,
    Column("run_id", String(12), ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("step", Integer, primary_key=True),
    Column("layer", Integer, primary_key=True),
    Column("epoch", Double, nullable=False),
    # NULL where the layer's units are of another kind.
    Column("dead", Double),
    Column("saturated", Double),
    sqlite_with_rowid=False,
)

workspaces = Table(
    "workspaces",
    metadata,
    Column("workspace", String(64), primary_key=True),
    # Never given twice, also after that run is gone.
    Column("last_number", Integer, nullable=False),
    Column("served_at", Double),  # when a worker last took one of its runs
)

artifacts = Table(
    "artifacts",
    metadata,
    Column("run_id", String(12), ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("sha256", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

calibrations = Table(
    "calibrations",
    metadata,
    Column("machine", String(200), primary_key=True),
    Column("measured_at", Double, nullable=False),
    Column("speed", Double, nullable=False),  # 1.0: as fast as the machine of the cost's formula
)

drawings = Table(
    "drawings",
    metadata,
    Column("id", String(12), primary_key=True),
    Column("workspace", String(64), nullable=False),
    Column("label", Integer, nullable=False),
    Column("image", LargeBinary, nullable=False),  # 28 rows of 28 bytes
    Column("digest", String(64), nullable=False),  # of the image: each is kept once in a workspace
    Column("strokes", Text),  # NULL where it was not drawn here
    Column("size", Integer, nullable=False),  # bytes of image and strokes
    Column("held_back", Integer, nullable=False),  # from training, to be measured with
    Column("created_at", Double, nullable=False),
    Column("deleted_at", Double),
    Index("drawings_by_age", "workspace", "created_at", "id"),
    Index("drawings_once", "workspace", "digest", unique=True),
    Index("drawings_by_size", "size"),
)
