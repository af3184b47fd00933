"""H. Abbaszadehpeivasti, E. de Klerk, M. Zamani, "The exact worst-case convergence rate of the gradient method with
fixed step lengths for L-smooth functions", Optim. Lett. (2021), arXiv 2104.05468.

x_{k+1} = x_k - (h/L) g_k, h <= sqrt(3), f L-smooth and perhaps non-convex. F = f(x_k), F_1 = f(x_{k+1}); A = |g_k|^2,
B = |g_{k+1}|^2, c = <g_k, g_{k+1}>; M is the smallest of the T + 1 squared gradients, p = min(4h - h^2, 4h - h^3). Both
inequalities between f_k and f_{k+1} are those of interpolation by an L-smooth function:
f_i >= f_j + <g_j, d> + |g_i - g_j|^2 / (4L) - L |d|^2 / 4 + <g_i - g_j, d> / 2, d = x_i - x_j.
That the bounds are attained with h > 1 too is not proved here, but checked for T = 1 .. 6 by the worst cases.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, LENGTH, OBJECTIVE, PURE, Claim, Kind, Limit, Quantity, Rate, Standing, Units
from proofs_check import games
from proofs_check.goal import COUNT0, NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances import abbaszadehpeivasti2021 as runs
from proofs_check.pep import Functions
from proofs_check.sequences import Induction
from proofs_check.steps import Identity, Inequality, Optimum
from proofs_check.symbols import HORIZON, SQUARED_GRADIENT, T

L, h, Delta, p, g, s = sp.symbols("L h Delta p g s", positive=True)
A, B, M = sp.symbols("A B M", nonnegative=True)
F, F1, c, u = sp.symbols("F F_1 c u", real=True)
k = sp.Symbol("k", integer=True, nonnegative=True)

SYMBOLS = (
    HORIZON,
    Quantity(L, POSITIVE, Units(F=1, X=-2), "smoothness"),
    Quantity(Delta, POSITIVE, OBJECTIVE, "by how much f can fall"),
    Quantity(p, POSITIVE, PURE, "min(4h - h^2, 4h - h^3), h the step size times L"),
)
OVER = (
    *SYMBOLS,
    Quantity(h, sp.Interval.open(0, 2), PURE, "step size times L"),
    *(Quantity(q, NONNEGATIVE, SQUARED_GRADIENT, "squared gradient") for q in (A, B, M)),
    *(Quantity(q, REAL, OBJECTIVE, "f(x_k) or the next") for q in (F, F1)),
    Quantity(c, REAL, SQUARED_GRADIENT, "<g_k, g_{k+1}>"),
    Quantity(u, REAL, OBJECTIVE, "f(x_0) - f(x_k)"),
    Quantity(g, POSITIVE, GRADIENT, "gradient of the sawtooth at every iterate"),
    Quantity(s, POSITIVE, LENGTH, "its step"),
    Quantity(k, COUNT0, PURE, "steps done"),
)
SMALLEST = sp.Min(4 * h - h**2, 4 * h - h**3)
LONG = h**2 <= 3
FORTH = 4 * L * (F - F1) >= (1 + 2 * h - h**2) * A + B - 2 * (1 - h) * c
BACK = 4 * L * (F1 - F) >= (1 - 2 * h - h**2) * A + B - 2 * (1 + h) * c
ONE_STEP = (
    Inequality("f_k against f_{k+1} for h <= 1, by 2 c <= A + B", 4 * L * (F - F1), ">=",
               (3 * h - h**2) * A + h * B, OVER, (FORTH, 2 * c <= A + B, h <= 1)),
    Inequality("and for 1 <= h: (h+1)/2 times the one way plus (h-1)/2 times the other, from which c drops out",
               4 * L * (F - F1), ">=", (3 * h - h**3) * A + h * B, OVER, (FORTH, BACK, h >= 1)),
    Inequality("both gradients are at least M: for h <= 1", (3 * h - h**2) * A + h * B, ">=", (4 * h - h**2) * M, OVER,
               (A >= M, B >= M, h <= 1)),
    Inequality("and for 1 <= h <= sqrt(3)", (3 * h - h**3) * A + h * B, ">=", (4 * h - h**3) * M, OVER,
               (A >= M, B >= M, h >= 1, LONG)),
    Inequality("the factors are at least p", sp.Min(4 * h - h**2, 4 * h - h**3), ">", sp.Integer(0), OVER, (LONG,)),
    Induction("so k steps lower f by at least k p M / (4L)",
              base=Identity("k = 0", 0 * p * M / (4 * L), u * 0, OVER),
              step=Inequality("k to k+1", u + F - F1, ">=", (k + 1) * p * M / (4 * L), OVER,
                              (u >= k * p * M / (4 * L), 4 * L * (F - F1) >= p * M)),
              conclusion=(u, ">=", k * p * M / (4 * L))),
    Identity("the sawtooth: f' falls from g at slope L and rises again between iterates s = h g/L apart; the drop of a "
             "step", g * s - L * s**2 / 4, (4 * h - h**2) * g**2 / (4 * L), OVER, (sp.Eq(s, h * g / L),)),
    Inequality("f' stays positive in between", g - L * s / 2, ">", sp.Integer(0), OVER, (sp.Eq(s, h * g / L),)),
)  # fmt: skip
BEST = Optimum("the best step is h = 2/sqrt(3)", 4 * h - h**3, h, 2 / sp.sqrt(3), 16 / (3 * sp.sqrt(3)), OVER, (),
               largest=True)  # fmt: skip

BY_GAP, BY_DROP = 4 * L * Delta / (T * p + 2), 4 * L * Delta / (T * p)
STEPS = (sp.Rational(1, 2), 1, 2 / sp.sqrt(3))  # h of the worst cases


def numbers(x: sp.Expr) -> games.Numbers:
    """Return those of the bounds at h = x."""
    return {L: 1, Delta: 1, p: SMALLEST.subs(h, x)}


SOURCE = (
    "Abbaszadehpeivasti, de Klerk, Zamani, Optim. Lett. (2021), arXiv 2104.05468 (theorem number not checked; h = 1 as "
    "restated by the PEPit library, other h: ratelab, own derivation)"
)

GD_NONCONVEX = Claim(
    id="abbaszadehpeivasti2021.gd_nonconvex_min_grad_tight",
    says="the smallest of T + 1 squared gradients is at most 4 L (f(x_0) - f*) / (T min(4h - h^2, 4h - h^3) + 2)",
    source=SOURCE,
    standing=Standing.DERIVED,
    kind=Kind.TIGHT,
    metric="smallest squared gradient of x_0, ..., x_T",
    metric_units=SQUARED_GRADIENT,
    symbols=SYMBOLS,
    assumptions=(sp.Eq(p, SMALLEST), LONG),
    bound=BY_GAP,
    rate=Rate(sp.Integer(-1)),
    limits=(
        Limit("the step 1/L", p, sp.Integer(3), 4 * L * Delta / (3 * T + 2)),
        Limit("no step: |g|^2 <= 2 L (f - f*)", p, sp.Integer(0), 2 * L * Delta),
    ),
    experiments=runs.by_gap(BY_GAP.subs(T, T - 1)),
    broken_by=runs.by_gap_broken(BY_GAP.subs(T, T - 1)),
    worst_cases=games.gradient_descents(Functions(convex=False), games.low_above_infimum, games.least_gradient, BY_GAP,
                                        numbers, STEPS),
    steps=(
        *ONE_STEP,
        BEST,
        Identity("and has T such steps and a tail g^2 / (2L): for h <= 1 its gradient is the bound",
                 g**2, 4 * L * Delta / (T * (4 * h - h**2) + 2), OVER,
                 (sp.Eq(Delta, T * (4 * h - h**2) * g**2 / (4 * L) + g**2 / (2 * L)),)),
        Inequality("no function is worse: T steps, and f(x_T) - f* >= |g_T|^2 / (2L)", M, "<=", BY_GAP, OVER,
                   (Delta >= T * p * M / (4 * L) + M / (2 * L),)),
    ),
)  # fmt: skip

GD_NONCONVEX_DROP = Claim(
    id="abbaszadehpeivasti2021.gd_nonconvex_min_grad_drop_tight",
    says="the same, by how much f falls in T steps: 4 L (f(x_0) - f(x_T)) / (T min(4h - h^2, 4h - h^3))",
    source=SOURCE,
    standing=Standing.DERIVED,
    kind=Kind.TIGHT,
    metric="smallest squared gradient of x_0, ..., x_T",
    metric_units=SQUARED_GRADIENT,
    symbols=SYMBOLS,
    assumptions=(sp.Eq(p, SMALLEST), LONG),
    bound=BY_DROP,
    rate=Rate(sp.Integer(-1)),
    limits=(Limit("the step 1/L", p, sp.Integer(3), 4 * L * Delta / (3 * T)),),
    experiments=runs.by_drop(BY_DROP.subs(T, T - 1)),
    broken_by=runs.by_drop_broken(BY_DROP.subs(T, T - 1)),
    worst_cases=games.gradient_descents(Functions(convex=False), games.falls, games.least_gradient, BY_DROP, numbers,
                                        STEPS),
    steps=(
        *ONE_STEP,
        Identity("and has T such steps: for h <= 1 its gradient is the bound", g**2,
                 4 * L * Delta / (T * (4 * h - h**2)), OVER, (sp.Eq(Delta, T * (4 * h - h**2) * g**2 / (4 * L)),)),
        Inequality("no function is worse", M, "<=", BY_DROP, OVER,
                   (Delta >= T * p * M / (4 * L),)),
    ),
)  # fmt: skip
