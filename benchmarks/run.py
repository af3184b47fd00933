"""`ratelab bench`: measure every yardstick in one run, print, and write results.md, results.svg and results.json."""

from __future__ import annotations

import json as json_text
import os
import platform
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks.compare import bars, compare
from benchmarks.first_step import first_step
from benchmarks.launch import launch
from benchmarks.picture import picture
from benchmarks.roofline import peaks, roofline
from benchmarks.scaling import NAMES as SCALED, scale
from benchmarks.tables import markdown, tables
from benchmarks.workloads import WORKLOADS, Workload
from benchmarks.yardsticks import YARDSTICKS, Yardstick, get_yardstick
from lab.cli.output import plain, print_json, print_rich, print_table
from lab.engine.compiler import NoCompiler
from lab.engine.cpu import available_threads
from lab.errors import require
from lab.files import writable, write

ROUNDS, QUICK_ROUNDS = 5, 3
FIRST_STEPS = 101  # pairs, spread evenly over a catalogue of thousands
QUICK = 5  # a quick run has a fifth of the seeds and a fifth of the steps
PACKAGES = ("torch", "numpy", "jax", "optax", "numba")
Say = Callable[[str], None]


def main(
    json: bool = False,
    device: str = "cpu",
    quick: bool = False,
    only: Sequence[str] | None = None,
    out: str | Path | None = None,
    threads: int | None = None,
) -> dict[str, Any]:
    """Measure, print tables (or one JSON document), and return all that was measured.

    device: "cpu" or "cuda". quick: small sizes, three rounds, no scaling, nothing written unless `out` is given. only:
    the yardsticks to run, all by default. out: the folder written to; `benchmarks` of the source tree by default.
    threads: for those that can be told; all processors by default. Raises LabError for bad input.
    """
    require(device in ("cpu", "cuda"), "bench", "device", device, "'cpu' or 'cuda'")
    require(threads is None or threads >= 1, "bench", "threads", threads, "an integer >= 1")
    chosen = YARDSTICKS if only is None else tuple(get_yardstick(name) for name in only)
    folder = Path(out) if out is not None else None if quick else Path(__file__).parent
    if folder is not None:
        writable(folder, "bench: results")
    results = measure(chosen, device, quick, threads or available_threads(), _note)
    if folder is not None:
        write_results(folder, results)
    if json:
        print_json(results)
    else:
        show(results)
    return results


def measure(yardsticks: Sequence[Yardstick], device: str, quick: bool, threads: int, say: Say) -> dict[str, Any]:
    """Return everything measured: speeds, bars, roofline; unless quick also first steps, a launch and scaling."""
    rounds = QUICK_ROUNDS if quick else ROUNDS
    workloads = {w.name: _small(w) if quick else w for w in WORKLOADS}
    speeds = {name: compare(w, yardsticks, device, threads, rounds, say) for name, w in workloads.items()}
    results: dict[str, Any] = {
        "machine": machine(threads), "device": device, "quick": quick, "rounds": rounds,
        "workloads": speeds, "bars": bars(device, speeds),
    }  # fmt: skip
    if device == "cpu":
        results["roofline"] = _roofline(speeds, workloads, threads, say)
        results |= _engine({y.name for y in yardsticks}, quick, threads, say)
    return results


def _engine(names: set[str], quick: bool, threads: int, say: Say) -> dict[str, Any]:
    """Return what concerns the fused engine alone, and how it scales beside C."""
    found: dict[str, Any] = {}
    if "fused" in names:
        say("first steps")
        found["first_step"] = first_step(limit=6 if quick else FIRST_STEPS)
    if "fused" in names and not quick:
        say("one million seeds")
        found["launch"] = launch()
    if not quick:
        say("scaling")
        found["scaling"] = scale(threads, names=[n for n in SCALED if n in names])
    return found


def _small(workload: Workload) -> Workload:
    return replace(workload, seeds=workload.seeds // QUICK, steps=workload.steps // QUICK)


def _roofline(speeds: dict[str, Any], workloads: dict[str, Workload], threads: int, say: Say) -> dict[str, Any]:
    say("peaks")
    try:
        return roofline(speeds, workloads, peaks(threads))
    except NoCompiler as reason:
        say(f"left out: roofline: {reason}")
        return {}


def machine(threads: int) -> dict[str, Any]:
    """Return what the numbers depend on."""
    versions = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return {
        "cpu": _processor(), "processors": os.cpu_count(), "threads": threads, "load": load, "versions": versions,
    }  # fmt: skip


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def show(results: dict[str, Any]) -> None:
    """Print the tables."""
    for table in tables(results):
        print_rich(table.title)
        print_table(table.columns, table.rows)
        print_rich("\n".join([*table.notes, ""]))


def write_results(folder: Path, results: dict[str, Any]) -> None:
    """Write results.md, results.svg and results.json."""
    numbers = json_text.dumps(plain(results), indent=1, allow_nan=False) + "\n"
    contents = {"results.md": markdown(results).encode(), "results.svg": picture(results)}
    write(folder, contents | {"results.json": numbers.encode()})


def _note(text: str) -> None:
    print(text, file=sys.stderr)


if __name__ == "__main__":
    import typer

    def bench(
        json: bool = False, device: str = "cpu", quick: bool = False, only: str = "", out: Path | None = None
    ) -> None:
        """Measure the yardsticks; --only takes names separated by commas."""
        main(json, device, quick, only.split(",") if only else None, out)

    typer.run(bench)
