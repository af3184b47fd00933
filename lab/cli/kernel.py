"""`ratelab show --kernel`: what the fused engine runs for a pair."""

from __future__ import annotations

from lab.cli.output import print_json


def print_kernel(problem_name: str, optimizer_name: str, cuda: bool, json: bool) -> None:
    """Print one step of a pair as the fused engine's C; with `cuda` the whole source for a GPU.

    In float64, with default parameters and the metrics that a run records by default. LabError for an unknown name,
    and where the pair cannot be recorded.
    """
    import torch

    import lab
    from lab.engine import gpu
    from lab.engine.launch import record_kernel
    from lab.metrics import get_metric
    from lab.simulate import default_metrics

    problem, optimizer = lab.get_problem(problem_name), lab.get_optimizer(optimizer_name)
    metrics = default_metrics(problem)
    _, kernel = record_kernel(problem, optimizer, [get_metric(m) for m in metrics], torch.float64)
    text = gpu.source(kernel) if cuda else kernel.body
    if not json:
        print(text, end="")
        return
    document = {"problem": problem.name, "optimizer": optimizer.name, "metrics": metrics}
    print_json(document | {"language": "CUDA C++" if cuda else "C99 and CUDA C++", "text": text})
