"""Which problems and optimizers meet in a test: each with three probes by default, all pairs where there is time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import pytest
import torch
from torch import Tensor

import lab
from lab import discovery
from lab.errors import LabError
from lab.optimizer import Kind, Optimizer
from lab.optimizers.adam import Adam
from lab.optimizers.gclip import GClip
from lab.optimizers.sgd import SGD
from lab.problem import Problem
from lab.schedules import InvSqrt, Schedule
from problems.quadratic import HeavyTailedQuadratic, NoisyQuadratic
from problems.reddi import ReddiStochastic

QUADRATIC = NoisyQuadratic(spectrum=(1.0, 0.5, 2.0))
# check_optimizer runs both engines on a third problem, a quadratic whose noise is the draws themselves.
PROBE_PROBLEMS: list[Problem] = [ReddiStochastic(), HeavyTailedQuadratic(spectrum=(1.0, 0.1))]
PROBE_OPTIMIZERS: list[Optimizer[Any]] = [
    SGD(lr=InvSqrt(0.1)),
    Adam(lr=InvSqrt(0.1), betas=(0.9, 0.99)),
    GClip(lr=0.05),
]


class ProbeStates(NamedTuple):
    """The state of each probe optimizer."""

    sgd: Any
    adam: Any
    gclip: Any


@dataclass(frozen=True, kw_only=True)
class Probe(Optimizer[ProbeStates]):
    """The probe optimizer that `which` counts: as a hyperparameter is an input of the kernel, one serves the three."""

    name: ClassVar[str] = "probe"
    source: ClassVar[str] = "a test"
    kind: ClassVar[Kind] = "global"

    which: float = 0.0
    sgd: Optimizer[Any] = PROBE_OPTIMIZERS[0]
    adam: Optimizer[Any] = PROBE_OPTIMIZERS[1]
    gclip: Optimizer[Any] = PROBE_OPTIMIZERS[2]

    def init(self, x: Tensor) -> ProbeStates:
        return ProbeStates(self.sgd.init(x), self.adam.init(x), self.gclip.init(x))

    def update(self, g: Tensor, state: ProbeStates, x: Tensor, t: Tensor) -> tuple[Tensor, ProbeStates]:
        methods = (self.sgd, self.adam, self.gclip)
        both = [o.update(g, s, x, t) for o, s in zip(methods, state, strict=True)]
        (sgd, adam, gclip), after = zip(*both, strict=True)
        which = torch.zeros_like(g) + self.which
        return torch.where(which == 0, sgd, torch.where(which == 1, adam, gclip)), ProbeStates(*after)


PROBES = [Probe(which=float(k)) for k in range(len(PROBE_OPTIMIZERS))]


def tuned(name: str, lr: Schedule | float, **values: Any) -> Any:
    """The optimizer with this step size and these values, as far as it has them."""
    fields = discovery.optimizers()[name].__dataclass_fields__
    return lab.get_optimizer(name, **{k: v for k, v in ({"lr": lr} | values).items() if k in fields})


def probed(
    lr: Schedule | float,
    problems: Sequence[Problem] = PROBE_PROBLEMS,
    optimizers: Sequence[Optimizer[Any]] = PROBE_OPTIMIZERS,
) -> list[Any]:
    """Each optimizer on some problems, and each problem under some optimizers."""
    theirs = [
        pytest.param(lab.get_problem(name), optimizer, id=f"{optimizer.name}-on-{name}")
        for name in lab.list_problems()
        for optimizer in optimizers
    ]
    return each_optimizer(lr, problems) + theirs


def each_optimizer(lr: Schedule | float, problems: Sequence[Problem] = PROBE_PROBLEMS) -> list[Any]:
    """Each optimizer on some problems."""
    return [
        pytest.param(problem, tuned(name, lr), id=f"{name}-{problem.name}")
        for name in lab.list_optimizers()
        for problem in problems
    ]


def on_every_problem(name: str, lr: Schedule | float, check: Callable[[Problem, Optimizer[Any]], None]) -> None:
    """Call `check` for an optimizer on every problem with which it can run; a refusal names the pairs.

    One test an optimizer: a test a pair would take longer to collect than all others to run.
    """
    refused = []
    for problem in map(lab.get_problem, lab.list_problems()):
        if name != "sophia" or knows_its_hessian(problem):
            try:
                check(problem, tuned(name, lr))
            except AssertionError as reason:
                refused.append(f"{name} on {problem.name}: {reason}")
    assert not refused, "\n".join(refused)


def knows_its_hessian(problem: Problem) -> bool:
    try:
        problem.hessian_diagonal(torch.zeros(problem.dim, dtype=torch.float64))
    except LabError:
        return False
    return True
