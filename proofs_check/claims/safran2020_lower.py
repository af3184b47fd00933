"""I. Safran, O. Shamir, "How Good is SGD with Random Shuffling?", COLT 2020, arXiv 1908.00045: their lower bounds.

No constant step does better, on quadratics in one dimension. The orders are those of Theorems 5, 7, 8 and the instance
is theirs, with a start at R; constants and proofs here are the lab's, the paper's constants being universal and not
computed. Instance (2), n even: f_i = lam x^2/2 + (G/2) x for one half of the components, lam x^2/2 - (G/2) x for the
other. Constant step h, q = 1 - h lam, p = q^(n/2), kept = p^(2T), D = G/(2 lam); T counts epochs. The laws of x_T are
those of `safran2020`; where |p| >= 1 x never comes closer than R.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, LENGTH, OBJECTIVE, PURE, Claim, Kind, Limit, Quantity, Rate, Standing, Units
from proofs_check.goal import COUNT, NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances import safran2020 as runs
from proofs_check.sequences import Induction
from proofs_check.steps import Chain, Identity, Inequality
from proofs_check.symbols import HORIZON, T

AREA = Units(X=2)
lam, G, R, D, u = sp.symbols("lambda G R D u", positive=True)
x, p, q, A, B, S1, mean = sp.symbols("x p q A B S1 mean", real=True)
kept, S2, b, e, V, x2 = sp.symbols("kept S2 beta e V x2", nonnegative=True)
k, m = sp.symbols("k m", integer=True, positive=True)
n = sp.Symbol("n", integer=True, positive=True)
F = sp.Rational
half, zero, one = F(1, 2), sp.Integer(0), sp.Integer(1)

SYMBOLS = (
    HORIZON,
    Quantity(lam, POSITIVE, Units(F=1, X=-2), "curvature"),
    Quantity(G, POSITIVE, GRADIENT, "twice the push of a component"),
    Quantity(R, POSITIVE, LENGTH, "start, from the minimiser; the paper's is 1"),
)
NUMBER = Quantity(n, sp.Range(2, sp.oo), PURE, "number of components, even")
OVER = (
    *SYMBOLS, NUMBER,
    Quantity(k, COUNT, PURE, "epochs done"),
    Quantity(m, COUNT, PURE, "n/2, or a count up to it"),
    Quantity(p, sp.Interval.open(-1, 1), PURE, "q^(n/2)"),
    Quantity(q, sp.Interval.open(-1, 1), PURE, "1 - h lambda"),
    Quantity(kept, sp.Interval(0, sp.oo), PURE, "p^(2k): the share of x_0 that is left"),
    *(Quantity(s, REAL, PURE, "sums of the powers of q: first half, second half, all") for s in (A, B, S1)),
    Quantity(S2, NONNEGATIVE, PURE, "sum of their squares"),
    Quantity(b, NONNEGATIVE, PURE, "beta: mean square of the signed sum of powers in one epoch"),
    Quantity(u, sp.Interval.Lopen(0, 1), PURE, "h lambda"),
    Quantity(D, POSITIVE, LENGTH, "G/(2 lambda)"),
    *(Quantity(s, REAL, LENGTH, "x_k, its mean") for s in (x, mean)),
    *(Quantity(s, NONNEGATIVE, AREA, "E x_k^2, the part of the noise") for s in (x2, V)),
    Quantity(e, NONNEGATIVE, PURE, "p^2 or p^4"),
)  # fmt: skip
IS_D = sp.Eq(D, G / (2 * lam))
WAIT = (
    Inequality("|p| >= 1: an epoch leads no closer", e * x2 + V, ">=", x2, OVER, (e >= 1,)),
    Induction("|p| < 1: p^(2k) >= 1 - 2 k (1 - p)",
              base=Inequality("k = 1", p**2, ">=", 1 - 2 * (1 - p), OVER),
              step=Inequality("k to k+1", p**2 * kept, ">=", 1 - 2 * (k + 1) * (1 - p), OVER, (
                  kept >= 1 - 2 * k * (1 - p), kept <= 1)),
              conclusion=(kept, ">=", 1 - 2 * k * (1 - p))),
    Inequality("so a step that leaves less than half of p^0 after T epochs is not tiny", 1 - p, ">=", 1 / (4 * T), OVER,
               (kept >= 1 - 2 * T * (1 - p), kept <= half)),
)  # fmt: skip
HALVES = (
    Identity("beta = (n S2 - S1^2)/(n - 1): the signs of two components are correlated by -1/(n-1)",
             S2 - (S1**2 - S2) / (n - 1), (n * S2 - S1**2) / (n - 1), OVER),
    Inequality("Cauchy-Schwarz in each half of an epoch: what is left is the difference of the halves", n * S2 - S1**2,
               ">=", (A - B) ** 2, OVER, (n * S2 >= 2 * A**2 + 2 * B**2, sp.Eq(S1, A + B))),
    Identity("the halves are A = (1 - p)/(1 - q) and B = p A: beta >= (1 - p)^4/((n - 1) (1 - q)^2)", (A - B) ** 2,
             (1 - p) ** 4 / (1 - q) ** 2, OVER, (sp.Eq(A, (1 - p) / (1 - q)), sp.Eq(B, p * (1 - p) / (1 - q)))),
)  # fmt: skip
BETA_LOW = b >= (1 - p) ** 4 / ((n - 1) * (1 - q) ** 2)
SOURCE = "ratelab, own derivation of constants and proof; after Safran, Shamir, COLT 2020, arXiv 1908.00045, "
NOTHING = Limit("no pushes: nothing is claimed", G, zero, zero)
IG = G**2 / (2048 * lam * T**2)

INCREMENTAL = Claim(
    id="safran2020.ig_safran_lower",
    says="in a fixed order (all pushes to one side first) no constant step beats G^2/(lambda T^2) after T epochs: "
    "the number of components does not help",
    source=SOURCE + "Theorem 8 (whose instance has linear components too)",
    standing=Standing.DERIVED,
    kind=Kind.LOWER,
    metric="suboptimality",
    metric_units=OBJECTIVE,
    symbols=SYMBOLS,
    assumptions=(G <= 16 * lam * R * T,),
    bound=IG,
    rate=Rate(-sp.Integer(2)),
    limits=(NOTHING,),
    steps=(
        *WAIT,
        Identity("x_T = p^(2T) R + D (1 - p)/(1 + p) (1 - p^(2T)): from k to k + 1", p**2 * (kept * R + D * (1 - p)
                 / (1 + p) * (1 - kept)) + D * (1 - p) ** 2, p**2 * kept * R + D * (1 - p) / (1 + p)
                 * (1 - p**2 * kept), OVER),
        Inequality("either half of R is left, or", D * (1 - p) / (1 + p) * (1 - kept), ">=", D / (16 * T), OVER, (
            1 - p >= 1 / (4 * T), kept <= half)),
        Inequality("R/2 is no less than that", sp.Min(R / 2, D / (16 * T)), ">=", D / (16 * T), OVER, (
            G <= 16 * lam * R * T, IS_D)),
        Chain("f = lambda x^2/2", (lam * x**2 / 2, ">=", lam * D**2 / (512 * T**2), "==", IG), OVER, (
            x >= D / (16 * T), IS_D)),
    ),
    experiments=runs.no_step_cyclic(IG.subs(T, T / runs.N)),
    broken_by=runs.from_the_minimiser(runs.no_step_cyclic(IG.subs(T, T / runs.N))[0]),
)  # fmt: skip

SS = G**2 / (2048 * lam * n * T**2)

SINGLE_SHUFFLE = Claim(
    id="safran2020.ss_safran_lower",
    says="in one random order for all epochs no constant step beats G^2/(lambda n T^2)",
    source=SOURCE + "Theorem 7",
    standing=Standing.DERIVED,
    kind=Kind.LOWER,
    metric="suboptimality",
    metric_units=OBJECTIVE,
    symbols=(*SYMBOLS, NUMBER),
    assumptions=(G**2 <= 256 * lam**2 * R**2 * n * T**2,),
    bound=SS,
    rate=Rate(-sp.Integer(2)),
    limits=(NOTHING,),
    steps=(
        *WAIT,
        *HALVES,
        Inequality("so the noise is that of the fixed order, divided by n - 1", D**2 * (1 - q) ** 2 * b * (1 - kept)
                   ** 2 / (1 - p**2) ** 2, ">=", (D * (1 - p) / (1 + p) * (1 - kept)) ** 2 / (n - 1), OVER,
                   (BETA_LOW,)),
        Inequality("which is, unless half of R is left", (D * (1 - p) / (1 + p) * (1 - kept)) ** 2 / (n - 1), ">=",
                   D**2 / (256 * n * T**2), OVER, (1 - p >= 1 / (4 * T), kept <= half)),
        Inequality("R^2/4 is no less than that", sp.Min(R**2 / 4, D**2 / (256 * n * T**2)), ">=",
                   D**2 / (256 * n * T**2), OVER, (G**2 <= 256 * lam**2 * R**2 * n * T**2, IS_D)),
        Chain("E f = lambda E x^2/2", (lam * x2 / 2, ">=", lam * D**2 / (512 * n * T**2), "==", SS), OVER, (
            x2 >= D**2 / (256 * n * T**2), IS_D)),
    ),
    experiments=runs.no_step_shuffled_once(SS.subs(T, T / n)),
    broken_by=runs.from_the_minimiser(runs.no_step_shuffled_once(SS.subs(T, T / n))[0]),
)  # fmt: skip

RR = 3 * G**2 / (8192 * lam * n * T**3)

RESHUFFLING = Claim(
    id="safran2020.rr_safran_lower",
    says="with a new random order in each epoch no constant step beats G^2/(lambda n T^3), which is all of the lower "
    "bound while T <= n",
    source=SOURCE + "Theorem 5, its term 1/(n k^3)",
    standing=Standing.DERIVED,
    kind=Kind.LOWER,
    metric="suboptimality",
    metric_units=OBJECTIVE,
    symbols=(*SYMBOLS, NUMBER),
    assumptions=(3 * G**2 <= 1024 * lam**2 * R**2 * n * T**3,),
    bound=RR,
    rate=Rate(-sp.Integer(3)),
    limits=(NOTHING,),
    steps=(
        *WAIT,
        *HALVES,
        Inequality("so the noise after T epochs is at least", D**2 * (1 - q) ** 2 * b * (1 - kept**2) / (1 - p**4),
                   ">=", D**2 * (1 - p) ** 3 * (1 - kept**2) / ((n - 1) * (1 + p) * (1 + p**2)), OVER,
                   (BETA_LOW, kept <= 1)),
        Inequality("(1 + p)(1 + p^2) <= 4 and 1 - p^(4T) >= 3/4, unless half of R is left", D**2 * (1 - p) ** 3
                   * (1 - kept**2) / ((n - 1) * (1 + p) * (1 + p**2)), ">=", D**2 * F(3, 16) * (1 - p) ** 3 / n, OVER,
                   (kept <= half,)),
        Inequality("with the step that this takes", D**2 * F(3, 16) * (1 - p) ** 3 / n, ">=", 3 * D**2
                   / (1024 * n * T**3), OVER, (1 - p >= 1 / (4 * T),)),
        Inequality("R^2/4 is no less than that", sp.Min(R**2 / 4, 3 * D**2 / (1024 * n * T**3)), ">=",
                   3 * D**2 / (1024 * n * T**3), OVER, (3 * G**2 <= 1024 * lam**2 * R**2 * n * T**3, IS_D)),
        Chain("E f = lambda E x^2/2", (lam * x2 / 2, ">=", 3 * lam * D**2 / (2048 * n * T**3), "==", RR), OVER, (
            x2 >= 3 * D**2 / (1024 * n * T**3), IS_D)),
    ),
    experiments=runs.no_step_reshuffled(RR.subs(T, T / n)),
    broken_by=runs.from_the_minimiser(runs.no_step_reshuffled(RR.subs(T, T / n))[0]),
)  # fmt: skip
