"""Whole laws over seeds as a figure's source: what quantiles, survival functions and tail indices are drawn from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import xarray as xr

from figures.kit.marks import Floats
from figures.kit.sources import FigureRun
from lab.progress import Progress
from lab.simulate import summarise
from lab.statistics import Sample


@dataclass(frozen=True)
class LawRun(FigureRun):
    """One experiment with one metric, whose result is the metric's law over seeds at every recorded step.

    The result has the stored histogram's cells, 0.4% wide or narrower, with the exact least and greatest value of each.
    """

    def small(self) -> LawRun:
        """Return the same with few seeds and few steps."""
        made = super().small()
        return LawRun(made.experiment, made.seeds)

    def result(self, store: str | Path | None = None, progress: Progress | None = None) -> xr.Dataset:
        """Return the cells: row, count, lo and hi over `cell`; a row is a configuration and a step, steps fastest."""
        made = summarise(self.experiment, self.seeds, store=store, progress=progress)
        (metric,) = made.summary.metrics.values()
        cells, e = metric.cells, self.experiment
        columns = {name: ("cell", getattr(cells, name)) for name in ("row", "count", "lo", "hi")}
        coords = {"step": list(e.record), "config": range(len(e.optimizers))}
        return xr.Dataset(columns, coords=coords, attrs=made.attributes)


def law(data: xr.Dataset, config: int = 0, step: int = -1) -> Sample:
    """Return the law over seeds of a configuration at a recorded step, counted as a list's index is."""
    steps = data.sizes["step"]
    row = config * steps + range(steps)[step]
    here = data["row"].values == row
    return Sample(data["lo"].values[here], data["hi"].values[here], data["count"].values[here])


def survival(sample: Sample, y: Floats) -> Floats:
    """Return the share of seeds with |x| > y, `(n,)`, from the law of x^2; a cell is counted where its middle is."""
    middle = np.sqrt((sample.lo + sample.hi) / 2)
    return np.array([sample.count[middle > at].sum() / sample.n for at in y.tolist()])


def values(sample: Sample) -> npt.NDArray[np.float64]:
    """Return a value for each seed, those of one cell spread evenly over it: `(n,)`, in an order that means nothing.

    Only for what does not look at the order: it is not that of the seeds, which a histogram forgets.
    """
    parts = zip(sample.lo.tolist(), sample.hi.tolist(), sample.count.tolist(), strict=True)
    ascending = np.concatenate([np.linspace(lo, hi, n) for lo, hi, n in parts])
    return np.random.default_rng(0).permutation(ascending)
