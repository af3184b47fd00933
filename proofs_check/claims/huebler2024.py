"""F. Huebler, J. Yang, X. Li, N. He, "Parameter-agnostic optimization under relaxed smoothness", AISTATS 2024: Armijo.

Gradient descent with backtracking: h is tried from above, shrunk by bet, and taken once f(x+) <= f(x) - c1 h g^2,
with g = ||grad f(x)||; S = L0 + L1 g and w = L1 h g. Along the step f(x+) <= f(x) - h g^2 + (S/L1^2) phi(w) with
phi(w) = exp(w) - w - 1, for twice differentiable (L0, L1)-smooth f.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, OBJECTIVE, PURE, Claim, Kind, Limit, Quantity, Rate, Standing, Units
from proofs_check.goal import FRACTION, NONNEGATIVE, POSITIVE
from proofs_check.instances import huebler2024 as runs
from proofs_check.steps import Inequality
from proofs_check.symbols import HORIZON, SQUARED_GRADIENT, T

L0, L1, Delta, g, h, S = sp.symbols("L_0 L_1 Delta g h S", positive=True)
bet, c1, w, phi = sp.symbols("beta c_1 w phi", positive=True)
mean2 = sp.Symbol("A", nonnegative=True)

SYMBOLS = (
    HORIZON,
    Quantity(L0, POSITIVE, Units(F=1, X=-2), "L0 of (L0, L1)-smoothness"),
    Quantity(L1, POSITIVE, Units(X=-1), "L1 of (L0, L1)-smoothness"),
    Quantity(Delta, POSITIVE, OBJECTIVE, "f(x_0) - inf f"),
    Quantity(bet, FRACTION, PURE, "factor by which the step is shrunk"),
    Quantity(c1, FRACTION, PURE, "Armijo's constant"),
)
OVER = (
    *SYMBOLS,
    Quantity(g, POSITIVE, GRADIENT, "||grad f(x)||"),
    Quantity(h, POSITIVE, Units(F=-1, X=2), "step size"),
    Quantity(S, POSITIVE, Units(F=1, X=-2), "L0 + L1 g"),
    Quantity(w, sp.Interval.open(0, 2), PURE, "L1 h g"),
    Quantity(phi, POSITIVE, PURE, "exp(w) - w - 1"),
    Quantity(mean2, NONNEGATIVE, SQUARED_GRADIENT, "mean of ||grad f||^2"),
)
SHORT = h * (S + (1 - c1) * L1 * g) <= 2 * (1 - c1)
SHARP = (L0 * Delta + 4 * L1**2 * Delta**2) / (bet * c1 * (1 - c1) * T)

ARMIJO = Claim(
    id="huebler2024.pagnostic_armijo",
    says="Armijo gradient descent adapts to (L0, L1); the lab's constants 1 and 4 imply the 4 and 14 that are reported",
    source="ratelab, own derivation of the constants; after Huebler, Yang, Li, He, AISTATS 2024 (Armijo descent)",
    standing=Standing.DERIVED,
    kind=Kind.UPPER,
    metric="mean of ||grad f||^2 over the first T points",
    metric_units=SQUARED_GRADIENT,
    symbols=SYMBOLS,
    assumptions=(),
    bound=SHARP,
    rate=Rate(sp.Integer(-1)),
    limits=(
        Limit("L1 = 0: the smooth case", L1, sp.Integer(0), L0 * Delta / (bet * c1 * (1 - c1) * T)),
        Limit("from a minimiser", Delta, sp.Integer(0), sp.Integer(0)),
    ),
    steps=(
        Inequality("exp(w) <= (2 + w)/(2 - w), which is phi(w) <= w^2/(2 - w)", w, "<=", sp.log((2 + w) / (2 - w)),
                   OVER),
        Inequality("so short steps pass the test", h * g**2 - S / L1**2 * phi, ">=", c1 * h * g**2, OVER,
                   (SHORT, sp.Eq(w, L1 * h * g), phi * (2 - w) <= w**2)),
        Inequality("and the step taken is at least bet times the longest of them", h, ">=",
                   2 * bet * (1 - c1) / (L0 + 2 * L1 * g), OVER,
                   (h * (S + (1 - c1) * L1 * g) >= 2 * bet * (1 - c1), sp.Eq(S, L0 + L1 * g))),
        Inequality("f - inf f >= g^2/(2 L0 + 3 L1 g) (the best step's progress), so the curvature is bounded",
                   L0 + 2 * L1 * g, "<=", 2 * L0 + 8 * L1**2 * Delta, OVER, (g**2 <= Delta * (2 * L0 + 3 * L1 * g),)),
        Inequality("so a step descends by at least", c1 * h * g**2, ">=",
                   bet * c1 * (1 - c1) * g**2 / (L0 + 4 * L1**2 * Delta), OVER,
                   (h * (L0 + 2 * L1 * g) >= 2 * bet * (1 - c1), L0 + 2 * L1 * g <= 2 * L0 + 8 * L1**2 * Delta)),
        Inequality("the constants that are reported follow", SHARP, "<=",
                   (4 * L0 * Delta + 14 * L1**2 * Delta**2) / (bet * c1 * (1 - c1) * T), OVER),
        Inequality("T steps descend by Delta at most", mean2, "<=", SHARP, OVER,
                   (T * bet * c1 * (1 - c1) * mean2 / (L0 + 4 * L1**2 * Delta) <= Delta,)),
    ),
    experiments=runs.armijo(),
    broken_by=runs.armijo_broken(),
)  # fmt: skip
