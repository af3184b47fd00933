"""Write the API reference with pdoc: `python docs/build_api.py DIR`.

pdoc reads what a module holds and evaluates annotations where a function is defined. Names of `lab` are imported when
they are first used; a field that a class inherits names types of its base's module, and a named tuple is made in a
module of its own: all three are looked up before.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
import typing
from collections.abc import Iterator
from pathlib import Path

import pdoc

import lab
import proofs_check
from lab.transforms import Transform
from lab.wrappers import Wrapper

SHOWN = ("lab", "proofs_check", "!lab.cli", "!lab.engine.interval_ops")


def subclasses(of: type) -> Iterator[type]:
    """Yield all classes below one."""
    for cls in of.__subclasses__():
        yield cls
        yield from subclasses(cls)


def named_tuples() -> Iterator[type]:
    """Yield the named tuples of all modules."""
    for package in (lab, proofs_check):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not found.name.endswith("__main__"):
                things = vars(importlib.import_module(found.name)).values()
                yield from (t for t in things if isinstance(t, type) and issubclass(t, tuple) and hasattr(t, "_fields"))


def main(folder: Path) -> None:
    """Write the reference into a folder."""
    vars(lab).update({name: getattr(lab, name) for name in lab.__all__})
    for cls in named_tuples():
        cls.__new__.__annotations__.update(typing.get_type_hints(cls))
    for base in (Transform, Wrapper):
        for cls in subclasses(base):
            cls.__init__.__annotations__["inner"] = typing.get_type_hints(base)["inner"]
    pdoc.pdoc(*SHOWN, output_directory=folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
