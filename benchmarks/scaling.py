"""How the cost of a seed-step changes with S, T, d and the number of threads.

Only the start and the end are recorded here: log-spaced records are denser in a short run, which would count against T.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from typing import Any

from benchmarks.measure import Spread, race
from benchmarks.workloads import HEAVY_TAILED_GCLIP, REDDI_ADAM, Workload
from benchmarks.yardsticks import Unavailable, get_yardstick

NAMES = ("fused", "c")
ROUNDS = 9  # more than for speeds: here a run of 40 ms is held against one of 4 s, and whatever wakes up takes its part
LINEAR = 0.10  # a tenfold S or T may cost this much more, or less, than ten times as much


@dataclass(frozen=True)
class Sweep:
    """One quantity varied. threads: None is all that there are."""

    axis: str
    values: tuple[int, ...]
    workload: Callable[[int], Workload]
    threads: Callable[[int], int]


def sweeps(threads: int) -> Iterator[Sweep]:
    """Yield the sweeps over S and T (a tenfold at a time), d, and threads."""
    reddi = replace(REDDI_ADAM, steps=5_000, log=False)  # 40 ms at least: less is at the mercy of the scheduler
    heavy = replace(HEAVY_TAILED_GCLIP, seeds=2_048, steps=1_000, log=False)
    dims = (2, 5, 10, 20, 50, 100)
    counts = tuple(sorted({*(2**k for k in range(threads.bit_length())), threads}))
    yield Sweep("S", (10_000, 100_000, 1_000_000), lambda n: replace(reddi, seeds=n), lambda n: threads)
    yield Sweep("T", (1_000, 10_000, 100_000), lambda n: replace(reddi, seeds=40_000, steps=n), lambda n: threads)
    yield Sweep("d", dims, lambda n: replace(heavy, spectrum=_spectrum(n)), lambda n: threads)
    yield Sweep("threads", counts, lambda n: replace(REDDI_ADAM, steps=1_000, log=False), lambda n: n)


def _spectrum(d: int) -> tuple[float, ...]:
    return tuple((i + 1) / d for i in range(d))


def scale(threads: int, rounds: int = ROUNDS, names: Sequence[str] = NAMES) -> list[dict[str, Any]]:
    """Return each sweep's nanoseconds for a seed-step (for a seed-step and coordinate, where d varies)."""
    found = []
    for sweep in sweeps(threads):
        for name in names:
            costs = _costs(sweep, name, rounds)
            if costs:
                points = [{"at": n, "ns": asdict(cost)} for n, cost in costs.items()]
                found.append({"axis": sweep.axis, "yardstick": name, "points": points, **_linear(sweep.axis, costs)})
    return found


def _costs(sweep: Sweep, name: str, rounds: int) -> dict[int, Spread]:
    """Return the cost at each value; empty where the yardstick cannot run."""
    runs, amounts = {}, {}
    for n in sweep.values:
        workload = sweep.workload(n)
        try:
            runs[str(n)] = get_yardstick(name).prepare(workload, "cpu", sweep.threads(n))
        except Unavailable:
            return {}
        amounts[n] = workload.seed_steps * (workload.dim if sweep.axis == "d" else 1)
    seconds = race(runs, rounds)
    return {n: Spread.of([1e9 * s / amount for s in seconds[str(n)]]) for n, amount in amounts.items()}


def _linear(axis: str, costs: dict[int, Spread]) -> dict[str, Any]:
    """Return, for S and T, the largest departure from a cost in proportion as either grows tenfold."""
    if axis not in ("S", "T"):
        return {}
    medians = [c.median for c in costs.values()]
    worst = max(abs(b / a - 1) for a, b in pairwise(medians))
    return {"departure": worst, "holds": worst <= LINEAR}
