"""Nguyen, Nguyen, Ene, Nguyen on clipped SGD with high probability: arXiv 2302.05437 and 2304.01119 (2023).

x+ = x - eta clip(g, tau). Here E ||g||^p <= G0^p, 1 < p <= 2, a raw moment instead of the papers' central one; the
orders are the papers', constants and proofs the lab's. A clipped gradient has bias at most G0^p tau^(1-p) and second
moment at most G0^p tau^(2-p). ell = log(2/delta) and Freedman's inequality, P(sum >= b) <= exp(-b^2/(2 V + 2 c b/3)),
twice; sqrt(2 ell) <= 1/2 + ell. k = (tau/G0)^(p-1), s = tau/G0.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, LENGTH, OBJECTIVE, PURE, Claim, Kind, Limit, Quantity, Rate, Standing, Units
from proofs_check.goal import FRACTION, NONNEGATIVE, POSITIVE
from proofs_check.instances import clipped as runs
from proofs_check.steps import Identity, Inequality
from proofs_check.symbols import HORIZON, SQUARED_GRADIENT, T

D, G0, p, delta, tau, eta, L, h = sp.symbols("D G_0 p delta tau eta L h", positive=True)
ell, V, c, b, v, k, s = sp.symbols("ell V c b v k s", positive=True)
mean, steps, drift, noise, bias, u = sp.symbols("mean Q A M B u", nonnegative=True)

MOMENT = (
    Quantity(G0, POSITIVE, GRADIENT, "the gradients' p-th moment is at most G0^p"),
    Quantity(p, sp.Interval.Lopen(1, 2), PURE, "order of the bounded moment"),
    Quantity(delta, FRACTION, PURE, "probability of failure"),
)
FREEDMAN = (
    Quantity(V, POSITIVE, PURE, "root of the sum of the variances"),
    Quantity(c, POSITIVE, PURE, "largest term"),
    Quantity(b, POSITIVE, PURE, "bound on the sum"),
    Quantity(v, POSITIVE, PURE, "sqrt(2 ell)"),
    Quantity(ell, POSITIVE, PURE, "log(2/delta)"),
)
CONVEX_SYMBOLS = (HORIZON, Quantity(D, POSITIVE, LENGTH, "diameter of the domain"), *MOMENT)
CONVEX_OVER = (
    *CONVEX_SYMBOLS,
    *FREEDMAN,
    Quantity(tau, POSITIVE, GRADIENT, "threshold"),
    Quantity(eta, POSITIVE, Units(F=-1, X=2), "step size"),
    Quantity(mean, NONNEGATIVE, OBJECTIVE, "f(mean of the points) - f*"),
    *(Quantity(e, NONNEGATIVE, OBJECTIVE, "a part of the regret") for e in (drift, noise, bias)),
    Quantity(steps, NONNEGATIVE, SQUARED_GRADIENT, "sum of ||clip(g, tau)||^2"),
)
CERTAIN = Inequality("Freedman's exponent is at least ell at b = sqrt(2 ell V^2) + 2/3 c ell", b**2, ">=",
                     ell * (2 * V**2 + sp.Rational(2, 3) * c * b), FREEDMAN,
                     (sp.Eq(b, V * v + sp.Rational(2, 3) * c * ell), sp.Eq(ell, v**2 / 2)))  # fmt: skip
ROOT = Inequality("where sqrt(2 ell) <= 1/2 + ell", v, "<=", sp.Rational(1, 2) + v**2 / 2, FREEDMAN)
FACTOR = sp.Rational(11, 4) + sp.Rational(19, 6) * ell
CONVEX_BOUND = G0 * D * T ** (1 / p - 1) * (sp.Rational(11, 4) + sp.Rational(19, 6) * sp.log(2 / delta))

CONVEX = Claim(
    id="nguyen2023.convex",
    says="projected clipped SGD on a convex f: T^(1/p - 1) log(1/delta) with probability 1 - delta",
    source="ratelab, own derivation for a bounded domain and a raw moment; after Nguyen et al., arXiv 2302.05437",
    standing=Standing.DERIVED,
    kind=Kind.UPPER,
    metric="f(mean of the first T points) - f*, with probability 1 - delta",
    metric_units=OBJECTIVE,
    symbols=CONVEX_SYMBOLS,
    assumptions=(),
    bound=CONVEX_BOUND,
    rate=Rate(1 / p - 1),
    limits=(Limit("on one point", D, sp.Integer(0), sp.Integer(0)),),
    steps=(
        Identity("tau = G0 T^(1/p): the bias of all T gradients, T G0^p tau^(1-p), is tau",
                 T * G0 * (T ** (1 / p)) ** (1 - p), G0 * T ** (1 / p), CONVEX_OVER),
        Identity("and their second moments, T G0^p tau^(2-p), add up to tau^2", T * G0**2 * (T ** (1 / p)) ** (2 - p),
                 (G0 * T ** (1 / p)) ** 2, CONVEX_OVER),
        CERTAIN,
        ROOT,
        Inequality("the squared steps: V^2 = tau^4, c = tau^2", steps, "<=",
                   tau**2 * (sp.Rational(3, 2) + sp.Rational(5, 3) * ell), CONVEX_OVER,
                   (steps <= tau**2 + tau**2 * v + sp.Rational(2, 3) * tau**2 * ell, v <= sp.Rational(1, 2) + ell)),
        Inequality("the noise times x_t - x*: V^2 = tau^2 D^2, c = 2 tau D", noise, "<=",
                   tau * D * (sp.Rational(1, 2) + sp.Rational(7, 3) * ell), CONVEX_OVER,
                   (noise <= tau * D * v + sp.Rational(4, 3) * tau * D * ell, v <= sp.Rational(1, 2) + ell)),
        Inequality("the regret of the clipped gradients, with eta = D/tau", drift, "<=",
                   tau * D * (sp.Rational(5, 4) + sp.Rational(5, 6) * ell), CONVEX_OVER,
                   (drift <= D**2 / (2 * eta) + eta * steps / 2, sp.Eq(eta, D / tau),
                    steps <= tau**2 * (sp.Rational(3, 2) + sp.Rational(5, 3) * ell))),
        Inequality("all parts, by convexity", mean, "<=", tau * D * FACTOR / T, CONVEX_OVER,
                   (T * mean <= drift + noise + bias, bias <= tau * D,
                    drift <= tau * D * (sp.Rational(5, 4) + sp.Rational(5, 6) * ell),
                    noise <= tau * D * (sp.Rational(1, 2) + sp.Rational(7, 3) * ell))),
        Identity("which is", tau * D * FACTOR / T, CONVEX_BOUND, CONVEX_OVER,
                 (sp.Eq(tau, G0 * T ** (1 / p)), sp.Eq(ell, sp.log(2 / delta)))),
    ),
    experiments=runs.bounded(),
    broken_by=runs.bounded_broken(),
)  # fmt: skip

SMOOTH_SYMBOLS = (HORIZON, Quantity(h, POSITIVE, GRADIENT, "sqrt(L Delta), Delta = f(x_0) - inf f"), *MOMENT)
SMOOTH_OVER = (
    *SMOOTH_SYMBOLS,
    *FREEDMAN,
    Quantity(u, NONNEGATIVE, GRADIENT, "||grad f||"),
    Quantity(L, POSITIVE, Units(F=1, X=-2), "smoothness"),
    Quantity(eta, POSITIVE, Units(F=-1, X=2), "step size"),
    *(Quantity(e, sp.Interval(1, sp.oo), PURE, "tau/G0, and its power p-1") for e in (s, k)),
    *(Quantity(e, NONNEGATIVE, SQUARED_GRADIENT, "mean over T steps of a part of the descent")
      for e in (mean, steps, drift, noise, bias)),
)  # fmt: skip
HORIZON_IS = sp.Eq(T, k**3 * s)
SMOOTH_PARTS = h * G0 * (sp.Rational(7, 2) + sp.Rational(5, 3) * ell) + G0**2 * (2 + sp.Rational(14, 3) * ell)
SMOOTH_BOUND = T ** ((2 - 2 * p) / (3 * p - 2)) * SMOOTH_PARTS.subs(ell, sp.log(2 / delta))

NONCONVEX = Claim(
    id="nguyen2023.nonconvex",
    says="clipped SGD on a smooth f: mean ||grad f||^2 of the order T^((2-2p)/(3p-2)) log(1/delta)",
    source="ratelab, own derivation for a raw moment; after Nguyen et al., arXiv 2302.05437 and 2304.01119",
    standing=Standing.DERIVED,
    kind=Kind.UPPER,
    metric="mean of ||grad f||^2 over the first T points, with probability 1 - delta",
    metric_units=SQUARED_GRADIENT,
    symbols=SMOOTH_SYMBOLS,
    assumptions=(),
    bound=SMOOTH_BOUND,
    rate=Rate((2 - 2 * p) / (3 * p - 2)),
    limits=(Limit("from a minimiser", h, sp.Integer(0), SMOOTH_BOUND.subs(h, 0)),),
    steps=(
        Identity("the exponents of k^3 s = T, where tau = G0 T^(1/(3p-2))", 3 * (p - 1) / (3 * p - 2) + 1 / (3 * p - 2),
                 sp.Integer(1), SMOOTH_OVER),
        CERTAIN,
        ROOT,
        Inequality("the squared steps: V^2 = T G0^4 s^3/k, c = G0^2 s^2", steps, "<=",
                   G0**2 * s / k * (sp.Rational(3, 2) + sp.Rational(5, 3) * ell), SMOOTH_OVER,
                   (steps <= G0**2 * (s / k + v * s / k**2 + sp.Rational(2, 3) * ell * s**2 / T), HORIZON_IS,
                    v <= sp.Rational(1, 2) + ell)),
        Inequality("the noise times grad f: V^2 = T G0^4 s/k, c = 2 G0^2 s", noise, "<=",
                   G0**2 / k**2 * (sp.Rational(1, 2) + sp.Rational(7, 3) * ell), SMOOTH_OVER,
                   (noise <= G0**2 * (v / k**2 + sp.Rational(4, 3) * ell * s / T), HORIZON_IS,
                    v <= sp.Rational(1, 2) + ell)),
        Inequality("the bias, ||E clip g - grad f|| <= G0/k, times ||grad f|| = u", u * G0 / k, "<=",
                   u**2 / 2 + G0**2 / (2 * k**2), SMOOTH_OVER),
        Inequality("the descent: Delta/(eta T) and the steps' share, with eta = h/(L G0 k s), Delta = h^2/L",
                   h**2 / (L * eta * T) + L * eta / 2 * steps, "<=", h * G0 / k**2 * (sp.Rational(7,
                   4) + sp.Rational(5, 6) * ell),
                   SMOOTH_OVER, (sp.Eq(eta, h / (L * G0 * k * s)), HORIZON_IS,
                                 steps <= G0**2 * s / k * (sp.Rational(3, 2) + sp.Rational(5, 3) * ell))),
        Inequality("all parts", mean, "<=", SMOOTH_PARTS / k**2, SMOOTH_OVER,
                   (mean <= h * G0 / k**2 * (sp.Rational(7, 4) + sp.Rational(5, 6) * ell) + drift + noise,
                    drift <= mean / 2 + G0**2 / (2 * k**2),
                    noise <= G0**2 / k**2 * (sp.Rational(1, 2) + sp.Rational(7, 3) * ell))),
        Identity("which is, k^2 = T^((2p-2)/(3p-2))", SMOOTH_PARTS / k**2, SMOOTH_BOUND, SMOOTH_OVER,
                 (sp.Eq(k, T ** ((p - 1) / (3 * p - 2))), sp.Eq(ell, sp.log(2 / delta)))),
    ),
    experiments=runs.flat(),
    broken_by=runs.flat_broken(),
)  # fmt: skip
