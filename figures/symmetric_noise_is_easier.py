"""Clipped SGD under a symmetric and under a skewed law of the same tail: 1/t against the rate of heavy tails."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr
from scipy import integrate, optimize

from figures.kit.drawing import Axis, Band, Curve, Drawing, FigureRun, Floats, Mark, Panel, Series, caption
from lab.domain import Box
from lab.experiment import Experiment, record_steps
from lab.noise import CentredPareto, Pareto
from lab.optimizer import Optimizer
from lab.optimizers.gclip import GClip
from lab.optimizers.gclip_growing import GClipGrowing
from lab.problem import Problem
from lab.schedules import Inverse
from lab.wrappers import Restrict
from problems.quadratic import HeavyTailedQuadratic, SkewedParetoQuadratic

CLAIMS = ()
CAPTION = (
    r"$\mathrm{E}\,x_t^2$ on $x^2/2$, $x \in [-4, 4]$, from $x_0 = 1$ under Pareto noise of tail index 1.5 and scale "
    r"1/2, two-sided or centred one-sided. Mean over N = {N} seeds with its 99.9% interval (normal approximation; the "
    r"domain bounds $x^2$). Symmetric: SGD with steps $2/t$ clipped at 1; grey: the limit $4V/((4h - 1)\,t)$, $V = "
    r"\mathrm{E}\,\min(\xi^2, 1)$ and $h = \mathrm{P}(\vert\xi\vert < 1)$ (stochastic approximation; for clipping "
    r"after Puchkin et al., AISTATS 2024). Skewed: the same method stays at the point where the mean clipped gradient "
    r"is 0 (grey); with steps $4/(t+1)$, the threshold $3\,t^{1/1.4}$ and a weighted average it converges, at the slow "
    r"rate of heavy tails only."
)

TAIL, SCALE, STEP, CLIP = 1.5, 0.5, 2.0, 1.0
STEPS, SEEDS = 10_000, 8192
FIXED, GROWING = GClip(lr=Inverse(STEP), max_norm=CLIP), GClipGrowing(lr=Inverse(4.0, shift=1.0), G=3.0, alpha=1.4)


def runs() -> Mapping[str, FigureRun]:
    """Return the fixed threshold on both laws, and the growing one on the skewed law."""
    symmetric = HeavyTailedQuadratic(spectrum=(1.0,), tail=TAIL, scale=SCALE)
    skewed = SkewedParetoQuadratic(tail=TAIL, scale=SCALE)
    plan: Mapping[str, tuple[Problem, Optimizer[Any]]] = {
        "symmetric": (symmetric, FIXED),
        "skewed": (skewed, FIXED),
        "growing": (skewed, GROWING),
    }
    shared: dict[str, Any] = dict(steps=STEPS, record=record_steps("log", STEPS), metrics=("distance_sq",))
    return {
        label: FigureRun(
            Experiment(problem=Restrict(inner=inner, within=Box(-4.0, 4.0)), optimizers=(method,), **shared), SEEDS
        )
        for label, (inner, method) in plan.items()
    }


def draw(results: Mapping[str, xr.Dataset]) -> Drawing:
    """Return the mean squares of all three."""
    t = Series(results["symmetric"], "distance_sq").steps
    late = t >= 30
    rest = np.full(int(late.sum()), point_of_rest() ** 2)
    marks: tuple[Mark, ...] = (
        Curve(label="limit, symmetric", kind="exact", name="", x=t[late], y=limit(t[late])),
        Curve(label="rest, skewed", kind="exact", name="", x=t[late], y=rest),
        *_marks(results, "symmetric", "gclip", "symmetric"),
        *_marks(results, "skewed", "cclip", "skewed"),
        *_marks(results, "growing", "gclip_growing", "skewed, growing clip"),
    )
    panel = Panel(
        title="Mean squares",
        x=Axis("step $t$", (1, 1.1e4), log=True, ticks=(1, 10, 100, 1000, 10_000)),
        y=Axis(r"$\mathrm{E}\,x_t^2$", (5e-5, 20), log=True, ticks=(0.0001, 0.001, 0.01, 0.1, 1, 10)),
        marks=marks,
        height=2.6,
        headed=False,
    )
    title = "With the same tail symmetric noise is easier: clipped SGD reaches 1/t, and stalls where it is skewed"
    return Drawing(title=title, caption=caption(CAPTION, results), rows=((panel,),))


def _marks(results: Mapping[str, xr.Dataset], label: str, name: str, end: str) -> tuple[Mark, ...]:
    s = Series(results[label], "distance_sq")
    mean, lo, hi = (s.stat(column) for column in ("mean", "mean_lo", "mean_hi"))
    lo = np.maximum(lo, 1e-9)  # the axis is logarithmic
    return (
        Band(label=f"{end}, interval", kind="run", name=name, x=s.steps, lo=lo, hi=hi),
        Curve(label=end, kind="run", name=name, x=s.steps, y=mean, end=end),
    )


def limit(t: Floats) -> Floats:
    """Return c^2 V / ((2 c h - 1) t), `(n,)`: E x_t^2 of steps c / t on the clipped field, whose slope at 0 is h.

    H. Robbins, S. Monro, 1951; K. Chung, Ann. Math. Stat. 25 (1954). It needs 2 c h > 1.
    """
    law = Pareto(tail=TAIL, scale=SCALE)
    beyond = float(law.beyond(np.array([CLIP]))[0])
    within = TAIL * SCALE**TAIL * (CLIP ** (2 - TAIL) - SCALE ** (2 - TAIL)) / (2 - TAIL)
    return np.asarray(STEP**2 * (within + CLIP**2 * beyond) / ((2 * STEP * (1 - beyond) - 1) * t))


def point_of_rest() -> float:
    """Return the x at which E clip(x + noise, 1) = 0 under the skewed law."""
    law = CentredPareto(tail=TAIL, scale=SCALE)
    return float(optimize.brentq(lambda x: mean_clipped(law, x), -4.0, 4.0))


def mean_clipped(law: CentredPareto, x: float) -> float:
    """Return E clip(x + noise, 1) = 1 - the integral of P(x + noise <= y) over y in [-1, 1]."""
    first = min(max(x + law.scale - law.shift, -CLIP), CLIP)
    below = integrate.quad(lambda y: float(law.cdf(np.array(y - x))), first, CLIP)[0]
    return float(CLIP - below)
