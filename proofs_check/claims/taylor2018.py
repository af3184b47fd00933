"""A. Taylor, J. Hendrickx, F. Glineur, "Exact Worst-Case Convergence Rates of the Proximal Gradient Method ...",
JOTA 178 (2018): gradient descent x' = x - (h/L) g on mu-strongly convex L-smooth f, c = mu/L.

Distance, value and squared gradient all shrink by rho^2 a step, rho = max(|1-h|, |1-ch|). x is measured from x*, g and
g' are the gradients at x and x'. In the identity on values x, g, g' are numbers that stand for vectors: both sides are
quadratic forms in them, so an identity between numbers is one between vectors, coordinate by coordinate.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, LENGTH, OBJECTIVE, PURE, Claim, Kind, Limit, Quantity, Standing, Step, Units
from proofs_check import games
from proofs_check.goal import COUNT0, FRACTION, NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances import taylor2018 as runs
from proofs_check.pep import Functions
from proofs_check.sequences import Induction, Recursion
from proofs_check.steps import Identity, Inequality, Optimum
from proofs_check.symbols import HORIZON, SQUARED_GRADIENT, T

AREA = Units(X=2)
SOURCE = (
    "ratelab, own derivation; after Taylor, Hendrickx, Glineur, JOTA 178 (2018), arXiv 1705.04398 (abstract read; "
    "theorem number not checked); classical for the distance (Polyak)"
)
L = sp.Symbol("L", positive=True)
h, c, b, rho = sp.symbols("h c b rho", positive=True)
P, P1, A, B, W, S, M, M1 = sp.symbols("P P_1 A B W S M M_1", nonnegative=True)
i01, is0, is1, sq1, sq2 = sp.symbols("i_01 i_*0 i_*1 s_1 s_2", nonnegative=True)
F, F1, e, y, x, g, g1, lam, R = sp.symbols("F F_1 e y x g g' lambda R", real=True)
k = sp.Symbol("k", integer=True, nonnegative=True)

STEPSIZE = (
    Quantity(h, sp.Interval.open(0, 2), PURE, "step size times L"),
    Quantity(c, FRACTION, PURE, "mu / L"),
)
RHO = Quantity(rho, POSITIVE, PURE, "max(|1 - h|, |1 - c h|)")
OVER = (
    HORIZON,
    Quantity(L, POSITIVE, Units(F=1, X=-2), "smoothness"),
    *STEPSIZE,
    RHO,
    Quantity(b, POSITIVE, PURE, "c h"),
    *(Quantity(q, NONNEGATIVE, AREA, "squared distance, now or next") for q in (P, P1)),
    *(Quantity(q, NONNEGATIVE, SQUARED_GRADIENT, "|g|^2, |g'|^2, |g - g'|^2") for q in (A, B, W)),
    *(Quantity(q, REAL, OBJECTIVE, "f - f*, now or next; <g, x>") for q in (F, F1, e)),
    *(Quantity(q, NONNEGATIVE, OBJECTIVE, "by how much an interpolation inequality holds") for q in (i01, is0, is1)),
    *(Quantity(q, NONNEGATIVE, OBJECTIVE, "a square") for q in (sq1, sq2)),
    Quantity(y, REAL, SQUARED_GRADIENT, "<g, g - g'>"),
    *(Quantity(q, REAL, LENGTH, "x - x*, on a line") for q in (x, R)),
    *(Quantity(q, REAL, GRADIENT, "gradient, on a line") for q in (g, g1)),
    Quantity(lam, REAL, PURE, "factor of a step"),
    Quantity(k, COUNT0, PURE, "steps done"),
)
RATIO = sp.Max(h - 1, 1 - c * h)
SHORT, LONG = h * (1 + c) <= 2, h * (1 + c) >= 2
GRADIENT_STEP = sp.Eq(P1, P - 2 * h * e / L + h**2 * A / L**2)
COERCIVE = e >= (c * L * P + A / L) / (1 + c)


def slack(f_i: sp.Expr, f_j: sp.Expr, x_i: sp.Expr, x_j: sp.Expr, g_i: sp.Expr, g_j: sp.Expr) -> sp.Expr:
    """Return what is >= 0 for values and gradients of one mu-strongly convex L-smooth function at two points."""
    dx, dg = x_i - x_j, g_i - g_j
    return f_i - f_j - g_j * dx - (dg**2 / L + c * L * dx**2 - 2 * c * dg * dx) / (2 * (1 - c))


S01 = slack(F, F1, x, x - h * g / L, g, g1)
SSTAR0 = slack(sp.Integer(0), F, sp.Integer(0), x, sp.Integer(0), g)
SSTAR1 = slack(sp.Integer(0), F1, sp.Integer(0), x - h * g / L, sp.Integer(0), g1)


def weighed(r: sp.Expr) -> sp.Expr:
    """Return the inequalities' sum with the weights of the dual: r, r (1 - r), 1 - r."""
    return r * S01 + r * (1 - r) * SSTAR0 + (1 - r) * SSTAR1


def ending(m0: sp.Symbol, quantity: Quantity, square: sp.Expr) -> tuple[Step, ...]:
    """Return the steps from one step to T, and the quadratics on which nothing is lost; `square` is the metric there
    as a multiple of x^2."""
    over = (*OVER, quantity, *(Quantity(q, NONNEGATIVE, quantity.units, "the metric, now or next") for q in (M, M1)))
    return (
        Identity("max(|1-h|, |1-ch|), written shorter", sp.Max(sp.Abs(1 - h), sp.Abs(1 - c * h)), RATIO, OVER),
        Recursion(
            "on a quadratic of curvature L or mu: x' = lambda x with lambda = 1 - h or 1 - ch",
            x,
            lam * x,
            R,
            k,
            lam**k * R,
            OVER,
        ),
        Identity(
            "so the metric is multiplied by lambda^2 a step",
            square * (lam**k * R) ** 2,
            square * R**2 * lam ** (2 * k),
            OVER,
        ),
        Induction(
            "T steps",
            base=Identity("k = 0", m0 * rho ** (2 * 0), m0, over),
            step=Inequality(
                "k to k+1", M1, "<=", m0 * rho ** (2 * (k + 1)), over, (M1 <= rho**2 * M, M <= m0 * rho ** (2 * k))
            ),
            conclusion=(M, "<=", m0 * rho ** (2 * T)),
        ),
    )


def claim(
    metric: str, units: Units, m0: sp.Symbol, square: sp.Expr, steps: tuple[Step, ...], name: str,
    game: tuple[games.Measure, games.Measure],
) -> Claim:  # fmt: skip
    """Return the claim on one metric; `game` is it at the start and at the end, for the worst cases."""
    bound = m0 * rho ** (2 * T)
    start = Quantity(m0, POSITIVE, units, f"the {name} at the start")
    return Claim(
        id=f"taylor2018.gd_strongly_convex_contraction_{name}",
        says=f"a gradient step shrinks the {name} by max(|1 - h|, |1 - h mu/L|)^2, and on a quadratic by no more",
        source=SOURCE,
        standing=Standing.DERIVED,
        kind=Kind.TIGHT,
        metric=metric,
        metric_units=units,
        symbols=(HORIZON, *STEPSIZE, RHO, start),
        assumptions=(sp.Eq(rho, RATIO),),
        bound=bound,
        limits=(
            Limit("no step, no change", rho, sp.Integer(1), m0),
            Limit("h = 1 on a quadratic of curvature L alone: done in one step", rho, sp.Integer(0), sp.Integer(0)),
        ),
        experiments=runs.quadratic(metric, m0.name),
        broken_by=runs.too_long(metric, m0.name),
        worst_cases=games.gradient_descents(
            Functions(mu=0.1),
            *game,
            bound,
            lambda x: {m0: 1, rho: RATIO.subs({h: x, c: sp.Rational(1, 10)})},
            (1, sp.Rational(19, 10)),
        ),
        steps=(*steps, *ending(m0, start, square)),
    )


BEST = Optimum(
    "the best step is h = 2 / (1 + c): then rho = (1-c)/(1+c) = (kappa-1)/(kappa+1)",
    RATIO, h, 2 / (1 + c), (1 - c) / (1 + c), OVER,
)  # fmt: skip

DISTANCE = claim(
    "distance_sq", AREA, sp.Symbol("D_0", positive=True), sp.Integer(1),
    (
        Inequality("short steps, by <g, x> >= (mu L |x|^2 + |g|^2) / (mu + L) and |g| >= mu |x|", P1, "<=",
                   (1 - c * h) ** 2 * P, OVER, (GRADIENT_STEP, COERCIVE, SHORT, A >= c**2 * L**2 * P)),
        Inequality("long steps, by the same and |g| <= L |x|", P1, "<=", (1 - h) ** 2 * P, OVER,
                   (GRADIENT_STEP, COERCIVE, LONG, A <= L**2 * P)),
        BEST,
    ),
    "distance",
    (games.near, games.last_distance),
)  # fmt: skip

GRADIENT_NORM = claim(
    "grad_norm_sq", SQUARED_GRADIENT, sp.Symbol("G_0", positive=True), L**2,
    (
        Inequality("short steps, by the same between x and x' = x - (h/L) g", A - 2 * y + W, "<=", (1 - c * h) ** 2 * A,
                   OVER, (h * y >= (c * h**2 * A + W) / (1 + c), SHORT, W >= c**2 * h**2 * A)),
        Inequality("long steps", A - 2 * y + W, "<=", (1 - h) ** 2 * A, OVER,
                   (h * y >= (c * h**2 * A + W) / (1 + c), LONG, W <= h**2 * A)),
        BEST,
    ),
    "gradient",
    (games.flat, games.last_gradient),
)  # fmt: skip

VALUE = claim(
    "suboptimality", OBJECTIVE, sp.Symbol("Delta", positive=True), L / 2,
    (
        Identity("short steps: rho^2 F - F' is a sum of interpolation inequalities and squares",
                 (1 - c * h) ** 2 * F - F1 - weighed(1 - c * h),
                 ((g1 - (1 - c * h - h) * g - c * h * L * x) ** 2 + h * (2 - h - c * h) * (c * L * x - g) ** 2)
                 / (2 * L * (1 - c)), OVER),
        Inequality("so F' <= (1 - ch)^2 F", F1, "<=", (1 - c * h) ** 2 * F, OVER,
                   (SHORT, sp.Eq(F1, (1 - c * h) ** 2 * F - (1 - c * h) * i01 - (1 - c * h) * c * h * is0 - c * h * is1
                                 - sq1 - h * (2 - h - c * h) * sq2), sp.Eq(c, b / h))),
        Identity("long steps: the same with rho = h - 1",
                 (h - 1) ** 2 * F - F1 - weighed(h - 1),
                 ((g1 + g + (h - 2) * L * x) ** 2 + (2 - h) * (h + c * h - 2) * (L * x - g) ** 2)
                 / (2 * L * (1 - c)), OVER),
        Inequality("so F' <= (h - 1)^2 F", F1, "<=", (h - 1) ** 2 * F, OVER,
                   (LONG, h >= 1, sp.Eq(F1, (h - 1) ** 2 * F - (h - 1) * i01 - (h - 1) * (2 - h) * is0 - (2 - h) * is1
                                        - sq1 - (2 - h) * (h + c * h - 2) * sq2))),
        BEST,
    ),
    "value",
    (games.low, games.last_value),
)  # fmt: skip
