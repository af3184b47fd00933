"""H. Li, J. Qian, Y. Tian, A. Rakhlin, A. Jadbabaie, "Convex and non-convex optimization under generalized smoothness".

NeurIPS 2023, arXiv 2306.01264: ||Hessian f|| <= ell(||grad f||). Convex f, fixed step h <= 1/L with L = ell(2G),
G = ||grad f(x_0)||: f is L-smooth within G/L of every point whose gradient is at most G. y = x - h grad f(x),
g2 = ||grad f(x)||^2, h2 = ||grad f(y)||^2, d2 = ||grad f(y) - grad f(x)||^2, u = <grad f(x), x - x*>.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import LENGTH, OBJECTIVE, Claim, Kind, Limit, Quantity, Rate, Standing, Units
from proofs_check.goal import NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances.li2023 import fixed, fixed_broken
from proofs_check.steps import Inequality
from proofs_check.symbols import HORIZON, SQUARED_GRADIENT, T

h, L, R = sp.symbols("h L R", positive=True)
g2, h2, d2, dist, later, gap, total = sp.symbols("g2 h2 d2 D D_+ F S", nonnegative=True)
f0, f1, fstar, u, dot = sp.symbols("f_0 f_1 f_* u dot", real=True)

SYMBOLS = (
    HORIZON,
    Quantity(h, POSITIVE, Units(F=-1, X=2), "step size"),
    Quantity(L, POSITIVE, Units(F=1, X=-2), "ell(2 ||grad f(x_0)||), the smoothness that the run sees"),
    Quantity(R, POSITIVE, LENGTH, "distance of the start from a minimiser"),
)
OVER = (
    *SYMBOLS,
    *(Quantity(e, NONNEGATIVE, SQUARED_GRADIENT, "||grad f||^2 at x, y; difference") for e in (g2, h2, d2)),
    *(Quantity(e, NONNEGATIVE, Units(X=2), "squared distance to x*, of x and y") for e in (dist, later)),
    *(Quantity(e, REAL, OBJECTIVE, "f at x and y, and f*") for e in (f0, f1, fstar)),
    Quantity(u, REAL, OBJECTIVE, "<grad f(x), x - x*>"),
    Quantity(dot, REAL, SQUARED_GRADIENT, "<grad f(y) - grad f(x), grad f(x)>"),
    Quantity(gap, NONNEGATIVE, OBJECTIVE, "f - f* after T steps"),
    Quantity(total, NONNEGATIVE, OBJECTIVE, "sum of f - f* over the T steps"),
)

GD_CONVEX = Claim(
    id="li2023.gd_convex",
    says="gradient descent with the step 1/ell(2G), or less, keeps gradients below the first, at the classical rate",
    source="ratelab, own derivation; after Li, Qian, Tian, Rakhlin, Jadbabaie, NeurIPS 2023, arXiv 2306.01264",
    standing=Standing.DERIVED,
    kind=Kind.UPPER,
    metric="suboptimality",
    metric_units=OBJECTIVE,
    symbols=SYMBOLS,
    assumptions=(h * L <= 1,),
    bound=R**2 / (2 * h * T),
    rate=Rate(sp.Integer(-1)),
    limits=(Limit("from a minimiser", R, sp.Integer(0), sp.Integer(0)),),
    steps=(
        Inequality("gradients do not grow, by cocoercivity on the ball: <grad f(y) - grad f(x), y - x> >= d2/L", h2,
                   "<=",
                   g2, OVER, (sp.Eq(h2, g2 + 2 * dot + d2), -h * dot * L >= d2, h * L <= 1)),
        Inequality("so every step stays where f is L-smooth, and descends", f1, "<=", f0 - h * g2 / 2, OVER,
                   (f1 <= f0 - h * g2 + L * h**2 * g2 / 2, h * L <= 1)),
        Inequality("with convexity, f(y) - f* is a difference of distances", f1 - fstar, "<=", (dist - later) / (2 * h),
                   OVER, (f1 <= f0 - h * g2 / 2, f0 - fstar <= u, sp.Eq(later, dist - 2 * h * u + h**2 * g2))),
        Inequality("which telescopes, and the last is the smallest", gap, "<=", R**2 / (2 * h * T), OVER,
                   (T * gap <= total, total <= (dist - later) / (2 * h), dist <= R**2)),
    ),
    experiments=fixed(),
    broken_by=fixed_broken(),
)  # fmt: skip
