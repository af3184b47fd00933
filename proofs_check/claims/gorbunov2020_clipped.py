"""E. Gorbunov, M. Danilova, A. Gasnikov, NeurIPS 2020, arXiv 2005.10785: clipped SGD and clipped-SSTM, finite variance.

f is convex and L-smooth, v the variance of a mini-batch's gradient, A = log(4 T/beta), C^2 = 7. Clipped SGD has the
threshold 2 L C R and the step 1/(80 L A); clipped-SSTM the thresholds B/w, B = C R/(8 A). Both bounds are recalled, not
read: what is here is the lab's proof that they hold, and how large a batch and which a are enough. E, h, S and the two
martingales are those of `proofs_check.clipped_sums`, but with E <= C^2 R^2, ell = A and, at order 2, a bias of at most
v/(2 lam) and E ||theta||^2 <= v.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, LENGTH, OBJECTIVE, PURE, Claim, Kind, Limit, Quantity, Rate, Standing, Units
from proofs_check import clipped_sums as sums
from proofs_check.clipped_sums import A, S, beta, bias, ell, freedman, h, k, lam, mean, noise, squares, total, u
from proofs_check.goal import NONNEGATIVE, POSITIVE
from proofs_check.instances import clipped as runs
from proofs_check.steps import Identity, Inequality
from proofs_check.symbols import HORIZON, SQUARED_GRADIENT, T

L, R, v, a, s, gamma = sp.symbols("L R v a s gamma", positive=True)
gaps = sp.Symbol("D", nonnegative=True)
LOG, ROOT = sp.log(4 * T / beta), sp.sqrt(7)

SYMBOLS = (
    HORIZON,
    Quantity(L, POSITIVE, Units(F=1, X=-2), "smoothness"),
    Quantity(R, POSITIVE, LENGTH, "||x_0 - x*||"),
    Quantity(v, POSITIVE, SQUARED_GRADIENT, "variance of the gradient of a mini-batch"),
    sums.FAILURE,
)
FACTOR = Quantity(a, POSITIVE, PURE, "factor by which SSTM's step is below 1/(2L)")
OVER = (
    *SYMBOLS,
    FACTOR,
    Quantity(s, POSITIVE, PURE, "sqrt(a)"),
    sums.STEPS,
    *(Quantity(e, sp.Interval(1, sp.oo), PURE, "log(4 T/beta)") for e in (A, ell)),
    Quantity(lam, POSITIVE, GRADIENT, "threshold"),
    Quantity(u, NONNEGATIVE, GRADIENT, "||grad f||"),
    Quantity(gamma, POSITIVE, Units(F=-1, X=2), "step size"),
    Quantity(h, POSITIVE, PURE, "weight of a step times its threshold, over R"),
    Quantity(gaps, NONNEGATIVE, OBJECTIVE, "sum of the gaps f - f*"),
    *(Quantity(e, NONNEGATIVE, PURE, "sum of v/lam^2, or a part of E/R^2")
      for e in (S, bias, noise, mean, squares, total)),
)  # fmt: skip


def parts(step: sp.Expr, share: sp.Expr, most: tuple[sp.Expr, ...], end: sp.Expr) -> tuple[Inequality, ...]:
    """Return that E <= end R^2 <= 7 R^2, where A h = step and S <= share A; `most`: what the four parts may be."""
    where = (sp.Eq(h, step / A), S <= share * A)
    alike = sp.Eq(ell, A)
    return (
        Inequality("the bias, v/(2 lam) in a gradient, times 2 w ||e||, ||e|| <= C R", bias, "<=", most[0], OVER,
                   (bias <= ROOT * h * S, *where)),
        freedman("the noise: V = 28 h^2 S, c = 4 C h", most[1], 28 * h**2 * S, 4 * ROOT * h, OVER, (alike, *where)),
        Inequality("the squares in the mean", mean, "<=", most[2], OVER, (mean <= 2 * h**2 * S, *where)),
        freedman("and what they exceed it by: V = 9 h^4 S, c = 9/2 h^2", most[3], 9 * h**4 * S,
                 sp.Rational(9, 2) * h**2, OVER, (alike, *where)),
        Inequality("so E stays in the ball, at all steps at once and with probability 1 - beta/(2 T)", total, "<=", end,
                   OVER, (total <= 1 + bias + noise + mean + squares, bias <= most[0], noise <= most[1],
                          mean <= most[2], squares <= most[3])),
    )  # fmt: skip


SMALL = (sp.Rational(1, 200), sp.Rational(12, 25), sp.Rational(1, 2000), sp.Rational(1, 50))
LARGE = (sp.Rational(7, 8), sp.Integer(4), sp.Rational(7, 32), sp.Rational(2, 3))
AFTER = (
    "ratelab, own derivation, of recalled bounds; after Gorbunov, Danilova, Gasnikov, NeurIPS 2020, arXiv 2005.10785"
)
SGD_BOUND = 64 * L * R**2 * LOG / T

CLIPPED_SGD = Claim(
    id="gorbunov2020.clipped_sgd",
    says="clipped SGD, convex f, unconstrained, finite variance: log(T/beta)/T where batches are large enough",
    source=AFTER,
    standing=Standing.DERIVED,
    kind=Kind.UPPER,
    metric="f(mean of the first T points) - f*, with probability 1 - beta",
    metric_units=OBJECTIVE,
    symbols=SYMBOLS,
    assumptions=(27 * T * v <= 14 * (L * R) ** 2 * LOG,),
    bound=SGD_BOUND,
    rate=Rate(-sp.Integer(1), sp.Integer(1)),
    limits=(Limit("from a minimiser", R, sp.Integer(0), sp.Integer(0)),),
    steps=(
        Inequality("a gradient in the ball is at most half the threshold 2 L C R", u, "<=", lam / 2, OVER,
                   (u <= L * ROOT * R, sp.Eq(lam, 2 * L * ROOT * R))),
        Identity("gamma lam/R, at gamma = 1/(80 L A)", 2 * L * ROOT * R / (80 * L * A * R), ROOT / 40 / A, OVER),
        Inequality("S = T v/lam^2 is at most A/54", S, "<=", A / 54, OVER,
                   (S * 28 * (L * R) ** 2 <= T * v, 27 * T * v <= 14 * (L * R) ** 2 * A)),
        *parts(ROOT / 40, sp.Rational(1, 54), SMALL, sp.Rational(8, 5)),
        Inequality("and the gaps add up to at most half of it over gamma = 1/(80 L A)", gaps, "<=", 64 * L * A * R**2,
                   OVER, (2 * gamma * gaps <= sp.Rational(8, 5) * R**2, sp.Eq(gamma, 1 / (80 * L * A)))),
        Inequality("the recalled constant, 80 C^2, follows", 64 * L * R**2 * A / T, "<=", 560 * L * R**2 * A / T, OVER),
        Identity("over T, by convexity,", 64 * L * R**2 * A / T, SGD_BOUND, OVER, (sp.Eq(A, LOG),)),
    ),
    experiments=runs.batches(),
    broken_by=runs.batches_broken(),
)  # fmt: skip

NEAR = 4 * ROOT + 3 * ROOT * s
SSTM_BOUND = 14 * a * L * R**2 / (T * (T + 3))

CLIPPED_SSTM = Claim(
    id="gorbunov2020.clipped_sstm",
    says="clipped-SSTM, convex f, finite variance: 2 a L C^2 R^2/(T (T + 3)) where a >= (26 log(4 T/beta))^2",
    source=AFTER,
    standing=Standing.DERIVED,
    kind=Kind.UPPER,
    metric="f(y_T) - f*, with probability 1 - beta",
    metric_units=OBJECTIVE,
    symbols=(*SYMBOLS, FACTOR),
    assumptions=(a >= 676 * LOG**2, 16 * v * T * (T + 1) ** 2 * LOG <= 7 * (a * L * R) ** 2),
    bound=SSTM_BOUND,
    rate=Rate(-sp.Integer(2)),
    limits=(Limit("from a minimiser", R, sp.Integer(0), sp.Integer(0)),),
    steps=(
        *sums.ACCELERATION,
        Inequality("x_{k+1} is near y_k, of small gradient: L (w/A_{k+1}) 2 C R + sqrt(7 L R^2/A_k), times k + 2,",
                   4 * ROOT * (k + 2) ** 2 / ((k + 1) * (k + 4)) + 2 * ROOT * s * (k + 2) / sp.sqrt(k * (k + 3)), "<=",
                   NEAR, OVER,
                   ((k + 2) ** 2 <= (k + 1) * (k + 4), (k + 2) / sp.sqrt(k * (k + 3)) <= sp.Rational(3, 2))),
        Inequality("is below (k + 2) lam/2 = a L C R/(8 A), a = s^2", NEAR, "<=", ROOT * s**2 / (8 * A), OVER,
                   (s >= 26 * A,)),
        Inequality("S, the sum of v w^2/B^2, is at most A", S, "<=", A, OVER,
                   (S * 7 * (a * L * R) ** 2 <= 16 * v * T * (T + 1) ** 2 * A**2,
                    16 * v * T * (T + 1) ** 2 * A <= 7 * (a * L * R) ** 2)),
        *parts(ROOT / 8, sp.Integer(1), LARGE, sp.Integer(7)),
        Identity("so 2 A_T d <= C^2 R^2, A_T = T (T + 3)/(4 a L)", 7 * R**2 / (2 * (T * (T + 3) / (4 * a * L))),
                 SSTM_BOUND, OVER),
    ),
    experiments=runs.accelerated_batches(),
    broken_by=runs.accelerated_batches_broken(),
)  # fmt: skip
