"""D. P. Kingma, J. Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015, arXiv 1412.6980: Theorem 4.1.

As printed it is false: Theorem 1 of Reddi et al. (reddi2018.thm1) meets every hypothesis and contradicts it. Here it is
with the three steps of its proof repaired, under a condition on the run. Per coordinate: u = x_t - x*, a = (1-beta1^t)
sqrt(vhat_t) / alpha_t, so that x moves by m_t / a; a_0 one step before; beta1_t = beta1 lambda^(t-1); S_v sums
sqrt(vhat_T) over coordinates, S_g the norms ||g_{1:T}||, M sums m_t^2 / a over steps and coordinates.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, OBJECTIVE, PURE, Claim, Erratum, Kind, Limit, Quantity, Rate, Standing, Units
from proofs_check import adam_lemmas as lemmas
from proofs_check.adam_lemmas import A, P, Q, S_g, S_v, U, V, W, a, a0, b, d, dist, g, g1, h, later, m, p
from proofs_check.goal import COUNT, FRACTION0, NONNEGATIVE, POSITIVE
from proofs_check.instances import adam_regret as runs
from proofs_check.sequences import Induction, SumBound
from proofs_check.steps import Chain, Homogeneous, Identity, Inequality
from proofs_check.symbols import (
    ALPHA,
    BETA1,
    BETA2,
    DIAMETER,
    GRADIENT_BOUND,
    HORIZON,
    D,
    G,
    T,
    alpha,
    beta1,
    beta2,
    gamma,
    t,
    v,
)  # fmt: skip

PAPER = "Kingma, Ba, ICLR 2015, arXiv 1412.6980"
STIFFNESS = Units(F=1, X=-2)

lam, Z, S_ba = sp.symbols("lambda Z S_ba", nonnegative=True)
moments, weight, geo = sp.symbols("M B z", nonnegative=True)
n = sp.Symbol("n", integer=True, positive=True)

SYMBOLS = (
    HORIZON,
    DIAMETER,
    GRADIENT_BOUND,
    ALPHA,
    BETA1,
    BETA2,
    Quantity(lam, FRACTION0, PURE, "decay of beta1_t = beta1 lambda^(t-1)"),
    lemmas.DIMENSION,
    lemmas.ROOTS,
    lemmas.PATH,
)
OVER = (
    *SYMBOLS,
    *lemmas.OVER,
    Quantity(n, COUNT, PURE, "a step"),
    Quantity(a, POSITIVE, STIFFNESS, "(1-beta1^t) sqrt(vhat_t) / alpha_t"),
    *(Quantity(e, NONNEGATIVE, GRADIENT, "a sum of |g_j|") for e in (g1, A, P, U, V, W)),
    Quantity(p, sp.Interval(0, 1), PURE, "beta1^j, or lambda^(t-1)"),
    Quantity(geo, sp.Interval.Lopen(0, 1), PURE, "1 - beta1^t, or 1 - beta2^t"),
    Quantity(Z, NONNEGATIVE, PURE, "sum of lambda^(t-1) sqrt(t)"),
    Quantity(S_ba, NONNEGATIVE, STIFFNESS, "sum over steps and coordinates of beta1_t a_t"),
    Quantity(moments, NONNEGATIVE, OBJECTIVE, "sum of m_t^2 / a_t"),
)

first = D**2 * sp.sqrt(T) * S_v / (2 * alpha * (1 - beta1))
second = d * beta1 * D**2 * G / (2 * alpha * (1 - beta1) * (1 - lam) ** 2)
tail = alpha * sp.sqrt(1 + sp.log(T)) * S_g / ((1 - gamma) * sp.sqrt(1 - beta2))
bound = first + second + tail / (1 - beta1) ** 2
BOUND = bound.subs(gamma, beta1 / sp.sqrt(beta2))
partial_sum = (1 - (n + 1) * lam**n + n * lam ** (n + 1)) / (1 - lam) ** 2
next_v = (beta2 * geo * v + (1 - beta2) * g**2) / (beta2 * geo + 1 - beta2)  # of vhat_t = v, bias corrected
printed_second = alpha * (1 + beta1) * G * S_g / ((1 - beta1) * sp.sqrt(1 - beta2) * (1 - gamma) ** 2)

CAUCHY_SCHWARZ = (
    lemmas.CAUCHY_SCHWARZ,
    lemmas.HARMONIC,
    lemmas.ROOT_OF_HARMONIC,
)  # fmt: skip

THEOREM_41 = Claim(
    id="kingma2015.thm41",
    says="Adam's regret is O(sqrt(T log T)) on runs along which (1-beta1^t) sqrt(vhat_t)/alpha_t never falls: Theorem "
         "4.1 is false without that",
    source=f"ratelab, own derivation; after {PAPER}, Theorem 4.1 = 10.5, which is false as printed",
    standing=Standing.DERIVED,
    kind=Kind.UPPER,
    metric="regret",
    metric_units=OBJECTIVE,
    symbols=SYMBOLS,
    assumptions=(beta1 < sp.sqrt(beta2), a >= a0),
    bound=BOUND,
    rate=Rate(sp.Rational(1, 2)),
    limits=(
        Limit("without momentum", beta1, sp.Integer(0),
              first.subs(beta1, 0) + alpha * sp.sqrt(1 + sp.log(T)) * S_g / sp.sqrt(1 - beta2)),
    ),
    steps=(
        lemmas.DISTANCES,
        lemmas.FROM_MOMENTS,
        lemmas.YOUNG,
        lemmas.WITHOUT_GROWTH,
        Inequality("Young's first part", b * a0 * dist / (2 * (1 - b)), "<=", D**2 * b * a / (2 * (1 - beta1)), OVER,
                   (dist <= D**2, a >= a0, b <= beta1)),
        Inequality("a term of S_ba, as vhat <= G^2", beta1 * p * geo * sp.sqrt(v) * sp.sqrt(n) / alpha, "<=",
                   beta1 * G / alpha * n * p, OVER, (v <= G**2,)),
        SumBound("sum of t lambda^(t-1)", n * lam ** (n - 1), n, "==", partial_sum, OVER),
        Inequality("is at most 1/(1-lambda)^2", partial_sum, "<=", 1 / (1 - lam) ** 2, OVER),
        lemmas.ONCE_EACH,
        lemmas.MOMENT_IS_A_SUM,
        Induction("A^2 <= z/(1-beta1) times the sum of beta1^(t-j) g_j^2, with z = 1 - beta1^t, z' = beta1 z + 1-beta1",
                  base=Inequality("no gradient yet", sp.Integer(0), "<=", geo * Q / (1 - beta1), OVER),
                  step=Chain("one more", ((beta1 * A + g1) ** 2, "<=",
                             (beta1 * geo / (1 - beta1) + 1) * (beta1 * (1 - beta1) * A**2 / geo + g1**2), "<=",
                             (beta1 * geo / (1 - beta1) + 1) * (beta1 * Q + g1**2)), OVER,
                             (A**2 * (1 - beta1) <= geo * Q,))),
        Inequality("so the bias correction of m cancels: m_t^2/a", m**2 / (geo * sp.sqrt(v) / alpha), "<=",
                   alpha / (1 - beta1) * Q / sp.sqrt(v), OVER, (m**2 <= geo * Q / (1 - beta1),)),
        lemmas.V_KEEPS,
        lemmas.UNDER_THE_ROOT,
        lemmas.GEOMETRIC_TERM,
        lemmas.GEOMETRIC_SUM,
        *CAUCHY_SCHWARZ,
        Chain("all moments", (alpha / ((1 - beta1) * sp.sqrt(1 - beta2)) * W, "<=",
              alpha / ((1 - beta1) * sp.sqrt(1 - beta2)) * V / (1 - gamma), "<=", tail / (1 - beta1)), OVER,
              (W <= V / (1 - gamma), V <= h * S_g, h <= sp.sqrt(1 + sp.log(T)))),
        Chain("all parts together", (first + D**2 * S_ba / (2 * (1 - beta1)) + moments / (1 - beta1), "<=",
              first + second + moments / (1 - beta1), "<=", bound), OVER,
              (S_ba <= d * beta1 * G / (alpha * (1 - lam) ** 2), moments <= tail / (1 - beta1))),
        Identity("gamma put in", bound, BOUND, OVER, (sp.Eq(gamma, beta1 / sp.sqrt(beta2)),)),
    ),
    errata=(
        Erratum(
            id="K1",
            says="sqrt(vhat_t)/alpha_t is taken to grow with t, but falls after a large gradient",
            printed=Inequality("sqrt(t vhat_t) does not fall", sp.sqrt((t + 1) * next_v), ">=", sp.sqrt(t * v), OVER),
            repair=(
                Inequality("the running maximum of vhat, as in AMSGrad, makes it true",
                           sp.sqrt((t + 1) * sp.Max(v, next_v)), ">=", sp.sqrt(t * v), OVER),
            ),
            read_in=f"{PAPER}, proof of Theorem 10.5",
            survives="the bound on runs along which it does not fall, and for AMSGrad; for Adam it is false "
                     "(reddi2018.thm1)",
        ),
        Erratum(
            id="K2",
            says="Lemma 10.3, sum |g_t|/sqrt(t) <= 2 G ||g_{1:T}||, compares a gradient with a squared one: it fails "
                 "at T = 1 for G < 1/2",
            printed=Inequality("T = 1", g1, "<=", 2 * G * g1, OVER, (g1 <= G,)),
            repair=CAUCHY_SCHWARZ,
            read_in=f"{PAPER}, Lemma 10.3",
            survives="the lemma with sqrt(1 + log T) ||g_{1:T}|| on the right (kingma2015.lemma10_3), or 2 G sqrt(T)",
        ),
        Erratum(
            id="K2, Theorem 4.1",
            says="so the second term of Theorem 4.1 has the units of a squared gradient times a length",
            printed=Homogeneous("second term as printed", printed_second, OBJECTIVE, OVER),
            repair=(Homogeneous("with sqrt(1 + log T) in place of G", tail / (1 - beta1) ** 2, OBJECTIVE, OVER),),
            read_in=f"{PAPER}, Theorem 4.1",
            survives="the term with sqrt(1 + log T) in place of G",
        ),
        Erratum(
            id="K3",
            says="1/(1-beta1_t) is replaced by 1/(1-beta1) in a term whose sign changes",
            printed=Inequality("a (D_t - D_{t+1})/(1-beta1_t) <= a (D_t - D_{t+1})/(1-beta1)",
                               a * (dist - later) / (1 - b), "<=", a * (dist - later) / (1 - beta1), OVER,
                               (b <= beta1, dist <= D**2, later <= D**2)),
            repair=(lemmas.WITHOUT_GROWTH,),
            read_in=f"{PAPER}, proof of Theorem 10.5",
            survives="what the step is used for: the sum over t is at most D^2 a_T/(1-beta1), as beta1_t does not grow",
        ),
    ),
    experiments=runs.steady_adam(),
    broken_by=runs.steady_adam_broken(),
)  # fmt: skip
