"""AdaBelief: Adam that divides by the gradient's deviation from its mean (J. Zhuang et al., NeurIPS 2020)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import torch

from lab.optimizer import Kind, Optimizer
from lab.ranges import fractions, positive
from lab.reference import Reference
from lab.schedules import Constant, Schedule
from lab.types import Points, Step
from lab.units import ByName


class State(NamedTuple):
    """The running mean of g, and that of its squared deviation from it."""

    m: Points
    s: Points


def _as_optax(o: AdaBelief) -> dict[str, float]:
    return {"b1": o.betas[0], "b2": o.betas[1], "eps": o.eps, "eps_root": o.eps}


@dataclass(frozen=True, kw_only=True)
class AdaBelief(Optimizer[State]):
    """s_t = beta2 s_{t-1} + (1 - beta2) (g_t - m_t)^2 + eps, dx_t = -lr_t mhat_t / (sqrt(shat_t) + eps).

    The deviation is from the updated m. eps is one number in two units: added to s at every step, it is compared with
    squared gradients, and makes shat >= eps / (1 - beta2), so that sqrt(shat) >= 3.2e-7 at the defaults; added to the
    root, with gradients, where it is nothing beside that floor. Under a constant gradient s falls to the floor and the
    step grows to lr |g| / 3.2e-7; the same with beta1 = 0, where g - m = 0. eps = 0 would divide by 0 there, hence
    eps > 0. Projected in the norm of sqrt(s_t), as in the paper's convex theorem.
    """

    name: ClassVar[str] = "adabelief"
    source: ClassVar[str] = "Zhuang et al., NeurIPS 2020, arXiv 2010.07468, Algorithm 2"
    kind: ClassVar[Kind] = "coordinatewise"
    reference: ClassVar[tuple[Reference, ...]] = (
        Reference(target="pytorch_optimizer.AdaBelief"),
        Reference(target="optax.adabelief", arguments=_as_optax),
        Reference(
            target="optax.adabelief",
            arguments=lambda o: _as_optax(o) | {"eps_root": 0.0},
            at={"eps": 1e-4},
            differs="without eps_root, nothing is added to s",
        ),
    )
    homogeneity: ClassVar[float] = 0
    units: ClassVar[ByName] = {"eps": None}

    lr: Schedule = Constant(1e-3)
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-16

    def validate(self) -> None:
        fractions(self, "betas")
        positive(self, "eps")

    def init(self, x: Points) -> State:
        return State(m=torch.zeros_like(x), s=torch.zeros_like(x))

    def update(self, g: Points, state: State, x: Points, t: Step) -> tuple[Points, State]:
        del x
        beta1, beta2 = self.betas
        m = beta1 * state.m + (1 - beta1) * g
        s = beta2 * state.s + (1 - beta2) * (g - m).square() + self.eps
        return -self.lr(t) * (m / (1 - beta1**t)) / self._root(s, t), State(m, s)

    def effective_step(self, state: State, t: Step) -> Points:
        return self.lr(t) / (1 - self.betas[0] ** t) / self._root(state.s, t)

    def _root(self, s: Points, t: Step) -> Points:
        """Return sqrt(shat_t) + eps."""
        return (s / (1 - self.betas[1] ** t)).sqrt() + self.eps

    def metric(self, state: State) -> Points:
        return state.s.sqrt()
