"""Adam's mean step under Reddi's rare large slope: where it begins to point uphill, and from where that is proved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import sympy as sp
import xarray as xr

from figures.kit.drawing import Axis, Curve, Drawing, Feasible, FigureRun, Note, Panel, Points, Series, caption
from lab.discovery import get_claim
from lab.experiment import Experiment, record_steps
from lab.optimizers.adam import Adam
from lab.schedules import Constant
from problems.reddi import ReddiStochastic

CLAIMS = ("reddi2018.thm3",)
CAPTION = (
    r"How far Adam moves uphill a step, on the average, in units of its step size: $-\mathrm{E}\,m_t/v_t^{1/2}$, on "
    r"linear losses whose slope is $C$ with probability $(1 + \delta)/(C + 1)$ and $-1$ otherwise, without a box; the "
    r"mean slope is $\delta$, so that gradient descent moves downhill for every $C$. Theorem 3 of Reddi et al., ICLR "
    r"2018, says that for $C \geq C_0$ (the constant of its machine-checked form; shaded) no step points downhill on "
    r"the average. Dots: mean over the steps 1,001 to 3,000 and N = {N} seeds, with the 99.9% intervals of the two "
    r"means of $x_t$ added up (normal approximation, each $C$ by itself; $m_t/v_t^{1/2}$ is bounded), which are "
    r"smaller than the dots."
)

STEPS, WARM, SEEDS = 3_000, 1_000, 10_240
EARLY = (50, 100)  # also recorded


@dataclass(frozen=True)
class Case:
    """Betas, the mean slope, and the large slopes that are tried."""

    betas: tuple[float, float]
    delta: float
    slopes: tuple[int, ...]

    @property
    def title(self) -> str:
        """Return the panel's name."""
        return rf"$\beta = ({self.betas[0]:g}, {self.betas[1]:g})$, $\delta = {self.delta:g}$"

    def label(self, C: int) -> str:
        """Return a run's name."""
        return f"C = {C}, {self.title}"


FAR = (100, 1_000, 10_000, 1_000_000)
CASES = (
    Case((0.0, 0.5), 0.5, (2, 3, 4, 6, 10, 28, *FAR)),
    Case((0.9, 0.99), 0.1, (4, 10, 20, 28, 300, 3_000, *FAR)),
)


def runs() -> Mapping[str, FigureRun]:
    """Return a run for each large slope."""
    found = {}
    record = record_steps((*EARLY, WARM), STEPS)
    for case in CASES:
        adam = Adam(lr=Constant(1.0), betas=case.betas, eps=0.0, debias=False)
        for C in case.slopes:
            problem = ReddiStochastic(C=float(C), delta=case.delta, projected=False)
            experiment = Experiment(
                problem=problem, optimizers=(adam,), steps=STEPS, record=record, metrics=("iterate",)
            )
            found[case.label(C)] = FigureRun(experiment, SEEDS)
    return found


def draw(results: Mapping[str, xr.Dataset]) -> Drawing:
    """Return a panel for each pair of betas, on common axes."""
    title = "Adam’s mean step turns uphill far below the theorem’s constant"
    panels = tuple(_panel(case, results) for case in CASES)
    return Drawing(title=title, caption=caption(CAPTION, results), rows=(panels,))


def _panel(case: Case, results: Mapping[str, xr.Dataset]) -> Panel:
    C = np.array(case.slopes, dtype=float)
    y, half = np.transpose([uphill(results[case.label(k)]) for k in case.slopes])
    first, last = proved_from(case), 2e6
    proved, zero = np.array([first, last]), np.zeros(2)
    height = Axis(r"uphill, $-\mathrm{E}\,m_t/v_t^{1/2}$", (-0.35, 1.1), ticks=(0, 0.5, 1))
    level = np.array([1.5, last])
    return Panel(
        title=case.title,
        x=Axis("large slope, $C$", (1.5, last), log=True, ticks=(10, 1000, 1e5)),
        y=height,
        marks=(
            Feasible(label="proved: not downhill", kind="lower", name="adam", x=proved, lo=zero, hi=zero + 1.1),
            Curve(label="neither up nor down", kind="exact", name="", x=level, y=zero),
            Points(label="Adam", kind="run", name="adam", x=C, y=y, lo=y - half, hi=y + half),
        ),
        notes=(Note(rf"$C_0$ = {first:,.0f}", first, -0.13, "adam", "left" if first < 1e3 else "right"),),
        height=2.3,
    )


def uphill(data: xr.Dataset) -> tuple[float, float]:
    """Return the mean move per step between the last two recorded steps, and half of its interval."""
    s = Series(data, "iterate")
    (before, after), mean = s.steps[-2:], s.stat("mean")
    halves = s.stat("mean_hi") - mean
    return (mean[-1] - mean[-2]) / (after - before), (halves[-1] + halves[-2]) / (after - before)


def proved_from(case: Case) -> float:
    """Return C_0: the least C that meets the theorem's assumptions on it."""
    C = sp.Symbol("C", positive=True)
    values = dict(zip(("beta1", "beta2", "delta", "s"), (*case.betas, case.delta, 1.0), strict=True))
    least = []
    for assumption in get_claim(CLAIMS[0]).assumptions:
        if C in assumption.free_symbols:
            given = {symbol: values[symbol.name] for symbol in assumption.free_symbols - {C}}
            least.append(float(assumption.rhs.subs(given)))
    return max(least)
