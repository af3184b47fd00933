"""Phase map of clipped SGD over the noise's tail index and the threshold: on which side of the best threshold."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
import numpy.typing as npt
import xarray as xr
from scipy import integrate, optimize

from figures.kit.drawing import Axis, Category, Curve, Drawing, Floats, Note, Panel, Source, caption
from figures.kit.phases import cells
from figures.kit.style import FILLS
from lab import phase
from lab.noise import CentredPareto
from lab.optimizers.gclip import GClip
from lab.phase import PhaseMap, Side, Theory
from lab.schedules import Inverse
from problems.quadratic import SkewedParetoQuadratic

CLAIMS = ("zhang2020heavy.clip_moment_lemma_raw_bias", "zhang2020heavy.clip_moment_lemma_raw_second")
CAPTION = (
    r"SGD clipped at $\tau$ on $f(x) = x^2/2$ from its minimizer, step $1/t$, $T = 300$; the gradient’s noise is a "
    r"centred one-sided Pareto variable of tail index $a$ and scale 1, so that clipping is biased. Colour: whether "
    r"$\mathrm{E}\,x_T^2$ falls or rises from $\tau/1.2^{1/2}$ to $1.2^{1/2}\,\tau$, N = {N} seeds on common draws, "
    r"where the 99.9% interval of the mean difference (normal approximation, each cell by itself; clipped steps have a "
    r"variance) excludes 0; above right next to nothing is clipped. Lower line: the least of bias$^2$ + variance$/T$ "
    r"of one clipped noise variable, as if $x$ stayed at 0. Upper line: the threshold that makes the bound of the "
    r"moment lemma (Zhang et al., NeurIPS 2020) least, $G\,(T (2p - 2)/(2 - p))^{1/p}$, with the best order $p < a$, "
    r"$G^p = \mathrm{E}\,|\xi|^p$: the lemma is for all laws, and asks for more than this one needs."
)

Ints = npt.NDArray[np.int64]

T, SEEDS = 300, 4_096
TAILS, THRESHOLDS = (1.3, 2.0), (10.0, 1_000.0)
SCALE = (
    Category("too low", FILLS["good"]),
    Category("too high", FILLS["wrong"]),
    Category("undecided", FILLS["undecided"]),
)
GRID = np.geomspace(*THRESHOLDS, 400)
KNOWN = np.linspace(*TAILS, 27)


def runs() -> Mapping[str, Source]:
    """Return the map."""
    return {
        "clipped SGD": PhaseMap(
            problem=SkewedParetoQuadratic(spectrum=(1.0,), radius=0.0),
            optimizer=GClip(lr=Inverse(1.0), max_norm=10.0),
            x=phase.Axis(("problem.tail",), *TAILS),
            y=phase.Axis(("max_norm",), *THRESHOLDS, log=True),
            measure=Side(metric="distance_sq", factor=1.2),
            steps=T,
            seeds=SEEDS,
            grid=(12, 16),
            depth=2,
            theory=Theory("bias and variance of one clipped variable", "figures.phase_clipping.error", _classes),
        )
    }


def draw(results: Mapping[str, xr.Dataset]) -> Drawing:
    """Return the map with the two thresholds of theory."""
    best = Curve(label="least bias^2 + variance/T", kind="exact", name="", x=KNOWN, y=best_threshold())
    orders = np.linspace(*TAILS, 60)
    lemma = Curve(label="least bound", kind="exact", name="", x=orders, y=lemma_threshold(orders))
    panel = Panel(
        title="clipped SGD",
        x=Axis("tail index $a$ of the noise", TAILS, ticks=(1.4, 1.6, 1.8, 2.0)),
        y=Axis(r"threshold $\tau$", THRESHOLDS, log=True, ticks=(10, 100, 1000)),
        marks=(cells(results["clipped SGD"], SCALE), best, lemma),
        notes=(Note("least of the lemma’s bound", 1.62, 290), Note("least of bias² + variance/T", 1.42, 120)),
        height=3.0,
        headed=False,
    )
    title = "The heavier the tail, the higher the best threshold"
    return Drawing(title=title, caption=caption(CAPTION, results), rows=((panel,),))


def error(tail: float, tau: Floats) -> Floats:
    """Return (E c)^2 + Var c / T, c the noise clipped at +-tau >= m - 1, `(n,)`, where m = a/(a - 1) and a is the tail.

    The noise is above s with probability (s + m)^-a, and below -s with 1 - (m - s)^-a for s < m - 1, -(m - 1) being its
    least value: only large values are clipped.
    """
    m = tail / (tail - 1)
    lost = (tau + m) ** (1 - tail) / (tail - 1)  # E (xi - tau)+ = -E c
    small = integrate.quad(lambda s: 2 * s * (1 - (m - s) ** -tail), 0, m - 1)[0]
    large = [integrate.quad(lambda s: 2 * s * (s + m) ** -tail, 0, t, limit=200)[0] for t in tau]
    return np.asarray(lost**2 + (small + np.array(large) - lost**2) / T)


@cache
def best_threshold() -> Floats:
    """Return the thresholds that make `error` least at the tail indices KNOWN."""
    fine = [error(float(a), GRID) for a in KNOWN]
    return np.array([_least(row) for row in fine])


def _least(values: Floats) -> float:
    """Return the vertex of the parabola, in log tau, through the least value and its neighbours."""
    i = int(np.clip(values.argmin(), 1, len(values) - 2))
    a, b, c = values[i - 1 : i + 2]
    return float(GRID[i] * (GRID[1] / GRID[0]) ** (0.5 * (a - c) / (a - 2 * b + c)))


def lemma_threshold(tail: Floats) -> Floats:
    """Return the thresholds that make the moment lemma's bound on the error least over thresholds and orders, `(n,)`.

    E|xi|^p <= G^p bounds bias by G^p tau^(1-p) and variance by G^p tau^(2-p), so that bias^2 + variance/T is least at
    tau = G (T (2p - 2)/(2 - p))^(1/p), for each p below the tail index a. The best p is sought in the upper half of
    (1, a), where it is for a >= 1.3.
    """
    return np.array([_lemma(float(a)) for a in tail])


def _lemma(tail: float) -> float:
    def best(p: float) -> tuple[float, float]:
        moment = CentredPareto(tail=tail).moment(p)  # G^p
        tau = (moment * T * (2 * p - 2) / (2 - p)) ** (1 / p)
        return float(moment**2 * tau ** (2 - 2 * p) + moment * tau ** (2 - p) / T), float(tau)

    order = optimize.minimize_scalar(lambda p: best(p)[0], bounds=(1 + 0.5 * (tail - 1), tail), method="bounded").x
    return best(float(order))[1]


def _classes(tail: Floats, tau: Floats) -> Ints:
    best = np.exp(np.interp(tail, KNOWN, np.log(best_threshold())))
    return np.where(tau < best, 0, 1)
