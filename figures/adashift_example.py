"""AdaShift on cyclic losses: it escapes where Adam fails, except where its shift is a multiple of the period."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from figures.kit.drawing import (
    Axis,
    Curve,
    Drawing,
    Feasible,
    FigureRun,
    Floats,
    Note,
    Panel,
    Points,
    Series,
    bound_at,
    caption,
)
from lab.experiment import Experiment, record_steps
from lab.optimizer import Optimizer
from lab.optimizers.adam import Adam
from lab.optimizers.adashift import AdaShift
from lab.optimizers.amsgrad import AMSGrad
from lab.schedules import Constant, InvSqrt
from problems.online import AdaShiftSequential

CLAIMS = ("zhou2019.adashift_inphase", "lab.adam_drift_law")
CAPTION = (
    r"Above: slopes 101 in the first of 101 rounds, else $-1$, on $[-1, 1]$ from $x_1 = 0$, with steps $t^{-1/2}$, "
    r"$\beta = (0.9, 0.99)$ and the shift $n = 10$ (the sequential example of Zhou et al., ICLR 2019); after whole "
    r"periods. Below: what a period moves $x$, in steps, on slopes 10 and $-1$ of period 10 without a box, $\beta = "
    r"(0, 0.9)$, as a function of the shift $n$; $n = 0$ is Adam. Dots: runs, N = {N} each, without interval because "
    r"nothing is random; grey: exact, from the settled cycle of $v$. Where $n$ is a multiple of 10 the large square "
    r"meets its own gradient again: shaded is what claim zhou2019.adashift_inphase proves of the climb. The paper’s "
    r"own claim is on independent gradients."
)

LARGE = AdaShiftSequential()
SMALL = AdaShiftSequential(C=10.0, period=10, projected=False)
METHODS: Mapping[str, Optimizer[Any]] = {
    "Adam": Adam(lr=InvSqrt(1.0), betas=(0.9, 0.99), eps=0.0, debias=False),
    "AMSGrad": AMSGrad(lr=InvSqrt(1.0), betas=(0.9, 0.99)),
    "AdaShift": AdaShift(lr=InvSqrt(1.0), betas=(0.9, 0.99), keep_num=10),
}
BETA2, SHIFTS = 0.9, (1, 5, 8, 10)
PERIODS, PER_DECADE = 10_000, 16
SETTLED = (50, 100, 2_000, 4_000)  # the last two are used: whole periods, and v has forgotten its start


def runs() -> Mapping[str, FigureRun]:
    """Return one run a method on the published example, and one a shift on the short period."""
    steps = LARGE.period * PERIODS
    ends = {LARGE.period * round(10 ** (k / PER_DECADE)) for k in range(4 * PER_DECADE)}
    record = record_steps(sorted({10} | ends), steps)
    shared: dict[str, Any] = dict(metrics=("iterate",), steps=steps, record=record, problem=LARGE)
    found = {k: FigureRun(Experiment(optimizers=(m,), **shared)) for k, m in METHODS.items()}
    shared |= dict(problem=SMALL, steps=SETTLED[-1], record=record_steps(SETTLED, SETTLED[-1]))
    shifted: dict[int, Optimizer[Any]] = {0: Adam(lr=Constant(1.0), betas=(0.0, BETA2), eps=0.0, debias=False)}
    shifted |= {n: AdaShift(lr=Constant(1.0), betas=(0.0, BETA2), keep_num=n) for n in SHIFTS}
    return found | {f"n = {n}": FigureRun(Experiment(optimizers=(m,), **shared)) for n, m in shifted.items()}


def draw(results: Mapping[str, xr.Dataset]) -> Drawing:
    """Return the iterates on the published example over the move of a period as a function of the shift."""
    title = "AdaShift goes the right way, unless its shift is in phase"
    return Drawing(title=title, caption=caption(CAPTION, results), rows=((_iterates(results),), (_moves(results),)))


def _iterates(results: Mapping[str, xr.Dataset]) -> Panel:
    found = {label: Series(results[label], "iterate") for label in METHODS}
    marks = [
        Curve(label=label, kind="run", name=METHODS[label].name, x=s.steps, y=s.stat("mean"), end=label)
        for label, s in found.items()
    ]
    time = Axis("step $t$", (90, 1.1 * LARGE.period * PERIODS), log=True)
    place = Axis("$x_t$", (-1.1, 1.1), ticks=(-1, -0.5, 0, 0.5, 1))
    return Panel(title="Iterate", x=time, y=place, marks=tuple(marks), height=1.6, headed=False)


def _moves(results: Mapping[str, xr.Dataset]) -> Panel:
    n = np.array([0, *SHIFTS], dtype=float)
    every = np.arange(n[-1] + 2)
    moved = np.array([move(results[f"n = {k:g}"]) for k in n])
    period = float(SMALL.period)
    climb, wide = bound_at(CLAIMS[0], np.full(2, period), {"alpha": 1.0}), period + np.array([-0.35, 0.35])
    proved = "proved where the shift is a period"
    return Panel(
        title="Move of a period",
        x=Axis("shift, $n$", (-0.7, 12.7), ticks=(0, 1, 5, 8, 10)),
        y=Axis("move of a period", (-1.4, 0.9), ticks=(-1, -0.5, 0, 0.5)),
        marks=(
            Feasible(label=proved, kind="lower", name="adashift", x=wide, lo=climb, hi=np.full(2, 0.9)),
            Curve(label="exact", kind="exact", name="", x=every, y=exact_move(every)),
            Points(label="Adam", kind="run", name="adam", x=n[:1], y=moved[:1]),
            Points(label="AdaShift", kind="run", name="adashift", x=n[1:], y=moved[1:]),
        ),
        notes=(
            Note("Adam", 0.5, 0.55, "adam"),
            Note("uphill", 2, 0.25),
            Note("downhill", 2, -0.25),
            Note("AdaShift", 1.5, -1.15, "adashift"),
        ),
        height=1.6,
        headed=False,
    )


def move(data: xr.Dataset) -> float:
    """Return how far a period moves x between the last two recorded steps, which whole periods part."""
    s = Series(data, "iterate")
    x = s.stat("mean")
    return float((x[-1] - x[-2]) * SMALL.period / (s.steps[-1] - s.steps[-2]))


def exact_move(n: Floats) -> Floats:
    """Return the same for shifts n, `(n,)`, once v is periodic: -sum_i g_i / sqrt(v_{i-n}), beta1 = 0, lr = 1.

    v_i is the settled second moment after the slope of phase i, as in claim lab.adam_drift_law: its case is n = 0.
    """
    phase = np.arange(SMALL.period)
    high, low = SMALL.slopes()
    g = np.where(phase == 0, high, low)
    v = low**2 + (high**2 - low**2) * (1 - BETA2) * BETA2**phase / (1 - BETA2**SMALL.period)
    seen = (phase - n[:, None].astype(int)) % SMALL.period
    return np.asarray(-(g / np.sqrt(v[seen])).sum(-1))
