"""A. Sadiev et al., ICML 2023, arXiv 2302.00999: clipped SGD with high probability, without a second moment.

x+ = x - gamma clip(g, lam) with E g = grad f, E ||g - grad f||^alpha <= sigma^alpha, 1 < alpha <= 2, on an L-smooth f,
unconstrained; A = 1 + log(2/beta). Steps, thresholds and orders are those of the paper's four cases (as its poster
restates them, without constants); constants and proofs are the lab's, and their A has no horizon in its logarithm.
theta = clip(g) - grad f; e = x - x* where f is convex, grad f/L elsewhere; E is ||x - x*||^2, or 2 (f - inf f)/L.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, LENGTH, OBJECTIVE, PURE, Claim, Kind, Limit, Quantity, Rate, Standing, Units
from proofs_check import clipped_sums as sums
from proofs_check.clipped_sums import CERTAINTY, FAILURE, ORDER, STEP, A, alpha, lam
from proofs_check.goal import FRACTION, NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances import clipped as runs, shrinking
from proofs_check.steps import Identity, Inequality
from proofs_check.symbols import HORIZON, SQUARED_GRADIENT, T

AREA = Units(X=2)
L, R, Delta, sigma, mu, gamma, r, y, p, P = sp.symbols("L R Delta sigma mu gamma r y p P", positive=True)
E0, E1, w2, v2, gap, next_gap, gaps = sp.symbols("E_t E_{t+1} theta2 v2 d d_+ D", nonnegative=True)
slope, n, turn, f0, f1 = sp.symbols("q n m f_t f_{t+1}", real=True)

SMOOTH = Quantity(L, POSITIVE, Units(F=1, X=-2), "smoothness")
NOISE = (
    Quantity(sigma, POSITIVE, GRADIENT, "the noise's moment of order alpha is at most sigma^alpha"),
    ORDER,
    FAILURE,
)
START = Quantity(R, POSITIVE, LENGTH, "||x_0 - x*||, or sqrt(2 (f(x_0) - inf f)/L)")
GAP = Quantity(Delta, POSITIVE, OBJECTIVE, "f(x_0) - inf f")
CURVED = Quantity(mu, POSITIVE, Units(F=1, X=-2), "quasi-strong convexity, or the PL constant: ||grad f||^2 >= 2 mu d")
LONG = Quantity(gamma, POSITIVE, Units(F=-1, X=2), "step size")
OVER = (
    HORIZON,
    SMOOTH,
    *NOISE,
    *sums.OVER[1:],
    START,
    GAP,
    CURVED,
    LONG,
    Quantity(y, POSITIVE, PURE, "A/T"),
    Quantity(r, FRACTION, PURE, "1 - gamma mu"),
    *(Quantity(e, FRACTION, PURE, "r^(t/2) and r^((T+1)/2)") for e in (p, P)),
    *(Quantity(e, NONNEGATIVE, AREA, "E at x and at x+") for e in (E0, E1)),
    *(Quantity(e, NONNEGATIVE, SQUARED_GRADIENT, "||theta||^2, ||grad f||^2") for e in (w2, v2)),
    *(Quantity(e, NONNEGATIVE, OBJECTIVE, "f - inf f at x and x+, and a sum of them") for e in (gap, next_gap, gaps)),
    *(Quantity(e, REAL, OBJECTIVE, "<grad f, e> and <theta, e>") for e in (slope, n)),
    Quantity(turn, REAL, SQUARED_GRADIENT, "<grad f, theta>"),
    *(Quantity(e, REAL, OBJECTIVE, "f at x and at x+") for e in (f0, f1)),
)
THRESHOLD = 2 * sp.sqrt(2) * L * R + sigma * y ** (-1 / alpha)  # lam, y = A/T
SHORT = gamma * L <= sp.Rational(1, 2)
IS_STEP = sp.Eq(gamma, STEP * R / (lam * A))
FIRST = (
    Inequality("lam = 2 sqrt(2) L R + sigma (T/A)^(1/alpha): S = T (sigma/lam)^alpha <= A, as lam/sigma is at least",
               THRESHOLD / sigma, ">=", y ** (-1 / alpha), OVER),
    Inequality("a gradient, at most L sqrt(2) R in length, is below lam/2", L * sp.sqrt(2) * R, "<=", THRESHOLD / 2,
               OVER),
    Inequality("and gamma = R/(11 A lam) is below 1/(2 L)", STEP * R / (lam * A) * L, "<=", sp.Rational(1, 2), OVER,
               (lam >= 2 * sp.sqrt(2) * L * R,)),
)  # fmt: skip
CONVEX_BOUND = (22 * sp.sqrt(2) * L * R**2 * CERTAINTY / T) + 11 * sigma * R * (CERTAINTY / T) ** (1 - 1 / alpha)
AFTER = "ratelab, own derivation of the constants; after Sadiev et al., ICML 2023, arXiv 2302.00999, {} (poster)"


def in_full(found: sp.Expr, quiet: sp.Expr, noisy: sp.Expr, bound: sp.Expr, *given: sp.Basic) -> tuple[Identity, ...]:
    """Return that what was found is quiet y + noisy y^(1 - 1/alpha), y = A/T, and that this is the bound."""
    parts = quiet * y + noisy * y ** (1 - 1 / alpha)
    return (
        Identity("with y = A/T", found, parts, OVER),
        Identity("which is", parts, bound, OVER, (*given, sp.Eq(y, CERTAINTY / T))),
    )


CONVEX = Claim(
    id="sadiev2023.clipped_sgd_convex",
    says="clipped SGD on a convex f, unconstrained: (A/T)^((alpha-1)/alpha) with high probability, A = 1 + log(2/beta)",
    source=AFTER.format("convex case"),
    standing=Standing.DERIVED,
    kind=Kind.UPPER,
    metric="f(mean of the first T points) - f*, with probability 1 - beta",
    metric_units=OBJECTIVE,
    symbols=(HORIZON, SMOOTH, START, *NOISE),
    assumptions=(),
    bound=CONVEX_BOUND,
    rate=Rate(-(alpha - 1) / alpha),
    limits=(Limit("no noise: clipped descent", sigma, sp.Integer(0), 22 * sp.sqrt(2) * L * R**2 * CERTAINTY / T),),
    steps=(
        *FIRST,
        Inequality("one step, by <grad f, e> >= d + ||grad f||^2/(2 L)", E1, "<=",
                   E0 - 2 * gamma * gap - 2 * gamma * n + 2 * gamma**2 * w2, OVER,
                   (E1 <= E0 - 2 * gamma * (slope + n) + 2 * gamma**2 * (v2 + w2),
                    slope >= gap + v2 / (2 * L), SHORT)),
        *sums.PARTS,
        Inequality("so the gaps add up to at most", gaps, "<=", R**2 / gamma, OVER, (2 * gamma * gaps <= 2 * R**2,)),
        Identity("and over T, by convexity,", R**2 / (gamma * T), 11 * R * A * lam / T, OVER, (IS_STEP,)),
        *in_full(11 * R * y * THRESHOLD, 22 * sp.sqrt(2) * L * R**2, 11 * sigma * R, CONVEX_BOUND),
    ),
    experiments=runs.convex(),
    broken_by=runs.convex_broken(),
)  # fmt: skip

ROOT = sp.sqrt(L * Delta)
NONCONVEX_BOUND = (
    88 * sp.sqrt(2) * L * Delta * CERTAINTY / T
    + 22 * sp.sqrt(2) * ROOT * sigma * (CERTAINTY / T) ** (1 - 1 / alpha)
)  # fmt: skip

NONCONVEX = Claim(
    id="sadiev2023.clipped_sgd_nonconvex",
    says="clipped SGD on a smooth f: mean ||grad f||^2 is O((A/T)^((alpha-1)/alpha)), not the best for alpha < 2",
    source=AFTER.format("non-convex case"),
    standing=Standing.DERIVED,
    kind=Kind.UPPER,
    metric="mean of ||grad f||^2 over the first T points, with probability 1 - beta",
    metric_units=SQUARED_GRADIENT,
    symbols=(HORIZON, SMOOTH, GAP, *NOISE),
    assumptions=(),
    bound=NONCONVEX_BOUND,
    rate=Rate(-(alpha - 1) / alpha),
    limits=(Limit("from a minimiser", Delta, sp.Integer(0), sp.Integer(0)),),
    steps=(
        *FIRST,
        Inequality("one step", f1, "<=", f0 - gamma / 2 * v2 - gamma * turn + L * gamma**2 * w2, OVER,
                   (f1 <= f0 - gamma * (v2 + turn) + L * gamma**2 * (v2 + w2), SHORT)),
        Inequality("which, times 2/L, is E+ <= E - (gamma/L) ||grad f||^2 - ..., where ||grad f/L||^2 <= E", v2 / L**2,
                   "<=", 2 * gap / L, OVER, (v2 <= 2 * L * gap,)),
        *sums.PARTS,
        Identity("R^2 = 2 Delta/L: the mean of ||grad f||^2 is at most 2 L R^2/(gamma T)", 2 * L * R**2 / (gamma * T),
                 22 * L * R * A * lam / T, OVER, (IS_STEP,)),
        Inequality("for ||grad f|| this is half the exponent, below the best one, (alpha-1)/(3 alpha-2), by",
                   (alpha - 1) / (3 * alpha - 2) - (alpha - 1) / (2 * alpha), ">=", sp.Integer(0), OVER),
        *in_full(22 * L * R * y * THRESHOLD, 44 * sp.sqrt(2) * L**2 * R**2, 22 * sigma * L * R, NONCONVEX_BOUND,
                 sp.Eq(R, sp.sqrt(2 * Delta / L))),
    ),
    experiments=runs.nonconvex(),
    broken_by=runs.nonconvex_broken(),
)  # fmt: skip

FEW = sp.Eq(r, 1 - gamma * mu)
SLOW = 11 * sigma * gamma * CERTAINTY ** (1 - 1 / alpha) * T ** (1 / alpha)  # what the noise allows


def contraction(start: sp.Expr, decay: sp.Expr) -> tuple[sp.Basic, ...]:
    """Return what the last two theorems ask of the step: a smooth f, and noise below the last threshold."""
    return (mu <= L, 33 * gamma * L * CERTAINTY <= 1, SLOW <= start * decay)


SHRINKING = (
    Inequality("lam_t = R r^(t/2+1)/(11 A gamma) is above twice a gradient, which is at most L sqrt(2) R r^(t/2)",
               22 * sp.sqrt(2) * gamma * L * A, "<=", r, OVER, (33 * gamma * L * A <= 1, FEW, mu <= L)),
    Inequality("the last threshold is the least: S <= T (sigma/lam)^alpha <= A, as sigma/lam is at most, y = A/T,",
               11 * sigma * gamma * A / (R * P), "<=", y ** (1 / alpha), OVER,
               (11 * sigma * gamma * A * y ** (-1 / alpha) <= R * P,)),
    Identity("the weights of bias and noise do not depend on t, p = r^(t/2): 1/r^(t+1) times the two lengths",
             p * (p * r) / (p**2 * r), sp.Integer(1), OVER),
    Inequality("and those of the squares are at most 1", (p * r) ** 2 / (p**2 * r), "<=", sp.Integer(1), OVER),
    *sums.PARTS,
    Identity("where the noise decides, 11 sigma gamma A^(1-1/alpha) T^(1/alpha) = R r^((T+1)/2), 2 R^2 r^T is",
             2 * R**2 * P**2 / r, 242 * (sigma * gamma * A) ** 2 * y ** (-2 / alpha) / r, OVER,
             (sp.Eq(R, 11 * sigma * gamma * A * y ** (-1 / alpha) / P),)),
)  # fmt: skip
DECAY = (1 - gamma * mu) ** ((T + 1) / 2)
STRONG_BOUND = 2 * R**2 * (1 - gamma * mu) ** T
PL_BOUND = 2 * Delta * (1 - gamma * mu) ** T

STRONGLY_CONVEX = Claim(
    id="sadiev2023.clipped_sgd_strongly_convex",
    says="clipped SGD, shrinking thresholds, quasi-strongly convex f: geometric until the noise is the threshold",
    source=AFTER.format("quasi-strongly convex case"),
    standing=Standing.DERIVED,
    kind=Kind.UPPER,
    metric="||x_T - x*||^2, with probability 1 - beta",
    metric_units=AREA,
    symbols=(HORIZON, SMOOTH, CURVED, LONG, START, *NOISE),
    assumptions=contraction(R, DECAY),
    bound=STRONG_BOUND,
    limits=(Limit("no curvature: it stays in the ball", mu, sp.Integer(0), 2 * R**2),),
    steps=(
        Inequality("one step, by <grad f, e> >= d + mu ||e||^2/2 and ||grad f||^2 <= 2 L d", E1, "<=",
                   r * E0 - 2 * gamma * n + 2 * gamma**2 * w2, OVER,
                   (E1 <= E0 - 2 * gamma * (slope + n) + 2 * gamma**2 * (v2 + w2), slope >= gap + mu / 2 * E0,
                    v2 <= 2 * L * gap, SHORT, FEW)),
        *SHRINKING,
        Identity("so E_T <= 2 R^2 r^T", 2 * R**2 * r**T, STRONG_BOUND, OVER, (FEW,)),
    ),
    experiments=shrinking.strongly_convex(),
    broken_by=shrinking.strongly_convex_broken(),
)  # fmt: skip

POLYAK = Claim(
    id="sadiev2023.clipped_sgd_pl",
    says="clipped SGD with shrinking thresholds where ||grad f||^2 >= 2 mu (f - f*): the same for f - f*",
    source=AFTER.format("PL case"),
    standing=Standing.DERIVED,
    kind=Kind.UPPER,
    metric="f(x_T) - f*, with probability 1 - beta",
    metric_units=OBJECTIVE,
    symbols=(HORIZON, SMOOTH, CURVED, LONG, GAP, *NOISE),
    assumptions=contraction(sp.sqrt(2 * Delta / L), DECAY),
    bound=PL_BOUND,
    limits=(Limit("no curvature: f at most doubles", mu, sp.Integer(0), 2 * Delta),),
    steps=(
        Inequality("one step, by ||grad f||^2 >= 2 mu d", next_gap, "<=", r * gap - gamma * turn + L * gamma**2 * w2,
                   OVER, (next_gap <= gap - gamma * (v2 + turn) + L * gamma**2 * (v2 + w2), v2 >= 2 * mu * gap, SHORT,
                          FEW)),
        Inequality("which, times 2/L, is that for E, with e = grad f/L and ||e||^2 <= E", v2 / L**2, "<=", 2 * gap / L,
                   OVER, (v2 <= 2 * L * gap,)),
        *SHRINKING,
        Identity("so E_T <= 2 R^2 r^T, and f - f* = L E/2, R^2 = 2 Delta/L", L / 2 * 2 * R**2 * r**T, PL_BOUND, OVER,
                 (FEW, sp.Eq(R, sp.sqrt(2 * Delta / L)))),
    ),
    experiments=shrinking.polyak(),
    broken_by=shrinking.polyak_broken(),
)  # fmt: skip
