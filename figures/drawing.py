"""What a figure is: a frozen description of panels, curves and bands, without a word about ink.

A figure file has `CLAIMS`, `CAPTION`, `runs()` and a pure `draw(results)`, which returns a `Drawing`. The look is in
`figures.style`; `figures.render` runs, draws and writes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import xarray as xr

from lab.bounds import bounds
from lab.discovery import get_claim
from lab.errors import require
from lab.experiment import Experiment

Kind = Literal["run", "upper", "lower", "exact"]
Floats = npt.NDArray[np.float64]

KINDS = ("run", "upper", "lower", "exact")
SMALL_SEEDS = 64
SMALL_STEPS = 100


@dataclass(frozen=True)
class FigureRun:
    """One experiment of a figure, on seeds 0..seeds-1."""

    experiment: Experiment
    seeds: int = 1

    def small(self) -> FigureRun:
        """Return the same with few seeds and few steps, for a quick look and for tests."""
        e = self.experiment
        steps = min(e.steps, SMALL_STEPS)
        record = tuple(t for t in e.record if t <= steps)
        return FigureRun(replace(e, steps=record[-1], record=record), min(self.seeds, SMALL_SEEDS))


@dataclass(frozen=True, kw_only=True, eq=False)
class Curve:
    """A line through (x, y), both `(n,)`.

    label: what it is, in plain words. name: the optimizer it speaks of, "" for none; the name alone decides colour,
    dash and marker. end: the text typeset at its right end, "" for none.
    """

    label: str
    kind: Kind
    name: str
    x: Floats
    y: Floats
    end: str = ""

    def __post_init__(self) -> None:
        _check_mark(self, ("x", "y"))


@dataclass(frozen=True, kw_only=True, eq=False)
class Band:
    """The region lo <= y <= hi over x, all `(n,)`; label, kind and name as for a Curve."""

    label: str
    kind: Kind
    name: str
    x: Floats
    lo: Floats
    hi: Floats

    def __post_init__(self) -> None:
        _check_mark(self, ("x", "lo", "hi"))
        require(bool((self.lo <= self.hi).all()), f"band {self.label!r}", "lo", self.lo.tolist(), "at most hi")


Mark = Curve | Band


def _check_mark(mark: Mark, arrays: tuple[str, ...]) -> None:
    """Check the words, and turn the arrays into read-only float64 of one shape."""
    require(bool(mark.label.strip()), "curve", "label", mark.label, "words")
    who = f"curve {mark.label!r}"
    require(mark.kind in KINDS, who, "kind", mark.kind, " or ".join(map(repr, KINDS)))
    for name in arrays:
        values = np.array(getattr(mark, name), dtype=np.float64)
        require(values.ndim == 1 and len(values) > 0, who, name, values.shape, "(n,), n >= 1")
        require(not np.isnan(values).any(), who, name, "NaN", "numbers")
        values.setflags(write=False)
        object.__setattr__(mark, name, values)
        require(values.shape == mark.x.shape, who, name, values.shape, f"as long as x, {mark.x.shape}")


@dataclass(frozen=True)
class Axis:
    """An axis: its label, its limits, and its scale. ticks: where it is numbered; None leaves that to the scale."""

    label: str
    limits: tuple[float, float]
    log: bool = False
    ticks: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        require(bool(self.label.strip()), "axis", "label", self.label, "words")
        low, high = self.limits
        require(low < high, f"axis {self.label!r}", "limits", self.limits, "increasing")
        require(low > 0 or not self.log, f"axis {self.label!r}", "limits", self.limits, "> 0 on a log scale")


@dataclass(frozen=True)
class Note:
    """Words at a point of a panel. name: the optimizer whose colour they take; align: the side at the point."""

    text: str
    x: float
    y: float
    name: str = ""
    align: Literal["left", "center", "right"] = "left"


@dataclass(frozen=True, kw_only=True, eq=False)
class Panel:
    """One pair of axes. title: plain words, also the panel's name in the CSV; height in inches."""

    title: str
    x: Axis
    y: Axis
    marks: tuple[Mark, ...]
    notes: tuple[Note, ...] = ()
    height: float = 2.0
    headed: bool = True  # the title is printed above the panel

    def __post_init__(self) -> None:
        require(len(self.marks) > 0, "panel", "marks", self.marks, "one or more")
        for mark in self.marks:
            heights = (mark.y,) if isinstance(mark, Curve) else (mark.lo, mark.hi)
            for axis, values in ((self.x, (mark.x,)), (self.y, heights)):
                lost = axis.log and min(float(v.min()) for v in values) <= 0
                require(not lost, f"curve {mark.label!r}", axis.label, "<= 0", "> 0 on a log scale")


@dataclass(frozen=True, kw_only=True, eq=False)
class Drawing:
    """A figure: rows of panels, the finding as its title, and the caption printed under it."""

    title: str
    caption: str
    rows: tuple[tuple[Panel, ...], ...]

    def __post_init__(self) -> None:
        require(bool(self.title.strip() and self.caption.strip()), "drawing", "title and caption", "", "words")
        require(
            len(self.rows) > 0 and len({len(row) for row in self.rows}) == 1, "drawing", "rows", self.rows, "a grid"
        )
        names = [panel.title for panel in self.panels]
        require(len(set(names)) == len(names), "drawing", "panel titles", names, "all different")

    @property
    def panels(self) -> tuple[Panel, ...]:
        """Return every panel, row by row."""
        return tuple(panel for row in self.rows for panel in row)

    def numbers(self) -> Iterator[tuple[str, str, str, float, float | None, float | None, float | None]]:
        """Yield every plotted number: (panel, label, kind, x, y, lo, hi), with None where a mark has no such value."""
        for panel in self.panels:
            for m in panel.marks:
                for i, x in enumerate(m.x):
                    if isinstance(m, Curve):
                        yield panel.title, m.label, m.kind, float(x), float(m.y[i]), None, None
                    else:
                        yield panel.title, m.label, m.kind, float(x), None, float(m.lo[i]), float(m.hi[i])


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


def seeds_of(results: Mapping[str, xr.Dataset]) -> int:
    """Return N, the seeds that every result has; LabError where they differ, since one caption speaks of all."""
    counts = {int(data.attrs["seeds"]) for data in results.values()}
    require(len(counts) == 1, "draw", "seeds", sorted(counts), "the same in every result of a figure")
    return counts.pop()


def caption(text: str, results: Mapping[str, xr.Dataset]) -> str:
    """Return a caption with its {N} replaced by the number of seeds that was run."""
    require("{N}" in text, "draw", "CAPTION", text, "a text that says {N}")
    return text.replace("{N}", f"{seeds_of(results):,}")


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
