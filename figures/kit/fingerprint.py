"""What a figure is made from, as a digest: equal digests mean equal files, so that nothing is drawn twice."""

from __future__ import annotations

import hashlib
import importlib
import inspect
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from functools import cache
from pathlib import Path
from types import ModuleType

from figures.kit.sources import Source
from figures.kit.style import Style

GROUND = ("lab", "problems", "proofs_check")  # whatever they say may reach a picture


def fingerprint(
    module: ModuleType, sources: Mapping[str, Source], style: Style, versions: Mapping[str, str]
) -> str | None:
    """Return a digest of a figure's own code, its sources' facts, the style, and all code that it may rest on.

    It is coarse on purpose: any change of the packages below has the figures drawn again, from stored results where
    these are still valid. None where the code or a source cannot be told ("hash" is None in its facts).
    """
    facts = {label: source.facts() for label, source in sources.items()}
    if any(f.get("hash", "") is None for f in facts.values()):
        return None
    try:
        own = inspect.getsource(module)
    except (OSError, TypeError):
        return None
    parts = [own, ground(), json.dumps([facts, asdict(style), dict(versions)], sort_keys=True)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


@cache
def ground() -> str:
    """Return a digest of the code that every figure rests on. It is computed once a process."""
    digest = hashlib.sha256()
    for path in _files():
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _files() -> Iterator[Path]:
    for package in GROUND:
        for folder in importlib.import_module(package).__path__:
            yield from sorted(Path(folder).rglob("*.py"))
    yield from sorted(Path(__file__).parent.glob("*.py"))
