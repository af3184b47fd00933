"""Optimizers that are sound programs and the wrong algorithm: published slips, and declarations that do not hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import torch

from lab.linalg import norm_sq, ratio
from lab.optimizer import Optimizer
from lab.ranges import fractions, nonnegative
from lab.reference import Reference
from lab.schedules import Constant, Schedule
from lab.units import LENGTH
from wrong.optimizers import Averaged

# What is declared of the algorithm


class WrongDegree(Averaged):
    reason = "degree of homogeneity is not 0"
    homogeneity = 0


class UndeclaredDegree(Averaged):
    reason = "it is homogeneous of degree 1, and declares no degree"
    homogeneity = None


class UnknownSymmetry(Averaged):
    reason = "symmetries must be among permutation, signs, rotation, got 'reflection'"
    symmetries = ("reflection",)


class SignsDoNotRotate(Averaged):
    reason = "rotation does not commute"
    homogeneity = 0

    def update(self, g, state, x, t):
        return -self.lr(t) * ratio(g, g.abs()), state


class PrefersDescent(Averaged):
    """Negative gradients count double: no sign flip commutes."""

    reason = "signs does not commute"
    symmetries = ("permutation", "signs")

    def update(self, g, state, x, t):
        return super().update(torch.where(g < 0, 2 * g, g), state, x, t)


class LosesDigitsInSinglePrecision(Averaged):
    reason = "float32 ends"

    def update(self, g, state, x, t):
        return super().update((g + 1e7) - 1e7, state, x, t)


class DependsOnTheBatch(Averaged):
    """Half the step where the batch is small: what is recorded is not what runs."""

    reason = "the fused engine is"

    def update(self, g, state, x, t):
        dx, state = super().update(g, state, x, t)
        return (dx if len(x) == 64 or x.dim() == 1 else 0.5 * dx), state


# References


class NoReference(Averaged):
    reason = "reference must name library classes"
    reference = "none"


class ReferenceOfAnotherKind(Averaged):
    reason = "reference must be a sentence or a tuple"
    reference = ("torch.optim.SGD",)


class ReferenceWithATypo(Averaged):
    reason = "'torch.optim.Adamm' cannot be imported"
    reference = (Reference(target="torch.optim.Adamm"),)


class LooseForNoReason(Averaged):
    reason = "the tolerance for torch.optim.SGD has no reason"
    reference = (Reference(target="torch.optim.SGD", tolerance=1e-2),)


class SaidToDifferAndDoesNot(Averaged):
    reason = "torch.optim.SGD now agrees .* it was said to differ: its mean has another weight"
    reference = (
        Reference(
            target="torch.optim.SGD",
            arguments=lambda o: {"momentum": o.beta, "lr": 0.1 * (1 - o.beta)},
            differs="its mean has another weight",
        ),
    )


class ComparedAtRest(Averaged):
    reason = "torch.optim.SGD did not move"
    reference = (Reference(target="torch.optim.SGD", at={"lr": 0.0, "beta": 0.0}),)


# Published slips


class Moments(NamedTuple):
    m: torch.Tensor
    v: torch.Tensor
    vhat: torch.Tensor


ADAM = Reference(target="torch.optim.Adam", arguments=lambda o: {"betas": o.betas, "eps": o.eps})


@dataclass(frozen=True, kw_only=True)
class AdamFamily(Optimizer[Moments]):
    """Right: Adam as torch has it."""

    name: ClassVar[str] = "adam_family"
    source: ClassVar[str] = "this test"
    kind: ClassVar[str] = "coordinatewise"
    reference: ClassVar[object] = (ADAM,)
    homogeneity: ClassVar[float | None] = 0

    lr: Schedule = Constant(0.01)
    betas: tuple[float, float] = (0.9, 0.99)
    eps: float = 1e-8

    def validate(self):
        fractions(self, "betas")
        nonnegative(self, "eps")

    def init(self, x):
        return Moments(*(torch.zeros_like(x) for _ in range(3)))

    def moments(self, g, state):
        b1, b2 = self.betas
        return b1 * state.m + (1 - b1) * g, b2 * state.v + (1 - b2) * g * g

    def update(self, g, state, x, t):
        m, v = self.moments(g, state)
        mhat, vhat = m / (1 - self.betas[0] ** t), v / (1 - self.betas[1] ** t)
        return -self.lr(t) * ratio(mhat, vhat.sqrt() + self.eps), Moments(m, v, state.vhat)


class AdamWithoutBiasCorrection(AdamFamily):
    reason = "torch.optim.Adam is .* away"

    def update(self, g, state, x, t):
        m, v = self.moments(g, state)
        return -self.lr(t) * ratio(m, v.sqrt() + self.eps), Moments(m, v, state.vhat)


class AMSGradWithTheMaxAfterTheCorrection(AdamFamily):
    """The largest corrected v, as optax has it, held to torch's, which corrects the largest v."""

    reason = "torch.optim.Adam is .* away"
    reference = (Reference(target="torch.optim.Adam", arguments=lambda o: dict(ADAM.arguments(o)) | {"amsgrad": True}),)

    def update(self, g, state, x, t):
        m, v = self.moments(g, state)
        vhat = torch.maximum(state.vhat, v / (1 - self.betas[1] ** t))
        return -self.lr(t) * ratio(m / (1 - self.betas[0] ** t), vhat.sqrt() + self.eps), Moments(m, v, vhat)


class AdoptWithTheNewV(AdamFamily):
    """Divides by v_t instead of v_{t-1}, as a release did: the gradient then divides itself."""

    reason = "optax.contrib.adopt is .* away"
    reference = (
        Reference(
            target="optax.contrib.adopt",
            arguments=lambda o: {"b1": o.betas[0], "b2": o.betas[1], "eps": o.eps, "use_clipping": False},
            at={"eps": 1e-6},
        ),
    )

    def update(self, g, state, x, t):
        b1, b2 = self.betas
        v = torch.where(t == 1, g * g, b2 * state.v + (1 - b2) * g * g)
        m = torch.where(t == 1, state.m, b1 * state.m + (1 - b1) * ratio(g, torch.maximum(v.sqrt(), x * 0 + self.eps)))
        return torch.where(t == 1, 0.0 * g, -self.lr(t) * m), Moments(m, v, state.vhat)


class AdamWithDampingSaidToBeALength(AdamFamily):
    """The path depends on eps as on a gradient, whatever is declared."""

    reason = "with the objective times 16 .* paths part by"
    units = {"eps": LENGTH}


class Differences(NamedTuple):
    m: torch.Tensor
    w: torch.Tensor
    n: torch.Tensor
    before: torch.Tensor


@dataclass(frozen=True, kw_only=True)
class AdanWithOneMinusBeta(Optimizer[Differences]):
    """The mean difference of gradients enters with 1 - beta2 in place of beta2, as optax 0.2.8 has it."""

    reason = "pytorch_optimizer.Adan is .* away"

    name: ClassVar[str] = "adan"
    source: ClassVar[str] = "optax 0.2.8"
    kind: ClassVar[str] = "coordinatewise"
    reference: ClassVar[object] = (
        Reference(target="pytorch_optimizer.Adan", arguments=lambda o: {"betas": o.betas, "eps": o.eps}),
    )
    homogeneity: ClassVar[float | None] = 0

    lr: Schedule = Constant(0.01)
    betas: tuple[float, float, float] = (0.98, 0.92, 0.99)
    eps: float = 1e-8

    def validate(self):
        AdamFamily.validate(self)

    def init(self, x):
        return Differences(*(torch.zeros_like(x) for _ in range(4)))

    def update(self, g, state, x, t):
        b1, b2, b3 = self.betas
        diff = torch.where(t == 1, 0.0 * g, g - state.before)
        m, w = b1 * state.m + (1 - b1) * g, b2 * state.w + (1 - b2) * diff
        n = b3 * state.n + (1 - b3) * (g + (1 - b2) * diff).square()
        up = m / (1 - b1**t) + (1 - b2) * w / (1 - b2**t)
        return -self.lr(t) * ratio(up, (n / (1 - b3**t)).sqrt() + self.eps), Differences(m, w, n, g)


class LarsThatIgnoresVectors(Averaged):
    """The trust ratio on matrices alone: a problem of one vector never tests it."""

    reason = "optax.lars is .* away"
    kind = "matrix"
    reference = (
        Reference(
            target="optax.lars",
            arguments=lambda o: {"momentum": 0.0, "weight_decay": 0.0, "trust_coefficient": 1.0},
            layers=((4,),),
        ),
    )

    def update(self, g, state, x, t):
        if g.shape[-1] == 1:
            return -self.lr(t) * g, state
        trust = ratio(norm_sq(x.flatten(-2)).sqrt(), norm_sq(g.flatten(-2)).sqrt())
        return -self.lr(t) * trust[..., None, None] * g, state


RIGHT = (AdamFamily,)
WRONG = tuple(c for c in list(vars().values()) if isinstance(c, type) and "reason" in vars(c))
