"""Z. Liu, Z. Zhou, "Nonconvex stochastic optimization under heavy-tailed noises: optimal convergence without gradient
clipping", ICLR 2025, arXiv 2412.19529: normalised SGD with momentum.

x+ = x - eta m/||m||, m_0 = g_0, m_t = (1 - a) m_{t-1} + a g_t; f is L-smooth, E ||g - grad f||^p <= sigma^p, 1 < p <=
2. The orders are the paper's; the bound for all a and eta, and its proof, are the lab's. G = ||grad f||, M = ||m||, E
= ||m - grad f||; s = p - 1.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, PURE, Claim, Kind, Limit, Quantity, Standing
from proofs_check import normalised_steps as normalised
from proofs_check.goal import COUNT0, FRACTION, NONNEGATIVE, POSITIVE
from proofs_check.instances import liu2024 as runs
from proofs_check.normalised_steps import Delta, E, L, eta, mean
from proofs_check.sequences import Induction, SumBound
from proofs_check.steps import Identity, Inequality
from proofs_check.symbols import HORIZON, T

sigma, a, p, s = sp.symbols("sigma a p s", positive=True)
errors, noise = sp.symbols("errors nu", nonnegative=True)
n = sp.Symbol("n", integer=True, nonnegative=True)
q, w = sp.symbols("q w", positive=True)

ORDER = Quantity(p, sp.Interval.Lopen(1, 2), PURE, "order of the bounded moment")
SYMBOLS = (
    HORIZON,
    normalised.STEP,
    Quantity(a, FRACTION, PURE, "weight of the new gradient in the momentum"),
    normalised.SMOOTH,
    normalised.GAP,
    Quantity(sigma, POSITIVE, GRADIENT, "the noise's p-th moment is at most sigma^p"),
    ORDER,
)
OVER = (
    *SYMBOLS,
    Quantity(s, sp.Interval.Lopen(0, 1), PURE, "p - 1"),
    Quantity(q, FRACTION, PURE, "1 - a"),
    Quantity(w, FRACTION, PURE, "(1 - a)^p"),
    *normalised.NORMS,
    Quantity(noise, NONNEGATIVE, GRADIENT, "a norm, or the mean of one"),
    Quantity(errors, NONNEGATIVE, GRADIENT, "sum of E ||m - grad f|| over T steps"),
    *normalised.along(),
    *normalised.VALUES,
    Quantity(n, COUNT0, PURE, "steps done"),
)
NOISE = 2 ** (1 / p) * sigma * a ** ((p - 1) / p)
BOUND = (
    Delta / (eta * T)
    + 2 * sigma / (a * T)
    + 2 * L * eta / a
    + 2 ** (1 + 1 / p) * sigma * a ** ((p - 1) / p)
    + L * eta / 2
)

NSGDM = Claim(
    id="liu2024.nsgdm_derived",
    says="normalised SGD with momentum: the mean gradient norm under noise with a p-th moment, for every a and eta",
    source="ratelab, own derivation; after Liu, Zhou, ICLR 2025, arXiv 2412.19529, and Cutkosky, Mehta, ICML 2020",
    standing=Standing.DERIVED,
    kind=Kind.UPPER,
    metric="mean of E ||grad f|| over the first T points",
    metric_units=GRADIENT,
    symbols=SYMBOLS,
    assumptions=(),
    bound=BOUND,
    limits=(Limit("no noise", sigma, sp.Integer(0), Delta / (eta * T) + 2 * L * eta / a + L * eta / 2),),
    steps=(
        *normalised.descent(OVER),
        Induction("the error without the later noise is at most (1 - a)^n sigma + L eta/a",
                  base=Inequality("the first", E, "<=", sigma + L * eta / a, OVER, (E <= sigma,)),
                  step=Inequality("the next, grad f moves by L eta at most", (1 - a) * (E + L * eta), "<=",
                                  (1 - a) ** (n + 1) * sigma + L * eta / a, OVER,
                                  (E <= (1 - a) ** n * sigma + L * eta / a,))),
        SumBound("the first error's weights", (1 - a) ** n, n, "==", (1 - (1 - a) ** (n + 1)) / a, OVER),
        Inequality("(1 - a)^p <= 1 - a", q * q**s, "<=", q, OVER),
        SumBound("the noise's weights (1-a)^i, to the p-th power, with w = (1-a)^p", w**n, n, "==",
                 (1 - w ** (n + 1)) / (1 - w), OVER),
        Inequality("times a^p, they add up to at most a^(p-1)", a**s * a / (1 - w), "<=", a**s, OVER, (w <= 1 - a,)),
        Identity("so the noise has at most, by von Bahr and Esseen's E ||sum||^p <= 2 sigma^p sum w^p, the mean",
                 2 ** (1 / p) * (a ** (p - 1)) ** (1 / p) * sigma, NOISE, OVER),
        Inequality("all errors together", errors, "<=", sigma / a + T * (L * eta / a + noise), OVER,
                   (errors <= sigma * (1 - (1 - a) ** T) / a + T * (L * eta / a + noise),)),
        Inequality("over T steps", mean, "<=", BOUND, OVER,
                   (eta * T * mean <= Delta + 2 * eta * errors + T * L * eta**2 / 2,
                    errors <= sigma / a + T * (L * eta / a + noise), sp.Eq(noise, NOISE))),
    ),
    experiments=runs.heavy(),
    broken_by=runs.heavy_broken(),
)  # fmt: skip
