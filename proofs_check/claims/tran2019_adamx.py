"""P. T. Tran, L. T. Phong, "On the Convergence Proof of AMSGrad and a New Version", IEEE Access 2019: AdamX.

arXiv 1904.03590, Theorem 5.1. vhat_t = max((1-beta1_t)^2/(1-beta1_{t-1})^2 vhat_{t-1}, v_t), else AMSGrad. Per
coordinate, on a box: u = x_t - x*, a = sqrt(vhat_t) / alpha_t (c = a / (1-beta1_t) where sums telescope), y =
sqrt(vhat_t)/(1-beta1_t), index 0 one step before. `tail` is what the moments add to the regret: vhat_t >=
v_t, so reddi2018.moment_lemma holds.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, OBJECTIVE, PURE, Claim, Erratum, Kind, Limit, Quantity, Rate, Standing
from proofs_check import adam_lemmas as lemmas
from proofs_check.adam_lemmas import S_g, b, b0, d, dist
from proofs_check.goal import COUNT, NONNEGATIVE, POSITIVE
from proofs_check.instances import adam_regret as runs
from proofs_check.sequences import Induction
from proofs_check.steps import Identity, Inequality
from proofs_check.symbols import (
    GRADIENT_BOUND,
    D,
    G,
    T,
    alpha,
    beta1,
    beta2,
    gamma,
    t,
)  # fmt: skip

PAPER = "Tran, Phong, IEEE Access 2019, arXiv 1904.03590"
FORMAL = "a machine-checked formalisation (Lean) of arXiv 1904.03590"
y, y0 = sp.symbols("y y_0", positive=True)
S_b1t, root = sp.symbols("S_b1t root", nonnegative=True)
moments = sp.Symbol("M", nonnegative=True)
n = sp.Symbol("n", integer=True, positive=True)

SYMBOLS_X = (
    *lemmas.ADAM,
    GRADIENT_BOUND,
    lemmas.DIMENSION,
    Quantity(S_b1t, NONNEGATIVE, PURE, "sum of beta1_t sqrt(t-1) over t = 2 ... T"),
    lemmas.PATH,
)
OVER = (
    *SYMBOLS_X,
    *lemmas.OVER,
    Quantity(n, COUNT, PURE, "a step"),
    *(Quantity(e, POSITIVE, GRADIENT, "sqrt(vhat_t)/(1-beta1_t), now and one step before") for e in (y, y0)),
    Quantity(root, NONNEGATIVE, GRADIENT, "sqrt(v_t)"),
    Quantity(moments, NONNEGATIVE, OBJECTIVE, "sum of m_t^2 / a_t"),
)
factor = d * D**2 * G / (2 * alpha * (1 - beta1))
tail = alpha * sp.sqrt(1 + sp.log(T)) * S_g / ((1 - beta1) ** 2 * (1 - gamma) * sp.sqrt(1 - beta2))
thm51 = factor * sp.sqrt(T) + factor / (1 - beta1) * S_b1t + tail
GAMMA_IS = sp.Eq(gamma, beta1 / sp.sqrt(beta2))


def _in_betas(bound: sp.Expr) -> sp.Expr:
    return bound.subs(gamma, beta1 / sp.sqrt(beta2))


def _put_in(bound: sp.Expr) -> Identity:
    """The last step: gamma written out."""
    return Identity("gamma put in", bound, _in_betas(bound), OVER, (GAMMA_IS,))


REGRET = (
    lemmas.DISTANCES,
    lemmas.FROM_MOMENTS,
    lemmas.YOUNG,
    lemmas.ONCE_EACH,
)  # fmt: skip

THEOREM_51 = Claim(
    id="tran2019.thm51_adamx",
    says="AdamX, whose vhat grows by what 1-beta1_t does, has AMSGrad's regret for every beta1_t <= beta1",
    source=f"{PAPER}, Theorem 5.1, its second coefficient corrected, as restated in {FORMAL}",
    standing=Standing.RESTATED,
    kind=Kind.UPPER,
    metric="regret",
    metric_units=OBJECTIVE,
    symbols=SYMBOLS_X,
    assumptions=(beta1 < sp.sqrt(beta2), b <= beta1),
    bound=_in_betas(thm51),
    rate=Rate(sp.Rational(1, 2)),
    limits=(Limit("on one point there is no regret but the moments'", D, sp.Integer(0), _in_betas(tail)),),
    steps=(
        *REGRET,
        Inequality("by construction sqrt(vhat_t)/(1-beta1_t) grows: so does c",
                   sp.Max((1 - b) / (1 - b0) * y0, root) / (1 - b), ">=", y0 / (1 - b0), OVER),
        Induction("and stays at or below G/(1-beta1)",
                  base=Inequality("t = 1", root / (1 - b), "<=", G / (1 - beta1), OVER, (root <= G, b <= beta1)),
                  step=Inequality("t to t+1", sp.Max(y0, root / (1 - b)), "<=", G / (1 - beta1), OVER,
                                  (y0 <= G / (1 - beta1), root <= G, b <= beta1))),
        lemmas.GROWING_C,
        Inequality("c_T is at most this", y * sp.sqrt(T) / alpha, "<=", G * sp.sqrt(T) / (alpha * (1 - beta1)), OVER,
                   (y <= G / (1 - beta1),)),
        Inequality("a term of Young's first part", b * (y0 * (1 - b0) * sp.sqrt(t) / alpha) * dist / (2 * (1 - b)),
                   "<=", D**2 * G / (2 * alpha * (1 - beta1) ** 2) * b * sp.sqrt(t), OVER,
                   (dist <= D**2, y0 <= G / (1 - beta1), b <= beta1)),
        Inequality("all parts together, over d coordinates", factor * sp.sqrt(T) + factor / (1 - beta1) * S_b1t
                   + moments / (1 - beta1), "<=", thm51, OVER, (moments <= tail * (1 - beta1),)),
        _put_in(thm51),
    ),
    errata=(
        Erratum(
            id="TP3",
            says="Corollary 5.6 has beta1_t = 1/t, which is 1 at t = 1: 1-beta1_t is divided by",
            printed=Inequality("1/t < 1", 1 / n, "<", sp.Integer(1), OVER),
            repair=(Inequality("beta1/t is at most beta1 < 1", beta1 / n, "<=", beta1, OVER),),
            read_in=f"as restated in {FORMAL}",
            survives="the corollary's upper half for beta1_t = beta1/t",
        ),
        Erratum(
            id="thm51, second coefficient",
            says="1-beta1 is printed in the second term where the proof gives (1-beta1)^2",
            printed=Inequality("beta1_t sqrt(vhat_{t-1})/(1-beta1_t) <= beta1_t G/(1-beta1)", b * y0 * (1 - b0)
                               / (1 - b), "<=", b * G / (1 - beta1), OVER,
                               (y0 <= G / (1 - beta1), b <= beta1, b0 <= beta1)),
            repair=(
                Inequality("with (1-beta1)^2", b * y0 * (1 - b0) / (1 - b), "<=", b * G / (1 - beta1) ** 2, OVER,
                           (y0 <= G / (1 - beta1), b <= beta1, b0 <= beta1)),
                Inequality("as printed, where beta1_t does not grow", b * y0 * (1 - b0) / (1 - b), "<=",
                           b * G / (1 - beta1), OVER, (y0 <= G / (1 - beta1), b <= b0, b0 <= beta1)),
            ),
            read_in=f"as restated in {FORMAL}",
            survives="the printed coefficient for a beta1_t that does not grow, (1-beta1)^2 in general",
        ),
    ),
    experiments=runs.adamx(),
    broken_by=runs.adamx_broken(),
)  # fmt: skip
