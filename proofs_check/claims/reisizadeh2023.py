"""A. Reisizadeh, H. Li, S. Das, A. Jadbabaie, "Variance-reduced clipping for non-convex optimization" (2023).

arXiv 2303.00883. SPIDER with steps of length r = q eps/(L0 + L1 V), V = ||v||: v is a large batch's gradient every n
steps, and v+ = v plus the mean of n differences of stochastic gradients, each E ||g(x+) - g(x)||^2 <= (L0 + L1 ||grad
f(x)||)^2 r^2. E2 is E ||v - grad f||^2, u = ||v - grad f||. The paper's order, 1/eps^3 gradients, with a proof of the
lab's: q = 1/4 and L1 eps <= L0.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, LENGTH, OBJECTIVE, PURE, Claim, Kind, Limit, Quantity, Rate, Standing, Units
from proofs_check.goal import COUNT, COUNT0, NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances import reisizadeh2023 as runs
from proofs_check.sequences import Induction
from proofs_check.steps import Inequality
from proofs_check.symbols import HORIZON, SQUARED_GRADIENT, T

L0, L1, Delta, eps, r, sigma, m = sp.symbols("L_0 L_1 Delta epsilon r sigma m", positive=True)
n = sp.Symbol("n", integer=True, positive=True)
j = sp.Symbol("j", integer=True, nonnegative=True)
E2, later, V, u, G, w, mean, error = sp.symbols("E2 E2_+ V u G w mean Eu", nonnegative=True)
f0, f1, c = sp.symbols("f_0 f_1 c", real=True)

CLASS = (
    Quantity(L0, POSITIVE, Units(F=1, X=-2), "L0 of averaged (L0, L1)-smoothness"),
    Quantity(L1, POSITIVE, Units(X=-1), "L1 of averaged (L0, L1)-smoothness"),
    Quantity(eps, POSITIVE, GRADIENT, "wanted gradient norm"),
)
SYMBOLS = (HORIZON, *CLASS, Quantity(Delta, POSITIVE, OBJECTIVE, "f(x_0) - inf f"))
OVER = (
    *SYMBOLS,
    Quantity(sigma, POSITIVE, GRADIENT, "standard deviation of a stochastic gradient"),
    Quantity(m, POSITIVE, PURE, "size of a large batch, at least 2 (sigma/eps)^2"),
    Quantity(w, NONNEGATIVE, GRADIENT, "(L0 + L1 ||grad f||) r"),
    Quantity(r, POSITIVE, LENGTH, "length of the step"),
    Quantity(n, COUNT, PURE, "batch of the differences, and steps between large batches"),
    Quantity(j, COUNT0, PURE, "steps since the large batch"),
    *(Quantity(e, NONNEGATIVE, SQUARED_GRADIENT, "E ||v - grad f||^2, now and next") for e in (E2, later)),
    *(
        Quantity(e, NONNEGATIVE, GRADIENT, "||v||, ||v - grad f||, ||grad f||, E ||v - grad f||")
        for e in (V, u, G, error)
    ),
    Quantity(mean, NONNEGATIVE, Units(X=1), "mean of E V/(L0 + L1 V)"),
    Quantity(c, REAL, GRADIENT, "<grad f, v>/||v||"),
    *(Quantity(e, REAL, OBJECTIVE, "f at x and at x+") for e in (f0, f1)),
)
SHORT = sp.Eq(r, eps / (4 * (L0 + L1 * V)))
BOUND = 4 * Delta / (eps * T) + 5 * eps / (4 * L0)

SPIDER = Claim(
    id="reisizadeh2023.normalised_spider",
    says="SPIDER with steps eps/(4 (L0 + L1 ||v||)): E ||v||/(L0 + L1 ||v||) falls to 5/4 eps/L0 if L1 eps <= L0",
    source="ratelab, own derivation; after Reisizadeh, Li, Das, Jadbabaie, arXiv 2303.00883",
    standing=Standing.DERIVED,
    kind=Kind.UPPER,
    metric="mean of E ||v||/(L0 + L1 ||v||) over T steps",
    metric_units=LENGTH,
    symbols=SYMBOLS,
    assumptions=(L1 * eps <= L0,),
    bound=BOUND,
    rate=Rate(sp.Integer(0)),
    limits=(Limit("long runs: the error of the estimator is left", T, sp.oo, 5 * eps / (4 * L0)),),
    steps=(
        Inequality("the curvature along a step, ||grad f|| <= V + u", (L0 + L1 * G) * r, "<=", (eps + u) / 4, OVER,
                   (SHORT, G <= V + u, L1 * eps <= L0)),
        Inequality("so one step adds to the estimator's error, mean of n differences,", later, "<=",
                   E2 + (eps**2 + E2) / (8 * n), OVER,
                   (later <= E2 + w**2 / n, w <= (eps + u) / 4, u**2 <= E2)),
        Induction("and over n steps from E2 <= eps^2/2 it stays below eps^2/2 + eps^2 j/(4 n), which is below eps^2",
                  base=Inequality("the large batch, of m", E2, "<=", eps**2 / 2, OVER,
                                  (m * E2 <= sigma**2, m * eps**2 >= 2 * sigma**2)),
                  step=Inequality("the next", E2 + (eps**2 + E2) / (8 * n), "<=",
                                  eps**2 / 2 + eps**2 * (j + 1) / (4 * n),
                                  OVER, (E2 <= eps**2 / 2 + eps**2 * j / (4 * n), j <= n))),
        Inequality("the step goes along v, and grad f = v - error", f1, "<=", f0 - r * V + r * (9 * u + eps) / 8, OVER,
                   (f1 <= f0 - r * c + w * r / 2, w <= (eps + u) / 4, c >= V - u)),
        Inequality("in r V = eps/4 V/(L0 + L1 V), and r <= eps/(4 L0)", r, "<=", eps / (4 * L0), OVER, (SHORT,)),
        Inequality("over T steps", mean, "<=", BOUND, OVER,
                   (T * eps / 4 * mean <= Delta + T * eps / (4 * L0) * (9 * error + eps) / 8,
                    error <= eps)),
    ),
    experiments=runs.exact(BOUND),
    broken_by=runs.exact_broken(BOUND),
)  # fmt: skip
