"""AdaBound and AMSBound: Adam and AMSGrad between two bounds that close on SGD (L. Luo et al., ICLR 2019)."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor

from lab.linalg import like, ratio
from lab.optimizer import Kind, Optimizer
from lab.ranges import fractions, nonnegative, positive
from lab.reference import Reference
from lab.schedules import Constant, InvSqrt, Schedule
from lab.types import Points, Step
from lab.units import GRADIENT, LENGTH, PURE, STEP_SIZE, ByName

FLOOR = "it adds 1e-15 under the root"


class State(NamedTuple):
    """Running means of g and of g * g, the second moment under the root, and the step sizes of the last step."""

    m: Points
    v: Points
    vhat: Points
    eta: Points


def _as_po(o: Any) -> dict[str, object]:
    own = {"betas": o.betas, "eps": o.eps, "final_lr": o.final_lr, "gamma": o.gamma}
    return own | {"ams_bound": isinstance(o, AMSBound)}


@dataclass(frozen=True, kw_only=True)
class _Bounded(Optimizer[State]):
    """What the two share; they differ in the second moment under the root."""

    kind: ClassVar[Kind] = "coordinatewise"
    reference: ClassVar[tuple[Reference, ...]] = (
        Reference(
            target="pytorch_optimizer.AdaBound",
            arguments=_as_po,
            at={"debias": True, "lr": Constant(1e-2)},
            tolerance=1e-11,
            says=FLOOR,
        ),
        Reference(
            target="pytorch_optimizer.AdaBound",
            arguments=_as_po,
            at={"debias": True, "lr": InvSqrt(1e-2), "final_lr": 0.02, "gamma": 0.1},
            tolerance=1e-11,
            says=FLOOR,
        ),
    )
    units: ClassVar[ByName] = {"lr": LENGTH, "final_lr": STEP_SIZE, "gamma": PURE, "eps": GRADIENT}

    lr: Schedule = Constant(1e-3)
    final_lr: float = 0.1
    betas: tuple[float, float] = (0.9, 0.999)
    gamma: float = 1e-3
    eps: float = 1e-8
    debias: bool = True

    @abstractmethod
    def under_root(self, vhat: Points, v: Points) -> Points:
        """Return vhat_t from vhat_{t-1} and v_t."""

    def validate(self) -> None:
        fractions(self, "betas")
        positive(self, "final_lr", "gamma")
        nonnegative(self, "eps")

    def init(self, x: Points) -> State:
        return State(*(torch.zeros_like(x) for _ in State._fields))

    def update(self, g: Points, state: State, x: Points, t: Step) -> tuple[Points, State]:
        del x
        beta1, beta2 = self.betas
        m = beta1 * state.m + (1 - beta1) * g
        v = beta2 * state.v + (1 - beta2) * g.square()
        vhat = self.under_root(state.vhat, v)
        alpha = self.lr(t) * ((1 - beta2**t).sqrt() / (1 - beta1**t) if self.debias else 1.0)
        low, high = self._bounds(g, t)
        root = vhat.sqrt() + self.eps
        eta = torch.where(root == 0, high, alpha / torch.where(root == 0, 1.0, root))
        eta = torch.minimum(torch.maximum(eta, low), high)
        return -eta * m, State(m, v, vhat, eta)

    def effective_step(self, state: State, t: Step) -> Points:
        del t
        return state.eta

    def metric(self, state: State) -> Points:
        return 1 / torch.where(state.eta == 0, 1.0, state.eta)  # lr = 0 moves nothing: any norm projects alike

    def _bounds(self, g: Points, t: Step) -> tuple[Tensor, Tensor]:
        """Return F_t (1 - 1 / (gamma t + 1)) and F_t (1 + 1 / (gamma t)), F_t being final_lr lr_t / lr_1."""
        first = like(g, self.lr(torch.ones_like(t)))
        final = self.final_lr * ratio(like(g, self.lr(t)), first)
        return final * (1 - 1 / (self.gamma * t + 1)), final * (1 + 1 / (self.gamma * t))


@dataclass(frozen=True, kw_only=True)
class AdaBound(_Bounded):
    """eta_t = clip(lr_t sqrt(1 - beta2^t) / (1 - beta1^t) / (sqrt(v_t) + eps), low_t, high_t), dx_t = -eta_t m_t.

    low_t, high_t = F_t (1 - 1 / (gamma t + 1)), F_t (1 + 1 / (gamma t)) with F_t = final_lr lr_t / lr_1; projected in
    the norm of 1 / eta_t. This is the authors' code. The paper's Algorithm 2 corrects no bias and divides eta by
    sqrt(t) once clipped: debias=False, eps=0, lr=InvSqrt(a), since F_t falls with lr_t; gamma = 1 - beta2 are the
    bounds of its experiments. eps is compared with the uncorrected sqrt(v). While lr / sqrt(v) lies between the
    bounds the move does not depend on the gradients' scale; once they bind it is proportional to it, final_lr being
    SGD's step size and lr Adam's. No gradient so far (root 0): eta = high_t, the limit.
    """

    name: ClassVar[str] = "adabound"
    source: ClassVar[str] = "Luo, Xiong, Liu, Sun, ICLR 2019, arXiv 1902.09843, Algorithm 2; the authors' code"

    def under_root(self, vhat: Points, v: Points) -> Points:
        del vhat
        return v


@dataclass(frozen=True, kw_only=True)
class AMSBound(_Bounded):
    """vhat_t = max(vhat_{t-1}, v_t), and eta_t, dx_t as in `adabound` with vhat_t under the root.

    The maximum is that of the uncorrected v, as in torch's AMSGrad. What `adabound` says of bounds, bias, eps and
    projection holds here too.
    """

    name: ClassVar[str] = "amsbound"
    source: ClassVar[str] = "Luo, Xiong, Liu, Sun, ICLR 2019, arXiv 1902.09843, Algorithm 3; the authors' code"

    def under_root(self, vhat: Points, v: Points) -> Points:
        return torch.maximum(vhat, v)
