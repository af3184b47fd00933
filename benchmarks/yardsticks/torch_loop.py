"""torch.optim as in a tutorial: one optimizer for each seed, a loss, backward, clip_grad_norm_, step."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils import clip_grad_norm_
from torch.optim import SGD, Adam, Optimizer

from benchmarks.workloads import HeavyTailedGClip, ReddiAdam, Workload
from benchmarks.yardsticks import Runner, Trajectories, Unavailable
from benchmarks.yardsticks.torch_batched import start


def reddi_loss(w: ReddiAdam, x: Tensor, generator: torch.Generator) -> Tensor:
    """Return the loss of one round."""
    slope = w.C if torch.empty(()).uniform_(generator=generator) < w.problem.share() else -1.0
    return slope * x.sum()


def quadratic_loss(w: HeavyTailedGClip, x: Tensor, spectrum: Tensor, generator: torch.Generator) -> Tensor:
    """Return a loss whose gradient is the quadratic's plus Pareto noise."""
    u = torch.empty_like(x).uniform_(2.0**-54, 1.0, generator=generator)
    size = w.scale * (2 * torch.minimum(u, 1 - u)) ** (-1 / w.tail)
    noise = torch.where(u < 0.5, -size, size)
    return (0.5 * spectrum * x.square() + noise * x).sum()


def trajectory(w: ReddiAdam | HeavyTailedGClip, seed: int) -> Tensor:
    """Return one seed's records `(K, d)`."""
    x = start(w, 1, "cpu")
    generator = torch.Generator().manual_seed((w.key + seed) % 2**63)
    optimizer: Optimizer
    if isinstance(w, ReddiAdam):
        optimizer = Adam([x], lr=w.lr, betas=w.betas, eps=w.eps)
    else:
        optimizer, spectrum = SGD([x], lr=w.lr), x.new_tensor(w.spectrum)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda count: (count + 1) ** -0.5)
    kept, wanted = [x.detach()[0].clone()], set(w.record)
    for t in range(1, w.steps + 1):
        optimizer.zero_grad()
        if isinstance(w, ReddiAdam):
            torch.autograd.backward(reddi_loss(w, x, generator))
        else:
            torch.autograd.backward(quadratic_loss(w, x, spectrum, generator))
            clip_grad_norm_([x], w.max_norm)
        optimizer.step()
        schedule.step()
        if isinstance(w, ReddiAdam):
            x.data.clamp_(-1.0, 1.0)
        if t in wanted:
            kept.append(x.detach()[0].clone())
    return torch.stack(kept)


def prepare(workload: Workload, device: str, threads: int) -> Runner:
    """Return what runs a workload, one seed after the other on one thread: there is nothing to share out."""
    del device, threads
    if not isinstance(workload, ReddiAdam | HeavyTailedGClip):
        raise Unavailable(f"torch_loop: no loop for {workload.name}")

    def run() -> Trajectories:
        return np.stack([trajectory(workload, seed).numpy() for seed in range(workload.seeds)], axis=-1)

    return run
