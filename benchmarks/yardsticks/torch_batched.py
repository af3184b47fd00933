"""torch.optim over one Parameter that holds every seed; the gradient is written by hand, which spares autograd."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor
from torch.optim import SGD, Adam, Optimizer

from benchmarks.workloads import HeavyTailedGClip, ReddiAdam, Workload
from benchmarks.yardsticks import Runner, Trajectories, Unavailable

Oracle = Callable[[Tensor], Tensor]


def reddi_adam(w: ReddiAdam, x: Tensor, generator: torch.Generator) -> tuple[Optimizer, Oracle, Oracle]:
    """Return the optimizer, the oracle and the projection in place."""
    share = w.problem.share()

    def oracle(x: Tensor) -> Tensor:
        u = torch.empty_like(x).uniform_(generator=generator)
        return torch.where(u < share, w.C, torch.full_like(x, -1.0))

    return Adam([x], lr=w.lr, betas=w.betas, eps=w.eps, fused=True), oracle, lambda x: x.clamp_(-1.0, 1.0)


def heavy_tailed_gclip(w: HeavyTailedGClip, x: Tensor, generator: torch.Generator) -> tuple[Optimizer, Oracle, Oracle]:
    """Return the optimizer, the oracle, with each seed's gradient clipped, and no projection."""
    spectrum = x.new_tensor(w.spectrum)

    def oracle(x: Tensor) -> Tensor:
        u = torch.empty_like(x).uniform_(2.0**-54, 1.0, generator=generator)
        size = w.scale * (2 * torch.minimum(u, 1 - u)) ** (-1 / w.tail)
        g = spectrum * x + torch.where(u < 0.5, -size, size)
        clipped: Tensor = g * (w.max_norm / g.norm(dim=-1, keepdim=True)).clamp_(max=1.0)
        return clipped

    return SGD([x], lr=w.lr, fused=True), oracle, lambda x: x


def start(workload: Workload, rows: int, device: str) -> Tensor:
    """Return the Parameter `(rows, d)` at x_1."""
    first = workload.first if isinstance(workload, HeavyTailedGClip) else 0.0
    return torch.nn.Parameter(torch.full((rows, workload.dim), first, dtype=torch.float64, device=device))


def prepare(workload: Workload, device: str, threads: int) -> Runner:
    """Return what runs a workload."""
    if not isinstance(workload, ReddiAdam | HeavyTailedGClip):
        raise Unavailable(f"torch_batched: no loop for {workload.name}")
    if device == "cuda" and not torch.cuda.is_available():
        raise Unavailable("torch_batched: torch sees no GPU")

    def run() -> Trajectories:
        x = start(workload, workload.seeds, device)
        generator = torch.Generator(device).manual_seed(workload.key % 2**63)
        if isinstance(workload, ReddiAdam):
            optimizer, oracle, project = reddi_adam(workload, x, generator)
        else:
            optimizer, oracle, project = heavy_tailed_gclip(workload, x, generator)
        kept = [x.detach().clone()]
        wanted = set(workload.record)
        for t in range(1, workload.steps + 1):
            optimizer.param_groups[0]["lr"] = workload.lr / t**0.5
            x.grad = oracle(x.detach())
            optimizer.step()
            project(x.detach())
            if t in wanted:
                kept.append(x.detach().clone())
        return np.moveaxis(torch.stack(kept).cpu().numpy(), 1, 2)

    def with_threads() -> Trajectories:
        before = torch.get_num_threads()
        torch.set_num_threads(threads)
        try:
            return run()
        finally:
            torch.set_num_threads(before)

    return with_threads
