"""After A. Nemirovski, A. Juditsky, G. Lan, A. Shapiro, SIAM J. Optim. 19(4) (2009), section 2.1: steps c/k.

SGD x_{k+1} = x_k - (c/k) (mu x_k + xi_k) on mu x^2 / 2, E xi = 0, E xi^2 = s2; e_k = E x_k^2 and u = c mu. Everything
hangs on u: above 1/2 the error is of the order 1/k, at 1/2 a logarithm is lost, below 1/2 it is k^(-2u). The paper's
example is u = 1/5 without noise. Statements, constants and proofs here are the lab's.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import LENGTH, PURE, Claim, Kind, Limit, Quantity, Rate, Standing, Units
from proofs_check.goal import COUNT, NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances import nemirovski2009 as runs
from proofs_check.sequences import Induction
from proofs_check.steps import Chain, Identity, Inequality
from proofs_check.symbols import HORIZON, SQUARED_GRADIENT, T

R, c, mu, u, v, t = sp.symbols("R c mu u v t", positive=True)
s2, e, e1, x0, noise, A, p, S, w, z = sp.symbols("s2 e e_1 x0 n A p S w z", nonnegative=True)
x, xi = sp.symbols("x xi", real=True)
k = sp.Symbol("k", integer=True, positive=True)
log, half = sp.log, sp.Rational(1, 2)

AREA = Units(X=2)
START = Quantity(x0, NONNEGATIVE, LENGTH, "distance of x_1 from the minimiser")
NOISE = Quantity(s2, NONNEGATIVE, SQUARED_GRADIENT, "variance of the noise")
CURVED = Quantity(mu, POSITIVE, Units(F=1, X=-2), "curvature")
SCALE = Quantity(c, POSITIVE, Units(F=-1, X=2), "scale of the steps c/k")


def product(domain: sp.Set) -> Quantity:
    """Return u = c mu with its domain."""
    return Quantity(u, domain, PURE, "c mu")


SLOW, FAST = sp.Interval.open(0, half), sp.Interval.Lopen(half, 1)
COMMON = (
    HORIZON, START, NOISE, CURVED, SCALE,
    *(Quantity(s, NONNEGATIVE, AREA, "E x_k^2 or a part of it, now and one step later") for s in (e, e1, noise, A)),
    Quantity(x, REAL, LENGTH, "x_k"),
    Quantity(xi, REAL, Units(F=1, X=-1), "noise"),
    Quantity(k, COUNT, PURE, "step"),
    Quantity(t, sp.Interval(1, sp.oo), PURE, "step, taken for real"),
    Quantity(S, NONNEGATIVE, PURE, "1 + 1/2 + ... + 1/T"),
    Quantity(p, NONNEGATIVE, PURE, "product of 1 - u/j up to k"),
    Quantity(w, sp.Interval(0, half), PURE, "1/k, k >= 2"),
    Quantity(z, sp.Interval.Ropen(0, 1), PURE, "u/k"),
)  # fmt: skip
SLOWLY = (*COMMON, product(sp.Interval.open(0, 1)))
FASTLY = (*COMMON, product(FAST))
SOURCE = "ratelab, own derivation; after Nemirovski, Juditsky, Lan, Shapiro, SIAM J. Optim. 19(4) (2009), section 2.1"
ONE_STEP = Identity("one step, squared; in expectation e_{k+1} = (1 - u/k)^2 e_k + c^2 s2/k^2", (
    x - c / k * (mu * x + xi)) ** 2, (1 - c * mu / k) ** 2 * x**2 - 2 * c / k * (1 - c * mu / k) * x * xi
    + c**2 / k**2 * xi**2, COMMON)  # fmt: skip
DECAY = (
    Inequality("Bernoulli: 1 - u w >= (1 - w)^u", log(1 - u * w), ">=", u * log(1 - w), SLOWLY),
    Induction("so the product of 1 - u/j over j <= k is at least (1 - u) k^(-u)",
              base=Inequality("k = 1", 1 - u, ">=", (1 - u) * sp.Integer(1) ** (-u), SLOWLY),
              step=Inequality("k to k+1", (1 - u / (k + 1)) * p, ">=", (1 - u) * v, (
                  *SLOWLY, Quantity(v, POSITIVE, PURE, "(k + 1)^(-u)"), Quantity(R, POSITIVE, PURE, "k^(-u)")),
                  (p >= (1 - u) * R, (1 - u / (k + 1)) * R >= v))),
)  # fmt: skip

UNTUNED = Claim(
    id="nemirovski2009.sgd_ck_slow",
    says="steps 1/k on x^2/10, without noise: x_k stays above 0.8 k^(-1/5), although 5/k ends after one step",
    source=SOURCE,
    standing=Standing.DERIVED,
    kind=Kind.LOWER,
    metric="iterate",
    metric_units=LENGTH,
    symbols=(HORIZON, START),
    assumptions=(),
    bound=sp.Rational(4, 5) * x0 * (T + 1) ** (-sp.Rational(1, 5)),
    rate=Rate(-sp.Rational(1, 5)),
    limits=(Limit("from the minimiser", x0, sp.Integer(0), sp.Integer(0)),),
    experiments=runs.slow(),
    broken_by=runs.slow_broken(),
    steps=(
        Identity("one step takes the share 1/(5 k) off", x - c / t * (mu * x), (1 - 1 / (5 * t)) * x, COMMON,
                 (sp.Eq(c, 1 / (5 * mu)),)),
        Inequality("y_k = (x_k / x_1)^5 stays above 2/(5 k - 3): from k to k + 1",
                   (1 - 1 / (5 * t)) ** 5 * 2 / (5 * t - 3), ">=", 2 / (5 * (t + 1) - 3), COMMON),
        Induction("so does every y_k",
                  base=Identity("k = 1", sp.Integer(1), 2 / (5 * sp.Integer(1) - 3)),
                  step=Inequality("k to k+1", (1 - 1 / (5 * t)) ** 5 * p, ">=", 2 / (5 * (t + 1) - 3), COMMON,
                                  (p >= 2 / (5 * t - 3), (1 - 1 / (5 * t)) ** 5 * 2 / (5 * t - 3)
                                   >= 2 / (5 * (t + 1) - 3)))),
        Inequality("which is more than (4/5)^5 / k", 2 / (5 * t - 3), ">=", sp.Rational(4, 5) ** 5 / t, COMMON),
        Identity("its fifth root at k = T + 1", x0 * (sp.Rational(4, 5) ** 5 / (T + 1)) ** sp.Rational(1, 5),
                 sp.Rational(4, 5) * x0 * (T + 1) ** (-sp.Rational(1, 5)), COMMON),
    ),
)  # fmt: skip

BELOW = Claim(
    id="nemirovski2009.sgd_ck_regimes_below",
    says="steps c/k with u = c mu < 1/2: the start is forgotten only like k^(-2u), more slowly than 1/k",
    source=SOURCE,
    standing=Standing.DERIVED,
    kind=Kind.LOWER,
    metric="distance_sq",
    metric_units=AREA,
    symbols=(HORIZON, START, product(SLOW)),
    assumptions=(),
    bound=(1 - u) ** 2 * x0**2 * T ** (-2 * u),
    rate=Rate(-2 * u),
    limits=(Limit("no steps at all", u, sp.Integer(0), x0**2),),
    steps=(
        ONE_STEP,
        *DECAY,
        Chain("noise only adds", (p**2 * x0**2 + noise, ">=", p**2 * x0**2, ">=", (1 - u) ** 2 * x0**2 * T ** (-2 * u)),
              SLOWLY, (p >= (1 - u) * T**-u,)),
    ),
    experiments=runs.below(),
    broken_by=runs.below_broken(),
)  # fmt: skip

HALF = Claim(
    id="nemirovski2009.sgd_ck_regimes_half",
    says="steps c/k with c mu = 1/2 lose a logarithm: E x_{T+1}^2 is at least c^2 s2 log(T + 1)/T",
    source=SOURCE,
    standing=Standing.DERIVED,
    kind=Kind.LOWER,
    metric="distance_sq",
    metric_units=AREA,
    symbols=(HORIZON, NOISE, SCALE),
    assumptions=(),
    bound=c**2 * s2 * log(T + 1) / T,
    rate=Rate(-sp.Integer(1), sp.Integer(1)),
    limits=(Limit("no noise: nothing is claimed", s2, sp.Integer(0), sp.Integer(0)),),
    steps=(
        ONE_STEP,
        Inequality("k e_{k+1} exceeds (k - 1) e_k by c^2 s2/k at least", k * ((1 - half / k) ** 2 * e
                   + c**2 * s2 / k**2), ">=", (k - 1) * e + c**2 * s2 / k, COMMON),
        Induction("so T e_{T+1} >= c^2 s2 (1 + 1/2 + ... + 1/T)",
                  base=Inequality("no step", 0 * e, ">=", c**2 * s2 * 0, COMMON),
                  step=Inequality("k to k+1", k * e1, ">=", c**2 * s2 * (S + 1 / k), COMMON,
                                  (k * e1 >= (k - 1) * e + c**2 * s2 / k, (k - 1) * e >= c**2 * s2 * S))),
        Induction("and the sum is at least log(T + 1)",
                  base=Identity("no term", sp.Integer(0), log(sp.Integer(1))),
                  step=Inequality("one more", 1 / k, ">=", log(k + 1) - log(k), COMMON)),
        Inequality("together", e1, ">=", c**2 * s2 * log(T + 1) / T, COMMON,
                   (T * e1 >= c**2 * s2 * S, S >= log(T + 1))),
    ),
    experiments=runs.log_lost(),
    broken_by=runs.log_lost_broken(),
)  # fmt: skip

FLOOR = c**2 * s2 / ((2 * u - 1) * (T + 1 - u))

ABOVE = Claim(
    id="nemirovski2009.sgd_ck_regimes_above",
    says="steps c/k with 1/2 < u = c mu <= 1: noise c^2 s2/((2u - 1)(T + 1 - u)), and the start fades like T^(-2u)",
    source=SOURCE,
    standing=Standing.DERIVED,
    kind=Kind.UPPER,
    metric="distance_sq",
    metric_units=AREA,
    symbols=(HORIZON, START, NOISE, SCALE, product(FAST)),
    assumptions=(),
    bound=x0**2 * (T + 1) ** (-2 * u) + FLOOR,
    limits=(
        Limit("no noise", s2, sp.Integer(0), x0**2 * (T + 1) ** (-2 * u)),
        Limit("c = 1/mu", u, sp.Integer(1), x0**2 / (T + 1) ** 2 + c**2 * s2 / T),
    ),
    steps=(
        ONE_STEP,
        Inequality("1 - u/k <= (1 + 1/k)^(-u), as log(1 + y) <= y", u * log(1 + 1 / t), "<=", u / t, FASTLY),
        Inequality("and log(1 - z) <= -z, z = u/k (at z = 1 the product is 0)", log(1 - z), "<=", -z, FASTLY),
        Identity("the noise part n_k <= A/(k - u), A = c^2 s2/(2u - 1), goes to", (1 - u / t) ** 2 / (t - u)
                 + (2 * u - 1) / t**2, (t**2 - (1 - u) ** 2) / (t**2 * (t + 1 - u)), FASTLY, (t > u,)),
        Inequality("which is at most", (t**2 - (1 - u) ** 2) / (t**2 * (t + 1 - u)), "<=", 1 / (t + 1 - u), FASTLY),
        Induction("so n_{k+1} <= A/(k + 1 - u)",
                  base=Inequality("n_2 = c^2 s2, as n_1 = 0", c**2 * s2, "<=", c**2 * s2 / ((2 * u - 1) * (2 - u)),
                                  FASTLY),
                  step=Inequality("k to k+1", (1 - u / t) ** 2 * noise + (2 * u - 1) * A / t**2, "<=", A / (t + 1 - u),
                                  FASTLY, (noise <= A / (t - u), t > u, (1 - u / t) ** 2 / (t - u)
                                           + (2 * u - 1) / t**2 <= 1 / (t + 1 - u)))),
        Inequality("start and noise together", p**2 * x0**2 + noise, "<=", x0**2 * (T + 1) ** (-2 * u) + FLOOR, FASTLY,
                   (p <= (T + 1) ** -u, noise <= FLOOR)),
    ),
    experiments=runs.above(),
    broken_by=runs.above_broken(),
)  # fmt: skip

BEST = Claim(
    id="nemirovski2009.sgd_ck_regimes_best",
    says="with c = 1/mu the start is forgotten in one step and E x_{T+1}^2 = s2/(mu^2 T), exactly: x is a mean",
    source=SOURCE,
    standing=Standing.DERIVED,
    kind=Kind.EXACT,
    metric="distance_sq",
    metric_units=AREA,
    symbols=(HORIZON, NOISE, CURVED),
    assumptions=(),
    bound=s2 / (mu**2 * T),
    rate=Rate(-sp.Integer(1)),
    limits=(Limit("no noise: one step is enough", s2, sp.Integer(0), sp.Integer(0)),),
    steps=(
        ONE_STEP,
        Induction("the first step forgets the start, and the later ones take the mean",
                  base=Identity("k = 1", (1 - sp.Integer(1)) ** 2 * x0**2 + s2 / mu**2, s2 / mu**2, COMMON),
                  step=Identity("k to k+1", (1 - 1 / (T + 1)) ** 2 * s2 / (mu**2 * T) + s2 / (mu**2 * (T + 1) ** 2),
                                s2 / (mu**2 * (T + 1)), COMMON),
                  conclusion=(e, "==", s2 / (mu**2 * T))),
    ),
    experiments=runs.best(),
    broken_by=runs.best_broken(),
)  # fmt: skip
