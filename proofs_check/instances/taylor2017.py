"""Experiments for the last gradient of gradient descent: the Huber functions on which the bounds are attained."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from lab.claim import Prediction
from lab.optimizer import Kind, Optimizer
from lab.optimizers.agd import Previous
from lab.optimizers.sgd import SGD
from lab.problem import Problem
from lab.schedules import Constant
from lab.types import Points, Step
from problems.gd_worst_cases import GDQuadratic, Huber

L, H, N, KNEE = 2.0, 0.5, 30, 0.25
R = KNEE * (N * H + 1)
GAP = L * KNEE**2 * (N * H + 0.5)
BY_DISTANCE, BY_GAP = {"L": L, "R": R, "h": H}, {"L": L, "h": H, "Delta": GAP}


def _run(says: str, values: dict[str, float], at: tuple[int, ...], lr: float = H / L) -> Prediction:
    problem: Problem = Huber(L=L, R=R, d=1, delta=KNEE)
    return Prediction(says=says, problem=problem, optimizer=SGD(lr=Constant(lr)), at=at, values=values)


def _attained(values: dict[str, float]) -> tuple[Prediction, ...]:
    at_n = _run(f"attained after {N} steps", values, (N,))
    exact = Prediction(**{**vars(at_n), "relation": "==", "tolerance": 1e-9})
    return exact, _run("at every other number of steps it holds", values, (*range(1, N), *range(N + 1, 2 * N)))


def _diverges(values: dict[str, float]) -> tuple[Prediction, ...]:
    longer = Prediction(
        says="steps 2.1 / L against the bound of steps h / L",
        problem=GDQuadratic(L=L, R=R),
        optimizer=SGD(lr=Constant(2.1 / L)),
        at=(10,),
        values=values,
    )
    return (longer,)


def given_distance() -> tuple[Prediction, ...]:
    """Return the run on the worst function of 30 steps."""
    return _attained(BY_DISTANCE)


def given_distance_broken() -> tuple[Prediction, ...]:
    """Return a step with which gradient descent diverges."""
    return _diverges(BY_DISTANCE)


def given_gap() -> tuple[Prediction, ...]:
    """Return the same run, by its first gap."""
    return _attained(BY_GAP)


def given_gap_broken() -> tuple[Prediction, ...]:
    """Return a step with which gradient descent diverges."""
    return _diverges(BY_GAP)


@dataclass(frozen=True, kw_only=True)
class SimpleNesterov(Optimizer[Previous]):
    """x_{t+1} = y_t - g(y_t)/L, y_t = x_t + (t-2)/(t+1) (x_t - x_{t-1}); held and returned: x_{t+1}."""

    name: ClassVar[str] = "nesterov_simple"
    source: ClassVar[str] = "Taylor, Hendrickx, Glineur, SIAM J. Optim. 27 (2017), arXiv 1512.07516, Table 1"
    kind: ClassVar[Kind] = "coordinatewise"

    L: float

    def init(self, x: Points) -> Previous:
        return Previous(x)

    def query(self, x: Points, state: Previous, t: Step) -> Points:
        return x + (t - 2) / (t + 1) * (x - state.x)

    def update(self, g: Points, state: Previous, x: Points, t: Step) -> tuple[Points, Previous]:
        return self.query(x, state, t) - g / self.L - x, Previous(x)


def accelerated() -> tuple[Prediction, ...]:
    """Return the Huber function of six steps, from 18 knees away."""
    steps, radius = 6, 18.0  # (6^2 + 5 6 + 6) / 4

    attained = Prediction(
        says="attained after 6 steps",
        problem=Huber(L=L, R=radius, d=1, delta=1.0),
        optimizer=SimpleNesterov(L=L),
        at=(steps,),
        values={"L": L, "R": radius},
    )
    others = (*range(1, steps), *range(steps + 1, 2 * steps + 1))
    return attained, replace(attained, says="at other numbers of steps it holds", at=others)


def accelerated_broken() -> tuple[Prediction, ...]:
    """Return gradient descent, which is slower."""
    (run, _) = accelerated()
    return (replace(run, says="gradient descent", optimizer=SGD(lr=Constant(1 / L))),)
