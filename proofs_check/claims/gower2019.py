"""R. Gower et al., "SGD: General Analysis and Improved Rates", ICML 2019: Theorems 3.1 and 3.2.

f is mu-quasi-strongly convex, f* >= f(x) + <grad f(x), x* - x> + mu/2 ||x - x*||^2, and the sampled gradients are
smooth in expectation, E ||g(x) - g(x*)||^2 <= 2 Lc (f(x) - f*); s2 = E ||g(x*)||^2. Below r = E ||x_k - x*||^2, v is
f(x_k) - f*, e2 = E ||g(x) - g(x*)||^2, cross = E <g(x) - g(x*), g(x*)>, inner = <grad f, x - x*>, Q = ||grad f||^2,
K = Lc/mu and N = ceil(K).

Theorem 3.2 keeps the step 1/(2 Lc) up to k = 4 N and then turns to (2k+1)/((k+1)^2 mu). (k+1)^2 r_{k+1} <= k^2 r_k +
8 s2/mu^2 holds from 4 N + 1 on; at 4 N itself, where the step is still the old one, it need not, and Lemma 2.4 does not
bring r_{4N+1} under the bound for K between 1 and 1.1. The sharper second moment 4 Lc v + (2 - 1/K) s2 does, for all K.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import LENGTH, OBJECTIVE, PURE, Claim, Kind, Limit, Quantity, Rate, Standing, Units
from proofs_check.goal import COUNT, COUNT0, NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances import gower2019 as runs
from proofs_check.sequences import Induction
from proofs_check.steps import Chain, Identity, Inequality
from proofs_check.symbols import HORIZON, SQUARED_GRADIENT, T

a, Lc, mu, K, z = sp.symbols("gamma Lc mu K z", positive=True)
R, s2, r, r1, v, e2, g2, Q, decay, w, p = sp.symbols("R s2 r r_1 v e2 g2 Q q w p", nonnegative=True)
inner, cross = sp.symbols("inner cross", real=True)
k = sp.Symbol("k", integer=True, nonnegative=True)
N, n = sp.symbols("N n", integer=True, positive=True)
exp, log, half = sp.exp, sp.log, sp.Rational(1, 2)

AREA, STEP = Units(X=2), Units(F=-1, X=2)
COMMON = (
    HORIZON,
    Quantity(Lc, POSITIVE, Units(F=1, X=-2), "expected smoothness"),
    Quantity(mu, POSITIVE, Units(F=1, X=-2), "quasi-strong convexity"),
    Quantity(R, NONNEGATIVE, LENGTH, "||x_0 - x*||"),
    Quantity(s2, NONNEGATIVE, SQUARED_GRADIENT, "E ||g(x*)||^2, the noise at the minimiser"),
)
FIXED = (*COMMON, Quantity(a, POSITIVE, STEP, "step size"))
FALLING = (*COMMON, Quantity(N, COUNT, PURE, "ceil(Lc/mu)"))
OVER = (
    *FIXED,
    FALLING[-1],
    *(Quantity(e, NONNEGATIVE, AREA, "E ||x - x*||^2, now and one step later") for e in (r, r1)),
    *(Quantity(e, NONNEGATIVE, SQUARED_GRADIENT, "a second moment of gradients") for e in (e2, g2, Q)),
    Quantity(v, NONNEGATIVE, OBJECTIVE, "f(x) - f*"),
    Quantity(inner, REAL, OBJECTIVE, "<grad f(x), x - x*>"),
    Quantity(cross, REAL, SQUARED_GRADIENT, "E <g(x) - g(x*), g(x*)>"),
    Quantity(k, COUNT0, PURE, "steps done"),
    Quantity(n, COUNT, PURE, "steps done, above 4 N"),
    Quantity(K, sp.Interval(1, sp.oo), PURE, "Lc/mu"),
    Quantity(decay, NONNEGATIVE, PURE, "(1 - 1/(2K))^(4N), or to the power 4N + 1"),
    Quantity(p, NONNEGATIVE, PURE, "(2 - 1/K)/(2K)"),
    Quantity(w, sp.Interval(0, half), PURE, "1/(2K)"),
    Quantity(z, sp.Interval.Lopen(0, sp.Rational(1, 4)), PURE, "1/(4N)"),
)
SOURCE = "Gower, Loizou, Qian, Sailanbayev, Shulgin, Richtarik, ICML 2019, arXiv 1901.09401"
SHORT = a <= 1 / (2 * Lc)
CURVED = (
    Chain("grad f at x is not smaller than sqrt(2 mu v)", (2 * mu * v * r, "<=", (v + mu * r / 2) ** 2, "<=", Q * r),
          OVER, (inner >= v + mu * r / 2, inner**2 <= Q * r)),
    Inequality("so mu <= Lc, by Jensen's inequality (Q <= 2 Lc v)", mu, "<=", Lc, OVER,
               (2 * mu * v <= Q, Q <= 2 * Lc * v, v > 0)),
)  # fmt: skip
ONE_STEP = (
    Inequality("Lemma 2.4: E ||g||^2 = e2 + 2 cross + s2 is at most", g2, "<=", 4 * Lc * v + 2 * s2, OVER,
               (sp.Eq(g2, e2 + 2 * cross + s2), 2 * cross <= e2 + s2, e2 <= 2 * Lc * v)),
    Chain("one step", (r - 2 * a * inner + a**2 * g2, "<=", (1 - a * mu) * r + 2 * a * (2 * a * Lc - 1) * v
                       + 2 * a**2 * s2, "<=", (1 - a * mu) * r + 2 * a**2 * s2), OVER,
          (inner >= v + mu * r / 2, g2 <= 4 * Lc * v + 2 * s2, SHORT)),
)  # fmt: skip
BOUND_31 = (1 - a * mu) ** T * R**2 + 2 * a * s2 / mu
SHRUNK = (1 - a * mu) ** k

THEOREM_31 = Claim(
    id="gower2019.sgd_gower_31",
    says="with a fixed step SGD comes down geometrically, to a floor set by the noise at the minimiser alone",
    source=f"{SOURCE}, Theorem 3.1, as restated in a secondary text",
    standing=Standing.RESTATED,
    kind=Kind.UPPER,
    metric="distance_sq",
    metric_units=AREA,
    symbols=FIXED,
    assumptions=(SHORT, mu <= Lc),
    bound=BOUND_31,
    limits=(
        Limit("interpolation: linear convergence", s2, sp.Integer(0), (1 - a * mu) ** T * R**2),
        Limit("no progress without steps", a, sp.Integer(0), R**2),
    ),
    steps=(
        *CURVED,
        *ONE_STEP,
        Induction("a geometric sum: gamma mu <= 1/2, and the floor is the fixed point",
                  base=Inequality("k = 0", R**2, "<=", (1 - a * mu) ** 0 * R**2 + 2 * a * s2 / mu, OVER),
                  step=Inequality("k to k+1", r1, "<=", (1 - a * mu) * SHRUNK * R**2 + 2 * a * s2 / mu, OVER,
                                  (r1 <= (1 - a * mu) * r + 2 * a**2 * s2, r <= SHRUNK * R**2 + 2 * a * s2 / mu,
                                   a * mu <= 1)),
                  conclusion=(r, "<=", BOUND_31)),
    ),
    experiments=runs.fixed(),
    broken_by=runs.fixed_broken(),
)  # fmt: skip

CEILING = (Lc <= mu * N, mu * (N - 1) < Lc, mu <= Lc)
K_IS = sp.Eq(Lc, K * mu)
AT = (K >= 1, K <= N, N <= K + 1)
BOUND_32 = 8 * s2 / (mu**2 * T) + 16 * N**2 * R**2 / (exp(2) * T**2)
LAST_FIXED = 16 * N**2 * R**2 / exp(2)

THEOREM_32 = Claim(
    id="gower2019.sgd_gower_32",
    says="a fixed step for 4 ceil(Lc/mu) rounds, then (2k+1)/((k+1)^2 mu): E ||x_k - x*||^2 falls like 8 s2/(mu^2 k)",
    source=f"{SOURCE}, Theorem 3.2, as restated in a secondary text; the step at the switch is the lab's",
    standing=Standing.RESTATED,
    kind=Kind.UPPER,
    metric="distance_sq",
    metric_units=AREA,
    symbols=FALLING,
    assumptions=(*CEILING, T >= 4 * N),
    bound=BOUND_32,
    rate=Rate(-sp.Integer(1)),
    limits=(Limit("interpolation: 1/k^2", s2, sp.Integer(0), 16 * N**2 * R**2 / (exp(2) * T**2)),),
    steps=(
        *CURVED,
        *ONE_STEP,
        Inequality("1 - w <= exp(-w), w = 1/(2K)", log(1 - w), "<=", -w, OVER),
        Inequality("so (1 - w)^(4N) <= exp(-2)", -4 * N * w, "<=", -2, OVER, (2 * w * K >= 1, K <= N)),
        Inequality("after 4N fixed steps (Theorem 3.1): k^2 r_k <= 16 N^2 R^2/exp(2) + 8 k s2/mu^2 at k = 4N",
                   (4 * N) ** 2 * r, "<=", LAST_FIXED + 8 * (4 * N) * s2 / mu**2, OVER,
                   (r <= decay * R**2 + s2 / (mu**2 * K), decay <= exp(-2), *AT)),
        Inequality("sharper than Lemma 2.4: E g(x*) = 0, and e2 - Q is a variance, all that cross sees (0 if K = 1)",
                   g2, "<=", 4 * Lc * v + (2 - 1 / K) * s2, OVER,
                   (sp.Eq(g2, e2 + 2 * cross + s2), 2 * cross <= K / (K - 1) * (e2 - Q) + (K - 1) / K * s2, K > 1,
                    e2 <= 2 * Lc * v, Q >= 2 * mu * v, K_IS)),
        Inequality("one more fixed step: the noise at the start of the falling steps, 4 N + 1",
                   (1 - a * mu) * r + a**2 * (2 - 1 / K) * s2, "<=",
                   (1 - 1 / (2 * K)) * decay * R**2 + (2 - 1 / K) * s2 / (2 * K * mu**2), OVER,
                   (r <= decay * R**2 + (2 - 1 / K) * s2 / (2 * K * mu**2), sp.Eq(a, 1 / (2 * K * mu)))),
        Inequality("its part of the bound", (4 * N + 1) * (2 - 1 / K) / (2 * K), "<=", 8, OVER, AT),
        Inequality("(1 + z)^2 <= exp(2 z), z = 1/(4N), makes up for (4N+1)^2", 2 * log(1 + z), "<=", 2 * z, OVER),
        Inequality("and so does the last factor: (4N+1)^2 (1 - w)^(4N+1) <= 16 N^2/exp(2)", 2 * z - (4 * N + 1) * w,
                   "<=", -2, OVER, (4 * z * N <= 1, 2 * w * K >= 1, K <= N)),
        Inequality("from 4 N + 1 on the steps are short enough for Lemma 2.4", (2 * n + 1) / ((n + 1) ** 2 * mu), "<=",
                   1 / (2 * Lc), OVER, (n >= 4 * N + 1, *CEILING)),
        Identity("there 1 - gamma mu is", 1 - (2 * n + 1) / (n + 1) ** 2, n**2 / (n + 1) ** 2, OVER),
        Inequality("so (k+1)^2 r_{k+1} <= k^2 r_k + 8 s2/mu^2", (n + 1) ** 2 * r1, "<=", n**2 * r + 8 * s2 / mu**2,
                   OVER, (r1 <= n**2 / (n + 1) ** 2 * r + 2 * (2 * n + 1) ** 2 / ((n + 1) ** 4 * mu**2) * s2,)),
        Induction("telescoped from 4 N + 1",
                  base=Inequality("k = 4 N + 1", (4 * N + 1) ** 2 * r, "<=", LAST_FIXED + 8 * (4 * N + 1) * s2 / mu**2,
                                  OVER, (r <= decay * R**2 + p * s2 / mu**2, (4 * N + 1) * p <= 8,
                                         (4 * N + 1) ** 2 * decay <= 16 * N**2 * exp(-2))),
                  step=Inequality("k to k+1", (n + 1) ** 2 * r1, "<=", LAST_FIXED + 8 * (n + 1) * s2 / mu**2, OVER,
                                  ((n + 1) ** 2 * r1 <= n**2 * r + 8 * s2 / mu**2,
                                   n**2 * r <= LAST_FIXED + 8 * n * s2 / mu**2))),
        Inequality("over k^2", r, "<=", BOUND_32, OVER, (T**2 * r <= LAST_FIXED + 8 * T * s2 / mu**2,)),
    ),
    experiments=runs.falling(),
    broken_by=runs.falling_broken(),
)  # fmt: skip
