"""Where clipped and normalised SGD come to rest on skewed noise: not at the optimum, whatever the step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from figures.kit.drawing import Axis, Curve, Drawing, FigureRun, Floats, Mark, Panel, Points, Series, bound_at, caption
from lab.experiment import Experiment
from lab.optimizer import Optimizer
from lab.optimizers.gclip import GClip
from lab.optimizers.normalized import NGD
from lab.problem import Problem
from lab.schedules import Constant
from problems.heavy_tails import ClipBias, NormalizationFloor

CLAIMS = (
    "koloskova2023.bias_fixed_point",
    "koloskova2023.bias_ub",
    "huebler2025.nsgd_minibatch_floor",
)
CAPTION = (
    r"On $x^2/2$, whose optimum is 0: the mean iterate over N = {N} seeds with its 99.9% interval (normal "
    r"approximation; mostly smaller than the marker). Left: SGD clipped at $c$, steps 0.1 (empty) and 0.02, after 200 "
    r"and 1000 steps; two-point noise of variance 1, $1/s$ with probability $s^2/(1 + s^2)$, else $-s$, $s = 1/(2c)$. "
    r"Grey: the point $s - c s^2$ where the mean clipped gradient is 0. Dashed, ticks on the forbidden side: the "
    r"gradient at rest is at most $1/(2c)$ under any noise of this variance (after Koloskova, Hendrikx, Stich, ICML "
    r"2023; the constants are the lab’s). Right: normalised SGD, step 0.02, 400 steps, with batches of $B$ from a "
    r"two-point law with $\mathrm{E}\,\vert\xi\vert^{3/2} = 1$; grey: its floor; dashed: a lower bound of it, of order "
    r"$B^{-1/3}$ (after Huebler et al., AISTATS 2025)."
)

THRESHOLDS = (0.6, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0)
CLIP_STEPS = {0.1: 200, 0.02: 1000}
BATCHES = (1, 2, 5, 10, 20, 40)
ORDER, NGD_STEP, NGD_STEPS, SEEDS = 1.5, 0.02, 400, 4096


def shape(c: float) -> float:
    """Return the s at which the bias s - c s^2 is largest; at most 1."""
    return min(1 / (2 * c), 1.0)


def runs() -> Mapping[str, FigureRun]:
    """Return clipped SGD for each threshold and step, and normalised SGD for each batch."""
    made = {}
    for c in THRESHOLDS:
        for lr, steps in CLIP_STEPS.items():
            made[f"c = {c}, step {lr}"] = _run(ClipBias(s=shape(c)), GClip(lr=Constant(lr), max_norm=c), steps)
    for batch in BATCHES:
        problem = NormalizationFloor(p=ORDER, batch=batch)
        made[f"B = {batch}"] = _run(problem, NGD(lr=Constant(NGD_STEP)), NGD_STEPS)
    return made


def _run(problem: Problem, method: Optimizer[Any], steps: int) -> FigureRun:
    record = tuple(sorted({0, 100, steps}))
    shared: dict[str, Any] = dict(steps=steps, record=record, metrics=("iterate",))
    return FigureRun(Experiment(problem=problem, optimizers=(method,), **shared), SEEDS)


def draw(results: Mapping[str, xr.Dataset]) -> Drawing:
    """Return the bias of clipping beside the floor of normalisation."""
    title = "Under skewed noise clipped and normalised SGD come to rest away from the optimum"
    panels = (_clipping(results), _normalisation(results))
    return Drawing(title=title, caption=caption(CAPTION, results), rows=(panels,))


def last(results: Mapping[str, xr.Dataset], labels: Sequence[str]) -> tuple[Floats, Floats, Floats]:
    """Return the mean of the last iterate of several runs, with its interval."""
    series = [Series(results[label], "iterate") for label in labels]
    mean, lo, hi = (np.array([s.stat(name)[-1] for s in series]) for name in ("mean", "mean_lo", "mean_hi"))
    return mean, lo, hi


def _clipping(results: Mapping[str, xr.Dataset]) -> Panel:
    c = np.array(THRESHOLDS)
    marks: list[Mark] = []
    for lr in CLIP_STEPS:
        mean, lo, hi = last(results, [f"c = {t}, step {lr}" for t in THRESHOLDS])
        says, hollow = f"clipped SGD, step {lr}", lr == max(CLIP_STEPS)
        marks.append(Points(label=says, kind="run", name="gclip", x=c, y=mean, lo=lo, hi=hi, hollow=hollow))
    fine = np.geomspace(c[0], c[-1], 60)
    s = np.array([shape(t) for t in fine.tolist()])
    exact, ceiling = (bound_at(claim, fine, {"sigma": 1.0, "c": fine, "s": s}) for claim in CLAIMS[:2])
    walls = (
        Curve(label="exact point of rest", kind="exact", name="", x=fine, y=exact, end="exact"),
        Curve(label="ceiling", kind="upper", name="gclip", x=fine, y=ceiling, end="ceiling"),
    )
    return Panel(
        title="Clipped SGD",
        x=Axis("threshold $c$", (0.45, 5.6), log=True, ticks=(0.5, 1, 2, 5)),
        y=Axis("mean iterate", (0.02, 1.4), log=True, ticks=(0.03, 0.1, 0.3, 1)),
        marks=(*walls, *marks),
        height=2.0,
    )


def _normalisation(results: Mapping[str, xr.Dataset]) -> Panel:
    mean, lo, hi = last(results, [f"B = {b}" for b in BATCHES])
    batch = np.array(BATCHES, dtype=np.float64)
    exact = np.array([NormalizationFloor(p=ORDER, batch=b).floor() for b in BATCHES])
    floor = bound_at(CLAIMS[2], batch, {"B": batch, "sigma": 1.0, "p": ORDER})
    return Panel(
        title="Normalised SGD",
        x=Axis("batch $B$", (0.85, 48), log=True, ticks=(1, 10)),
        y=Axis("mean iterate", (0.02, 1.4), log=True, ticks=(0.03, 0.1, 0.3, 1)),
        marks=(
            Curve(label="exact floor", kind="exact", name="", x=batch, y=exact, end="exact"),
            Curve(label="lower bound", kind="lower", name="", x=batch, y=floor, end="bound"),
            Points(label="normalised SGD", kind="run", name="ngd", x=batch, y=mean, lo=lo, hi=hi),
        ),
        height=2.0,
    )
