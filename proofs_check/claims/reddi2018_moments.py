"""S. Reddi, S. Kale, S. Kumar, "On the Convergence of Adam and Beyond", ICLR 2018, arXiv 1904.09237: the moment lemma.

What AMSGrad's steps add to the regret, M = sum over steps and coordinates of alpha_t m_t^2 / sqrt(vhat_t), in its two
forms, and Corollary 1. Per coordinate: A sums beta1^(t-j) |g_j|, Q sums beta1^(t-j) g_j^2, U sums gamma^(t-j) |g_j|, P
sums |g_j| / sqrt(j); W and V are the sums of U_t / sqrt(t) and of P over coordinates.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, OBJECTIVE, PURE, Claim, Erratum, Kind, Limit, Quantity, Rate, Standing, Units
from proofs_check import adam_lemmas as lemmas
from proofs_check.adam_lemmas import P, S_bv, S_g, S_v, V, W, d, g, g1, h, p, q
from proofs_check.goal import COUNT, FRACTION0, NONNEGATIVE, REAL
from proofs_check.instances import adam_regret as runs, reddi2018_moments as energy
from proofs_check.sequences import Induction, SumBound
from proofs_check.steps import Chain, Homogeneous, Identity, Inequality
from proofs_check.symbols import (
    ALPHA,
    BETA1,
    BETA2,
    DIAMETER,
    GAMMA,
    GRADIENT_BOUND,
    HORIZON,
    SECOND_MOMENT,
    D,
    G,
    T,
    alpha,
    beta1,
    beta2,
    gamma,
    v,
)  # fmt: skip

SOURCE = "Reddi, Kale, Kumar, ICLR 2018, arXiv 1904.09237"
FORMAL = "a machine-checked formalisation (Lean) of arXiv 1904.09237"
STIFFNESS = Units(F=1, X=-2)

lam, root = sp.symbols("lambda w", nonnegative=True)
n = sp.Symbol("n", integer=True, positive=True)

LOCAL = (
    *lemmas.OVER,
    *lemmas.SUMS,
)
SYMBOLS = (HORIZON, ALPHA, BETA1, BETA2, lemmas.PATH)
SYMBOLS_ROOT = (HORIZON, ALPHA, BETA1, BETA2, GRADIENT_BOUND, lemmas.DIMENSION)
OVER = (*SYMBOLS, *SYMBOLS_ROOT[-2:], *LOCAL)
IN_BETAS = {gamma: beta1 / sp.sqrt(beta2)}
GAMMA_IS = sp.Eq(gamma, IN_BETAS[gamma])

factor = alpha / ((1 - beta1) * sp.sqrt(1 - beta2))
bound = factor / (1 - gamma) * sp.sqrt(1 + sp.log(T)) * S_g
bound_root = factor / (1 - gamma) * 2 * d * G * sp.sqrt(T)
BOUND, BOUND_ROOT = bound.subs(IN_BETAS), bound_root.subs(IN_BETAS)

GEOMETRIC = (
    lemmas.MOMENT_IS_A_SUM,
    lemmas.ITS_SQUARE,
    lemmas.V_KEEPS,
    lemmas.UNDER_THE_ROOT,
    lemmas.GEOMETRIC_TERM,
    lemmas.GEOMETRIC_SUM,
)  # fmt: skip

MOMENT_LEMMA = Claim(
    id="reddi2018.moment_lemma",
    says="AMSGrad's steps add at most O(sqrt(log T)) times the sum of ||g_{1:T,i}||",
    source=f"{SOURCE}, the lemma behind Theorem 4, as restated in {FORMAL}",
    standing=Standing.RESTATED,
    kind=Kind.UPPER,
    metric="step_energy",
    metric_units=OBJECTIVE,
    symbols=SYMBOLS,
    assumptions=(beta1 < sp.sqrt(beta2),),
    bound=BOUND,
    limits=(
        Limit("without momentum", beta1, sp.Integer(0), alpha * sp.sqrt(1 + sp.log(T)) * S_g / sp.sqrt(1 - beta2)),
    ),
    steps=(
        *GEOMETRIC,
        lemmas.CAUCHY_SCHWARZ,
        lemmas.HARMONIC,
        lemmas.ROOT_OF_HARMONIC,
        Chain("over all coordinates", (factor * W, "<=", factor * V / (1 - gamma), "<=",
              factor * h * S_g / (1 - gamma), "<=", bound), OVER,
              (W <= V / (1 - gamma), V <= h * S_g, h <= sp.sqrt(1 + sp.log(T)))),
        Identity("gamma put in", bound, BOUND, OVER, (GAMMA_IS,)),
    ),
    experiments=energy.moments(),
    broken_by=energy.moments_broken(),
)  # fmt: skip

MOMENT_LEMMA_ROOT = Claim(
    id="reddi2018.moment_lemma_sqrtT",
    says="with |g| <= G AMSGrad's steps add O(sqrt(T)), without the logarithm",
    source=f"{SOURCE}, the remark after Corollary 1, as restated in {FORMAL}",
    standing=Standing.RESTATED,
    kind=Kind.UPPER,
    metric="step_energy",
    metric_units=OBJECTIVE,
    symbols=SYMBOLS_ROOT,
    assumptions=(beta1 < sp.sqrt(beta2),),
    bound=BOUND_ROOT,
    rate=Rate(sp.Rational(1, 2)),
    limits=(Limit("without momentum", beta1, sp.Integer(0), 2 * alpha * d * G * sp.sqrt(T) / sp.sqrt(1 - beta2)),),
    steps=(
        *GEOMETRIC,
        SumBound("sum of 1/sqrt(j)", 1 / sp.sqrt(T), T, "<=", 2 * sp.sqrt(T), (HORIZON,)),
        Inequality("in place of Cauchy-Schwarz: |g_j| <= G", P + g1 * q, "<=", G * (h + q), OVER,
                   (P <= G * h, g1 <= G)),
        Chain("over all d coordinates", (factor * W, "<=", factor * V / (1 - gamma), "<=",
              factor * d * G * h / (1 - gamma), "<=", bound_root), OVER,
              (W <= V / (1 - gamma), V <= d * G * h, h <= 2 * sp.sqrt(T))),
        Identity("gamma put in", bound_root, BOUND_ROOT, OVER, (GAMMA_IS,)),
    ),
    experiments=energy.bounded(),
    broken_by=energy.bounded_broken(),
)  # fmt: skip

# --------------------------------------------------------------------------------------------------- Corollary 1

SYMBOLS_1 = (
    *SYMBOLS[:-1],
    DIAMETER,
    GRADIENT_BOUND,
    lemmas.DIMENSION,
    Quantity(lam, FRACTION0, PURE, "decay of beta1_t = beta1 lambda^(t-1)"),
    lemmas.ROOTS,
    lemmas.PATH,
)
OVER_1 = (
    *SYMBOLS_1,
    GAMMA,
    SECOND_MOMENT,
    lemmas.MOMENTUM,
    Quantity(W, NONNEGATIVE, PURE, "sum of lambda^(t-1) sqrt(t)"),
    Quantity(p, sp.Interval(0, 1), PURE, "lambda^(t-1)"),
    Quantity(g, REAL, GRADIENT, "gradient"),
    Quantity(root, NONNEGATIVE, GRADIENT, "sqrt(vhat_t)"),
    Quantity(n, COUNT, PURE, "a step"),
)
tail = alpha * sp.sqrt(1 + sp.log(T)) * S_g / ((1 - gamma) * sp.sqrt(1 - beta2))
first = D**2 * sp.sqrt(T) * S_v / (alpha * (1 - beta1))
second = beta1 * D**2 * G / ((1 - beta1) ** 2 * (1 - lam) ** 2)
partial_sum = (1 - (n + 1) * lam**n + n * lam ** (n + 1)) / (1 - lam) ** 2
bound_1 = first + d / alpha * second + tail / (1 - beta1) ** 2
BOUND_1 = bound_1.subs(IN_BETAS)

COROLLARY_1 = Claim(
    id="reddi2018.cor1",
    says="with beta1_t = beta1 lambda^(t-1) momentum adds only a constant to AMSGrad's regret",
    source=f"{SOURCE}, Corollary 1, its second term corrected (E4) as in {FORMAL}",
    standing=Standing.RESTATED,
    kind=Kind.UPPER,
    metric="regret",
    metric_units=OBJECTIVE,
    symbols=SYMBOLS_1,
    assumptions=(beta1 < sp.sqrt(beta2),),
    bound=BOUND_1,
    rate=Rate(sp.Rational(1, 2)),
    limits=(
        Limit("without momentum", beta1, sp.Integer(0),
              first.subs(beta1, 0) + alpha * sp.sqrt(1 + sp.log(T)) * S_g / sp.sqrt(1 - beta2)),
    ),
    steps=(
        Induction("vhat stays at or below G^2",
                  base=Inequality("vhat_0 = 0", sp.Integer(0), "<=", G**2, OVER_1),
                  step=Inequality("a step keeps it", sp.Max(root**2, beta2 * v + (1 - beta2) * g**2), "<=", G**2,
                                  OVER_1, (root**2 <= G**2, v <= G**2, g**2 <= G**2))),
        Inequality("so a term of S_bv is at most this", beta1 * p * sp.sqrt(n) * root / alpha, "<=",
                   beta1 * G / alpha * p * sp.sqrt(n), OVER_1, (root**2 <= G**2,)),
        Inequality("sqrt(t) <= t", p * sp.sqrt(n), "<=", n * p, OVER_1),
        SumBound("sum of t lambda^(t-1)", n * lam ** (n - 1), n, "==", partial_sum, OVER_1),
        Inequality("is at most 1/(1-lambda)^2", partial_sum, "<=", 1 / (1 - lam) ** 2, OVER_1),
        Inequality("so S_bv is at most this, over d coordinates", d * beta1 * G / alpha * W, "<=",
                   d * beta1 * G / (alpha * (1 - lam) ** 2), OVER_1, (W <= 1 / (1 - lam) ** 2,)),
        Inequality("into Theorem 4", first + D**2 * S_bv / (1 - beta1) ** 2 + tail / (1 - beta1) ** 2, "<=", bound_1,
                   OVER_1, (S_bv <= d * beta1 * G / (alpha * (1 - lam) ** 2),)),
        Identity("gamma put in", bound_1, BOUND_1, OVER_1, (GAMMA_IS,)),
    ),
    errata=(
        Erratum(
            id="E4",
            says="Corollary 1's second term lacks the factor d/alpha",
            printed=Homogeneous("Corollary 1, second term as printed", second, OBJECTIVE, OVER_1),
            repair=(
                Homogeneous("with d/alpha", second * d / alpha, OBJECTIVE, OVER_1),
                Inequality("it bounds what Theorem 4 has there", D**2 * S_bv / (1 - beta1) ** 2, "<=",
                           second * d / alpha, OVER_1, (S_bv <= d * beta1 * G / (alpha * (1 - lam) ** 2),)),
            ),
            read_in=f"as restated in {FORMAL}",
            survives="Corollary 1 with d/alpha in its second term",
        ),
    ),
    experiments=runs.dying_in_numbers(),
    broken_by=runs.dying_in_numbers_broken(),
)  # fmt: skip
