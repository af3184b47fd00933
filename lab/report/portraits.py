"""Portraits of problems, kept in the store: drawing one runs three methods, which takes seconds."""

from __future__ import annotations

import hashlib
import inspect
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from lab import discovery, portrait
from lab.errors import LabError
from lab.files import writable

Progress = Callable[[str, float], None]


def place(name: str, store: Path) -> Path | None:
    """Return the file of a problem's portrait, under a key of its source; None where that cannot be read."""
    try:
        texts = [inspect.getsource(sys.modules[discovery.problems()[name].__module__]), inspect.getsource(portrait)]
    except OSError:
        return None
    key = hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]
    return store / "portraits" / f"{name}-{key}.svg"


def kept(name: str, store: Path) -> Path | None:
    """Return the file of a portrait that the store keeps; None where there is none."""
    file = place(name, store)
    return file if file is not None and file.is_file() else None


def draw_missing(
    store: Path, names: Sequence[str] | None = None, progress: Progress | None = None
) -> tuple[tuple[str, str], ...]:
    """Draw what is not kept; return (problem, why) of those that cannot be drawn. names: all where none are given."""
    every = discovery.list_problems() if names is None else list(names)
    folder = writable(store / "portraits", "portraits")
    refused = []
    for i, name in enumerate(every):
        file = place(name, store)
        if file is None or file.is_file():
            continue
        if progress is not None:
            progress(f"portrait of {name}", i / len(every))
        unfinished = folder / f"{name}.unfinished.svg"
        try:
            portrait.draw(discovery.get_problem(name), unfinished)
            unfinished.replace(file)
        except LabError as error:
            refused.append((name, str(error)))
    return tuple(refused)
