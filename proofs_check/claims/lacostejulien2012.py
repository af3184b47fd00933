"""S. Lacoste-Julien, M. Schmidt, F. Bach, "A simpler approach to obtaining an O(1/t) convergence rate", 1212.2002.

The projected subgradient method on a mu-strongly convex f with E ||g||^2 <= G^2, steps eta_k = 2/(mu (k+1)) and weights
k: the average loses no logarithm. D_k = E ||x_k - x*||^2, delta_k = E f(x_k) - f*. The statement is recalled, its proof
is given here.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import OBJECTIVE, PURE, Claim, Kind, Limit, Quantity, Rate, Standing, Units
from proofs_check.goal import COUNT, NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances import lacostejulien2012 as runs
from proofs_check.sequences import Induction
from proofs_check.steps import Identity, Inequality
from proofs_check.symbols import GRADIENT_BOUND, HORIZON, SQUARED_GRADIENT, G, T

AREA = Units(X=2)
mu, eta = sp.symbols("mu eta", positive=True)
k = sp.Symbol("k", integer=True, positive=True)
now, later, second, delta = sp.symbols("D_k D_{k+1} V delta_k", nonnegative=True)
inner, total, gap = sp.symbols("inner S gap", real=True)

SYMBOLS = (HORIZON, GRADIENT_BOUND, Quantity(mu, POSITIVE, Units(F=1, X=-2), "strong convexity"))
OVER = (
    *SYMBOLS,
    Quantity(eta, POSITIVE, Units(F=-1, X=2), "step size"),
    Quantity(k, COUNT, PURE, "step"),
    *(Quantity(x, NONNEGATIVE, AREA, "E ||x - x*||^2, before and after") for x in (now, later)),
    Quantity(second, NONNEGATIVE, SQUARED_GRADIENT, "E ||g||^2"),
    Quantity(delta, NONNEGATIVE, OBJECTIVE, "E f(x_k) - f*"),
    *(Quantity(x, REAL, OBJECTIVE, "E <g, x - x*>, sum of k delta_k, E f(average) - f*") for x in (inner, total, gap)),
)
BOUND = 2 * G**2 / (mu * (T + 1))
BEFORE = (k - 1) * G**2 / mu - mu * k * (k - 1) / 4 * now
TELESCOPED = mu * k * (k - 1) / 4 * now - mu * k * (k + 1) / 4 * later

WEIGHTED = Claim(
    id="lacostejulien2012.weighted_average",
    says="with steps 2/(mu (k+1)) and weights k the average of T points is within 2 G^2/(mu (T+1)) of the optimum",
    source="ratelab, own proof; after Lacoste-Julien, Schmidt, Bach, arXiv 1212.2002 (equation number not checked)",
    standing=Standing.DERIVED,
    kind=Kind.UPPER,
    metric="E f(average) - f*",
    metric_units=OBJECTIVE,
    symbols=SYMBOLS,
    assumptions=(),
    bound=BOUND,
    rate=Rate(sp.Integer(-1)),
    limits=(Limit("without gradients nothing is to be done", G, sp.Integer(0), sp.Integer(0)),),
    steps=(
        Inequality("one step; projection on a convex set brings x no further from x*", later, "<=",
                   (1 - eta * mu) * now - 2 * eta * delta + eta**2 * G**2, OVER,
                   (later <= now - 2 * eta * inner + eta**2 * second, inner >= delta + mu * now / 2, second <= G**2)),
        Inequality("eta_k = 2/(mu (k+1)), times k/(2 eta): the distances telescope", k * delta, "<=",
                   TELESCOPED + k * G**2 / (mu * (k + 1)), OVER,
                   (later <= (1 - 2 / (k + 1)) * now - 4 * delta / (mu * (k + 1)) + 4 * G**2 / (mu * (k + 1)) ** 2,)),
        Inequality("what each step costs", TELESCOPED + k * G**2 / (mu * (k + 1)), "<=", TELESCOPED + G**2 / mu, OVER),
        Induction("the sum S of k delta_k: S + mu k (k+1)/4 D_{k+1} <= k G^2/mu",
                  base=Identity("no term", sp.Integer(0), 0 * G**2 / mu, OVER),
                  step=Inequality("one more", total + k * delta + mu * k * (k + 1) / 4 * later, "<=", k * G**2 / mu,
                                  OVER, (total <= BEFORE, k * delta <= TELESCOPED + G**2 / mu))),
        Inequality("the average of x_2, ..., x_{T+1} with weights 1, ..., T, each one less than in S", gap, "<=",
                   BOUND.subs(T + 1, T), OVER, (gap <= 2 * total / (T * (T + 1)), total <= (T + 1) * G**2 / mu)),
        Inequality("the average of x_1, ..., x_T with weights k, by convexity", gap, "<=", BOUND, OVER,
                   (gap <= 2 * total / (T * (T + 1)), total <= T * G**2 / mu)),
    ),
    experiments=runs.weighted(BOUND.subs(T + 1, T)),
    broken_by=runs.weighted_broken(BOUND.subs(T + 1, T)),
)  # fmt: skip
