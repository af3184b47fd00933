"""What every test runs under: one thread, no display, its own caches, and ten seconds at most unless marked slow."""

from __future__ import annotations

import gc
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

LIMIT = 10.0  # seconds of processor time for a test without the marker `slow`, `gpu` or `gpu_compile`
BUSY = 3.0  # times that on the clock: what else runs on the machine is not the test's fault, sleeping is

_WORKED = pytest.StashKey[float]()
_shared = os.environ.get("RATELAB_TESTS_CACHES")  # a worker compiles no kernel and draws no font that another has
_caches = Path(_shared or tempfile.mkdtemp(prefix="ratelab-tests-"))
os.environ["RATELAB_TESTS_CACHES"] = str(_caches)
os.environ["MPLBACKEND"] = "Agg"
os.environ["MPLCONFIGDIR"] = str(_caches / "matplotlib")
os.environ["XDG_CACHE_HOME"] = str(_caches / "cache")


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> None:
    import torch

    torch.set_num_threads(1)


@contextmanager
def kernels_at(level: str) -> Iterator[None]:
    """Let kernels be compiled at another level than they are shipped at; to the same bits from -O1 on."""
    from lab.engine import compiler

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiler, "FLAGS", [*compiler.FLAGS, level])
        yield


@pytest.fixture(autouse=True, scope="session")
def _quick_kernels(pytestconfig: pytest.Config) -> Iterator[None]:
    """Short tests alone: the compiler takes three fifths of its time, kernels up to five times theirs."""
    if "not slow" in str(pytestconfig.getoption("markexpr")):
        with kernels_at("-O1"):
            yield
    else:
        yield


@pytest.fixture(scope="module")
def kernels_for_few_steps() -> Iterator[None]:
    """The compiler takes two fifths of its time, and makes no vectors: `pow` and `tan` are libm's, to an ulp."""
    with kernels_at("-Og"):
        yield


@pytest.fixture(scope="module")
def kernels_for_many_steps() -> Iterator[None]:
    """Kernels as they are shipped."""
    with kernels_at("-O2"):
        yield


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """What is imported stays to the end: the collector of garbage need not go through it again and again."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    before = sum(os.times()[:4])
    try:
        return (yield)
    finally:
        item.stash[_WORKED] = sum(os.times()[:4]) - before


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    report: pytest.TestReport = yield
    marked = any(item.get_closest_marker(name) for name in ("slow", "gpu", "gpu_compile"))
    if report.when == "call" and report.passed and not marked:
        took = max(item.stash[_WORKED], report.duration / BUSY)
        if took > LIMIT:
            report.outcome = "failed"
            report.longrepr = f"took {took:.1f} s; a test over {LIMIT:g} s must be marked slow, or made faster"
    return report


def pytest_unconfigure(config: pytest.Config) -> None:
    import shutil

    if not _shared:
        shutil.rmtree(_caches, ignore_errors=True)
