"""J. Zhuang et al., "AdaBelief Optimizer: Adapting Stepsizes by the Belief in Observed Gradients", NeurIPS 2020.

arXiv 2010.07468. s_t = beta2 s_{t-1} + (1-beta2) (g_t - m_t)^2 + eps; the theorems assume that s_t does not fall and
that s_t >= c > 0. In one coordinate u = x_t - x*, a = sqrt(s_t)/alpha_t, a_0 the same one step before, and alpha_t is
alpha/sqrt(t). S_s sums sqrt(s_T) over coordinates, S_g2 the norms of the vectors of squares g_{1:T}^2 (which grow like
sqrt(T)), S_bs sums beta1_t sqrt(s_t)/alpha_t over steps and coordinates. Statements as restated in another text.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, OBJECTIVE, PURE, Claim, Erratum, Kind, Limit, Quantity, Standing, Units
from proofs_check.goal import FRACTION0, NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances import zhuang2020 as runs
from proofs_check.sequences import Induction, Recursion, SumBound
from proofs_check.steps import Chain, Identity, Inequality
from proofs_check.symbols import (
    ALPHA,
    BETA1,
    BETA2,
    DIAMETER,
    GRADIENT_BOUND,
    HORIZON,
    SQUARED_GRADIENT,
    STEP,
    D,
    G,
    T,
    alpha,
    beta1,
    beta2,
    t,
)  # fmt: skip

STIFFNESS, AREA = Units(F=1, X=-2), Units(X=2)
a, a0, c, S_s, S_g2, s, d, h, N = sp.symbols("a a_0 c S_s S_g2 s d h N", positive=True)
b, b0, S_bs, dist, later, Q, P, p, z = sp.symbols("beta1_t beta1_{t-1} S_bs D_t D_{t+1} Q P p z", nonnegative=True)
moments, lam, near, tail, rest, weight = sp.symbols("M lambda near tail rest weight", nonnegative=True)
m, m0, g, u, y, first_part = sp.symbols("m m_0 g u R A", real=True)
eps = sp.Symbol("epsilon", positive=True)
k = sp.Symbol("k", integer=True, nonnegative=True)

SYMBOLS = (
    HORIZON,
    DIAMETER,
    ALPHA,
    BETA1,
    Quantity(c, POSITIVE, SQUARED_GRADIENT, "lower bound of s_t"),
    Quantity(S_s, POSITIVE, GRADIENT, "sum over coordinates of sqrt(s_T)"),
    Quantity(S_g2, POSITIVE, SQUARED_GRADIENT, "sum over coordinates of ||(g_1^2, ..., g_T^2)||"),
    Quantity(S_bs, NONNEGATIVE, STIFFNESS, "sum over steps and coordinates of beta1_t sqrt(s_t)/alpha_t"),
)
OVER = (
    *SYMBOLS,
    STEP,
    BETA2,
    *(Quantity(e, POSITIVE, STIFFNESS, "sqrt(s_t)/alpha_t, now and one step before") for e in (a, a0)),
    *(Quantity(e, FRACTION0, PURE, "beta1_t and the one before") for e in (b, b0)),
    *(Quantity(e, NONNEGATIVE, AREA, "(x_t - x*)^2, now and next") for e in (dist, later)),
    *(Quantity(e, REAL, GRADIENT, "moment, the one before, gradient") for e in (m, m0, g)),
    Quantity(u, REAL, Units(X=1), "x_t - x*"),
    Quantity(s, POSITIVE, SQUARED_GRADIENT, "s_t"),
    *(Quantity(e, NONNEGATIVE, SQUARED_GRADIENT, "sums of beta1^(t-j) g_j^2, of g_j^2/sqrt(j); g^2")
      for e in (Q, P, z)),
    Quantity(N, POSITIVE, SQUARED_GRADIENT, "norm of the squares so far"),
    Quantity(h, POSITIVE, PURE, "root of a harmonic number"),
    Quantity(p, sp.Interval(0, 1), PURE, "1/sqrt(t)"),
    Quantity(moments, NONNEGATIVE, OBJECTIVE, "sum of alpha_t m_t^2/sqrt(s_t)"),
    *(Quantity(e, NONNEGATIVE, OBJECTIVE, "a term of the bound") for e in (near, tail, rest)),
    Quantity(weight, NONNEGATIVE, PURE, "(1+beta1)/(2 (1-beta1))"),
    *(Quantity(e, REAL, OBJECTIVE, "regret, and its part from distances") for e in (y, first_part)),
    Quantity(d, sp.Interval(1, sp.oo), PURE, "dimension"),
    GRADIENT_BOUND,
    Quantity(lam, FRACTION0, PURE, "decay of beta1_t"),
)  # fmt: skip
TAIL = alpha * sp.sqrt(1 + sp.log(T)) * S_g2 / (sp.sqrt(c) * (1 - beta1) ** 2)
NEAR = D**2 * sp.sqrt(T) * S_s / (2 * alpha * (1 - beta1))
BOUND = NEAR + (1 + beta1) / (2 * (1 - beta1)) * TAIL + D**2 * S_bs / (2 * (1 - beta1))
third = beta1 * D**2 / (2 * (1 - beta1) * (1 - lam) ** 2 * alpha)
brackets = a * (dist - later) / (2 * (1 - b))

REPAIR = Induction(
    "sum a_t (D_t - D_{t+1})/(1-b_t) + a_T D_{T+1}/(1-b_T) <= D^2 a_T/(1-beta1), b_t not growing",
    base=Inequality("T = 1", a * (dist - later) / (1 - b) + a * later / (1 - b), "<=", D**2 * a / (1 - beta1), OVER,
                    (dist <= D**2, b <= beta1)),
    step=Chain("T to T+1", (
        a * (dist - later) / (1 - b) + a * later / (1 - b) - a0 * dist / (1 - b0), "<=", (a - a0) * dist / (1 - b),
        "<=", D**2 * (a - a0) / (1 - beta1)), OVER, (dist <= D**2, a >= a0, b <= b0, b <= beta1)),
)  # fmt: skip

THEOREM_21 = Claim(
    id="zhuang2020.thm21",
    says="AdaBelief's regret is O(sqrt(T log T)) on a box, if s_t never falls and beta1_t dies out",
    source="Zhuang et al., NeurIPS 2020, arXiv 2010.07468, Theorem 2.1, as restated in another text",
    kind=Kind.UPPER,
    metric="regret",
    metric_units=OBJECTIVE,
    symbols=SYMBOLS,
    assumptions=(),
    bound=BOUND,
    limits=(Limit("without momentum", beta1, sp.Integer(0),
                  D**2 * sp.sqrt(T) * S_s / (2 * alpha) + alpha * sp.sqrt(1 + sp.log(T)) * S_g2 / (2 * sp.sqrt(c))
                  + D**2 * S_bs / 2),),
    standing=Standing.RESTATED,
    steps=(
        Inequality("<m, u> is a difference of distances plus a step's length", m * u, "<=",
                   a * (u**2 - later) / 2 + m**2 / (2 * a), OVER, (later <= (u - m / a) ** 2,)),
        Identity("the gradient from two moments", g * u, (m * u - b * m0 * u) / (1 - b), OVER,
                 (sp.Eq(m, b * m0 + (1 - b) * g),)),
        Inequality("Young; a grows", -b * m0 * u, "<=", b * (a * u**2 / 2 + m0**2 / (2 * a0)), OVER, (a >= a0,)),
        REPAIR,
        Inequality("both squares of moments have at most the weight (1+beta1)/(2 (1-beta1))",
                   (1 + b) / (2 * (1 - b)), "<=", (1 + beta1) / (2 * (1 - beta1)), OVER, (b <= beta1,)),
        Induction("m_t^2 is at most the sum of beta1^(t-j) g_j^2, over 1 - beta1",
                  base=Inequality("no gradient yet", 0 * g**2, "<=", Q / (1 - beta1), OVER),
                  step=Chain("one more", ((beta1 * sp.Abs(m0) + sp.Abs(g)) ** 2, "<=",
                             beta1 * m0**2 + g**2 / (1 - beta1), "<=", (beta1 * Q + g**2) / (1 - beta1)), OVER,
                             (m0**2 <= Q / (1 - beta1),))),
        Inequality("s_t >= c", alpha * p * m**2 / sp.sqrt(s), "<=", alpha * p * m**2 / sp.sqrt(c), OVER, (s >= c,)),
        Induction("sum Q_t/sqrt(t) + beta1/(1-beta1) Q_T/sqrt(T) <= sum g_j^2/sqrt(j)/(1-beta1)",
                  base=Identity("T = 1", z + beta1 / (1 - beta1) * z, z / (1 - beta1), OVER),
                  step=Inequality("T to T+1", (beta1 * Q + z) / sp.sqrt(t + 1) / (1 - beta1)
                                  - beta1 * Q / ((1 - beta1) * sp.sqrt(t)), "<=", z / ((1 - beta1) * sp.sqrt(t + 1)),
                                  OVER)),
        Induction("Cauchy-Schwarz: (sum g_j^2/sqrt(j))^2 <= ||g^2||^2 h^2",
                  base=Identity("T = 1", z**2, z**2 * 1, OVER),
                  step=Chain("one more", ((P + z * p) ** 2, "<=", (N * h + z * p) ** 2, "<=",
                             (N**2 + z**2) * (h**2 + p**2)), OVER, (P <= N * h,))),
        SumBound("h^2 = 1 + 1/2 + ... + 1/T", 1 / T, T, "<=", 1 + sp.log(T), (HORIZON,)),
        Inequality("all parts together", y, "<=", near + weight * tail + rest, OVER,
                   (y <= first_part + weight * moments + rest, first_part <= near, moments <= tail)),
        Identity("in full", near + weight * tail + rest, BOUND, OVER,
                 (sp.Eq(near, NEAR), sp.Eq(weight, (1 + beta1) / (2 * (1 - beta1))), sp.Eq(tail, TAIL),
                  sp.Eq(rest, D**2 * S_bs / (2 * (1 - beta1))))),
    ),
    errata=(
        Erratum(
            id="E9",
            says="the corollary's third term is not summed over coordinates: a factor d is missing",
            printed=Inequality("d coordinates with sqrt(s) <= G", third * d * sp.sqrt(s), "<=", third * G, OVER,
                               (s <= G**2,)),
            repair=(Inequality("with d", third * d * sp.sqrt(s), "<=", third * d * G, OVER, (s <= G**2,)),),
            survives="the corollary with d in its third term",
        ),
        Erratum(
            id="thm21, telescoping",
            says="1/(1-beta1_t) is replaced by 1/(1-beta1) before a bracket that may be negative",
            printed=Inequality("one bracket", brackets, "<=", a * (dist - later) / (2 * (1 - beta1)), OVER,
                               (b <= beta1, dist <= D**2, later <= D**2)),
            repair=(REPAIR,),
            survives="the theorem, for every beta1_t that does not grow",
        ),
    ),
    experiments=runs.online(),
    broken_by=runs.online_broken(),
)  # fmt: skip

BELIEF = (
    HORIZON,
    Quantity(eps, POSITIVE, SQUARED_GRADIENT, "epsilon"),
    BETA2,
    Quantity(k, sp.Naturals0, PURE, "steps done"),
    Quantity(s, POSITIVE, SQUARED_GRADIENT, "s_k"),
    *(Quantity(e, REAL, GRADIENT, "moment, the one before, gradient") for e in (m, m0, g)),
    BETA1,
)
GONE = eps * (1 - beta2**T) / (1 - beta2)

NO_MOMENTUM = Claim(
    id="zhuang2020.no_momentum",
    says="without momentum AdaBelief's s_t holds nothing but eps: it is SGD with a fixed step",
    source="ratelab, own observation; on Zhuang et al., NeurIPS 2020, arXiv 2010.07468, beta1 = 0",
    kind=Kind.EXACT,
    metric="s_T",
    metric_units=SQUARED_GRADIENT,
    symbols=BELIEF[:3],
    assumptions=(),
    bound=GONE,
    limits=(Limit("after one step", T, sp.Integer(1), eps), Limit("without memory", beta2, sp.Integer(0), eps)),
    standing=Standing.DERIVED,
    steps=(
        Identity("g - m = beta1 (g - m_0)", g - (beta1 * m0 + (1 - beta1) * g), beta1 * (g - m0), BELIEF),
        Recursion("so for beta1 = 0 only eps comes in", s, beta2 * s + eps, 0 * eps, k,
                  eps * (1 - beta2**k) / (1 - beta2), BELIEF),
        Identity("after T steps", eps * (1 - beta2**k) / (1 - beta2), GONE, BELIEF, (sp.Eq(k, T),)),
    ),
    experiments=runs.fixed_step(GONE),
    broken_by=runs.fixed_step_broken(GONE),
)  # fmt: skip
