"""With replacement, one shuffle, random reshuffling, a fixed order: how fast SGD gets with the best constant step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from figures.kit.drawing import Axis, Band, Curve, Drawing, FigureRun, Floats, Mark, Panel, bound_at, caption, ends
from lab.experiment import Experiment
from lab.optimizers.sgd import SGD
from lab.sampling import Cyclic, Order, RandomReshuffling, SingleShuffle, WithReplacement
from lab.schedules import Constant
from problems.reshuffling import SafranShamir

CLAIMS = (
    "safran2020.rr_safran_lower",
    "safran2020.ss_safran_lower",
    "safran2020.ig_safran_lower",
    "safran2020.rr_quad_exact",
    "safran2020.ss_quad_exact",
    "safran2020.ig_quad_exact",
)
CAPTION = (
    r"$\mathrm{E} f(x) - f^{\ast}$ of SGD after $K$ epochs on $n = {n}$ components $x^2/2 \pm 3x$, half with each "
    r"sign ($\lambda = 1$, $G = 6$, $x_1 = 1$; Safran, Shamir, COLT 2020, equation (2)). Each $K$ has its own "
    r"constant step, the best by the exact law. Lines with markers: mean over N = {N} seeds with its 99.9% interval "
    r"(normal approximation); pale: the law itself. The exponents are its slopes over the last factor of 8 in $K$; "
    r"without the logarithms of the best step they would be $-1$, $-2$, $-2$, $-3$. Dashed: what no constant step "
    r"beats, $3G^2/(8192\,\lambda n K^3)$ reshuffled, $G^2/(2048\,\lambda n K^2)$ with one shuffle and "
    r"$G^2/(2048\,\lambda K^2)$ in the fixed order, all pushes to one side first (after Theorems 5, 7 and 8; "
    r"constants and proofs are the lab’s)."
)

N_COMPONENTS, PUSH, SEEDS = 16, 6.0, 20_000
EPOCHS = (1, 2, 4, 8, 16, 32, 64, 128)
ORDERS: Mapping[str, Order] = {
    "with replacement": WithReplacement(),
    "fixed order": Cyclic(),
    "one shuffle": SingleShuffle(),
    "reshuffled": RandomReshuffling(),
}
COLOURS = {"with replacement": "night", "fixed order": "orange", "one shuffle": "green", "reshuffled": "blue"}
FLOORS = {"reshuffled": CLAIMS[0], "one shuffle": CLAIMS[1], "fixed order": CLAIMS[2]}
STEPS = np.geomspace(1e-4, 0.9, 2000)  # the steps among which the best is taken


def problem(label: str) -> SafranShamir:
    """Return the two-halves quadratic in one of the orders."""
    return SafranShamir(n=N_COMPONENTS, lam=1.0, G=PUSH, order=ORDERS[label])


def best_step(label: str, epochs: int) -> float:
    """Return the constant step that has the least E x^2 after so many epochs, by the exact law."""
    laws = [float(problem(label).law(float(lr), epochs)) for lr in STEPS]
    return float(STEPS[int(np.argmin(laws))])


def runs() -> Mapping[str, FigureRun]:
    """Return a run for each order and number of epochs."""
    return {f"{label}, {K}": _run(label, K) for label in ORDERS for K in EPOCHS}


def _run(label: str, K: int) -> FigureRun:
    shared: dict[str, Any] = dict(steps=N_COMPONENTS * K, record=(0, 1, N_COMPONENTS * K), metrics=("suboptimality",))
    sgd = SGD(lr=Constant(best_step(label, K)))
    return FigureRun(Experiment(problem=problem(label), optimizers=(sgd,), **shared), SEEDS)


def draw(results: Mapping[str, xr.Dataset]) -> Drawing:
    """Return the four orders with their laws and floors."""
    marks = [mark for label in ORDERS for mark in _marks(label, results)]
    panel = Panel(
        title="The four orders",
        x=Axis("number of epochs, $K$", (0.9, 150), log=True, ticks=(1, 10, 100)),
        y=Axis(r"$\mathrm{E}\,f(x) - f^{\ast}$", (1e-10, 3), log=True),
        marks=tuple(marks),
        height=3.4,
        headed=False,
    )
    title = "Reshuffling beats one shuffle, which beats drawing with replacement"
    text = caption(CAPTION.replace("{n}", str(N_COMPONENTS)), results)
    return Drawing(title=title, caption=text, rows=((panel,),))


def _marks(label: str, results: Mapping[str, xr.Dataset]) -> tuple[Mark, ...]:
    K, (mean, lo, hi) = ends(results, label, EPOCHS, "suboptimality", per=N_COMPONENTS)
    law = exact_gap(label, K)
    marks: list[Mark] = [
        Curve(label=f"exact law, {label}", kind="exact", name="", x=K, y=law),
        Band(label=f"{label}, 99.9% interval", kind="run", name=COLOURS[label], x=K, lo=lo, hi=hi),
        Curve(label=label, kind="run", name=COLOURS[label], x=K, y=mean, end=f"{label}, ${slope(K, law):.2f}$"),
    ]
    if label in FLOORS:
        floor = bound_at(FLOORS[label], K, {"lambda": 1, "G": PUSH, "R": 1, "n": N_COMPONENTS})
        marks.append(Curve(label=f"floor, {label}", kind="lower", name=COLOURS[label], x=K, y=floor))
    return tuple(marks)


def exact_gap(label: str, K: Floats) -> Floats:
    """Return E f - f* after K epochs with the best step, `(n,)`."""
    gaps = [float(problem(label).law(best_step(label, int(k)), int(k))) / 2 for k in K]
    return np.array(gaps)


def slope(K: Floats, y: Floats) -> float:
    """Return the slope of log y on log K between the last K and an eighth of it, or the first."""
    early = int(np.flatnonzero(K >= K[-1] / 8)[0])
    return float(np.log(y[-1] / y[early]) / np.log(K[-1] / K[early]))
