"""A phase map: what becomes of a method over two parameters, refined where it changes, beside what theory says."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from lab.errors import require
from lab.optimizer import Optimizer
from lab.phase import kept
from lab.phase.axis import Axis, Floats
from lab.phase.batch import Point, Setting, run
from lab.phase.measures import Measure, Reading
from lab.phase.table import dataset
from lab.phase.tiles import Tiles, at_a_change, coarse, joined, split
from lab.problem import Problem
from lab.progress import Progress
from lab.rng import split_key

Ints = npt.NDArray[np.int64]

BATCH_BYTES = 1 << 26  # of the records of one batch
BATCH_SEED_STEPS = 1 << 30  # about two seconds: what Ctrl-C can lose
MOST_CELLS = 250_000  # of the finest grid


@dataclass(frozen=True)
class Theory:
    """Which class is predicted where.

    says, source: in words, and where it is from. predicts: (x, y) to indices into the measure's classes, UNDECIDED
    where nothing is said; arrays of one shape.
    """

    says: str
    source: str
    predicts: Callable[[Floats, Floats], Ints]


@dataclass(frozen=True, kw_only=True)
class PhaseMap:
    """Cells over x and y, each classed by `measure` at its centre (the middle of its logarithms on a log axis).

    problem, optimizer: what runs, but for the parameters on the axes. steps, seeds, key: as in a run; a problem
    without randomness takes one seed, or `starts`, points from which each cell is run. grid: the coarse cells along x
    and y, of which those that touch another class are quartered, `depth` times at most. It is a figure's Source.
    """

    problem: Problem
    optimizer: Optimizer[Any]
    x: Axis
    y: Axis
    measure: Measure
    steps: int
    seeds: int = 1
    key: int = 0
    starts: tuple[tuple[float, ...], ...] = ()
    grid: tuple[int, int] = (16, 16)
    depth: int = 3
    theory: Theory | None = None

    def __post_init__(self) -> None:
        for field, value, least in (("steps", self.steps, 1), ("seeds", self.seeds, 1), ("depth", self.depth, 0)):
            good = isinstance(value, int) and not isinstance(value, bool) and value >= least
            require(good, "phase map", field, value, f"an integer >= {least}")
        require(len(self.grid) == 2 and min(self.grid) >= 1, "phase map", "grid", self.grid, "two integers >= 1")
        finest = self.grid[0] * self.grid[1] * 4**self.depth
        require(finest <= MOST_CELLS, "phase map", "grid, depth", finest, f"at most {MOST_CELLS} finest cells")
        require(not (self.random and self.starts), "phase map", "starts", len(self.starts), "none: seeds are random")
        split_key(self.key)
        apart = self.point(0.25, 0.5) != self.point(0.75, 0.5)
        require(apart, "phase map", "y", self.y.name, "another parameter than x sets")
        kept.experiment(self.point(0.5, 0.5), self.setting)  # a metric that does not apply, a start outside, ...

    @property
    def random(self) -> bool:
        """Return whether several seeds are a sample; one seed, or a problem without draws, is all that there is."""
        return self.seeds > 1

    @property
    def setting(self) -> Setting:
        """Return how each cell is run."""
        return Setting(
            steps=self.steps,
            record=self.measure.record(self.steps),
            metrics=self.measure.metrics,
            seeds=self.seeds,
            key=self.key,
            starts=self.starts,
        )

    def point(self, x: float, y: float, factor: float = 1.0) -> Point:
        """Return what runs at a place of the unit square, y's value times a factor."""
        across, up = float(self.x.at(np.array(x))), factor * float(self.y.at(np.array(y)))
        return Point(*self.y.apply(up, *self.x.apply(across, self.problem, self.optimizer)))

    def small(self) -> PhaseMap:
        """Return the same on a coarse grid, with few seeds and steps."""
        steps = max(self.steps // 16, min(self.steps, 400))
        return replace(self, grid=(6, 6), depth=1, steps=steps, seeds=min(self.seeds, 32), starts=self.starts[:8])

    @property
    def size(self) -> int:
        """Return about how many seed-steps it takes: the coarse cells, and those along one boundary."""
        edge = 3 * max(self.grid) * (2 << self.depth)
        return (self.grid[0] * self.grid[1] + edge) * self._cost

    @property
    def _cost(self) -> int:
        """Return the seed-steps of one cell."""
        return self.steps * self.setting.trajectories * len(self.measure.probes)

    def facts(self) -> dict[str, Any]:
        """Return what decides the map, as plain values of JSON."""
        centre = kept.experiment(self.point(0.5, 0.5), self.setting)
        found: dict[str, Any] = {
            "spec": centre.spec, "x": self.x.spec, "y": self.y.spec, "measure": self.measure.spec(),
            "seeds": self.seeds, "starts": [list(s) for s in self.starts], "grid": list(self.grid),
            "depth": self.depth, "theory": None if self.theory is None else self.theory.source,
        }  # fmt: skip
        known = centre.hash is not None
        text = json.dumps(found | {"sources": centre.sources}, sort_keys=True)
        return found | {"hash": hashlib.sha256(text.encode()).hexdigest()[:24] if known else None}

    def result(self, store: str | Path | None = None, progress: Progress | None = None) -> xr.Dataset:
        """Return the map's cells; see `dataset`. store: where each batch is kept at once, and looked up.

        progress: told (done, about how many) seed-steps. Raises LabError where a cell cannot be built.
        """
        root = None if store is None else Path(store)
        tell = _Tell(progress, self.size)
        tiles = coarse(*self.grid)
        reading, engines = _measured(self, tiles, root, tell)
        while (which := at_a_change(tiles, reading.code, self.depth) & (tiles.level < self.depth)).any():
            stays, quarters = split(tiles, which)
            new, more = _measured(self, quarters, root, tell)
            columns = ("code", "value", "low", "high")
            reading = Reading(*(np.concatenate([getattr(reading, k)[~which], getattr(new, k)]) for k in columns))
            tiles, engines = joined(stays, quarters), engines | more
        tell.end()
        return dataset(self, tiles, reading, "+".join(sorted(engines)))


class _Tell:
    """Progress whose whole is not known: shares of an estimate, and all of it at the end."""

    def __init__(self, progress: Progress | None, size: int) -> None:
        self._progress, self._size, self._done = progress, size, 0

    def __call__(self, done: int) -> None:
        self._done += done
        if self._progress is not None:
            self._progress(min(self._done, self._size - 1), self._size)

    def end(self) -> None:
        if self._progress is not None:
            self._progress(self._size, self._size)


def _measured(phases: PhaseMap, tiles: Tiles, root: Path | None, tell: _Tell) -> tuple[Reading, set[str]]:
    """Measure cells, batch after batch, each kept as soon as it is done."""
    x0, x1, y0, y1 = tiles.corners()
    centres = list(zip((x0 + x1) / 2, (y0 + y1) / 2, strict=True))
    measure, setting = phases.measure, phases.setting
    readings, engines = [], set()
    for some in _cut(centres, phases):
        points = [phases.point(x, y, factor) for x, y in some for factor in measure.probes]
        file = None if root is None else kept.place(root, points, setting, measure)
        found = kept.load(file)
        if found is None:
            values, alive, engine = run(points, setting, tell)
            shape = (len(some), len(measure.probes))
            values = {k: v.reshape(*shape, *v.shape[1:]) for k, v in values.items()}
            found = measure.read(values, alive.reshape(*shape, *alive.shape[1:]), phases.random), engine
            if file is not None:
                kept.save(file, *found)
        else:
            tell(len(some) * phases._cost)
        readings.append(found[0])
        engines.add(found[1])
    columns = ("code", "value", "low", "high")
    return Reading(*(np.concatenate([getattr(r, k) for r in readings]) for k in columns)), engines


def _cut(centres: Sequence[tuple[float, float]], phases: PhaseMap) -> Iterator[Sequence[tuple[float, float]]]:
    setting = phases.setting
    numbers = len(setting.record) * setting.trajectories * len(phases.measure.probes) * phases.problem.dim
    cells = max(1, min(BATCH_BYTES // (8 * numbers), BATCH_SEED_STEPS // phases._cost))
    for first in range(0, len(centres), cells):
        yield centres[first : first + cells]
