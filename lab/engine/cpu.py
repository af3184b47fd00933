"""The fused engine on a CPU: whole trajectories inside one compiled loop.

Same inputs, same outputs as reference.py. The bits of a trajectory do not depend on what else runs beside it: every
block has B lanes, the last one padded, so that all lanes go through the same vector code.
"""

from __future__ import annotations

import ctypes
import functools
import os
from collections.abc import Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import torch

from lab import rng
from lab.engine.compiler import build, load
from lab.engine.kernel import PRELUDE, Kernel
from lab.engine.launch import parameter_rows, pieces, record_kernel, starts
from lab.engine.reference import Batch, Records, Tick
from lab.engine.stepgraph import StepGraph
from lab.metric import Metric
from lab.optimizer import Optimizer
from lab.problem import Problem

_CACHE_BYTES = 16 * 1024  # what a block may take of the first-level cache
_DRAWS, _WRAPPER = (resources.files("lab.engine").joinpath(name).read_text() for name in ("draws.h", "cpu.c"))
_HEADER = """\
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
/* VECTOR FUNCTIONS */
#define LANES _Pragma("omp simd") for (int l = 0; l < B; ++l)
#define LAB_PRAGMA(text) _Pragma(#text)
#define LANES_AND(mask) LAB_PRAGMA(omp simd reduction(& : mask)) for (int l = 0; l < B; ++l)
#define LAB_MASK unsigned long long
#define LAB_HIDDEN(T, x) ({ T number = (x); __asm__("" : "+m"(number)); number; })
#define LAB_INLINE static inline __attribute__((always_inline))
#define LAB_ONCE static __attribute__((noinline))
#define LAB_COLD static __attribute__((noinline, cold))
#define LAB_CONST static const
#define LAB_RESTRICT restrict
#define LAB_ALIGNED __attribute__((aligned(256)))
#if defined(__FMA__) || defined(__aarch64__)
#define LAB_HAS_FMA
#endif
#ifdef __AVX512DQ__ /* multiplies whole 64-bit lanes: a word in a lane of its own saves the shuffles */
#define LAB_WIDE
#define LAB_WORD unsigned long long
#else
#define LAB_WORD unsigned
#endif
"""


@dataclass(frozen=True)
class Program:
    """A compiled pair: the recorded step, its kernel, and the library."""

    graph: StepGraph
    kernel: Kernel
    lanes: int
    library: ctypes.CDLL


class _Job(ctypes.Structure):
    _fields_ = (
        *((name, ctypes.c_long) for name in ("configs", "seeds", "blocks", "group", "parameters", "records")),
        *((name, ctypes.c_uint) for name in ("first_seed", "key_low", "key_high", "threads")),
        ("params", ctypes.c_void_p),
        ("start", ctypes.c_void_p),
        ("start_stride", ctypes.c_long),
        ("values", ctypes.c_void_p),
        ("widths", ctypes.c_void_p),
        ("alive", ctypes.c_void_p),
        ("carry", ctypes.c_void_p),
    )


def source(kernel: Kernel, lanes: int) -> str:
    """Return the whole C source of a kernel with so many lanes in a block."""
    real = "double" if kernel.dtype == torch.float64 else "float"
    observed = "".join(f"(const double *)r.metric{m}, " for m in range(len(kernel.metrics)))
    numbers = {"B": lanes, "WORDS": kernel.n_words, "DIM": kernel.dim, "METRICS": len(kernel.metrics)}
    defined = "".join(f"#define {name} {value}\n" for name, value in numbers.items())
    names = f"#define REAL {real}\n#define OBSERVED {observed}\n"
    return "\n".join([_HEADER + defined + names, PRELUDE, _DRAWS, kernel.body, _WRAPPER])


@dataclass(frozen=True)
class _Pair:
    """What decides a recording: of the optimizer its structure alone, for its numbers are inputs of the kernel."""

    problem: Problem
    structure: tuple[object, ...]
    metrics: tuple[Metric, ...]
    dtype: torch.dtype
    optimizer: Optimizer[Any] = field(compare=False)


@functools.lru_cache(maxsize=256)
def _recorded(pair: _Pair) -> tuple[StepGraph, Kernel]:
    return record_kernel(pair.problem, pair.optimizer, pair.metrics, pair.dtype)


@functools.lru_cache(maxsize=256)
def program(
    problem: Problem,
    optimizer: Optimizer[Any],
    metrics: tuple[Metric, ...],
    dtype: torch.dtype,
    brief: bool = False,
) -> Program:
    """Return the compiled pair. Raises NotRecordable or NoCompiler, in one line.

    brief: in less of the compiler's time, for a run that is short (`compiler.is_brief`); the bits do not depend on it.
    """
    graph, kernel = _recorded(_Pair(problem, optimizer.structure(), metrics, dtype, optimizer))
    lanes = lanes_for(kernel)
    return Program(graph, kernel, lanes, load(build(source(kernel, lanes), brief=brief)))


def lanes_for(kernel: Kernel) -> int:
    """Return B: 160, or fewer where state and random words would not stay in cache; never below one vector.

    Rows of 32 doubles or more begin at multiples of 256 bytes, as all arrays do: where two addresses are a vector or
    two apart modulo 4096, the processor takes a load for one that must wait for a store.
    """
    numbers = kernel.carried + (8 if kernel.n_words in (1, 2) else kernel.n_words)
    return next((lanes for lanes in (160, 96, 64, 32, 16) if numbers * lanes * 8 <= _CACHE_BYTES), 8)


def prepare(pairs: Sequence[tuple[Problem, Optimizer[Any], tuple[Metric, ...], torch.dtype]]) -> None:
    """Compile many pairs side by side, so that `run` finds them in the cache. Raises what `program` raises."""
    with ThreadPoolExecutor(available_threads()) as pool:
        for compiled in [compiling(pool, *pair) for pair in pairs]:
            compiled.result()


def compiling(
    pool: Executor,
    problem: Problem,
    optimizer: Optimizer[Any],
    metrics: tuple[Metric, ...],
    dtype: torch.dtype,
    brief: bool = False,
) -> Future[Path]:
    """Record a pair, and begin to compile it on one of the pool's threads, so that `program` finds it in the cache.

    Raises NotRecordable here and NoCompiler from the future, in one line.
    """
    kernel = _recorded(_Pair(problem, optimizer.structure(), metrics, dtype, optimizer))[1]
    return pool.submit(build, source(kernel, lanes_for(kernel)), brief=brief)


def available_threads() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run(batch: Batch, tick: Tick = lambda done: None, threads: int | None = None, *, brief: bool = False) -> Records:
    """Return the records of a batch, as reference.run does. Raises NotRecordable or NoCompiler, in one line.

    threads: as many as there are processors unless given; brief: see `program`; the bits depend on neither.
    """
    made = program(batch.problem, batch.optimizers[0], batch.metrics, batch.dtype, brief)
    buffers = _Buffers(batch, made, threads or available_threads())
    at = np.array(batch.record, dtype=np.int64)
    made.library.start(ctypes.byref(buffers.job))
    for t0, t1 in pieces(batch, buffers.job.threads):
        k = int(np.searchsorted(at, t0, side="right"))
        numbers = (ctypes.c_long(t0), ctypes.c_long(t1), ctypes.c_void_p(at.ctypes.data), ctypes.c_long(k))
        made.library.march(ctypes.byref(buffers.job), *numbers)
        tick((t1 - t0) * batch.rows)
    return buffers.records()


class _Buffers:
    """The memory that a kernel works on, and the job that points to it."""

    def __init__(self, batch: Batch, made: Program, threads: int) -> None:
        h, s, k = len(batch.optimizers), batch.n_seeds, len(batch.record)
        self.batch, self.made = batch, made
        blocks = -(-s // made.lanes)
        real = np.float64 if batch.dtype == torch.float64 else np.float32
        self.params = parameter_rows(batch, made.graph, made.kernel).astype(real)
        self.start = np.ascontiguousarray(starts(batch).numpy())
        self.widths = np.array([w or 1 for w in made.kernel.metrics], dtype=np.int64)
        self.values = [np.empty((h, k, w, s)) for w in self.widths]
        self.alive = np.empty((h, k, s), dtype=np.bool_)
        self.carry = _aligned(h * blocks * int(made.library.carry_bytes()))
        self.pointers = np.array([v.ctypes.data for v in self.values], dtype=np.uint64)
        low, high = rng.split_key(batch.key)
        self.job = _Job(
            configs=h, seeds=s, blocks=blocks, group=_group(blocks, h, threads),
            parameters=self.params.shape[1], records=k, first_seed=batch.first_seed, key_low=low, key_high=high,
            threads=threads, params=self.params.ctypes.data, start=self.start.ctypes.data,
            start_stride=0 if len(self.start) == 1 else self.start.shape[1], values=self.pointers.ctypes.data,
            widths=self.widths.ctypes.data, alive=self.alive.ctypes.data, carry=self.carry.ctypes.data,
        )  # fmt: skip

    def records(self) -> Records:
        """Return what the kernel wrote, in the reference engine's form."""
        shapes = zip(self.values, self.made.kernel.metrics, strict=True)
        values = tuple(torch.from_numpy(v if width else v[:, :, 0]) for v, width in shapes)
        h, s, d, lanes = len(self.batch.optimizers), self.batch.n_seeds, self.made.kernel.dim, self.made.lanes
        block = self.carry.reshape(h, self.job.blocks, -1)
        x = np.ascontiguousarray(block[:, :, : d * lanes * self.params.itemsize]).view(self.params.dtype)
        x = x.reshape(h, -1, d, lanes).swapaxes(2, 3).reshape(h, -1, d)[:, :s]
        return Records(values, torch.from_numpy(self.alive), torch.from_numpy(np.ascontiguousarray(x)))


def _group(blocks: int, configs: int, threads: int) -> int:
    """Return how many blocks share a table of the functions of t: up to 16, in as many shares for every thread.

    Each thread has at least four shares, so that none waits long for another at the end.
    """
    shares = -(-max(4, -(-blocks * configs // (16 * threads))) * threads // configs)
    return max(1, -(-blocks // shares))


def _aligned(n_bytes: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Return bytes that begin at a multiple of 256."""
    raw = np.empty(n_bytes + 256, dtype=np.uint8)
    skip = -raw.ctypes.data % 256
    return raw[skip : skip + n_bytes]
