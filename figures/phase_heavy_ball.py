"""Phase maps of the heavy ball over step size and momentum: where it cycles on functions on which GD converges."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from math import cos, pi, sin, tau
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import sympy as sp
import xarray as xr

from figures.kit.drawing import Axis, Category, Curve, Drawing, Floats, Mark, Panel, Points, Source, caption
from figures.kit.phases import cells
from figures.kit.style import FILLS
from lab import phase
from lab.discovery import get_claim
from lab.optimizers.momentum import Momentum
from lab.phase import UNDECIDED, Fate, PhaseMap, Theory
from lab.schedules import Constant
from problems.momentum_cycles import HeavyBallCycle, RootsOfUnityCycle

CLAIMS = ("lessard2016.hb_lrp_cycle", "goujaud2023.hb_gtd_cycle")
CAPTION = (
    r"What becomes of the heavy ball $x_{t+1} = x_t - \eta \nabla f(x_t) + \beta\,(x_t - x_{t-1})$, $\mu = 1$, $L = "
    r"25$, from 160 starts at rest: the worst of all after $T$ = 2,000 steps, without interval because nothing is "
    r"random (N = {N} run a start). Converges: $\Vert x_T\Vert^2$ below $10^{-6}$ times its first value; diverges: "
    r"above $10^6$ times; stays away: else, if it is more than half of $\Vert x_{T/2}\Vert^2$ (both the largest of 12 "
    r"steps). Left: the function of Lessard, Recht, Packard, SIAM 2016; inside the grey line a 3-cycle exists and "
    r"attracts, by its own linear equations. Right: for each cell its own function, of Goujaud, Taylor, Dieuleveut, MP "
    r"2025, Theorem 3.5, with $K = 3$; inside the grey line it has the cycle, though no start at rest may find it "
    r"(outlined): near the line it attracts from very close only. Left of both lines there are other cycles. Dashed: "
    r"$\eta L = 2(1 + \beta)$, beyond which 0 repels (ticks). Dot: Polyak’s tuning."
)

Ints = npt.NDArray[np.int64]

MU, L, K = 1.0, 25.0, 3
STEPS, STARTS = 2_000, 160
ETA_L, MOMENTA = (0.05, 4.0), (0.0, 0.99)
WORDS = ("converges", "stays away", "diverges")
SCALE = (
    *(Category(word, FILLS[fill]) for word, fill in zip(WORDS, ("good", "wrong", "bad"), strict=True)),
    Category("undecided", FILLS["undecided"]),
)
GOLDEN = (5**0.5 - 1) / 2


@dataclass(frozen=True, kw_only=True)
class RootsOfUnity(RootsOfUnityCycle):
    """The same function for every lr and momentum, also where the heavy ball does not cycle over roots of unity."""

    name: ClassVar[str] = "roots_of_unity"

    def validate(self) -> None:
        """Accept all: outside the condition the polygon is there as well."""


def runs() -> Mapping[str, Source]:
    """Return the two maps."""
    line = tuple((x,) for x in np.linspace(-6.0, 6.0, STARTS).tolist())
    disc = tuple(_in_disc(i) for i in range(STARTS))
    one, own = HeavyBallCycle(), RootsOfUnity(K=K, L=L, mu=MU)
    return {
        "one function": _map(one, ("lr",), ("momentum",), line, _lessard_classes),
        "its own function": _map(own, ("lr", "problem.lr"), ("momentum", "problem.momentum"), disc, _roots_classes),
    }


def _in_disc(i: int) -> tuple[float, float]:
    """Return point i of a sunflower in the disc of radius 2."""
    radius, angle = 2 * ((i + 0.5) / STARTS) ** 0.5, tau * GOLDEN * i
    return radius * cos(angle), radius * sin(angle)


def _map(
    problem: Any,
    x: tuple[str, ...],
    y: tuple[str, ...],
    starts: tuple[tuple[float, ...], ...],
    predicts: Callable[[Floats, Floats], Ints],
) -> PhaseMap:
    return PhaseMap(
        problem=problem,
        optimizer=Momentum(lr=Constant(1 / 9), momentum=4 / 9),
        x=phase.Axis(x, ETA_L[0] / L, ETA_L[1] / L),
        y=phase.Axis(y, *MOMENTA),
        measure=Fate(metric="distance_sq", tolerance=1e-6, far=1e6, words=WORDS),
        steps=STEPS,
        starts=starts,
        grid=(20, 20),
        depth=2,
        theory=Theory("cycle and stability", ", ".join(CLAIMS), predicts),
    )


def draw(results: Mapping[str, xr.Dataset]) -> Drawing:
    """Return the two maps side by side."""
    panels = (
        _panel("one function", "Lessard’s function", results, lessard_margin),
        _panel("its own function", "its own function, K = 3", results, lambda h, b: -excess(h, b)),
    )
    title = "With tunings that suit quadratics the heavy ball cycles on other functions"
    return Drawing(title=title, caption=caption(CAPTION, results), rows=(panels,))


def _panel(
    label: str, title: str, results: Mapping[str, xr.Dataset], margin: Callable[[Floats, Floats], Floats]
) -> Panel:
    beta = np.linspace(*MOMENTA, 400)
    edge = Curve(label="0 repels from here", kind="upper", name="", x=2 * (1 + beta) / L, y=beta)
    polyak = Points(label="Polyak's tuning", kind="exact", name="", x=np.array([1 / 9]), y=np.array([4 / 9]))
    marks: tuple[Mark, ...] = (cells(results[label], SCALE), boundary(margin), edge, polyak)
    return Panel(
        title=title,
        x=Axis(r"step size $\eta$", (ETA_L[0] / L, ETA_L[1] / L), ticks=(0.04, 0.08, 0.12)),
        y=Axis(r"momentum $\beta$", MOMENTA, ticks=(0, 0.25, 0.5, 0.75)),
        marks=marks,
        height=2.6,
    )


def boundary(margin: Callable[[Floats, Floats], Floats]) -> Curve:
    """Return the outline of where the margin is at least 0 and 0 does not repel: down its left side, up its right."""
    beta = np.linspace(*MOMENTA, 400)
    h = np.linspace(*ETA_L, 2_000)
    inside = (margin(h[None], beta[:, None]) >= 0) & (h[None] <= 2 * (1 + beta[:, None]))
    rows = np.flatnonzero(inside.any(1))
    left, right = h[inside.argmax(1)[rows]], h[len(h) - 1 - inside[:, ::-1].argmax(1)[rows]]
    x, y = np.concatenate([left[::-1], right]) / L, np.concatenate([beta[rows][::-1], beta[rows]])
    return Curve(label="cycle exists inside", kind="exact", name="", x=x, y=y)


@cache
def _condition() -> Callable[..., Floats]:
    """Return the left side of the claim's condition, EXCESS <= 0, as a function of u, h, b, c."""
    condition = get_claim("goujaud2023.hb_gtd_cycle").assumptions[1]
    symbols = {symbol.name: symbol for symbol in condition.free_symbols}
    function: Callable[..., Floats] = sp.lambdify([symbols[k] for k in "uhbc"], condition.lhs - condition.rhs)
    return function


def excess(h: Floats, b: Floats) -> Floats:
    """Return what must be at most 0 for the cycle over the K-th roots of unity, at h = eta L and momentum b."""
    return np.asarray(_condition()(h * MU / L, h, b, cos(2 * pi / K)))


def lessard_margin(h: Floats, b: Floats) -> Floats:
    """Return the least of 1 - x_1, 1 - x_2, x_3 - 2 on the cycle with x_1, x_2 < 1 <= x_3 - 1; >= 0 where it is.

    There f' = 25 x - 24 [k = 3], so that x_{k+1} - (1 + b - h) x_k + b x_{k-1} = (24 h/25) [k = 3] around the cycle, a
    circulant system with the eigenvalues h and h - 3 (1 + b)/2 +- i (sqrt(3)/2) (1 - b), which gives x.
    Deviations obey the recursion with 0 on the right: the cycle attracts where h < 2 (1 + b) and b < 1. Own derivation.
    """
    eigenvalue = (h - 1.5 * (1 + b)) + 0.5j * 3**0.5 * (1 - b)
    x1, x2, x3 = (8 / 25 * (1 + 2 * h * (np.exp(1j * tau * k / 3) / eigenvalue).real) for k in (1, 2, 0))
    return np.asarray(np.minimum(np.minimum(1 - x1, 1 - x2), x3 - 2))


def _lessard_classes(eta: Floats, b: Floats) -> Ints:
    h = eta * L
    return np.where((h < 2 * (1 + b)) & (lessard_margin(h, b) >= 0), 1, UNDECIDED)


def _roots_classes(eta: Floats, b: Floats) -> Ints:
    h = eta * L
    return np.where((h > 2 * (1 + b)) | (excess(h, b) <= 0), 1, UNDECIDED)
