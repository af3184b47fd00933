"""A. Alacaoglu, Y. Malitsky, P. Mertikopoulos, V. Cevher, "A New Regret Analysis for Adam-Type Algorithms", ICML 2020.

AMSGrad with a CONSTANT beta1 has O(sqrt(T log T)) regret on a box, where Reddi et al.'s Theorem 4 says nothing. Per
coordinate: u = x_t - x* and u_0 one step before, a = sqrt(vhat_t) / alpha_t, M sums alpha_t m_t^2 / sqrt(vhat_t) over
steps and coordinates. Q sums beta1^(t-j) g_j^2, U sums gamma^(t-j) |g_j|, P sums |g_j| / sqrt(j).
"""

from __future__ import annotations

import sympy as sp

from lab.claim import LENGTH, OBJECTIVE, Claim, Kind, Limit, Quantity, Rate, Standing
from proofs_check import adam_lemmas as lemmas
from proofs_check.adam_lemmas import Q, S_g, S_v, V, W, a, a0, g, h, m, m0, u
from proofs_check.goal import NONNEGATIVE, REAL
from proofs_check.instances import adam_regret as runs
from proofs_check.sequences import Induction
from proofs_check.steps import Chain, Identity, Inequality
from proofs_check.symbols import (
    D,
    T,
    alpha,
    beta1,
    beta2,
    gamma,
)  # fmt: skip

moments = sp.Symbol("M", nonnegative=True)
u0 = sp.Symbol("u_0", real=True)

SYMBOLS = (
    *lemmas.ADAM,
    lemmas.ROOTS,
    lemmas.PATH,
)
OVER = (
    *SYMBOLS,
    *lemmas.OVER,
    *lemmas.SUMS,
    Quantity(u0, REAL, LENGTH, "x_t - x*, now and one step before"),
    Quantity(moments, NONNEGATIVE, OBJECTIVE, "sum of alpha_t m_t^2 / sqrt(vhat_t)"),
)
ratio = beta1 / (1 - beta1)
first = D**2 * sp.sqrt(T) * S_v / alpha
tail = alpha * sp.sqrt(1 + sp.log(T)) * S_g / ((1 - gamma) * sp.sqrt(1 - beta2))
bound = (2 - beta1) / (4 * (1 - beta1)) * first + (1 + beta1) / 2 * tail
BOUND = bound.subs(gamma, beta1 / sp.sqrt(beta2))

CONSTANT_BETA1 = Claim(
    id="alacaoglu2020.amsgrad_const_beta1",
    says="AMSGrad's regret on a box is O(sqrt(T log T)) with a constant beta1",
    source="ratelab, own derivation of the constants; after Alacaoglu, Malitsky, Mertikopoulos, Cevher, ICML 2020, "
           "arXiv 2003.09729, which shows the rate (theorem number not checked)",
    standing=Standing.DERIVED,
    kind=Kind.UPPER,
    metric="regret",
    metric_units=OBJECTIVE,
    symbols=SYMBOLS,
    assumptions=(beta1 < sp.sqrt(beta2),),
    bound=BOUND,
    rate=Rate(sp.Rational(1, 2)),
    limits=(
        Limit("without momentum", beta1, sp.Integer(0),
              first / 2 + alpha * sp.sqrt(1 + sp.log(T)) * S_g / (2 * sp.sqrt(1 - beta2))),
    ),
    steps=(
        Identity("the gradient from two moments: g u is m u, a difference that telescopes, and a move", g * u,
                 m * u + ratio * (m * u - m0 * u0) + ratio * m0 * (u0 - u), OVER,
                 (sp.Eq(m, beta1 * m0 + (1 - beta1) * g),)),
        lemmas.DISTANCES,
        lemmas.A_GROWS,
        lemmas.TELESCOPE,
        Inequality("what telescopes leaves m_T u_T: Young", m * u, "<=", m**2 / a + D**2 * a / 4, OVER,
                   (u**2 <= D**2,)),
        Inequality("a projected move is no longer than m/a", m0 * (u0 - u), "<=", m0**2 / a0, OVER,
                   (sp.Abs(u0 - u) <= sp.Abs(m0) / a0,)),
        Induction("m_t^2 <= (1-beta1) times the sum of beta1^(t-j) g_j^2",
                  base=Inequality("no gradient yet", sp.Integer(0), "<=", (1 - beta1) * Q, OVER),
                  step=Chain("one more, by convexity", ((beta1 * m0 + (1 - beta1) * g) ** 2, "<=",
                             beta1 * m0**2 + (1 - beta1) * g**2, "<=", (1 - beta1) * (beta1 * Q + g**2)), OVER,
                             (m0**2 <= (1 - beta1) * Q,))),
        lemmas.V_KEEPS,
        lemmas.UNDER_THE_ROOT,
        lemmas.GEOMETRIC_TERM,
        lemmas.GEOMETRIC_SUM,
        lemmas.CAUCHY_SCHWARZ,
        lemmas.HARMONIC,
        lemmas.ROOT_OF_HARMONIC,
        Chain("all moments", ((1 - beta1) * alpha / sp.sqrt(1 - beta2) * W, "<=",
              (1 - beta1) * alpha / sp.sqrt(1 - beta2) * V / (1 - gamma), "<=", (1 - beta1) * tail), OVER,
              (W <= V / (1 - gamma), V <= h * S_g, h <= sp.sqrt(1 + sp.log(T)))),
        Chain("all parts: m u, what telescopes, and the moves",
              (first / 2 + moments / 2 + ratio * (moments + first / 4), "==",
               (2 - beta1) / (4 * (1 - beta1)) * first + (1 + beta1) / (2 * (1 - beta1)) * moments, "<=", bound), OVER,
              (moments <= (1 - beta1) * tail,)),
        Identity("gamma put in", bound, BOUND, OVER, (sp.Eq(gamma, beta1 / sp.sqrt(beta2)),)),
    ),
    experiments=runs.constant_beta1(),
    broken_by=runs.constant_beta1_broken(),
)  # fmt: skip
