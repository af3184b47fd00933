"""An axis of a phase map: which parameter it moves, between which ends, on which scale."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from lab.errors import LabError, require, unknown
from lab.optimizer import Optimizer
from lab.parameters import Parametric
from lab.problem import Problem
from lab.schedules import Schedule

Floats = npt.NDArray[np.float64]

PROBLEM = "problem"
_TEXT = re.compile(r"\s*(1-)?([A-Za-z_][\w.]*)\s*=\s*(\S+?)\.\.(\S+?)(:log|:linear)?\s*")
_BETA = re.compile(r"beta(\d)")


@dataclass(frozen=True)
class Axis:
    """The values from `low` to `high` of the parameters `sets`, all given the same value.

    A parameter is a path into the optimizer, "lr", "betas.1" or "beta2", "inner.lr", or into the problem,
    "problem.C"; of a schedule it is the size. It must be a real number: a whole one is a map of its own for each
    value. complement: the parameter is one minus the axis's value, so that 1 - beta2 can be on a log scale.
    """

    sets: tuple[str, ...]
    low: float
    high: float
    log: bool = False
    complement: bool = False

    def __post_init__(self) -> None:
        require(len(self.sets) > 0 and all(self.sets), "phase map", "axis", self.sets, "one parameter or more")
        good = bool(np.isfinite([self.low, self.high]).all()) and self.low < self.high
        require(good, f"axis {self.name}", "limits", (self.low, self.high), "finite and increasing")
        require(self.low > 0 or not self.log, f"axis {self.name}", "low", self.low, "> 0 on a log scale")

    @property
    def name(self) -> str:
        """Return how the axis is called: its first parameter, "1-" before it where it is the complement."""
        return ("1-" if self.complement else "") + self.sets[0]

    def at(self, part: Floats) -> Floats:
        """Return the values at places in [0, 1] along the axis."""
        part = np.asarray(part, dtype=np.float64)
        if self.log:
            return np.asarray(self.low * (self.high / self.low) ** part)
        return np.asarray(self.low + (self.high - self.low) * part)

    def apply(self, value: float, problem: Problem, optimizer: Optimizer[Any]) -> tuple[Problem, Optimizer[Any]]:
        """Return both with the axis at a value. LabError where a parameter is unknown or refuses it."""
        number = 1 - value if self.complement else value
        for path in self.sets:
            owner, _, rest = path.partition(".")
            if owner == PROBLEM:
                problem = with_value(problem, rest, number)
            else:
                optimizer = with_value(optimizer, path, number)
        return problem, optimizer

    @property
    def spec(self) -> dict[str, Any]:
        """Return the axis as plain values."""
        return {f.name: getattr(self, f.name) for f in fields(self)} | {"sets": list(self.sets)}


def parse(text: str) -> Axis:
    """Return the axis that `NAME=LOW..HIGH[:log]` writes; NAME may begin with "1-". LabError where it writes none."""
    found = _TEXT.fullmatch(text)
    if found is None:
        raise LabError(f"axis {text!r}: write NAME=LOW..HIGH or NAME=LOW..HIGH:log, as in lr=1e-3..1:log")
    complement, name, low, high, scale = found.groups()
    try:
        ends = float(low), float(high)
    except ValueError:
        raise LabError(f"axis {text!r}: {low!r} and {high!r} must be numbers") from None
    return Axis((name,), *ends, log=scale == ":log", complement=complement is not None)


def with_value(owner: Any, path: str, value: float) -> Any:
    """Return a Parametric with one of its numbers replaced, checked as when it is built.

    path: field names with dots between them, an index into a tuple, "beta2" for "betas.1"; a schedule without more is
    its size `lr`. LabError for a path that leads to no real number.
    """
    path = _BETA.sub(lambda m: f"betas.{int(m[1]) - 1}", path) if _BETA.fullmatch(path) else path
    field, _, rest = path.partition(".")
    known = {f.name: f for f in fields(owner)}
    if field not in known:
        raise unknown(f"parameter of {owner.name}", field, known)
    old = getattr(owner, field)
    if isinstance(old, Parametric):
        new: Any = with_value(old, rest or ("lr" if isinstance(old, Schedule) else ""), value)
    elif isinstance(old, tuple) and rest.isdecimal() and int(rest) < len(old):
        new = (*old[: int(rest)], float(value), *old[int(rest) + 1 :])
    else:
        require(isinstance(old, float) and not rest, owner, path, old, "a real number to be the axis of a map")
        new = float(value)
    return replace(owner, **{field: new})
