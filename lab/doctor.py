"""What this machine has, and what of the lab works on it."""

from __future__ import annotations

import importlib.util
import os
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

REQUIRED = (
    "torch", "numpy", "scipy", "sympy", "z3-solver", "cvc5", "mpmath", "python-flint", "xarray", "h5netcdf",
    "matplotlib",
)  # fmt: skip
OPTIONAL = {
    "PEPit": "exact worst cases (ratelab[pep])",
    "cuda-core": "the GPU engine (ratelab[gpu])",
    "distributed": "Dask clusters (ratelab[cluster])",
    "optax": "reference optimizers (ratelab[zoo])",
    "pytorch_optimizer": "reference optimizers (ratelab[zoo])",
    "hypothesis": "the tests (ratelab[test])",
}
SECONDS = 60  # for the compiler, and for what it made

HELLO = """#include <stdio.h>
int main(void) { printf("%.1f", 6.0 * 7.0); return 0; }
"""
OPENMP = """#include <omp.h>
#include <stdio.h>
int main(void) { printf("%d", omp_get_max_threads()); return 0; }
"""


@dataclass(frozen=True)
class Check:
    """One thing looked at. ok: None where it is a fact, or something that nobody needs."""

    name: str
    ok: bool | None
    detail: str


def examine(environ: Mapping[str, str], store: Path) -> Iterator[Check]:
    """Yield every check; `environ` is asked for $CC, `store` is the folder of results."""
    yield Check("python", sys.version_info >= (3, 11), f"{platform.python_version()} at {sys.executable}")
    yield Check("machine", None, f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores")
    yield from (_installed(name) for name in REQUIRED)
    yield from (_extra(name, use) for name, use in OPTIONAL.items())
    yield from _compiler(environ)
    yield from _gpu()
    yield _writable("cache", _cache)
    yield _writable("results", lambda: store)
    yield _engine("engine reference", "reference", "cpu")
    yield _engine("engine fused CPU", "fused", "cpu")
    yield _engine("engine fused GPU", "fused", "cuda")


def _installed(name: str) -> Check:
    try:
        return Check(name, True, version(name))
    except PackageNotFoundError:
        return Check(name, False, f"not installed: pip install {name}")


def _extra(name: str, use: str) -> Check:
    found = _installed(name)
    return Check(name, None, f"{found.detail} ({use})" if found.ok else f"not installed; only for {use}")


def _compiler(environ: Mapping[str, str]) -> Iterator[Check]:
    """Yield whether a C compiler makes programs that run, and whether it knows OpenMP."""
    asked = shlex.split(environ.get("CC", ""))
    candidates = [asked] if asked else [["cc"], ["gcc"], ["clang"]]
    found = next((c for c in candidates if shutil.which(c[0])), None)
    if found is None:
        yield Check("C compiler", None, f"not found: {', '.join(c[0] for c in candidates)}")
        return
    ran = compile_and_run(found, HELLO)
    yield Check("C compiler", ran == "42.0" or None, f"{shutil.which(found[0])}: {_said(ran, '42.0')}")
    threads = compile_and_run([*found, "-fopenmp"], OPENMP)
    yield Check("OpenMP", None, f"{threads} threads" if threads.isdigit() else f"not available: {threads}")


def _said(got: str, wanted: str) -> str:
    return "compiles, and what it makes runs" if got == wanted else f"does not work: {got}"


def compile_and_run(compiler: list[str], source: str) -> str:
    """Return what a C program prints, or one line that says what went wrong."""
    with tempfile.TemporaryDirectory() as folder:
        file, program = Path(folder, "program.c"), Path(folder, "program")
        file.write_text(source)
        for command in ([*compiler, str(file), "-o", str(program)], [str(program)]):
            try:
                done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
            except (OSError, subprocess.TimeoutExpired) as error:
                return f"{Path(command[0]).name}: {error}"
            if done.returncode != 0:
                first = done.stderr.strip().partition("\n")[0]
                return f"{Path(command[0]).name} exited with {done.returncode}: {first}"
    return done.stdout.strip()


def _gpu() -> Iterator[Check]:
    import torch

    if torch.cuda.is_available():
        card = torch.cuda.get_device_properties(0)
        yield Check("GPU", True, f"{card.name}, {card.total_memory / 2**30:.0f} GiB; CUDA {torch.version.cuda}")
    else:
        built = f"torch is built for CUDA {torch.version.cuda}" if torch.version.cuda else "torch is built for the CPU"
        yield Check("GPU", None, f"none that torch sees ({built})")
    has_core = importlib.util.find_spec("cuda") is not None and importlib.util.find_spec("cuda.core") is not None
    yield Check("cuda.core", None, "importable" if has_core else "not installed")


def _cache() -> Path:
    from lab.index import cache_folder

    return cache_folder()


def _writable(name: str, where: Callable[[], Path]) -> Check:
    """Try to write into a folder, which is left as it was found: absent where it was absent."""
    folder = where()
    there = next(p for p in (folder, *folder.absolute().parents) if p.exists())
    try:
        with tempfile.TemporaryDirectory(prefix=".probe-", dir=there):
            pass
    except OSError as error:
        return Check(name, False, f"{folder} cannot be written: {error.strerror}")
    return Check(name, True, f"{folder} can be written")


def _engine(name: str, engine: str, device: str) -> Check:
    """Run one step of SGD: from x = 1 with lr = 1/2 and g = x + u, u in (0, 1), it must land in (0, 1/2)."""
    import torch

    from lab.engine.select import choose
    from lab.metrics import METRICS
    from lab.optimizers.sgd import SGD
    from lab.schedules import Constant
    from lab.simulate import simulate
    from lab.testing.driving import GivenGradients

    problem, sgd = GivenGradients(d=1, curvature=1.0), SGD(lr=Constant(0.5))
    wanted = "reference" if engine == "reference" else "auto"
    choice = choose(wanted, problem, sgd, (METRICS["iterate"],), torch.float64, device)
    if choice.name != engine:
        return Check(name, None, f"does not work here: {choice.why}")
    run = simulate(problem, sgd, seeds=1, steps=1, start=1.0, metrics=("iterate",), engine=engine, device=device)
    x = float(run["iterate_mean"].values[0, -1])
    good = 0 < x < 0.5
    return Check(name, good, "works" if good else f"one step of SGD gave {x}, outside (0, 0.5)")
