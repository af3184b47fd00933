"""P. T. Tran, L. T. Phong, "On the Convergence Proof of AMSGrad and a New Version", IEEE Access 2019: Corollary 4.5.

arXiv 1904.03590. Average regret is at most something that vanishes; it need not vanish itself, for AMSGrad may do
better than every fixed point. In the counterexample losses are s x in one block and -s x in the next, block k is 2^k
long, and w = 2^(k/2).
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, LENGTH, OBJECTIVE, PURE, Claim, Erratum, Kind, Limit, Quantity, Rate, Standing, Units
from proofs_check import adam_lemmas as lemmas
from proofs_check.adam_lemmas import S_g, d
from proofs_check.goal import COUNT, COUNT0, NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances import adam_regret as runs
from proofs_check.sequences import Induction, Recursion
from proofs_check.steps import Identity, Inequality, LimitStep
from proofs_check.symbols import (
    GAMMA,
    GRADIENT_BOUND,
    HORIZON,
    RADIUS,
    SLOPE,
    STEP,
    D,
    G,
    T,
    alpha,
    beta1,
    beta2,
    gamma,
    r,
    s,
    t,
)  # fmt: skip

PAPER = "Tran, Phong, IEEE Access 2019, arXiv 1904.03590"
FORMAL = "a machine-checked formalisation (Lean) of arXiv 1904.03590"
y, w, delta, vhat = sp.symbols("y w delta vhat", positive=True)
S_0, e, Phi, kappa = sp.symbols("S_0 e Phi kappa", nonnegative=True)
g, x = sp.symbols("g x", real=True)
n = sp.Symbol("n", integer=True, positive=True)
k = sp.Symbol("k", integer=True, nonnegative=True)

SYMBOLS = (
    *lemmas.ADAM,
    GRADIENT_BOUND,
    lemmas.DIMENSION,
    Quantity(S_0, NONNEGATIVE, PURE, "sum of sqrt(t) for t <= t0, which depends on the beta1_t only"),
)
OVER = (
    *SYMBOLS,
    GAMMA,
    lemmas.PATH,
    Quantity(n, COUNT, PURE, "a step"),
    Quantity(g, REAL, GRADIENT, "gradient"),
    Quantity(y, POSITIVE, GRADIENT, "||g_{1:t}|| of one coordinate"),
    Quantity(Phi, NONNEGATIVE, OBJECTIVE, "the terms of Theorem 4.1 without gradients"),
    Quantity(kappa, NONNEGATIVE, LENGTH, "what S_g is multiplied by there"),
)
without_g = d * D**2 * G / (2 * alpha * (1 - beta1)) * (S_0 + 3 * sp.sqrt(T))
of_g = alpha * sp.sqrt(1 + sp.log(T)) / ((1 - beta1) ** 2 * (1 - gamma) * sp.sqrt(1 - beta2))
BOUND = ((without_g + of_g * d * G * sp.sqrt(T)) / T).subs(gamma, beta1 / sp.sqrt(beta2))

COROLLARY_45 = Claim(
    id="tran2019.cor45",
    says="so AMSGrad's average regret is at most a bound that vanishes; it may stay negative",
    source=f"{PAPER}, Corollary 4.5, its upper half (TP2), as restated in {FORMAL}",
    standing=Standing.RESTATED,
    kind=Kind.UPPER,
    metric="avg_regret",
    metric_units=OBJECTIVE,
    symbols=SYMBOLS,
    assumptions=(beta1 < sp.sqrt(beta2),),
    bound=BOUND,
    rate=Rate(-sp.Rational(1, 2), sp.Rational(1, 2)),
    limits=(Limit("on one point there is no regret but the moments'", D, sp.Integer(0), BOUND.subs(D, 0)),),
    steps=(
        LimitStep("what the bound is made of vanishes", sp.sqrt(1 + sp.log(T)) / sp.sqrt(T) + 1 / sp.sqrt(T) + 1 / T, T,
                  sp.oo, sp.Integer(0), (HORIZON,)),
        Induction("||g_{1:t}|| is at most G sqrt(t)",
                  base=Inequality("t = 1", g**2, "<=", G**2, OVER, (sp.Abs(g) <= G,)),
                  step=Inequality("t to t+1", y**2 + g**2, "<=", G**2 * (n + 1), OVER,
                                  (y**2 <= G**2 * n, sp.Abs(g) <= G))),
        Inequality("into Theorem 4.1 for beta1_t = beta1/t (tran2019.thm41_inv), over T", (Phi + kappa * S_g) / T, "<=",
                   (Phi + kappa * d * G * sp.sqrt(T)) / T, OVER, (S_g <= d * G * sp.sqrt(T),)),
        Identity("the constants put in", (Phi + kappa * d * G * sp.sqrt(T)) / T, BOUND, OVER,
                 (sp.Eq(Phi, without_g), sp.Eq(kappa, of_g), sp.Eq(gamma, beta1 / sp.sqrt(beta2)))),
    ),
    errata=(
        Erratum(
            id="TP2",
            says="the average regret is said to tend to 0; on slopes of alternating sign in blocks of length 2^k it "
                 "stays below a bound that tends to -2/3",
            printed=LimitStep("14/w - 2 (w^2-1)/(3 w^2) tends to 0, w^2 = T+1",
                              (14 * w - sp.Rational(2, 3) * (w**2 - 1)) / (w**2 - 1), w, sp.oo, sp.Integer(0),
                              (Quantity(w, POSITIVE, PURE, "sqrt(T+1)"),)),
            repair=(
                LimitStep("it tends to -2/3 (tran2019.cor45_counterexample)",
                          (14 * w - sp.Rational(2, 3) * (w**2 - 1)) / (w**2 - 1), w, sp.oo, -sp.Rational(2, 3),
                          (Quantity(w, POSITIVE, PURE, "sqrt(T+1)"),)),
            ),
            read_in=f"as restated in {FORMAL}",
            survives="the upper half: the upper limit of R(T)/T is at most 0",
        ),
    ),
    experiments=runs.average_regret(),
    broken_by=runs.average_regret_broken(),
)  # fmt: skip

BLOCKS = (
    SLOPE,
    RADIUS,
    Quantity(e, NONNEGATIVE, LENGTH, "distance to the end that is best in this block"),
    Quantity(delta, POSITIVE, LENGTH, "shortest step of the block"),
    Quantity(w, sp.Interval(1, sp.oo), PURE, "2^(k/2) = sqrt(T+1)"),
    Quantity(x, REAL, PURE, "sum of the signs"),
    Quantity(k, COUNT0, PURE, "number of a block"),
    HORIZON,
)

COUNTEREXAMPLE_45 = Claim(
    id="tran2019.cor45_counterexample",
    says="on slopes +s, -s in turn, in blocks of length 2^k, AMSGrad's regret after T = 2^k - 1 steps falls like "
         "-2 T/3: beta1 = 0, beta2 = 1/2, alpha_t = r/sqrt(t), box [-r, r]",
    source=f"ratelab, own derivation of the bound; after {PAPER}, Corollary 4.5, and {FORMAL}, which refutes it so",
    standing=Standing.DERIVED,
    kind=Kind.UPPER,
    metric="regret",
    metric_units=OBJECTIVE,
    symbols=(HORIZON, SLOPE, RADIUS),
    assumptions=(),
    bound=s * r * (14 * sp.sqrt(T + 1) - 2 * T / 3),
    rate=Rate(sp.Integer(1)),
    limits=(Limit("it falls without end", T, sp.oo, -sp.oo),),
    steps=(
        Inequality("vhat stays at or below s^2: in a block that ends before 2 w^2 a step is at least r/(sqrt(2) w)",
                   r / sp.sqrt(t) * s / sp.sqrt(vhat), ">=", r / (sp.sqrt(2) * w),
                   (SLOPE, RADIUS, STEP, BLOCKS[4], Quantity(vhat, POSITIVE, Units(F=2, X=-2), "vhat_t")),
                   (vhat <= s**2, t <= 2 * w**2)),
        Induction("steps of at least delta from distance e: the distances add up to at most e^2/(2 delta) + e",
                  base=Inequality("the last one", e, "<=", e**2 / (2 * delta) + e, BLOCKS),
                  step=Inequality("one more, e >= delta", e + (e - delta) ** 2 / (2 * delta) + (e - delta), "<=",
                                  e**2 / (2 * delta) + e, BLOCKS, (e >= delta,))),
        Inequality("so a block costs at most 4 sqrt(2) w s r more than its best end",
                   s * (e**2 / (2 * delta) + e), "<=", 4 * sp.sqrt(2) * w * s * r, BLOCKS,
                   (e <= 2 * r, sp.Eq(delta, r / (sp.sqrt(2) * w)))),
        Inequality("and all of them at most 14 (w - 1) s r: w becomes sqrt(2) w", 14 * (sp.sqrt(2) * w - 1) * s * r
                   - 14 * (w - 1) * s * r, ">=", 4 * sp.sqrt(2) * w * s * r, BLOCKS),
        Recursion("the signs add up to", x, x + (-2) ** k, sp.Integer(0), k, (1 - (-2) ** k) / 3, BLOCKS),
        Inequality("which is at most (T+2)/3 in size, for 2^k = T+1", sp.Abs((1 - x) / 3), "<=", (T + 2) / 3, BLOCKS,
                   (sp.Abs(x) <= T + 1,)),
        Inequality("the best end of each block, less the best fixed point, plus the way there",
                   -T * s * r + sp.Abs(x) * s * r + 14 * (sp.sqrt(T + 1) - 1) * s * r, "<=",
                   s * r * (14 * sp.sqrt(T + 1) - 2 * T / 3), BLOCKS, (sp.Abs(x) <= (T + 2) / 3,)),
    ),
    experiments=runs.follows_the_sign(),
    broken_by=runs.follows_the_sign_broken(),
)  # fmt: skip
