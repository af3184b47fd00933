"""Least squares on one-hot data: the heavy ball gains a factor of two over SGD, Nesterov's form the root of kappa."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr
from scipy import optimize

from figures.kit.drawing import (
    Axis,
    Band,
    Curve,
    Drawing,
    FigureRun,
    Floats,
    Mark,
    Note,
    Panel,
    Series,
    bound_at,
    caption,
)
from lab.experiment import Experiment
from lab.optimizer import Optimizer
from lab.optimizers.momentum import Momentum
from lab.optimizers.nesterov import Nesterov
from lab.optimizers.sgd import SGD
from lab.schedules import Constant
from problems.one_hot import OneHot

CLAIMS = ("kidambi2018.sgd_one_hot", "kidambi2018.momentum_no_gain")
CAPTION = (
    r"Least squares in the plane on one-hot data: each step shows one of two coordinates, of curvatures 1 and "
    r"$1/\kappa$, with probability 1/2, and no noise at the solution (after Kidambi, Netrapalli, Jain, Kakade, ICLR "
    r"2018); start $(1, 1)$. Above: $\mathrm{E}\,\Vert x_T\Vert^2$ at $\kappa = 1000$, mean over N = {N} seeds with "
    r"its 99.9% interval (normal approximation), each method with its best momentum and half of its best step: then "
    r"fourth moments fall as well, at the best step those under momentum grow; grey: the second moments, exactly. "
    r"Dashed: floors of SGD, $(1 - 2/\kappa)^T$, and of the stable heavy ball with $1 - \beta \geq 8/\kappa$, $(1 - "
    r"4/\kappa)^{2T}$ (proofs: the lab’s). Below: $(1 - \rho)\,\kappa$, where $\rho$ is the second moments’ spectral "
    r"radius with the best step and momentum, exactly. It tends to 2 for SGD and to 4 for the heavy ball, which "
    r"without sampling has the order $\kappa^{1/2}$; so has, with sampling, Nesterov’s form, whose gradient is taken "
    r"at the extrapolated point."
)

KAPPA, STEPS, SEEDS, SHOWN = 1000.0, 2000, 16_384, 1e-7
KAPPAS = tuple(float(k) for k in np.geomspace(30, 10_000, 12))
ENDS = {"SGD": "sgd", "heavy ball": "momentum", "Nesterov": "nesterov"}
Matrix = npt.NDArray[np.float64]


def moments(method: str, kappa: float, h: float, beta: float) -> tuple[Matrix, ...]:
    """Return each coordinate's matrix of E (x^2, x y, y^2), y the point before; Nesterov's x is not the point held."""
    return OneHot(curvatures=(1.0, 1 / kappa)).second_moments(h, beta, nesterov=method == "Nesterov")


def radius(method: str, kappa: float, h: float, beta: float) -> float:
    """Return rho, the factor by which E ||x||^2 falls a step in the long run; "mean" is the heavy ball unsampled."""
    if method == "mean":
        pair = (np.array([[1 + beta - h * c / 2, -beta], [1.0, 0.0]]) for c in (1.0, 1 / kappa))
        return max(_spectral(m) for m in pair) ** 2
    return max(_spectral(m) for m in moments(method, kappa, h, beta))


def _spectral(m: Matrix) -> float:
    return float(np.abs(np.linalg.eigvals(m)).max())


@cache
def best(method: str, kappa: float) -> tuple[float, float, float]:
    """Return the least rho with its step h and momentum: a search over h for each momentum of a grid, then both."""
    if method == "SGD":
        return _best_step(method, kappa, 0.0)
    rests = [float(rest) for rest in np.geomspace(1.0, 0.3 / math.sqrt(kappa), 24)]
    coarse = min(range(len(rests)), key=lambda i: _best_step(method, kappa, 1 - rests[i])[0])
    low, high = (rests[min(max(coarse + i, 0), len(rests) - 1)] for i in (1, -1))
    found = optimize.minimize_scalar(
        lambda log_rest: _best_step(method, kappa, 1 - math.exp(log_rest))[0],
        bounds=(math.log(low), math.log(high)), method="bounded", options={"xatol": 1e-4},
    )  # fmt: skip
    return _best_step(method, kappa, 1 - math.exp(float(found.x)))


def _best_step(method: str, kappa: float, beta: float) -> tuple[float, float, float]:
    highest = 4 * (1 + beta) if method == "mean" else 2.0
    lowest = min(1.0, 1 - beta) / 20
    found = optimize.minimize_scalar(
        lambda log_h: radius(method, kappa, math.exp(log_h), beta),
        bounds=(math.log(lowest), math.log(highest)), method="bounded", options={"xatol": 1e-6},
    )  # fmt: skip
    return float(found.fun), math.exp(float(found.x)), beta


def setting(method: str) -> tuple[float, float]:
    """Return the step and the momentum of the runs."""
    _, h, beta = best(method, KAPPA)
    return h / 2, beta


def tuned(method: str) -> Optimizer[Any]:
    """Return the method as it is run."""
    h, beta = setting(method)
    lr = Constant(h)
    if method == "SGD":
        return SGD(lr=lr)
    return Momentum(lr=lr, momentum=beta) if method == "heavy ball" else Nesterov(lr=lr, momentum=beta)


def runs() -> Mapping[str, FigureRun]:
    """Return the three methods on the same samples."""
    record = (0, 1, *range(20, STEPS + 1, 20))
    shared: dict[str, Any] = dict(
        problem=OneHot(curvatures=(1.0, 1 / KAPPA)), steps=STEPS, record=record, metrics=("distance_sq",)
    )
    return {m: FigureRun(Experiment(optimizers=(tuned(m),), **shared), SEEDS) for m in ENDS}


def draw(results: Mapping[str, xr.Dataset]) -> Drawing:
    """Return the runs over T, and the gains over kappa."""
    title = "On one-hot data the heavy ball gains a factor of 2, Nesterov’s form √κ"
    return Drawing(title=title, caption=caption(CAPTION, results), rows=((_paths(results),), (_gains(),)))


def _paths(results: Mapping[str, xr.Dataset]) -> Panel:
    marks: list[Mark] = []
    for method, name in ENDS.items():
        s = Series(results[method], "distance_sq")
        law = exact(method, s.steps)
        shown = law > SHOWN
        T, (mean, lo, hi) = s.steps[shown], (s.stat(k)[shown] for k in ("mean", "mean_lo", "mean_hi"))
        end = "" if method == "Nesterov" else method
        marks.append(Curve(label=f"{method}, exactly", kind="exact", name="", x=T, y=law[shown]))
        marks.append(Band(label=f"{method}, interval", kind="run", name=name, x=T, lo=np.maximum(lo, SHOWN), hi=hi))
        marks.append(Curve(label=method, kind="run", name=name, x=T, y=mean, end=end))
    T = Series(results["SGD"], "distance_sq").steps
    for claim, method in zip(CLAIMS, ("SGD", "heavy ball"), strict=True):
        y = bound_at(claim, T, {"kappa": KAPPA})
        end = f"floor, {method}"
        marks.append(Curve(label=f"floor of {method}", kind="lower", name=ENDS[method], x=T, y=y, end=end))
    time = Axis("number of steps, $T$", (0, 1.02 * STEPS))
    square = Axis(r"$\mathrm{E}\,\Vert x_T\Vert^2$", (SHOWN, 4), log=True)
    note = Note("Nesterov", 780, 8e-6, name="nesterov", align="right")
    return Panel(title="κ = 1000", x=time, y=square, marks=tuple(marks), notes=(note,), height=1.95, headed=False)


def exact(method: str, T: Floats) -> Floats:
    """Return E ||x_T||^2, `(n,)`, from the second moments: both coordinates start at 1, as does the point before.

    Nesterov's form holds z = (1 + beta) x - beta y, so that its square is a combination of the three moments.
    """
    h, beta = setting(method)
    read = (
        np.array([(1 + beta) ** 2, -2 * beta * (1 + beta), beta**2]) if method == "Nesterov" else np.array([1.0, 0, 0])
    )
    found = np.zeros(int(T[-1]) + 1)
    for M in moments(method, KAPPA, h, beta):
        state = np.ones(3)
        for t in range(len(found)):
            found[t] += read @ state
            state = M @ state
    return np.asarray(found[T.astype(int)])


def _gains() -> Panel:
    kappa = np.array(KAPPAS)
    ends = {"mean": ("heavy ball, unsampled", "brown"), "Nesterov": ("Nesterov", "nesterov")}
    ends |= {"heavy ball": ("heavy ball", "momentum"), "SGD": ("SGD", "sgd")}
    marks = [
        Curve(label=label, kind="run", name=name, x=kappa, y=gains(method), end=label)
        for method, (label, name) in ends.items()
    ]
    x = Axis(r"condition number, $\kappa$", (28, 11_000), log=True, ticks=(100, 1000, 10_000))
    y = Axis(r"$(1 - \rho)\,\kappa$", (1, 600), log=True, ticks=(1, 2, 4, 10, 100))
    return Panel(title="Gains over κ", x=x, y=y, marks=tuple(marks), height=1.45, headed=False)


def gains(method: str) -> Floats:
    """Return (1 - rho) kappa at the best step and momentum for each of KAPPAS."""
    return np.array([(1 - best(method, kappa)[0]) * kappa for kappa in KAPPAS])
