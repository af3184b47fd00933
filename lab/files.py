"""Writing files whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from lab.errors import LabError


def write(folder: Path, contents: Mapping[str, bytes]) -> list[Path]:
    """Write files by name under temporary names, then rename them all; return their paths. OSError where it fails."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".writing-", dir=folder) as made:
        for name, data in contents.items():
            Path(made, name).write_bytes(data)
        for name in contents:
            os.replace(Path(made, name), folder / name)
    return [folder / name for name in contents]


def writable(folder: Path, what: str) -> Path:
    """Return the folder, made where it was not there; LabError that names `what` where it cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".probe-", dir=folder):
            pass
    except OSError as error:
        raise LabError(f"{what} cannot be written to {folder}: {error.strerror}") from None
    return folder


def check_file(path: Path, what: str) -> None:
    """LabError that names `what` where no file can be written at `path`; no folder is left that was not there."""
    if path.is_dir():
        raise LabError(f"{what} cannot be written to {path}: it is a folder")
    new = [folder for folder in path.parents if not folder.exists()]
    writable(path.parent, what)
    for folder in new:
        folder.rmdir()
