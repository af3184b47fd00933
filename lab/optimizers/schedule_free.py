"""Schedule-free SGD and AdamW (A. Defazio et al., NeurIPS 2024)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import torch

from lab.linalg import factor, like, ratio
from lab.optimizer import Kind, Optimizer, Symmetry
from lab.ranges import fractions, nonnegative
from lab.reference import Reference
from lab.schedules import Constant, Schedule, Warmup
from lab.types import Points, Step
from lab.units import CURVATURE, GRADIENT, PER_LENGTH, PURE, ByName


class Average(NamedTuple):
    """The average of all z but the newest, the newest one's share c, the sum of weights, the largest step size.

    The newest z joins the average when it is looked at: by then it has been projected.
    """

    x: Points
    c: Points
    total: Points
    lr_max: Points

    @classmethod
    def start(cls, z: Points) -> Average:
        """Return the average before the first step, which is z itself."""
        none = torch.zeros_like(z[..., :1])
        return cls(x=z, c=none, total=none, lr_max=none)

    def with_newest(self, z: Points) -> Points:
        """Return x = (1 - c) x + c z."""
        return (1 - self.c) * self.x + self.c * z

    def next(self, z: Points, lr: Any, t: Step, r: float, power: float) -> Average:
        """Return the average that waits for the z of step t, whose weight is t^r (max_{i <= t} lr_i)^power."""
        lr_max = torch.maximum(self.lr_max, like(z, lr))
        w = t**r * lr_max**power
        total = self.total + w
        return Average(x=self.with_newest(z), c=ratio(w, total), total=total, lr_max=lr_max)


class Moment(NamedTuple):
    """The average, field by field, and the running mean of g * g."""

    x: Points
    c: Points
    total: Points
    lr_max: Points
    v: Points


def _as_po(o: SFSGD | SFAdamW) -> dict[str, Any]:
    moments = {"momentum": o.momentum} if isinstance(o, SFSGD) else {"betas": o.betas, "eps": o.eps}
    return moments | {"weight_decay": o.weight_decay, "r": o.r, "weight_lr_power": o.weight_lr_power}


def _as_optax(o: SFSGD | SFAdamW) -> dict[str, Any]:
    if isinstance(o, SFSGD):
        moments = {"b1": o.momentum}
    else:
        moments = {"b1": o.betas[0], "b2": o.betas[1], "eps": o.eps}
    return moments | {"weight_decay": o.weight_decay, "weight_lr_power": o.weight_lr_power}


WEIGHTS = "it weighs step t by the step size of step t + 1, which matters where the step size varies"


@dataclass(frozen=True, kw_only=True)
class SFSGD(Optimizer[Average]):
    """z_t = z_{t-1} - lr_t (g_t + weight_decay y_t), g_t at y_t = (1 - momentum) z_{t-1} + momentum x_{t-1}.

    z is held (and projected), y is queried and played, the average x is returned: x_t = (1 - c_t) x_{t-1} + c_t z_t,
    c_t the share of w_t = t^r (max_{i <= t} lr_i)^weight_lr_power in w_1 + ... + w_t. The start has no weight; with a
    constant lr and r = 0, x is the plain mean of z_1, ..., z_t. All three points are kept apart, so momentum = 0 (the
    gradient at z: averaged SGD) works; libraries keep y and z and divide by momentum. Warm-ups are schedules:
    lr = Warmup(Constant(1.0), 100).
    """

    name: ClassVar[str] = "sf_sgd"
    source: ClassVar[str] = "Defazio et al., NeurIPS 2024, arXiv 2405.15682; facebookresearch/schedule_free"
    kind: ClassVar[Kind] = "coordinatewise"
    reference: ClassVar[tuple[Reference, ...]] = (
        Reference(target="pytorch_optimizer.ScheduleFreeSGD", arguments=_as_po, at={"momentum": 0.9}, point="query"),
        Reference(
            target="pytorch_optimizer.ScheduleFreeSGD",
            arguments=_as_po,
            at={"lr": Warmup(Constant(0.5), 20), "momentum": 0.8, "weight_decay": 0.05, "r": 1.0},
            point="query",
        ),
        Reference(
            target="optax.contrib.schedule_free_sgd",
            arguments=_as_optax,
            at={"lr": 0.5, "momentum": 0.9, "r": 0.0, "weight_lr_power": 2.0},
            point="query",
        ),
        Reference(
            target="optax.contrib.schedule_free_sgd",
            arguments=_as_optax,
            at={"lr": Warmup(Constant(0.5), 20), "momentum": 0.9, "r": 0.0, "weight_lr_power": 2.0},
            point="query",
            differs=WEIGHTS,
        ),
    )
    homogeneity: ClassVar[float] = 1
    units: ClassVar[ByName] = {"weight_decay": CURVATURE, "r": PURE, "weight_lr_power": PURE}
    symmetries: ClassVar[tuple[Symmetry, ...]] = ("permutation", "signs", "rotation")

    lr: Schedule = Constant(1.0)
    momentum: float = 0.9
    weight_decay: float = 0.0
    r: float = 0.0
    weight_lr_power: float = 2.0

    def validate(self) -> None:
        fractions(self, "momentum")
        nonnegative(self, "weight_decay", "r", "weight_lr_power")

    def init(self, x: Points) -> Average:
        return Average.start(x)

    def query(self, x: Points, state: Average, t: Step) -> Points:
        return (1 - self.momentum) * x + self.momentum * self.output(x, state, t)

    def update(self, g: Points, state: Average, x: Points, t: Step) -> tuple[Points, Average]:
        y, lr = self.query(x, state, t), self.lr(t)
        return -lr * (g + self.weight_decay * y), state.next(x, lr, t, self.r, self.weight_lr_power)

    def effective_step(self, state: Average, t: Step) -> Points:
        del state
        return self.lr(t)

    def output(self, x: Points, state: Average, t: Step) -> Points:
        del t
        return state.with_newest(x)


@dataclass(frozen=True, kw_only=True)
class SFAdamW(Optimizer[Moment]):
    """z_t = z_{t-1} - lr_t (g_t / (sqrt(vhat_t) + eps) + weight_decay y_t), g_t at y_t = (1 - beta1) z + beta1 x.

    z is held (and projected), y is queried and played, x is returned, averaged as in `sf_sgd`; beta1 interpolates and
    averages no gradient, and may be 0. Only v is corrected for bias. eps is compared with |g|. pytorch_optimizer adds
    1e-15 under the root.
    """

    name: ClassVar[str] = "sf_adamw"
    source: ClassVar[str] = "Defazio et al., NeurIPS 2024, arXiv 2405.15682, Algorithm 1"
    kind: ClassVar[Kind] = "coordinatewise"
    reference: ClassVar[tuple[Reference, ...]] = (
        Reference(
            target="pytorch_optimizer.ScheduleFreeAdamW", arguments=_as_po, at={"betas": (0.9, 0.999)}, point="query"
        ),
        Reference(
            target="pytorch_optimizer.ScheduleFreeAdamW",
            arguments=_as_po,
            at={"lr": Warmup(Constant(0.02), 20), "betas": (0.8, 0.99), "weight_decay": 0.1, "r": 1.0},
            point="query",
        ),
        Reference(
            target="optax.contrib.schedule_free_adamw",
            arguments=_as_optax,
            at={"lr": 2.5e-3, "betas": (0.9, 0.999), "r": 0.0, "weight_lr_power": 2.0},
            point="query",
        ),
        Reference(
            target="optax.contrib.schedule_free_adamw",
            arguments=_as_optax,
            at={"lr": Warmup(Constant(0.02), 20), "betas": (0.9, 0.999), "r": 0.0, "weight_lr_power": 2.0},
            point="query",
            differs=WEIGHTS,
        ),
    )
    homogeneity: ClassVar[float] = 0
    units: ClassVar[ByName] = {"eps": GRADIENT, "weight_decay": PER_LENGTH, "r": PURE, "weight_lr_power": PURE}

    lr: Schedule = Constant(2.5e-3)
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-8
    weight_decay: float = 0.0
    r: float = 0.0
    weight_lr_power: float = 2.0

    def validate(self) -> None:
        fractions(self, "betas")
        nonnegative(self, "eps", "weight_decay", "r", "weight_lr_power")

    def init(self, x: Points) -> Moment:
        return Moment(*Average.start(x), v=torch.zeros_like(x))

    def query(self, x: Points, state: Moment, t: Step) -> Points:
        beta1, _ = self.betas
        return (1 - beta1) * x + beta1 * self.output(x, state, t)

    def update(self, g: Points, state: Moment, x: Points, t: Step) -> tuple[Points, Moment]:
        (_, beta2), lr = self.betas, self.lr(t)
        y = self.query(x, state, t)
        v = beta2 * state.v + (1 - beta2) * g.square()
        u = ratio(g, self._root(v, t)) + self.weight_decay * y
        average = Average(*state[:4]).next(x, lr, t, self.r, self.weight_lr_power)
        return -lr * u, Moment(*average, v=v)

    def effective_step(self, state: Moment, t: Step) -> Points:
        return self.lr(t) * factor(state.v, self._root(state.v, t))

    def _root(self, v: Points, t: Step) -> Points:
        return (v / (1 - self.betas[1] ** t)).sqrt() + self.eps

    def output(self, x: Points, state: Moment, t: Step) -> Points:
        del t
        return Average(*state[:4]).with_newest(x)
