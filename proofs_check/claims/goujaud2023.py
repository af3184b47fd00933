"""B. Goujaud, A. Taylor, A. Dieuleveut, "Provable non-accelerations of the heavy-ball method", arXiv 2307.11291.

f(x) = (L/2)||x||^2 - ((L - mu)/2) dist(x, P)^2 in the plane, P the regular K-gon with corners M e_0, ..., M e_{K-1};
e_t are the K-th roots of unity. With u = a mu, h = a L (a the step size), b the momentum and c, s = cosine and sine of
2 pi/K: a grad f(x) = u x + (h - u) Pi_P(x), and (h - u) M e_0 = (A, O). The heavy ball goes round the e_t for ever if
EXCESS <= 0. Everything is in units of the circle's radius r, and turning by 2 pi/K maps all of it onto itself, so that
one step, from e_0, is all that there is to show.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

import sympy as sp

from lab.claim import LENGTH, PURE, Claim, Kind, Limit, Quantity, Standing, Units
from proofs_check.goal import FRACTION, FRACTION0, NONNEGATIVE, POSITIVE, REAL
from proofs_check.instances import goujaud2023 as runs
from proofs_check.orbits import Attraction, Cycle
from proofs_check.steps import Chain, Identity, Inequality
from proofs_check.symbols import HORIZON

Point = tuple[Any, ...]
CURVATURE = Units(F=1, X=-2)
u, h, r, l, mu, L, K = sp.symbols("u h r l mu L K", positive=True)
b, q, d, d1, p1, p2, P, D, S, S1, m = sp.symbols("b q d d_1 p_1 p_2 P D S S_1 m", nonnegative=True)
c, n1, n2, z1, z2, im, rate = sp.symbols("c n_1 n_2 z_1 z_2 y rho", real=True)
s = sp.sqrt(1 - c**2)
A, O = (1 + b) * (1 - c) - u, -(1 - b) * s
EXCESS = u * h - 2 * (b - c) * h - 2 * (1 - b * c) * u + 2 * (1 - c) * (1 + b**2 - 2 * b * c)

PARAMETERS = (
    Quantity(u, POSITIVE, PURE, "a mu"),
    Quantity(h, POSITIVE, PURE, "a L"),
    Quantity(b, FRACTION0, PURE, "momentum"),
    Quantity(c, sp.Interval.Ropen(-sp.Rational(1, 2), 1), PURE, "cos(2 pi/K), K >= 3"),
)
SYMBOLS = (Quantity(r, POSITIVE, LENGTH, "radius of the circle", unit_value=True), *PARAMETERS)
ROOT = Quantity(l, sp.Interval.open(1, sp.oo), PURE, "sqrt(L/mu)")
OVER = (
    *SYMBOLS,
    *(Quantity(e, REAL, PURE, "<e_0 - M e_0, an edge of P at M e_0>") for e in (n1, n2)),
    *(Quantity(e, NONNEGATIVE, PURE, "share of an edge") for e in (p1, p2)),
    Quantity(D, NONNEGATIVE, PURE, "||x - y||^2"),
    Quantity(P, NONNEGATIVE, PURE, "<Pi(x) - Pi(y), x - y>"),
    ROOT,
)


def toward(sine: sp.Expr) -> sp.Expr:
    """Return (h - u)^2 <e_0 - M e_0, M e - M e_0> for the neighbour e of e_0 with this sine, (c, sine)."""
    edge = (A * c - O * sine - A, A * sine + O * c - O)
    return (h - u - A) * edge[0] - O * edge[1]


def ball(values: dict[sp.Symbol, Any], corners: Sequence[Point]) -> Callable[[Point], Point]:
    """Return the heavy ball's map on (x, y, x before, y before), with the polygon (h - u) P of these corners."""
    low, high, momentum = values[u], values[h], values[b]
    edges = tuple(pairwise((*corners, corners[0])))

    def nearest(x: Any, y: Any) -> Point:
        found: list[Point] = []
        inside = True
        for (vx, vy), (wx, wy) in edges:
            ex, ey, tx, ty = wx - vx, wy - vy, x - vx, y - vy
            share = (tx * ex + ty * ey) / (ex * ex + ey * ey)
            share = 0 if share < 0 else 1 if share > 1 else share
            at = (vx + share * ex, vy + share * ey)
            found.append((sp.expand((x - at[0]) ** 2 + (y - at[1]) ** 2), at))
            inside = inside and bool(ex * ty - ey * tx >= 0)
        return (x, y) if inside else min(found, key=lambda e: e[0])[1]

    def step(state: Point) -> Point:
        x, y, before_x, before_y = state
        near = nearest((high - low) * x, (high - low) * y)
        to_x, to_y = (low * v + p for v, p in zip((x, y), near, strict=True))
        return x - to_x + momentum * (x - before_x), y - to_y + momentum * (y - before_y), x, y

    return step


def _fraction(x: sp.Rational) -> Fraction:
    return Fraction(int(x.p), int(x.q))


def certificates(n: int, values: dict[sp.Symbol, Any], says: str) -> tuple[Cycle, Attraction]:
    """Return, for K = n and these u, h, b, that the cycle is one, and that it attracts."""
    roots = [(sp.cos(2 * sp.pi * t / n), sp.sin(2 * sp.pi * t / n)) for t in range(n)]
    at = {**{x: sp.Rational(str(v)) for x, v in values.items()}, c: roots[1][0]}
    along, across = A.subs(at), O.subs(at)
    corners = [(along * x - across * y, across * x + along * y) for x, y in roots]
    if all(e.is_Rational for corner in corners for e in corner):
        corners = [(_fraction(x), _fraction(y)) for x, y in corners]
    points = tuple((*roots[t], *roots[t - 1]) for t in range(n))
    inside = tuple(-sp.nsimplify(toward(sign * s).subs(at)) for sign in (1, -1))
    slope = sp.Matrix([[1 + at[b] - at[u], -at[b]], [1, 0]])
    return (
        Cycle(f"{says}: the roots of unity are a cycle", ball(values, corners), points),
        Attraction(f"{says}: it attracts, because Pi is constant near each point", (slope,) * n, (inside,) * n),
    )


GTD_CYCLE = Claim(
    id="goujaud2023.hb_gtd_cycle",
    says="where EXCESS <= 0 the heavy ball goes round the K-th roots of unity for ever, at distance r from the "
    "minimizer of a mu-strongly convex and L-smooth function",
    source="Goujaud, Taylor, Dieuleveut, Math. Prog. (2025), arXiv 2307.11291, Theorem 3.5, as restated in a secondary "
    "text; the condition is rederived in the steps",
    kind=Kind.DIVERGENCE,
    standing=Standing.RESTATED,
    metric="distance_sq",
    metric_units=Units(X=2),
    symbols=SYMBOLS,
    assumptions=(u < h, EXCESS <= 0),
    bound=r**2,
    experiments=runs.cycle(r**2),
    broken_by=runs.cycle_broken(r**2),
    certificates=(
        *certificates(3, {u: Fraction(1, 9), h: Fraction(25, 9), b: Fraction(4, 9)}, "K = 3, Polyak, L = 25 mu"),
        *certificates(4, {u: Fraction(4, 125), h: Fraction(16, 5), b: Fraction(9, 10)}, "K = 4, b = 9/10, L = 100 mu"),
    ),
    steps=(
        Chain("f is mu-strongly convex and L-smooth: a <grad f(x) - grad f(y), x - y> lies between u and h times "
              "||x - y||^2, because 0 <= <Pi(x) - Pi(y), x - y> <= ||x - y||^2",
              (u * D, "<=", u * D + (h - u) * P, "<=", h * D), OVER, (P <= D, u < h)),
        Identity("the edge of P to M e_1 and e_0 - M e_0", toward(s), (1 - c) * EXCESS, OVER),
        Inequality("the edge to M e_{-1} makes the larger angle", toward(-s), "<=", toward(s), OVER, (u < h,)),
        Inequality("so both angles are obtuse", toward(-s), "<=", sp.Integer(0), OVER,
                   (toward(-s) <= (1 - c) * EXCESS, EXCESS <= 0)),
        Inequality("P lies in the cone of the two edges: M e_0 is the point of P nearest to e_0", p1 * n1 + p2 * n2,
                   "<=", sp.Integer(0), OVER, (n1 <= 0, n2 <= 0)),
        Identity("a step from e_0, e_{-1}: first coordinate", 1 - (u + A) + b * (1 - c), c, OVER),
        Identity("second coordinate: it leads to e_1", -O + b * s, s, OVER),
        Identity("which is as far from 0", r**2 * (c**2 + s**2), r**2, OVER),
    ),
)  # fmt: skip

TUNED = {u: 4 / (l + 1) ** 2, h: 4 * l**2 / (l + 1) ** 2, b: ((l - 1) / (l + 1)) ** 2, c: -sp.Rational(1, 2)}

POLYAK_THRESHOLD = Claim(
    id="goujaud2023.hb_polyak_three_cycle",
    says="with Polyak's tuning the 3-cycle exists just where L/mu >= 9 + 4 sqrt(5)",
    source="ratelab, own derivation from the condition of Goujaud, Taylor, Dieuleveut, arXiv 2307.11291, Theorem 3.5",
    kind=Kind.EXACT,
    standing=Standing.DERIVED,
    metric="least condition number of a 3-cycle with Polyak's tuning",
    metric_units=PURE,
    symbols=(),
    assumptions=(),
    bound=9 + 4 * sp.sqrt(5),
    steps=(
        Identity("EXCESS at Polyak's tuning, l = sqrt(L/mu)", EXCESS.subs(TUNED),
                 -(l**2 - 4 * l - 1) * (3 * l**2 + 4 * l - 3) / (l + 1) ** 4, (ROOT,)),
        Inequality("no cycle below l = 2 + sqrt(5)", EXCESS.subs(TUNED), ">", sp.Integer(0), (ROOT,),
                   (l < 2 + sp.sqrt(5),)),
        Inequality("one from there on", EXCESS.subs(TUNED), "<=", sp.Integer(0), (ROOT,), (l >= 2 + sp.sqrt(5),)),
        Identity("in L/mu", (2 + sp.sqrt(5)) ** 2, 9 + 4 * sp.sqrt(5)),
    ),
    experiments=runs.above_threshold(),
    broken_by=runs.above_threshold_broken(),
)  # fmt: skip

COND = (Quantity(mu, POSITIVE, CURVATURE, "strong convexity"), Quantity(L, POSITIVE, CURVATURE, "smoothness"))
ROOTS = (
    Quantity(rate, FRACTION, PURE, "the larger modulus of the two roots"),
    *(Quantity(e, REAL, PURE, "a root, or its parts") for e in (z1, z2, im)),
)
RATES = (
    *COND,
    *PARAMETERS,
    Quantity(q, FRACTION0, PURE, "1 - b"),
    *(Quantity(e, sp.Interval.Lopen(0, sp.Rational(3, 2)), PURE, "1 - cos(2 pi/K), for one K or two") for e in (d, d1)),
    *(Quantity(e, sp.Interval(0, 1), PURE, "sin(pi/K), sin(pi/(K+1))") for e in (S, S1)),
    Quantity(K, sp.Interval(3, sp.oo), PURE, "corners"),
    Quantity(m, sp.Interval.Lopen(0, sp.Rational(1, 24)), PURE, "mu/L; above 1/24 the bound is negative"),
    *ROOTS,
)
EXCESS_D = m * h**2 - 2 * (d - q + m * (q + d - q * d)) * h + 2 * d * (q**2 + 2 * (1 - q) * d)
RANGE = (d >= h / 5, d <= 3 * h / 10)

NON_ACCELERATION = Claim(
    id="goujaud2023.hb_gtd_nonacceleration",
    says="where no cycle over roots of unity exists, the heavy ball's rate on quadratics is at least 1 - 24 mu/L: "
    "no constant parameters accelerate it on all smooth strongly convex functions",
    source="ratelab, own derivation and constant; after Goujaud, Taylor, Dieuleveut, arXiv 2307.11291, main theorem",
    kind=Kind.LOWER,
    standing=Standing.DERIVED,
    metric="asymptotic rate on quadratics with curvatures in [mu, L], for a momentum in [0, 1)",
    metric_units=PURE,
    symbols=(*COND, HORIZON),
    assumptions=(mu <= L,),
    bound=1 - 24 * mu / L,
    limits=(Limit("ill-conditioned", mu, sp.Integer(0), sp.Integer(1)),),
    steps=(
        Identity("z^2 - (1 + b - h) z + b at z = -1: for h > 2 (1 + b) the curvature L has a root below -1; so h <= 4",
                 1 + (1 + b - h) + b, 2 * (1 + b) - h, RATES),
        Inequality("d_K = 2 sin(pi/K)^2 and sin(x)/x falls: d_K <= 3/2 d_{K+1} for K >= 5", 2 * S**2, "<=",
                   sp.Rational(3, 2) * 2 * S1**2, RATES, (K >= 5, K * S <= (K + 1) * S1)),
        Chain("and for K = 4, K = 3", (1, "<=", sp.Rational(3, 2) * (5 - sp.sqrt(5)) / 4, "<", sp.Rational(3, 2), "<=",
                                       sp.Rational(3, 2) * 1)),
        Inequality("so the first d_K that is not above 3h/10 (< d_3) is at least h/5", d1, ">=", h / 5, RATES,
                   (d1 >= 2 * d / 3, d >= 3 * h / 10)),
        Identity("EXCESS in m = mu/L, q = 1 - b and d", EXCESS.subs({u: m * h, b: 1 - q, c: 1 - d}), EXCESS_D, RATES),
        Chain("for such a d",
              (EXCESS_D, "<=", m * h**2 - 2 * d * h + 4 * d**2 + 2 * q * h + 2 * d * q**2, "<=",
               m * h**2 - sp.Rational(6, 25) * h**2 + 2 * q * h + 2 * d * q**2, "<=",
               m * h**2 - sp.Rational(6, 25) * h**2 + 2 * q * h + sp.Rational(3, 5) * h * q**2), RATES, RANGE),
        Inequality("what q adds, once h >= 12 q", 2 * q + sp.Rational(3, 5) * q**2, "<=", sp.Rational(11, 60) * h,
                   RATES, (h <= 4, q <= h / 12)),
        Inequality("so that it is negative: there is a cycle",
                   m * h**2 - sp.Rational(6, 25) * h**2 + sp.Rational(11, 60) * h * h, "<", sp.Integer(0), RATES),
        Inequality("at the curvature mu the roots of z^2 - (1 + b - u) z + b, if real, make it >= 0 at rho",
                   (rate - z1) * (rate - z2), ">=", sp.Integer(0), RATES, (z1 <= rate, z2 <= rate)),
        Inequality("and if complex", (rate - z1) ** 2 + im**2, ">=", sp.Integer(0), ROOTS),
        Inequality("and their product is b <= rho^2", sp.Abs(z1) * sp.Abs(z2), "<=", rate**2, RATES,
                   (sp.Abs(z1) <= rate, sp.Abs(z2) <= rate)),
        Inequality("so h < 12 (1 - b), without a cycle, leaves no faster rate", rate, ">=", 1 - 24 * mu / L, RATES,
                   (rate**2 - (1 + b - u) * rate + b >= 0, b <= rate**2, u * L <= 12 * mu * (1 - b))),
    ),
    experiments=runs.slow(1 - 24 * mu / L),
    broken_by=runs.slow_broken(1 - 24 * mu / L),
)  # fmt: skip
