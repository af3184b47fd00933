"""The reference engine: eager torch, in batches that fit the cache, one thread each."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import torch

from benchmarks.workloads import Workload
from benchmarks.yardsticks import Runner, Trajectories
from lab.engine import reference
from lab.engine.reference import Batch

NUMBERS = 1 << 15  # coordinates in a batch, as simulate has it


def prepare(workload: Workload, device: str, threads: int) -> Runner:
    """Return what runs a workload."""
    del device
    whole = workload.batch()
    size = max(64, 1 << (NUMBERS // workload.dim).bit_length() - 1)
    parts = [
        replace(whole, first_seed=a, n_seeds=min(size, workload.seeds - a)) for a in range(0, workload.seeds, size)
    ]

    def one(batch: Batch) -> Trajectories:
        x: Trajectories = reference.run(batch).values[0][0].numpy()
        return x

    def run() -> Trajectories:
        before = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            with ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,)) as pool:
                return np.concatenate(list(pool.map(one, parts)), axis=-1)
        finally:
            torch.set_num_threads(before)

    return run
