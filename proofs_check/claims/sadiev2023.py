"""A. Sadiev et al., "High-probability bounds for stochastic optimization and variational inequalities: the case of
unbounded variance", ICML 2023, arXiv 2302.00999: what SGD without clipping pays for a small probability of failure.

f = mu x^2/2, x+ = x - h (mu x + sigma xi), and only the last step is noisy: xi = A or -A with probability 1/(2 A^2)
each, else 0; A = max(1, 2 sqrt(eps)/(h sigma)). r = sqrt(eps), w = sqrt(beta), y = h mu. The noise depends on K and
h.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, LENGTH, PURE, Claim, Kind, Limit, Quantity, Standing, Units
from proofs_check.goal import COUNT, FRACTION, POSITIVE, REAL
from proofs_check.instances import sadiev2023 as runs
from proofs_check.steps import Identity, Inequality

sigma, mu, eps, beta, x0, h, A, r, w, ell = sp.symbols("sigma mu epsilon beta x_0 h A r w ell", positive=True)
y, m, prob = sp.symbols("y m P", positive=True)
drift, jump = sp.symbols("d j", real=True)
K = sp.Symbol("K", integer=True, positive=True)

SYMBOLS = (
    Quantity(sigma, POSITIVE, GRADIENT, "standard deviation of the noise"),
    Quantity(mu, POSITIVE, Units(F=1, X=-2), "curvature"),
    Quantity(eps, POSITIVE, Units(X=2), "wanted squared distance"),
    Quantity(beta, sp.Interval.open(0, sp.Rational(1, 2)), PURE, "allowed probability of failure"),
    Quantity(x0, POSITIVE, LENGTH, "start, above sqrt(epsilon)"),
)
OVER = (
    *SYMBOLS,
    Quantity(h, POSITIVE, Units(F=-1, X=2), "step size, at most 1/mu"),
    Quantity(A, sp.Interval(1, sp.oo), PURE, "size of the noise over sigma"),
    Quantity(r, POSITIVE, LENGTH, "sqrt(epsilon)"),
    Quantity(w, FRACTION, PURE, "sqrt(beta)"),
    Quantity(ell, POSITIVE, PURE, "log(x_0/sqrt(epsilon))"),
    Quantity(y, FRACTION, PURE, "h mu"),
    Quantity(m, POSITIVE, PURE, "-log(1 - h mu)"),
    Quantity(prob, POSITIVE, PURE, "P(x_K^2 >= epsilon)"),
    Quantity(K, COUNT, PURE, "number of steps"),
    *(Quantity(e, REAL, LENGTH, "x_K without noise, and what the noise adds") for e in (drift, jump)),
)
BOUND = (sigma / (2 * mu * sp.sqrt(eps * beta)) - 1) * sp.log(x0 / sp.sqrt(eps))

SGD_LOWER = Claim(
    id="sadiev2023.sgd_lb",
    says="P(x_K^2 >= eps) <= beta takes SGD, with any fixed step, a power of 1/beta many steps on its own noise",
    source="ratelab, own derivation of the construction; after Sadiev et al., ICML 2023, arXiv 2302.00999 (poster)",
    standing=Standing.DERIVED,
    kind=Kind.LOWER,
    metric="number of steps after which P(x_K^2 >= eps) <= beta",
    metric_units=PURE,
    symbols=SYMBOLS,
    assumptions=(x0 > sp.sqrt(eps),),
    bound=BOUND,
    limits=(Limit("a start at the goal needs no step", x0, sp.sqrt(eps), sp.Integer(0)),),
    steps=(
        Identity("the noise has variance sigma^2", 2 * (sigma * A) ** 2 / (2 * A**2), sigma**2, OVER),
        Inequality("with this probability at least x_K >= d, so d < sqrt(eps): else SGD fails too often",
                   1 - 1 / (2 * A**2), ">", beta, OVER),
        Inequality("then a jump of 2 sqrt(eps), either way, is a failure: |d + j| >= sqrt(eps)", (drift + jump) ** 2,
                   ">=",
                   r**2, OVER, (jump >= 2 * r, drift >= -r)),
        Inequality("its probability 1/A^2 must be at most beta, so A > 1", A, ">", sp.Integer(1), OVER, (w * A >= 1,)),
        Inequality("and the step is small: A = 2 sqrt(eps)/(h sigma)", h, "<=", 2 * r * w / sigma, OVER,
                   (sp.Eq(A, 2 * r / (h * sigma)), w * A >= 1)),
        Inequality("a small step contracts little: -log(1 - y) <= y/(1 - y)", -sp.log(1 - y), "<=", y / (1 - y), OVER),
        Inequality("(1 - y)^K x_0 <= sqrt(eps) takes", K, ">=", (1 / y - 1) * ell, OVER,
                   (K * m >= ell, m * (1 - y) <= y)),
        Inequality("steps, which is, y = h mu and h <= 2 sqrt(eps beta)/sigma,", (1 / (h * mu) - 1) * ell, ">=",
                   (sigma / (2 * mu * r * w) - 1) * ell, OVER, (h * sigma <= 2 * r * w,)),
        Identity("in the given constants", (sigma / (2 * mu * r * w) - 1) * ell, BOUND, OVER,
                 (sp.Eq(r, sp.sqrt(eps)), sp.Eq(w, sp.sqrt(beta)), sp.Eq(ell, sp.log(x0 / sp.sqrt(eps))),
                  x0 > sp.sqrt(eps))),
    ),
    experiments=runs.too_few(eps),
    broken_by=runs.too_few_broken(eps),
)  # fmt: skip
