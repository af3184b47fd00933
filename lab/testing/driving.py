"""Driving an optimizer with gradients of one's own choice."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import sympy as sp
import torch
from torch import Tensor

from lab.engine.step import StepOracle
from lab.layers import Shapes, in_layers
from lab.optimizer import Optimizer
from lab.problem import Constant, Formula, Problem
from lab.testing import samples
from lab.testing.samples import ROWS
from lab.transforms import Transform
from lab.types import Draws, Points, Scalars, Step

DECAYS = ("weight_decay", "lambd")  # the leaves that pull x to 0; torch.optim.ASGD has the second


@dataclass(frozen=True, kw_only=True)
class GivenGradients(Problem):
    """f(x) = curvature ||x||^2 / 2, whose oracle adds the draws as they are: any gradients can be fed."""

    name: ClassVar[str] = "given_gradients"
    source: ClassVar[str] = "made for check_optimizer"

    d: int = 3
    curvature: float = 0.25

    @property
    def dim(self) -> int:
        return self.d

    @property
    def n_draws(self) -> int:
        return self.d

    def value(self, x: Points) -> Scalars:
        return (0.5 * self.curvature * x.square()).sum(-1)

    def grad(self, x: Points) -> Points:
        return self.curvature * x

    def oracle(self, x: Points, t: Step, draws: Draws) -> Points:
        del t
        return self.grad(x) + draws

    def hessian_diagonal(self, x: Points) -> Points:
        return torch.zeros_like(x) + self.curvature

    @property
    def constants(self) -> Mapping[str, Constant]:
        return {"L": Constant(self.curvature), "mu": Constant(self.curvature)}

    def formula(self) -> Formula:
        x = sp.symbols(f"x1:{self.d + 1}", real=True)
        return Formula(x=tuple(x), value=sp.Float(self.curvature) * sum((xi**2 for xi in x), sp.S.Zero) / 2)


class Path(NamedTuple):
    """What a drive leaves: the held and the returned point after every step, and the last state."""

    x: Tensor  # (T + 1, N, d)
    output: Tensor  # (T + 1, N, d)
    state: tuple[Any, ...]


def handed(optimizer: Optimizer[Any], x: Points) -> Optimizer[Any]:
    """Return the optimizer as an engine runs it on a problem of one layer `(d,)`."""
    return in_layers(optimizer, ((x.shape[-1],),))


def drive(
    optimizer: Optimizer[Any], noise: Tensor, x: Points, curvature: float = 0.25, layers: Shapes | None = None
) -> Path:
    """Return the path from x `(..., d)` under gradients curvature x + noise[t - 1], noise `(T, ..., d)`.

    layers: their shapes; one vector, unless given.
    """
    problem = GivenGradients(d=x.shape[-1], curvature=curvature)
    optimizer = in_layers(optimizer, layers or ((x.shape[-1],),))
    state = optimizer.init(x)
    xs, outputs = [x], [optimizer.output(x, state, samples.step(0))]
    for t, u in enumerate(noise, start=1):
        now = samples.step(t)
        x, state = optimizer.step(StepOracle(problem, now, u), x, state, now)
        xs.append(x)
        outputs.append(optimizer.output(x, state, now))
    return Path(torch.stack(xs), torch.stack(outputs), state)


def hyperparameter(path: str) -> str:
    """Return the hyperparameter of a leaf, of a wrapped method too: "betas" of "inner.betas.0"."""
    while path.startswith("inner."):
        path = path.removeprefix("inner.")
    return path.partition(".")[0]


def chain(optimizer: Optimizer[Any]) -> list[Optimizer[Any]]:
    """Return an optimizer and, where it is a transform, all that it wraps, the innermost method last."""
    return [optimizer, *chain(optimizer.inner)] if isinstance(optimizer, Transform) else [optimizer]


def gradients(steps: int, d: int, rows: int = ROWS) -> Tensor:
    """Return noise `(steps, rows, d)`, normal of sizes 1e-3 to 10 from row to row, and now and then exactly 0."""
    return _gradients(steps, d, rows).clone()


@functools.cache  # a check of an optimizer asks for the same ones twenty times
def _gradients(steps: int, d: int, rows: int) -> Tensor:
    noise = torch.stack([samples.normals(rows, d, 100 + t) for t in range(steps)])
    size = 10.0 ** (torch.arange(rows) % 5 - 3).to(torch.float64)
    noise = noise * size.unsqueeze(-1)
    noise[3::7, ::4] = 0.0
    return noise


def begins(d: int, rows: int = ROWS) -> Points:
    """Return first points `(rows, d)`."""
    return samples.normals(rows, d, 99)
