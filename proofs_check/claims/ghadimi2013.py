"""S. Ghadimi, G. Lan, "Stochastic first- and zeroth-order methods for nonconvex stochastic programming" (2013).

SIAM J. Optim. 23(4), arXiv 1309.5549. f is L-smooth and bounded below, Delta = f(x_1) - inf f; g = grad f + del with
E del = 0 and E ||del||^2 <= sigma^2. SGD with steps g_k < 2/L returns x_R, R = k with a probability proportional to
2 g_k - L g_k^2. Below Q = ||grad f(x_k)||^2, dot = <grad f, del>, f and f1 are values above inf f, now and one step
later.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import OBJECTIVE, PURE, Claim, Kind, Limit, Quantity, Rate, Standing, Units
from proofs_check.goal import COUNT0, NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances import ghadimi2013 as runs
from proofs_check.sequences import Induction, Recursion
from proofs_check.steps import Chain, Identity, Inequality
from proofs_check.symbols import HORIZON, SQUARED_GRADIENT, T

L, Delta, g, D, A, W = sp.symbols("L Delta gamma Dt A W", positive=True)
sigma, f, f1, Q, del2 = sp.symbols("sigma f f_1 Q del2", nonnegative=True)
total, weight, squares, mean = sp.symbols("S W_k A_k m", nonnegative=True)
dot = sp.Symbol("dot", real=True)
k = sp.Symbol("k", integer=True, nonnegative=True)
half, sqrt = sp.Rational(1, 2), sp.sqrt

STEP = Units(F=-1, X=2)
SMOOTH = Quantity(L, POSITIVE, Units(F=1, X=-2), "f is L-smooth")
GAP = Quantity(Delta, POSITIVE, OBJECTIVE, "f(x_1) - inf f")
NOISE = Quantity(sigma, NONNEGATIVE, Units(F=1, X=-1), "the noise has E ||g - grad f||^2 <= sigma^2")
LENGTH = Quantity(g, POSITIVE, STEP, "step size")
SQUARES = Quantity(A, POSITIVE, Units(F=-2, X=4), "sum of gamma_k^2")
WEIGHTS = Quantity(W, POSITIVE, STEP, "sum of 2 gamma_k - L gamma_k^2")
SCALE = Quantity(D, POSITIVE, Units(X=1), "a guess of D_f, D_f^2 = 2 Delta / L")
OVER = (
    HORIZON, SMOOTH, GAP, NOISE, LENGTH, SQUARES, WEIGHTS, SCALE,
    *(Quantity(e, NONNEGATIVE, OBJECTIVE, "E f - inf f, now and one step later") for e in (f, f1)),
    *(Quantity(e, NONNEGATIVE, SQUARED_GRADIENT, "a squared norm, or a mean of them") for e in (Q, del2, mean)),
    Quantity(total, NONNEGATIVE, OBJECTIVE, "sum of (2 gamma_j - L gamma_j^2) E Q_j over j <= k"),
    Quantity(weight, NONNEGATIVE, STEP, "sum of 2 gamma_j - L gamma_j^2 over j <= k"),
    Quantity(squares, NONNEGATIVE, Units(F=-2, X=4), "sum of gamma_j^2 over j <= k"),
    Quantity(dot, REAL, SQUARED_GRADIENT, "<grad f, del>"),
    Quantity(k, COUNT0, PURE, "steps done"),
)  # fmt: skip
METRIC = "E ||grad f(x_R)||^2 for the random index R"
SOURCE = "Ghadimi, Lan, SIAM J. Optim. 23(4) (2013), arXiv 1309.5549"
DESCENT = (
    Identity("smoothness, with g = grad f + del", -g * (Q + dot) + L * g**2 / 2 * (Q + 2 * dot + del2),
             -(g - L * g**2 / 2) * Q - (g - L * g**2) * dot + L * g**2 / 2 * del2, OVER),
    Inequality("in expectation", (2 * g - L * g**2) * Q, "<=", 2 * (f - f1) + L * g**2 * sigma**2, OVER,
               (f1 <= f - (g - L * g**2 / 2) * Q + L * g**2 / 2 * del2, del2 <= sigma**2)),
    Induction("summed over k, with values above inf f",
              base=Identity("no step", sp.Integer(0) + 2 * Delta, 2 * Delta + L * sigma**2 * 0, OVER),
              step=Inequality("k to k+1", total + (2 * g - L * g**2) * Q + 2 * f1, "<=",
                              2 * Delta + L * sigma**2 * (squares + g**2), OVER,
                              (total + 2 * f <= 2 * Delta + L * sigma**2 * squares,
                               (2 * g - L * g**2) * Q <= 2 * (f - f1) + L * g**2 * sigma**2)),
              conclusion=(total + 2 * f, "<=", 2 * Delta + L * sigma**2 * squares)),
    Identity("the law of R: E Q_R is the weighted mean", (total + (2 * g - L * g**2) * Q) / (weight + 2 * g - L * g**2),
             total / weight * (weight / (weight + 2 * g - L * g**2))
             + Q * ((2 * g - L * g**2) / (weight + 2 * g - L * g**2)), OVER, (weight > 0,)),
)  # fmt: skip

THEOREM_21 = Claim(
    id="ghadimi2013.gl_rsg",
    says="SGD that returns a random iterate: its squared gradient is at most (2 Delta + L sigma^2 A)/W in expectation",
    source=f"{SOURCE}, Theorem 2.1 (a), as restated in a secondary text",
    standing=Standing.RESTATED,
    kind=Kind.UPPER,
    metric=METRIC,
    metric_units=SQUARED_GRADIENT,
    symbols=(SMOOTH, GAP, NOISE, SQUARES, WEIGHTS),
    assumptions=(),
    bound=(2 * Delta + L * sigma**2 * A) / W,
    limits=(Limit("no noise", sigma, sp.Integer(0), 2 * Delta / W),),
    steps=(
        *DESCENT,
        Chain("over the sum of the weights", (mean, "<=", (2 * Delta + L * sigma**2 * A - 2 * f) / W, "<=",
                                              (2 * Delta + L * sigma**2 * A) / W), OVER,
              (mean * W + 2 * f <= 2 * Delta + L * sigma**2 * A,)),
    ),
    experiments=runs.any_steps(),
    broken_by=runs.any_steps_broken(),
)  # fmt: skip

CONSTANT = (2 * Delta + L * T * g**2 * sigma**2) / (T * g * (2 - L * g))
COROLLARY = 2 * L * Delta / T + (L * D + 2 * Delta / D) * sigma / sqrt(T)

COROLLARY_22 = Claim(
    id="ghadimi2013.gl_rsg_constant",
    says="with the step min(1/L, Dt/(sigma sqrt(T))) it is of the order 1/sqrt(T), whatever Dt",
    source=f"ratelab, own derivation of the constants; after {SOURCE}, Corollary 2.2",
    standing=Standing.DERIVED,
    kind=Kind.UPPER,
    metric=METRIC,
    metric_units=SQUARED_GRADIENT,
    symbols=(HORIZON, SMOOTH, GAP, NOISE, SCALE),
    assumptions=(),
    bound=COROLLARY,
    rate=Rate(-half),
    limits=(
        Limit("no noise: gradient descent", sigma, sp.Integer(0), 2 * L * Delta / T),
        Limit("Dt = D_f", D, sqrt(2 * Delta / L), 2 * L * Delta / T + 2 * sigma * sqrt(2 * L * Delta / T)),
    ),
    steps=(
        *DESCENT,
        Identity("a constant step", (2 * Delta + L * sigma**2 * (T * g**2)) / (T * (2 * g - L * g**2)), CONSTANT, OVER),
        Chain("gamma <= 1/L, so that 2 - L gamma >= 1",
              (CONSTANT, "<=", (2 * Delta + L * T * g**2 * sigma**2) / (T * g), "==",
               2 * Delta / (T * g) + L * g * sigma**2), OVER, (L * g <= 1,)),
        Inequality("gamma is the smaller of two: 1/gamma is the larger, and at most the sum", 1 / g, "<=",
                   L + sigma * sqrt(T) / D, OVER, (sp.Eq(g, 1 / sp.Max(L, sigma * sqrt(T) / D)),)),
        Inequality("which bounds the first part", 2 * Delta / (T * g), "<=",
                   2 * L * Delta / T + 2 * Delta * sigma / (D * sqrt(T)), OVER, (1 / g <= L + sigma * sqrt(T) / D,)),
        Inequality("and gamma sigma sqrt(T) <= Dt the second", L * g * sigma**2, "<=", L * D * sigma / sqrt(T), OVER,
                   (g * sigma * sqrt(T) <= D,)),
        Identity("together", 2 * L * Delta / T + 2 * Delta * sigma / (D * sqrt(T)) + L * D * sigma / sqrt(T), COROLLARY,
                 OVER),
    ),
    experiments=runs.tuned(),
    broken_by=runs.tuned_broken(),
)  # fmt: skip

q = (1 - L * g) ** 2


def _value(steps: sp.Expr) -> sp.Expr:
    """Return E f after so many steps."""
    return q**steps * Delta + L * g**2 * sigma**2 / 2 * (1 - q**steps) / (1 - q)


SHARE = 1 - 2 * _value(T) / (2 * Delta + L * T * g**2 * sigma**2)

MEAN = SHARE * (2 * Delta + L * T * g**2 * sigma**2) / (T * (2 * g - L * g**2))
EXACT_QUADRATIC = Claim(
    id="ghadimi2013.gl_rsg_exact_quadratic",
    says="on L ||x||^2 / 2 with noise of variance sigma^2 only inf f is lost: the bound is attained up to this factor",
    source="ratelab, own derivation; on the bound of Ghadimi, Lan, arXiv 1309.5549, Theorem 2.1 (a), constant step",
    standing=Standing.DERIVED,
    kind=Kind.EXACT,
    metric="E ||grad f(x_R)||^2 over its bound",
    metric_units=PURE,
    symbols=(HORIZON, SMOOTH, GAP, NOISE, LENGTH),
    assumptions=(L * g < 2,),
    bound=SHARE,
    limits=(
        Limit("at gamma = 1/L the start is forgotten in one step", g, 1 / L,
              1 - sigma**2 / (2 * L * Delta + T * sigma**2)),
    ),
    steps=(
        Identity("one step on f = L r / 2: E f falls as the descent inequality says, without loss", 2 * (
            f - (q * f + L * g**2 * sigma**2 / 2)) + L * g**2 * sigma**2, (2 * g - L * g**2) * (2 * L * f), OVER),
        Recursion("E f after k steps", f, q * f + L * g**2 * sigma**2 / 2, Delta, k, _value(k), OVER, (L * g < 2,)),
        Induction("summed: sum of (2 g - L g^2) E Q_j is 2 Delta + L k g^2 sigma^2 - 2 E f_{k+1}",
                  base=Identity("no step", 2 * Delta + L * 0 * g**2 * sigma**2 - 2 * Delta, sp.Integer(0), OVER),
                  step=Identity("k to k+1", total + (2 * g - L * g**2) * (2 * L * f),
                                2 * Delta + L * (k + 1) * g**2 * sigma**2 - 2 * f1, OVER,
                                (sp.Eq(total, 2 * Delta + L * k * g**2 * sigma**2 - 2 * f),
                                 sp.Eq(f1, q * f + L * g**2 * sigma**2 / 2)))),
        Identity("over the bound", total / (T * (2 * g - L * g**2)) / CONSTANT, SHARE, OVER,
                 (sp.Eq(total, 2 * Delta + L * T * g**2 * sigma**2 - 2 * _value(T)), L * g < 2)),
    ),
    experiments=runs.exact(MEAN),
    broken_by=runs.exact_broken(MEAN),
)  # fmt: skip
