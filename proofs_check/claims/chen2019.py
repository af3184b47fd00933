"""X. Chen, S. Liu, R. Sun, M. Hong, "On the Convergence of a Class of Adam-type Algorithms ...", ICLR 2019.

arXiv 1808.02941. x_{t+1} = x_t - A_t m_t, where A_t = alpha_t / sqrt(vhat_t) is a vector, on a smooth f with |grad f|,
|g_t| <= H everywhere; g_t = grad f(x_t) + zeta_t; beta1_t does not grow, b = beta1/(1-beta1), |A_t m_t| <= G. What
decides: TA = E sum |A_t g_t|^2, TB = E sum |A_t - A_{t-1}|_1 and TC = E sum |A_t - A_{t-1}|^2, against
Acc = E sum <grad f, A_t grad f>. `kappa` is the weight in Young's inequality, which the paper sets to 1.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, LENGTH, OBJECTIVE, PURE, Claim, Kind, Limit, Quantity, Standing, Units
from proofs_check.goal import NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances import chen2019 as runs
from proofs_check.sequences import Induction
from proofs_check.steps import Chain, Identity, Inequality
from proofs_check.symbols import BETA1, beta1

PAPER = "Chen, Liu, Sun, Hong, ICLR 2019, arXiv 1808.02941"
OWN = f"ratelab, own derivation; after {PAPER}"
CURVATURE, STIFF, AREA = Units(F=1, X=-2), Units(F=-1, X=2), Units(X=2)

L, H, Gs, kappa = sp.symbols("L H G kappa", positive=True)
b, b0, TA, TB, TC, A1, Delta, Y = sp.symbols("b b_t TA TB TC A1 Delta Y", nonnegative=True)
P, q2, a_g, dA, w, y, noise = sp.symbols("P q2 |Ag| dA w y |zeta|", nonnegative=True)
m, m0, g, A, Ap, b1, inner = sp.symbols("m_t m_{t-1} g_t A A_0 b_{t+1} dot", real=True)

MOVES = (
    *(Quantity(e, NONNEGATIVE, PURE, "beta1_t/(1-beta1_t)") for e in (b0,)),
    Quantity(b1, REAL, PURE, "the same one step later"),
    *(Quantity(e, REAL, STIFF, "a coordinate of A_t, of A_{t-1}") for e in (A, Ap)),
    *(Quantity(e, REAL, GRADIENT, "moments and gradient") for e in (m, m0, g)),
)
z_move = -(b1 - b0) * A * m - b0 * (A - Ap) * m0 - A * g
M_IS = sp.Eq(m, (b0 * m0 + g) / (1 + b0))

ZT_IDENTITY = Claim(
    id="chen2019.zt_identity",
    says="z_t = x_t + b_t (x_t - x_{t-1}), b_t = beta1_t/(1-beta1_t), moves by a gradient step and two corrections",
    source=f"ratelab, checked by algebra; the sequence of {PAPER} (lemma number not checked)",
    standing=Standing.DERIVED,
    kind=Kind.EXACT,
    metric="z_{t+1} - z_t, one coordinate",
    metric_units=LENGTH,
    symbols=MOVES,
    assumptions=(M_IS,),
    bound=z_move,
    limits=(Limit("without momentum: a plain step", b0, sp.Integer(0), -b1 * A * m - A * g),),
    steps=(
        Identity("m_t in terms of b_t: beta1_t = b/(1+b)", b0 / (1 + b0) * m0 + (1 - b0 / (1 + b0)) * g,
                 (b0 * m0 + g) / (1 + b0), MOVES),
        Identity("z_{t+1} - z_t, since x_{t+1} - x_t = -A_t m_t", (-A * m + b1 * (-A * m)) - b0 * (-Ap * m0), z_move,
                 MOVES, (M_IS,)),
    ),
)  # fmt: skip

# ----------------------------------------------------------------------------------------------------- Theorem 3.1

SYMBOLS = (
    Quantity(L, POSITIVE, CURVATURE, "smoothness"),
    Quantity(H, POSITIVE, GRADIENT, "bound on gradients and stochastic gradients"),
    Quantity(Gs, POSITIVE, LENGTH, "bound on |A_t m_t|"),
    Quantity(kappa, POSITIVE, CURVATURE, "weight in Young's inequality", unit_value=True),
    BETA1,
    Quantity(b, NONNEGATIVE, PURE, "beta1 / (1-beta1)"),
    Quantity(Delta, NONNEGATIVE, OBJECTIVE, "f(z_1) - f*"),
    Quantity(A1, NONNEGATIVE, STIFF, "E |A_1|_1"),
    Quantity(TA, NONNEGATIVE, AREA, "E sum |A_t g_t|^2"),
    Quantity(TB, NONNEGATIVE, STIFF, "E sum |A_t - A_{t-1}|_1"),
    Quantity(TC, NONNEGATIVE, Units(F=-2, X=4), "E sum |A_t - A_{t-1}|^2"),
)
OVER = (
    *SYMBOLS,
    Quantity(b0, NONNEGATIVE, PURE, "beta1_t, or b_t - b_{t+1}"),
    *(Quantity(e, NONNEGATIVE, LENGTH, "a length") for e in (a_g, y, w)),
    *(Quantity(e, NONNEGATIVE, AREA, "a squared length") for e in (P, q2, Y)),
    Quantity(dA, NONNEGATIVE, STIFF, "|A_t - A_{t-1}| of one coordinate"),
    Quantity(noise, NONNEGATIVE, GRADIENT, "|zeta_t|"),
    Quantity(inner, REAL, OBJECTIVE, "an inner product with grad f"),
)
B_IS = sp.Eq(b, beta1 / (1 - beta1))
C1_IS = 3 * L / 2 + kappa / 2 + L**2 * b**2 / (kappa * (1 - beta1))
C2_IS = H**2 * b + 2 * H**2
C3_IS = H**2 * b**2 * (3 * L / 2 + L**2 * b**2 / kappa)
C4_IS = b * (H**2 / kappa + kappa * Gs**2) / 2 + 3 * L * b**2 * Gs**2 / 2 + 2 * H**2 * A1 + Delta
BOUND = C1_IS * TA + C2_IS * TB + C3_IS * TC + C4_IS
square = sp.Rational(3, 2) * L * (b**2 * Gs**2 + b**2 * H**2 * TC + TA)

THEOREM_31 = Claim(
    id="chen2019.thm31",
    says="Acc = E sum <grad f, A_t grad f> is at most C1 TA + C2 TB + C3 TC + C4, with constants that do not contain T",
    source=f"{OWN}, Theorem 3.1: the constants are not taken from the paper",
    standing=Standing.DERIVED,
    kind=Kind.UPPER,
    metric="effective_descent",
    metric_units=OBJECTIVE,
    symbols=SYMBOLS,
    assumptions=(B_IS,),
    bound=BOUND,
    limits=(
        Limit("a scheme that does not move costs the start only", TA, sp.Integer(0), BOUND.subs(TA, 0)),
        Limit("without momentum", b, sp.Integer(0), (3 * L / 2 + kappa / 2) * TA + 2 * H**2 * (TB + A1) + Delta),
    ),
    steps=(
        Inequality("(1) where beta1_t changes: |grad f| <= H, |A m| <= G, and Young", b * H * Gs, "<=",
                   b * (H**2 / kappa + kappa * Gs**2) / 2, OVER),
        Inequality("(2) where A changes: each coordinate of grad f and of m is at most H", b0 * inner, "<=",
                   b * H**2 * dA, OVER, (inner <= H * H * dA, b0 <= b)),
        Inequality("(3) grad f at z_t and at x_t differ by at most L b |A_{t-1} m_{t-1}|: Young", L * b * y * a_g, "<=",
                   kappa / 2 * a_g**2 + L**2 * b**2 / (2 * kappa) * y**2, OVER),
        Inequality("(4) E <grad f, A_{t-1} zeta_t> = 0, and |zeta| <= 2 H: what A_t adds", inner, "<=", 2 * H**2 * dA,
                   OVER, (inner <= H * noise * dA, noise <= 2 * H)),
        Inequality("(5) the square of three terms", (y + w + a_g) ** 2, "<=", 3 * (y**2 + w**2 + a_g**2), OVER),
        Inequality("whose first adds up to at most b^2 G^2: (b_t - b_{t+1})^2 <= b (b_t - b_{t+1})", b0**2 * Gs**2,
                   "<=", b * b0 * Gs**2, OVER, (b0 <= b,)),
        Inequality("A_t m_t is p_t + q_t: p with A_t g_t, q with what A changes", (y + w) ** 2, "<=",
                   2 * y**2 + 2 * w**2, OVER),
        Inequality("p by convexity", (b0 * y + (1 - b0) * a_g) ** 2, "<=", b0 * y**2 + (1 - b0) * a_g**2, OVER,
                   (b0 <= beta1,)),
        Induction("so (1-beta1) sum |p_t|^2 + beta1 |p_T|^2 <= sum |A_t g_t|^2",
                  base=Inequality("T = 1", (1 - beta1) * P + beta1 * P, "<=", a_g**2, OVER,
                                  (P <= (1 - b0) * a_g**2,)),
                  step=Inequality("T to T+1", (1 - beta1) * P + beta1 * P - beta1 * q2, "<=", a_g**2, OVER,
                                  (P <= b0 * q2 + (1 - b0) * a_g**2, b0 <= beta1))),
        Inequality("q by Cauchy-Schwarz", (beta1 * (y + w)) ** 2, "<=", beta1 * y**2 + beta1**2 / (1 - beta1) * w**2,
                   OVER),
        Induction("so (1-beta1) sum |q_t|^2 + beta1 |q_T|^2 <= beta1^2/(1-beta1) H^2 sum |A_t - A_{t-1}|^2",
                  base=Inequality("T = 1", sp.Integer(0), "<=", beta1**2 / (1 - beta1) * H**2 * dA**2, OVER),
                  step=Inequality("T to T+1", (1 - beta1) * P + beta1 * P - beta1 * q2, "<=",
                                  beta1**2 / (1 - beta1) * H**2 * dA**2, OVER,
                                  (P <= beta1 * q2 + beta1**2 / (1 - beta1) * w**2, w <= H * dA))),
        Inequality("together: sum |A_t m_t|^2", 2 * P + 2 * q2, "<=", 2 / (1 - beta1) * TA + 2 * H**2 * b**2 * TC,
                   OVER, (B_IS, (1 - beta1) * P <= TA, (1 - beta1) ** 2 * q2 <= beta1**2 * H**2 * TC)),
        Chain("all parts into the descent of f along z",
              (Delta + b * H * Gs + b * H**2 * TB + 2 * H**2 * (TB + A1) + kappa / 2 * TA
               + L**2 * b**2 / (2 * kappa) * Y + square, "<=",
               Delta + b * (H**2 / kappa + kappa * Gs**2) / 2 + b * H**2 * TB + 2 * H**2 * (TB + A1) + kappa / 2 * TA
               + L**2 * b**2 / (2 * kappa) * Y + square, "<=", BOUND), OVER,
              (Y <= 2 / (1 - beta1) * TA + 2 * H**2 * b**2 * TC,)),
    ),
    experiments=runs.theorem(),
    broken_by=runs.theorem_broken(),
)  # fmt: skip
