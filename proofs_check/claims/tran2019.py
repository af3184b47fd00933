"""P. T. Tran, L. T. Phong, "On the Convergence Proof of AMSGrad and a New Version", IEEE Access 2019: Theorem 4.1.

arXiv 1904.03590. The paper's first way round a step of AMSGrad's proof that is false when beta1_t varies. Per
coordinate, on a box: u = x_t - x*, a = sqrt(vhat_t) / alpha_t and c = a / (1-beta1_t), index 0 one step before; K is
D^2 G / (alpha (1-beta1)). `tail` is what the moments add to the regret, of which the lemma reddi2018.moment_lemma is
the proof: M = sum m_t^2 / a_t <= (1-beta1) tail.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, OBJECTIVE, PURE, Claim, Erratum, Kind, Limit, Quantity, Rate, Standing
from proofs_check import adam_lemmas as lemmas
from proofs_check.adam_lemmas import S_g, a, a0, b, d, dist, g, later
from proofs_check.goal import COUNT, FRACTION, FRACTION0, NONNEGATIVE, POSITIVE
from proofs_check.instances import adam_regret as runs
from proofs_check.sequences import Induction, SumBound
from proofs_check.steps import Algebra, Chain, Identity, Inequality
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
y, e = sp.symbols("y e", positive=True)
S_0, lam, root, Z = sp.symbols("S_0 lambda root Z", nonnegative=True)
moments = sp.Symbol("M", nonnegative=True)
n = sp.Symbol("n", integer=True, positive=True)

LAMBDA = Quantity(lam, FRACTION0, PURE, "decay of beta1_t = beta1 lambda^(t-1)")
EARLY = Quantity(S_0, NONNEGATIVE, PURE, "sum of sqrt(t) for t <= t0, which depends on the beta1_t only")
SYMBOLS_INV = (*lemmas.ADAM, GRADIENT_BOUND, lemmas.DIMENSION, EARLY, lemmas.PATH)
SYMBOLS_LAM = (*SYMBOLS_INV, LAMBDA)
OVER = (
    *SYMBOLS_LAM,
    *lemmas.OVER,
    Quantity(n, COUNT, PURE, "a step"),
    Quantity(y, POSITIVE, GRADIENT, "sqrt(v_{t-1})"),
    Quantity(root, NONNEGATIVE, GRADIENT, "sqrt(vhat_t)"),
    Quantity(Z, NONNEGATIVE, PURE, "sum of beta1_t sqrt(t)"),
    Quantity(moments, NONNEGATIVE, OBJECTIVE, "sum of m_t^2 / a_t"),
)

factor = d * D**2 * G / (2 * alpha * (1 - beta1))
tail = alpha * sp.sqrt(1 + sp.log(T)) * S_g / ((1 - beta1) ** 2 * (1 - gamma) * sp.sqrt(1 - beta2))
thm41_lam = factor * (S_0 + sp.sqrt(T)) + factor / (1 - lam) ** 2 + tail
thm41_inv = factor * (S_0 + sp.sqrt(T)) + 2 * factor * sp.sqrt(T) + tail
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
MEAN_SQUARE = Induction(
    "vhat stays at or below G^2",
    base=Inequality("vhat_0 = 0", sp.Integer(0), "<=", G**2, OVER),
    step=Inequality("a step keeps it", sp.Max(root**2, beta2 * y**2 + (1 - beta2) * g**2), "<=", G**2, OVER,
                    (root**2 <= G**2, y**2 <= G**2, g**2 <= G**2)),
)  # fmt: skip


def _two_phases(weights: sp.Expr, bound: sp.Expr) -> tuple[Algebra, ...]:
    """The paper's summation: c may fall up to t0, and grows from there on; weights: bound on sum beta1_t sqrt(t)."""
    return (
        Induction("up to t0: sum c_t (D_t - D_{t+1}) + c_T D_{T+1} <= K times the sum of sqrt(t)",
                  base=Chain("T = 1, a for c", (a * (dist - later) + a * later, "<=", D**2 * a, "<=",
                             D**2 * G / (alpha * (1 - beta1))), OVER,
                             (dist <= D**2, a <= G / (alpha * (1 - beta1)))),
                  step=Chain("T to T+1", ((a - a0) * dist, "<=", a * D**2, "<=",
                             D**2 * G * sp.sqrt(t) / (alpha * (1 - beta1))), OVER,
                             (dist <= D**2, a <= G * sp.sqrt(t) / (alpha * (1 - beta1))))),
        lemmas.GROWING_C,
        Inequality("and c_T is at most this", root * sp.sqrt(T) / (alpha * (1 - b)), "<=",
                   G * sp.sqrt(T) / (alpha * (1 - beta1)), OVER, (root <= G, b <= beta1)),
        Inequality("a term of Young's first part", b * root * sp.sqrt(t) / alpha * dist / (2 * (1 - b)), "<=",
                   D**2 * G / (2 * alpha * (1 - beta1)) * b * sp.sqrt(t), OVER,
                   (dist <= D**2, root <= G, b <= beta1)),
        Chain("all parts together, over d coordinates", (factor * (S_0 + sp.sqrt(T)) + factor * Z + moments
              / (1 - beta1), "<=", factor * (S_0 + sp.sqrt(T)) + factor * weights + moments / (1 - beta1),
              "<=", bound), OVER, (Z <= weights, moments <= tail * (1 - beta1))),
        _put_in(bound),
    )  # fmt: skip


GROWTH = Inequality("sqrt((t+1)/t) is at least 1 + 1/(2(t+1))", sp.sqrt(t + 1), ">=",
                    (1 + 1 / (2 * (t + 1))) * sp.sqrt(t), OVER)  # fmt: skip
partial_sum = (1 - (n + 1) * lam**n + n * lam ** (n + 1)) / (1 - lam) ** 2

THEOREM_41_LAM = Claim(
    id="tran2019.thm41_lam",
    says="AMSGrad's regret for beta1_t = beta1 lambda^(t-1), where c_t = sqrt(vhat_t)/(alpha_t (1-beta1_t)) may fall "
         "up to a t0 that depends on beta1 and lambda only",
    source=f"{PAPER}, Theorem 4.1, as restated in {FORMAL}",
    standing=Standing.RESTATED,
    kind=Kind.UPPER,
    metric="regret",
    metric_units=OBJECTIVE,
    symbols=SYMBOLS_LAM,
    assumptions=(beta1 < sp.sqrt(beta2),),
    bound=_in_betas(thm41_lam),
    rate=Rate(sp.Rational(1, 2)),
    limits=(Limit("lambda = 0: beta1_t = 0 from the second step on", lam, sp.Integer(0),
                  _in_betas(thm41_lam).subs(lam, 0)),),
    steps=(
        *REGRET,
        MEAN_SQUARE,
        GROWTH,
        Chain("and 1-beta1_t grows by less, from where 2(t+1)(1-lambda) beta1_t <= 1-beta1 on",
              ((1 - b * lam) / (1 - b), "==", 1 + b * (1 - lam) / (1 - b), "<=", 1 + b * (1 - lam) / (1 - beta1), "<=",
               1 + 1 / (2 * (t + 1))), OVER, (b <= beta1, 2 * (t + 1) * (1 - lam) * b <= 1 - beta1)),
        SumBound("sum of t lambda^(t-1)", n * lam ** (n - 1), n, "==", partial_sum, OVER),
        Inequality("is at most 1/(1-lambda)^2", partial_sum, "<=", 1 / (1 - lam) ** 2, OVER),
        *_two_phases(1 / (1 - lam) ** 2, thm41_lam),
    ),
    errata=(
        Erratum(
            id="TP1",
            says="Lemma 2.3 sums a geometric series from t = 1 as if from t = 0",
            printed=Identity("a + a^2 + ... = a/(1-a) is 1/(1-a)", e / (1 - e), 1 / (1 - e),
                             (Quantity(e, FRACTION, PURE, "ratio"),)),
            repair=(
                SumBound("sum of a^t from t = 1", e**n, n, "==", e * (1 - e**n) / (1 - e),
                         (Quantity(e, FRACTION, PURE, "ratio"), Quantity(n, COUNT, PURE, "last term"))),
                Inequality("is at most a/(1-a)", e * (1 - e**n) / (1 - e), "<=", e / (1 - e),
                           (Quantity(e, FRACTION, PURE, "ratio"), Quantity(n, COUNT, PURE, "last term"))),
            ),
            read_in=f"as restated in {FORMAL}",
            survives="Theorem 4.1: 1/(1-a) is an upper bound of the series too",
        ),
    ),
    experiments=runs.with_early_steps(),
    broken_by=runs.with_early_steps_broken(),
)  # fmt: skip

THEOREM_41_INV = Claim(
    id="tran2019.thm41_inv",
    says="AMSGrad's regret for beta1_t = beta1/t",
    source=f"{PAPER}, Theorem 4.1, as restated in {FORMAL}",
    standing=Standing.RESTATED,
    kind=Kind.UPPER,
    metric="regret",
    metric_units=OBJECTIVE,
    symbols=SYMBOLS_INV,
    assumptions=(beta1 < sp.sqrt(beta2),),
    bound=_in_betas(thm41_inv),
    rate=Rate(sp.Rational(1, 2)),
    limits=(Limit("on one point there is no regret but the moments'", D, sp.Integer(0), _in_betas(tail)),),
    steps=(
        *REGRET,
        MEAN_SQUARE,
        GROWTH,
        Inequality("and 1-beta1_t grows by less, from t0 = 3 on", (1 - beta1 / (t + 1)) / (1 - beta1 / t), "<=",
                   1 + 1 / (2 * (t + 1)), OVER, (t >= 3,)),
        SumBound("sum of sqrt(t)/t", 1 / sp.sqrt(n), n, "<=", 2 * sp.sqrt(n), OVER),
        *_two_phases(2 * sp.sqrt(T), thm41_inv),
    ),
    experiments=runs.no_momentum(),
    broken_by=runs.no_momentum_broken(),
)  # fmt: skip
