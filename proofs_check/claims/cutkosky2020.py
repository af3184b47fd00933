"""A. Cutkosky, H. Mehta, "Momentum improves normalized SGD", ICML 2020, arXiv 2002.03305: noise of bounded variance.

x+ = x - eta m/||m||, m_0 = g_0, m_t = (1 - a) m_{t-1} + a g_t; f is L-smooth, E ||g - grad f||^2 <= sigma^2. The
order is the paper's, with a = min(1, sqrt(L Delta/T)/sigma) and eta = sqrt(Delta a/(2.5 L T)); constants and proof
are the lab's. G = ||grad f||, M = ||m||, E = ||m - grad f||; w^4 = L Delta/T, z^2 = sigma.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, PURE, Claim, Kind, Limit, Quantity, Rate, Standing, Units
from proofs_check import normalised_steps as normalised
from proofs_check.goal import COUNT0, NONNEGATIVE, POSITIVE
from proofs_check.instances import normalised as runs
from proofs_check.normalised_steps import Delta, E, L, eta, mean
from proofs_check.sequences import Induction, SumBound
from proofs_check.steps import Chain, Identity, Inequality
from proofs_check.symbols import HORIZON, T

ROOT_GRADIENT = Units(F=0.5, X=-0.5)
sigma, a, w, z = sp.symbols("sigma a w z", positive=True)
errors = sp.Symbol("errors", nonnegative=True)
n = sp.Symbol("n", integer=True, nonnegative=True)

SYMBOLS = (
    HORIZON,
    normalised.SMOOTH,
    normalised.GAP,
    Quantity(sigma, POSITIVE, GRADIENT, "standard deviation of the noise"),
)
OVER = (
    *SYMBOLS,
    normalised.STEP,
    Quantity(a, sp.Interval.Lopen(0, 1), PURE, "weight of the new gradient in the momentum"),
    *normalised.NORMS,
    Quantity(errors, NONNEGATIVE, GRADIENT, "sum of E ||m - grad f|| over T steps"),
    *normalised.along(),
    *normalised.VALUES,
    Quantity(n, COUNT0, PURE, "steps done"),
    *(Quantity(e, POSITIVE, ROOT_GRADIENT, "root of sigma, fourth root of L Delta/T") for e in (w, z)),
)
ANY = Delta / (eta * T) + 2 * sigma / (a * T) + sp.Rational(5, 2) * L * eta / a + 2 * sigma * sp.sqrt(a)
BEST = 2 * sp.sqrt(sp.Rational(5, 2) * L * Delta / (a * T)) + 2 * sigma / (a * T) + 2 * sigma * sp.sqrt(a)
ROOTS = sp.Rational(36, 5) * w**2 + sp.Rational(26, 5) * w * z + 2 * z**4 / (w**2 * T)
BOUND = (
    sp.Rational(36, 5) * sp.sqrt(L * Delta / T)
    + sp.Rational(26, 5) * sp.sqrt(sigma) * (L * Delta / T) ** sp.Rational(1, 4)
    + 2 * sigma**2 / sp.sqrt(L * Delta * T)
)
STEP = sp.Eq(eta, sp.sqrt(2 * Delta * a / (5 * L * T)))

NSGDM = Claim(
    id="cutkosky2020.nsgdm",
    says="normalised SGD with momentum under a bounded variance: T^(-1/4) without large batches",
    source="ratelab, own derivation of the constants; after Cutkosky, Mehta, ICML 2020, arXiv 2002.03305",
    standing=Standing.DERIVED,
    kind=Kind.UPPER,
    metric="mean of E ||grad f|| over the first T points",
    metric_units=GRADIENT,
    symbols=SYMBOLS,
    assumptions=(),
    bound=BOUND,
    rate=Rate(-sp.Rational(1, 4)),
    limits=(Limit("no noise: normalised descent", sigma, sp.Integer(0), sp.Rational(36, 5) * sp.sqrt(L * Delta / T)),),
    steps=(
        *normalised.descent(OVER),
        Induction("the error without the later noise is at most (1 - a)^n sigma + (1 - a) L eta/a",
                  base=Inequality("the first", E, "<=", sigma + (1 - a) * L * eta / a, OVER, (E <= sigma,)),
                  step=Inequality("the next, grad f moves by L eta at most", (1 - a) * (E + L * eta), "<=",
                                  (1 - a) * (1 - a) ** n * sigma + (1 - a) * L * eta / a, OVER,
                                  (E <= (1 - a) ** n * sigma + (1 - a) * L * eta / a,))),
        SumBound("the squared weights of the noise add up to", a**2 * (1 - a) ** (2 * n), n, "==",
                 a * (1 - (1 - a) ** (2 * n + 2)) / (2 - a), OVER),
        Inequality("at most a: its mean is at most sigma sqrt(a)", a / (2 - a), "<=", a, OVER),
        Inequality("over T steps", mean, "<=", ANY, OVER,
                   (eta * T * mean <= Delta + 2 * eta * errors + T * L * eta**2 / 2,
                    errors <= sigma / a + T * ((1 - a) * L * eta / a + sigma * sp.sqrt(a)))),
        Identity("with the best eta", ANY, BEST, OVER, (STEP,)),
        Chain("much noise, a = w^2/z^2 < 1", (BEST.subs({sigma: z**2, L: w**4 * T / Delta, a: w**2 / z**2}), "==",
              (sp.sqrt(10) + 2) * w * z + 2 * z**4 / (w**2 * T), "<=", ROOTS), OVER),
        Chain("little noise, a = 1", (BEST.subs({sigma: z**2, L: w**4 * T / Delta, a: 1}), "<=",
              (sp.sqrt(10) + 4) * w**2, "<=", ROOTS), OVER, (z <= w,)),
        Identity("in either case", ROOTS, BOUND, OVER,
                 (sp.Eq(w, (L * Delta / T) ** sp.Rational(1, 4)), sp.Eq(z, sp.sqrt(sigma)))),
    ),
    experiments=runs.momentum(),
    broken_by=runs.momentum_broken(),
)  # fmt: skip
