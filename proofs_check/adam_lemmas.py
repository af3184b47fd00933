"""Lemmas that the regret proofs of Adam's family share, after Reddi, Kale, Kumar 2018 (arXiv 1904.09237), Theorem 4.

Per coordinate: u = x_t - x*, D_t = u^2, a = sqrt(vhat_t) / alpha_t (or what stands for it), a_0 the same one step
before, b = beta1_t. A sums beta1^(t-j) |g_j|, Q sums beta1^(t-j) g_j^2, U sums gamma^(t-j) |g_j|, P sums
|g_j| / sqrt(j), N = ||g_{1:t}||, h^2 the harmonic sum; over coordinates S_v sums sqrt(vhat_T), S_g the norms
||g_{1:T}||, and over steps too S_bv sums beta1_t sqrt(vhat_t) / alpha_t. A claim unpacks the steps that its proof
takes.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, LENGTH, PURE, Quantity, Units
from proofs_check.goal import FRACTION0, NONNEGATIVE, POSITIVE, REAL
from proofs_check.sequences import Induction, SumBound
from proofs_check.steps import Chain, Identity, Inequality
from proofs_check.symbols import (
    ALPHA,
    BETA1,
    BETA2,
    DIAMETER,
    GAMMA,
    HORIZON,
    SECOND_MOMENT,
    SQUARED_GRADIENT,
    STEP,
    D,
    T,
    alpha,
    beta1,
    beta2,
    gamma,
    t,
    v,
)  # fmt: skip

STIFFNESS, AREA = Units(F=1, X=-2), Units(X=2)  # of sqrt(vhat)/alpha, of a squared distance

a, a0, N, q, h = sp.symbols("a a_0 N q h", positive=True)
b, b0, p, g1, A, P, Q, U = sp.symbols("beta1_t beta1_{t-1} p |g| A P Q U", nonnegative=True)
dist, later = sp.symbols("D_t D_{t+1}", nonnegative=True)
m, m0, g, u = sp.symbols("m m_0 g u", real=True)
d, S_v, S_g = sp.symbols("d S_v S_g", positive=True)
V, W, S_bv = sp.symbols("V W S_bv", nonnegative=True)

ADAM = (HORIZON, DIAMETER, ALPHA, BETA1, BETA2)  # Adam's method on a box
DIMENSION = Quantity(d, POSITIVE, PURE, "dimension")
ROOTS = Quantity(S_v, POSITIVE, GRADIENT, "sum over coordinates of sqrt(vhat_T)")
PATH = Quantity(S_g, POSITIVE, GRADIENT, "sum over coordinates of ||g_{1:T}||")
MOMENTUM = Quantity(S_bv, NONNEGATIVE, STIFFNESS, "sum over steps and coordinates of beta1_t sqrt(vhat_t) / alpha_t")
SUMS = tuple(Quantity(e, NONNEGATIVE, GRADIENT, "a sum of |g_j|") for e in (V, W))
OVER = (
    HORIZON,
    DIAMETER,
    ALPHA,
    BETA1,
    BETA2,
    GAMMA,
    SECOND_MOMENT,
    STEP,
    Quantity(a, POSITIVE, STIFFNESS, "sqrt(vhat_t) / alpha_t"),
    Quantity(a0, POSITIVE, STIFFNESS, "the same one step before"),
    *(Quantity(e, FRACTION0, PURE, "beta1_t, now and one step before") for e in (b, b0)),
    *(Quantity(e, REAL, GRADIENT, "moment or gradient") for e in (m, m0, g)),
    *(Quantity(e, NONNEGATIVE, GRADIENT, "a sum of |g_j|") for e in (g1, A, P, U)),
    Quantity(Q, NONNEGATIVE, SQUARED_GRADIENT, "sum of beta1^(t-j) g_j^2"),
    Quantity(N, POSITIVE, GRADIENT, "||g_{1:t}|| of one coordinate"),
    Quantity(u, REAL, LENGTH, "x_t - x*"),
    *(Quantity(e, NONNEGATIVE, AREA, "(x_t - x*)^2, now or next") for e in (dist, later)),
    Quantity(p, sp.Interval(0, 1), PURE, "beta1^j"),
    Quantity(q, sp.Interval.Lopen(0, 1), PURE, "beta2^(j/2), or 1/sqrt(t)"),
    Quantity(h, POSITIVE, PURE, "root of a harmonic number"),
)

# From the regret to distances and moments.
DISTANCES = Inequality("a step of m/a, put back on the box: <m, u> is a difference of distances plus its length", m * u,
                       "<=", a * (u**2 - later) / 2 + m**2 / (2 * a), OVER, (later <= (u - m / a) ** 2,))  # fmt: skip
FROM_MOMENTS = Identity("the gradient from two moments", g * u, (m * u - b * m0 * u) / (1 - b), OVER,
                        (sp.Eq(m, b * m0 + (1 - b) * g),))  # fmt: skip
YOUNG = Inequality("Young", -b * m0 * u, "<=", b * (a0 * u**2 / 2 + m0**2 / (2 * a0)), OVER)
A_GROWS = Inequality("vhat and sqrt(t) grow: so does a", sp.sqrt((t + 1) * (v + Q)) / alpha, ">=",
                     sp.sqrt(t * v) / alpha, OVER)  # fmt: skip
ONCE_EACH = Inequality("the moments of both come once each", m**2 / (2 * a * (1 - b)) + b * m**2 / (2 * a * (1 - b)),
                       "<=", m**2 / (a * (1 - beta1)), OVER, (b <= beta1,))  # fmt: skip
TELESCOPE = Induction(
    "where a grows, sum a_t (D_t - D_{t+1}) + a_T D_{T+1} <= D^2 a_T",
    base=Inequality("T = 1", a * (dist - later) + a * later, "<=", D**2 * a, OVER, (dist <= D**2,)),
    step=Inequality("T to T+1", a * (dist - later) + a * later - a0 * dist, "<=", D**2 * (a - a0), OVER,
                    (dist <= D**2, a >= a0)),
)  # fmt: skip
WEIGHTS_ADD = Chain("what 1/(1-beta1_t) = 1 + beta1_t/(1-beta1_t) adds", (a * (dist - later) / (1 - b), "<=",
                    a * (dist - later) + a * b * D**2 / (1 - b), "<=",
                    a * (dist - later) + a * b * D**2 / (1 - beta1)), OVER, (dist <= D**2, b <= beta1))  # fmt: skip
WITHOUT_GROWTH = Induction(
    "for beta1_t that does not grow and c = a/(1-beta1_t): sum c_t (D_t - D_{t+1}) + c_T D_{T+1} <= D^2 a_T/(1-beta1)",
    base=Chain("T = 1", (a * (dist - later) / (1 - b) + a * later / (1 - b), "<=", a * dist / (1 - beta1), "<=",
               D**2 * a / (1 - beta1)), OVER, (dist <= D**2, b <= beta1)),
    step=Chain("T to T+1", ((a / (1 - b) - a0 / (1 - b0)) * dist, "<=", (a - a0) * dist / (1 - b0), "<=",
               (a - a0) * dist / (1 - beta1), "<=", D**2 * (a - a0) / (1 - beta1)), OVER,
               (dist <= D**2, a >= a0, b <= b0, b0 <= beta1)),
)  # fmt: skip
GROWING_C = Induction(
    "where c grows, sum c_t (D_t - D_{t+1}) + c_T D_{T+1} <= D^2 c_T; a stands for c",
    base=Inequality("first", a * (dist - later) + a * later, "<=", D**2 * a, OVER, (dist <= D**2,)),
    step=Inequality("T to T+1", (a - a0) * dist, "<=", D**2 * (a - a0), OVER, (dist <= D**2, a >= a0)),
)  # fmt: skip

# From the moments to ||g_{1:T}||.
MOMENT_IS_A_SUM = Inequality("|m_t| is at most the sum of beta1^(t-j) |g_j|", sp.Abs(b * m0 + (1 - b) * g), "<=",
                             beta1 * A + g1, OVER,
                             (b <= beta1, sp.Abs(m0) <= A, sp.Abs(g) <= g1))  # fmt: skip
ITS_SQUARE = Induction(
    "whose square is at most the sum of beta1^(t-j) g_j^2, over 1 - beta1",
    base=Inequality("no gradient yet", sp.Integer(0), "<=", Q / (1 - beta1), OVER),
    step=Chain("one more", ((beta1 * A + g1) ** 2, "<=", beta1 * A**2 + g1**2 / (1 - beta1), "<=",
               (beta1 * Q + g1**2) / (1 - beta1)), OVER, (A**2 <= Q / (1 - beta1),)),
)  # fmt: skip
V_KEEPS = Chain("v_t keeps (1-b2) b2^j of each squared gradient", (beta2 * v + (1 - beta2) * g**2, ">=", beta2 * v,
                ">=", beta2 * (1 - beta2) * q**2 * g1**2), OVER,
                (v >= (1 - beta2) * q**2 * g1**2,))  # fmt: skip
UNDER_THE_ROOT = Inequality("under the root", sp.sqrt(v), ">=", sp.sqrt(1 - beta2) * q * g1, OVER,
                            (v >= (1 - beta2) * q**2 * g1**2,))  # fmt: skip
GEOMETRIC_TERM = Inequality("so each term of Q_t/sqrt(v_t), and of m_t^2/sqrt(v_t), is a geometric one",
                            p * g1**2 / sp.sqrt(v), "<=", p / q * g1 / sp.sqrt(1 - beta2), OVER,
                            (sp.sqrt(v) >= sp.sqrt(1 - beta2) * q * g1,))  # fmt: skip
GEOMETRIC_SUM = Induction(
    "sum_t U_t/sqrt(t) + gamma/(1-gamma) U_T/sqrt(T) <= sum_j |g_j|/sqrt(j) / (1-gamma)",
    base=Identity("T = 1", g1 + gamma / (1 - gamma) * g1, g1 / (1 - gamma), OVER),
    step=Inequality("T to T+1, U' = gamma U + |g|", (gamma * U + g1) / sp.sqrt(t + 1) / (1 - gamma)
                    - gamma * U / ((1 - gamma) * sp.sqrt(t)), "<=", g1 / ((1 - gamma) * sp.sqrt(t + 1)), OVER),
)  # fmt: skip
CAUCHY_SCHWARZ = Induction(
    "Cauchy-Schwarz: (sum |g_j|/sqrt(j))^2 <= ||g||^2 h^2",
    base=Identity("T = 1", g1**2, g1**2 * 1, OVER),
    step=Chain("one more", ((P + g1 * q) ** 2, "<=", (N * h + g1 * q) ** 2, "<=",
               (N**2 + g1**2) * (h**2 + q**2)), OVER, (P <= N * h,)),
)  # fmt: skip
HARMONIC = SumBound("h^2 = 1 + 1/2 + ... + 1/T", 1 / T, T, "<=", 1 + sp.log(T), (HORIZON,))
ROOT_OF_HARMONIC = Inequality("so h is at most sqrt(1 + log T)", h, "<=", sp.sqrt(1 + sp.log(T)), OVER,
                              (h**2 <= 1 + sp.log(T),))  # fmt: skip
