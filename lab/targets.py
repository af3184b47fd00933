"""Whose optimizer: a name, `package.module:Class` or `path/to/file.py:Class`, a class, or an optimizer.

Nothing is evaluated: a module is imported by its name, a file by its path under a private name.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from types import ModuleType
from typing import Any

import torch

from lab import discovery
from lab.chains import Chain, assemble, chain, parameters
from lab.errors import LabError, require, unknown
from lab.optimizer import Optimizer
from lab.parameters import construct

HOW = "a name that `ratelab list optimizers` prints, package.module:Class, or path/to/file.py:Class"


@dataclass(frozen=True)
class Target:
    """An optimizer to be built with any hyperparameters.

    label: what a person typed, or the class's name. name: what `ratelab run --optimizer` calls it; None where it knows
    none. lr: whether it has a step size. wrapped: whether it is a torch.optim class.
    """

    label: str
    name: str | None
    lr: bool
    wrapped: bool
    build: Callable[[Mapping[str, Any]], Optimizer[Any]]


def find(target: object) -> Target:
    """Return what `target` means. LabError in one line for what is no optimizer, with the nearest name."""
    if isinstance(target, str):
        return _of_chain(chain(target), target) if "(" in target else _of_class(_load(target), target)
    if isinstance(target, Optimizer):
        return _of_instance(target)
    return _of_class(target, getattr(target, "__name__", repr(target)))


def _load(text: str) -> Any:
    known = discovery.optimizers()
    if text in known:
        return known[text]
    place, colon, name = text.rpartition(":")
    if not colon:
        error = unknown("optimizer", text, known)
        raise LabError(f"{error}; a class of yours is written package.module:Class or path/to/file.py:Class")
    if not place or not name.isidentifier():
        raise LabError(f"TARGET must be {HOW}, got {text!r}")
    module = _file(Path(place)) if place.endswith(".py") else _module(place)
    if not hasattr(module, name):
        classes = [k for k, v in vars(module).items() if isinstance(v, type) and _is_optimizer(v)]
        raise unknown(f"optimizer in {place}", name, classes)
    return getattr(module, name)


def _module(name: str) -> ModuleType:
    if not all(part.isidentifier() for part in name.split(".")):
        raise LabError(f"{name!r} is no module's name; TARGET must be {HOW}")
    with _importable(Path.cwd()):
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name and (name == error.name or name.startswith(f"{error.name}.")):
                raise LabError(f"there is no module {error.name!r}; is its package installed here?") from None
            raise _broken(name, error) from error
        except (Exception, SystemExit) as error:  # whatever it raises, the user must learn where
            raise _broken(name, error) from error


def _file(path: Path) -> ModuleType:
    if not path.is_file():
        raise LabError(f"there is no file {str(path)!r}")
    name = f"_ratelab_{path.stem}_{hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:12]}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None  # a .py file
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # a dataclass looks its module up there
    with _importable(path.resolve().parent):
        try:
            spec.loader.exec_module(module)
        except (Exception, SystemExit) as error:
            del sys.modules[name]
            raise _broken(str(path), error) from error
    return module


def _broken(where: str, error: BaseException) -> LabError:
    return LabError(f"{where} cannot be imported: {type(error).__name__}: {error}")


@contextmanager
def _importable(folder: Path) -> Iterator[None]:
    """Let modules of a folder be imported, after all that is installed."""
    sys.path.append(str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))


def _is_optimizer(cls: type[Any]) -> bool:
    return issubclass(cls, Optimizer | torch.optim.Optimizer) and not _is_base(cls)


def _is_base(cls: type[Any]) -> bool:
    return inspect.isabstract(cls) or cls in (Optimizer, torch.optim.Optimizer)


def _of_class(cls: Any, label: str) -> Target:
    if not isinstance(cls, type) or not issubclass(cls, Optimizer | torch.optim.Optimizer):
        what = "a class" if isinstance(cls, type) else type(cls).__name__
        bases = "lab.optimizer.Optimizer or torch.optim.Optimizer"
        raise LabError(f"{label} is no optimizer but {what}; it must be a subclass of {bases}")
    if _is_base(cls):
        raise LabError(f"{label} is an abstract class; name one that can be built")
    if not issubclass(cls, Optimizer):
        return Target(label, None, _takes_lr(cls), True, lambda h: _wrapped(cls, h))
    if not hasattr(cls, "name"):
        raise LabError(f"{label} has no name: give the class `name: ClassVar[str] = ...`")
    return Target(label, _known(cls), _has_lr(cls), False, lambda h: construct(cls, "optimizer", h))


def _of_chain(classes: Chain, label: str) -> Target:
    """Return a target whose hyperparameters each go to the one part, transform or method, that has them."""

    def build(given: Mapping[str, Any]) -> Optimizer[Any]:
        has = [parameters(cls) for cls in classes]
        for field in given:
            owners = [cls.name for cls, names in zip(classes, has, strict=True) if field in names]
            if not owners:
                raise unknown(f"parameter of {label}", field, {f for names in has for f in names})
            require(
                len(owners) == 1, label, field, f"a parameter of {' and '.join(owners)}", "one that only one part has"
            )
        return assemble(classes, [{f: v for f, v in given.items() if f in names} for names in has])

    return Target(label, label, _has_lr(classes[-1]), False, build)


def _of_instance(optimizer: Optimizer[Any]) -> Target:
    cls = type(optimizer)
    own = {f.name: getattr(optimizer, f.name) for f in fields(optimizer)}
    if hasattr(cls, "recipe"):  # made by wrap_torch
        make = cls.recipe.make
        return Target(cls.name, None, _takes_lr(make), True, lambda h: _wrapped(make, own | dict(h)))
    return Target(cls.name, _known(cls), _has_lr(cls), False, lambda h: construct(cls, "optimizer", own | dict(h)))


def _wrapped(make: Any, given: Mapping[str, Any]) -> Optimizer[Any]:
    from lab.torch_adapter import wrap_torch

    made: Optimizer[Any] = wrap_torch(make, **given)
    return made


def _known(cls: type[Any]) -> str | None:
    return cls.name if discovery.optimizers().get(cls.name) is cls else None


def _has_lr(cls: type[Any]) -> bool:
    return any(f.name == "lr" for f in fields(cls))


def _takes_lr(make: Any) -> bool:
    return "lr" in inspect.signature(make).parameters
