"""K. Mishchenko, A. Khaled, P. Richtarik, "Random Reshuffling: Simple Analysis with Vast Improvements", NeurIPS 2020,
arXiv 2006.05988, of which the authors' poster was read: n smooth convex components in a new random order every epoch.

Step gamma; z_i = x* - gamma (grad f_{pi_1}(x*) + ... + grad f_{pi_i}(x*)) is where the i-th step of an epoch would lead
if every gradient were that at x*; D is a component's Bregman divergence; sh2 = max_i (1/gamma) E D(z_i, x*) the
shuffling variance, ss2 the mean of ||grad f_i(x*)||^2. The horizon T counts epochs.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import LENGTH, OBJECTIVE, PURE, Claim, Kind, Limit, Quantity, Standing, Units
from proofs_check.goal import COUNT, COUNT0, NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances import mishchenko2020 as runs
from proofs_check.sequences import Recursion, SumBound
from proofs_check.steps import Chain, Identity, Inequality
from proofs_check.symbols import HORIZON, SQUARED_GRADIENT, T

AREA = Units(X=2)
gam, L, mu = sp.symbols("gamma L mu", positive=True)
R2, sh2, ss2, r, N, D1, D2, Dz, e, Q, V, W, p = sp.symbols("R2 sh2 ss2 r N D1 D2 Dz e Q V W p", nonnegative=True)
fx, fz, fs, g, gs, x, z, xs, a, F, C = sp.symbols("fx fz fs g gs x z xs a F C", real=True)
k = sp.Symbol("k", integer=True, nonnegative=True)
i, n = sp.symbols("i n", integer=True, positive=True)
d = sp.Symbol("d", nonnegative=True)

STEP = Quantity(gam, POSITIVE, Units(F=-1, X=2), "step size")
SMOOTH = Quantity(L, POSITIVE, Units(F=1, X=-2), "every component is L-smooth")
CONVEX = Quantity(mu, POSITIVE, Units(F=1, X=-2), "strong convexity")
NUMBER = Quantity(n, sp.Range(2, sp.oo), PURE, "number of components")
START = Quantity(R2, NONNEGATIVE, AREA, "||x_0 - x*||^2")
SHUFFLING = Quantity(sh2, NONNEGATIVE, SQUARED_GRADIENT, "shuffling variance")
VARIANCE = Quantity(ss2, NONNEGATIVE, SQUARED_GRADIENT, "mean of ||grad f_i(x*)||^2")
OVER = (
    HORIZON, STEP, SMOOTH, CONVEX, NUMBER, START, SHUFFLING, VARIANCE,
    Quantity(k, COUNT0, PURE, "steps or epochs done"),
    Quantity(i, COUNT, PURE, "place in the epoch, at most n"),
    Quantity(d, sp.Interval(0, 1), PURE, "n - 2 i, 0 or 1"),
    Quantity(p, sp.Interval(0, 1), PURE, "a power of what a step or an epoch leaves"),
    Quantity(r, NONNEGATIVE, AREA, "E ||x - z||^2 before the step"),
    *(Quantity(s, NONNEGATIVE, AREA, "E ||x_k - x*||^2; sum of ||x^i - x_{t+1}||^2") for s in (e, Q)),
    *(Quantity(s, NONNEGATIVE, SQUARED_GRADIENT, "squared differences of gradients") for s in (N, V, W)),
    *(Quantity(s, NONNEGATIVE, OBJECTIVE, "D(z, x), D(x, x*), D(z, x*)") for s in (D1, D2, Dz)),
    *(Quantity(s, REAL, OBJECTIVE, "f_i at x, z, x*; sums of values; gamma times a sum of products")
      for s in (fx, fz, fs, F, C)),
    *(Quantity(s, REAL, Units(F=1, X=-1), "gradient at x, at x*, one coordinate; a sum of them") for s in (g, gs, a)),
    *(Quantity(s, REAL, LENGTH, "x, z, x*, one coordinate") for s in (x, z, xs)),
)  # fmt: skip
SHRINK = 1 - gam * mu
FLOOR = 2 * gam * sh2 / mu
WITHOUT_REPLACEMENT = Identity(
    "the gradients at x* add up to 0, two of them have E <g_i, g_j> = -ss2/(n-1): i of them, added and squared, give",
    i * ss2 - i * (i - 1) * ss2 / (n - 1), i * (n - i) * ss2 / (n - 1), OVER)  # fmt: skip

LAST = SHRINK ** (n * T) * R2 + FLOOR

LAST_ITERATE = Claim(
    id="mishchenko2020.rr_mishchenko",
    says="random reshuffling on strongly convex components converges linearly, up to a floor set by the shuffling "
    "variance",
    source="Mishchenko, Khaled, Richtarik, NeurIPS 2020, arXiv 2006.05988, Theorem 1: one step as the authors' poster "
    "prints it; summed over T epochs and proved by ratelab",
    standing=Standing.DERIVED,
    kind=Kind.UPPER,
    metric="distance_sq",
    metric_units=AREA,
    symbols=(HORIZON, STEP, SMOOTH, CONVEX, NUMBER, START, SHUFFLING),
    assumptions=(gam * L <= 1, mu <= L),
    bound=LAST,
    limits=(
        Limit("x* minimises every component: no floor", sh2, sp.Integer(0), SHRINK ** (n * T) * R2),
        Limit("from x*", R2, sp.Integer(0), FLOOR),
    ),
    steps=(
        Identity("both x and z take a step", (x - gam * g - (z - gam * gs)) ** 2, (x - z) ** 2
                 - 2 * gam * (g - gs) * (x - z) + gam**2 * (g - gs) ** 2, OVER),
        Identity("three points: <g - g*, x - z> = D(z, x) + D(x, x*) - D(z, x*)", (fz - fx - g * (z - x))
                 + (fx - fs - gs * (x - xs)) - (fz - fs - gs * (z - xs)), (g - gs) * (x - z), OVER),
        Inequality("strong convexity for D(z, x), cocoercivity for D(x, x*), gamma L <= 1", r - 2 * gam * (D1 + D2 - Dz)
                   + gam**2 * N, "<=", SHRINK * r + 2 * gam * Dz, OVER, (D1 >= mu * r / 2, 2 * L * D2 >= N,
                                                                        gam * L <= 1)),
        Inequality("and E D(z, x*) <= gamma sh2", SHRINK * r + 2 * gam * Dz, "<=", SHRINK * r + 2 * gam**2 * sh2, OVER,
                   (Dz <= gam * sh2,)),
        Recursion("k steps; at an epoch's end z = x*: nothing starts anew", e, SHRINK * e + 2 * gam**2 * sh2, R2,
                  k, SHRINK**k * R2 + FLOOR * (1 - SHRINK**k), OVER),
        Inequality("gamma mu <= 1: 1 - gamma mu and its powers are in [0, 1]", gam * mu, "<=", sp.Integer(1), OVER, (
            gam * L <= 1, mu <= L)),
        Inequality("n T steps", p * R2 + FLOOR * (1 - p), "<=", SHRINK ** (n * T) * R2 + FLOOR, OVER, (
            sp.Eq(p, SHRINK ** (n * T)),)),
    ),
    experiments=runs.strongly_convex(LAST.subs(T, T / n)),
    broken_by=runs.strongly_convex_broken(LAST.subs(T, T / n)),
)  # fmt: skip

ABOVE = Claim(
    id="mishchenko2020.shuffling_variance_upper",
    says="the shuffling variance is of the order gamma: at most gamma L n ss2/4",
    source="Mishchenko, Khaled, Richtarik, NeurIPS 2020, arXiv 2006.05988, Theorem 2, as the authors' poster prints it",
    standing=Standing.RESTATED,
    kind=Kind.UPPER,
    metric="shuffling variance",
    metric_units=SQUARED_GRADIENT,
    symbols=(STEP, SMOOTH, NUMBER, VARIANCE),
    assumptions=(),
    bound=gam * L * n * ss2 / 4,
    limits=(Limit("short steps", gam, sp.Integer(0), sp.Integer(0)),),
    steps=(
        WITHOUT_REPLACEMENT,
        Inequality("most in the middle of the epoch", i * (n - i), "<=", n**2 / 4, OVER),
        Inequality("smoothness: (1/gamma) D(z_i, x*) <= (gamma L/2) ||sum||^2", Dz / gam, "<=", gam * L / 2 * N, OVER, (
            Dz <= L / 2 * gam**2 * N,)),
        Chain("together, n <= 2 (n - 1)", (gam * L / 2 * N, "<=", gam * L / 2 * n**2 / 4 * ss2 / (n - 1), "<=",
              gam * L * n * ss2 / 4), OVER, (N * (n - 1) <= n**2 / 4 * ss2,)),
    ),
    experiments=runs.shuffling_above(gam**2 * n * ss2 / 2),
    broken_by=runs.shuffling_above_broken(gam**2 * n * ss2 / 2),
)  # fmt: skip

BELOW = Claim(
    id="mishchenko2020.shuffling_variance_lower",
    says="and at least gamma mu n ss2/8, if all components are mu-strongly convex",
    source="Mishchenko, Khaled, Richtarik, NeurIPS 2020, arXiv 2006.05988, Theorem 2, as the authors' poster prints it",
    standing=Standing.RESTATED,
    kind=Kind.LOWER,
    metric="shuffling variance",
    metric_units=SQUARED_GRADIENT,
    symbols=(STEP, CONVEX, SMOOTH, NUMBER, VARIANCE),
    assumptions=(),
    bound=gam * mu * n * ss2 / 8,
    limits=(Limit("short steps", gam, sp.Integer(0), sp.Integer(0)),),
    steps=(
        WITHOUT_REPLACEMENT,
        Inequality("in the middle of the epoch, i = (n - d)/2, i (n - i) is", (n - d) * (n + d) / 4, ">=",
                   (n**2 - 1) / 4, OVER),
        Inequality("strong convexity: (1/gamma) D(z_i, x*) >= (gamma mu/2) ||sum||^2", Dz / gam, ">=", gam * mu / 2 * N,
                   OVER, (Dz >= mu / 2 * gam**2 * N,)),
        Chain("together", (gam * mu / 2 * N, ">=", gam * mu / 2 * (n**2 - 1) / 4 * ss2 / (n - 1), ">=",
              gam * mu * n * ss2 / 8), OVER, (N * (n - 1) >= (n**2 - 1) / 4 * ss2,)),
    ),
    experiments=runs.shuffling_below(gam**2 * n * ss2 / 4),
    broken_by=runs.shuffling_below_broken(gam**2 * n * ss2 / 4),
)  # fmt: skip

HALF_SHRINK = 1 - gam * mu * n / 2
SMALL = gam**2 * L**2 * n**2 <= sp.Rational(1, 2)
CONVEX_FLOOR = gam**2 * L / mu * n * ss2

LAST_OF_SUM = HALF_SHRINK**T * R2 + CONVEX_FLOOR

STRONG_SUM = Claim(
    id="mishchenko2020.rr_strongly_convex_sum",
    says="with convex components and a strongly convex sum the floor is of the order gamma^2",
    source="ratelab, own derivation; after Mishchenko, Khaled, Richtarik, NeurIPS 2020, arXiv 2006.05988 (statement "
    "recalled, theorem number not checked)",
    standing=Standing.DERIVED,
    kind=Kind.UPPER,
    metric="distance_sq",
    metric_units=AREA,
    symbols=(HORIZON, STEP, SMOOTH, CONVEX, NUMBER, START, VARIANCE),
    assumptions=(SMALL, mu <= L),
    bound=LAST_OF_SUM,
    limits=(Limit("x* minimises every component: no floor", ss2, sp.Integer(0), HALF_SHRINK**T * R2),),
    steps=(
        Identity("an epoch, seen from its end: x_t = x_{t+1} + gamma a, a the sum of its gradients", (x + gam * a - xs)
                 ** 2, (x - xs) ** 2 + 2 * gam * a * (x - xs) + gam**2 * a**2, OVER),
        Identity("a gradient g at x^i, against x_{t+1} (here z): the component's gain, D(x*, x^i) and -D(z, x^i)",
                 g * (z - xs), fz - fs + (fs - fx - g * (xs - x)) - (fz - fx - g * (z - x)), OVER),
        Inequality("added up, D(x*, x^i) >= ||g - g*||^2/(2L), D(z, x^i) <= (L/2) ||x^i - z||^2", e, "<=", r
                   - 2 * gam * F - gam / L * N + gam * L * Q, OVER,
                   (e <= r - 2 * gam * (F + D1 - D2), 2 * L * D1 >= N, D2 <= L / 2 * Q)),
        WITHOUT_REPLACEMENT,
        SumBound("added up over the places 1, ..., k", i * (n - i), i, "==", i * (i + 1) * (3 * n - 2 * i - 1) / 6,
                 OVER),
        Identity("over the epoch", n * (n + 1) * (3 * n - 2 * n - 1) / 6 * ss2 / (n - 1), n * (n + 1) * ss2 / 6, OVER),
        SumBound("Cauchy-Schwarz for the differences: up to n of them, added up over the places", i, i, "==", i
                 * (i + 1) / 2, OVER),
        Inequality("x^i - x_{t+1} is gamma times a sum of gradients, those at x* and differences: E Q is at most", Q,
                   "<=", gam**2 * n * (n + 1) * N + gam**2 * n**2 * ss2 / 2, OVER,
                   (Q <= 2 * gam**2 * (V + W), V <= n * (n + 1) / 2 * N, W <= n * (n + 1) * ss2 / 6)),
        Inequality("the differences cancel, as gamma^2 L^2 n (n + 1) <= 1", -gam / L * N + gam * L * (gam**2 * n
                   * (n + 1) * N), "<=", sp.Integer(0), OVER, (SMALL,)),
        Inequality("F = n (f - f*) >= (n mu/2) e", (1 + gam * mu * n) * e, "<=", r + gam**3 * L * n**2 * ss2 / 2, OVER,
                   (e <= r - 2 * gam * F - gam / L * N + gam * L * Q, Q <= gam**2 * n * (n + 1) * N
                    + gam**2 * n**2 * ss2 / 2, -gam / L * N + gam * L * (gam**2 * n * (n + 1) * N) <= 0,
                    F >= n * mu / 2 * e)),
        Inequality("gamma mu n <= 1", gam * mu * n, "<=", sp.Integer(1), OVER, (SMALL, mu <= L)),
        Inequality("so that 1/(1 + gamma mu n) <= 1 - gamma mu n/2", 1 / (1 + gam * mu * n), "<=", HALF_SHRINK, OVER, (
            gam * mu * n <= 1,)),
        Recursion("T epochs", e, HALF_SHRINK * (e + gam**3 * L * n**2 * ss2 / 2), R2, k, HALF_SHRINK**k * R2
                  + CONVEX_FLOOR * HALF_SHRINK * (1 - HALF_SHRINK**k), OVER),
        Inequality("the floor without its factors below 1", p * R2 + CONVEX_FLOOR * HALF_SHRINK * (1 - p), "<=",
                   HALF_SHRINK**T * R2 + CONVEX_FLOOR, OVER, (sp.Eq(p, HALF_SHRINK**T), gam * mu * n <= 1)),
    ),
    experiments=runs.strongly_convex_sum(LAST_OF_SUM.subs(T, T / n)),
    broken_by=runs.strongly_convex_sum_broken(LAST_OF_SUM.subs(T, T / n)),
)  # fmt: skip
