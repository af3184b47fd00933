"""Polyak's heavy ball on two smooth strongly convex functions: it goes round for ever, gradient descent converges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import torch
import xarray as xr

from figures.kit.drawing import Axis, Curve, Drawing, FigureRun, Floats, Mark, Note, Panel, Series, bound_at, caption
from lab.experiment import Experiment
from lab.optimizer import Optimizer
from lab.optimizers.momentum import Momentum
from lab.optimizers.sgd import SGD
from lab.problem import Problem
from lab.schedules import Constant
from problems.momentum_cycles import HeavyBallCycle, RootsOfUnityCycle
from problems.spectra import DiagonalQuadratic

CLAIMS = ("lessard2016.hb_lrp_cycle", "goujaud2023.hb_gtd_cycle", "polyak1964.hb_polyak_quadratic")
CAPTION = (
    r"Two functions with $\mu = 1$, $L = 25$, minimized at 0: left that of Lessard, Recht, Packard, SIOPT 2016, "
    r"(4.11), on the line, right that of Goujaud, Taylor, Dieuleveut, MP 2025, Theorem 3.5, in the plane, with $K = "
    r"3$ roots of unity. Heavy ball (HB): step 1/9, momentum 4/9, Polyak’s tuning, from rest, near the cycles; GD: "
    r"step $2/(L + \mu)$, from the same points. Above: the iterates; pale, the 3-cycles. Below: $\Vert x_T\Vert^2$ "
    r"with the floor that is proved once two iterates are within 1/32 of the cycle (steps 12, 13), the radius of "
    r"the roots of unity and, blue, HB on $(x_1^2 + 25 x_2^2)/2$ under its bound $(r^T (1 + (1 + r) T))^2$, $r = "
    r"2/3$ (Polyak 1964). N = {N} each, without interval because nothing is random."
)

L, MU, STEPS, NEAR = 25.0, 1.0, 45, 12
BALL = Momentum(lr=Constant(1 / 9), momentum=4 / 9)
METHODS: Mapping[str, Optimizer[Any]] = {"HB": BALL, "GD": SGD(lr=Constant(2 / (L + MU)))}
LINE, QUADRATIC = HeavyBallCycle(), DiagonalQuadratic(d=2, kappa=L / MU, L=L)
FIRST = Axis("step $T$", (0, 25), ticks=(0, 6, 12, 18, 24))
HERE = Note("HB on a quadratic", 16.5, 1e-9, "blue", "center")
TIME = Axis("step $T$", (0, STEPS + 1), ticks=(0, 15, 30, 45))
DISTANCE = Axis(r"$\Vert x_T - x^{\ast}\Vert^2$", (1e-12, 300), log=True)


def mirrored(problem: RootsOfUnityCycle) -> RootsOfUnityCycle:
    """Return the problem from the mirror image of its start in the axis of P that goes through a corner.

    f has the symmetries of P, so it has the cycle in both senses. The default start falls into the clockwise one.
    """
    (along, *_), (across, *_) = (c.tolist() for c in problem.corners(torch.zeros(2, dtype=torch.float64)))
    axis = complex(along, across) / abs(complex(along, across))
    image = axis**2 * complex(*problem.first).conjugate()
    return replace(problem, first=(image.real, image.imag))


PLANE = mirrored(RootsOfUnityCycle())


def runs() -> Mapping[str, FigureRun]:
    """Return both methods on both functions, and the heavy ball on a quadratic."""
    both = {
        f"{label} {where}": _run(problem, method)
        for where, problem in (("on the line", LINE), ("in the plane", PLANE))
        for label, method in METHODS.items()
    }
    return both | {"HB on a quadratic": _run(QUADRATIC, BALL)}


def _run(problem: Problem, method: Optimizer[Any]) -> FigureRun:
    shared: dict[str, Any] = dict(steps=STEPS, record=tuple(range(STEPS + 1)), metrics=("iterate", "distance_sq"))
    return FigureRun(Experiment(problem=problem, optimizers=(method,), **shared))


def draw(results: Mapping[str, xr.Dataset]) -> Drawing:
    """Return the iterates above and the squared distances below, on the line left and in the plane right."""
    rows = ((_line(results), _plane(results)), (_line_distance(results), _plane_distance(results)))
    title = "The heavy ball, tuned for quadratics, can circle a minimum for ever"
    return Drawing(title=title, caption=caption(CAPTION, results), rows=rows)


def _line(results: Mapping[str, xr.Dataset]) -> Panel:
    t = Series(results["GD on the line"], "iterate").steps
    t = t[t <= FIRST.limits[1]]
    cycle = tuple(
        Curve(label=f"cycle, {point}", kind="exact", name="", x=t, y=np.full(len(t), float(point)))
        for point in LINE.CYCLE
    )
    paths = tuple(
        Curve(label=label, kind="run", name=method.name, x=t, y=_iterates(results, f"{label} on the line")[: len(t)])
        for label, method in METHODS.items()
    )
    return Panel(title="Iterates on the line", x=FIRST, y=Axis("$x_T$", (-3.4, 3.1)), marks=cycle + paths, height=1.6)


def _plane(results: Mapping[str, xr.Dataset]) -> Panel:
    corners = np.array([*PLANE.cycle(), PLANE.cycle()[0]])
    cycle = Curve(label="cycle, the roots of unity", kind="exact", name="", x=corners[:, 0], y=corners[:, 1])
    marks: list[Mark] = [cycle]
    for label, method in METHODS.items():
        x = _iterates(results, f"{label} in the plane")
        marks.append(Curve(label=label, kind="run", name=method.name, x=x[:, 0], y=x[:, 1]))
    shown = Axis("$x_1$", (-1.45, 1.45), ticks=(-1, 0, 1))
    note = (Note("GD", 0.12, 0.15, "sgd"), Note("HB", 0.45, 0.62, BALL.name))
    return Panel(
        title="Iterates in the plane",
        x=shown,
        y=Axis("$x_2$", (-1.3, 1.3), ticks=(-1, 0, 1)),
        marks=tuple(marks),
        notes=note,
        height=1.6,
    )


def _line_distance(results: Mapping[str, xr.Dataset]) -> Panel:
    t = Series(results["GD on the line"], "distance_sq").steps
    ceiling = bound_at(CLAIMS[2], t, {"r": polyak_rate(), "R": QUADRATIC.radius})
    late = t[t > NEAR + 1]
    marks = (
        Curve(label="bound on quadratics", kind="upper", name="blue", x=t, y=ceiling),
        _distance(results, "HB on a quadratic", "blue"),
        Curve(label="floor near the cycle", kind="lower", name="mauve", x=late, y=floor(late)),
        *(_distance(results, f"{label} on the line", method.name, label) for label, method in METHODS.items()),
    )
    return Panel(title="Distance on the line", x=TIME, y=DISTANCE, marks=marks, notes=(HERE,), height=1.9)


def _plane_distance(results: Mapping[str, xr.Dataset]) -> Panel:
    t = Series(results["GD in the plane"], "distance_sq").steps
    circle = Curve(label="radius of the cycle", kind="exact", name="", x=t, y=bound_at(CLAIMS[1], t, {}))
    marks = (
        circle,
        *(_distance(results, f"{label} in the plane", method.name, label) for label, method in METHODS.items()),
    )
    return Panel(title="Distance in the plane", x=TIME, y=DISTANCE, marks=marks, height=1.9)


def _distance(results: Mapping[str, xr.Dataset], key: str, name: str, end: str = "") -> Curve:
    s = Series(results[key], "distance_sq")
    return Curve(label=key, kind="run", name=name, x=s.steps, y=s.stat("mean"), end=end)


def _iterates(results: Mapping[str, xr.Dataset], key: str) -> Floats:
    return Series(results[key], "iterate").stat("mean")


def floor(steps: Floats) -> Floats:
    """Return the proved floor on x_T^2 of the heavy ball on the line, for T > NEAR + 1, `(n,)`.

    The claim counts from two points within rho = 1/32 of the cycle; the tests check that steps NEAR and NEAR + 1 are.
    """
    return bound_at(CLAIMS[0], steps - NEAR, {"rho": 1 / 32})


def polyak_rate() -> float:
    """Return r = (sqrt(L) - sqrt(mu)) / (sqrt(L) + sqrt(mu))."""
    return float((L**0.5 - MU**0.5) / (L**0.5 + MU**0.5))
