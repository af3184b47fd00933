"""numba: blocks of 64 seeds, the whole trajectory inside the loop, Philox4x32-10 in the layout of lab/rng.py."""

from __future__ import annotations

import math
from typing import Any

import numba
import numpy as np
from numba import float64, int64, prange, uint64

from benchmarks.workloads import HeavyTailedGClip, ReddiAdam, Workload
from benchmarks.yardsticks import Runner, Trajectories, Unavailable

LANES = 64
MOST: int = numba.get_num_threads()  # before anybody asks for fewer
M0, M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
W0, W1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
LOW, SHIFT = np.uint64(0xFFFFFFFF), np.uint64(32)
REAL, WHOLE, WORD = float64[::1], int64[::1], uint64


def _philox(block: Any, seed: Any, k0: Any, k1: Any) -> Any:
    """Return the four words of one block of one seed, stream 0."""
    c0, c1, c2, c3 = block & LOW, block >> SHIFT, seed, np.uint64(0)
    for _ in range(10):
        p0, p1 = M0 * c0, M1 * c2
        c0, c1, c2, c3 = (p1 >> SHIFT) ^ c1 ^ k0, p1 & LOW, (p0 >> SHIFT) ^ c3 ^ k1, p0 & LOW
        k0, k1 = (k0 + W0) & LOW, (k1 + W1) & LOW
    return c0, c1, c2, c3


philox = numba.njit(inline="always")(_philox)


def _draw(words: Any, block: Any, first: Any, key: Any) -> None:
    """Fill words `(4, LANES)` with one block of the seeds first, first + 1, ..."""
    for i in range(LANES):
        w0, w1, w2, w3 = philox(block, first + np.uint64(i), key & LOW, key >> SHIFT)
        words[0, i], words[1, i], words[2, i], words[3, i] = w0, w1, w2, w3


draw = numba.njit(inline="always")(_draw)


def reddi_adam(numbers: Any, key: Any, steps: Any, record: Any, out: Any) -> None:
    """Fill out `(K, S)` with the records of Adam on Reddi's problem."""
    high, low, share, lr, beta1, beta2, eps, lowest, highest = numbers
    seeds = out.shape[1]
    for block in prange(-(-seeds // LANES)):
        x, m, v = np.zeros(LANES), np.zeros(LANES), np.zeros(LANES)
        words = np.empty((4, LANES), np.uint64)
        first, r = block * LANES, 0
        for t in range(steps + 1):
            if t > 0:
                if (t - 1) % 4 == 0:
                    draw(words, np.uint64((t - 1) // 4), np.uint64(first), key)
                w = words[(t - 1) % 4]
                c1, c2 = 1 - beta1**t, 1 - beta2**t
                rate, small = lr / math.sqrt(t) * math.sqrt(c2) / c1, eps * math.sqrt(c2)
                for i in range(LANES):
                    u = (np.float64(np.int64(w[i])) + 0.5) * 2.0**-32
                    g = high if u < share else low
                    m[i] = beta1 * m[i] + (1 - beta1) * g
                    v[i] = beta2 * v[i] + (1 - beta2) * (g * g)
                    x[i] = min(max(x[i] - rate * m[i] / (math.sqrt(v[i]) + small), lowest), highest)
            if record[r] == t:
                n = min(LANES, seeds - first)
                out[r, first : first + n] = x[:n]
                r += 1


def heavy_tailed_gclip(numbers: Any, key: Any, steps: Any, record: Any, out: Any) -> None:
    """Fill out `(K, d, S)` with the records of clipped SGD on the heavy-tailed quadratic."""
    tail, scale, max_norm, lr, start = numbers[:5]
    spectrum = numbers[5:]
    d, seeds = out.shape[1], out.shape[2]
    blocks_a_step, power = (d + 1) // 2, -1 / tail
    for block in prange(-(-seeds // LANES)):
        x, g = np.full((d, LANES), start), np.empty((d, LANES))
        square, words = np.empty(LANES), np.empty((4, LANES), np.uint64)
        first, r = block * LANES, 0
        for t in range(steps + 1):
            if t > 0:
                square[:] = 0.0
                for i in range(d):
                    if i % 2 == 0:
                        draw(words, np.uint64((t - 1) * blocks_a_step + i // 2), np.uint64(first), key)
                    w0, w1, xi, gi, lam = words[i % 2 * 2], words[i % 2 * 2 + 1], x[i], g[i], spectrum[i]
                    for j in range(LANES):
                        k = np.int64((w0[j] << np.uint64(20)) | (w1[j] >> np.uint64(12)))
                        u = (np.float64(k) + 0.5) * 2.0**-52
                        size = scale * (2 * min(u, 1 - u)) ** power
                        gi[j] = lam * xi[j] + (-size if u < 0.5 else size)
                        square[j] += gi[j] * gi[j]
                rate = lr / math.sqrt(t)
                for j in range(LANES):
                    square[j] = rate * min(1.0, max_norm / math.sqrt(square[j]))
                for i in range(d):
                    for j in range(LANES):
                        x[i, j] -= square[j] * g[i, j]
            if record[r] == t:
                n = min(LANES, seeds - first)
                out[r, :, first : first + n] = x[:, :n]
                r += 1


def prepare(workload: Workload, device: str, threads: int) -> Runner:
    """Compile a workload's loop and return what runs it; raises Unavailable for one that it does not know."""
    del device
    loops = {
        ReddiAdam: (reddi_adam, (REAL, WORD, int64, WHOLE, float64[:, ::1])),
        HeavyTailedGClip: (heavy_tailed_gclip, (REAL, WORD, int64, WHOLE, float64[:, :, ::1])),
    }
    if type(workload) not in loops:
        raise Unavailable(f"numba: no loop for {workload.name}")
    function, signature = loops[type(workload)]
    loop = numba.njit([signature], parallel=True, error_model="numpy")(function)  # x / 0 is inf, as in C
    record = np.array([*workload.record, workload.steps + 1], dtype=np.int64)
    numbers = np.array(workload.numbers)

    def run() -> Trajectories:
        numba.set_num_threads(min(threads, MOST))
        out = np.empty((len(workload.record), workload.dim, workload.seeds))
        given = out[:, 0] if workload.dim == 1 and isinstance(workload, ReddiAdam) else out
        loop(numbers, np.uint64(workload.key), workload.steps, record, given)
        return out

    return run
