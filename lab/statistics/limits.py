"""An interval with its method and confidence, and how one level is shared among many statements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lab.errors import require

FloatArray = NDArray[np.float64]
T = TypeVar("T", float, FloatArray)


@dataclass(frozen=True)
class Limits(Generic[T]):
    """The truth lies in the closed interval [low, high], in the units of Y, except with probability 1 - confidence.

    Infinite limits say that nothing is known on that side. `method` is what a caption prints.
    """

    low: T
    high: T
    method: str
    confidence: float


def check_delta(delta: float, what: str = "limits", field: str = "delta") -> None:
    """Raise LabError unless `delta` is a probability strictly between 0 and 1."""
    require(0 < delta < 1, what, field, delta, "a number in (0, 1)")


def bonferroni(delta: float, m: int) -> float:
    """Return the level at which each of m statements is wrong, so that any of them is with probability <= delta.

    The statements may depend on each other in any way (Boole's inequality).
    """
    check_delta(delta, "bonferroni")
    require(m >= 1, "bonferroni", "m", m, "a number of statements >= 1")
    return delta / m


def holm(p_values: ArrayLike, delta: float) -> NDArray[np.bool_]:
    """Return which of the hypotheses `(m,)` are rejected, any of them wrongly with probability <= delta.

    The i-th smallest p-value is compared with delta / (m - i + 1) until the first that exceeds it. Valid under any
    dependence; rejects all that Bonferroni rejects (Holm 1979, Scand. J. Statist. 6, section 3).
    """
    check_delta(delta, "holm")
    p = np.asarray(p_values, dtype=np.float64)
    require(p.ndim == 1 and bool(np.all((p >= 0) & (p <= 1))), "holm", "p_values", p_values, "numbers in [0, 1]")
    order = np.argsort(p, kind="stable")
    passed = p[order] <= delta / np.arange(p.size, 0, -1)
    rejected = np.zeros(p.size, dtype=np.bool_)
    rejected[order] = np.logical_and.accumulate(passed)
    return rejected


def looks(delta: float, j: int) -> float:
    """Return delta / (j (j + 1)), the level of the j-th look (j = 1, 2, ...) while seeds are added until decided.

    The levels of all looks sum to delta, so that the first decision is wrong with probability <= delta, at whatever
    look it falls.
    """
    check_delta(delta, "looks")
    require(j >= 1, "looks", "j", j, "a look 1, 2, ...")
    return delta / (j * (j + 1))
