"""SGD on a noisy quadratic: what 20,000 seeds do, what the exact law says, and what a general theorem allows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from figures.kit.drawing import Axis, Band, Curve, Drawing, FigureRun, Floats, Mark, Panel, Series, bound_at, caption
from lab.experiment import Experiment, record_steps
from lab.optimizers.sgd import SGD
from lab.schedules import Constant
from problems.quadratic import NoisyQuadratic

DEMO = True  # `ratelab demo` shows it
CLAIMS = ("classic.sgd_quad_exact",)
CAPTION = (
    r"SGD with step $\gamma = 0.2$ on $f(x) = (x_1^2 + 0.3\,x_2^2 + 0.1\,x_3^2)/2$ with Gaussian gradient noise of "
    r"deviation 0.5 in each coordinate, $\Vert x_0 - x^{\ast}\Vert = 2$. Above: the mean over N = {N} seeds with its "
    r"99.9% interval (normal approximation, each step by itself), the exact law (claim classic.sgd_quad_exact), and "
    r"the bound $(1 - \gamma\mu)^t\,\Vert x_0 - x^{\ast}\Vert^2 + 2\gamma\sigma^2/\mu$ of Gower et al., ICML 2019, "
    r"Theorem 3.1, with ticks on the forbidden side. Below: how far that mean and its interval lie from the exact law."
)

PROBLEM = NoisyQuadratic(spectrum=(1.0, 0.3, 0.1), sigma=0.5, radius=2.0)
STEP = Constant(0.2)
STEPS, SEEDS = 1_000, 20_000


def runs() -> Mapping[str, FigureRun]:
    """Return the one run."""
    record = record_steps("log", STEPS)
    optimizers, metrics = (SGD(lr=STEP),), ("distance_sq",)
    experiment = Experiment(problem=PROBLEM, optimizers=optimizers, steps=STEPS, record=record, metrics=metrics)
    return {"SGD": FigureRun(experiment, SEEDS)}


def draw(results: Mapping[str, xr.Dataset]) -> Drawing:
    """Return the squared distance over the step, and below it the deviation from the exact law in per cent."""
    s = Series(results["SGD"], "distance_sq")
    t, exact = s.steps, exact_distance(s.steps)
    mean = [s.stat(name) for name in ("mean", "mean_lo", "mean_hi")]
    deviation = [100 * (v / exact - 1) for v in mean]
    bound = Curve(label="upper bound", kind="upper", name="sgd", x=t, y=upper_bound(t), end="upper bound")
    time, most = Axis("step $t$", (1, 1_050), log=True), 1.15 * float(np.abs(deviation).max())
    distance = Axis(r"$\mathrm{E}\,\Vert x_t - x^{\ast}\Vert^2$", (0.25, 9), log=True, ticks=(0.3, 1, 3))
    percent = Axis("deviation (%)", (-most, most))
    marks = (bound, *_against(exact, t, mean, "mean over seeds"))
    above = Panel(title="Squared distance", x=time, y=distance, marks=marks, height=2.3, headed=False)
    marks = _against(np.zeros(len(t)), t, deviation, "mean / exact − 1")
    below = Panel(title="Deviation", x=time, y=percent, marks=marks, height=1.05, headed=False)
    title = "SGD on a quadratic follows its exact law, well under the general bound"
    return Drawing(title=title, caption=caption(CAPTION, results), rows=((above,), (below,)))


def _against(exact: Floats, t: Floats, means: Sequence[Floats], label: str) -> tuple[Mark, ...]:
    mean, lo, hi = means
    return (
        Curve(label="exact law", kind="exact", name="", x=t, y=exact, end="exact law"),
        Band(label="99.9% interval of the mean", kind="run", name="sgd", x=t, lo=lo, hi=hi),
        Curve(label=label, kind="run", name="sgd", x=t, y=mean, end=label),
    )


def exact_distance(steps: Floats) -> Floats:
    """Return E||x_t - x*||^2 after t steps, `(n,)`: the claim, which is on one coordinate, summed over all."""
    shared = {"a": STEP.lr, "s2": PROBLEM.sigma**2, "x0": PROBLEM.radius / PROBLEM.dim**0.5}
    each = [bound_at(CLAIMS[0], steps, shared | {"lambda": lam}) for lam in PROBLEM.spectrum]
    return np.asarray(np.sum(each, axis=0))


def upper_bound(steps: Floats) -> Floats:
    """Return the bound of R. Gower et al., ICML 2019, arXiv 1901.09401, Theorem 3.1, `(n,)`.

    It needs a step of at most 1 / (2 L). Additive noise has expected smoothness L, for ||Hx||^2 <= 2 L f(x).
    """
    mu, sigma = PROBLEM.constants["mu"].value, PROBLEM.constants["sigma"].value
    return np.asarray((1 - STEP.lr * mu) ** steps * PROBLEM.radius**2 + 2 * STEP.lr * sigma**2 / mu)
