"""What proofs for clipped gradients under a moment of order alpha share: a sum that stays below twice its start.

A step has E+ <= E - 2 w <e, theta> + 2 w^2 ||theta||^2 with E_0 = R^2, ||e||^2 <= E and theta = clip(g, lam) - grad f,
after a division by r^(t+1) where the method contracts by r. As long as E <= 2 R^2 no gradient is longer than lam/2, so
that clipping has a bias of at most sigma^alpha lam^(1 - alpha) and E ||theta||^2 <= 3/2 sigma^alpha lam^(2 - alpha)
(`zhang2020heavy.clip_moment_lemma_central_*`). The weights w lam are all h R = R/(11 A), A = 1 + ell, ell =
log(2/beta), and S = sum (sigma/lam_t)^alpha <= A. Both martingales are stopped where E exceeds 2 R^2, which makes their
terms bounded, and Freedman's inequality holds for all their sums at once: P(some sum >= b) <= exp(-b^2/(2 V + 2 c b/3))
= beta/2, V the sum of the variances and c the largest term. Everything of that is in units of R.

clipped-SSTM: x_{k+1} = (A_k y_k + w z_k)/A_{k+1}, z_{k+1} = z_k - w clip(g(x_{k+1}), B/w), y_{k+1} = (A_k y_k +
w z_{k+1})/A_{k+1} with w = (k+2)/(2 a L), A_{k+1} = A_k + w; its E is 2 A_k (f(y_k) - f*) + ||z_k - x*||^2.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, OBJECTIVE, PURE, Quantity, Units
from proofs_check.goal import COUNT, FRACTION, NONNEGATIVE, POSITIVE, REAL
from proofs_check.steps import Inequality, Over, Where
from proofs_check.symbols import SQUARED_GRADIENT

alpha, beta, ell, A, h = sp.symbols("alpha beta ell A h", positive=True)
S, bias, noise, mean, squares, total = sp.symbols("S b_1 b_2 b_3 b_4 E", nonnegative=True)
lam = sp.Symbol("lambda", positive=True)
u, theta = sp.symbols("u theta", nonnegative=True)

CERTAINTY = 1 + sp.log(2 / beta)  # A in full
STEP = sp.Rational(1, 11)  # A h
NOISE, SQUARES = sp.Rational(36, 5) * STEP, 7 * STEP**2  # what Freedman's inequality allows both sums

ORDER = Quantity(alpha, sp.Interval.Lopen(1, 2), PURE, "order of the bounded moment of the noise")
FAILURE = Quantity(beta, FRACTION, PURE, "probability of failure")
CERTAIN = (
    Quantity(ell, POSITIVE, PURE, "log(2/beta)"),
    Quantity(A, sp.Interval(1, sp.oo), PURE, "1 + log(2/beta)"),
)
OVER = (
    ORDER,
    *CERTAIN,
    Quantity(h, POSITIVE, PURE, "weight of a step times its threshold, over R"),
    *(Quantity(e, NONNEGATIVE, PURE, "sum of (sigma/lam)^alpha, or a part of E/R^2")
      for e in (S, bias, noise, mean, squares, total)),
    Quantity(lam, POSITIVE, GRADIENT, "threshold"),
    *(Quantity(e, NONNEGATIVE, GRADIENT, "||grad f||, ||theta||") for e in (u, theta)),
)  # fmt: skip
IS_A = sp.Eq(ell, A - 1)
IS_H = sp.Eq(h, STEP / A)


def freedman(
    says: str, b: sp.Expr, V: sp.Expr, c: sp.Expr, over: Over = OVER, where: Where = (IS_A, IS_H, S <= A)
) -> Inequality:
    """Return that Freedman's exponent at b, b^2/(2 V + 2 c b/3), is at least ell."""
    return Inequality(says, b**2, ">=", ell * (2 * V + sp.Rational(2, 3) * c * b), over, where)


PARTS = (
    Inequality("where ||grad f|| <= lam/2 a clipped gradient errs by at most 3/2 lam", theta, "<=",
               sp.Rational(3, 2) * lam, OVER, (theta <= lam + u, u <= lam / 2)),
    Inequality("and by at most 3/2 sigma^alpha lam^(2-alpha) in the mean square: (3/2)^(2-alpha) <= 3/2, in logarithms",
               (2 - alpha) * sp.log(sp.Rational(3, 2)), "<=", sp.log(sp.Rational(3, 2)), OVER),
    Inequality("the bias times 2 w ||e||, ||e|| <= sqrt(2) R, over all steps", bias, "<=", 2 * sp.sqrt(2) * STEP, OVER,
               (bias <= 2 * sp.sqrt(2) * h * S, IS_H, S <= A)),
    freedman("the noise: V = 12 h^2 S, c = 4 sqrt(2) h", NOISE, 12 * h**2 * S, 4 * sp.sqrt(2) * h),
    Inequality("the squares in the mean", mean, "<=", 3 * STEP**2, OVER, (mean <= 3 * h**2 * S, IS_H, S <= A)),
    freedman("and what they exceed it by: V = 27/2 h^4 S, c = 9/2 h^2", SQUARES, sp.Rational(27, 2) * h**4 * S,
             sp.Rational(9, 2) * h**2),
    Inequality("so E stays below 2 R^2, at all steps at once and with probability 1 - beta", total, "<=", sp.Integer(2),
               OVER, (total <= 1 + bias + noise + mean + squares, bias <= 2 * sp.sqrt(2) * STEP, noise <= NOISE,
                      mean <= 3 * STEP**2, squares <= SQUARES)),
)  # fmt: skip

w = sp.Symbol("w", positive=True)
k = sp.Symbol("k", integer=True, positive=True)
F0, F1, D0, D1, q, far = sp.symbols("F_k F_{k+1} D_k D_{k+1} g2 theta2", nonnegative=True)
inner, push, drag, turn = sp.symbols("i p n j", real=True)
STEPS = Quantity(k, COUNT, PURE, "steps done")
COUPLED = (
    STEPS,
    Quantity(w, POSITIVE, Units(F=-1, X=2), "weight of the step"),
    *(Quantity(e, NONNEGATIVE, Units(X=2), "A_k (f(y) - f*) and ||z - x*||^2, before and after")
      for e in (F0, F1, D0, D1)),
    *(Quantity(e, NONNEGATIVE, SQUARED_GRADIENT, "||clip(g)||^2, ||theta||^2") for e in (q, far)),
    *(Quantity(e, REAL, SQUARED_GRADIENT, "<grad f, clip(g)>, <theta, clip(g)>") for e in (inner, turn)),
    *(Quantity(e, REAL, OBJECTIVE, "<grad f, z - x*> and <theta, z - x*>") for e in (push, drag)),
)  # fmt: skip
ACCELERATION = (
    Inequality("the weights: L w^2/A_{k+1} = (k+2)^2/((k+1)(k+4))/a is at most 1/a", (k + 2) ** 2, "<=",
               (k + 1) * (k + 4), COUPLED),
    Inequality("one step, where a >= 2, of 2 A_k (f(y_k) - f*) + ||z_k - x*||^2", 2 * F1 + D1, "<=",
               2 * F0 + D0 - 2 * w * drag + 2 * w**2 * far, COUPLED,
               (F1 <= F0 + w * push - w**2 * inner + w**2 * q / 4, sp.Eq(D1, D0 - 2 * w * (push + drag) + w**2 * q),
                sp.Eq(inner, q - turn), turn <= q / 4 + far)),
    Inequality("and where k >= 1", (k + 2) / sp.sqrt(k * (k + 3)), "<=", sp.Rational(3, 2), COUPLED),
)  # fmt: skip
