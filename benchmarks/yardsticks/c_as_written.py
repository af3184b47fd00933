"""C by hand, with the reference engine's operations one by one."""

from __future__ import annotations

from benchmarks.workloads import Workload
from benchmarks.yardsticks import Runner, c


def prepare(workload: Workload, device: str, threads: int) -> Runner:
    """Return what runs a workload; raises Unavailable where there is no compiler, or d is too small."""
    return c.prepare(workload, device, threads, as_written=True)
