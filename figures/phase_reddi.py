"""Phase map of RMSprop on Reddi's losses: which way it drifts, over the large slope C and beta2."""

from __future__ import annotations

import functools
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import xarray as xr

from figures.kit.drawing import Axis, Curve, Drawing, Floats, Note, Panel, Source, caption
from figures.kit.phases import DRIFT_LAW, DRIFTS, adam_drift, cells, root
from lab import phase
from lab.optimizers.adam import Adam
from lab.phase import Drift, PhaseMap, Theory
from lab.schedules import Constant
from problems.reddi import ReddiCycle, ReddiStochastic

CLAIMS = (DRIFT_LAW, "reddi2018.thm1", "reddi2018.thm3")
CAPTION = (
    r"Which way $x$ goes under Adam with $\beta_1 = 0$ (RMSprop), bias-corrected, with a constant step and without the "
    r"box, once it has forgotten its start: colour, by the displacement over the last half of the run; cells are "
    r"quartered where that changes. Above: slope $C$ once in three rounds, else $-1$ (Reddi et al., ICLR 2018, "
    r"Theorem 1), 6,000 rounds, exact because nothing is random (N = {N:cycle} run a cell); lower line: the theorem’s "
    r"$\beta_2$. Below: slope $C$ with probability $(1 + \delta)/(C + 1)$, else $-1$, $\delta = 0.1$ (there, Theorem "
    r"3), 12,000 rounds, N = {N:stochastic} seeds; a colour where the 99.9% interval of the mean displacement (normal "
    r"approximation, each cell by itself) excludes 0. Other lines: zeros of the drift, above by claim "
    r"lab.adam_drift_law, below of $\mathrm{E}\,g/v^{1/2}$ in the stationary law of $v$."
)

Ints = npt.NDArray[np.int64]

DELTA = 0.1
CYCLE, ROUNDS, SEEDS = 6_000, 12_000, 256
LARGE = (2.1, 100.0)  # C above
REST = (1e-3, 0.3)  # 1 - beta2 below
BISECTIONS = 30  # of log C: to 1e-8
METHOD = Adam(lr=Constant(1.0), betas=(0.0, 0.9), eps=0.0)
LARGEST_S, LEAST_LOG_S = 40.0, -68.0  # of the integral in `stationary_drift`: beyond, it is below 1e-14


def runs() -> Mapping[str, Source]:
    """Return the two maps."""
    of_cycle = Theory("the drift law’s sign", f"claim {DRIFT_LAW}", _cycle_classes)
    of_draws = Theory("the stationary drift’s sign", "figures.phase_reddi.stationary_drift", _stochastic_classes)
    return {
        "cycle": PhaseMap(
            problem=ReddiCycle(projected=False),
            optimizer=METHOD,
            x=phase.Axis(("problem.C",), *LARGE, log=True),
            y=phase.Axis(("betas.1",), 1e-3, 0.999, log=True),
            measure=Drift(period=3),
            steps=CYCLE,
            theory=of_cycle,
        ),
        "stochastic": PhaseMap(
            problem=ReddiStochastic(delta=DELTA, projected=False),
            optimizer=METHOD,
            x=phase.Axis(("problem.C",), 3.0, 300.0, log=True),
            y=phase.Axis(("betas.1",), *REST, log=True, complement=True),
            measure=Drift(),
            steps=ROUNDS,
            seeds=SEEDS,
            depth=2,
            theory=of_draws,
        ),
    }


def draw(results: Mapping[str, xr.Dataset]) -> Drawing:
    """Return the map of Theorem 1's cycle above that of Theorem 3's draws."""
    above, below = cells(results["cycle"], DRIFTS), cells(results["stochastic"], DRIFTS)
    C = np.geomspace(*LARGE, 120)
    law = Curve(label="drift law is 0", kind="exact", name="", x=C, y=cycle_boundary(C))
    theorem = Curve(label="beta2 of Theorem 1", kind="exact", name="", x=C, y=1 / (1 + C**2))
    inside = theorem.y >= 1e-3
    theorem = Curve(label=theorem.label, kind="exact", name="", x=C[inside], y=theorem.y[inside])
    C_star, rest = stochastic_boundary()
    seen = C_star >= 3
    drift = Curve(label="stationary drift is 0", kind="exact", name="", x=C_star[seen], y=rest[seen])
    cycle = Panel(
        title="Theorem 1, every third slope is C",
        x=Axis("large slope $C$", (LARGE[0], 105), log=True, ticks=(3, 10, 30, 100)),
        y=Axis(r"$\beta_2$", (1e-3, 0.999), log=True, ticks=(0.001, 0.01, 0.1, 0.5)),
        marks=(above, law, theorem),
        notes=(Note(r"$\beta_2 = 1/(1 + C^2)$", 6.2, 0.036), Note("drift law is zero", 3.2, 0.16)),
        height=2.2,
    )
    stochastic = Panel(
        title="Theorem 3, one slope in about C is C",
        x=Axis("large slope $C$", (3, 315), log=True, ticks=(3, 10, 30, 100, 300)),
        y=Axis(r"$1 - \beta_2$", REST, log=True, ticks=(0.001, 0.01, 0.1)),
        marks=(below, drift),
        notes=(Note("stationary drift is zero", 13, 0.022),),
        height=2.2,
    )
    title = "RMSprop drifts away from the optimum on one side of its drift law’s zero"
    return Drawing(title=title, caption=caption(CAPTION, results), rows=((cycle,), (stochastic,)))


def cycle_boundary(C: Floats) -> Floats:
    """Return the beta2 at which the cycle's drift is 0, `(n,)`; NaN where there is none: below it Adam goes away."""
    return root(
        lambda b: -adam_drift(3, {"C": C, "low": 1, "beta1": 1e-300, "beta2": b}),
        np.full(len(C), 1e-6), np.full(len(C), 1 - 1e-6),
    )  # fmt: skip


def _cycle_classes(C: Floats, beta2: Floats) -> Ints:
    moved = adam_drift(3, {"C": C, "low": 1, "beta1": 1e-300, "beta2": beta2})
    return np.where(moved < 0, 0, 1)


def stationary_drift(C: float, beta2: float) -> float:
    """Return E g_t / sqrt(v_t) in the stationary law of v, the downhill drift of RMSprop on Theorem 3's losses.

    With p = (1 + delta)/(C + 1), k = (C^2 - 1)(1 - beta2), independent B_j of mean p and v = 1 + k sum_j beta2^j B_j:
    1/sqrt(v) = pi^(-1/2) int_0^inf s^(-1/2) exp(-s v) ds, and the expectation of exp(-s v) is a product over j >= 1 of
    1 - p + p exp(-s k beta2^j). On s = s_0 beta2^i its logarithm is a running sum, and the trapezoidal rule in log s
    has an error that vanishes faster than every power of the spacing. Own derivation.
    """
    p, k, h = (1 + DELTA) / (C + 1), (C * C - 1) * (1 - beta2), -np.log(beta2)
    split = int(np.ceil(h / 0.15))  # so many interleaved grids, as the spacing must not exceed 0.15
    i = np.arange(int(-LEAST_LOG_S / h) + 2)
    s = LARGEST_S * np.exp(-h * (i[:, None] + np.arange(split) / split))
    factors = np.log1p(p * np.expm1(-k * s))
    later = np.cumsum(factors[::-1], axis=0)[::-1] - factors  # over j >= 1
    of_s = np.sqrt(s) * np.exp(-s + later) * (p * C * np.exp(-k * s) - (1 - p))
    return float(h / split * of_s.sum() / np.sqrt(np.pi))


@functools.cache
def stochastic_boundary() -> tuple[Floats, Floats]:
    """Return (C, 1 - beta2), `(n,)` each, where the stationary drift is 0: RMSprop goes away at larger C."""

    def negative(log_C: Floats) -> Floats:
        return np.array([-stationary_drift(float(np.exp(c)), float(1 - r)) for c, r in zip(log_C, rest, strict=True)])

    rest = np.geomspace(*REST, 40)
    log_C = root(negative, np.full(len(rest), np.log(1.05)), np.full(len(rest), np.log(1e4)), BISECTIONS)
    return np.exp(log_C), rest


def _stochastic_classes(C: Floats, rest: Floats) -> Ints:
    at, known = stochastic_boundary()
    return np.where(np.log(C) < np.interp(np.log(rest), np.log(known), np.log(at)), 0, 1)
