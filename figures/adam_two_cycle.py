"""Adam with a constant step on a parabola: the two-cycle around the minimizer, and where momentum breaks it."""

from __future__ import annotations

from collections.abc import Mapping

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
from lab.optimizers.adam import Adam
from lab.schedules import Constant
from problems.gd_worst_cases import GDQuadratic

CLAIMS = ("bock2022.adam_two_cycle",)
CAPTION = (
    r"Adam with the step $\alpha = 1$ on $f(x) = c x^2/2$ from $x_1 = 0.3$, without noise and bias correction, for 20 "
    r"values of $\beta_1$; N = {N} run each, without interval because nothing is random. Dots: mean of $|x_t|$ over "
    r"the last 400 of 20,000 steps; bars: its smallest and largest value there. Grey: the cycle $|x| = \alpha(1 - "
    r"\beta_1)/(2(1 + \beta_1))$, the same for every $c$ and $\beta_2$ (derived here, after Bock, Weiss (2022), arXiv "
    r"2210.02070). Shaded: the $\beta_1$ for which the derivative of the map contracts on the cycle. Close to the end "
    r"of that range the cycle attracts only from near by, which this start is not; beyond it Adam wanders, and still "
    r"does not converge."
)

ALPHA, STEPS, LAST = 1.0, 20_000, 400
BETA1 = tuple(0.05 * k for k in range(20))
CASES = {r"$c = 0.1$, $\beta_2 = 0.9$": (0.1, 0.9), r"$c = 10$, $\beta_2 = 0.99$": (10.0, 0.99)}


def runs() -> Mapping[str, FigureRun]:
    """Return one experiment a case, with a configuration for each beta1; the last steps are recorded one by one."""
    record = record_steps((*range(90, 101), *range(STEPS - LAST, STEPS)), STEPS)
    found = {}
    for label, (c, beta2) in CASES.items():
        adams = tuple(Adam(lr=Constant(ALPHA), betas=(b, beta2), eps=0.0, debias=False) for b in BETA1)
        problem = GDQuadratic(L=c, R=0.3)
        experiment = Experiment(problem=problem, optimizers=adams, steps=STEPS, record=record, metrics=("iterate",))
        found[label] = FigureRun(experiment)
    return found


def draw(results: Mapping[str, xr.Dataset]) -> Drawing:
    """Return a panel for each case, on common axes."""
    title = "A constant step keeps Adam off the minimizer, even of a parabola"
    panels = tuple(_panel(label, results[label]) for label in CASES)
    return Drawing(title=title, caption=caption(CAPTION, results), rows=(panels,))


def _panel(label: str, data: xr.Dataset) -> Panel:
    beta1, (_, beta2) = np.array(BETA1), CASES[label]
    sizes = [last_sizes(Series(data, "iterate", i)) for i in range(len(BETA1))]
    lo, y, hi = (np.array([f(size) for size in sizes]) for f in (np.min, np.mean, np.max))
    fine, held = np.linspace(0, 0.95, 96), np.array([0.0, attracts_up_to(beta2)])
    return Panel(
        title=label,
        x=Axis(r"$\beta_1$", (-0.02, 1.0), ticks=(0, 0.25, 0.5, 0.75)),
        y=Axis("$|x_t|$", (0, 2.6), ticks=(0, 0.5, 1, 1.5, 2)),
        marks=(
            Feasible(label="the cycle attracts", kind="exact", name="", x=held, lo=np.zeros(2), hi=np.full(2, 2.6)),
            Curve(label="cycle", kind="exact", name="", x=fine, y=cycle(fine)),
            Points(label="last 400 steps", kind="run", name="adam", x=beta1, y=np.clip(y, lo, hi), lo=lo, hi=hi),
        ),
        notes=(Note("attracts", 0.01, 2.45),),
        height=2.2,
    )


def last_sizes(s: Series) -> Floats:
    """Return |x_t| at the last recorded steps, of those that follow each other without a gap."""
    gaps = np.flatnonzero(np.diff(s.steps) > 1)
    return np.asarray(np.abs(s.stat("mean")[gaps[-1] + 1 if len(gaps) else 0 :]))


def cycle(beta1: Floats) -> Floats:
    """Return |x| on the cycle, `(n,)`."""
    return bound_at(CLAIMS[0], np.ones(len(beta1)), {"alpha": ALPHA, "beta1": beta1})


def attracts_up_to(beta2: float) -> float:
    """Return the beta1, to 1e-4, up to which the half cycle's derivative has a spectral radius below 1."""
    tried = np.linspace(0, 0.5, 5001)
    return float(tried[np.argmax([spectral_radius(b, beta2) >= 1 for b in tried]) - 1])


def spectral_radius(beta1: float, beta2: float) -> float:
    """Return that of (x, m, v) -> (-x', -m', v') at its fixed point, the cycle; c = alpha = 1, which change nothing."""
    x = (1 - beta1) / (2 * (1 + beta1))
    m, v = (1 - beta1) / (1 + beta1) * x, x * x  # of the step that leaves x
    of_m = np.array([1 - beta1, beta1, 0.0])
    of_v = np.array([2 * (1 - beta2) * x, 0.0, beta2])
    of_x = np.array([1.0, 0.0, 0.0]) - of_m / np.sqrt(v) + m / (2 * v**1.5) * of_v
    return float(np.abs(np.linalg.eigvals(np.stack([-of_x, -of_m, of_v]))).max())
