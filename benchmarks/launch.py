"""One large run through the public door, in a process of its own, with its time and its peak memory."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

SEEDS, STEPS = 1_000_000, 10_000
SECONDS, GIB = 60.0, 2.0  # the bar, on two cores
PROGRAM = """
import json, resource, sys, time
import lab
seeds, steps = int(sys.argv[1]), int(sys.argv[2])
problem = lab.get_problem("reddi_stochastic")
adam = lab.get_optimizer("adam", lr=lab.schedules.InvSqrt(0.5), betas=(0.9, 0.99))
began = time.perf_counter()
run = lab.simulate(problem, adam, seeds=seeds, steps=steps)
seconds = time.perf_counter() - began
unit = 1 if sys.platform == "darwin" else 1024
gib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**30
print(json.dumps({"engine": run.attrs["engine"], "seconds": seconds, "peak_gib": gib}))
"""


def launch(seeds: int = SEEDS, steps: int = STEPS, timeout: float = 1800.0) -> dict[str, Any]:
    """Return the engine, the seconds and the peak memory of `lab.simulate` with Adam on Reddi's problem, or why not."""
    command = [sys.executable, "-c", PROGRAM, str(seeds), str(steps)]
    asked = {"seeds": seeds, "steps": steps, "bars": {"seconds": SECONDS, "peak_gib": GIB}}
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)
    except subprocess.TimeoutExpired:
        return asked | {"failed": f"not done after {timeout:.0f} s"}
    if done.returncode != 0:
        return asked | {"failed": (done.stderr.strip().splitlines() or [f"ended with {done.returncode}"])[-1]}
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return asked | found
