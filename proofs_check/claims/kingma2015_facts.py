"""D. P. Kingma, J. Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015, arXiv 1412.6980: two facts.

Lemma 10.3 as it should be, for the gradients g_1 ... g_T of one coordinate (P sums |g_j|/sqrt(j), h^2 is the harmonic
number), and the sequence on which sqrt(vhat_t)/alpha_t falls.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, PURE, Claim, Erratum, Kind, Limit, Quantity, Standing, Units
from proofs_check import adam_lemmas as lemmas
from proofs_check.goal import NONNEGATIVE, POSITIVE
from proofs_check.instances import kingma2015 as runs
from proofs_check.steps import Identity, Inequality
from proofs_check.symbols import ALPHA, BETA2, HORIZON, SLOPE, T, alpha, beta2, s

PAPER = "Kingma, Ba, ICLR 2015, arXiv 1412.6980"
STIFFNESS = Units(F=1, X=-2)
N, q, h = sp.symbols("N q h", positive=True)
g1, P = sp.symbols("|g| P", nonnegative=True)

SEQUENCE = (HORIZON, Quantity(N, POSITIVE, GRADIENT, "||g_{1:T}|| of one coordinate"))
OVER = (
    *SEQUENCE,
    *(Quantity(e, NONNEGATIVE, GRADIENT, "|g_t|, and the sum of |g_j|/sqrt(j)") for e in (g1, P)),
    Quantity(q, sp.Interval.Lopen(0, 1), PURE, "1/sqrt(t)"),
    Quantity(h, POSITIVE, PURE, "root of a harmonic number"),
)

CAUCHY_SCHWARZ = (
    lemmas.CAUCHY_SCHWARZ,
    lemmas.HARMONIC,
    lemmas.ROOT_OF_HARMONIC,
)  # fmt: skip
harmonic = sum((sp.Rational(1, j) for j in range(1, 32)), sp.Integer(0))

LEMMA_103 = Claim(
    id="kingma2015.lemma10_3",
    says="sum |g_t|/sqrt(t) <= ||g_{1:T}|| sqrt(1 + log T): what Lemma 10.3 should say",
    source=f"ratelab, own derivation; after {PAPER}, Lemma 10.3, which is false as printed",
    standing=Standing.DERIVED,
    kind=Kind.UPPER,
    metric="sum of |g_t| / sqrt(t)",
    metric_units=GRADIENT,
    symbols=SEQUENCE,
    assumptions=(),
    bound=N * sp.sqrt(1 + sp.log(T)),
    limits=(Limit("one gradient", T, sp.Integer(1), N),),
    steps=(
        *CAUCHY_SCHWARZ,
        Inequality("so the sum", P, "<=", N * sp.sqrt(1 + sp.log(T)), OVER,
                   (P <= N * h, h <= sp.sqrt(1 + sp.log(T)))),
    ),
    errata=(
        Erratum(
            id="K2, G = 1",
            says="Lemma 10.3 fails for G = 1 too: g_t = 1/sqrt(t), T = 31",
            printed=Inequality("1 + 1/2 + ... + 1/31 <= 2 sqrt(1 + 1/2 + ... + 1/31)", harmonic, "<=",
                               2 * sp.sqrt(harmonic)),
            repair=CAUCHY_SCHWARZ,
            read_in=f"{PAPER}, Lemma 10.3",
            survives="the lemma with sqrt(1 + log T) ||g_{1:T}|| on the right",
        ),
    ),
)  # fmt: skip

GAMMA_FALLS = Claim(
    id="kingma2015.flaw_gamma_psd",
    says="on the losses 3 s x, -s x, -s x Adam's sqrt(v_t)/alpha_t falls by more than 3 s / (2 alpha) in its second "
         "step: beta1 = 0, beta2 = 1/100",
    source="ratelab, own derivation; after Reddi, Kale, Kumar, ICLR 2018, arXiv 1904.09237",
    standing=Standing.DERIVED,
    kind=Kind.UPPER,
    metric="Gamma_2 = sqrt(v_2)/alpha_2 - sqrt(v_1)/alpha_1",
    metric_units=STIFFNESS,
    symbols=(SLOPE, ALPHA),
    assumptions=(),
    bound=-3 * s / (2 * alpha),
    limits=(Limit("large steps hide it", alpha, sp.oo, sp.Integer(0)),),
    steps=(
        Identity("v_1", beta2 * 0 + (1 - beta2) * (3 * s) ** 2, sp.Rational(891, 100) * s**2, (SLOPE, BETA2),
                 (sp.Eq(beta2, sp.Rational(1, 100)),)),
        Identity("v_2", beta2 * sp.Rational(891, 100) * s**2 + (1 - beta2) * s**2, sp.Rational(10791, 10000) * s**2,
                 (SLOPE, BETA2), (sp.Eq(beta2, sp.Rational(1, 100)),)),
        Inequality("so Gamma_2 is negative",
                   sp.sqrt(2 * sp.Rational(10791, 10000)) * s / alpha - sp.sqrt(sp.Rational(891, 100)) * s / alpha,
                   "<=", -3 * s / (2 * alpha), (SLOPE, ALPHA)),
    ),
    experiments=runs.second_step(-3 * s / (2 * alpha)),
    broken_by=runs.second_step_broken(-3 * s / (2 * alpha)),
)  # fmt: skip
