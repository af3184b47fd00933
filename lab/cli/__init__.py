"""The command line. Only typer is imported here; each command loads what it needs when it runs."""

from __future__ import annotations

from lab.cli import bench, card, catalogue, checks, figures, machine, matrix, mistakes, phase, report, runs, scaffolding
from lab.cli.app import app

__all__ = [
    "app",
    "bench",
    "card",
    "catalogue",
    "checks",
    "figures",
    "machine",
    "main",
    "matrix",
    "mistakes",
    "phase",
    "report",
    "runs",
    "scaffolding",
]


def main() -> None:
    """Run the command line of this process and exit: 0, 1 where a verdict failed, 2 on bad input, 130 on Ctrl-C."""
    app(prog_name="ratelab")
