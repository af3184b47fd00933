"""P. T. Tran, L. T. Phong, "On the Convergence Proof of AMSGrad and a New Version", IEEE Access 2019: Theorem A.

arXiv 1904.03590. AMSGrad's regret on a box when beta1_t varies: published proofs replace 1/(1-beta1_t) by 1/(1-beta1)
in terms whose sign changes. For a beta1_t that does not grow nothing is lost; for any other only a second term. Per
coordinate: u = x_t - x*, a = sqrt(vhat_t) / alpha_t, c = a / (1-beta1_t), index 0 one step before. S_v sums
sqrt(vhat_T) over coordinates, S_g the norms ||g_{1:T}||, S_bv sums beta1_t a_t over steps and coordinates, and M sums
m_t^2 / a_t.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import OBJECTIVE, Claim, Erratum, Kind, Limit, Quantity, Rate, Standing, Units
from proofs_check import adam_lemmas as lemmas
from proofs_check.adam_lemmas import S_bv, S_g, S_v, V, W, a, a0, b, b0, dist, h
from proofs_check.goal import NONNEGATIVE
from proofs_check.instances import adam_regret as runs
from proofs_check.steps import Chain, Identity, Inequality
from proofs_check.symbols import (
    D,
    T,
    alpha,
    beta1,
    beta2,
    gamma,
)  # fmt: skip

PAPER = "Tran, Phong, IEEE Access 2019, arXiv 1904.03590"
SOURCE = (
    "ratelab, own derivation; after Reddi, Kale, Kumar, ICLR 2018, arXiv 1904.09237, Theorem 4, and Tran, Phong, IEEE "
    "Access 2019, arXiv 1904.03590"
)
STIFFNESS = Units(F=1, X=-2)
moments = sp.Symbol("M", nonnegative=True)

SYMBOLS = (
    *lemmas.ADAM,
    lemmas.ROOTS,
    lemmas.PATH,
    lemmas.MOMENTUM,
)
OVER = (
    *SYMBOLS,
    *lemmas.OVER,
    *lemmas.SUMS,
    Quantity(moments, NONNEGATIVE, OBJECTIVE, "sum of m_t^2 / a_t"),
)
first = D**2 * sp.sqrt(T) * S_v / (2 * alpha)
tail = alpha * sp.sqrt(1 + sp.log(T)) * S_g / ((1 - gamma) * sp.sqrt(1 - beta2))
noninc = first / (1 - beta1) + D**2 * S_bv / (2 * (1 - beta1)) + tail / (1 - beta1) ** 2
any_beta1 = first + D**2 * S_bv / (1 - beta1) + tail / (1 - beta1) ** 2
theorem_a = first * 2 / (1 - beta1) + D**2 * S_bv / (2 * (1 - beta1)) + tail / (1 - beta1) ** 2
NONINC, ANY, THEOREM_A_BOUND = (e.subs(gamma, beta1 / sp.sqrt(beta2)) for e in (noninc, any_beta1, theorem_a))

REGRET = (
    lemmas.DISTANCES,
    lemmas.FROM_MOMENTS,
    lemmas.YOUNG,
    lemmas.A_GROWS,
    Inequality("Young's first part", b * a0 * dist / (1 - b), "<=", D**2 * b * a / (1 - beta1), OVER,
               (dist <= D**2, a >= a0, b <= beta1)),
    lemmas.ONCE_EACH,
)  # fmt: skip
MOMENTS = (
    lemmas.MOMENT_IS_A_SUM,
    lemmas.ITS_SQUARE,
    lemmas.V_KEEPS,
    lemmas.GEOMETRIC_TERM,
    lemmas.GEOMETRIC_SUM,
    lemmas.CAUCHY_SCHWARZ,
    lemmas.HARMONIC,
    lemmas.ROOT_OF_HARMONIC,
    Chain("all moments", (alpha / ((1 - beta1) * sp.sqrt(1 - beta2)) * W, "<=",
          alpha / ((1 - beta1) * sp.sqrt(1 - beta2)) * V / (1 - gamma), "<=", tail / (1 - beta1)), OVER,
          (W <= V / (1 - gamma), V <= h * S_g, h <= sp.sqrt(1 + sp.log(T)))),
)  # fmt: skip

REPAIR_NONINC = Claim(
    id="lab.amsgrad_repair_noninc",
    says="AMSGrad's regret for a beta1_t that does not grow: the first version of Reddi's bound, with half its first "
         "term",
    source=SOURCE,
    standing=Standing.DERIVED,
    kind=Kind.UPPER,
    metric="regret",
    metric_units=OBJECTIVE,
    symbols=SYMBOLS,
    assumptions=(beta1 < sp.sqrt(beta2), b <= b0, b0 <= beta1),
    bound=NONINC,
    rate=Rate(sp.Rational(1, 2)),
    limits=(
        Limit("without momentum", beta1, sp.Integer(0),
              first + D**2 * S_bv / 2 + alpha * sp.sqrt(1 + sp.log(T)) * S_g / sp.sqrt(1 - beta2)),
    ),
    steps=(
        *REGRET,
        lemmas.WITHOUT_GROWTH,
        Inequality("that beta1_t does not grow is needed: for beta1_t = 1/2, 0, 1/2, a = 1 and D_t = 1, 0, 1, 0 the "
                   "sum is 3, and D^2 a_T/(1-beta1) is 2", 1 / (1 - sp.Rational(1, 2)) * 1 + 1 / sp.Integer(1) * -1
                   + 1 / (1 - sp.Rational(1, 2)) * 1, ">", 1 / (1 - sp.Rational(1, 2))),
        *MOMENTS,
        Inequality("all parts together", first / (1 - beta1) + D**2 * S_bv / (2 * (1 - beta1))
                   + moments / (1 - beta1), "<=", noninc, OVER, (moments <= tail / (1 - beta1),)),
        Identity("gamma put in", noninc, NONINC, OVER, (sp.Eq(gamma, beta1 / sp.sqrt(beta2)),)),
    ),
    experiments=runs.dying_beta1(),
    broken_by=runs.dying_beta1_broken(),
)  # fmt: skip

REPAIR_ANY = Claim(
    id="lab.amsgrad_repair_any",
    says="AMSGrad's regret for any beta1_t <= beta1: sharper than the revised Theorem 4 in its first two terms",
    source=SOURCE,
    standing=Standing.DERIVED,
    kind=Kind.UPPER,
    metric="regret",
    metric_units=OBJECTIVE,
    symbols=SYMBOLS,
    assumptions=(beta1 < sp.sqrt(beta2), b <= beta1),
    bound=ANY,
    rate=Rate(sp.Rational(1, 2)),
    limits=(
        Limit("without momentum", beta1, sp.Integer(0),
              first + D**2 * S_bv + alpha * sp.sqrt(1 + sp.log(T)) * S_g / sp.sqrt(1 - beta2)),
    ),
    steps=(
        *REGRET,
        lemmas.WEIGHTS_ADD,
        lemmas.TELESCOPE,
        *MOMENTS,
        Inequality("all parts together", first + D**2 * S_bv / (2 * (1 - beta1)) + D**2 * S_bv / (2 * (1 - beta1))
                   + moments / (1 - beta1), "<=", any_beta1, OVER, (moments <= tail / (1 - beta1),)),
        Identity("gamma put in", any_beta1, ANY, OVER, (sp.Eq(gamma, beta1 / sp.sqrt(beta2)),)),
    ),
    experiments=runs.dying_beta1(),
    broken_by=runs.dying_beta1_broken(),
)  # fmt: skip

THEOREM_A = Claim(
    id="tran2019.theoremA",
    says="the first version of Reddi's Theorem 4 holds for a beta1_t that does not grow, though its proof does not",
    source=f"Reddi, Kale, Kumar, ICLR 2018, Theorem 4, first version, as quoted in {PAPER}, Theorem A; for beta1_t "
           "that does not grow, own proof",
    standing=Standing.RESTATED,
    kind=Kind.UPPER,
    metric="regret",
    metric_units=OBJECTIVE,
    symbols=SYMBOLS,
    assumptions=(beta1 < sp.sqrt(beta2), b <= b0, b0 <= beta1),
    bound=THEOREM_A_BOUND,
    rate=Rate(sp.Rational(1, 2)),
    limits=(
        Limit("without momentum", beta1, sp.Integer(0), D**2 * sp.sqrt(T) * S_v / alpha + D**2 * S_bv / 2
              + alpha * sp.sqrt(1 + sp.log(T)) * S_g / sp.sqrt(1 - beta2)),
    ),
    steps=(
        *REGRET,
        lemmas.WITHOUT_GROWTH,
        *MOMENTS,
        Chain("all parts together", (D**2 * sp.sqrt(T) * S_v / (2 * alpha * (1 - beta1))
              + D**2 * S_bv / (2 * (1 - beta1)) + moments / (1 - beta1), "<=",
              D**2 * sp.sqrt(T) * S_v / (alpha * (1 - beta1)) + D**2 * S_bv / (2 * (1 - beta1))
              + moments / (1 - beta1), "<=", theorem_a), OVER, (moments <= tail / (1 - beta1),)),
        Identity("gamma put in", theorem_a, THEOREM_A_BOUND, OVER, (sp.Eq(gamma, beta1 / sp.sqrt(beta2)),)),
    ),
    errata=(
        Erratum(
            id="K3, AMSGrad",
            says="c_t = sqrt(vhat_t)/(alpha_t (1-beta1_t)) is taken to grow with t, but may fall when beta1_t does",
            printed=Inequality("c_t >= c_{t-1}", a / (1 - b), ">=", a0 / (1 - b0), OVER,
                               (a >= a0, b <= b0, b0 <= beta1)),
            repair=(lemmas.WITHOUT_GROWTH,),
            read_in="as restated in a machine-checked formalisation (Lean) of arXiv 1904.03590",
            survives="Theorem A for a beta1_t that does not grow, even with half its first term "
                     "(lab.amsgrad_repair_noninc)",
        ),
    ),
    experiments=runs.dying_beta1(),
    broken_by=runs.dying_beta1_broken(),
)  # fmt: skip
