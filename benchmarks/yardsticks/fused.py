"""The fused engine itself, called as `simulate` calls it, up to the records of single seeds."""

from __future__ import annotations

from dataclasses import replace

import torch

from benchmarks.workloads import Workload
from benchmarks.yardsticks import Runner, Trajectories, Unavailable
from lab.engine import cpu
from lab.engine.select import choose
from lab.errors import LabError


def prepare(workload: Workload, device: str, threads: int) -> Runner:
    """Return what runs a workload; raises Unavailable where the fused engine cannot be built here."""
    batch = replace(workload.batch(), device=torch.device(device))
    try:
        choice = choose("fused", batch.problem, batch.optimizers[0], batch.metrics, batch.dtype, device)
    except LabError as error:
        raise Unavailable(f"fused: {error}") from None

    def run() -> Trajectories:
        if device == "cpu":
            records = cpu.run(batch, threads=threads)
        else:
            records = choice.run(batch, lambda done: None)
        x: Trajectories = records.values[0][0].numpy()
        return x

    return run
