"""Findings that the store remembers, under a key of everything that could change them. A file is whole or not there."""

from __future__ import annotations

import hashlib
import importlib
import importlib.metadata
import importlib.util
import inspect
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from lab.discovery import checkers, module_of_claim
from lab.errors import LabError
from lab.files import write
from lab.verdict import Finding, Outcome

DECIDING = ("sympy", "z3-solver", "cvc5", "mpmath", "python-flint", "scipy", "numpy")
Findings = tuple[Finding, ...]


def place(
    name: str, kind: str, store: str | Path | None, trusted: tuple[str, ...], facts: Iterable[str] = ()
) -> Path | None:
    """Return the file in which findings of one kind on a claim are kept; None where nothing is, or has no source.

    trusted: modules on whose word the findings rest, beside the claim's own and the packages of the checkers. facts:
    whatever else could change them.
    """
    if store is None:
        return None
    try:
        texts = [inspect.getsource(sys.modules[module_of_claim(name)]), ground(trusted)]
    except OSError:
        return None
    key = hashlib.sha256("\0".join([name, kind, *texts, *facts]).encode()).hexdigest()[:24]
    return Path(store) / kind / f"{name}-{key}.json"


def read(file: Path | None) -> Findings | None:
    """Return the findings kept in a file; None where there is none, or it is not whole."""
    if file is None or not file.exists():
        return None
    try:
        return tuple(finding(document) for document in json.loads(file.read_text()))
    except (OSError, ValueError, TypeError, KeyError):
        return None


def keep(file: Path | None, findings: Findings) -> None:
    """Write findings to their file; nothing where there is none. LabError where it cannot be written."""
    if file is None:
        return
    documents = [asdict(f) | {"expected": sorted(f.expected)} for f in findings]
    try:
        write(file.parent, {file.name: json.dumps(documents, indent=1).encode()})
    except OSError as error:
        raise LabError(f"findings cannot be written to {file.parent}: {error.strerror}") from None


def finding(document: dict[str, Any]) -> Finding:
    """Return the finding that a JSON document describes."""
    outcomes = {"outcome": Outcome(document["outcome"]), "expected": frozenset(map(Outcome, document["expected"]))}
    pairs = {name: None if document[name] is None else tuple(document[name]) for name in ("interval", "slope")}
    lists = {"engines": tuple(document["engines"]), "curve": tuple(map(tuple, document["curve"]))}
    return Finding(**(document | outcomes | pairs | lists))


@cache
def ground(trusted: tuple[str, ...]) -> str:
    """Return a digest of what any finding rests on: the checkers' packages without the claims, and these modules.

    It is computed once a process: a source that changes under a running program is not seen by it.
    """
    texts = [*_checkers(), *(inspect.getsource(importlib.import_module(name)) for name in trusted)]
    texts += [f"{package} {importlib.metadata.version(package)}" for package in _installed(DECIDING)]
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


def _checkers() -> Iterator[str]:
    packages = {checker.__module__.partition(".")[0] for checker in checkers()}
    for package in sorted(packages):
        spec = importlib.util.find_spec(package)
        folders = spec.submodule_search_locations if spec else None
        if folders:
            yield from (path.read_text() for folder in folders for path in sorted(Path(folder).glob("*.py")))
        elif spec and spec.origin:
            yield Path(spec.origin).read_text()


def _installed(packages: Iterable[str]) -> Iterator[str]:
    for package in packages:
        try:
            importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
        yield package
