"""Three problems on which signSGD fails whatever its steps, and on which its error-feedback form converges as SGD."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from figures.kit.drawing import Axis, Band, Curve, Drawing, FigureRun, Floats, Mark, Panel, Series, bound_at, caption
from lab.experiment import Experiment, record_steps
from lab.optimizer import Optimizer
from lab.optimizers.efsignsgd import EFSignSGD
from lab.optimizers.sgd import SGD
from lab.optimizers.signsgd import SignSGD
from lab.problem import Problem
from lab.schedules import Constant, InvSqrt, Schedule
from problems.karimireddy import NonsmoothLine, SkewedSigns, SmoothLine

CLAIMS = ("karimireddy2019.ce1", "karimireddy2019.ce1_wall", "karimireddy2019.ce2", "karimireddy2019.ce3")
CAPTION = (
    r"$f - f^{\ast}$ on the three counterexamples of Karimireddy, Rebjock, Stich, Jaggi, ICML 2019; the three "
    r"methods have the same steps. Above: $f = x/4$ on $[-1, 1]$, slope 4 with probability 1/4, else $-1$, step "
    r"{a}; means over N = {N} seeds with their 99.9% intervals (normal approximation). Pale: the law of signSGD "
    r"until it meets the wall, and where it then stays; there error feedback is SGD itself. Middle: $|x_1 + x_2|/2 "
    r"+ |x_1 - x_2|$, steps {b}$\,t^{-1/2}$, nothing random; the best value so far, no less than $2 \cdot 10^{-4}$ "
    r"being shown. Below: least squares with two rows, $\epsilon = 1/2$, step {c}, one row drawn a step: median and "
    r"5% to 95% quantiles of the same seeds. On the last two signSGD cannot leave the line $x_1 + x_2 = 2$, where "
    r"$f - f^{\ast}$ is at least $2\epsilon$ and $8\epsilon^2$ (dashed)."
)

STEPS, SEEDS, EPS = 1000, 10_000, 0.5
SKEWED = SkewedSigns()
CASES: Mapping[str, tuple[Problem, Schedule]] = {
    "skewed slopes": (SKEWED, Constant(0.01)),
    "nonsmooth": (NonsmoothLine(eps=EPS), InvSqrt(0.25)),
    "least squares": (SmoothLine(eps=EPS), Constant(0.003)),
}
TIME = Axis("step $T$", (1, 1.1 * STEPS), log=True, ticks=(1, 10, 100, 1000))


def methods(lr: Schedule) -> Mapping[str, Optimizer[Any]]:
    """Return the three methods with the same steps."""
    return {"signSGD": SignSGD(lr=lr), "EF-signSGD": EFSignSGD(lr=lr), "SGD": SGD(lr=lr)}


def runs() -> Mapping[str, FigureRun]:
    """Return a run for each problem and method."""
    shared: dict[str, Any] = dict(
        steps=STEPS, record=record_steps("log", STEPS), metrics=("suboptimality", "best_suboptimality")
    )
    return {
        f"{case}, {label}": FigureRun(Experiment(problem=problem, optimizers=(method,), **shared), SEEDS)
        for case, (problem, lr) in CASES.items()
        for label, method in methods(lr).items()
    }


def draw(results: Mapping[str, xr.Dataset]) -> Drawing:
    """Return one panel a counterexample, on a common time axis."""
    rows = (
        (_skewed(results),),
        (_on_a_line(results, "nonsmooth", 1e-4),),
        (_on_a_line(results, "least squares", 1e-6),),
    )
    rates = zip("abc", (lr.lr for _, lr in CASES.values()), strict=True)  # type: ignore[attr-defined]
    text = CAPTION
    for letter, lr in rates:
        text = text.replace(f"{{{letter}}}", f"{lr:g}")
    title = "The sign alone loses its way; fed back, its error brings it home"
    return Drawing(title=title, caption=caption(text, results), rows=rows)


def _skewed(results: Mapping[str, xr.Dataset]) -> Panel:
    marks: list[Mark] = list(_laws(Series(results["skewed slopes, signSGD"], "suboptimality").steps))
    for label, method in methods(CASES["skewed slopes"][1]).items():
        s = Series(results[f"skewed slopes, {label}"], "suboptimality")
        lo, hi = s.stat("mean_lo"), s.stat("mean_hi")
        marks.append(Band(label=f"{label}, 99.9% interval", kind="run", name=method.name, x=s.steps, lo=lo, hi=hi))
        marks.append(Curve(label=label, kind="run", name=method.name, x=s.steps, y=s.stat("mean"), end=label))
    gap = Axis(r"$\mathrm{E}\,f - f^{\ast}$", (0, 0.55), ticks=(0, 0.25, 0.5))
    return Panel(title="1. Skewed slopes", x=TIME, y=gap, marks=tuple(marks), height=1.15)


def _laws(T: Floats) -> tuple[Curve, Curve]:
    """Return signSGD’s climb from the middle of the box, and the level at which it stays."""
    known = skewed_symbols()
    c = SKEWED.p * SKEWED.high + (1 - SKEWED.p) * SKEWED.low
    climb = c * known["r"] + bound_at(CLAIMS[0], T, known)
    level = bound_at(CLAIMS[1], T, known)
    before = climb < 0.8 * level  # no wall is met by then, but with a tiny probability
    return (
        Curve(label="climb of signSGD", kind="exact", name="", x=T[before], y=climb[before]),
        Curve(label="where signSGD stays", kind="exact", name="", x=T, y=level),
    )


def skewed_symbols() -> Mapping[str, float]:
    """Return the symbols of the first counterexample’s claims."""
    lr = float(CASES["skewed slopes"][1].lr)  # type: ignore[attr-defined]
    return {"A": SKEWED.high, "B": -SKEWED.low, "p": SKEWED.p, "gamma": lr, "r": 1.0}


def _on_a_line(results: Mapping[str, xr.Dataset], case: str, least: float) -> Panel:
    claim, number = (CLAIMS[2], 2) if case == "nonsmooth" else (CLAIMS[3], 3)
    metric, shown = ("best_suboptimality", "best") if case == "nonsmooth" else ("suboptimality", "")
    T = Series(results[f"{case}, signSGD"], metric).steps
    floor = bound_at(claim, T, {"epsilon": EPS, "r": 1.0}) * (1 - 1e-12)  # which signSGD attains, up to rounding
    marks: list[Mark] = [Curve(label="floor of signSGD", kind="lower", name="signsgd", x=T, y=floor)]
    for label, method in methods(CASES[case][1]).items():
        s = Series(results[f"{case}, {label}"], metric)
        lo, mid, hi = (np.maximum(q, 2 * least) for q in (s.quantile(0.05), s.stat("median"), s.quantile(0.95)))
        marks.append(Band(label=f"{label}, 5% to 95%", kind="run", name=method.name, x=s.steps, lo=lo, hi=hi))
        marks.append(Curve(label=label, kind="run", name=method.name, x=s.steps, y=mid, end=label))
    gap = Axis(rf"{shown} $f(x_T) - f^{{\ast}}$".strip(), (least, 15.0), log=True)
    return Panel(title=f"{number}. {case.capitalize()}", x=TIME, y=gap, marks=tuple(marks), height=1.15)
