"""A. Taylor, J. Hendrickx, F. Glineur: Math. Prog. 161 (2017), arXiv 1502.05666, and SIAM J. Optim. 27 (2017),
arXiv 1512.07516. Convex L-smooth f: the last gradient of gradient descent, and a simple form of Nesterov's method.

Gradient descent x' = x - (h/L) g, h <= 1. F = f(x_k) - f*, F_1 the same one step later; A = |g_k|^2, B = |g_{k+1}|^2,
c = <g_k, g_{k+1}>, e = <g_k, x_k - x*>, P = |x_k - x*|^2, m = k h. The papers found these bounds by solving
performance-estimation problems; the potential 2 m F + m (m+1) A/L + L P proves those of gradient descent.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import LENGTH, OBJECTIVE, PURE, Claim, Kind, Limit, Quantity, Rate, Standing, Units
from proofs_check import games
from proofs_check.goal import COUNT0, NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances import taylor2017 as runs
from proofs_check.pep import Functions, WorstCase
from proofs_check.sequences import Induction, Recursion, SumBound
from proofs_check.steps import Identity, Inequality, Lemma
from proofs_check.symbols import HORIZON, SQUARED_GRADIENT, T

L, R, h, tau, Delta = sp.symbols("L R h t Delta", positive=True)
F, F1, A, B, P, P1, m, x = sp.symbols("F F_1 A B P P_1 m x", nonnegative=True)
c, e, move, sum_, back = sp.symbols("c e d s y", real=True)
k = sp.Symbol("k", integer=True, nonnegative=True)
n = sp.Symbol("n", integer=True, positive=True)

SMOOTHNESS = Quantity(L, POSITIVE, Units(F=1, X=-2), "smoothness")
STEPSIZE = Quantity(h, sp.Interval.Lopen(0, 1), PURE, "step size times L")
DISTANCE = Quantity(R, POSITIVE, LENGTH, "distance from the start to a minimiser")
GAP = Quantity(Delta, POSITIVE, OBJECTIVE, "f(x_0) - f*")
OVER = (
    HORIZON,
    SMOOTHNESS,
    STEPSIZE,
    DISTANCE,
    GAP,
    Quantity(tau, POSITIVE, LENGTH, "where the Huber function turns linear"),
    *(Quantity(q, NONNEGATIVE, OBJECTIVE, "f - f*, now or next") for q in (F, F1)),
    *(Quantity(q, NONNEGATIVE, SQUARED_GRADIENT, "squared gradient, now or next") for q in (A, B)),
    *(Quantity(q, NONNEGATIVE, Units(X=2), "squared distance, now or next") for q in (P, P1)),
    Quantity(c, REAL, SQUARED_GRADIENT, "<g_k, g_{k+1}>"),
    Quantity(e, REAL, OBJECTIVE, "<g_k, x_k - x*>"),
    Quantity(m, NONNEGATIVE, PURE, "k h"),
    Quantity(x, NONNEGATIVE, LENGTH, "x_k on the line"),
    Quantity(k, COUNT0, PURE, "steps done"),
    Quantity(n, sp.Range(2, sp.oo), PURE, "a step"),
    *(Quantity(q, REAL, PURE, "(x_n - x_{n+1}) / t, its sum, (x_1 - y_n) / t") for q in (move, sum_, back)),
)
NOW, NEXT = 2 * m * F + m * (m + 1) * A / L + L * P, 2 * (m + h) * F1 + (m + h) * (m + h + 1) * B / L + L * P1
FALLS = F >= F1 + h * c / L + (A - 2 * c + B) / (2 * L)  # f_k >= f_{k+1} + <g_{k+1}, x_k - x_{k+1}> + ...
NOT_LONGER = Inequality(
    "gradients do not grow, by <g_k - g_{k+1}, x_k - x_{k+1}> >= |g_k - g_{k+1}|^2 / L", B, "<=", A, OVER,
    (h * (A - c) >= A - 2 * c + B, 2 * c <= A + B),
)  # fmt: skip
RUN = Recursion(
    "the worst f is L x^2 / 2 up to |x| = t and linear beyond: there x falls by h t a step", x, x - h * tau,
    R, k, R - k * h * tau, OVER,
)  # fmt: skip

GIVEN_R = L**2 * R**2 / (T * h + 1) ** 2
GRADNORM = Claim(
    id="taylor2017.gd_smooth_convex_gradnorm_tight",
    says="after T gradient steps of size h / L, h <= 1, |g_T| <= L R / (T h + 1), and on one function exactly that",
    source="ratelab, own derivation; after Taylor, Hendrickx, Glineur, Math. Prog. 161 (2017), arXiv 1502.05666 "
    "(conjecture; statement recalled, number not checked)",
    standing=Standing.DERIVED,
    kind=Kind.TIGHT,
    metric="grad_norm_sq",
    metric_units=SQUARED_GRADIENT,
    symbols=(HORIZON, SMOOTHNESS, DISTANCE, STEPSIZE),
    assumptions=(),
    bound=GIVEN_R,
    rate=Rate(sp.Integer(-2)),
    limits=(Limit("no step: |g| <= L R", h, sp.Integer(0), L**2 * R**2),),
    experiments=runs.given_distance(),
    broken_by=runs.given_distance_broken(),
    worst_cases=games.gradient_descents(Functions(), games.near, games.last_gradient, GIVEN_R,
                                        lambda x: {L: 1, R: 1, h: x}, (sp.Rational(1, 2), 1)),
    steps=(
        NOT_LONGER,
        Induction("the potential starts at L R^2 and does not grow",
                  base=Identity("k = 0", NOW.subs({m: 0, P: R**2}), L * R**2, OVER),
                  step=Inequality("k to k+1", NEXT, "<=", NOW, OVER,
                                  (FALLS, B <= A, 2 * c <= A + B, e >= F + A / (2 * L),
                                   sp.Eq(P1, P - 2 * h * e / L + h**2 * A / L**2))),
                  conclusion=(NOW, "<=", L * R**2)),
        Inequality("F >= |g|^2 / (2L) and |x - x*| >= |g| / L", (m + 1) ** 2 * A / L, "<=", NOW, OVER,
                   (F >= A / (2 * L), P >= A / L**2)),
        RUN,
        Identity("with its knee at t = R / (T h + 1) it ends there, with the gradient L t", R - T * h * tau, tau, OVER,
                 (sp.Eq(tau, R / (T * h + 1)),)),
        Identity("which is the bound", (L * tau) ** 2, GIVEN_R, OVER, (sp.Eq(tau, R / (T * h + 1)),)),
        Inequality("and nothing is worse, by the potential at k = T", A, "<=", GIVEN_R, OVER,
                   ((m + 1) ** 2 * A / L <= NOW, NOW <= L * R**2, sp.Eq(m, T * h))),
    ),
)  # fmt: skip

GIVEN_GAP = 2 * L * Delta / (2 * T * h + 1)
GRADNORM_GAP = Claim(
    id="taylor2017.gd_smooth_convex_gradnorm_tight_gap",
    says="after T gradient steps of size h / L, h <= 1, |g_T|^2 <= 2 L (f(x_0) - f*) / (2 T h + 1), attained",
    source="ratelab, own derivation; after Taylor, Hendrickx, Glineur, Math. Prog. 161 (2017), arXiv 1502.05666 "
    "(conjecture; statement recalled, number not checked)",
    standing=Standing.DERIVED,
    kind=Kind.TIGHT,
    metric="grad_norm_sq",
    metric_units=SQUARED_GRADIENT,
    symbols=(HORIZON, SMOOTHNESS, STEPSIZE, GAP),
    assumptions=(),
    bound=GIVEN_GAP,
    rate=Rate(sp.Integer(-1)),
    limits=(Limit("no step: |g|^2 <= 2 L (f - f*)", h, sp.Integer(0), 2 * L * Delta),),
    experiments=runs.given_gap(),
    broken_by=runs.given_gap_broken(),
    worst_cases=games.gradient_descents(Functions(), games.low, games.last_gradient, GIVEN_GAP,
                                        lambda x: {L: 1, Delta: 1, h: x}, (sp.Rational(1, 2), 1)),
    steps=(
        NOT_LONGER,
        Inequality("a step lowers f by at least h |g_{k+1}|^2 / L", F - F1, ">=", h * B / L, OVER,
                   (FALLS, B <= A, 2 * c <= A + B)),
        Induction("so f(x_0) - f(x_k) >= k h |g_k|^2 / L",
                  base=Inequality("k = 0", Delta - Delta, ">=", 0 * h * A / L, OVER),
                  step=Inequality("k to k+1", Delta - F1, ">=", (k + 1) * h * B / L, OVER,
                                  (Delta - F >= k * h * A / L, F - F1 >= h * B / L, B <= A))),
        Inequality("and with f(x_T) - f* >= |g_T|^2 / (2L)", A, "<=", GIVEN_GAP, OVER,
                   (Delta - F >= T * h * A / L, F >= A / (2 * L))),
        RUN,
        Identity("a start at R = (T h + 1) t has f - f* = L t^2 (T h + 1/2)", L * tau * R - L * tau**2 / 2,
                 L * tau**2 * (T * h + sp.Rational(1, 2)), OVER, (sp.Eq(R, (T * h + 1) * tau),)),
        Identity("and ends at t, with a gradient L t that is the bound", (L * tau) ** 2, GIVEN_GAP, OVER,
                 (sp.Eq(Delta, L * tau**2 * (T * h + sp.Rational(1, 2))),)),
    ),
)  # fmt: skip

COUNTED = T**2 + 5 * T + 6
FGM_BOUND = 2 * L * R**2 / COUNTED
FGM_SIMPLE = Claim(
    id="taylor2017.fgm_simple_small_n_tight",
    says="Nesterov's method with momentum (t-1)/(t+2) leaves 2 L R^2 / (T^2 + 5 T + 6) on one function; no function "
    "that is worse was found for small T",
    source="Taylor, Hendrickx, Glineur, SIAM J. Optim. 27 (2017), arXiv 1512.07516, Table 1 (numerical), as restated "
    "by the PEPit library",
    standing=Standing.RESTATED,
    kind=Kind.TIGHT,
    metric="suboptimality",
    metric_units=OBJECTIVE,
    symbols=(HORIZON, SMOOTHNESS, DISTANCE),
    assumptions=(),
    bound=FGM_BOUND,
    rate=Rate(sp.Integer(-2)),
    limits=(Limit("no step: L R^2 / 3, less than L R^2 / 2: T = 0 is not meant", T, sp.Integer(0), L * R**2 / 3),),
    experiments=runs.accelerated(),
    broken_by=runs.accelerated_broken(),
    worst_cases=(
        WorstCase("the method, after T steps", Functions(), games.simple_nesterov, games.near, games.last_value,
                  games.at(FGM_BOUND, {L: 1, R: 1})),
    ),
    steps=(
        Lemma("no convex L-smooth function is worse", "for T = 1 .. 6 by the worst cases; for all T not "
              "proved"),
        Identity("f is L x^2 / 2 up to |x| = t and linear beyond: from x_1 = y_1 = R, x_{n+1} = y_n - t; first step",
                 sp.Integer(1) + (2 - 2) * move / 3, (sp.Integer(2) + 2) / 4, OVER),
        Recursion("(x_n - x_{n+1}) / t = 1 + (n-2)/(n+1) times the same before: it is (n+2)/4 from n = 2 on", move,
                  1 + (n - 1) / (n + 2) * move, sp.Integer(1), n, (n + 2) / 4, OVER),
        SumBound("so x_1 - x_{n+1} = t (1 + 4/4 + ... + (n+2)/4)", (n + 2) / 4, n, "==", (n**2 + 5 * n + 2) / 8 - 1,
                 OVER),
        Inequality("with its knee at t = 4 R / (T^2 + 5 T + 6) all points are beyond it: x_{T+1} >= t", R
                   - tau * (T**2 + 5 * T + 2) / 8, ">=", tau, OVER, (sp.Eq(tau, 4 * R / COUNTED),)),
        Identity("and f(x_{T+1}) is the bound", L * tau * (R - tau * (T**2 + 5 * T + 2) / 8) - L * tau**2 / 2,
                 FGM_BOUND, OVER, (sp.Eq(tau, 4 * R / COUNTED),)),
    ),
)  # fmt: skip
