"""S. Karimireddy, Q. Rebjock, S. Stich, M. Jaggi, "Error Feedback Fixes SignSGD ...", ICML 2019, arXiv 1901.09847.

EF-SGD: p = gamma g + e, x <- x - C(p), e <- p - C(p), with ||C(p) - p||^2 <= (1 - delta) ||p||^2 and E ||g||^2 <= s2.
e0, e1 are E ||e||^2 before and after a step; the virtual iterate x~ = x - e moves by -gamma g exactly. N is E ||grad
f(x)||^2, D the squared distance of x~ to x*, and rho the weight of Young's inequality, 0 < rho < 2.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import LENGTH, OBJECTIVE, PURE, Claim, Erratum, Kind, Limit, Quantity, Standing, Units
from proofs_check.goal import FRACTION, NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances import karimireddy2019 as runs
from proofs_check.sequences import Induction
from proofs_check.steps import Chain, Identity, Inequality
from proofs_check.symbols import HORIZON, SQUARED_GRADIENT, T

AREA = Units(X=2)
delta, gamma, s2, Delta, L, dist0, n1, n2 = sp.symbols("delta gamma s2 Delta L X0 a b", positive=True)
rho, w = sp.symbols("rho w", positive=True)
e0, e1, p2, g2, N, total, D0, D1, cross, y, held = sp.symbols(
    "e_t e_{t+1} p2 g2 N A D_t D_{t+1} z y H", nonnegative=True
)
c, slope, x, e, g, next_x, next_e, C, f0, f1, F0, gap, gaps = sp.symbols(
    "c q x e g x' e' C f_t f_{t+1} f_0 h S", real=True
)
d, k = sp.symbols("d k", integer=True, positive=True)

COMPRESSED = (
    Quantity(delta, FRACTION, PURE, "quality of the compressor: 1 would be none"),
    Quantity(gamma, POSITIVE, Units(F=-1, X=2), "step"),
    Quantity(s2, POSITIVE, SQUARED_GRADIENT, "bound on E ||g||^2"),
)
SMOOTH = (
    Quantity(Delta, POSITIVE, OBJECTIVE, "f(x_0) - f*"),
    Quantity(L, POSITIVE, Units(F=1, X=-2), "smoothness"),
)
YOUNG = Quantity(rho, sp.Interval.open(0, 2), PURE, "Young's weight")
START = Quantity(dist0, POSITIVE, AREA, "||x_0 - x*||^2")
OVER = (
    HORIZON,
    *COMPRESSED,
    *SMOOTH,
    YOUNG,
    START,
    *(Quantity(q, NONNEGATIVE, AREA, "squared length of e, of p, or of x~ - x*") for q in (e0, e1, p2, D0, D1)),
    *(Quantity(q, NONNEGATIVE, SQUARED_GRADIENT, "||g||^2, E ||grad f||^2, or their sum") for q in (g2, N, total)),
    Quantity(c, REAL, OBJECTIVE, "<g, e>"),
    *(Quantity(q, REAL, SQUARED_GRADIENT, "<grad f(x) - grad f(x~), grad f(x)>") for q in (slope,)),
    *(Quantity(q, REAL, LENGTH, "one coordinate of x, e, C(p)") for q in (x, e, next_x, next_e, C)),
    Quantity(g, REAL, Units(F=1, X=-1), "one coordinate of g"),
    *(Quantity(q, REAL, OBJECTIVE, "E f, or its gap") for q in (f0, f1, F0, gap, gaps)),
    Quantity(y, NONNEGATIVE, Units(F=1, X=-1), "||g||, or ||grad f(x)||"),
    Quantity(held, NONNEGATIVE, AREA, "the bound of Lemma 3 on E ||e||^2"),
    Quantity(w, POSITIVE, PURE, "weight"),
    Quantity(cross, NONNEGATIVE, OBJECTIVE, "E ||g|| ||e||"),
    *(Quantity(q, POSITIVE, LENGTH, "||p||_1, ||p||_2, ||e||") for q in (n1, n2)),
    *(Quantity(q, sp.Naturals, PURE, "dimension, or steps done") for q in (d, k)),
)  # fmt: skip

MEMORY = 4 * (1 - delta) * gamma**2 * s2 / delta**2
VIRTUAL = Identity("the virtual iterate x - e moves by -gamma g", next_x - next_e, x - e - gamma * g, OVER,
                   (sp.Eq(next_x, x - C), sp.Eq(next_e, gamma * g + e - C)))  # fmt: skip

LEMMA_3 = Claim(
    id="karimireddy2019.efsgd_lemma3",
    says="what the compressor has held back stays bounded: E ||e_t||^2 <= 4 (1 - delta) gamma^2 sigma^2 / delta^2",
    source="Karimireddy, Rebjock, Stich, Jaggi, ICML 2019, arXiv 1901.09847, Lemma 3, as restated in secondary "
    "literature",
    standing=Standing.RESTATED,
    kind=Kind.UPPER,
    metric="E ||e_t||^2 of error feedback",
    metric_units=AREA,
    symbols=(HORIZON, *COMPRESSED),
    assumptions=(),
    bound=MEMORY,
    limits=(Limit("nothing is held back without compression", delta, sp.Integer(1), sp.Integer(0)),),
    steps=(
        Identity("the scaled sign ||p||_1/d sign(p) leaves 1 - ||p||_1^2 / (d ||p||^2) of ||p||^2",
                 n2**2 - 2 * (n1 / d) * n1 + d * (n1 / d) ** 2, (1 - n1**2 / (d * n2**2)) * n2**2, OVER),
        Inequality("||e + gamma g||^2 by Young with weight w", p2, "<=", (1 + w) * e0 + (1 + 1 / w) * gamma**2 * g2,
                   OVER, (sp.Eq(p2, e0 + 2 * gamma * c + gamma**2 * g2), c <= n1 * y, sp.Eq(e0, n1**2),
                          sp.Eq(g2, y**2))),
        Inequality("so a step keeps 1 - delta/2 of it and adds at most, at w = delta / (2 (1 - delta))", e1, "<=",
                   (1 - delta / 2) * e0 + 2 * (1 - delta) / delta * gamma**2 * s2, OVER,
                   (e1 <= (1 - delta) * ((1 + w) * e0 + (1 + 1 / w) * gamma**2 * g2), g2 <= s2,
                    sp.Eq(w, delta / (2 * (1 - delta))))),
        Induction("E ||e_t||^2 stays below the fixed point of that",
                  base=Inequality("e_0 = 0", sp.Integer(0), "<=", MEMORY, OVER),
                  step=Inequality("t to t+1", e1, "<=", MEMORY, OVER,
                                  (e1 <= (1 - delta / 2) * e0 + 2 * (1 - delta) / delta * gamma**2 * s2,
                                   e0 <= MEMORY))),
    ),
    experiments=runs.lag(MEMORY),
    broken_by=runs.lag_broken(MEMORY),
)  # fmt: skip

START_TERM = Delta / (gamma * (1 - rho / 2) * (T + 1))
NONCONVEX_BOUND = START_TERM + L * gamma * s2 / (2 - rho) + L**2 * MEMORY / (rho * (2 - rho))
STEP_COST = gamma**2 * L * s2 / 2 + gamma * L**2 / (2 * rho) * held
AT_1_COST = (gamma / 2 * total <= Delta + (T + 1) * (gamma**2 * L * s2 / 2 + gamma * L**2 / 2 * MEMORY),)
AT_1 = 2 * Delta / (gamma * (T + 1)) + gamma * L * s2 + L**2 * MEMORY

NONCONVEX = Claim(
    id="karimireddy2019.efsgd_nonconvex",
    says="EF-SGD on a smooth function: compression enters the rate in a term of second order in the step only",
    source="ratelab, own derivation; after Karimireddy et al., ICML 2019, arXiv 1901.09847, Theorem II",
    standing=Standing.DERIVED,
    kind=Kind.UPPER,
    metric="mean over t = 0..T of E ||grad f(x_t)||^2",
    metric_units=SQUARED_GRADIENT,
    symbols=(HORIZON, *COMPRESSED, *SMOOTH, YOUNG),
    assumptions=(),
    bound=NONCONVEX_BOUND,
    limits=(
        Limit("rho = 1", rho, sp.Integer(1), AT_1),
        Limit("without compression: SGD", delta, sp.Integer(1), START_TERM + L * gamma * s2 / (2 - rho)),
    ),
    steps=(
        VIRTUAL,
        Inequality("the gradient at x~ for that at x: Young with weight rho", slope, "<=", rho / 2 * N
                   + L**2 / (2 * rho) * e0, OVER, (slope <= L * n1 * y, sp.Eq(e0, n1**2), sp.Eq(N, y**2))),
        Inequality("smoothness along x~, in expectation", f1, "<=", f0 - gamma * (1 - rho / 2) * N + STEP_COST, OVER,
                   (f1 <= f0 - gamma * N + gamma * slope + L * gamma**2 / 2 * s2, e0 <= held,
                    slope <= rho / 2 * N + L**2 / (2 * rho) * e0)),
        Induction("summed over k steps, A = sum of N",
                  base=Inequality("one", gamma * (1 - rho / 2) * N, "<=", f0 - f1 + STEP_COST, OVER,
                                  (f1 <= f0 - gamma * N + gamma * (rho / 2 * N + L**2 / (2 * rho) * e0)
                                   + L * gamma**2 / 2 * s2, e0 <= held)),
                  step=Inequality("one more", gamma * (1 - rho / 2) * (total + N), "<=", F0 - f1 + (k + 1) * STEP_COST,
                                  OVER, (gamma * (1 - rho / 2) * total <= F0 - f0 + k * STEP_COST,
                                         f1 <= f0 - gamma * (1 - rho / 2) * N + STEP_COST))),
        Chain("over gamma (1 - rho/2) (T+1)",
              (total / (T + 1), "<=", START_TERM + STEP_COST / (gamma * (1 - rho / 2)), "==", NONCONVEX_BOUND), OVER,
              (gamma * (1 - rho / 2) * total <= F0 - f1 + (T + 1) * STEP_COST, F0 - f1 <= Delta, sp.Eq(held, MEMORY))),
    ),
    errata=(
        Erratum(
            id="EF1",
            says="at rho = 1 the middle term is gamma L sigma^2, not half of it",
            printed=Inequality("the sum over T+1 steps gives the recalled form", total / (T + 1), "<=",
                               AT_1 - gamma * L * s2 / 2, OVER, AT_1_COST),
            repair=(Inequality("with gamma L sigma^2", total / (T + 1), "<=", AT_1, OVER, AT_1_COST),),
            survives="the theorem, with gamma L sigma^2",
        ),
    ),
    experiments=runs.bowl(NONCONVEX_BOUND),
    broken_by=runs.bowl_broken(NONCONVEX_BOUND),
)  # fmt: skip

CONVEX_BOUND = dist0 / (2 * gamma * (T + 1)) + gamma * s2 * (sp.Rational(1, 2) + 2 * sp.sqrt(1 - delta) / delta)
HELD = 2 * gamma * s2 * sp.sqrt(1 - delta) / delta
COST = 2 * gamma * HELD + gamma**2 * s2

CONVEX = Claim(
    id="karimireddy2019.efsgd_convex",
    says="EF-SGD on a convex function, smooth or not: the averaged iterate converges as SGD's, up to a larger constant",
    source="Karimireddy, Rebjock, Stich, Jaggi, ICML 2019, arXiv 1901.09847, the convex non-smooth theorem, as "
    "restated in secondary literature",
    standing=Standing.RESTATED,
    kind=Kind.UPPER,
    metric="E f(mean of x_0..x_T) - f*",
    metric_units=OBJECTIVE,
    symbols=(HORIZON, *COMPRESSED, START),
    assumptions=(),
    bound=CONVEX_BOUND,
    limits=(Limit("without compression: SGD", delta, sp.Integer(1), dist0 / (2 * gamma * (T + 1)) + gamma * s2 / 2),),
    steps=(
        VIRTUAL,
        Inequality("Cauchy-Schwarz and Lemma 3: what is held back costs at most", cross, "<=", HELD, OVER,
                   (cross**2 <= s2 * e0, e0 <= MEMORY)),
        Inequality("one step of x~: <g, x~ - x*> = <g, x - x*> - <g, e>, convexity", D1, "<=",
                   D0 - 2 * gamma * gap + COST, OVER,
                   (D1 <= D0 - 2 * gamma * gap + 2 * gamma * cross + gamma**2 * s2, cross <= HELD)),
        Induction("summed over k steps: 2 gamma S <= X0 - D_k + k (...), S the sum of the gaps",
                  base=Inequality("one", 2 * gamma * gap, "<=", D0 - D1 + COST, OVER,
                                  (D1 <= D0 - 2 * gamma * gap + 2 * gamma * cross + gamma**2 * s2, cross <= HELD)),
                  step=Inequality("one more", 2 * gamma * (gaps + gap), "<=", dist0 - D1 + (k + 1) * COST, OVER,
                                  (2 * gamma * gaps <= dist0 - D0 + k * COST, D1 <= D0 - 2 * gamma * gap + COST))),
        Chain("Jensen: the gap at the mean point is at most the mean gap",
              (gap, "<=", dist0 / (2 * gamma * (T + 1)) + COST / (2 * gamma), "==", CONVEX_BOUND), OVER,
              ((T + 1) * gap <= gaps, 2 * gamma * gaps <= dist0 - D1 + (T + 1) * COST)),
    ),
    experiments=runs.kink(CONVEX_BOUND),
    broken_by=runs.kink_broken(CONVEX_BOUND),
)  # fmt: skip
