"""M. Zinkevich, "Online Convex Programming and Generalized Infinitesimal Gradient Ascent", ICML 2003: Theorem 1.

Projected gradient descent with eta_t = D / (G sqrt(t)), with eta_t = a / sqrt(t) and with a constant step; constants as
in F. Orabona, "A Modern Introduction to Online Learning", arXiv 1912.13213. Norms are Euclidean; y is the point
before projection, p = Pi(y), u = x* and dot = <y - p, u - p>, which is <= 0: that is what projection on a convex set
means.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import OBJECTIVE, Claim, Kind, Limit, Quantity, Rate, Standing, Units
from proofs_check import games
from proofs_check.goal import NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances import online as runs, zinkevich2003 as more
from proofs_check.pep import Functions, WorstCase
from proofs_check.sequences import Induction, SumBound
from proofs_check.steps import Chain, Identity, Inequality, Optimum
from proofs_check.symbols import DIAMETER, GRADIENT_BOUND, HORIZON, STEP, D, G, T, t

AREA = Units(X=2)
eta, eta0, a = sp.symbols("eta eta_0 a", positive=True)
dist, later, y_p, size2 = sp.symbols("D_t D_{t+1} y_p g2", nonnegative=True)
dot, inner, drift, noise = sp.symbols("dot inner A B", real=True)

SYMBOLS = (HORIZON, DIAMETER, GRADIENT_BOUND)
SCALE = Quantity(a, POSITIVE, Units(F=-1, X=2), "eta_t = a / sqrt(t); the paper's a is 1", unit_value=True)
OVER = (
    *SYMBOLS,
    SCALE,
    STEP,
    *(Quantity(e, POSITIVE, Units(F=-1, X=2), "step size, now and one step before") for e in (eta, eta0)),
    *(Quantity(e, NONNEGATIVE, AREA, "squared distance") for e in (dist, later, y_p)),
    Quantity(size2, NONNEGATIVE, Units(F=2, X=-2), "squared gradient"),
    Quantity(dot, REAL, AREA, "<y - p, u - p>"),
    Quantity(inner, REAL, OBJECTIVE, "<g_t, x_t - u>"),
    *(Quantity(e, REAL, OBJECTIVE, "a part of the regret") for e in (drift, noise)),
)

ONE_ROUND = (
    Inequality("projection brings x no further from u: |p-u|^2 = |y-u|^2 - |y-p|^2 + 2 <y-p, u-p>",
               dist - y_p + 2 * dot, "<=", dist, OVER, (dot <= 0,)),
    Inequality("so regret is a difference of distances plus a step's length", inner, "<=",
               (dist - later) / (2 * eta) + eta * size2 / 2, OVER,
               (later <= dist - 2 * eta * inner + eta**2 * size2,)),
    Induction("sum (D_t - D_{t+1})/(2 eta_t) + D_{T+1}/(2 eta_T) <= D^2/(2 eta_T)",
              base=Inequality("T = 1", (dist - later) / (2 * eta) + later / (2 * eta), "<=", D**2 / (2 * eta), OVER,
                              (dist <= D**2,)),
              step=Inequality("T to T+1", (dist - later) / (2 * eta) + later / (2 * eta) - dist / (2 * eta0), "<=",
                              D**2 / (2 * eta) - D**2 / (2 * eta0), OVER, (dist <= D**2, eta <= eta0))),
)  # fmt: skip

OGD_DECREASING = Claim(
    id="zinkevich2003.ogd_decreasing",
    says="projected gradient descent with steps D / (G sqrt(t)) has regret at most 3/2 G D sqrt(T)",
    source="Zinkevich, ICML 2003, Theorem 1; constants as in Orabona, arXiv 1912.13213, section 2.1.2",
    kind=Kind.UPPER,
    metric="regret",
    metric_units=OBJECTIVE,
    symbols=SYMBOLS,
    assumptions=(),
    bound=sp.Rational(3, 2) * G * D * sp.sqrt(T),
    rate=Rate(sp.Rational(1, 2)),
    limits=(Limit("nothing to lose on one point", D, sp.Integer(0), sp.Integer(0)),),
    experiments=runs.gradient_descent(),
    broken_by=runs.gradient_descent_broken(),
    steps=(
        *ONE_ROUND,
        Identity("which is", D**2 / (2 * eta), G * D * sp.sqrt(t) / 2, OVER, (sp.Eq(eta, D / (G * sp.sqrt(t))),)),
        SumBound("sum of 1/sqrt(t)", 1 / sp.sqrt(T), T, "<=", 2 * sp.sqrt(T) - 1, (HORIZON,)),
        Inequality("so the steps' lengths add up to at most G D sqrt(T)",
                   D / (G * sp.sqrt(t)) * size2 / 2, "<=", G * D / 2 / sp.sqrt(t), OVER, (size2 <= G**2,)),
        Chain("both parts together", (drift + noise, "<=", G * D * sp.sqrt(T) / 2 + G * D / 2 * (2 * sp.sqrt(T) - 1),
                                      "<=", sp.Rational(3, 2) * G * D * sp.sqrt(T)), OVER,
              (drift <= G * D * sp.sqrt(T) / 2, noise <= G * D / 2 * (2 * sp.sqrt(T) - 1))),
    ),
)  # fmt: skip

OGD_ORIGINAL = Claim(
    id="zinkevich2003.ogd_original",
    says="with steps a / sqrt(t), which need neither D nor G, the regret is at most "
    "D^2 sqrt(T)/(2a) + (sqrt(T) - 1/2) a G^2",
    source="ratelab, own derivation; Theorem 1 of Zinkevich, ICML 2003, is recalled to have this form, at a = 1",
    kind=Kind.UPPER,
    standing=Standing.DERIVED,
    metric="regret",
    metric_units=OBJECTIVE,
    symbols=(*SYMBOLS, SCALE),
    assumptions=(),
    bound=D**2 * sp.sqrt(T) / (2 * a) + (sp.sqrt(T) - sp.Rational(1, 2)) * a * G**2,
    rate=Rate(sp.Rational(1, 2)),
    limits=(Limit("one round is a constant step", T, sp.Integer(1), D**2 / (2 * a) + a * G**2 / 2),),
    experiments=more.original(),
    broken_by=more.original_broken(),
    steps=(
        *ONE_ROUND,
        Identity("which is", D**2 / (2 * eta), D**2 * sp.sqrt(t) / (2 * a), OVER, (sp.Eq(eta, a / sp.sqrt(t)),)),
        SumBound("sum of 1/sqrt(t)", 1 / sp.sqrt(T), T, "<=", 2 * sp.sqrt(T) - 1, (HORIZON,)),
        Optimum("the best a, with 2 sqrt(T) for that sum: D / (sqrt(2) G), and sqrt(2) D G sqrt(T)",
                D**2 * sp.sqrt(T) / (2 * a) + sp.sqrt(T) * a * G**2, a, D / (sp.sqrt(2) * G),
                sp.sqrt(2) * D * G * sp.sqrt(T), OVER),
        Inequality("both parts together", drift + noise, "<=",
                   D**2 * sp.sqrt(T) / (2 * a) + (sp.sqrt(T) - sp.Rational(1, 2)) * a * G**2, OVER,
                   (drift <= D**2 * sp.sqrt(T) / (2 * a), noise <= a * G**2 / 2 * (2 * sp.sqrt(T) - 1))),
    ),
)  # fmt: skip

OGD_CONSTANT = Claim(
    id="zinkevich2003.ogd_const_tight",
    says="with the constant step D / (G sqrt(T)) the regret is at most D G sqrt(T), and no less in general",
    source="Zinkevich, ICML 2003; as restated in Orabona, arXiv 1912.13213, section 2.1.2; that it is attained: own "
    "derivation",
    kind=Kind.TIGHT,
    standing=Standing.RESTATED,
    metric="regret",
    metric_units=OBJECTIVE,
    symbols=SYMBOLS,
    assumptions=(),
    bound=D * G * sp.sqrt(T),
    rate=Rate(sp.Rational(1, 2)),
    limits=(Limit("nothing to lose on one point", D, sp.Integer(0), sp.Integer(0)),),
    experiments=more.constant(),
    broken_by=more.constant_broken(),
    worst_cases=(
        WorstCase("one loss for all T rounds and no constraint, D = G = 1", Functions(lipschitz=1.0),
                  games.subgradient(lambda n: [n**-0.5] * (n - 1)), games.near, games.regret,
                  games.at(D * G * sp.sqrt(T), {D: 1, G: 1})),
    ),
    steps=(
        *ONE_ROUND[:2],
        Induction("summed: the regret is at most (D_1 - D_{T+1})/(2 eta) + T eta G^2/2",
                  base=Inequality("T = 1", inner, "<=", (D**2 - later) / (2 * eta) + eta * G**2 / 2, OVER,
                                  (inner <= (dist - later) / (2 * eta) + eta * size2 / 2, size2 <= G**2, dist <= D**2)),
                  step=Inequality("T to T+1", drift + inner, "<=",
                                  (D**2 - later) / (2 * eta) + (T + 1) * eta * G**2 / 2, OVER,
                                  (drift <= (D**2 - dist) / (2 * eta) + T * eta * G**2 / 2, size2 <= G**2,
                                         inner <= (dist - later) / (2 * eta) + eta * size2 / 2))),
        Optimum("the best step is D / (G sqrt(T))", D**2 / (2 * eta) + T * eta * G**2 / 2, eta, D / (G * sp.sqrt(T)),
                D * G * sp.sqrt(T), OVER),
        Identity("losses G <e_t, x> with orthonormal e_t end at distance D: u = x_{T+1}, x_1 are antipodes of a ball",
                 T * (eta * G) ** 2, D**2, OVER, (sp.Eq(eta, D / (G * sp.sqrt(T))),)),
        Identity("which no iterate leaves: all are on its sphere, as <x_1 - x_t, x_t - u> = 0", (t - 1) * (eta * G) ** 2
                 + (T - t + 1) * (eta * G) ** 2, T * (eta * G) ** 2, OVER),
        Identity("each round costs G <e_t, x_t - u> = eta G^2, in all", T * (D / (G * sp.sqrt(T))) * G**2,
                 D * G * sp.sqrt(T), OVER),
    ),
)  # fmt: skip
