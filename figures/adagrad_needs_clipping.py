"""One large gradient at the start, as rare as its size asks: AdaGrad remembers it, clipped AdaGrad does not see it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from figures.kit.drawing import Axis, Band, Curve, Drawing, Floats, Mark, Note, Panel, caption
from figures.kit.laws import LawRun, law
from lab.experiment import Experiment, record_steps
from lab.optimizer import Optimizer
from lab.optimizers.adagrad import AdaGrad
from lab.schedules import Constant
from lab.statistics import clopper_pearson, exceedances
from lab.transforms import ClipNorm
from problems.adaptive_traps import FirstSpike

CLAIMS = ()
CAPTION = (
    r"The probability that $\vert x_t\vert > 1$ on the Huber function of slope 1 from $x_0 = 4$, without noise but for "
    r"the first step, whose gradient is off by $\pm\delta^{-1/2}$ with probability $\delta$: its variance is 1. "
    r"AdaGrad with step 1/2, and the same with gradients clipped at 1. N = {N} seeds; bands: 99.9% Clopper-Pearson "
    r"interval at each step. Grey: the $(\delta^{-1/2} - 1)(3/0.5 - 1)$ steps that AdaGrad needs at least after a "
    r"spike, so that its curve is at $\delta$ there or above (derived here; of the kind of Chezhegov et al., arXiv "
    r"2406.04443)."
)

SHARES = (0.1, 0.01, 0.001)
STEP, STEPS, SEEDS, LEVEL = 0.5, 1_000, 65_536, 1e-3
METHODS: Mapping[str, Optimizer[Any]] = {
    "AdaGrad": AdaGrad(lr=Constant(STEP), eps=0.0),
    "clipped": ClipNorm(inner=AdaGrad(lr=Constant(STEP), eps=0.0), max_norm=1.0),
}
LOOKS = {"AdaGrad": "adagrad", "clipped": "gclip"}


def runs() -> Mapping[str, LawRun]:
    """Return both methods for each probability of the spike."""
    made = {}
    for share in SHARES:
        experiment = Experiment(
            problem=FirstSpike(share=share),
            optimizers=tuple(METHODS.values()),
            steps=STEPS,
            record=record_steps("log", STEPS),
            metrics=("distance_sq",),
        )
        made[f"{share}"] = LawRun(experiment, SEEDS)
    return made


def draw(results: Mapping[str, xr.Dataset]) -> Drawing:
    """Return a panel for each probability of the spike."""
    panels = tuple(_panel(share, results[f"{share}"]) for share in SHARES)
    title = "One rare large gradient stops AdaGrad for δ$^{-1/2}$ steps; clipped AdaGrad does not notice it"
    return Drawing(title=title, caption=caption(CAPTION, results), rows=(panels,))


def failures(data: xr.Dataset, config: int) -> tuple[Floats, Floats, Floats, Floats]:
    """Return t, the share of seeds with |x_t| > 1 while there is any, and its limits, from step 1 on."""
    found = []
    for i, t in enumerate(data["step"].values.tolist()):
        sample = law(data, config, i)
        failed, _ = exceedances(sample, 1.0)
        if t >= 1 and failed > 0:
            limits = clopper_pearson(failed, sample.n, LEVEL)
            found.append((t, failed / sample.n, limits.low, limits.high))
    t, share, low, high = np.array(found, dtype=np.float64).T
    return t, share, low, high


def _panel(share: float, data: xr.Dataset) -> Panel:
    marks: list[Mark] = []
    for config, label in enumerate(METHODS):
        t, y, lo, hi = failures(data, config)
        marks.append(Band(label=f"{label}, interval", kind="run", name=LOOKS[label], x=t, lo=lo, hi=hi))
        marks.append(Curve(label=label, kind="run", name=LOOKS[label], x=t, y=y))
    lost = FirstSpike(share=share).steps_lost(STEP)
    wall = Curve(label="steps lost", kind="exact", name="", x=np.array([lost, lost]), y=np.array([2e-4, share]))
    key = (Note("AdaGrad", 35, 0.4, "adagrad"), Note("clipped", 35, 0.2, "gclip"))
    return Panel(
        title=rf"$\delta = {share}$",
        x=Axis("step $t$", (1, 1100), log=True, ticks=(1, 10, 100)),
        y=Axis(r"P($\vert x_t\vert > 1$)", (2e-4, 1.6), log=True, ticks=(0.001, 0.01, 0.1, 1)),
        marks=(wall, *marks),
        notes=key if share == SHARES[0] else (),
        height=1.7,
    )
