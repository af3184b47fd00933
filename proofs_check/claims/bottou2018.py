"""L. Bottou, F. Curtis, J. Nocedal, "Optimization Methods for Large-Scale Machine Learning", SIAM Review 60 (2018).

Theorems 4.6 and 4.7: SGD w_{k+1} = w_k - a_k g_k on an L-smooth, c-strongly convex F. The mean of g_k is a descent
direction, <grad F, E g> >= mu ||grad F||^2 and ||E g|| <= mu_G ||grad F||, and its variance is at most M + M_V
||grad F||^2; M_G = M_V + mu_G^2. Below Q = ||grad F(w_k)||^2, inner = <grad F, E g>, d and d1 are E F - F* now and one
step later, n = gam + k.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import OBJECTIVE, PURE, Claim, Kind, Limit, Quantity, Rate, Standing, Units
from proofs_check.goal import COUNT0, NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances import bottou2018 as runs
from proofs_check.sequences import Induction
from proofs_check.steps import Chain, Identity, Inequality
from proofs_check.symbols import HORIZON, SQUARED_GRADIENT, T

a, L, M, c, mu, b, gam, M_G, n, nu = sp.symbols("a L M c mu beta gamma M_G n nu", positive=True)
F1, Q, u, mu_G, M_V, mean2, d, d1, second = sp.symbols("F_1 Q u mu_G M_V m2 d d_1 S", nonnegative=True)
inner = sp.Symbol("inner", real=True)
k = sp.Symbol("k", integer=True, nonnegative=True)

CURVED = Units(F=1, X=-2)
COMMON = (
    HORIZON,
    Quantity(L, POSITIVE, CURVED, "F is L-smooth"),
    Quantity(c, POSITIVE, CURVED, "F is c-strongly convex"),
    Quantity(M, POSITIVE, SQUARED_GRADIENT, "part of the variance that stays at the minimiser"),
    Quantity(mu, POSITIVE, PURE, "<grad F, E g> >= mu ||grad F||^2"),
    Quantity(M_G, POSITIVE, PURE, "M_V + mu_G^2"),
    Quantity(F1, NONNEGATIVE, OBJECTIVE, "F(w_1) - F*"),
)
FIXED = (*COMMON, Quantity(a, POSITIVE, Units(F=-1, X=2), "step size"))
FALLING = (
    *COMMON,
    Quantity(b, POSITIVE, Units(F=-1, X=2), "scale of the step sizes beta / (gamma + k)"),
    Quantity(gam, POSITIVE, PURE, "offset of the step sizes"),
)
OVER = (
    *FIXED,
    *FALLING[-2:],
    Quantity(Q, NONNEGATIVE, SQUARED_GRADIENT, "||grad F(w_k)||^2"),
    Quantity(mean2, NONNEGATIVE, SQUARED_GRADIENT, "||E g||^2"),
    Quantity(second, NONNEGATIVE, SQUARED_GRADIENT, "E ||g||^2"),
    Quantity(inner, REAL, SQUARED_GRADIENT, "<grad F, E g>"),
    Quantity(mu_G, NONNEGATIVE, PURE, "||E g|| <= mu_G ||grad F||"),
    Quantity(M_V, NONNEGATIVE, PURE, "part of the variance that grows with the gradient"),
    *(Quantity(e, NONNEGATIVE, OBJECTIVE, "E F - F*, now and one step later") for e in (d, d1)),
    Quantity(u, NONNEGATIVE, Units(X=1), "distance along the gradient"),
    Quantity(k, COUNT0, PURE, "steps done"),
    Quantity(n, sp.Interval.open(1, sp.oo), PURE, "gamma + k"),
    Quantity(nu, POSITIVE, OBJECTIVE, "the larger of the two constants of Theorem 4.7"),
)
SOURCE = "Bottou, Curtis, Nocedal, SIAM Review 60 (2018), arXiv 1606.04838"
SHORT = a <= mu / (L * M_G)
ONE_STEP = (
    Inequality("E ||g||^2 = Var g + ||E g||^2 is at most M + M_G ||grad F||^2", second, "<=", M + M_G * Q, OVER,
               (second <= M + M_V * Q + mean2, mean2 <= mu_G**2 * Q, sp.Eq(M_G, M_V + mu_G**2))),
    Inequality("smoothness, in expectation (Lemma 4.4)", d1 - d, "<=",
               -(mu - a * L * M_G / 2) * a * Q + a**2 * L * M / 2, OVER,
               (d1 <= d - a * inner + a**2 * L / 2 * second, inner >= mu * Q, second <= M + M_G * Q)),
    Inequality("for short steps half of the descent is left", -(mu - a * L * M_G / 2) * a * Q + a**2 * L * M / 2, "<=",
               -a * mu / 2 * Q + a**2 * L * M / 2, OVER, (SHORT,)),
    Inequality("strong convexity: F* >= F - ||grad F|| u + c u^2 / 2 for some u, which is at least F - Q/(2c)",
               2 * c * d, "<=", Q, OVER, (d <= sp.sqrt(Q) * u - c * u**2 / 2,)),
    Inequality("both together: a contraction and what the noise adds", d1, "<=",
               (1 - a * c * mu) * d + a**2 * L * M / 2, OVER,
               (d1 - d <= -a * mu / 2 * Q + a**2 * L * M / 2, 2 * c * d <= Q)),
    Chain("mu <= mu_G and c <= L, so that 1 - a c mu >= 0", (a * c * mu, "<=", c * mu**2 / (L * M_G), "<=", 1), OVER,
          (SHORT, mu <= mu_G, M_G >= mu_G**2, c <= L)),
)  # fmt: skip
FLOOR = a * L * M / (2 * c * mu)
SHRUNK = (1 - a * c * mu) ** k

THEOREM_46 = Claim(
    id="bottou2018.sgd_bcn_46",
    says="with a fixed step SGD on a strongly convex function comes down geometrically, to a floor set by the noise",
    source=f"{SOURCE}, Theorem 4.6, as restated in a secondary text; here for w_{{T+1}}",
    standing=Standing.RESTATED,
    kind=Kind.UPPER,
    metric="suboptimality",
    metric_units=OBJECTIVE,
    symbols=FIXED,
    assumptions=(SHORT, a * c * mu <= 1),
    bound=FLOOR + (1 - a * c * mu) ** T * (F1 - FLOOR),
    limits=(
        Limit("no noise: linear convergence", M, sp.Integer(0), (1 - a * c * mu) ** T * F1),
        Limit("no progress without steps", a, sp.Integer(0), F1),
    ),
    steps=(
        *ONE_STEP,
        Identity("the floor is the fixed point", (1 - a * c * mu) * FLOOR + a**2 * L * M / 2, FLOOR, OVER),
        Induction("so the distance to the floor shrinks by 1 - a c mu",
                  base=Identity("k = 0", FLOOR + (1 - a * c * mu) ** 0 * (F1 - FLOOR), F1, OVER),
                  step=Inequality("k to k+1", d1, "<=", FLOOR + (1 - a * c * mu) * SHRUNK * (F1 - FLOOR), OVER,
                                  (d1 <= (1 - a * c * mu) * d + a**2 * L * M / 2, a * c * mu <= 1,
                                   d <= FLOOR + SHRUNK * (F1 - FLOOR))),
                  conclusion=(d, "<=", FLOOR + (1 - a * c * mu) ** T * (F1 - FLOOR))),
    ),
    experiments=runs.fixed(),
    broken_by=runs.fixed_broken(),
)  # fmt: skip

NOISE_PART = b**2 * L * M / (2 * (b * c * mu - 1))
FAST = b * c * mu > 1

LIKE_1_OVER_T = sp.Max(NOISE_PART, (gam + 1) * F1) / (gam + T)
THEOREM_47 = Claim(
    id="bottou2018.sgd_bcn_47",
    says="with steps beta/(gamma + k), beta above 1/(c mu), E F(w_k) - F* is at most nu/(gamma + k)",
    source=f"{SOURCE}, Theorem 4.7, as restated in a secondary text",
    standing=Standing.RESTATED,
    kind=Kind.UPPER,
    metric="E F(w_T) - F*, after T - 1 steps",
    metric_units=OBJECTIVE,
    symbols=FALLING,
    assumptions=(FAST, b / (gam + 1) <= mu / (L * M_G)),
    bound=LIKE_1_OVER_T,
    rate=Rate(-sp.Integer(1)),
    limits=(Limit("no noise: the start alone", M, sp.Integer(0), (gam + 1) * F1 / (gam + T)),),
    steps=(
        Inequality("every step is as short as the first may be", b / (gam + 1 + k), "<=", mu / (L * M_G), OVER,
                   (b / (gam + 1) <= mu / (L * M_G),)),
        *ONE_STEP,
        Identity("with a_k = beta/n: the bound nu/n goes to", (1 - b / n * c * mu) * nu / n + (b / n) ** 2 * L * M / 2,
                 (n - 1) / n**2 * nu - ((b * c * mu - 1) * nu - b**2 * L * M / 2) / n**2, OVER),
        Inequality("nu is so large that the last part is not positive", b**2 * L * M / 2, "<=", (b * c * mu - 1) * nu,
                   OVER, (nu >= NOISE_PART, FAST)),
        Inequality("and n^2 >= (n + 1)(n - 1)", (n - 1) / n**2 * nu, "<=", nu / (n + 1), OVER),
        Induction("so nu/(gamma + k) bounds the gap at every k",
                  base=Inequality("k = 1", F1, "<=", nu / (gam + 1), OVER, (nu >= (gam + 1) * F1,)),
                  step=Inequality("k to k+1", d1, "<=", nu / (n + 1), OVER,
                                  (d1 <= (1 - b / n * c * mu) * d + (b / n) ** 2 * L * M / 2, d <= nu / n,
                                   b / n * c * mu <= 1, (1 - b / n * c * mu) * nu / n + (b / n) ** 2 * L * M / 2
                                   <= (n - 1) / n**2 * nu, (n - 1) / n**2 * nu <= nu / (n + 1)))),
        Inequality("at k = T, nu the larger of the two", d, "<=", sp.Max(NOISE_PART, (gam + 1) * F1) / (gam + T), OVER,
                   (FAST, d <= nu / (gam + T), nu <= sp.Max(NOISE_PART, (gam + 1) * F1))),
    ),
    experiments=runs.falling(LIKE_1_OVER_T.subs(T, T + 1)),
    broken_by=runs.falling_broken(LIKE_1_OVER_T.subs(T, T + 1)),
)  # fmt: skip
