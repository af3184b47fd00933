"""Idiomatic JAX: one seed's trajectory as a lax loop around optax, jax.vmap over seeds, threefry, float64.

The inner loop runs from one recorded step to the next, the outer `lax.scan` collects the records: memory is O(K S d).
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax import lax

from benchmarks.workloads import HeavyTailedGClip, ReddiAdam, Workload
from benchmarks.yardsticks import Runner, Trajectories, Unavailable

Array = Any


def inv_sqrt(lr: float) -> Callable[[Array], Array]:
    """Return the schedule lr / sqrt(t); optax counts steps from 0."""
    return lambda count: lr / jnp.sqrt(count + 1.0)


def reddi_adam(w: ReddiAdam) -> tuple[Array, Array, Array, Array]:
    """Return x_1, the optimizer, the oracle (key, x) -> g, and the projection."""
    share = w.problem.share()

    def oracle(key: Array, x: Array) -> Array:
        return jnp.where(jax.random.uniform(key, x.shape) < share, w.C, -1.0)

    adam = optax.adam(inv_sqrt(w.lr), *w.betas, eps=w.eps)
    return jnp.zeros(1), adam, oracle, lambda x: jnp.clip(x, -1.0, 1.0)


def heavy_tailed_gclip(w: HeavyTailedGClip) -> tuple[Array, Array, Array, Array]:
    """Return x_1, the optimizer, the oracle (key, x) -> g, and the projection."""
    spectrum = jnp.array(w.spectrum)

    def oracle(key: Array, x: Array) -> Array:
        u = jax.random.uniform(key, x.shape, minval=2.0**-54)
        size = w.scale * (2 * jnp.minimum(u, 1 - u)) ** (-1 / w.tail)
        return spectrum * x + jnp.where(u < 0.5, -size, size)

    clipped = optax.chain(optax.clip_by_global_norm(w.max_norm), optax.sgd(inv_sqrt(w.lr)))
    return jnp.full(w.dim, w.first), clipped, oracle, lambda x: x


def trajectory(workload: Workload, start: Array, optimizer: Array, oracle: Array, project: Array) -> Array:
    """Return the function from a seed's key to its records `(K, d)`."""

    def run(key: Array) -> Array:
        def step(t: Array, carry: Array) -> Array:
            x, state = carry
            g = oracle(jax.random.fold_in(key, t), x)
            updates, state = optimizer.update(g, state, x)
            return project(optax.apply_updates(x, updates)), state

        def segment(carry: Array, ends: Array) -> Array:
            carry = lax.fori_loop(ends[0], ends[1], step, carry)
            return carry, carry[0]

        ends = np.stack([workload.record[:-1], workload.record[1:]], axis=1)
        _, x = lax.scan(segment, (start, optimizer.init(start)), jnp.array(ends))
        return jnp.concatenate([start[None], x])

    return run


def prepare(workload: Workload, device: str, threads: int) -> Runner:
    """Compile a workload and return what runs it, on all cores of the device: XLA cannot be told how many."""
    del threads
    parts: dict[type[Workload], Any] = {ReddiAdam: reddi_adam, HeavyTailedGClip: heavy_tailed_gclip}
    if type(workload) not in parts:
        raise Unavailable(f"optax: no loop for {workload.name}")
    try:
        where = jax.devices("gpu" if device == "cuda" else "cpu")[0]
    except RuntimeError:
        raise Unavailable(f"optax: this JAX has no {device} device") from None
    with jax.default_device(where), float64():
        one_seed = trajectory(workload, *parts[type(workload)](workload))
        keys = jax.random.split(jax.random.key(workload.key % 2**63), workload.seeds)
        compiled = jax.jit(jax.vmap(one_seed, out_axes=-1)).lower(keys).compile()

    def run() -> Trajectories:
        with float64():
            return np.asarray(compiled(keys))

    return run


def float64() -> AbstractContextManager[Any]:
    """Give JAX's numbers 64 bits, here and nowhere else in the process."""
    if hasattr(jax, "enable_x64"):
        inside: AbstractContextManager[Any] = jax.enable_x64(True)
        return inside
    experimental: Any = importlib.import_module("jax.experimental")  # where it was before JAX 0.8
    older: AbstractContextManager[Any] = experimental.enable_x64()
    return older
