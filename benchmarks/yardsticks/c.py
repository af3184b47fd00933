"""C by hand, as fast as portable C gets here: the yardstick to which the fused engine is held.

Built by the compiler and with the flags of the fused engine. `as_written` keeps the reference engine's operations one
by one (three divisions in Adam, the C library's pow); without it, factors that do not depend on the seed are folded
and powers are inlined polynomials, which changes results by rounding only.
"""

from __future__ import annotations

import ctypes
from importlib import resources

import numpy as np

from benchmarks.workloads import Workload
from benchmarks.yardsticks import Runner, Trajectories, Unavailable
from lab.engine.compiler import NoCompiler, build, load

HEADERS = ("block.h", "powers.h")


class Job(ctypes.Structure):
    """What block.h calls Job."""

    _fields_ = (
        *((name, ctypes.c_int64) for name in ("seeds", "steps", "records", "threads")),
        ("key", ctypes.c_uint64),
        *((name, ctypes.c_void_p) for name in ("record", "numbers", "out")),
    )


def source(workload: Workload, as_written: bool) -> str:
    """Return the C source of a workload's loop."""
    text = resources.files("benchmarks.yardsticks").joinpath(f"{workload.name}.c").read_text()
    return f"#define DIM {workload.dim}\n" + ("#define AS_WRITTEN\n" if as_written else "") + inlined(text)


def inlined(text: str) -> str:
    """Return a source with the headers of this folder in place of the lines that include them."""
    folder = resources.files("benchmarks.yardsticks")
    for header in HEADERS:
        text = text.replace(f'#include "{header}"', folder.joinpath(header).read_text())
    return text


def prepare(workload: Workload, device: str, threads: int, as_written: bool = False) -> Runner:
    """Return what runs a workload; raises Unavailable where there is no compiler, or d is too small."""
    del device
    if workload.name == "heavy_tailed_gclip" and workload.dim < 2:
        raise Unavailable("c: the heavy-tailed loop needs d >= 2, where every step begins a new Philox block")
    try:
        library = load(build(source(workload, as_written)))
    except NoCompiler as error:
        raise Unavailable(f"c: {error}") from None
    record = np.array([*workload.record, workload.steps + 1], dtype=np.int64)
    numbers = np.array(workload.numbers)
    sizes = (workload.seeds, workload.steps, len(workload.record), threads, workload.key)

    def run() -> Trajectories:
        out = np.empty((len(workload.record), workload.dim, workload.seeds))
        if library.run(ctypes.byref(Job(*sizes, record.ctypes.data, numbers.ctypes.data, out.ctypes.data))):
            raise MemoryError(f"c: no memory for the step sizes of {workload.steps} steps")
        return out

    return run
