"""E. de Klerk, F. Glineur, A. Taylor, "On the worst-case complexity of the gradient method with exact line search for
smooth strongly convex functions", Optim. Lett. 11 (2017), arXiv 1606.09365: Theorem 1.2.

x_1 = x_0 - alpha g_0 with the best alpha, so <g_0, g_1> = 0 and <g_1, x_1 - x_0> = 0; x is measured from x*, c = mu/L,
F = f(x_0) - f*, F_1 = f(x_1) - f*. In the identity x_0, x_1, g_0, g_1 are numbers that stand for vectors: both sides
are quadratic forms in them, so an identity between numbers is one between vectors, coordinate by coordinate.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, LENGTH, OBJECTIVE, PURE, Claim, Kind, Limit, Quantity, Standing, Units
from proofs_check import games
from proofs_check.goal import COUNT0, FRACTION, NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances import deklerk2017 as runs
from proofs_check.pep import Functions, WorstCase
from proofs_check.sequences import Induction, Recursion
from proofs_check.steps import Identity, Inequality
from proofs_check.symbols import HORIZON, T

CURVATURE = Units(F=1, X=-2)
L, c, Delta, s = sp.symbols("L c Delta s", positive=True)
F, F1, i01, is0, is1, sq1, sq2 = sp.symbols("F F_1 i_01 i_*0 i_*1 s_1 s_2", nonnegative=True)
x0, x1, g0, g1, x = sp.symbols("x_0 x_1 g_0 g_1 x", real=True)
k = sp.Symbol("k", integer=True, nonnegative=True)

SYMBOLS = (
    HORIZON,
    Quantity(c, FRACTION, PURE, "mu / L"),
    Quantity(Delta, POSITIVE, OBJECTIVE, "f(x_0) - f*"),
)
OVER = (
    *SYMBOLS,
    Quantity(L, POSITIVE, CURVATURE, "smoothness"),
    *(Quantity(q, NONNEGATIVE, OBJECTIVE, "f - f*, now or next") for q in (F, F1)),
    *(Quantity(q, NONNEGATIVE, OBJECTIVE, "by how much an interpolation inequality holds") for q in (i01, is0, is1)),
    *(Quantity(q, NONNEGATIVE, OBJECTIVE, "a square") for q in (sq1, sq2)),
    *(Quantity(q, REAL, LENGTH, "point, from x*") for q in (x0, x1, x)),
    *(Quantity(q, REAL, GRADIENT, "gradient") for q in (g0, g1)),
    Quantity(s, POSITIVE, GRADIENT, "gradient of the worst case, in each coordinate", unit_value=True),
    Quantity(k, COUNT0, PURE, "steps done"),
)
RATE = (1 - c) / (1 + c)
BOUND = Delta * RATE ** (2 * T)


def slack(f_i: sp.Expr, f_j: sp.Expr, x_i: sp.Expr, x_j: sp.Expr, g_i: sp.Expr, g_j: sp.Expr) -> sp.Expr:
    """Return what is >= 0 for values and gradients of one mu-strongly convex L-smooth function at two points."""
    dx, dg = x_i - x_j, g_i - g_j
    return f_i - f_j - g_j * dx - (dg**2 / L + c * L * dx**2 - 2 * c * dg * dx) / (2 * (1 - c))


ZERO = sp.Integer(0)
Y01, YSTAR0, YSTAR1 = RATE, 2 * c * (1 - c) / (1 + c) ** 2, 2 * c / (1 + c)
WEIGHED = (
    Y01 * slack(F, F1, x0, x1, g0, g1) + YSTAR0 * slack(ZERO, F, ZERO, x0, ZERO, g0)
    + YSTAR1 * slack(ZERO, F1, ZERO, x1, ZERO, g1)
)  # fmt: skip
SEARCH = -2 * g0 * g1 / (L * (1 + c)) - g1 * (x1 - x0)
SQUARES = (
    (g1 + ((1 - c) * g0 + c**2 * L * (x0 - x1) - c * L * (x0 + x1)) / (1 + c)) ** 2 / (2 * L * (1 - c))
    + c * ((1 + c) * L * (x0 - x1) - 2 * g0) ** 2 / (2 * L * (1 + c) ** 2)
)  # fmt: skip
STEP = 2 / (L * (1 + c))

GD_EXACT_LINE_SEARCH = Claim(
    id="deklerk2017.gd_exact_line_search_tight",
    says="gradient descent with exact line search shrinks f - f* by ((L - mu) / (L + mu))^2 a step, and no more on one "
    "quadratic",
    source="de Klerk, Glineur, Taylor, Optim. Lett. 11 (2017), arXiv 1606.09365, Theorem 1.2, as restated by the PEPit "
    "library; the identity: ratelab, own derivation",
    standing=Standing.RESTATED,
    kind=Kind.TIGHT,
    metric="suboptimality",
    metric_units=OBJECTIVE,
    symbols=SYMBOLS,
    assumptions=(),
    bound=BOUND,
    limits=(
        Limit("mu = L: done in one step", c, sp.Integer(1), sp.Integer(0)),
        Limit("mu = 0: no rate", c, sp.Integer(0), Delta),
    ),
    experiments=runs.searched(BOUND.subs(c, sp.Rational(1, 3))),
    broken_by=runs.unsearched(BOUND.subs(c, sp.Rational(1, 3))),
    worst_cases=(
        WorstCase("mu/L = 1/10", Functions(mu=0.1), games.exact_line_search, games.low, games.last_value,
                  games.at(BOUND, {Delta: 1, c: sp.Rational(1, 10)})),
    ),
    steps=(
        Identity("rho^2 F - F_1 is a sum of three interpolation inequalities, the two of the line search and squares",
                 RATE**2 * F - F1 - WEIGHED - SEARCH, SQUARES, OVER),
        Inequality("where the line search's terms are 0, so F_1 <= rho^2 F", F1, "<=", RATE**2 * F, OVER,
                   (sp.Eq(F1, RATE**2 * F - Y01 * i01 - YSTAR0 * is0 - YSTAR1 * is1 - sq1 - c * sq2),)),
        Induction("T steps", base=Identity("k = 0", Delta * RATE ** (2 * 0), Delta, OVER),
                  step=Inequality("k to k+1", F1, "<=", Delta * RATE ** (2 * (k + 1)), OVER,
                                  (F1 <= RATE**2 * F, F <= Delta * RATE ** (2 * k))),
                  conclusion=(F, "<=", Delta * RATE ** (2 * T))),
        Identity("on (mu x^2 + L y^2) / 2 with a gradient (s, +-s) the best step is 2 / (L + mu)",
                 (s**2 + s**2) / (c * L * s**2 + L * s**2), STEP, OVER),
        Recursion("it takes x = s/mu to rho x", x, x - STEP * c * L * x, s / (c * L), k, RATE**k * s / (c * L), OVER),
        Recursion("and y = s/L to -rho y: the gradient is again one of equal sizes", x, x - STEP * L * x, s / L, k,
                  (-RATE) ** k * s / L, OVER),
        Identity("so f(x_T) is the bound", c * L / 2 * (RATE**T * s / (c * L)) ** 2 + L / 2 * (RATE**T * s / L) ** 2,
                 BOUND, OVER, (sp.Eq(Delta, s**2 / (2 * c * L) + s**2 / (2 * L)),)),
    ),
)  # fmt: skip
