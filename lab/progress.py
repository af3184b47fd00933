"""How far a run has come: told from many threads, and the way in which Ctrl-C reaches them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch

Progress = Callable[[int, int], None]  # (seed-steps done, seed-steps in all)


class Ticker:
    """Counts seed-steps over all threads, tells `progress`, and stops the workers when asked."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress, self._total, self._done = progress, total, 0
        self._lock, self._stopped = threading.Lock(), threading.Event()

    def __call__(self, done: int) -> None:
        if self._stopped.is_set():
            raise KeyboardInterrupt
        with self._lock:
            self._done += done
            if self._progress is not None:
                self._progress(self._done, self._total)

    def stop(self) -> None:
        """Let the next call, on whichever thread, raise KeyboardInterrupt."""
        self._stopped.set()


@contextmanager
def one_thread_an_op() -> Iterator[None]:
    """Run torch's operations on one thread each; threads of our own run side by side instead."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
