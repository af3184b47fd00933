"""The yardsticks: other ways to run the workloads. Each module has `prepare(workload, device, threads)`.

`prepare` compiles what there is to compile and returns a function without arguments. Every call of it runs the whole
workload and returns x at the recorded steps, float64 `(K, d, S)`. It raises Unavailable, in one line, where it cannot
run here.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.workloads import Workload
from lab.errors import LabError, unknown

Trajectories = npt.NDArray[np.float64]
Runner = Callable[[], Trajectories]


class Unavailable(LabError):
    """A yardstick that cannot run here; the text says why, in one line."""


@dataclass(frozen=True, kw_only=True)
class Yardstick:
    """One way to run a workload.

    needs: packages outside ratelab's own requirements. max_seeds, max_steps: what a slow one is cut to; its cost
    grows in proportion to both, so that seed-steps per second remain comparable.
    """

    name: str
    says: str
    module: str
    needs: tuple[str, ...] = ()
    devices: tuple[str, ...] = ("cpu",)
    max_seeds: int = 2**31
    max_steps: int = 2**31

    def cut(self, workload: Workload) -> Workload:
        """Return the part of a workload that this yardstick runs."""
        return replace(workload, seeds=min(workload.seeds, self.max_seeds), steps=min(workload.steps, self.max_steps))

    def prepare(self, workload: Workload, device: str = "cpu", threads: int = 1) -> Runner:
        """Return what runs a workload, as it is given. Raises Unavailable."""
        absent = [package for package in self.needs if importlib.util.find_spec(package) is None]
        if absent:
            raise Unavailable(f"{self.name}: {' and '.join(absent)} not installed")
        if device not in self.devices:
            raise Unavailable(f"{self.name}: runs on {' and '.join(self.devices)}, not on {device}")
        module: Any = importlib.import_module(f"benchmarks.yardsticks.{self.module}")
        made: Runner = module.prepare(workload, device, threads)
        return made


YARDSTICKS: tuple[Yardstick, ...] = (
    Yardstick(
        name="fused",
        says="ratelab's fused engine",
        module="fused",
        devices=("cpu", "cuda"),
    ),
    Yardstick(
        name="c",
        says="C by hand, Philox, blocks of 64 seeds, OpenMP",
        module="c",
    ),
    Yardstick(
        name="c_as_written",
        says="the same C with the reference engine's operations and libmvec",
        module="c_as_written",
    ),
    Yardstick(
        name="numba",
        says="numba, Philox, blocks of 64 seeds",
        module="numba_blocks",
        needs=("numba",),
    ),
    Yardstick(
        name="optax",
        says="optax, jax.vmap over seeds, lax loop over steps",
        module="optax_scan",
        needs=("jax", "optax"),
        devices=("cpu", "cuda"),
    ),
    Yardstick(
        name="reference",
        says="ratelab's reference engine (eager torch)",
        module="reference",
        max_steps=200,
    ),
    Yardstick(
        name="torch_batched",
        says="one torch.optim optimizer, all seeds in one Parameter",
        module="torch_batched",
        devices=("cpu", "cuda"),
        max_steps=100,
    ),
    Yardstick(
        name="torch_loop",
        says="one torch.optim optimizer for each seed",
        module="torch_loop",
        max_seeds=4,
        max_steps=500,
    ),
)


def get_yardstick(name: str) -> Yardstick:
    """Return the yardstick called `name`; LabError with the nearest name where there is none."""
    found = {y.name: y for y in YARDSTICKS}
    if name not in found:
        raise unknown("yardstick", name, found)
    return found[name]
