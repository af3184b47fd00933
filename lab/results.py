"""Results on disk, and results as a labelled array.

A stored run is a folder `<store>/<name>/<hash of the spec>/` with `result.nc` (netCDF: block sums and histogram
cells) and `run.json` (spec, sources, versions, host, checksum). It is written under a temporary name and renamed, so
it is there whole or not at all.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import platform
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import torch
import xarray as xr

from lab.errors import LabError, require, unknown
from lab.experiment import Experiment
from lab.metrics import get_metric
from lab.optimizer import Optimizer
from lab.parameters import Parametric
from lab.schedules import Constant
from lab.statistics import mean_normal, quantile_rank, rank_limits
from lab.summary import BLOCK, Cells, MetricSummary, Summary, pooled

STATS = ("mean", "median", "quantile", "mom")
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
CONFIDENCE = 0.999  # of every interval in a Dataset, one at a time; verdicts choose their own


@dataclass(frozen=True)
class Store:
    """A folder of results."""

    root: Path

    def folder(self, experiment: Experiment) -> Path | None:
        """Return where the experiment's result is kept; None where its classes have no source to key it by."""
        return None if experiment.hash is None else self.root / experiment.name / experiment.hash

    def load(self, experiment: Experiment) -> Summary | None:
        """Return the stored summary, or None where there is none. LabError where the file was damaged."""
        folder = self.folder(experiment)
        if folder is None or not folder.is_dir():
            return None
        try:
            info = json.loads((folder / "run.json").read_text())
            data = (folder / "result.nc").read_bytes()
        except (OSError, json.JSONDecodeError) as error:
            raise LabError(
                f"stored result {folder} cannot be read ({error}); delete the folder to run it again"
            ) from None
        if hashlib.sha256(data).hexdigest() != info.get("sha256"):
            raise LabError(f"stored result {folder} does not match its checksum; delete the folder to run it again")
        return _read(folder / "result.nc", experiment, info["seeds"])

    def save(self, experiment: Experiment, summary: Summary) -> Path | None:
        """Write a summary, in place of an older one. LabError in one line where the folder cannot be written."""
        folder = self.folder(experiment)
        if folder is None:
            return None
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            made = Path(tempfile.mkdtemp(prefix=".writing-", dir=folder.parent))
        except OSError as error:
            raise LabError(f"results cannot be written to {self.root}: {error.strerror}") from None
        try:
            _write(made, experiment, summary)
            made.chmod(0o755)
            if folder.exists():
                old = Path(tempfile.mkdtemp(prefix=".old-", dir=folder.parent))
                os.replace(folder, old / "run")
                os.replace(made, folder)
                shutil.rmtree(old)
            else:
                os.replace(made, folder)
        except OSError as error:
            raise LabError(f"results cannot be written to {folder}: {error.strerror}") from None
        finally:
            shutil.rmtree(made, ignore_errors=True)
        return folder

    def check_writable(self) -> None:
        """Raise LabError now, not after an hour's run, where the folder cannot be written."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix=".probe-", dir=self.root):
                pass
        except OSError as error:
            raise LabError(f"results cannot be written to {self.root}: {error.strerror}") from None


def _write(folder: Path, experiment: Experiment, summary: Summary) -> None:
    arrays: dict[str, tuple[tuple[str, ...], np.ndarray[Any, Any]]] = {
        "diverged": (("config", "step", "block"), summary.diverged)
    }
    for name, m in summary.metrics.items():
        arrays[f"{name}.total"] = ((f"{name}.row", "block"), m.total)
        arrays[f"{name}.m2"] = ((f"{name}.row", "block"), m.m2)
        for part in ("full", "tail"):
            cells = getattr(m, part)
            for column in fields(Cells):
                arrays[f"{name}.{part}.{column.name}"] = ((f"{name}.{part}.cell",), getattr(cells, column.name))
    path = folder / "result.nc"
    xr.Dataset(arrays).to_netcdf(path, engine="h5netcdf")
    info = {
        "spec": experiment.spec,
        "sources": experiment.sources,
        "seeds": summary.seeds,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "versions": {"python": platform.python_version(), "torch": torch.__version__, "numpy": np.__version__},
        "host": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
    }
    (folder / "run.json").write_text(json.dumps(info, indent=1, sort_keys=True) + "\n")


def _read(path: Path, experiment: Experiment, seeds: int) -> Summary:
    with xr.open_dataset(path, engine="h5netcdf") as stored:
        arrays = {str(name): variable.values for name, variable in stored.variables.items()}
    metrics = {}
    for name in experiment.metrics:
        full, tail = (
            Cells(*(arrays[f"{name}.{part}.{column.name}"] for column in fields(Cells))) for part in ("full", "tail")
        )
        metrics[name] = MetricSummary(arrays[f"{name}.total"], arrays[f"{name}.m2"], full, tail)
    return Summary(0, seeds, metrics, arrays["diverged"])


def dataset(
    experiment: Experiment,
    summary: Summary,
    stats: Sequence[str] | None,
    x_final: np.ndarray[Any, Any] | None,
    attributes: dict[str, Any],
) -> xr.Dataset:
    """Return a summary as an xarray Dataset with dims (config, step); see `lab.simulate.simulate`.

    LabError for an unknown statistic.
    """
    wanted = STATS[:3] if stats is None else tuple(stats)
    for name in wanted:
        if name not in STATS:
            raise unknown("statistic", name, STATS)
    out: dict[str, Any] = {"diverged": (("config", "step"), summary.diverged.sum(-1))}
    for name in experiment.metrics:
        out |= _columns(experiment, name, summary, wanted)
    coords: dict[str, Any] = {"step": list(experiment.record), "config": range(len(experiment.optimizers))}
    coords |= {name: ("config", column) for name, column in _hyperparameters(experiment.optimizers).items()}
    if "quantile" in wanted:
        coords["quantile"] = list(QUANTILES)
    if x_final is not None:
        out["x_final"] = (("config", "seed", "coord"), x_final)
    attrs = {"spec": json.dumps(experiment.spec, sort_keys=True), "confidence": CONFIDENCE} | attributes
    return xr.Dataset(out, coords=coords, attrs=attrs)


def _columns(experiment: Experiment, name: str, summary: Summary, wanted: tuple[str, ...]) -> dict[str, Any]:
    """Return the Dataset's variables of one metric."""
    m, n = summary.metrics[name], summary.seeds
    h, k, d = len(experiment.optimizers), len(experiment.record), experiment.problem.dim
    wide = get_metric(name).vector and d > 1
    shape, dims = ((h, k, d), ("config", "step", "coord")) if wide else ((h, k), ("config", "step"))
    tail = metric_tail(experiment, name)
    out: dict[str, Any] = {}

    def put(suffix: str, values: np.ndarray[Any, Any]) -> None:
        out[f"{name}_{suffix}"] = (dims, values.reshape(shape))

    if "mean" in wanted and tail > 1:
        mean, m2 = pooled(m.total, m.m2, n)
        put("mean", mean)
        if tail > 2:
            limits = mean_normal(n, mean, m2, CONFIDENCE)
            put("mean_lo", limits.low)
            put("mean_hi", limits.high)
    if "mom" in wanted and tail > 1:
        full = n // BLOCK
        require(full >= 1, "simulate", "seeds", n, f">= {BLOCK} for the statistic mom")
        put("mom", np.median(m.total[:, :full] / BLOCK, axis=1))  # an interval needs a certified moment: see verify
    cells, rows = m.cells, h * k * (d if wide else 1)
    if "median" in wanted:
        put("median", cells.at_rank(quantile_rank(n, 0.5), rows)[1])
        low, high = rank_limits(n, 0.5, 1 - CONFIDENCE)
        put("median_lo", cells.at_rank(low, rows)[0] if low >= 1 else np.full(rows, -np.inf))
        put("median_hi", cells.at_rank(high, rows)[2] if high <= n else np.full(rows, np.inf))
    if "quantile" in wanted:
        ranks = [quantile_rank(n, q) for q in QUANTILES]
        values = np.stack([cells.at_rank(r, rows)[1].reshape(shape) for r in ranks], axis=-1)
        out[f"{name}_quantile"] = ((*dims, "quantile"), values)
    return out


def metric_tail(experiment: Experiment, name: str) -> float:
    """Return the supremum of the orders of the metric's finite moments, from the noise's declared tail index.

    It is 0 for a metric whose `power` is infinite: nothing declared decides its moments.
    """
    power = get_metric(name).power
    if power == math.inf:
        return 0.0
    return math.inf if experiment.problem.domain.bounded else experiment.problem.tail_index / power


def _hyperparameters(optimizers: Sequence[Any]) -> dict[str, list[Any]]:
    """Return plain columns: a number where every configuration has one, else text; betas become beta1, beta2."""
    rows = [{"optimizer": optimizer.label} | _row(optimizer) for optimizer in optimizers]
    names = dict.fromkeys(name for row in rows for name in row)
    columns = {name: [row.get(name) for row in rows] for name in names}
    numeric = (bool, int, float)
    return {
        name: column if all(isinstance(v, numeric) for v in column) else ["" if v is None else str(v) for v in column]
        for name, column in columns.items()
    }


def _row(optimizer: Any) -> dict[str, Any]:
    """Return one configuration's hyperparameters; those of a wrapped method as "inner.lr"."""
    row: dict[str, Any] = {}
    for f in fields(optimizer):
        value = getattr(optimizer, f.name)
        if isinstance(value, tuple):
            row |= {f"{f.name.removesuffix('s')}{i + 1}": v for i, v in enumerate(value)}
        elif isinstance(value, Optimizer):
            row |= {f.name: value.name} | {f"{f.name}.{name}": part for name, part in _row(value).items()}
        else:
            row[f.name] = value.lr if isinstance(value, Constant) else str(value) if _is_word(value) else value
    return row


def _is_word(value: object) -> bool:
    return isinstance(value, Parametric)
