"""Z. Chen, Y. Zhou, Y. Liang, Z. Lu, "Generalized-smooth nonconvex optimization ...", ICML 2023: normalised descent.

Normalised gradient descent x+ = x - r grad f/g with g = ||grad f(x)|| and the fixed length r = eps/(2 (L0 + L1 eps));
f is twice differentiable and (L0, L1)-smooth, so that f(x+) <= f(x) - r g + ((L0 + L1 g)/L1^2) phi(L1 r), phi(w) =
exp(w) - w - 1. The paper's order 1/eps^2, with a constant and a proof of the lab's.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, LENGTH, OBJECTIVE, PURE, Claim, Kind, Limit, Quantity, Standing, Units
from proofs_check.goal import COUNT, POSITIVE, REAL
from proofs_check.instances import chen2023 as runs
from proofs_check.steps import Inequality

L0, L1, Delta, eps, g, r, w, phi = sp.symbols("L_0 L_1 Delta epsilon g r w phi", positive=True)
f0, f1 = sp.symbols("f_0 f_1", real=True)
K = sp.Symbol("K", integer=True, positive=True)

SYMBOLS = (
    Quantity(L0, POSITIVE, Units(F=1, X=-2), "L0 of (L0, L1)-smoothness"),
    Quantity(L1, POSITIVE, Units(X=-1), "L1 of (L0, L1)-smoothness"),
    Quantity(Delta, POSITIVE, OBJECTIVE, "f(x_0) - inf f"),
    Quantity(eps, POSITIVE, GRADIENT, "wanted gradient norm"),
)
OVER = (
    *SYMBOLS,
    Quantity(g, POSITIVE, GRADIENT, "||grad f(x)||"),
    Quantity(r, POSITIVE, LENGTH, "length of every step"),
    Quantity(w, sp.Interval.Lopen(0, sp.Rational(1, 2)), PURE, "L1 r"),
    Quantity(phi, POSITIVE, PURE, "exp(w) - w - 1"),
    Quantity(K, COUNT, PURE, "number of steps from points with g >= epsilon"),
    *(Quantity(e, REAL, OBJECTIVE, "f at x and at x+") for e in (f0, f1)),
)
LENGTH_R = sp.Eq(r, eps / (2 * (L0 + L1 * eps)))
BOUND = 3 * Delta * (L0 / eps**2 + L1 / eps)

NORMALISED_GD = Claim(
    id="chen2023.normalised_gd",
    says="normalised gradient descent takes at most 3 (L0/eps^2 + L1/eps) Delta steps, as clipping does",
    source="ratelab, own derivation; after Chen, Zhou, Liang, Lu, ICML 2023 (beta-normalised descent, beta = 1)",
    standing=Standing.DERIVED,
    kind=Kind.UPPER,
    metric="number of steps before the gradient norm is below epsilon",
    metric_units=PURE,
    symbols=SYMBOLS,
    assumptions=(),
    bound=BOUND,
    limits=(Limit("L1 = 0: the order of gradient descent", L1, sp.Integer(0), 3 * Delta * L0 / eps**2),),
    steps=(
        Inequality("a step is at most 1/(2 L1) long", L1 * r, "<=", sp.Rational(1, 2), OVER, (LENGTH_R,)),
        Inequality("exp(w) <= 1 + w + 2/3 w^2 there, which is phi(w) <= 2/3 w^2", w, "<=",
                   sp.log(1 + w + sp.Rational(2, 3) * w**2), OVER),
        Inequality("the curvature against the gradient, which is epsilon at least", r * (L0 + L1 * g), "<=", g / 2,
                   OVER,
                   (LENGTH_R, g >= eps)),
        Inequality("so a step descends", f0 - f1, ">=", sp.Rational(2, 3) * r * g, OVER,
                   (f0 - f1 >= r * g - (L0 + L1 * g) / L1**2 * phi, phi <= sp.Rational(2, 3) * (L1 * r) ** 2,
                    r * (L0 + L1 * g) <= g / 2)),
        Inequality("K steps descend by Delta at most", K, "<=", BOUND, OVER,
                   (K * sp.Rational(2, 3) * r * eps <= Delta, LENGTH_R)),
    ),
    experiments=runs.steps(BOUND),
    broken_by=runs.steps_broken(BOUND),
)  # fmt: skip
