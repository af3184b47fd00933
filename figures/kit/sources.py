"""Where a figure's numbers come from: stored results of runs, and the bounds of claims.

`runs()` of a figure returns Sources by label; `render` asks each for its `result`, a Dataset, and hands them to `draw`.
A FigureRun is the Source of one experiment. Anything else with the same four members serves as well: a phase map, the
verdict table, the optimizer x problem matrix.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import xarray as xr

from figures.kit.marks import Floats
from lab.bounds import bounds
from lab.discovery import get_claim
from lab.errors import require
from lab.experiment import Experiment
from lab.progress import Progress
from lab.results import dataset
from lab.simulate import summarise

SMALL_SEEDS = 64
SMALL_STEPS = 100
COUNT = re.compile(r"\{N(?::([^{}]*))?\}")  # in a caption: {N}, or {N:label}


class Source(Protocol):
    """What a figure may plot. Equal facts on equal code give an equal result."""

    def small(self) -> Source:
        """Return the same at a small size, for a quick look and for tests."""

    @property
    def size(self) -> int:
        """Return how much work it is, in seed-steps; at least 1. Used for progress alone."""

    def result(self, store: str | Path | None, progress: Progress | None) -> xr.Dataset:
        """Return the numbers, from the store where it holds them. progress: told (done, all) in one unit.

        A result over seeds says how many in `attrs["seeds"]`; one without that attribute has nothing to do with seeds.
        """

    def facts(self) -> dict[str, Any]:
        """Return what decides the numbers, as plain values of JSON: it goes to the figure's JSON.

        A figure is not drawn again while these facts, the code and the files are the same. A None under "hash" says
        that nobody knows, and has the figure drawn each time.
        """


@dataclass(frozen=True)
class FigureRun:
    """One experiment of a figure, on seeds 0..seeds-1."""

    experiment: Experiment
    seeds: int = 1

    def small(self) -> FigureRun:
        """Return the same with few seeds and few steps, of which at least one is recorded."""
        e = self.experiment
        steps = max(min(e.steps, SMALL_STEPS), next(t for t in e.record if t > 0))
        record = tuple(t for t in e.record if t <= steps)
        return FigureRun(replace(e, steps=record[-1], record=record), min(self.seeds, SMALL_SEEDS))

    @property
    def size(self) -> int:
        """Return the seed-steps of all configurations."""
        return self.seeds * self.experiment.steps * len(self.experiment.optimizers)

    def result(self, store: str | Path | None = None, progress: Progress | None = None) -> xr.Dataset:
        """Return the statistics over seeds, as `lab.simulate.simulate` has them."""
        made = summarise(self.experiment, self.seeds, store=store, progress=progress)
        return dataset(self.experiment, made.summary, None, None, made.attributes)

    def facts(self) -> dict[str, Any]:
        """Return the experiment's hash and description, and the seeds."""
        return {"hash": self.experiment.hash, "seeds": self.seeds, "spec": self.experiment.spec}


@dataclass(frozen=True)
class Series:
    """One configuration's statistics of one metric, from the first step on: what `draw` takes from a Dataset."""

    data: xr.Dataset
    metric: str
    config: int = 0
    steps: Floats = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "steps", self.data["step"].values[self._after_start].astype(np.float64))

    @property
    def _after_start(self) -> npt.NDArray[np.bool_]:
        after: npt.NDArray[np.bool_] = self.data["step"].values >= 1
        return after

    def stat(self, name: str) -> Floats:
        """Return "mean", "mean_lo", "mean_hi", "median", ... `(n,)`."""
        column = f"{self.metric}_{name}"
        require(column in self.data, "draw", "statistic", column, f"one of {sorted(map(str, self.data))}")
        return np.asarray(self.data[column].values[self.config][self._after_start], dtype=np.float64)

    def quantile(self, q: float) -> Floats:
        """Return the q-quantile over seeds, `(n,)`, for a q that the Dataset holds."""
        at = np.flatnonzero(np.isclose(self.data["quantile"].values, q))
        require(len(at) == 1, "draw", "quantile", q, f"one of {self.data['quantile'].values.tolist()}")
        column = self.data[f"{self.metric}_quantile"].values[self.config][self._after_start]
        return np.asarray(column[..., int(at[0])], dtype=np.float64)


def ends(
    results: Mapping[str, xr.Dataset], key: str, horizons: Iterable[int], metric: str, per: int = 1
) -> tuple[Floats, Floats]:
    """Return T `(n,)` and the mean with its interval after T horizons of `per` steps `(3, n)`.

    Each T has a run of its own, labelled "KEY, T"; of those, the ones done in full. Where nothing is random the
    interval is the mean.
    """
    rows = []
    for T in horizons:
        s = Series(results[f"{key}, {T}"], metric)
        if s.steps[-1] == per * T:
            rows.append((float(T), *(float(s.stat(name)[-1]) for name in ("mean", "mean_lo", "mean_hi"))))
    columns = np.array(rows).T
    return columns[0], columns[1:]


def seed_counts(results: Mapping[str, xr.Dataset]) -> dict[str, int]:
    """Return N by label, of those results that are over seeds."""
    return {label: int(data.attrs["seeds"]) for label, data in results.items() if "seeds" in data.attrs}


def seeds_of(results: Mapping[str, xr.Dataset]) -> int:
    """Return N, the seeds that every result has; LabError where they differ, since one {N} speaks of all."""
    counts = set(seed_counts(results).values())
    require(len(counts) == 1, "draw", "seeds", sorted(counts), "the same in every result of a figure")
    return counts.pop()


def caption(text: str, results: Mapping[str, xr.Dataset]) -> str:
    """Return a caption with its numbers of seeds put in.

    {N} is the N of all results over seeds; where these have several, {N:label} is that of one result, and the caption
    must say each number that occurs. A figure without seeds (bounds alone, runs in interval arithmetic) says no N.
    """
    counts, said = seed_counts(results), COUNT.findall(text)
    if not counts:
        require(not said, "draw", "CAPTION", text, "a text without {N}: no result is over seeds")
        return text
    require(bool(said), "draw", "CAPTION", text, "a text that says {N}")
    for label in filter(None, said):
        require(label in counts, "draw", "CAPTION", f"{{N:{label}}}", f"of one of {sorted(counts)}")
    shown = {counts[label] if label else seeds_of(results) for label in said}
    require(shown == set(counts.values()), "draw", "CAPTION", sorted(shown), f"every N: {sorted(set(counts.values()))}")
    return COUNT.sub(lambda m: f"{counts[m[1]] if m[1] else seeds_of(results):,}", text)


def bound_at(claim_id: str, steps: Floats, values: Mapping[str, Any]) -> Floats:
    """Return a claim's bound at the horizons `steps`, `(n,)`.

    values: numbers, or arrays `(n,)`, of the bound's symbols by name, and of any others; those the paper sets to 1 need
    none. LabError names a symbol without a value.
    """
    claim = get_claim(claim_id)
    units = {q.symbol.name: 1.0 for q in claim.symbols if q.unit_value}
    wanted = {symbol.name for symbol in claim.bound.free_symbols}
    out = np.empty(len(steps))
    for i, T in enumerate(steps):
        given = {k: float(v if np.ndim(v) == 0 else v[i]) for k, v in values.items() if k in wanted}
        out[i] = np.mean(bounds(claim.bound, units | given | {"T": float(T)}))
    return out


def average_bound(claim_id: str, steps: Floats, values: Mapping[str, Any]) -> Floats:
    """Return a claim's bound on the average regret: `bound_at`, divided by T where it bounds the regret itself."""
    metric = get_claim(claim_id).metric
    require(metric in ("regret", "avg_regret"), claim_id, "metric", metric, "'regret' or 'avg_regret'")
    return bound_at(claim_id, steps, values) / (steps if metric == "regret" else 1.0)
