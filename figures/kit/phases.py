"""What the figures of phase maps share: cells as a mark, boundaries of theory as curves, and Adam's drift law."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import sympy as sp
import xarray as xr

from figures.kit.drawing import Category, Cells, Floats
from figures.kit.style import FILLS
from proofs_check.claims.drift import ADAM_DRIFT_LAW

DRIFT_LAW = ADAM_DRIFT_LAW.id
TOWARDS, AWAY = "towards the optimum", "away from it"
DRIFTS = (Category(TOWARDS, FILLS["good"]), Category(AWAY, FILLS["wrong"]), Category("undecided", FILLS["undecided"]))
BISECTIONS = 60  # of an interval: to its last bit


def cells(data: xr.Dataset, scale: tuple[Category, ...], label: str = "measured") -> Cells:
    """Return a map's cells, those that disagree with theory flagged. scale: a Category for each class, undecided last.

    The Dataset is that of `lab.phase.PhaseMap.result`, its classes named as the categories are.
    """
    names = [category.name for category in scale]
    values = np.array([names.index(phase) for phase in data["phase"].values.tolist()], dtype=np.float64)
    corners: dict[str, Any] = {name: data[name].values for name in ("x0", "x1", "y0", "y1")}
    flags = data["disagrees"].values
    told: dict[str, Any] = {"flags": flags, "flagged": "disagrees with theory"} if flags.any() else {}
    return Cells(label=label, values=values, scale=scale, **corners, **told)


def root(f: Callable[[Floats], Floats], low: Floats, high: Floats, bisections: int = BISECTIONS) -> Floats:
    """Return where f, elementwise and increasing through 0 between low and high `(n,)`, is 0; NaN where it is not."""
    outside = (f(low) > 0) | (f(high) < 0)
    for _ in range(bisections):
        middle = 0.5 * (low + high)
        below = f(middle) < 0
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return np.where(outside, np.nan, 0.5 * (low + high))


@functools.cache
def _law() -> tuple[tuple[sp.Symbol, ...], sp.Expr]:
    """Return the symbols (C, low, beta1, beta2, n, T, alpha) and the bound of the claim `lab.adam_drift_law`."""
    by_name = {symbol.name: symbol for symbol in ADAM_DRIFT_LAW.bound.free_symbols}
    return tuple(by_name[name] for name in ("C", "low", "beta1", "beta2", "n", "T", "alpha")), ADAM_DRIFT_LAW.bound


@functools.cache
def _period(n: int) -> Callable[..., Any]:
    symbols, bound = _law()
    *free, period, T, alpha = symbols
    one = bound.subs({T: n, period: n, alpha: 1}).doit()
    function: Callable[..., Any] = sp.lambdify(free, one, modules="numpy", cse=True)
    return function


def adam_drift(n: int, values: Mapping[str, npt.ArrayLike]) -> Floats:
    """Return what Adam with step size 1 moves in one settled period of n, by the claim `lab.adam_drift_law`.

    values: C, low, beta1 and beta2, of shapes that broadcast. The claim asks for beta1 < sqrt(beta2); its steps, the
    cycles of m and v, hold for all betas in (0, 1).
    """
    given = [np.asarray(values[name], dtype=np.float64) for name in ("C", "low", "beta1", "beta2")]
    return np.asarray(_period(n)(*given), dtype=np.float64)
