"""A. Cutkosky, H. Mehta, "High-probability bounds for non-convex stochastic optimization with heavy tails".

NeurIPS 2021, arXiv 2106.14343. m_0 = 0, m_t = (1 - a) m_{t-1} + a clip(g_t, tau), x+ = x - eta m/||m||; f is
L-smooth, E ||g||^p <= G0^p with 1 < p <= 2 (so ||grad f|| <= G0), tau = G0 a^(-1/p). nu = G0 a^((p-1)/p) = a tau. The
scheme is the paper's, the constants and the proof are the lab's. ell = log(2 T/delta); Freedman's inequality, in
Hilbert space (Pinelis): P(||sum|| >= b) <= 2 exp(-b^2/(2 V + 2 c b/3)), V the sum of the variances, c the largest
term.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, PURE, Claim, Kind, Limit, Quantity, Standing
from proofs_check import normalised_steps as normalised
from proofs_check.goal import COUNT0, FRACTION, NONNEGATIVE, POSITIVE
from proofs_check.instances import normalised as runs
from proofs_check.normalised_steps import Delta, E, L, eta, mean
from proofs_check.sequences import Induction, SumBound
from proofs_check.steps import Identity, Inequality
from proofs_check.symbols import HORIZON, T

G0, a, p, delta = sp.symbols("G_0 a p delta", positive=True)
ell, nu, b, vs = sp.symbols("ell nu b s", positive=True)
errors = sp.Symbol("errors", nonnegative=True)
n = sp.Symbol("n", integer=True, nonnegative=True)

SYMBOLS = (
    HORIZON,
    normalised.STEP,
    Quantity(a, FRACTION, PURE, "weight of the new gradient in the momentum"),
    normalised.SMOOTH,
    normalised.GAP,
    Quantity(G0, POSITIVE, GRADIENT, "the gradients' p-th moment is at most G0^p"),
    Quantity(p, sp.Interval.Lopen(1, 2), PURE, "order of the bounded moment"),
    Quantity(delta, FRACTION, PURE, "probability of failure"),
)
OVER = (
    *SYMBOLS,
    *normalised.NORMS,
    Quantity(errors, NONNEGATIVE, GRADIENT, "sum of ||m - grad f|| over T steps"),
    *normalised.along(),
    *normalised.VALUES,
    Quantity(nu, POSITIVE, GRADIENT, "G0 a^((p-1)/p)"),
    Quantity(ell, POSITIVE, PURE, "log(2 T/delta)"),
    Quantity(b, POSITIVE, GRADIENT, "bound on the norm of the weighted noise"),
    Quantity(vs, POSITIVE, PURE, "sqrt(2 ell)"),
    Quantity(n, COUNT0, PURE, "steps done"),
)
NU = G0 * a ** ((p - 1) / p)
NOISE = 3 + sp.Rational(14, 3) * ell
BOUND = (
    Delta / (eta * T)
    + 2 * G0 / (a * T)
    + 2 * L * eta / a
    + L * eta / 2
    + NU * (3 + sp.Rational(14, 3) * sp.log(2 * T / delta))
)

NORMALISED_CLIPPED = Claim(
    id="cutkosky2021.normalised_clipped",
    says="clipping, momentum and normalisation: the mean gradient norm with probability 1 - delta, for every a and eta",
    source="ratelab, own derivation of the constants; after Cutkosky, Mehta, NeurIPS 2021, arXiv 2106.14343",
    standing=Standing.DERIVED,
    kind=Kind.UPPER,
    metric="mean of ||grad f|| over the first T points, with probability 1 - delta",
    metric_units=GRADIENT,
    symbols=SYMBOLS,
    assumptions=(),
    bound=BOUND,
    limits=(Limit("no gradients", G0, sp.Integer(0), Delta / (eta * T) + 2 * L * eta / a + L * eta / 2),),
    steps=(
        *normalised.descent(OVER),
        Induction("the error without noise and bias is at most (1 - a)^n G0 + L eta/a",
                  base=Inequality("m_0 = 0", E, "<=", G0 + L * eta / a, OVER, (E <= G0,)),
                  step=Inequality("the next, grad f moves by L eta at most", (1 - a) * (E + L * eta), "<=",
                                  (1 - a) * (1 - a) ** n * G0 + L * eta / a, OVER,
                                  (E <= (1 - a) ** n * G0 + L * eta / a,))),
        Identity("clipping's bias is at most G0^p tau^(1-p) = G0 (tau/G0)^(1-p), which is nu",
                 G0 * (a ** (-1 / p)) ** (1 - p), NU, OVER),
        Identity("a clipped gradient weighs at most a tau, which is nu too", a * (G0 * a ** (-1 / p)), NU, OVER),
        SumBound("the squared weights of the noise add up to at most a", a**2 * (1 - a) ** (2 * n), n, "<=",
                 a * (1 - (1 - a) ** (2 * n + 2)), OVER),
        Identity("so the variances add up to at most a G0^p tau^(2-p) = nu^2", a * G0**2 * (a ** (-1 / p)) ** (2 - p),
                 NU**2, OVER),
        Inequality("Freedman's exponent is at least ell at b = nu (sqrt(2 ell) + 4/3 ell), c = 2 nu", b**2, ">=",
                   ell * (2 * nu**2 + sp.Rational(4, 3) * nu * b), OVER,
                   (sp.Eq(b, nu * (vs + sp.Rational(4, 3) * ell)), sp.Eq(ell, vs**2 / 2))),
        Inequality("where sqrt(2 ell) <= 1/2 + ell", vs, "<=", sp.Rational(1, 2) + vs**2 / 2, OVER),
        Inequality("so twice bias and noise, at every one of T steps, are", 2 * (nu + b), "<=", nu * NOISE, OVER,
                   (sp.Eq(b, nu * (vs + sp.Rational(4, 3) * ell)), vs <= sp.Rational(1, 2) + ell)),
        Inequality("over T steps", mean, "<=", Delta / (eta * T) + 2 * G0 / (a * T) + 2 * L * eta / a + L * eta / 2
                   + nu * NOISE, OVER,
                   (eta * T * mean <= Delta + 2 * eta * errors + T * L * eta**2 / 2,
                    2 * errors <= 2 * G0 / a + T * (2 * L * eta / a + nu * NOISE))),
        Identity("which is", Delta / (eta * T) + 2 * G0 / (a * T) + 2 * L * eta / a + L * eta / 2 + nu * NOISE, BOUND,
                 OVER,
                 (sp.Eq(nu, NU), sp.Eq(ell, sp.log(2 * T / delta)))),
    ),
    experiments=runs.clipped(),
    broken_by=runs.clipped_broken(),
)  # fmt: skip
