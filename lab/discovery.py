"""Finding problems, optimizers, claims and figures: packages are walked, no list is kept.

A module in `problems`, `lab.optimizers`, `proofs_check.claims` or `figures`, or one that another distribution names in
the entry-point groups `ratelab.problems`, `.optimizers`, `.claims`, `.figures`, is imported and what it defines is
taken. A broken module is an error that names it, never a silent absence.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import pkgutil
import sys
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import EntryPoint, entry_points
from itertools import chain
from pathlib import Path
from types import ModuleType
from typing import Any

from lab.errors import LabError, unknown
from lab.parameters import construct

PACKAGES = {
    "problems": "problems",
    "optimizers": "lab.optimizers",
    "claims": "proofs_check.claims",
    "figures": "figures",
}


def modules(group: str, only: str = "") -> Iterator[ModuleType]:
    """Yield the modules of a group, sorted by name; LabError names the one that fails to import.

    only: what their names, without the package, begin with.
    """
    package = _import(PACKAGES[group])
    for name in (*_own(package.__name__, tuple(package.__path__), group != "figures"), *_plugins(group)):
        if name.rpartition(".")[2].startswith(only):
            yield _import(name)


@functools.cache  # listing the folder takes longer than finding a claim in it
def _own(package: str, folders: tuple[str, ...], with_packages: bool) -> tuple[str, ...]:
    """Return the modules in a package's folders, those that are packages themselves only `with_packages`."""
    found = pkgutil.iter_modules(folders)
    return tuple(sorted(f"{package}.{m.name}" for m in found if with_packages or not m.ispkg))


@functools.cache  # reading the metadata of every installed distribution takes tens of milliseconds
def _plugins(group: str) -> tuple[str, ...]:
    """Return the modules that installed distributions add to a group."""
    return tuple(sorted({e.value.partition(":")[0] for e in entry_points(group=f"ratelab.{group}")}))


def _import(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except Exception as error:  # whatever a plug-in raises, the user must learn which file it was
        raise LabError(f"{_file(name)} cannot be imported: {type(error).__name__}: {error}") from error


def _file(name: str) -> str:
    """Return where a module that fails to import lies; its name where that cannot be told."""
    parent = name.rpartition(".")[0]
    if parent and not hasattr(sys.modules.get(parent), "__path__"):
        return name  # looking further would import the parent, which is missing or fails itself
    spec = importlib.util.find_spec(name)
    return spec.origin if spec and spec.origin else name


def classes(group: str, base: type) -> dict[str, type[Any]]:
    """Return the concrete subclasses of `base` that a group defines, by name and alias. LabError for a file without."""
    found: dict[str, type[Any]] = {}
    for module in modules(group):
        own = [
            c
            for c in vars(module).values()
            if isinstance(c, type) and issubclass(c, base) and c.__module__ == module.__name__
        ]
        concrete = [c for c in own if not inspect.isabstract(c) and "name" in vars(c)]
        if not concrete:
            raise LabError(f"{module.__file__} defines no {base.__name__} with a name")
        for cls in concrete:
            for name in (cls.name, *cls.aliases):  # type: ignore[attr-defined]
                _add(found, name, cls)
    return found


def _add(found: dict[str, Any], name: str, thing: Any) -> None:
    if name in found and found[name] is not thing:
        a, b = (inspect.getfile(t) if isinstance(t, type) else repr(t) for t in (found[name], thing))
        raise LabError(f"two things are called {name!r}: one in {a}, one in {b}")
    found[name] = thing


@functools.cache
def problems() -> Mapping[str, type[Any]]:
    """Return every problem class by name."""
    from lab.problem import Problem

    return classes("problems", Problem)


@functools.cache
def optimizers() -> Mapping[str, type[Any]]:
    """Return every optimizer class by name and alias."""
    from lab.optimizer import Optimizer

    return classes("optimizers", Optimizer)


@functools.cache
def claims() -> Mapping[str, Any]:
    """Return every claim by id. LabError for a file without one."""
    from lab.claim import Claim

    found: dict[str, Any] = {}
    for module in modules("claims"):
        own = [c for c in vars(module).values() if isinstance(c, Claim)]
        if not own:
            raise LabError(f"{module.__file__} defines no Claim")
        for claim in own:
            _add(found, claim.id, claim)
    return found


@functools.cache
def figures() -> Mapping[str, ModuleType]:
    """Return every figure module by name; each has `draw`, or it is a LabError."""
    found: dict[str, ModuleType] = {}
    for module in modules("figures"):
        if not callable(getattr(module, "draw", None)):
            raise LabError(f"{module.__file__} defines no function draw")
        _add(found, module.__name__.rpartition(".")[2], module)
    return found


@functools.cache
def checkers() -> tuple[Callable[[Any], tuple[Any, ...]], ...]:
    """Return the functions claim -> findings that check a claim's algebra: the lab's own and installed ones."""
    own = _import("proofs_check.check").check_algebra
    plugins = sorted(entry_points(group="ratelab.checkers"), key=lambda e: e.value)
    return (own, *map(_load, plugins))


def mutation() -> Callable[[Any], tuple[Any, ...]]:
    """Return the function claim -> findings that spoils a claim's bound and reports what notices."""
    return _import("proofs_check.mutants").check_mutants  # type: ignore[no-any-return]


def module_of_claim(name: str) -> str:
    """Return the name of the module that defines a claim."""
    claim = get_claim(name)
    near = chain(modules("claims", only=name.partition(".")[0]), modules("claims"))
    return next(m.__name__ for m in near if any(c is claim for c in vars(m).values()))


def _load(point: EntryPoint) -> Any:
    try:
        return functools.reduce(getattr, point.attr.split("."), _import(point.module))
    except AttributeError as error:
        raise LabError(f"entry point {point.value!r}: {error}") from error


def folder(group: str) -> Path:
    """Return the folder in which the lab's own problems, optimizers, claims or figures lie."""
    return Path(next(iter(_import(PACKAGES[group]).__path__)))


def renderer() -> ModuleType:
    """Return the module that draws figures; its `render` is what the command line calls."""
    return _import(f"{PACKAGES['figures']}.kit.render")


def benchmark() -> ModuleType:
    """Return the module that measures the engines; its `main` is what the command line calls."""
    return _import("benchmarks.run")


def get_problem(name: str, **values: Any) -> Any:
    """Return the problem called `name` with these parameters. LabError for an unknown name or a bad value."""
    return _build("problem", problems(), name, values)


def get_optimizer(name: str, **values: Any) -> Any:
    """Return the optimizer called `name` with these hyperparameters. LabError for an unknown name or a bad value."""
    return _build("optimizer", optimizers(), name, values)


def get_claim(name: str) -> Any:
    """Return the claim with this id; LabError with the nearest id where there is none.

    It is looked for in its paper's own modules, which are quickly imported, then in all.
    """
    for module in modules("claims", only=name.partition(".")[0]):
        for thing in vars(module).values():
            if getattr(thing, "id", None) == name and _is_claim(thing):
                return thing
    found = claims()
    if name not in found:
        raise unknown("claim", name, found)
    return found[name]


def _is_claim(thing: object) -> bool:
    from lab.claim import Claim

    return isinstance(thing, Claim)


def _build(what: str, found: Mapping[str, type[Any]], name: str, values: Mapping[str, Any]) -> Any:
    if name not in found:
        raise unknown(what, name, found)
    return construct(found[name], what, values)


def _names(get: Callable[[], Mapping[str, Any]]) -> list[str]:
    return sorted({getattr(v, "name", k) if isinstance(v, type) else k for k, v in get().items()})


def list_problems() -> list[str]:
    """Return the problems' names."""
    return _names(problems)


def list_optimizers() -> list[str]:
    """Return the optimizers' names, without aliases."""
    return _names(optimizers)


def list_claims() -> list[str]:
    """Return the claims' ids."""
    return _names(claims)


def list_figures() -> list[str]:
    """Return the figures' names."""
    return _names(figures)
