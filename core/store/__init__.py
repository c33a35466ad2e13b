"""Runs, curves, experiments and labelled drawings in a database, files beside it; frozen dataclasses out."""

from core.store.claims import Claim
from core.store.drawing_records import DrawingSet, KeptDrawing, NewDrawing
from core.store.experiment_records import Experiment, Score, Trial, kept_score
from core.store.files import read, remove_leftovers, write_atomically
from core.store.records import (
    SHARED_WORKSPACE,
    SLOW_MOTION,
    Curve,
    CurveKind,
    CurvePoint,
    LayerVitals,
    Progress,
    RateChange,
    Request,
    Run,
    RunStatus,
)
from core.store.room import Room
from core.store.runs import RunStore

__all__ = [
    "SHARED_WORKSPACE",
    "SLOW_MOTION",
    "Claim",
    "Curve",
    "CurveKind",
    "CurvePoint",
    "DrawingSet",
    "Experiment",
    "KeptDrawing",
    "LayerVitals",
    "NewDrawing",
    "Progress",
    "RateChange",
    "Request",
    "Room",
    "Run",
    "RunStatus",
    "RunStore",
    "Score",
    "Trial",
    "kept_score",
    "read",
    "remove_leftovers",
    "write_atomically",
]
