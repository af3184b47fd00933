"""The two workloads of the benchmarks, written down once: every yardstick computes these laws, to the same records.

Both run in float64 and keep x at the start, at the end, and at the log-spaced steps between (powers of 10^(1/32)). A
yardstick draws with its own generator, except that C, numba and ratelab share Philox and must give the same numbers.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import torch

from lab.engine.reference import Batch
from lab.experiment import record_steps
from lab.metrics import get_metric
from lab.optimizer import Optimizer
from lab.optimizers.adam import Adam
from lab.optimizers.gclip import GClip
from lab.problem import Problem
from lab.schedules import InvSqrt
from problems.quadratic import HeavyTailedQuadratic
from problems.reddi import ReddiStochastic


@dataclass(frozen=True, kw_only=True)
class Workload(ABC):
    """An optimizer on a problem, with sizes: S seeds through T steps. log: keep the steps between start and end."""

    name: ClassVar[str]
    title: ClassVar[str]
    seeds: int
    steps: int
    key: int = 0
    log: bool = True

    @property
    @abstractmethod
    def problem(self) -> Problem:
        """Return the problem as ratelab has it."""

    @property
    @abstractmethod
    def optimizer(self) -> Optimizer[Any]:
        """Return the optimizer as ratelab has it."""

    @property
    @abstractmethod
    def numbers(self) -> tuple[float, ...]:
        """Return the parameters in the order in which the hand-written loops read them."""

    @property
    def dim(self) -> int:
        """Return d."""
        return self.problem.dim

    @property
    def seed_steps(self) -> int:
        """Return S T."""
        return self.seeds * self.steps

    @property
    def record(self) -> tuple[int, ...]:
        """Return the K steps at which x is kept; the first is 0, the last T."""
        return record_steps("log" if self.log else (), self.steps)

    def batch(self) -> Batch:
        """Return the batch that ratelab's engines run."""
        return Batch(
            problem=self.problem, optimizers=(self.optimizer,), metrics=(get_metric("iterate"),), first_seed=0,
            n_seeds=self.seeds, key=self.key, steps=self.steps, record=self.record, start=None,
            dtype=torch.float64, device=torch.device("cpu"),
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ReddiAdam(Workload):
    """Adam on Reddi's stochastic problem (Theorem 3), d = 1. With u_t uniform on (0, 1) and t = 1, 2, ...:

    g_t = C if u_t < (1 + delta) / (C + 1), else -1
    m_t = beta1 m_{t-1} + (1 - beta1) g_t,  v_t = beta2 v_{t-1} + (1 - beta2) g_t^2
    x_{t+1} = clip(x_t - lr / sqrt(t) * (m_t / (1 - beta1^t)) / (sqrt(v_t / (1 - beta2^t)) + eps), -1, 1)

    x_1 = m_0 = v_0 = 0. The update is that of torch.optim.Adam and of optax.adam, so that they can take part.
    """

    name: ClassVar[str] = "reddi_adam"
    title: ClassVar[str] = "Adam on Reddi's stochastic problem, d = 1"

    seeds: int = 100_000
    steps: int = 5_000
    C: float = 101.0
    delta: float = 0.1
    lr: float = 0.5
    betas: tuple[float, float] = (0.9, 0.99)
    eps: float = 1e-8

    @property
    def problem(self) -> ReddiStochastic:
        return ReddiStochastic(C=self.C, delta=self.delta)

    @property
    def optimizer(self) -> Adam:
        return Adam(lr=InvSqrt(self.lr), betas=self.betas, eps=self.eps)

    @property
    def numbers(self) -> tuple[float, ...]:
        return (self.C, -1.0, self.problem.share(), self.lr, *self.betas, self.eps, -1.0, 1.0)


@dataclass(frozen=True, kw_only=True)
class HeavyTailedGClip(Workload):
    """Norm-clipped SGD on a quadratic with noise of infinite variance. With u_t uniform on (0, 1)^d and t = 1, 2, ...:

    xi_t[i] = s scale r^(-1 / tail) with r = 2 min(u_t[i], 1 - u_t[i]) and s = -1 where u_t[i] < 1/2, else +1
    g_t = spectrum x_t + xi_t
    x_{t+1} = x_t - lr / sqrt(t) * min(1, max_norm / ||g_t||) g_t

    x_1 = radius (1, ..., 1) / sqrt(d). About two steps in five are clipped.
    """

    name: ClassVar[str] = "heavy_tailed_gclip"
    title: ClassVar[str] = "Clipped SGD, Pareto noise of tail index 1.5, d = 10"

    seeds: int = 20_000
    steps: int = 2_000
    spectrum: tuple[float, ...] = tuple(i / 10 for i in range(1, 11))
    tail: float = 1.5
    scale: float = 1.0
    radius: float = 1.0
    lr: float = 0.5
    max_norm: float = 10.0

    @property
    def problem(self) -> HeavyTailedQuadratic:
        return HeavyTailedQuadratic(spectrum=self.spectrum, tail=self.tail, scale=self.scale, radius=self.radius)

    @property
    def optimizer(self) -> GClip:
        return GClip(lr=InvSqrt(self.lr), max_norm=self.max_norm)

    @property
    def first(self) -> float:
        """Return every coordinate of x_1."""
        return float(self.radius / len(self.spectrum) ** 0.5)

    @property
    def numbers(self) -> tuple[float, ...]:
        return (self.tail, self.scale, self.max_norm, self.lr, self.first, *self.spectrum)


REDDI_ADAM = ReddiAdam()
HEAVY_TAILED_GCLIP = HeavyTailedGClip()
WORKLOADS: tuple[Workload, ...] = (REDDI_ADAM, HEAVY_TAILED_GCLIP)
