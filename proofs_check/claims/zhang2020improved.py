"""B. Zhang, J. Jin, C. Fang, L. Wang, "Improved analysis of clipping algorithms ...", NeurIPS 2020, arXiv 2010.02519.

The paper clips hard, min(eta, gamma/v) with v the norm; its code softly, eta/(1 + eta v/gamma). f is (L0, L1)-smooth,
g = ||grad f(x)||, and with eta = 1/(2 L0), gamma = 1/(2 L1) the soft step size is h = 1/(2 (L0 + L1 g)).
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, LENGTH, OBJECTIVE, PURE, Claim, Kind, Limit, Quantity, Standing, Units
from proofs_check.goal import COUNT, POSITIVE, REAL
from proofs_check.instances import zhang2020improved as runs
from proofs_check.steps import Identity, Inequality

STEP_SIZE = Units(F=-1, X=2)
eta, gamma, v, L0, L1, Delta, eps, g, E = sp.symbols("eta gamma v L_0 L_1 Delta epsilon g E", positive=True)
f0, f1 = sp.symbols("f_0 f_1", real=True)
w = sp.Symbol("w", nonnegative=True)
K = sp.Symbol("K", integer=True, positive=True)

RULE = (
    Quantity(eta, POSITIVE, STEP_SIZE, "largest step size"),
    Quantity(gamma, POSITIVE, LENGTH, "largest step length"),
    Quantity(v, POSITIVE, GRADIENT, "norm of the gradient or momentum"),
)
CLASS = (
    Quantity(L0, POSITIVE, Units(F=1, X=-2), "L0 of (L0, L1)-smoothness"),
    Quantity(L1, POSITIVE, Units(X=-1), "L1 of (L0, L1)-smoothness"),
    Quantity(Delta, POSITIVE, OBJECTIVE, "f(x_0) - inf f"),
    Quantity(eps, POSITIVE, GRADIENT, "wanted gradient norm"),
)
OVER = (
    *CLASS,
    Quantity(g, POSITIVE, GRADIENT, "||grad f(x)||"),
    Quantity(E, POSITIVE, PURE, "exp(L1 h g)"),
    Quantity(w, sp.Interval(0, sp.Rational(1, 2)), PURE, "L1 h g"),
    Quantity(K, COUNT, PURE, "number of steps from points with g >= epsilon"),
    *(Quantity(e, REAL, OBJECTIVE, "f at x and at x+") for e in (f0, f1)),
)
SOFT = eta / (1 + eta * v / gamma)
HARD = sp.Min(eta, gamma / v)

SOFT_AND_HARD = Claim(
    id="zhang2020improved.soft_clip",
    says="soft clipping takes at least half of a hard clipped step, and never more than it",
    source="ratelab, own derivation; on the code of Zhang, Jin, Fang, Wang, NeurIPS 2020, arXiv 2010.02519",
    standing=Standing.DERIVED,
    kind=Kind.LOWER,
    metric="soft clipped step size",
    metric_units=STEP_SIZE,
    symbols=RULE,
    assumptions=(),
    bound=HARD / 2,
    steps=(
        Identity("the soft rule is half the harmonic mean of both step sizes", SOFT, 1 / (1 / eta + v / gamma), RULE),
        Inequality("so it is no larger than the smaller", SOFT, "<=", HARD, RULE),
        Inequality("and no smaller than half of it", SOFT, ">=", HARD / 2, RULE),
    ),
    experiments=runs.soft(v * HARD / 2),
    broken_by=runs.soft_broken(v * HARD / 2),
)  # fmt: skip

h = 1 / (2 * (L0 + L1 * g))
ENOUGH = sp.Rational(7, 2) * Delta * (L0 / eps**2 + L1 / eps)

SOFT_CLIPPED_GD = Claim(
    id="zhang2020improved.soft_clipped_gd",
    says="softly clipped gradient descent takes at most 3.5 (L0/eps^2 + L1/eps) Delta steps: no L1 in the leading term",
    source="ratelab, own derivation of the constant; after Zhang, Jin, Fang, Wang, NeurIPS 2020, arXiv 2010.02519",
    standing=Standing.DERIVED,
    kind=Kind.UPPER,
    metric="number of steps before the gradient norm is below epsilon",
    metric_units=PURE,
    symbols=CLASS,
    assumptions=(),
    bound=ENOUGH,
    limits=(Limit("L1 = 0: gradient descent with the step 1/(2L)", L1, sp.Integer(0),
                  sp.Rational(7, 2) * Delta * L0 / eps**2),),
    steps=(
        Identity("the soft rule with eta = 1/(2 L0), gamma = 1/(2 L1)", 1 / (2 * L0 + 2 * L1 * g), h, OVER),
        Inequality("a step is at most 1/(2 L1) long", L1 * h * g, "<=", sp.Rational(1, 2), OVER),
        Inequality("so the curvature grows along it by less than 5/3", w, "<=", sp.log(sp.Rational(5, 3)), OVER),
        Inequality("descent", f0 - f1, ">=", sp.Rational(2, 7) * g**2 / (L0 + L1 * g), OVER,
                   (f0 - f1 >= h * g**2 - E * (L0 + L1 * g) * h**2 * g**2 / 2, E <= sp.Rational(5, 3))),
        Inequality("which is least at the smallest gradient", g**2 / (L0 + L1 * g), ">=", eps**2 / (L0 + L1 * eps),
                   OVER,
                   (g >= eps,)),
        Inequality("K steps descend by Delta at most", K, "<=", ENOUGH, OVER,
                   (K * sp.Rational(2, 7) * eps**2 / (L0 + L1 * eps) <= Delta,)),
    ),
    experiments=runs.steps(ENOUGH),
    broken_by=runs.steps_broken(ENOUGH),
)  # fmt: skip
