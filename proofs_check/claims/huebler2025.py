"""F. Huebler, I. Fatkhullin, N. He, "From gradient clipping to normalization for heavy tailed SGD", AISTATS 2025.

arXiv 2410.13849. x+ = x - eta gbar/||gbar||, gbar the mean of B gradients, f L-smooth, E ||g - grad f||^p <= sigma^p.
The orders are the paper's, constants and proofs the lab's. The floor: f = x^2/2, noise A with probability q, else -q
A/(1 - q), with (1 - q)^B = 3/4; rho = q/(1 - q), z = rho^p.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, PURE, Claim, Kind, Limit, Quantity, Rate, Standing
from proofs_check import normalised_steps as normalised
from proofs_check.goal import COUNT, COUNT0, FRACTION, NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances import normalised as runs
from proofs_check.normalised_steps import Delta, L, eta, mean
from proofs_check.sequences import Induction
from proofs_check.steps import Identity, Inequality, Optimum
from proofs_check.symbols import HORIZON, T

sigma, p, A, q, rho, z, y, r = sp.symbols("sigma p A q rho z y r", positive=True)
B = sp.Symbol("B", integer=True, positive=True)
n = sp.Symbol("n", integer=True, nonnegative=True)
noise = sp.Symbol("nu", nonnegative=True)
x = sp.Symbol("x", real=True)

NOISE = (
    Quantity(B, COUNT, PURE, "batch size"),
    Quantity(sigma, POSITIVE, GRADIENT, "the noise's p-th moment is at most sigma^p"),
    Quantity(p, sp.Interval.Lopen(1, 2), PURE, "order of the bounded moment"),
)
SYMBOLS = (
    HORIZON,
    normalised.SMOOTH,
    normalised.GAP,
    *NOISE,
)
OVER = (
    *SYMBOLS,
    normalised.STEP,
    *normalised.NORMS,
    Quantity(noise, NONNEGATIVE, GRADIENT, "a norm, or the mean of one"),
    *normalised.along("gbar"),
    *normalised.VALUES,
)
AVERAGED = 2 ** (1 + 1 / p) * sigma * B ** (-(p - 1) / p)
BOUND = sp.sqrt(2 * Delta * L / T) + AVERAGED
STEPS = Delta / (eta * T) + L * eta / 2

MINIBATCH = Claim(
    id="huebler2025.nsgd_minibatch",
    says="normalised SGD with batches of B: the noise falls like B^(-(p-1)/p)",
    source="ratelab, own derivation of the constants; after Huebler, Fatkhullin, He, AISTATS 2025, arXiv 2410.13849",
    standing=Standing.DERIVED,
    kind=Kind.UPPER,
    metric="mean of E ||grad f|| over the first T points",
    metric_units=GRADIENT,
    symbols=SYMBOLS,
    assumptions=(),
    bound=BOUND,
    rate=Rate(sp.Integer(0)),
    limits=(
        Limit("no noise: normalised descent", sigma, sp.Integer(0), sp.sqrt(2 * Delta * L / T)),
    ),
    steps=(
        *normalised.descent(OVER, "gbar = grad f + error"),
        Identity("the mean of B errors, by von Bahr and Esseen's E ||sum||^p <= 2 B sigma^p",
                 2 ** (1 / p) * (B ** (1 - p)) ** (1 / p) * sigma, AVERAGED / 2, OVER),
        Inequality("over T steps", mean, "<=", STEPS + AVERAGED, OVER,
                   (eta * T * mean <= Delta + 2 * eta * T * noise + T * L * eta**2 / 2, sp.Eq(noise, AVERAGED / 2))),
        Optimum("the best step", STEPS, eta, sp.sqrt(2 * Delta / (L * T)), sp.sqrt(2 * Delta * L / T), OVER),
        Identity("so the bound is", (STEPS + AVERAGED).subs(eta, sp.sqrt(2 * Delta / (L * T))), BOUND, OVER),
    ),
    experiments=runs.minibatch(),
    broken_by=runs.minibatch_broken(),
)  # fmt: skip

FLOOR_OVER = (
    *NOISE,
    Quantity(q, sp.Interval.Lopen(0, sp.Rational(1, 4)), PURE, "probability of the high value"),
    Quantity(A, POSITIVE, GRADIENT, "the high value"),
    Quantity(rho, POSITIVE, PURE, "q/(1 - q)"),
    Quantity(z, POSITIVE, PURE, "rho^p"),
    Quantity(y, FRACTION, PURE, "a number in (0, 1)"),
    Quantity(r, sp.Interval(1, sp.oo), PURE, "4 B q"),
    Quantity(n, COUNT0, PURE, "number of factors"),
    Quantity(x, REAL, GRADIENT, "the point, which is its gradient"),
)
FLOOR = sigma * 2 ** (-1 / p) * (4 * B) ** (-(p - 1) / p)

MINIBATCH_FLOOR = Claim(
    id="huebler2025.nsgd_minibatch_floor",
    says="with batches of B normalised SGD goes, on some noise, to a gradient of the order B^(-(p-1)/p), whatever eta",
    source="ratelab, own derivation; after the tightness result of Huebler, Fatkhullin, He, AISTATS 2025",
    standing=Standing.DERIVED,
    kind=Kind.LOWER,
    metric="gradient at the point to which normalised SGD goes",
    metric_units=GRADIENT,
    symbols=NOISE,
    assumptions=(),
    bound=FLOOR,
    limits=(Limit("p = 2", p, sp.Integer(2), sigma / (2 * sp.sqrt(2) * sp.sqrt(B))),),
    steps=(
        Identity("the noise has mean 0", q * A - (1 - q) * (q * A / (1 - q)), sp.Integer(0), FLOOR_OVER),
        Induction("Bernoulli: (1 - y)^n >= 1 - n y",
                  base=Inequality("no factor", (1 - y) ** 0, ">=", sp.Integer(1), FLOOR_OVER),
                  step=Inequality("one more", (1 - y) * (1 - y) ** n, ">=", 1 - (n + 1) * y, FLOOR_OVER,
                                  ((1 - y) ** n >= 1 - n * y,))),
        Inequality("so the high value is not too rare, (1 - q)^B = 3/4", q, ">=", 1 / (4 * B), FLOOR_OVER,
                   (sp.Rational(3, 4) >= 1 - B * q,)),
        Inequality("a batch without it has the sign of x - q A/(1 - q): that sign has the probability 3/4 at least, and"
                   " decides the mean step", sp.Rational(3, 4) - sp.Rational(1, 4), ">", sp.Integer(0), FLOOR_OVER),
        Inequality("with rho <= 1, E |noise|^p = A^p (q + (1 - q) z) is at most", q + (1 - q) * z, "<=", 2 * q,
                   FLOOR_OVER,
                   (z <= rho, sp.Eq(rho, q / (1 - q)))),
        Inequality("so the p-th power of the floor q A/(1 - q), where E |noise|^p = sigma^p, is at least",
                   z / (q + (1 - q) * z), ">=", q ** (p - 1) / 2, FLOOR_OVER,
                   (z >= q**p, q + (1 - q) * z <= 2 * q)),
        Inequality("where r = 4 B q >= 1 and so r^(p-1) >= 1", (p - 1) * sp.log(r), ">=", sp.Integer(0), FLOOR_OVER),
        Identity("at r = 1 the root of this is", sigma * 2 ** (-1 / p) * ((4 * B) ** (1 - p)) ** (1 / p), FLOOR,
                 FLOOR_OVER),
    ),
    experiments=runs.floor(),
    broken_by=runs.floor_broken(),
)  # fmt: skip
