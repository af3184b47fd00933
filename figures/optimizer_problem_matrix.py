"""What becomes of twelve methods on eleven problems, each at its best step size: one cell a pair."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from figures.kit.drawing import Axis, Category, Cells, Drawing, Panel, caption
from figures.kit.style import FILLS
from lab.matrix import matrix
from lab.matrix.compare import verdicts
from lab.progress import Progress

CLAIMS = ()  # a survey; no theorem says what must come out
CAPTION = (
    r"Each cell: N = {N} seeds (one where nothing is random) of {steps} steps at each of {sizes} step sizes, spaced "
    r"equally in log over a range that depends on the problem alone; shown is the step size that does best. A seed has "
    r"reached the optimum when its gap has fallen to {tolerance} of the start’s. The verdict is the outcome that more "
    r"than half of all seeds surely have, by Clopper–Pearson intervals that hold together for the whole table "
    r"at {confidence}; undecided where no outcome does. Methods and problems are ordered by how often a cell says "
    r"reached. For the whole catalogue: ratelab matrix."
)

OPTIMIZERS = (
    "sgd", "momentum", "nesterov", "gclip", "signsgd", "adagrad", "rmsprop", "adam", "amsgrad", "adamw", "adopt",
    "fastadabelief",
)  # fmt: skip
PROBLEMS = (
    "noisy_quadratic", "rosenbrock", "logistic_regression", "reddi_cycle", "reddi_stochastic", "zhang_n_function",
    "student_t_quadratic", "karimireddy_skewed", "karimireddy_nonsmooth", "toint_staircase", "cosh",
)  # fmt: skip
CATEGORIES = (  # the words of `lab.cards.outcomes`
    Category("reached", FILLS["good"]),
    Category("stalled", FILLS["fair"]),
    Category("undecided", FILLS["undecided"]),
    Category("wrong point", FILLS["wrong"], "o"),
    Category("diverged", FILLS["bad"], "x"),
    Category("does not apply", "#ffffff"),
)


@dataclass(frozen=True)
class MatrixRun:
    """A part of the optimizer x problem matrix as a figure's source; it shares its pairs with `ratelab matrix`."""

    optimizers: tuple[str, ...]
    problems: tuple[str, ...]
    seeds: int = 1_000
    steps: int = 2_000
    step_sizes: int = 5

    def small(self) -> MatrixRun:
        """Return the same of few methods, problems, seeds and steps."""
        return replace(self, optimizers=self.optimizers[:3], problems=self.problems[:2], seeds=32, steps=256)

    @property
    def size(self) -> int:
        """Return the seed-steps of all pairs."""
        return len(self.optimizers) * len(self.problems) * self.seeds * self.steps * self.step_sizes

    def facts(self) -> dict[str, Any]:
        """Return what is run; the pairs' own code is part of the lab."""
        return asdict(self)

    def result(self, store: str | Path | None = None, progress: Progress | None = None) -> xr.Dataset:
        """Return the table of `lab.matrix.matrix`. KeyboardInterrupt where it was stopped; finished pairs are kept."""
        size = self.size
        tell = None if progress is None else lambda _, share: progress(round(share * size), size)
        kept = None if store is None else Path(store) / "matrix"
        table = matrix(**asdict(self), store=kept, progress=tell)
        if table.attrs["unfinished"] != "[]":
            raise KeyboardInterrupt
        return table


def runs() -> Mapping[str, MatrixRun]:
    """Return the matrix."""
    return {"matrix": MatrixRun(OPTIMIZERS, PROBLEMS)}


def draw(results: Mapping[str, xr.Dataset]) -> Drawing:
    """Return one panel of cells, methods downwards and problems across."""
    table = results["matrix"]
    seen = verdicts(table)
    names = [category.name for category in CATEGORIES]
    codes = np.array([[names.index(str(v) or "does not apply") for v in row] for row in seen.verdict])[::-1]
    rows, columns = codes.shape
    present = {int(code) for code in codes.ravel()}
    kept = tuple(c for i, c in enumerate(CATEGORIES) if i in present)
    values = np.array([[kept.index(CATEGORIES[code]) for code in row] for row in codes])
    edges: dict[str, Any] = {"x_edges": np.arange(columns + 1.0), "y_edges": np.arange(rows + 1.0)}
    cells = Cells.grid(label="verdict at the best step size", values=values, scale=kept, edged=True, **edges)
    problems = tuple(name.replace("_", " ") for name in seen.problems)
    panel = Panel(
        title="Verdicts",
        x=Axis("problem", (0, columns), ticks=tuple(np.arange(columns) + 0.5), words=problems),
        y=Axis("optimizer", (0, rows), ticks=tuple(np.arange(rows) + 0.5), words=seen.optimizers[::-1]),
        marks=(cells,),
        height=0.19 * rows,
        headed=False,
    )
    everywhere = (seen.verdict == CATEGORIES[0].name).all(axis=1).any()
    title = f"{'Some methods reach' if everywhere else 'No method reaches'} the optimum of every problem"
    return Drawing(title=title, caption=_filled(table, results), rows=((panel,),))


def _filled(table: xr.Dataset, results: Mapping[str, xr.Dataset]) -> str:
    """Return the caption with the table's numbers put in."""
    sizes = int(table.groupby(["optimizer", "problem"]).count()["seeds"].max())
    text = CAPTION.replace("{steps}", f"{table.attrs['steps']:,}").replace("{sizes}", str(sizes))
    text = text.replace("{tolerance}", f"{table.attrs['tolerance']:g}")
    return caption(text.replace("{confidence}", f"{table.attrs['confidence']:.0%}"), results)
