"""Every yardstick on every workload: seed-steps per second, and ratios to optax and to C."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from benchmarks.measure import race, rate, ratio
from benchmarks.workloads import Workload
from benchmarks.yardsticks import Runner, Unavailable, Yardstick

Say = Callable[[str], None]
RIVALS = ("optax", "c")
BARS: dict[tuple[str, str], dict[str, float]] = {  # (device, rival): at least so many times as fast
    ("cpu", "optax"): {"reddi_adam": 15.0, "heavy_tailed_gclip": 10.0},
    ("cpu", "c"): {"reddi_adam": 0.7, "heavy_tailed_gclip": 0.7},
    ("cuda", "optax"): {"reddi_adam": 20.0, "heavy_tailed_gclip": 20.0},
}


def compare(
    workload: Workload, yardsticks: Sequence[Yardstick], device: str, threads: int, rounds: int, say: Say
) -> dict[str, Any]:
    """Return one workload's table: a row for each yardstick that runs here, and why the others do not."""
    runs: dict[str, Runner] = {}
    parts: dict[str, Workload] = {}
    ready: dict[str, float] = {}
    left_out: dict[str, str] = {}
    for yardstick in yardsticks:
        part, began = yardstick.cut(workload), time.perf_counter()
        try:
            run = yardstick.prepare(part, device, threads)
        except Unavailable as reason:
            say(f"left out: {reason}")
            left_out[yardstick.name] = str(reason)
            continue
        name = yardstick.name
        runs[name], parts[name], ready[name] = run, part, time.perf_counter() - began
    say(f"{workload.name}: {', '.join(runs)}; {rounds} rounds")
    seconds = race(runs, rounds)
    rows = [_row(y, parts, ready, seconds) for y in yardsticks if y.name in runs]
    return {
        "title": workload.title, "seeds": workload.seeds, "steps": workload.steps, "rounds": rounds,
        "rows": rows, "left_out": left_out,
    }  # fmt: skip


def _row(
    yardstick: Yardstick,
    parts: Mapping[str, Workload],
    ready: Mapping[str, float],
    seconds: Mapping[str, tuple[float, ...]],
) -> dict[str, Any]:
    name, part = yardstick.name, parts[yardstick.name]
    row: dict[str, Any] = {"yardstick": name, "says": yardstick.says, "seeds": part.seeds, "steps": part.steps}
    row |= {"ready_s": ready[name], "seconds": list(seconds[name])}
    row["rate"] = asdict(rate(part.seed_steps, seconds[name]))
    for rival in RIVALS:
        if rival in seconds:
            row[f"over_{rival}"] = asdict(
                ratio(part.seed_steps, seconds[name], parts[rival].seed_steps, seconds[rival])
            )
    return row


def bars(device: str, tables: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Return, for the fused engine, each bar with what was reached; None where a rival or the engine did not run."""
    found = []
    for (where, rival), least in BARS.items():
        for name, bar in least.items():
            if where != device or name not in tables:
                continue
            row: dict[str, Any] = next((r for r in tables[name]["rows"] if r["yardstick"] == "fused"), {})
            reached = row.get(f"over_{rival}")
            holds = None if reached is None else reached["median"] >= bar
            found.append({"what": f"fused / {rival}, {name}", "at_least": bar, "got": reached, "holds": holds})
    return found
