"""What an optimizer declares of its algorithm: its symmetries, its degree, the libraries that have the same one."""

from __future__ import annotations

import math
import typing
from typing import Any

import torch
from torch import Tensor

from lab.engine import cpu, reference
from lab.engine.reference import Batch
from lab.engine.select import choose
from lab.engine.step import default_dtype
from lab.layers import Shapes
from lab.metrics import get_metric
from lab.optimizer import Optimizer, Symmetry
from lab.reference import Reference
from lab.rescaled import leaf_units, scaled
from lab.testing.demand import Check, demand
from lab.testing.driving import GivenGradients, begins, drive, gradients, handed, hyperparameter
from lab.testing.effective_step import measured
from lab.testing.library import compare, installed, verdict
from lab.testing.samples import ROWS, step
from lab.transforms import Transform

STEPS = 12
MATRIX: Shapes = ((3, 4),)
VECTOR: Shapes = ((4,),)
SYMMETRIC = 1e-8  # relative: eigenvectors and roots of small matrices lose a few digits
FACTOR = 16.0  # an exact power of two: a homogeneous rule then differs by rounding alone
AUDIBLE = 1e-3  # of the gradients of the quietest rows
ENGINES_APART = 1e-10  # relative, over 30 steps
SINGLE = 2e-3  # relative, over 30 steps, of the median row: float32 has 6e-8, and denominators can be small


def _symmetries_hold(optimizer: Optimizer[Any]) -> None:
    """Start, gradients and path may be transformed alike, by every symmetry that is declared."""
    known = typing.get_args(Symmetry)
    for name in optimizer.symmetries:
        demand(name in known, f"symmetries must be among {', '.join(known)}, got {name!r}")
        shapes = MATRIX if optimizer.kind == "matrix" else VECTOR
        d = 12 if optimizer.kind == "matrix" else 4
        map_ = _transformation(name, optimizer.kind == "matrix")
        x, noise = begins(d), gradients(STEPS, d)
        want = map_(drive(optimizer, noise, x, layers=shapes).x)
        got = drive(optimizer, map_(noise), map_(x), layers=shapes).x
        apart = float(((got - want).abs().amax((0, 2)) / (1.0 + want.abs().amax((0, 2)))).max())
        demand(apart <= SYMMETRIC, f"{name} does not commute with the update: paths part by {apart:.1e}")


def _transformation(name: str, matrix: bool) -> typing.Callable[[Tensor], Tensor]:
    """Return a map of (..., d): Q x, or L X R for matrices; permutations, sign flips or any orthogonal ones."""
    if not matrix:
        Q = _orthogonal(name, 4)
        return lambda x: (Q * x.unsqueeze(-2)).sum(-1)
    L, R = _orthogonal(name, MATRIX[0][0]), _orthogonal(name, MATRIX[0][1])
    return lambda x: (L @ torch.unflatten(x, -1, MATRIX[0]) @ R.T).flatten(-2)


def _orthogonal(name: str, n: int) -> Tensor:
    if name == "permutation":
        return torch.eye(n, dtype=torch.float64).roll(1, 0)
    if name == "signs":
        return torch.diag(torch.tensor([(-1.0) ** i for i in range(n)], dtype=torch.float64))
    A = torch.sin(1.0 + torch.arange(n * n, dtype=torch.float64)).reshape(n, n)
    Q: Tensor = torch.linalg.qr(A).Q
    return Q


def _the_degree_holds(optimizer: Optimizer[Any]) -> None:
    """Gradients c g give moves c^h dx with h = homogeneity, at the same points and with `scales` at 0."""
    moves, scaled = (_moves(optimizer, factor) for factor in (1.0, FACTOR))
    h = optimizer.homogeneity
    if h is not None:
        apart = _apart(scaled, FACTOR**h * moves)
        demand(apart <= SYMMETRIC, f"the degree of homogeneity is not {h:g}: moves are {apart:.1e} away")
        return
    if isinstance(optimizer, Transform):
        return  # it has none for every inner method, and may have one for this
    both = (moves != 0) & (scaled != 0)
    logs = (scaled[both] / moves[both]).abs().log() / math.log(FACTOR)
    degree = float(logs.median()) if both.any() else 0.0
    apart = _apart(scaled, FACTOR**degree * moves)
    demand(apart > SYMMETRIC, f"it is homogeneous of degree {degree:.3g}, and declares no degree")


def _apart(got: Tensor, want: Tensor) -> float:
    return float((got - want).abs().max() / want.abs().max().clamp(min=1e-300))


def _moves(optimizer: Optimizer[Any], factor: float) -> Tensor:
    """Return dx of 40 updates at one and the same x `(40, ROWS, 3)`, `scales` being 0."""
    leaves = optimizer.leaves()
    bare = optimizer.bind({p: 0.0 if hyperparameter(p) in optimizer.scales else v for p, v in leaves.items()})
    x, noise = begins(3), factor * gradients(40, 3)
    if type(optimizer).step is not Optimizer.step:
        return drive(bare, noise, x, curvature=0.0).x.diff(dim=0)
    method = handed(bare, x)
    state, moves = method.init(x), []
    for t, g in enumerate(noise, start=1):
        dx, state = method.update(g, state, x, step(t))
        moves.append(dx)
    return torch.stack(moves)


def _declared_units_hold(optimizer: Optimizer[Any]) -> None:
    """In other units of the objective or of length, hyperparameters following, the path is the same path.

    Damping is made large enough to be seen. A number that has no units, or two, is put to 0 where that may be.
    """
    measured = optimizer.units.keys() - {"lr"}
    leaves = optimizer.leaves()
    heard = {p: max(v, AUDIBLE) if {p, hyperparameter(p)} & measured else v for p, v in leaves.items()}
    none = {p: 0.0 for p in heard if leaf_units(optimizer, p) is None}
    if any(hyperparameter(p) == "lr" for p in none):
        return  # declared to follow no change of units
    method, x, noise = optimizer.bind(heard | none), begins(3), gradients(STEPS, 3)
    want = drive(method, noise, x).x
    for f, by, what in ((FACTOR, 1.0, "the objective"), (1.0, FACTOR, "lengths")):
        got = drive(scaled(method, f, by), f / by * noise, by * x, curvature=0.25 * f / by**2).x
        apart = _apart(got, by * want)
        wrong = f"with {what} times {FACTOR:g} and hyperparameters by their units"
        demand(apart <= SYMMETRIC, f"{wrong}, paths part by {apart:.1e}: units of {', '.join(heard)}?")


def _the_reference_can_be_found(optimizer: Optimizer[Any]) -> None:
    """Library classes that exist, or a sentence that says what the method is held to."""
    given = optimizer.reference
    if isinstance(given, str):
        demand(" " in given.strip(), "reference must name library classes, or say in a sentence what stands for one")
        return
    good = isinstance(given, tuple) and given and all(isinstance(r, Reference) for r in given)
    demand(good, f"reference must be a sentence or a tuple of lab.Reference, got {given!r}")
    for one in given:
        demand(one.differs or one.tolerance <= 1e-12 or one.says, f"the tolerance for {one.target} has no reason")
        installed(one)


def _it_agrees_with_its_references(optimizer: Optimizer[Any]) -> None:
    """Over 200 steps in float64; where the two are said to differ, they do."""
    for one in optimizer.reference if isinstance(optimizer.reference, tuple) else ():
        if installed(one):
            wrong = verdict(one, compare(optimizer, one))
            demand(not wrong, wrong)


def _float32_follows_float64(optimizer: Optimizer[Any]) -> None:
    """30 steps in float32 end where those in float64 do, to what float32 can hold."""
    x, noise = begins(3), gradients(30, 3)
    want = drive(optimizer, noise, x).x[-1]
    with default_dtype(torch.float32):
        got = drive(optimizer, noise.float(), x.float()).x[-1].double()
    apart = ((got - want).abs().amax(-1) / (1.0 + want.abs().amax(-1))).median()
    demand(float(apart) <= SINGLE, f"float32 ends {float(apart):.1e} away from float64 in the median row")


def _both_engines_run_it_alike(optimizer: Optimizer[Any]) -> None:
    """The recorded and compiled step gives what the eager one gives, over 30 steps."""
    problem, metrics = GivenGradients(), (get_metric("iterate"), *measured(optimizer))
    if choose("auto", problem, optimizer, metrics).name != "fused":
        return  # no compiler here, or a matrix method; `_a_step_can_be_recorded` refuses the others
    batch = Batch(
        problem=problem,
        optimizers=(optimizer,),
        metrics=metrics,
        first_seed=0,
        n_seeds=ROWS,
        key=1,
        steps=30,
        record=(0, 1, 2, 30),
        start=tuple(begins(3)[5].tolist()),
        dtype=torch.float64,
        device=torch.device("cpu"),
    )
    for metric, want, got in zip(metrics, reference.run(batch).values, cpu.run(batch).values, strict=True):
        apart = _apart(got, want)
        demand(apart <= ENGINES_APART, f"the fused engine is {apart:.1e} away from the eager one in {metric.name}")


METHOD_CHECKS: tuple[Check, ...] = (
    _symmetries_hold,
    _the_degree_holds,
    _declared_units_hold,
    _the_reference_can_be_found,
    _it_agrees_with_its_references,
    _float32_follows_float64,
    _both_engines_run_it_alike,
)
