"""`ratelab bench`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lab.cli.app import Json, app


@app.command()
def bench(
    only: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="A yardstick; may be repeated. All where none is named.")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="A fifth of the seeds and steps, no scaling.")] = False,
    device: Annotated[str, typer.Option(metavar="cpu|cuda", help="Where the engine and JAX run.")] = "cpu",
    threads: Annotated[int | None, typer.Option(metavar="N", help="Threads; all processors where not given.")] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where results.md and the figure go; benchmarks/ by default.")
    ] = None,
    json: Json = False,
) -> None:
    """Measure the engine against its yardsticks in one run: JAX, torch.optim, numba, and a hand-written C loop.

    \b
    Example:
      ratelab bench --quick --only fused --only c
    """
    from lab.discovery import benchmark

    benchmark().main(json=json, device=device, quick=quick, only=only or None, out=out, threads=threads)
