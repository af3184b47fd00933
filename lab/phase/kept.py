"""Readings on disk: one small file for each batch of cells, written whole or not at all, so that a map goes on."""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Sequence
from dataclasses import astuple
from pathlib import Path
from typing import Any

import numpy as np

from lab import files
from lab.errors import LabError
from lab.experiment import Experiment
from lab.phase import batch, measures
from lab.phase.batch import Point, Setting
from lab.phase.measures import Measure, Reading

COLUMNS = ("value", "low", "high")


def place(root: Path, points: Sequence[Point], setting: Setting, measure: Measure) -> Path | None:
    """Return a batch's file, named by a hash of all that decides its readings; None where a class has no source."""
    shared = experiment(points[0], setting)
    if shared.sources is None:
        return None
    parts = [
        shared.sources, shared.spec, astuple(setting), measure.spec(), inspect.getsource(type(measure)),
        inspect.getsource(measures), inspect.getsource(batch), [[p.problem.spec(), p.optimizer.spec()] for p in points],
    ]  # fmt: skip
    name = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:20]
    return root / "phase" / shared.name / f"{name}.json"


def experiment(point: Point, setting: Setting) -> Experiment:
    """Return a point as an Experiment: it checks metrics and starts, and knows the sources that decide the numbers."""
    return Experiment(
        problem=point.problem,
        optimizers=(point.optimizer,),
        steps=setting.steps,
        record=setting.record,
        metrics=setting.metrics,
        key=setting.key,
        start=setting.starts[0] if setting.starts else None,
    )


def save(path: Path, reading: Reading, engine: str) -> None:
    """Write a batch's readings. LabError in one line where they cannot be written."""
    document = {
        "engine": engine,
        "code": reading.code.tolist(),
        **{k: [str(v) for v in getattr(reading, k).tolist()] for k in COLUMNS},
    }
    text = json.dumps(document)
    whole = {"reading": document, "sha256": hashlib.sha256(text.encode()).hexdigest()}
    try:
        files.write(path.parent, {path.name: (json.dumps(whole) + "\n").encode()})
    except OSError as error:
        raise LabError(f"the phase map cannot be written to {path.parent}: {error.strerror}") from None


def load(path: Path | None) -> tuple[Reading, str] | None:
    """Return stored readings and what ran them; None where there are none, or where the file was damaged."""
    if path is None:
        return None
    try:
        whole: dict[str, Any] = json.loads(path.read_text())
        found = whole["reading"]
        if hashlib.sha256(json.dumps(found).encode()).hexdigest() != whole["sha256"]:
            return None
        columns = (np.array([float(v) for v in found[k]]) for k in COLUMNS)
        return Reading(np.array(found["code"], dtype=np.int64), *columns), str(found["engine"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
