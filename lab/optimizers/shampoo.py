"""Shampoo (V. Gupta, T. Koren, Y. Singer, ICML 2018)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor

from lab.linalg import identity, matmul, power, transpose
from lab.optimizer import Kind, Optimizer, Symmetry
from lab.ranges import nonnegative
from lab.reference import Reference
from lab.schedules import Constant, Schedule
from lab.types import Points, Step
from lab.units import GRADIENT_SQ, ByName


class State(NamedTuple):
    """The sums of g g^T and of g^T g, without eps I."""

    L: Tensor
    R: Tensor


@dataclass(frozen=True, kw_only=True)
class Shampoo(Optimizer[State]):
    """L_t = eps I + sum g g^T, R_t = eps I + sum g^T g; dx_t = -lr_t L_t^(-1/4) g_t R_t^(-1/4).

    The exponent is -1/(2k) for a tensor of k axes: a vector (one column) has dx_t = -lr_t L_t^(-1/2) g_t, which is
    AdaGrad with the full matrix; codes that use -1/k are other methods. Of a scalar both forms are AdaGrad-norm,
    dx_t = -lr_t g_t / sqrt(eps + sum g^2). eps is compared with squares of gradients. eps = 0 leaves out the
    directions without a gradient so far (pseudo-inverse roots).
    """

    name: ClassVar[str] = "shampoo"
    source: ClassVar[str] = "Gupta, Koren, Singer, ICML 2018, arXiv 1802.09568, Algorithms 1 and 2"
    kind: ClassVar[Kind] = "matrix"
    reference: ClassVar[tuple[Reference, ...]] = (
        Reference(target="pytorch_optimizer.Shampoo", at={"eps": 1e-6}, layers=((4, 3), (5,)),
                  arguments=lambda o: {"matrix_eps": o.eps}),
    )  # fmt: skip
    homogeneity: ClassVar[float] = 0
    units: ClassVar[ByName] = {"eps": GRADIENT_SQ}
    symmetries: ClassVar[tuple[Symmetry, ...]] = ("permutation", "signs", "rotation")

    lr: Schedule = Constant(1e-1)
    eps: float = 1e-6

    def validate(self) -> None:
        nonnegative(self, "eps")

    def init(self, x: Points) -> State:
        return State(
            L=torch.zeros_like(x[..., :1]) * identity(x, -2),
            R=torch.zeros_like(x[..., :1, :]) * identity(x, -1),
        )

    def update(self, g: Points, state: State, x: Points, t: Step) -> tuple[Points, State]:
        L = state.L + matmul(g, transpose(g))
        R = state.R + matmul(transpose(g), g)
        if x.shape[-1] == 1:
            return -self.lr(t) * matmul(power(L, -1 / 2, self.eps), g), State(L, R)
        left, right = power(L, -1 / 4, self.eps), power(R, -1 / 4, self.eps)
        return -self.lr(t) * matmul(matmul(left, g), right), State(L, R)
