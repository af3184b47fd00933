"""SGD under symmetric alpha-stable noise: its whole law against the exact one, tails included."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr

from figures.kit.drawing import Axis, Band, Curve, Drawing, Floats, Panel, bound_at, caption
from figures.kit.laws import LawRun, law, survival
from lab.experiment import Experiment
from lab.noise import Stable
from lab.optimizers.sgd import SGD
from lab.schedules import Constant
from lab.statistics import Sample, clopper_pearson, dkw_band
from problems.quadratic import StableQuadratic

CLAIMS = ("lab.sgd_stable_scale", "lab.sgd_stable_stationary")
CAPTION = (
    r"SGD with step $h = 0.2$ on $x^2/2$ from the optimum, with symmetric $\alpha$-stable gradient noise of scale 1: "
    r"its iterate is again $\alpha$-stable, with the scale $h\,((1 - r^{\alpha T})/(1 - r^\alpha))^{1/\alpha}$, $r = 1 "
    r"- h$ (claim lab.sgd_stable_scale; the remark that SGD’s mean square is infinite is in Zhang et al., NeurIPS "
    r"2020). Above: how often $\vert x_T\vert$ exceeds $y$ after $T = 100$ steps, where the law is at rest, over N = "
    r"{N} seeds; bands: 99.9% Clopper-Pearson interval at each $y$; grey: the exact law. Below: the difference of the "
    r"two, in percentage points; between the dashed lines it stays everywhere at once with probability 99.9% (DKW) if "
    r"the law is right. No mean is drawn: $\mathrm{E}\,x_T^2 = \infty$."
)

ALPHAS = (1.2, 1.5, 1.8)
STEP, STEPS, SEEDS, LEVEL = 0.2, 100, 131_072, 1e-3


def runs() -> Mapping[str, LawRun]:
    """Return one run for each index of the noise."""
    made = {}
    for alpha in ALPHAS:
        experiment = Experiment(
            problem=StableQuadratic(alpha=alpha, radius=0.0),
            optimizers=(SGD(lr=Constant(STEP)),),
            steps=STEPS,
            record=(0, STEPS),
            metrics=("distance_sq",),
        )
        made[f"{alpha}"] = LawRun(experiment, SEEDS)
    return made


def draw(results: Mapping[str, xr.Dataset]) -> Drawing:
    """Return the survival functions over the differences from the exact law."""
    samples = {alpha: law(results[f"{alpha}"]) for alpha in ALPHAS}
    above = tuple(_survival(alpha, sample) for alpha, sample in samples.items())
    below = tuple(_difference(alpha, sample) for alpha, sample in samples.items())
    title = "SGD’s iterates under stable noise have the exact stable law, far into its tail"
    return Drawing(title=title, caption=caption(CAPTION, results), rows=(above, below))


def exact_law(alpha: float) -> Stable:
    """Return the law of x_T, from the claim on its scale."""
    values = {"alpha": alpha, "h": STEP, "s": 1.0, "r": 1 - STEP}
    (scale,) = bound_at(CLAIMS[0], np.array([float(STEPS)]), values)
    return Stable(alpha, float(scale))


def exact_survival(alpha: float, y: Floats) -> Floats:
    """Return P(|x_T| > y), `(n,)`."""
    return np.asarray(2 * exact_law(alpha).cdf(-y))


def _survival(alpha: float, sample: Sample) -> Panel:
    least = 20 / sample.n
    y = np.geomspace(0.05, float(np.sqrt(sample.hi[-1])), 120)
    share = survival(sample, y)
    y, share = y[share >= least], share[share >= least]
    limits = [clopper_pearson(round(p * sample.n), sample.n, LEVEL) for p in share.tolist()]
    lo, hi = (np.array([getattr(v, side) for v in limits]) for side in ("low", "high"))
    return Panel(
        title=rf"$\alpha = {alpha}$",
        x=Axis("$y$", (0.04, 2000), log=True, ticks=(0.1, 1, 10, 100, 1000)),
        y=Axis(r"P($\vert x_T\vert > y$)", (1e-4, 1.6), log=True, ticks=(0.001, 0.01, 0.1, 1)),
        marks=(
            Curve(label="exact law", kind="exact", name="", x=y, y=exact_survival(alpha, y)),
            Band(label="interval", kind="run", name="sgd", x=y, lo=lo, hi=hi),
            Curve(label="seeds", kind="run", name="sgd", x=y, y=share),
        ),
        height=1.6,
    )


def _difference(alpha: float, sample: Sample) -> Panel:
    y, e = np.geomspace(0.05, 100, 160), 100 * dkw_band(sample.n, LEVEL)
    found = 100 * (survival(sample, y) - exact_survival(alpha, y))
    level = np.full(len(y), e)
    walls = (
        Curve(label="upper limit", kind="upper", name="", x=y, y=level),
        Curve(label="lower limit", kind="lower", name="", x=y, y=-level),
    )
    return Panel(
        title=rf"difference, $\alpha = {alpha}$",
        x=Axis("$y$", (0.04, 150), log=True, ticks=(0.1, 1, 10, 100)),
        y=Axis("difference (%)", (-1.6 * e, 1.6 * e)),
        marks=(*walls, Curve(label="seeds − exact", kind="run", name="sgd", x=y, y=found)),
        height=0.9,
        headed=False,
    )
