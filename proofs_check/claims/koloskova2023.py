"""A. Koloskova, H. Hendrikx, S. Stich, "Revisiting gradient clipping", ICML 2023, arXiv 2305.01588: both of its sides.

x+ = x - eta clip(g, c). Without noise f is (L0, L1)-smooth, g = ||grad f||, r = eta min(g, c) is the step's length
and E = exp(L1 r). With noise f(x) = x^2/2 and xi = sigma/s with probability p = s^2/(1 + s^2), else -sigma s. The
orders are the paper's; the constants and their proofs are the lab's.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import GRADIENT, OBJECTIVE, PURE, Claim, Kind, Limit, Quantity, Rate, Standing, Units
from proofs_check.goal import NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances import koloskova2023 as runs
from proofs_check.steps import Chain, Identity, Inequality, Optimum
from proofs_check.symbols import HORIZON, T

STEP_SIZE, SMOOTHNESS = Units(F=-1, X=2), Units(F=1, X=-2)
eta, c, L, L0, L1, Delta, g, sigma, E = sp.symbols("eta c L L_0 L_1 Delta g sigma E", positive=True)
f0, f1, x = sp.symbols("f_0 f_1 x", real=True)
m, w, dev, s, bias = sp.symbols("m w u s bias", nonnegative=True)

CLIPPED = (
    HORIZON,
    Quantity(eta, POSITIVE, STEP_SIZE, "step size"),
    Quantity(c, POSITIVE, GRADIENT, "threshold"),
    Quantity(Delta, POSITIVE, OBJECTIVE, "f(x_0) - inf f"),
)
GENERALISED = (
    *CLIPPED,
    Quantity(L0, POSITIVE, SMOOTHNESS, "L0 of (L0, L1)-smoothness"),
    Quantity(L1, POSITIVE, Units(X=-1), "L1 of (L0, L1)-smoothness"),
)
SMOOTH = (*CLIPPED, Quantity(L, POSITIVE, SMOOTHNESS, "smoothness"))
STEP = (
    Quantity(g, POSITIVE, GRADIENT, "||grad f(x)||"),
    Quantity(m, NONNEGATIVE, GRADIENT, "the smallest ||grad f|| of the first T points"),
    Quantity(w, sp.Interval(0, sp.Rational(1, 9)), PURE, "L1 times the step's length"),
    Quantity(E, POSITIVE, PURE, "exp(L1 r), the growth of the curvature along the step"),
    *(Quantity(e, REAL, OBJECTIVE, "f at x and at x+") for e in (f0, f1)),
)
NOISE = (
    Quantity(sigma, POSITIVE, GRADIENT, "standard deviation of the noise"),
    Quantity(c, POSITIVE, GRADIENT, "threshold"),
)
LAW = (
    *NOISE,
    Quantity(s, sp.Interval.Lopen(0, 1), PURE, "shape of the two-point noise"),
    Quantity(x, REAL, GRADIENT, "gradient at the point, which is x"),
)

SMALL = 9 * eta * (L0 + c * L1) <= 1
KEPT = sp.Rational(93, 100)
SLOW, FAR = sp.sqrt(Delta / (KEPT * eta * T)), Delta / (KEPT * eta * c * T)
SLOW2, FAR2 = sp.sqrt(2 * Delta / (eta * T)), 2 * Delta / (eta * c * T)

DET_UPPER = Claim(
    id="koloskova2023.det_upper",
    says="clipped gradient descent with eta <= 1/(9 (L0 + c L1)): the threshold only matters at the order 1/T",
    source="ratelab, own derivation of the constants; after Koloskova, Hendrikx, Stich, ICML 2023, arXiv 2305.01588",
    standing=Standing.DERIVED,
    kind=Kind.UPPER,
    metric="smallest gradient norm of the first T points",
    metric_units=GRADIENT,
    symbols=GENERALISED,
    assumptions=(SMALL,),
    bound=sp.Max(SLOW, FAR),
    rate=Rate(-sp.Rational(1, 2)),
    steps=(
        Inequality("a step is at most 1/(9 L1) long", L1 * eta * c, "<=", sp.Rational(1, 9), GENERALISED, (SMALL,)),
        Inequality("so the curvature grows along it by less than 12%", w, "<=", sp.log(sp.Rational(28, 25)), STEP),
        Inequality("descent where the gradient is not clipped, r = eta g", f1, "<=", f0 - KEPT * eta * g**2,
                   (*GENERALISED, *STEP),
                   (SMALL, g <= c, E <= sp.Rational(28, 25),
                   f1 <= f0 - eta * g**2 + E * (L0 + L1 * g) * eta**2 * g**2 / 2)),
        Inequality("where it is, the curvature still grows no faster than the gradient", c * (L0 + L1 * g), "<=",
                   g * (L0 + c * L1), (*GENERALISED, *STEP), (g >= c,)),
        Inequality("descent where it is clipped, r = eta c", f1, "<=", f0 - KEPT * eta * c * g, (*GENERALISED, *STEP),
                   (9 * eta * c * (L0 + L1 * g) <= g, E <= sp.Rational(28, 25),
                    f1 <= f0 - eta * c * g + E * (L0 + L1 * g) * eta**2 * c**2 / 2)),
        Inequality("T steps descend by Delta at most", m, "<=", sp.Max(SLOW, FAR), (*CLIPPED, *STEP),
                   (KEPT * eta * T * m * sp.Min(m, c) <= Delta,)),
    ),
    experiments=runs.generalised(sp.Max(SLOW, FAR) ** 2),
    broken_by=runs.generalised_broken(sp.Max(SLOW, FAR) ** 2),
)  # fmt: skip

DET_UPPER_SMOOTH = Claim(
    id="koloskova2023.det_upper_smooth",
    says="clipped gradient descent on an L-smooth function with eta <= 1/L",
    source="ratelab, own derivation of the constants; after Koloskova, Hendrikx, Stich, ICML 2023, arXiv 2305.01588",
    standing=Standing.DERIVED,
    kind=Kind.UPPER,
    metric="smallest gradient norm of the first T points",
    metric_units=GRADIENT,
    symbols=SMOOTH,
    assumptions=(eta * L <= 1,),
    bound=sp.Max(SLOW2, FAR2),
    rate=Rate(-sp.Rational(1, 2)),
    steps=(
        Inequality("descent where the gradient is not clipped", f1, "<=", f0 - eta * g**2 / 2, (*SMOOTH, *STEP),
                   (eta * L <= 1, f1 <= f0 - eta * g**2 + L * eta**2 * g**2 / 2)),
        Inequality("descent where it is", f1, "<=", f0 - eta * c * g / 2, (*SMOOTH, *STEP),
                   (eta * L <= 1, g >= c, f1 <= f0 - eta * c * g + L * eta**2 * c**2 / 2)),
        Inequality("T steps descend by Delta at most", m, "<=", sp.Max(SLOW2, FAR2), (*CLIPPED, *STEP),
                   (eta * T * m * sp.Min(m, c) / 2 <= Delta,)),
    ),
    experiments=runs.smooth(sp.Max(SLOW2, FAR2) ** 2),
    broken_by=runs.smooth_broken(sp.Max(SLOW2, FAR2) ** 2),
)  # fmt: skip

p = s**2 / (1 + s**2)
POINT = sigma * s - c * s**2

FIXED_POINT = Claim(
    id="koloskova2023.bias_fixed_point",
    says="on x^2/2 with two-point noise the clipped gradient has mean 0 at sigma s - c s^2, and not at the minimum",
    source="ratelab, own derivation; after the lower bound of Koloskova, Hendrikx, Stich, ICML 2023, arXiv 2305.01588",
    standing=Standing.DERIVED,
    kind=Kind.EXACT,
    metric="gradient at the point to which clipped SGD goes",
    metric_units=GRADIENT,
    symbols=LAW[:3],
    assumptions=(c * s <= sigma,),
    bound=POINT,
    limits=(
        Limit("no asymmetry, no bias", s, sp.Integer(0), sp.Integer(0)),
        Limit("at the largest threshold that clips, sigma/s, there is none either", c, sigma / s, sp.Integer(0)),
    ),
    steps=(
        Identity("the noise has mean 0", p * sigma / s - (1 - p) * sigma * s, sp.Integer(0), LAW),
        Identity("and variance sigma^2", p * (sigma / s) ** 2 + (1 - p) * (sigma * s) ** 2, sigma**2, LAW),
        Inequality("at the point the high value is clipped to c", POINT + sigma / s, ">=", c, LAW, (c * s <= sigma,)),
        Identity("the low one gives -c s^2,", POINT - sigma * s, -c * s**2, LAW),
        Inequality("which is not clipped", -c * s**2, ">=", -c, LAW),
        Identity("as long as this is so, the clipped gradient has mean", p * c + (1 - p) * (x - sigma * s),
                 (1 - p) * (x - POINT), LAW),
        Identity("which vanishes only at", sigma * s - c * p / (1 - p), POINT, LAW),
    ),
    experiments=runs.fixed_point(),
    broken_by=runs.fixed_point_broken(),
)  # fmt: skip

BEST = sp.Min(1, sigma / (2 * c))

BIAS_LOWER = Claim(
    id="koloskova2023.bias_lb",
    says="some noise of variance sigma^2 keeps clipped SGD at a gradient of a quarter of min(sigma, sigma^2/c)",
    source="ratelab, own derivation of the constant; after Koloskova, Hendrikx, Stich, ICML 2023, arXiv 2305.01588",
    standing=Standing.DERIVED,
    kind=Kind.LOWER,
    metric="largest gradient at a point to which clipped SGD goes",
    metric_units=GRADIENT,
    symbols=NOISE,
    assumptions=(),
    bound=sp.Min(sigma, sigma**2 / c) / 4,
    steps=(
        Identity("the point at which the clipped gradient has mean 0", p * c + (1 - p) * (POINT - sigma * s),
                 sp.Integer(0), LAW),
        Optimum("for sigma <= 2c the worst shape is s = sigma/(2c)", POINT, s, sigma / (2 * c), sigma**2 / (4 * c), LAW,
                (sigma <= 2 * c,), largest=True),
        Inequality("which the noise then allows: c s <= sigma", c * BEST, "<=", sigma, LAW),
        Inequality("and with s = 1 beyond, the bias is at least", sigma * BEST - c * BEST**2, ">=",
                   sp.Min(sigma, sigma**2 / c) / 4, NOISE),
    ),
    experiments=runs.not_below(),
    broken_by=runs.not_below_broken(),
)  # fmt: skip

BIAS_UPPER = Claim(
    id="koloskova2023.bias_ub",
    says="clipped SGD comes to rest (mean clipped gradient 0) only where ||grad f|| <= sigma^2/(2c), or above c/2",
    source="ratelab, own derivation of the constant; after Koloskova, Hendrikx, Stich, ICML 2023, arXiv 2305.01588",
    standing=Standing.DERIVED,
    kind=Kind.UPPER,
    metric="gradient norm where the mean clipped gradient is 0",
    metric_units=GRADIENT,
    symbols=NOISE,
    assumptions=(),
    bound=sigma**2 / (2 * c),
    limits=(Limit("without clipping there is no bias", c, sp.oo, sp.Integer(0)),),
    steps=(
        Inequality("||g - clip g|| = ||g|| - c, with ||g|| <= ||grad f|| + u and ||grad f|| <= c/2", x - c, "<=",
                   dev - c / 2, (*LAW, *STEP, Quantity(dev, NONNEGATIVE, GRADIENT, "||g - grad f||")),
                   (x <= g + dev, g <= c / 2)),
        Inequality("is at most a square, which also covers what is not clipped", dev - c / 2, "<=", dev**2 / (2 * c),
                   (*NOISE, Quantity(dev, NONNEGATIVE, GRADIENT, "||g - grad f||"))),
        Chain("at rest ||grad f|| is the bias, whose mean is bounded by that of the square",
              (bias, "<=", dev / (2 * c), "<=", sigma**2 / (2 * c)),
              (*NOISE, Quantity(bias, NONNEGATIVE, GRADIENT, "||E clip g - grad f||"),
               Quantity(dev, NONNEGATIVE, Units(F=2, X=-2), "E ||g - grad f||^2")),
              (2 * c * bias <= dev, dev <= sigma**2)),
    ),
    experiments=runs.not_above(),
    broken_by=runs.not_above_broken(),
)  # fmt: skip
