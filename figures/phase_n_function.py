"""Phase maps of Adam on the n-function: which way it drifts, over beta1 and beta2, for three n and two orders."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import xarray as xr

from figures.kit.drawing import Axis, Curve, Drawing, Floats, Panel, Source, caption
from figures.kit.phases import DRIFT_LAW, DRIFTS, adam_drift, cells, root
from lab import phase
from lab.optimizers.adam import Adam
from lab.phase import Drift, PhaseMap, Theory
from lab.sampling import Cyclic, Order, RandomReshuffling
from lab.schedules import Constant
from problems.adam_nonconvex import NFunction

CLAIMS = (DRIFT_LAW,)
CAPTION = (
    r"Which way $x$ goes under Adam, bias-corrected and with a constant step, on the branch $x \geq -1$ of the "
    r"$n$-function, where one component has the slope $n$ and $n - 1$ have the slope $-1$ (Zhang et al., NeurIPS "
    r"2022); the optimum lies downhill. Colour, by the displacement over the last half of 8,000 steps, in whole "
    r"epochs; cells are quartered where that changes. Above: cyclic order, exact because nothing is random (N = "
    r"{N:cyclic, n = 5} run a cell). Below: a new order every epoch, N = {N:reshuffled, n = 5} seeds; a colour where "
    r"the 99.9% interval of the mean displacement (normal approximation, each cell by itself) excludes 0. Thick line: "
    r"the zero of the cyclic drift law (claim lab.adam_drift_law), repeated below, where it does not hold. Dashed: "
    r"$\beta_1 = \beta_2^{1/2}$; proofs of convergence ask for a point on the side without ticks."
)

Ints = npt.NDArray[np.int64]

SIZES = (5, 10, 20)
REST = (1e-3, 0.9)  # 1 - beta2
FIRST = (0.0, 0.99)  # beta1
FAR = 1e6  # the start, so far out that no run comes to the bend at -1
STEPS, SEEDS = 8_000, 64
TITLES = {"cyclic": "cyclic order", "reshuffled": "reshuffled"}


def runs() -> Mapping[str, Source]:
    """Return a map for each order and n."""
    cyclic = {f"cyclic, n = {n}": _map(n, Cyclic(), 1, 3) for n in SIZES}
    return cyclic | {f"reshuffled, n = {n}": _map(n, RandomReshuffling(), SEEDS, 2) for n in SIZES}


def _map(n: int, order: Order, seeds: int, depth: int) -> PhaseMap:
    def predicts(beta1: Floats, rest: Floats) -> Ints:
        return np.where(_moved(n, beta1, rest) < 0, 0, 1)

    return PhaseMap(
        problem=NFunction(n=n, x1=FAR, order=order),
        optimizer=Adam(lr=Constant(1.0), betas=(0.9, 0.99), eps=0.0),
        x=phase.Axis(("betas.0",), *FIRST),
        y=phase.Axis(("betas.1",), *REST, log=True, complement=True),
        measure=Drift(period=n),
        steps=STEPS // (2 * n) * 2 * n,
        seeds=seeds,
        depth=depth,
        theory=Theory("the cyclic drift law’s sign", f"claim {DRIFT_LAW}", predicts) if seeds == 1 else None,
    )


def draw(results: Mapping[str, xr.Dataset]) -> Drawing:
    """Return a row of panels for each order."""
    rows = tuple(tuple(_panel(order, n, results[f"{order}, n = {n}"]) for n in SIZES) for order in TITLES)
    title = "Where Adam leaves the optimum of the n-function: a region that grows with n, and with random order"
    return Drawing(title=title, caption=caption(CAPTION, results), rows=rows)


def _panel(order: str, n: int, data: xr.Dataset) -> Panel:
    rest = np.geomspace(*REST, 400)
    at = boundary(n, rest)
    known = ~np.isnan(at)
    law = Curve(label="cyclic drift law is 0", kind="exact", name="", x=at[known], y=rest[known])
    first = np.linspace((1 - REST[1]) ** 0.5, FIRST[1], 60)
    root_of = Curve(label="beta1 = sqrt(beta2)", kind="upper", name="", x=first, y=1 - first**2)
    return Panel(
        title=f"{TITLES[order]}, n = {n}",
        x=Axis(r"$\beta_1$", FIRST, ticks=(0, 0.3, 0.6, 0.9)),
        y=Axis(r"$1 - \beta_2$", REST, log=True, ticks=(0.001, 0.01, 0.1)),
        marks=(cells(data, DRIFTS), law, root_of),
        height=1.5,
    )


def boundary(n: int, rest: Floats) -> Floats:
    """Return the beta1 at which the cyclic drift is 0 at 1 - beta2 = rest, `(n,)`, NaN for none: below, Adam leaves."""
    return root(lambda beta1: -_moved(n, beta1, rest), np.zeros(len(rest)), np.full(len(rest), FIRST[1]))


def _moved(n: int, beta1: Floats, rest: Floats) -> Floats:
    return adam_drift(n, {"C": n, "low": 1, "beta1": np.maximum(beta1, 1e-300), "beta2": 1 - rest})
