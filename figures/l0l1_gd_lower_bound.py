"""Steps to a small gradient on (L0, L1)-smooth functions, over the largest gradient M: fixed steps against clipping."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from figures.kit.drawing import Axis, Curve, Drawing, FigureRun, Floats, Panel, bound_at, caption
from lab.experiment import Experiment
from lab.optimizer import Optimizer
from lab.optimizers.gclip import GClip
from lab.optimizers.sgd import SGD
from lab.problem import Problem
from lab.schedules import Constant
from problems.clipping_hard import ExtremalL0L1, ZhangPlateau

CLAIMS = ("zhang2019clip.thm4_gd_lower", "zhang2019clip.thm3_cgd_upper", "zhang2019clip.thm6_gd_upper")
CAPTION = (
    r"Steps until $\Vert\nabla f\Vert \leq \varepsilon = 0.3$, the worse of two functions with $L_0 = L_1 = 1$, "
    r"gradients up to $M$ and $f(x_0) - \inf f \leq \Delta = M - \log(1 + M)$: the extremal one, $f'' = L_0 + L_1 "
    r"\vert f'\vert$, and a plateau of slope $2\varepsilon$. Gradient descent: the best of 16 fixed steps for each $M$ "
    r"(a step that does not arrive counts as infinitely many). Clipped: $1/(10 L_0)$, no step longer than $1/(10 "
    r"L_1)$, for every $M$. Dashed, ticks on the forbidden side: the floor of every fixed step, of order $M\Delta/\log "
    r"M$, and the ceilings of the step $1/(2(M L_1 + L_0))$ and of clipping, of order $\Delta$ (after Zhang, He, Sra, "
    r"Jadbabaie, ICLR 2020, Theorems 4, 6 and 3; constants of the lab). Nothing is random: N = {N} run each, without "
    r"interval; steps are read on a grid 2% wide."
)

L0, L1, EPS = 1.0, 1.0, 0.3
SLOPES = (10.0, 30.0, 100.0, 300.0)
FIXED_STEPS = 16
GRID = 1.02


class WholeRun(FigureRun):
    """A run that is small already: no part of it says when a gradient becomes small."""

    def small(self) -> WholeRun:
        """Return itself."""
        return self


def gap(M: float) -> float:
    """Return Delta, the height of the start of the extremal function."""
    return (M - L0 / L1 * math.log1p(M * L1 / L0)) / L1


def fixed_steps(M: float) -> list[float]:
    """Return steps from a quarter of the largest that the extremal function survives to just above it."""
    last = ExtremalL0L1(L0=L0, L1=L1, M=M).largest_step()
    return [float(h) for h in np.geomspace(0.25 * last, 1.01 * last, FIXED_STEPS)]


def runs() -> Mapping[str, WholeRun]:
    """Return for each M both functions, each with every fixed step and with clipping."""
    made = {}
    for M in SLOPES:
        clipped = GClip(lr=Constant(1 / (10 * L0)), max_norm=L0 / L1)
        fixed: tuple[Optimizer[Any], ...] = tuple(SGD(lr=Constant(h)) for h in fixed_steps(M))
        units = {"L0": L0, "L1": L1, "M": M, "Delta": gap(M), "eps": EPS}
        floor, ceiling = (float(bound_at(claim, np.ones(1), units)[0]) for claim in CLAIMS[:2])
        most = math.ceil(max(4 * floor, ceiling))  # enough for clipping, and for the best fixed step
        problems: Mapping[str, Problem] = {
            "extremal": ExtremalL0L1(L0=L0, L1=L1, M=M),
            "plateau": ZhangPlateau(eps=EPS, Delta=gap(M)),
        }
        for label, problem in problems.items():
            shared: dict[str, Any] = dict(steps=most, record=grid(most), metrics=("grad_norm_sq",))
            made[f"{label}, {M:g}"] = WholeRun(Experiment(problem=problem, optimizers=(*fixed, clipped), **shared))
    return made


def grid(most: int) -> tuple[int, ...]:
    """Return 0, 1, 2, ... in steps of 1, later of 2%, up to `most`."""
    steps = {0, most, *range(51)}
    steps |= {round(50 * GRID**k) for k in range(int(math.log(most / 50) / math.log(GRID)) + 1)}
    return tuple(sorted(t for t in steps if t <= most))


def draw(results: Mapping[str, xr.Dataset]) -> Drawing:
    """Return the numbers of steps over M."""
    M = np.array(SLOPES)
    units = {"L0": L0, "L1": L1, "M": M, "Delta": np.array([gap(m) for m in SLOPES]), "eps": EPS}
    floor, clipped, fixed = (bound_at(claim, np.ones(len(M)), units) for claim in CLAIMS)
    best, clip = steps_needed(results)
    panel = Panel(
        title="Steps",
        x=Axis("largest gradient $M$", (9, 340), log=True, ticks=(10, 30, 100, 300)),
        y=Axis("number of steps", (30, 6e6), log=True, ticks=(100, 1000, 10_000)),
        marks=(
            Curve(label="ceiling of a fixed step", kind="upper", name="sgd", x=M, y=fixed, end="GD’s ceiling"),
            Curve(label="ceiling of clipping", kind="upper", name="gclip", x=M, y=clipped, end="clipped GD’s ceiling"),
            Curve(label="floor of fixed steps", kind="lower", name="sgd", x=M, y=floor, end="GD’s floor"),
            Curve(label="best fixed step", kind="run", name="sgd", x=M, y=best, end="best GD"),
            Curve(label="clipped GD", kind="run", name="gclip", x=M, y=clip, end="clipped GD"),
        ),
        height=2.6,
        headed=False,
    )
    title = "As the largest gradient grows, gradient descent with a fixed step falls behind clipping"
    return Drawing(title=title, caption=caption(CAPTION, results), rows=((panel,),))


def steps_needed(results: Mapping[str, xr.Dataset]) -> tuple[Floats, Floats]:
    """Return the steps of the best fixed step and of clipping on the worse of both functions, each `(slopes,)`."""
    both = []
    for M in SLOPES:
        worse = np.maximum(*(hits(results[f"{label}, {M:g}"]) for label in ("extremal", "plateau")))
        both.append((worse[:-1].min(), worse[-1]))
    best, clip = np.array(both).T
    return best, clip


def hits(data: xr.Dataset) -> Floats:
    """Return for each configuration the first recorded step with a gradient of eps or less; the last + 1 for none."""
    steps = data["step"].values.astype(np.float64)
    there = data["grad_norm_sq_median"].values <= EPS**2
    first = steps[there.argmax(axis=1)]
    return np.asarray(np.where(there.any(axis=1), first, steps[-1] + 1))
