"""What the figures of heavy tails share: the hard family of the strongly convex lower bound, and a law's moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import xarray as xr
from scipy import integrate, special

from figures.kit.drawing import FigureRun, Floats, Series
from lab.experiment import Experiment
from lab.optimizer import Optimizer
from lab.optimizers.adagrad_norm import AdaGradNorm
from lab.optimizers.adam import Adam
from lab.optimizers.gclip_growing import GClipGrowing
from lab.optimizers.normalized import NSGDM
from lab.optimizers.sgd import SGD
from lab.schedules import Constant, Inverse
from lab.statistics import Limits, log_weights, slope_from_limits
from problems.rare_spikes import HeavyMean

EARLY = 100  # recorded beside the horizon, so that a run cut short has something to show
METHODS: Mapping[str, Callable[[float], Optimizer[Any]]] = {
    "SGD": lambda alpha: SGD(lr=Inverse(1.0)),
    "clipped": lambda alpha: GClipGrowing(lr=Inverse(4.0, shift=1.0), G=1.0, alpha=alpha),
    "NSGD": lambda alpha: NSGDM(lr=Inverse(2.0, shift=1.0)),
    "AdaGrad": lambda alpha: AdaGradNorm(lr=Constant(0.25), b0=0.0),
    "Adam": lambda alpha: Adam(lr=Inverse(2.0, shift=10.0)),
}
LOOKS = {"SGD": "sgd", "clipped": "gclip_growing", "NSGD": "nsgd_m", "AdaGrad": "adagrad_norm", "Adam": "adam"}


@dataclass(frozen=True)
class Worst:
    """The larger expected error of the two problems, its mean and interval `(horizons,)`, and the horizons."""

    k: Floats
    mean: Floats
    lo: Floats
    hi: Floats

    def over(self, rate: Floats) -> Worst:
        """Return all of it divided by a rate."""
        return Worst(self.k, self.mean / rate, self.lo / rate, self.hi / rate)

    def slope(self) -> tuple[float, float, float]:
        """Return the least-squares slope in logarithms, and limits that hold while all intervals of the means do."""
        limits = slope_from_limits(self.k, Limits(self.lo, self.hi, "means, at once", 0.99))
        return float(log_weights(self.k) @ np.log(self.mean)), limits.low, limits.high


def pairs(
    alphas: tuple[float, ...], horizons: tuple[int, ...], methods: tuple[str, ...], seeds: int
) -> Iterator[tuple[str, FigureRun]]:
    """Yield the run of all methods on each problem, under the name "alpha, k, shifted"."""
    for alpha, k, shifted in product(alphas, horizons, (False, True)):
        experiment = Experiment(
            problem=HeavyMean(alpha=alpha, k=k, shifted=shifted),
            optimizers=tuple(METHODS[m](alpha) for m in methods),
            steps=k,
            record=tuple(sorted({0, EARLY, k})),
            metrics=("suboptimality",),
        )
        yield f"{alpha}, {k}, {shifted}", FigureRun(experiment, seeds)


def worst(results: Mapping[str, xr.Dataset], alpha: float, horizons: tuple[int, ...], config: int) -> Worst:
    """Return a method's larger error at each horizon."""
    found = []
    for k in horizons:
        both = [Series(results[f"{alpha}, {k}, {shifted}"], "suboptimality", config) for shifted in (False, True)]
        found.append([max(s.stat(name)[-1] for s in both) for name in ("mean", "mean_lo", "mean_hi")])
    mean, lo, hi = np.array(found).T
    return Worst(np.array(horizons, dtype=np.float64), mean, lo, hi)


def least(all_of_them: Sequence[Worst]) -> Worst:
    """Return the least error of several methods at each horizon."""
    mean, lo, hi = (np.min([getattr(w, name) for w in all_of_them], axis=0) for name in ("mean", "lo", "hi"))
    return Worst(all_of_them[0].k, mean, lo, hi)


def tail(alpha: float) -> float:
    """Return the noise's tail index: above alpha, so that the moment of order alpha is finite; above 2 at 2."""
    return alpha + 0.1 if alpha < 2 else 2.5


def moment_bound(alpha: float) -> float:
    """Return G = max over x in [-1, 1] of (E |x + noise|^alpha)^(1/alpha), reached at an end as it is convex in x."""
    return float(max(_moment(alpha, tail(alpha), x) for x in (-1.0, 1.0)) ** (1 / alpha))


def _moment(alpha: float, a: float, x: float) -> float:
    """Return E |x + Y - E Y|^alpha, Y of density a y^(-a-1) on [1, inf); c = E Y - x > 0.

    Above c it is, with v = c/y, a c^(alpha-a) times the incomplete beta integral of v^(a-alpha-1) (1-v)^alpha.
    """
    c = a / (a - 1) - x
    p, q = a - alpha, alpha + 1
    above = a * c ** (alpha - a) * special.beta(p, q) * special.betainc(p, q, min(c, 1.0))
    below = integrate.quad(lambda y: (c - y) ** alpha * a * y ** (-a - 1), 1.0, c)[0] if c > 1 else 0.0
    return float(above + below)
