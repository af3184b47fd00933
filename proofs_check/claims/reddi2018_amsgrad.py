"""S. Reddi, S. Kale, S. Kumar, "On the Convergence of Adam and Beyond", ICLR 2018, arXiv 1904.09237: Theorem 4.

AMSGrad's regret on a box, coordinate by coordinate: u = x_t - x*, a = sqrt(vhat_t) / alpha_t, a_0 the same one step
before. S_v sums sqrt(vhat_T) over coordinates, S_g the norms ||g_{1:T}||, S_bv sums beta1_t sqrt(vhat_t) / alpha_t over
steps and coordinates: for a constant beta1 > 0 that grows like T^{3/2}, and the theorem says nothing.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import LENGTH, OBJECTIVE, Claim, Erratum, Kind, Limit, Quantity, Rate, Units
from proofs_check import adam_lemmas as lemmas
from proofs_check.adam_lemmas import S_bv, S_g, S_v
from proofs_check.goal import NONNEGATIVE, REAL
from proofs_check.instances import reddi2018 as runs
from proofs_check.steps import Chain, Homogeneous, Inequality
from proofs_check.symbols import (
    D,
    T,
    alpha,
    beta1,
    beta2,
    gamma,
)  # fmt: skip

STIFFNESS = Units(F=1, X=-2)  # of sqrt(vhat)/alpha

moments = sp.Symbol("M", nonnegative=True)
low, high, y, star = sp.symbols("low high y x*", real=True)

SYMBOLS = (
    *lemmas.ADAM,
    lemmas.ROOTS,
    lemmas.PATH,
    lemmas.MOMENTUM,
)
BOX = tuple(Quantity(e, REAL, LENGTH, "a point of one coordinate") for e in (low, high, y, star))
OVER = (
    *SYMBOLS,
    *lemmas.OVER,
    Quantity(moments, NONNEGATIVE, OBJECTIVE, "sum of alpha_t m_t^2 / sqrt(vhat_t)"),
)
tail = alpha * sp.sqrt(1 + sp.log(T)) * S_g / ((1 - gamma) * sp.sqrt(1 - beta2))
first = D**2 * sp.sqrt(T) * S_v / alpha
BOUND = (first / (1 - beta1) + D**2 * S_bv / (1 - beta1) ** 2 + tail / (1 - beta1) ** 2).subs(
    gamma, beta1 / sp.sqrt(beta2)
)

THEOREM_4 = Claim(
    id="reddi2018.thm4_amsgrad",
    says="AMSGrad's regret on a box is O(sqrt(T log T)) for a beta1_t that dies out",
    source="Reddi, Kale, Kumar, ICLR 2018, arXiv 1904.09237, Theorem 4, with the revised constants",
    kind=Kind.UPPER,
    metric="regret",
    metric_units=OBJECTIVE,
    symbols=SYMBOLS,
    assumptions=(beta1 < sp.sqrt(beta2),),
    bound=BOUND,
    rate=Rate(sp.Rational(1, 2)),
    limits=(
        Limit("without momentum", beta1, sp.Integer(0),
              first + D**2 * S_bv + alpha * sp.sqrt(1 + sp.log(T)) * S_g / sp.sqrt(1 - beta2)),
    ),
    experiments=runs.thm4(),
    broken_by=runs.thm4_broken(),
    steps=(
        Inequality("projection on the box brings x no further from x*", (sp.Min(high, sp.Max(low, y)) - star) ** 2,
                   "<=", (y - star) ** 2, BOX, (low <= star, star <= high)),
        lemmas.DISTANCES,
        lemmas.FROM_MOMENTS,
        lemmas.YOUNG,
        lemmas.A_GROWS,
        lemmas.TELESCOPE,
        lemmas.WEIGHTS_ADD,
        lemmas.MOMENT_IS_A_SUM,
        lemmas.ITS_SQUARE,
        lemmas.V_KEEPS,
        lemmas.UNDER_THE_ROOT,
        lemmas.GEOMETRIC_TERM,
        lemmas.GEOMETRIC_SUM,
        lemmas.CAUCHY_SCHWARZ,
        lemmas.HARMONIC,
        Chain("all parts together", (first / 2 + D**2 * S_bv / (1 - beta1) + moments / (1 - beta1), "<=",
              first / 2 + D**2 * S_bv / (1 - beta1) + tail / (1 - beta1) ** 2, "<=", BOUND), OVER,
              (sp.Eq(gamma, beta1 / sp.sqrt(beta2)), moments <= tail / (1 - beta1))),
    ),
    errata=(
        Erratum(
            id="thm4, first printing",
            says="the first term lacks 1/alpha",
            printed=Homogeneous("first term as first printed", first * alpha / (1 - beta1), OBJECTIVE, OVER),
            repair=(Homogeneous("with 1/alpha", first / (1 - beta1), OBJECTIVE, OVER),),
            read_in="Reddi, Kale, Kumar, ICLR 2018, OpenReview version, Theorem 4",
            survives="the theorem with 1/alpha, as arXiv 1904.09237 has it",
        ),
    ),
)  # fmt: skip
