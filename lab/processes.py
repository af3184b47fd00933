"""Work on many names side by side, in processes that are alike: the same answer whoever computes it."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")


def side_by_side(job: Callable[[str], T], names: Sequence[str], processes: int) -> Iterator[tuple[str, T]]:
    """Yield (name, job(name)) as they are done; with one process, here and in order.

    job: a function of a module, or a `partial` of one, so that it can be sent to another process. An exception of a
    job, or Ctrl-C, cancels what has not begun.
    """
    if processes <= 1:
        yield from ((name, job(name)) for name in names)
        return
    spawned = multiprocessing.get_context("spawn")  # a forked child would inherit locks of torch's threads
    with _alike(), ProcessPoolExecutor(processes, mp_context=spawned) as pool:
        jobs = {pool.submit(job, name): name for name in names}
        try:
            for done in as_completed(jobs):
                yield jobs[done], done.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


@contextmanager
def _alike() -> Iterator[None]:
    """Let the processes started inside use one thread each, for there are as many as processors, and equal hashes.

    sympy goes through sets: with another seed of hashes it may take another way, and miss a proof.
    """
    given = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}
    before = {name: os.environ.get(name) for name in given}
    os.environ.update(given)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
