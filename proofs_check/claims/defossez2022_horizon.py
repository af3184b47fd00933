"""A. Defossez, L. Bottou, F. Bach, N. Usunier, "A Simple Convergence Proof of Adam and Adagrad", TMLR 2022, 2003.02395.

Theorem 2 (defossez2022.thm2_adam) for a horizon that is known: what its floor becomes once beta2 grows with T.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, LENGTH, OBJECTIVE, PURE, Claim, Kind, Limit, Quantity, Rate, Standing, Units
from proofs_check.goal import NONNEGATIVE, POSITIVE
from proofs_check.instances import defossez2022 as runs
from proofs_check.steps import Identity, Inequality
from proofs_check.symbols import SQUARED_GRADIENT, T, alpha, beta2

R, L, d, eps, scale, x = sp.symbols("R L d epsilon alpha_0 x", positive=True)
Delta = sp.Symbol("Delta", nonnegative=True)

E_C = 4 * d * R**2 / sp.sqrt(1 - beta2) + alpha * d * R * L / (1 - beta2)
THEOREM_2_BOUND = 2 * R * Delta / (alpha * T) + E_C * (sp.log(1 + R**2 / ((1 - beta2) * eps)) / T - sp.log(beta2))
COROLLARY_BOUND = 2 * R * Delta / (scale * sp.sqrt(T)) + (4 * d * R**2 + scale * d * R * L) / sp.sqrt(T) * (
    sp.log(1 + T * R**2 / eps) + T / (T - 1)
)
SYMBOLS = (
    Quantity(T, sp.Range(2, sp.oo), PURE, "horizon"),
    Quantity(R, POSITIVE, GRADIENT, "sqrt(eps) plus the bound on the gradients' coordinates"),
    Quantity(L, POSITIVE, Units(F=1, X=-2), "smoothness"),
    Quantity(d, POSITIVE, PURE, "dimension"),
    Quantity(Delta, NONNEGATIVE, OBJECTIVE, "F(x_0) - F*"),
    Quantity(eps, POSITIVE, SQUARED_GRADIENT, "epsilon"),
    Quantity(scale, POSITIVE, LENGTH, "step scale", unit_value=True),
)
COROLLARY_OVER = (*SYMBOLS, Quantity(x, sp.Interval.open(0, 1), PURE, "1/T"))

COROLLARY = Claim(
    id="defossez2022.cor_finite_horizon",
    says="with alpha = 1/sqrt(T) and beta2 = 1 - 1/T Adam without momentum has Adagrad's rate",
    source="ratelab, own derivation; after Defossez et al., TMLR 2022, arXiv 2003.02395, finite horizon",
    kind=Kind.UPPER,
    metric="E ||grad F||^2 at a uniformly random iterate",
    metric_units=SQUARED_GRADIENT,
    symbols=SYMBOLS,
    assumptions=(eps < R**2,),
    bound=COROLLARY_BOUND,
    rate=Rate(-sp.Rational(1, 2), sp.Integer(1)),
    limits=(Limit("nothing to lose, no curvature, no dimension", d, sp.Integer(0),
                  2 * R * Delta / (scale * sp.sqrt(T))),),
    standing=Standing.DERIVED,
    steps=(
        Inequality("-log(1-x) <= x/(1-x)", -sp.log(1 - x), "<=", x / (1 - x), COROLLARY_OVER),
        Identity("for x = 1/T", x / (1 - x), 1 / (T - 1), COROLLARY_OVER, (sp.Eq(x, 1 / T),)),
        Identity("Theorem 2's constant", E_C.subs({beta2: 1 - 1 / T, alpha: scale / sp.sqrt(T)}),
                 sp.sqrt(T) * (4 * d * R**2 + scale * d * R * L), COROLLARY_OVER),
        Inequality("Theorem 2", THEOREM_2_BOUND.subs({alpha: scale / sp.sqrt(T)}).subs(beta2, 1 - 1 / T), "<=",
                   COROLLARY_BOUND, COROLLARY_OVER, (-sp.log(1 - 1 / T) <= 1 / (T - 1),)),
    ),
    experiments=runs.finite_horizon(),
    broken_by=runs.finite_horizon_broken(),
)  # fmt: skip
