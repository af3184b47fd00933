"""Adafactor (N. Shazeer, M. Stern, ICML 2018)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor

from lab.errors import require
from lab.linalg import like, ratio
from lab.optimizer import Kind, Optimizer
from lab.ranges import nonnegative, positive
from lab.reference import Reference
from lab.schedules import Constant, Schedule
from lab.types import Points, Step
from lab.units import GRADIENT_SQ, LENGTH, PURE, ByName

MACHINE_EPS = 2.0**-52
PAPER = {"lr": 1e-2, "eps": (1e-30, 1e-3), "d": 1.0, "weight_decay": 0.0, "floors": False}


class State(NamedTuple):
    """Running means of the rows' and of the columns' mean squares, `(..., rows, 1)` and `(..., 1, columns)`."""

    R: Tensor
    C: Tensor


def rms(x: Tensor) -> Tensor:
    """Return the root mean square of each matrix, `(..., 1, 1)`."""
    return x.square().mean((-2, -1), keepdim=True).sqrt()


def _as_torch(o: Any) -> dict[str, object]:
    names = ("beta2_decay", "eps", "d", "weight_decay")
    return {name: getattr(o, name) for name in names}


def _as_optax(o: Any) -> dict[str, object]:
    return {
        "min_dim_size_to_factor": 1,
        "decay_rate": -o.beta2_decay,
        "clipping_threshold": o.d,
        "eps": o.eps[0],
    }


@dataclass(frozen=True, kw_only=True)
class Adafactor(Optimizer[State]):
    """V_t = R_t C_t / mean(R_t), u = g_t / sqrt(V_t), dx_t = -alpha_t u / max(1, rms(u)/d).

    alpha_t = max(eps_2, rms(x_t)) min(lr_t, 1/sqrt(t)), which with the default lr is the paper's relative step size.
    R and C are the means over each row and column of g^2 + eps_1, averaged with weight beta_t = 1 - t^beta2_decay. In a
    vector, one column, R C / mean(R) = R: it has its whole V. eps_1 is compared with g^2, not with g. The step is
    relative to rms(x): the rule is not translation invariant, and from x = 0 it moves by eps_2 min(lr, 1/sqrt(t)).

    floors=True is torch.optim.Adafactor: eps_1 is the least mean(R) and eps_1^2 the least V, whereas g^2 is taken as
    it is; its default eps_1 is then the machine's. weight_decay, which the paper has not, multiplies lr as in torch.
    """

    name: ClassVar[str] = "adafactor"
    source: ClassVar[str] = "Shazeer, Stern, ICML 2018, arXiv 1804.04235, Algorithms 4 and 5"
    kind: ClassVar[Kind] = "matrix"
    reference: ClassVar[tuple[Reference, ...]] = (
        Reference(target="torch.optim.Adafactor", layers=((4, 3), (5,)), arguments=_as_torch,
                  at=PAPER | {"floors": True, "eps": (MACHINE_EPS, 1e-3), "weight_decay": 0.1}),
        Reference(target="pytorch_optimizer.AdaFactor", layers=((4, 3), (5,)), at=PAPER, arguments=lambda o: {
            "betas": (None, 0.999), "decay_rate": o.beta2_decay, "clip_threshold": o.d,
            "eps1": o.eps[0], "eps2": o.eps[1],
        }),
        Reference(target="pytorch_optimizer.AdaFactor", at=PAPER, arguments=lambda _: {},
                  differs="its default has a running mean of u in bfloat16"),
        Reference(target="optax.adafactor", layers=((4, 3), (5,)), arguments=_as_optax, at=PAPER, tolerance=1e-6,
                  says="it computes beta_t in float32; 1/sqrt(t) is above lr in all 200 steps"),
    )  # fmt: skip
    homogeneity: ClassVar[float] = 0
    units: ClassVar[ByName] = {"lr": PURE, "eps.0": GRADIENT_SQ, "eps.1": LENGTH}

    lr: Schedule = Constant(1e-2)
    beta2_decay: float = -0.8
    eps: tuple[float, float] = (1e-30, 1e-3)
    d: float = 1.0
    weight_decay: float = 0.0
    floors: bool = False

    def validate(self) -> None:
        require(self.beta2_decay <= 0, self, "beta2_decay", self.beta2_decay, "a number <= 0")
        nonnegative(self, "eps", "weight_decay")
        positive(self, "d")

    def init(self, x: Points) -> State:
        return State(R=torch.zeros_like(x[..., :1]), C=torch.zeros_like(x[..., :1, :]))

    def update(self, g: Points, state: State, x: Points, t: Step) -> tuple[Points, State]:
        eps_1, eps_2 = (like(x, e) for e in self.eps)
        beta = 1 - t**self.beta2_decay
        squares = g.square() if self.floors else g.square() + eps_1
        R = beta * state.R + (1 - beta) * squares.mean(-1, keepdim=True)
        C = beta * state.C + (1 - beta) * squares.mean(-2, keepdim=True)
        mean = R.mean(-2, keepdim=True)
        V = ratio(R, torch.maximum(mean, eps_1) if self.floors else mean) * C
        V = torch.maximum(V, eps_1.square()) if self.floors else V
        u = ratio(g, V.sqrt())
        u = u / torch.clamp(rms(u) / self.d, min=1.0)
        rho = torch.minimum(like(x, self.lr(t)), like(x, t.rsqrt()))
        dx = -torch.maximum(rms(x), eps_2) * rho * u
        return dx - self.lr(t) * self.weight_decay * x, State(R, C)
