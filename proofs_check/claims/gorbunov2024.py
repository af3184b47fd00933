"""E. Gorbunov et al., "Methods for convex (L0, L1)-smooth optimization", ICLR 2025, arXiv 2409.14989.

f is convex and (L0, L1)-smooth; g = ||grad f(x)||, d = f(x) - f*, S = L0 + L1 g, D = ||x - x*||^2, D+ the same after
the step, u = <grad f(x), x - x*>. nu is any number with nu exp(nu) <= 1 (the paper's solves nu = exp(-nu): 0.567).
The inequalities are those of the authors' poster; the explicit bounds on f are the lab's sums of them.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, LENGTH, OBJECTIVE, PURE, Claim, Kind, Limit, Quantity, Rate, Standing, Units
from proofs_check.goal import COUNT0, FRACTION, NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances import gorbunov2024 as runs
from proofs_check.steps import Inequality
from proofs_check.symbols import HORIZON, T

AREA = Units(X=2)
L0, L1, R, g, eta, nu, S = sp.symbols("L_0 L_1 R g eta nu S", positive=True)
d, dist, later, u, r, E = sp.symbols("d D D_+ u r E", nonnegative=True)
N = sp.Symbol("N", integer=True, nonnegative=True)
fx, fy, fstar = sp.symbols("f_x f_y f_*", real=True)

CURVATURE = (
    Quantity(L0, POSITIVE, Units(F=1, X=-2), "L0 of (L0, L1)-smoothness"),
    Quantity(L1, POSITIVE, Units(X=-1), "L1 of (L0, L1)-smoothness"),
    Quantity(nu, FRACTION, PURE, "a number with nu exp(nu) <= 1"),
)
NORM = Quantity(g, POSITIVE, GRADIENT, "||grad f(x)||")
RUN = (
    HORIZON,
    *CURVATURE,
    Quantity(R, POSITIVE, LENGTH, "distance of the start from a minimiser"),
)
GD = (*RUN, Quantity(eta, POSITIVE, PURE, "step size, times 1/(L0 + L1 g)"))
OVER = (
    *GD,
    NORM,
    Quantity(S, POSITIVE, Units(F=1, X=-2), "L0 + L1 g"),
    Quantity(d, NONNEGATIVE, OBJECTIVE, "f(x) - f*"),
    Quantity(u, NONNEGATIVE, OBJECTIVE, "<grad f(x), x - x*>"),
    Quantity(r, NONNEGATIVE, LENGTH, "length of a step"),
    Quantity(E, NONNEGATIVE, PURE, "exp(L1 r)"),
    Quantity(N, COUNT0, PURE, "steps from points with g >= L0/L1"),
    *(Quantity(e, NONNEGATIVE, AREA, "squared distance to x*, before and after the step") for e in (dist, later)),
    *(Quantity(e, REAL, OBJECTIVE, "f at x, at the next point, and f*") for e in (fx, fy, fstar)),
)
OMEGA = nu * sp.exp(nu) <= 1
KEY = nu * g**2 / (2 * (L0 + L1 * g))

KEY_INEQUALITY = Claim(
    id="gorbunov2024.l0l1_key",
    says="an (L0, L1)-smooth function lies above its infimum by at least nu g^2 / (2 (L0 + L1 g))",
    source="Gorbunov et al., ICLR 2025, arXiv 2409.14989, read on the authors' poster; theorem number not checked",
    standing=Standing.RESTATED,
    kind=Kind.LOWER,
    metric="suboptimality",
    metric_units=OBJECTIVE,
    symbols=(*CURVATURE, NORM),
    assumptions=(OMEGA,),
    bound=KEY,
    limits=(Limit("large gradients count linearly", L0, sp.Integer(0), nu * g / (2 * L1)),),
    steps=(
        Inequality("the step nu g/(L0 + L1 g) against the gradient is at most nu/L1 long", L1 * nu * g / (L0 + L1 * g),
                   "<=", nu, OVER),
        Inequality("so the curvature grows along it by a factor E <= exp(nu) <= 1/nu", E, "<=", 1 / nu, OVER,
                   (E <= sp.exp(nu), OMEGA)),
        Inequality("what the model f(y) <= f(x) - r g + E S r^2/2 then gives", fy, "<=", fx - KEY, OVER,
                   (fy <= fx - r * g + E * (L0 + L1 * g) * r**2 / 2, sp.Eq(r, nu * g / (L0 + L1 * g)), E * nu <= 1)),
        Inequality("and f(y) is no smaller than the infimum", fx - fstar, ">=", KEY, OVER,
                   (fstar <= fy, fy <= fx - KEY)),
    ),
    experiments=runs.along(runs.squared(KEY, g)),
    broken_by=runs.along_broken(runs.squared(KEY, g)),
)  # fmt: skip

NEXT = dist - 2 * eta * u / S + eta**2 * g**2 / S**2
BURN_IN = 8 * L1**2 * R**2 / (nu * eta)
LAST = 2 * L0 * R**2 / (eta * T)

L0L1_GD = Claim(
    id="gorbunov2024.l0l1_convex",
    says="gradient descent with the step eta/(L0 + L1 g), after T - 1 steps, once T is above 8 L1^2 R^2/(nu eta)",
    source="ratelab, own derivation, from the one-step inequalities of Gorbunov et al., ICLR 2025, arXiv 2409.14989",
    standing=Standing.DERIVED,
    kind=Kind.UPPER,
    metric="suboptimality",
    metric_units=OBJECTIVE,
    symbols=GD,
    assumptions=(OMEGA, 2 * eta <= nu, T > BURN_IN),
    bound=LAST,
    rate=Rate(sp.Integer(-1)),
    limits=(Limit("from a minimiser", R, sp.Integer(0), sp.Integer(0)),),
    steps=(
        Inequality("the key inequality bounds the step's square", eta**2 * g**2 / S**2, "<=", eta * d / S, OVER,
                   (nu * g**2 <= 2 * S * d, 2 * eta <= nu)),
        Inequality("so a step comes closer, by convexity", later, "<=", dist - eta * d / S, OVER,
                   (later <= NEXT, d <= u, eta**2 * g**2 <= eta * d * S)),
        Inequality("where g >= L0/L1, by a fixed amount", eta * d / S, ">=", nu * eta / (8 * L1**2), OVER,
                   (nu * g**2 <= 2 * S * d, sp.Eq(S, L0 + L1 * g), L1 * g >= L0)),
        Inequality("elsewhere in proportion to d", eta * d / S, ">=", eta * d / (2 * L0), OVER,
                   (sp.Eq(S, L0 + L1 * g), L1 * g <= L0)),
        Inequality("and f falls: its model along the step, E <= exp(eta) <= 1/nu", fy, "<=", fx, OVER,
                   (fy <= fx - eta * g**2 / S + E * eta**2 * g**2 / (2 * S), E * nu <= 1, 2 * eta <= nu)),
        Inequality("not every step is from g >= L0/L1", N, "<", T, OVER,
                   (N * nu * eta / (8 * L1**2) <= R**2, nu * eta * T > 8 * L1**2 * R**2)),
        Inequality("over T steps, d being the last and smallest", d, "<=", LAST, OVER,
                   (N * nu * eta / (8 * L1**2) + (T - N) * eta * d / (2 * L0) <= R**2, N < T,
                    nu * eta * T > 8 * L1**2 * R**2)),
    ),
    experiments=runs.descent(LAST, T),
    broken_by=runs.descent_broken(LAST, T),
)  # fmt: skip

L0L1_POLYAK = Claim(
    id="gorbunov2024.l0l1_polyak",
    says="the Polyak step d/g^2, which knows neither L0 nor L1: the best of T points, once T > 16 L1^2 R^2/nu^2",
    source="ratelab, own derivation, from the key inequality of Gorbunov et al., ICLR 2025, arXiv 2409.14989",
    standing=Standing.DERIVED,
    kind=Kind.UPPER,
    metric="best suboptimality",
    metric_units=OBJECTIVE,
    symbols=RUN,
    assumptions=(OMEGA, T > 16 * L1**2 * R**2 / nu**2),
    bound=4 * L0 * R**2 / (nu * T),
    rate=Rate(sp.Integer(-1)),
    limits=(Limit("from a minimiser", R, sp.Integer(0), sp.Integer(0)),),
    steps=(
        Inequality("the step that is best for the bound on the distance", later, "<=", dist - d**2 / g**2, OVER,
                   (later <= dist - 2 * d / g**2 * u + d**2 / g**2, d <= u)),
        Inequality("where g >= L0/L1, a step comes closer by a fixed amount", d**2 / g**2, ">=", nu**2 / (16 * L1**2),
                   OVER, (nu * g**2 <= 2 * (L0 + L1 * g) * d, L1 * g >= L0)),
        Inequality("elsewhere in proportion to d", d**2 / g**2, ">=", nu * d / (4 * L0), OVER,
                   (nu * g**2 <= 2 * (L0 + L1 * g) * d, L1 * g <= L0)),
        Inequality("not every step is from g >= L0/L1", N, "<", T, OVER,
                   (N * nu**2 / (16 * L1**2) <= R**2, nu**2 * T > 16 * L1**2 * R**2)),
        Inequality("over T steps, d being the smallest", d, "<=", 4 * L0 * R**2 / (nu * T), OVER,
                   (N * nu**2 / (16 * L1**2) + (T - N) * nu * d / (4 * L0) <= R**2, N < T,
                    nu**2 * T > 16 * L1**2 * R**2)),
    ),
    experiments=runs.polyak(),
    broken_by=runs.polyak_broken(),
)  # fmt: skip
