"""The same thing in other units: the objective times f, every length times x, and all that has units follows.

Of a problem that is a wrapper, `Scale`; of an optimizer its hyperparameters by their declared units; of a prediction
also the start, the bound's symbols and what is certified of the metric. With powers of 2 nothing is rounded.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any, TypeVar, overload

import torch
from torch import Tensor

from lab.claim import Certificate, Claim, Moment, Nonnegative, Prediction, Range, Variance
from lab.engine.step import default_dtype
from lab.errors import LabError
from lab.metrics import get_metric
from lab.optimizer import Optimizer
from lab.problem import Problem
from lab.schedules import Schedule
from lab.transforms import Transform
from lab.units import GRADIENT, LENGTH, OBJECTIVE, PURE, Units
from lab.wrappers import Scale

Change = tuple[float, float]  # the factors of the objective and of length
TOLERANCE = 1e-9  # an ulp a step of a function that rounds, which a path may make 10^5 times as large
Method = TypeVar("Method", bound=Optimizer[Any])


class NoUnits(LabError):
    """A number that stands for two quantities, or for none, so that it cannot follow a change of units."""


@overload
def scaled(thing: Problem, f: float = 1.0, x: float = 1.0) -> Scale: ...


@overload
def scaled(thing: Method, f: float = 1.0, x: float = 1.0) -> Method: ...


def scaled(thing: Any, f: float = 1.0, x: float = 1.0) -> Any:
    """Return a problem, or an optimizer, in units in which the objective is f times as large and lengths x times.

    On a scaled problem the scaled optimizer takes x times the steps that it takes on the problem itself. f and x are
    positive. NoUnits for an optimizer with a number, not 0, that cannot follow; LabError for what is neither.
    """
    if isinstance(thing, Problem):
        return Scale(inner=thing, f=f, by=x)
    if not isinstance(thing, Optimizer):
        raise LabError(f"scaled: takes a Problem or an Optimizer, got {thing!r}")
    _require_sizes(thing)
    leaves = {path: _times(v, thing, path, f, x) for path, v in thing.leaves().items()}
    roots = {path.partition(".")[0] for path in leaves}
    rows = {name: getattr(thing, name) for name in thing.units if name not in roots and hasattr(thing, name)}
    changed = {name: tuple(_times(v, thing, name, f, x) for v in row) for name, row in rows.items()}
    return replace(thing.bind(leaves), **changed) if changed else thing.bind(leaves)


def scaled_prediction(claim: Claim, p: Prediction, f: float = 1.0, x: float = 1.0) -> Prediction:
    """Return a prediction of this claim in other units; what is found of it must be what was found before.

    NoUnits where the optimizer has a number that cannot follow.
    """
    return replace(
        scaled_statement(claim, p, f, x),
        optimizer=scaled(p.optimizer, f, x),
        start=None if p.start is None else tuple(v * LENGTH.factor(f, x) for v in p.start),
        certified=_certified(p.certified, get_metric(p.metric or claim.metric).units.factor(f, x)),
    )


def scaled_statement(claim: Claim, p: Prediction, f: float = 1.0, x: float = 1.0) -> Prediction:
    """Return a prediction with its problem and its values scaled: what its bound and its assumptions speak of.

    Quantities with `unit_value` are no longer 1, and are given as values; a symbol that is not declared is pure.
    """
    units = {q.symbol.name: q.units for q in claim.symbols}
    values: dict[str, float | str] = {q.symbol.name: q.units.factor(f, x) for q in claim.symbols if q.unit_value}
    for name, v in p.values.items():
        values[name] = v if isinstance(v, str) else v * units.get(name, PURE).factor(f, x)
    return replace(p, problem=scaled(p.problem, f, x), values=values)


def leaf_units(optimizer: Optimizer[Any], path: str) -> Units | None:
    """Return the units of a leaf, or of a row of numbers, by its path; None where it has none or more than one."""
    head, _, rest = path.partition(".")
    part = getattr(optimizer, head)
    if isinstance(part, Optimizer):
        units = leaf_units(part, rest)
        return optimizer.outside(units) if units and isinstance(optimizer, Transform) else units
    if not isinstance(part, Schedule):
        return optimizer.units.get(path, optimizer.units.get(head, PURE))
    power, lr = part.in_lr.get(path.rpartition(".")[2], 0), optimizer.lr_units
    if power == 0:
        return PURE
    return None if lr is None else Units(F=power * lr.F, X=power * lr.X)


def undeclared(optimizer: Optimizer[Any]) -> tuple[str, ...]:
    """Return the hyperparameters that are not 0 and of which no units are declared; rates of decay are pure numbers."""
    if isinstance(inner := getattr(optimizer, "inner", None), Optimizer):
        return (*_undeclared(optimizer), *undeclared(inner))
    return _undeclared(optimizer)


def problem_scales(problem: Problem, other: Problem, change: Change, x: Tensor) -> dict[str, bool]:
    """Return, by name, whether each function of `other` is that of `problem` scaled, at points x `(N, d)` of it."""
    draws = torch.arange(len(x) * problem.n_draws, dtype=torch.float64).reshape(len(x), problem.n_draws) * 0.618 % 1
    t = torch.tensor(1.0, dtype=torch.float64)
    functions: dict[str, tuple[Units, Callable[[Problem, Tensor], Tensor]]] = {
        "value": (OBJECTIVE, lambda p, x: p.value(x)),
        "gradient": (GRADIENT, lambda p, x: p.grad(x)),
        "loss": (OBJECTIVE, lambda p, x: p.loss(x, t, draws)),
        "oracle": (GRADIENT, lambda p, x: p.oracle(x, t, draws)),
        "domain": (LENGTH, lambda p, x: p.domain.project(3 * x)),
    }
    scaled_x = x * LENGTH.factor(*change)
    with default_dtype(torch.float64):
        return {
            name: apart(of(other, scaled_x), of(problem, x) * units.factor(*change))[0] <= TOLERANCE
            for name, (units, of) in functions.items()
        }


def apart(got: Tensor, wanted: Tensor) -> tuple[float, int]:
    """Return the largest difference, relative to the largest value wanted, and where along the first axis it begins."""
    same = (got == wanted) | (got.isnan() & wanted.isnan())
    if bool(same.all()):
        return 0.0, 0
    size = float(wanted[wanted.isfinite()].abs().max()) if bool(wanted.isfinite().any()) else 0.0
    far = torch.where(same, 0.0, (got - wanted).abs()).nan_to_num(math.inf).reshape(len(got), -1).amax(1)
    return float(far.max()) / size if size else math.inf, int((far > 0).nonzero()[0])


def _undeclared(optimizer: Optimizer[Any]) -> tuple[str, ...]:
    pure = {path.partition(".")[0] for path in optimizer.momenta}
    names = dict.fromkeys(path.partition(".")[0] for path, v in optimizer.leaves().items() if v != 0)
    known = {"lr", "inner", *pure, *optimizer.units}
    return tuple(name for name in names if name not in known and not name.startswith("beta"))


def _require_sizes(optimizer: Optimizer[Any]) -> None:
    """Raise NoUnits where step sizes are given by a schedule without a number that could follow."""
    for name in (field.name for field in fields(optimizer)):
        part = getattr(optimizer, name)
        if isinstance(part, Optimizer):
            _require_sizes(part)
        if isinstance(part, Schedule) and not any(path.rpartition(".")[2] in part.in_lr for path in part.leaves()):
            raise NoUnits(f"{name} of {optimizer.label}, {part.name}, has numbers of its own for step sizes")


def _times(v: float, optimizer: Optimizer[Any], path: str, f: float, x: float) -> float:
    if v == 0:
        return v
    units = leaf_units(optimizer, path)
    if units is None:
        raise NoUnits(f"{path} of {optimizer.label} has no units: no change of units leaves the method what it was")
    return v * units.factor(f, x)


def _certified(known: Certificate | None, by: float) -> Certificate | None:
    """Return what is certified of `by` times the metric."""
    match known:
        case Range(low, high, why):
            return Range(lambda t: by * low(t), lambda t: by * high(t), why)
        case Variance(variance, why):
            return Variance(lambda t: by**2 * variance(t), why)
        case Moment(p, moment, why):
            return Moment(p, lambda t: by**p * moment(t), why)
        case Nonnegative(cap, why):
            return Nonnegative(lambda t: by * cap(t), why)
    return None
