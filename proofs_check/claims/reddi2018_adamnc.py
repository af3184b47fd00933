"""S. Reddi, S. Kale, S. Kumar, "On the Convergence of Adam and Beyond", ICLR 2018, arXiv 1904.09237: AdamNC.

Adam with a beta2_t that varies, on a box, coordinate by coordinate: u = x_t - x*, a = sqrt(v_t) / alpha_t, a_0 the same
one step before, N = ||g_{1:t}||. S_v sums sqrt(v_T) over coordinates, S_g the norms ||g_{1:T}||, S_bv sums
beta1_t sqrt(v_t) / alpha_t over steps and coordinates. Coordinates whose gradients are all 0 do not move.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, LENGTH, OBJECTIVE, PURE, Claim, Erratum, Kind, Limit, Quantity, Standing, Units
from proofs_check import adam_lemmas as lemmas
from proofs_check.adam_lemmas import A, N, Q, a, a0, b, dist, g, g1, m, p
from proofs_check.goal import COUNT, FRACTION0, NONNEGATIVE, POSITIVE
from proofs_check.instances import adam_regret as runs
from proofs_check.sequences import Induction, SumBound
from proofs_check.steps import Chain, Homogeneous, Identity, Inequality
from proofs_check.symbols import (
    ALPHA,
    BETA1,
    DIAMETER,
    GRADIENT_BOUND,
    HORIZON,
    D,
    G,
    T,
    alpha,
    beta1,
    v,
)  # fmt: skip

SOURCE = "Reddi, Kale, Kumar, ICLR 2018, arXiv 1904.09237"
FORMAL = "a machine-checked formalisation (Lean) of arXiv 1904.09237"
STIFFNESS = Units(F=1, X=-2)

d, S_v, S_g, N0, zeta = sp.symbols("d S_v S_g N_0 zeta", positive=True)
S_bv, lam, W, V, weights = sp.symbols("S_bv lambda W V Z", nonnegative=True)
moments = sp.Symbol("M", nonnegative=True)
n = sp.Symbol("n", integer=True, positive=True)

SIZES = (
    Quantity(S_v, POSITIVE, GRADIENT, "sum over coordinates of sqrt(v_T)"),
    Quantity(S_bv, NONNEGATIVE, STIFFNESS, "sum over steps and coordinates of beta1_t sqrt(v_t) / alpha_t"),
    Quantity(zeta, POSITIVE, LENGTH, "of condition (1): sqrt(v_t) / alpha_t >= ||g_{1:t}|| / zeta"),
)
PATH = Quantity(S_g, POSITIVE, GRADIENT, "sum over coordinates of ||g_{1:T}||")
SYMBOLS = (HORIZON, DIAMETER, ALPHA, BETA1, *SIZES, PATH)
DECAY = (GRADIENT_BOUND, Quantity(d, POSITIVE, PURE, "dimension"), Quantity(lam, FRACTION0, PURE, "decay of beta1_t"))
SYMBOLS_2 = (DIAMETER, ALPHA, BETA1, *DECAY, PATH)
OVER = (
    *SYMBOLS,
    *lemmas.OVER,
    *DECAY,
    Quantity(n, COUNT, PURE, "a step"),
    Quantity(a, POSITIVE, STIFFNESS, "sqrt(v_t) / alpha_t"),
    Quantity(b, FRACTION0, PURE, "beta1_t"),
    *(Quantity(e, NONNEGATIVE, GRADIENT, "a sum of |g_j|") for e in (g1, A)),
    *(Quantity(e, POSITIVE, GRADIENT, "||g_{1:t}||, now and one step before") for e in (N, N0)),
    *(Quantity(e, NONNEGATIVE, GRADIENT, "sum of Q_t / N_t, of g_t^2 / N_t") for e in (W, V)),
    Quantity(moments, NONNEGATIVE, OBJECTIVE, "sum of alpha_t m_t^2 / sqrt(v_t)"),
    Quantity(p, sp.Interval(0, 1), PURE, "lambda^(t-1)"),
    Quantity(weights, NONNEGATIVE, PURE, "sum of lambda^(t-1) sqrt(t)"),
)

first = D**2 * sp.sqrt(T) * S_v / (2 * alpha)
last = 2 * S_g / (1 - beta1) ** 3
BOUND = first / (1 - beta1) + D**2 * S_bv / (1 - beta1) ** 2 + zeta * last
second = beta1 * D**2 * G / ((1 - beta1) ** 2 * (1 - lam) ** 2)
partial_sum = (1 - (n + 1) * lam**n + n * lam ** (n + 1)) / (1 - lam) ** 2
BOUND_2 = D**2 * S_g / (2 * alpha * (1 - beta1)) + d / alpha * second + alpha * last

THEOREM_5 = Claim(
    id="reddi2018.thm5_adamnc",
    says="Adam with a beta2_t that remembers all gradients, conditions (1) and (2), has the regret of AdaGrad",
    source=f"{SOURCE}, Theorem 5, with the revised constants and condition (1) at alpha_t, as restated in {FORMAL}",
    standing=Standing.RESTATED,
    kind=Kind.UPPER,
    metric="regret",
    metric_units=OBJECTIVE,
    symbols=SYMBOLS,
    assumptions=(),
    bound=BOUND,
    limits=(Limit("without momentum", beta1, sp.Integer(0), first + D**2 * S_bv + 2 * zeta * S_g),),
    steps=(
        lemmas.DISTANCES,
        lemmas.FROM_MOMENTS,
        lemmas.YOUNG,
        lemmas.TELESCOPE,
        lemmas.WEIGHTS_ADD,
        Inequality("Young's first part is no more than that, once again", b * a0 * dist / (1 - b), "<=",
                   a * b * D**2 / (1 - beta1), OVER, (dist <= D**2, a >= a0, b <= beta1)),
        lemmas.ONCE_EACH,
        lemmas.MOMENT_IS_A_SUM,
        lemmas.ITS_SQUARE,
        Inequality("condition (1)", m**2 / a, "<=", zeta / (1 - beta1) * Q / N, OVER,
                   (a >= N / zeta, m**2 <= Q / (1 - beta1))),
        Induction("sum_t Q_t/N_t + beta1/(1-beta1) Q_T/N_T <= sum_t g_t^2/N_t / (1-beta1)",
                  base=Identity("T = 1", g1**2 / N + beta1 / (1 - beta1) * g1**2 / N, g1**2 / N / (1 - beta1), OVER),
                  step=Inequality("T to T+1, Q' = beta1 Q + g^2", (beta1 * Q + g1**2) / N / (1 - beta1)
                                  - beta1 * Q / ((1 - beta1) * N0), "<=", g1**2 / ((1 - beta1) * N), OVER, (N >= N0,))),
        Induction("sum g_t^2 / N_t <= 2 N_T",
                  base=Inequality("T = 1", g**2 / N, "<=", 2 * N, OVER, (sp.Eq(N, sp.Abs(g)),)),
                  step=Inequality("T to T+1", 2 * N0 + (N**2 - N0**2) / N, "<=", 2 * N, OVER, (N >= N0,))),
        Chain("so the moments, over all coordinates, are at most this", (zeta / (1 - beta1) * W, "<=",
              zeta / (1 - beta1) ** 2 * V, "<=", zeta * last * (1 - beta1)), OVER,
              (W <= V / (1 - beta1), V <= 2 * S_g)),
        Chain("all parts together", (first + D**2 * S_bv / (1 - beta1) + moments / (1 - beta1), "<=",
              first + D**2 * S_bv / (1 - beta1) + zeta * last, "<=", BOUND), OVER,
              (moments <= zeta * last * (1 - beta1),)),
    ),
    errata=(
        Erratum(
            id="E5",
            says="condition (1) is printed with alpha_T, and used at alpha_t, where it is stronger",
            printed=Inequality("sqrt(v_t)/alpha_T >= ||g_{1:t}||/zeta gives the same at alpha_t",
                               sp.sqrt(n * v) / alpha, ">=", N / zeta, OVER,
                               (sp.sqrt(T * v) / alpha >= N / zeta, n <= T)),
            repair=(
                Inequality("at alpha_t it gives what the proof uses", alpha * m**2 / sp.sqrt(n * v), "<=",
                           zeta * m**2 / N, OVER, (sp.sqrt(n * v) / alpha >= N / zeta,)),
                Inequality("and it implies the printed one", sp.sqrt(T * v) / alpha, ">=", N / zeta, OVER,
                           (sp.sqrt(n * v) / alpha >= N / zeta, n <= T)),
            ),
            read_in=f"as restated in {FORMAL}",
            survives="the theorem with condition (1) at alpha_t for every t; Corollary 2 meets it",
        ),
    ),
    experiments=runs.adamnc(),
    broken_by=runs.adamnc_broken(),
)  # fmt: skip

COROLLARY_2 = Claim(
    id="reddi2018.cor2_adamnc",
    says="AdamNC with beta2_t = 1 - 1/t, which is AdaGrad with momentum, has AdaGrad's regret plus a constant",
    source=f"{SOURCE}, Corollary 2, corrected (E4) as in {FORMAL}",
    standing=Standing.RESTATED,
    kind=Kind.UPPER,
    metric="regret",
    metric_units=OBJECTIVE,
    symbols=SYMBOLS_2,
    assumptions=(),
    bound=BOUND_2,
    limits=(Limit("without momentum", beta1, sp.Integer(0), D**2 * S_g / (2 * alpha) + 2 * alpha * S_g),),
    steps=(
        Induction("t v_t is the sum of squared gradients",
                  base=Identity("t = 1", (1 - 1 / sp.Integer(1)) * v + g**2 / 1, g**2, OVER),
                  step=Identity("t to t+1", (n + 1) * ((1 - 1 / (n + 1)) * v + g**2 / (n + 1)), N**2 + g**2, OVER,
                                (sp.Eq(v, N**2 / n),))),
        Identity("so condition (1) holds with zeta = alpha", sp.sqrt(v) * sp.sqrt(n) / alpha, N / alpha, OVER,
                 (sp.Eq(v, N**2 / n),)),
        Inequality("and condition (2), because the sum grows", N / alpha, ">=", N0 / alpha, OVER,
                   (N**2 >= N0**2 + g**2,)),
        Inequality("v_t is a mean of squares of at most G", sp.sqrt(v), "<=", G, OVER, (v <= G**2,)),
        Chain("so a term of S_bv is at most this", (beta1 * p * sp.sqrt(n) * sp.sqrt(v) / alpha, "<=",
              beta1 * G / alpha * p * sp.sqrt(n), "<=", beta1 * G / alpha * n * p), OVER, (sp.sqrt(v) <= G,)),
        SumBound("sum of t lambda^(t-1)", n * lam ** (n - 1), n, "==", partial_sum, OVER),
        Inequality("is at most 1/(1-lambda)^2", partial_sum, "<=", 1 / (1 - lam) ** 2, OVER),
        Inequality("so S_bv is at most this, over d coordinates", d * beta1 * G / alpha * weights, "<=",
                   d * beta1 * G / (alpha * (1 - lam) ** 2), OVER, (weights <= 1 / (1 - lam) ** 2,)),
        Inequality("into Theorem 5", BOUND, "<=", BOUND_2, OVER,
                   (sp.Eq(S_v, S_g / sp.sqrt(T)), sp.Eq(zeta, alpha),
                    S_bv <= d * beta1 * G / (alpha * (1 - lam) ** 2))),
    ),
    errata=(
        Erratum(
            id="E4, Corollary 2",
            says="Corollary 2's second term lacks the factor d/alpha",
            printed=Homogeneous("Corollary 2, second term as printed", second, OBJECTIVE, OVER),
            repair=(
                Homogeneous("with d/alpha", second * d / alpha, OBJECTIVE, OVER),
                Inequality("it bounds what Theorem 5 has there", D**2 * S_bv / (1 - beta1) ** 2, "<=",
                           second * d / alpha, OVER, (S_bv <= d * beta1 * G / (alpha * (1 - lam) ** 2),)),
            ),
            read_in=f"as restated in {FORMAL}",
            survives="Corollary 2 with d/alpha in its second term",
        ),
    ),
    experiments=runs.adamnc_in_numbers(),
    broken_by=runs.adamnc_in_numbers_broken(),
)  # fmt: skip
