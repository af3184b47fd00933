"""SGD makes heavy tails of Gaussian data: the tail index of its iterates against the step size."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr

from figures.kit.drawing import Axis, Curve, Drawing, Note, Panel, Points, caption
from figures.kit.laws import LawRun, law, survival, values
from lab.experiment import Experiment
from lab.optimizers.sgd import SGD
from lab.schedules import Constant
from lab.statistics import Sample, TailIndex, hill
from problems.gaussian_regression import GaussianRegression

CLAIMS = ()
CAPTION = (
    r"SGD on $\mathrm{E}\,(a x - b)^2/2$, $a$ and $b$ standard normal and drawn anew in each of 300 steps: $x "
    r"\leftarrow (1 - h a^2)\,x + h a b$. All data have light tails, the limit law of $x$ has not (Gürbüzbalaban, "
    r"Simsekli, Zhu, ICML 2021). Above: how often $\vert x\vert$ exceeds $y$, over N = {N} seeds. Below: the tail "
    r"index; grey: the root $s$ of $\mathrm{E}\,\vert 1 - h a^2\vert^s = 1$; markers: Hill’s estimate from the {K} "
    r"largest $\vert x\vert$ with its 99.9% interval (exact for a Pareto tail; ours is one in the limit only). From $h "
    r"= 2/3$ on the index is below 2, and the variance of $x$ infinite."
)

STEPS_OF_SGD = (0.4, 0.5, 0.6, 2 / 3, 0.8, 0.9, 1.0, 1.2)
SHOWN = (0.4, 2 / 3, 0.9)
STEPS, SEEDS, SHARE, LEVEL = 300, 131_072, 256, 1e-3
PROBLEM = GaussianRegression()


def runs() -> Mapping[str, LawRun]:
    """Return one run of SGD with every step."""
    experiment = Experiment(
        problem=PROBLEM,
        optimizers=tuple(SGD(lr=Constant(h)) for h in STEPS_OF_SGD),
        steps=STEPS,
        record=(0, 100, STEPS),
        metrics=("distance_sq",),
    )
    return {"SGD": LawRun(experiment, SEEDS)}


def draw(results: Mapping[str, xr.Dataset]) -> Drawing:
    """Return the tails of three steps over the tail index against the step."""
    samples = [law(results["SGD"], config) for config in range(len(STEPS_OF_SGD))]
    index = [index_of(sample) for sample in samples]
    title = "On Gaussian data SGD’s iterates have heavy tails, the heavier the longer its step"
    text = caption(CAPTION.replace("{K}", f"{largest(samples[0].n):,}"), results)
    return Drawing(title=title, caption=text, rows=((_tails(samples),), (_indices(index),)))


def largest(n: int) -> int:
    """Return how many of n seeds Hill's estimate looks at."""
    return max(4, n // SHARE)


def index_of(sample: Sample) -> TailIndex:
    """Return Hill's estimate for |x|, from the law of x^2."""
    return hill(np.sqrt(values(sample)), largest(sample.n), LEVEL)


def _tails(samples: list[Sample]) -> Panel:
    curves, notes = [], []
    for i, h in enumerate(SHOWN):
        sample = samples[STEPS_OF_SGD.index(h)]
        y = np.geomspace(0.3, float(np.sqrt(sample.hi[-1])), 100)
        share = survival(sample, y)
        kept = share >= 10 / sample.n
        curves.append(Curve(label=f"h = {h:.2g}", kind="run", name="sgd", x=y[kept], y=share[kept]))
        notes.append(Note(f"$h = {h:.2g}$", float(y[kept][-1]) * 1.15, float(share[kept][-1]) * 2.4**i, "sgd"))
    return Panel(
        title="Tails",
        x=Axis("$y$", (0.3, 3e3), log=True, ticks=(1, 10, 100, 1000)),
        y=Axis(r"P($\vert x\vert > y$)", (4e-5, 1), log=True, ticks=(0.0001, 0.001, 0.01, 0.1, 1)),
        marks=tuple(curves),
        notes=tuple(notes),
        height=1.7,
        headed=False,
    )


def _indices(index: list[TailIndex]) -> Panel:
    fine = np.linspace(STEPS_OF_SGD[0], STEPS_OF_SGD[-1], 60)
    exact = np.array([PROBLEM.index_of_iterates(float(h)) for h in fine])
    value = np.array([i.value for i in index])
    low, high = (np.array([getattr(i.limits, side) for i in index]) for side in ("low", "high"))
    return Panel(
        title="Tail index",
        x=Axis("step $h$", (0.36, 1.24), ticks=(0.4, 0.6, 0.8, 1.0, 1.2)),
        y=Axis("tail index", (0, 4.9), ticks=(0, 1, 2, 3, 4)),
        marks=(
            Curve(label="exact", kind="exact", name="", x=fine, y=exact, end="exact"),
            Points(label="Hill", kind="run", name="sgd", x=np.array(STEPS_OF_SGD), y=value, lo=low, hi=high),
        ),
        notes=(Note("infinite variance below 2", 1.2, 2.12, "", "right"),),
        height=1.6,
        headed=False,
    )
