"""After Y. Drori, O. Shamir, "The Complexity of Finding Stationary Points with SGD", ICML 2020, arXiv 1910.01845.

Their message: SGD needs of the order of eps^-4 steps for E ||grad f|| <= eps, already on convex quadratics. Here an
instance, constants and a proof of the lab's, for a constant step gamma and the best of the first T iterates:
f(x, y) = L x^2 / 2 + l y^2 / 2, noise of variance sigma^2 on x, x_0 = 0, l y_0^2 / 2 = Delta. A slow l answers short
steps, l = L/4 long ones. Below h = gamma L, w = gamma l and s = sqrt(L Delta / T).
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, OBJECTIVE, PURE, Claim, Kind, Limit, Quantity, Rate, Standing, Units
from proofs_check.goal import COUNT0, FRACTION, NONNEGATIVE, POSITIVE
from proofs_check.instances import drori2020 as runs
from proofs_check.sequences import Induction, Recursion
from proofs_check.steps import Chain, Identity, Inequality
from proofs_check.symbols import HORIZON, SQUARED_GRADIENT, T

L, l, Delta, sigma, eps, g, s = sp.symbols("L l Delta sigma epsilon gamma s", positive=True)
m, y2, kept, large = sp.symbols("m y2 p M", nonnegative=True)
h, w = sp.symbols("h w", positive=True)
k = sp.Symbol("k", integer=True, nonnegative=True)
R, sqrt = sp.Rational, sp.sqrt

CURVED = Units(F=1, X=-2)
SYMBOLS = (
    HORIZON,
    Quantity(L, POSITIVE, CURVED, "f is L-smooth"),
    Quantity(Delta, POSITIVE, OBJECTIVE, "f(x_0) - min f"),
    Quantity(sigma, POSITIVE, GRADIENT, "standard deviation of the noise"),
)
WANTED = Quantity(eps, POSITIVE, GRADIENT, "wanted root mean square of the gradient's norm")
OVER = (
    *SYMBOLS, WANTED,
    Quantity(l, POSITIVE, CURVED, "the small curvature, at most L"),
    Quantity(g, POSITIVE, Units(F=-1, X=2), "step size"),
    Quantity(s, POSITIVE, GRADIENT, "sqrt(L Delta / T)"),
    Quantity(large, NONNEGATIVE, SQUARED_GRADIENT, "the larger of the two floors"),
    *(Quantity(e, NONNEGATIVE, Units(X=2), "E of a squared coordinate") for e in (m, y2)),
    Quantity(kept, NONNEGATIVE, PURE, "(1 - w)^k, or (1 - h)^k"),
    *(Quantity(e, FRACTION, PURE, "step size times curvature, below 1") for e in (h, w)),
    Quantity(k, COUNT0, PURE, "steps done, at most T"),
)  # fmt: skip
q = (1 - g * L) ** 2
NOISE = g**2 * sigma**2 * (1 - q**k) / (1 - q)
S_IS = sp.Eq(Delta, s**2 * T / L)
FLOORS = (s**2 / (4 * g * L), R(3, 8) * L * g * sigma**2, T * s**2 / 4)
BEST = sqrt(R(3, 32)) * sigma * s
BOUND = sigma * sqrt(3 * L * Delta / (32 * T))
TWO_ENDS = (
    Recursion("E x_k^2 from 0", m, q * m + g**2 * sigma**2, sp.Integer(0), k, NOISE, OVER, (g * L < 2,)),
    Identity("y is not noisy; the gradient's squared norm at step k", L**2 * NOISE + l**2 * (1 - g * l) ** (2 * k)
             * y2, 2 * Delta * l * (1 - g * l) ** (2 * k) + L**2 * NOISE, OVER, (sp.Eq(y2, 2 * Delta / l), g * L < 2)),
    Induction("Bernoulli: (1 - w)^k >= 1 - k w",
              base=Inequality("k = 0", sp.Integer(1), ">=", 1 - 0 * w, OVER),
              step=Inequality("k to k+1", (1 - w) * kept, ">=", 1 - (k + 1) * w, OVER, (kept >= 1 - k * w,)),
              conclusion=(kept, ">=", 1 - k * w)),
    Inequality("slow l, the smaller of L and 1/(2 gamma T): up to step T half of y is left", kept, ">=", R(1, 2), OVER,
               (kept >= 1 - T * g * l, 2 * g * l * T <= 1)),
    Inequality("and its part of the gradient", 2 * Delta * l * kept**2, ">=", Delta * l / 2, OVER, (kept >= R(1, 2),)),
    Inequality("for either value of l", Delta * l / 2, ">=", sp.Min(FLOORS[0], T * s**2 / 2), OVER,
               (sp.Eq(l, sp.Min(L, 1 / (2 * g * T))), S_IS)),
    Inequality("h = gamma L < 1 takes more off than k + 1 adds", (1 - h) * (1 + (k + 1) * h), "<=", 1 + k * h, OVER),
    Induction("(1 - h)^k (1 + k h) <= 1 for h = gamma L < 1",
              base=Inequality("k = 0", sp.Integer(1) * (1 + 0 * h), "<=", sp.Integer(1), OVER),
              step=Inequality("k to k+1", (1 - h) * kept * (1 + (k + 1) * h), "<=", sp.Integer(1), OVER,
                              (kept * (1 + k * h) <= 1, (1 - h) * (1 + (k + 1) * h) <= 1 + k * h)),
              conclusion=(kept * (1 + k * h), "<=", sp.Integer(1))),
    Inequality("l = L/4 and h < 1: from k = 1/h on the noise leaves", g**2 * L**2 * sigma**2 * (1 - kept**2)
               / (1 - (1 - h) ** 2), ">=", FLOORS[1], OVER, (kept * (1 + k * h) <= 1, k * h >= 1, sp.Eq(g, h / L))),
    Inequality("where h >= 1, one step is enough for that, and more add to it", g**2 * L**2 * sigma**2, ">=", FLOORS[1],
               OVER, (g * L >= 1,)),
    Inequality("before 1/h steps three quarters of y_0 are left", kept, ">=", R(3, 4), OVER,
               (kept >= 1 - k * h / 4, k * h <= 1)),
    Chain("which leave a quarter of L Delta", (2 * Delta * (L / 4) * kept**2, ">=", Delta * L / 2 * R(9, 16), ">=",
                                               T * s**2 / 4), OVER, (kept >= R(3, 4), S_IS)),
    Inequality("with the better of the two l, a short step loses by y and a long one by x", sp.Max(*FLOORS[:2]), ">=",
               BEST, OVER),
)  # fmt: skip

BEST_ITERATE = Claim(
    id="drori2020.sgd_gradnorm_quadratic_lb",
    says="for every constant step there is a convex quadratic on which no iterate of SGD beats sigma sqrt(L Delta/T)",
    source="ratelab, own derivation; after Drori, Shamir, ICML 2020, arXiv 1910.01845, of which the abstract was read",
    standing=Standing.DERIVED,
    kind=Kind.LOWER,
    metric="min over t <= T of E ||grad f(x_t)||^2",
    metric_units=SQUARED_GRADIENT,
    symbols=SYMBOLS,
    assumptions=(3 * sigma**2 <= 2 * T * L * Delta,),
    bound=BOUND,
    rate=Rate(-R(1, 2)),
    limits=(Limit("no noise: nothing is claimed", sigma, sp.Integer(0), sp.Integer(0)),),
    steps=(
        *TWO_ENDS,
        Inequality("T is large", T * s, ">=", sqrt(R(3, 2)) * sigma, OVER, (3 * sigma**2 <= 2 * T**2 * s**2,)),
        Inequality("so that this is the smallest floor", sp.Min(large, FLOORS[2]), ">=", BEST, OVER,
                   (large >= BEST, T * s >= sqrt(R(3, 2)) * sigma)),
        Identity("that is", BEST, BOUND, OVER, (sp.Eq(s, sqrt(L * Delta / T)),)),
    ),
    experiments=runs.worst(BOUND),
    broken_by=runs.worst_broken(BOUND),
)  # fmt: skip

STEPS = 3 * L * Delta * sigma**2 / (32 * eps**4)

COMPLEXITY = Claim(
    id="drori2020.drori_shamir",
    says="so SGD with a constant step needs of the order of L Delta sigma^2 / eps^4 steps, on convex quadratics",
    source="ratelab, own derivation of instance and constant; after Drori, Shamir, ICML 2020, arXiv 1910.01845, whose "
    "abstract states the order",
    standing=Standing.DERIVED,
    kind=Kind.LOWER,
    metric="number of steps before some E ||grad f(x_t)||^2 <= epsilon^2",
    metric_units=PURE,
    symbols=(*SYMBOLS[1:], WANTED),
    assumptions=(4 * eps**2 < L * Delta,),
    bound=STEPS,
    limits=(Limit("no noise: nothing is claimed", sigma, sp.Integer(0), sp.Integer(0)),),
    steps=(
        *TWO_ENDS,
        Chain("epsilon^2 is below the third floor, L Delta / 4, so that it is at least the other: squared",
              (eps**4, ">=", large**2, ">=", BEST**2), OVER, (eps**2 >= large, large >= BEST)),
        Inequality("solved for T", T, ">=", STEPS, OVER, (eps**4 >= BEST**2, sp.Eq(L, s**2 * T / Delta))),
    ),
    experiments=runs.few(eps**2),
    broken_by=runs.few_broken(eps**2),
)  # fmt: skip
