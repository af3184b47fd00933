"""A new problem, optimizer, claim or figure: one file that already passes its checks, to be written over."""

from __future__ import annotations

import importlib.util
import keyword
import re
from collections.abc import Iterable
from pathlib import Path
from string import Template

from lab.discovery import PACKAGES
from lab.errors import LabError, unknown

KINDS = {"problem": "problems", "optimizer": "optimizers", "claim": "claims", "figure": "figures"}
TEMPLATES = Path(__file__).with_name("templates")


def text(kind: str, name: str) -> str:
    """Return the new file's text. LabError for an unknown kind or a name that no module can have."""
    if kind not in KINDS:
        raise unknown("kind of thing to make", kind, KINDS)
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or keyword.iskeyword(name):
        raise LabError(f"a name must be lower-case letters, digits and _, beginning with a letter, got {name!r}")
    words = [part.capitalize() for part in name.split("_") if part]
    template = Template((TEMPLATES / f"{kind}.txt").read_text(encoding="utf-8"))
    return template.substitute(name=name, cls="".join(words), title=" ".join(words))


def create(kind: str, name: str, into: Path | None = None, taken: Iterable[str] = ()) -> Path:
    """Write the new file into the kind's package, or into the folder `into`; return its path.

    taken: names of that kind that are in use. LabError for a bad or a taken name, a file that exists, or a folder
    that cannot be written; then nothing is written.
    """
    content = text(kind, name)
    if name in taken:
        raise LabError(f"the {kind} {name!r} exists; take another name")
    folder = into if into is not None else package_folder(kind)
    path = folder / f"{name}.py"
    try:
        with path.open("x", encoding="utf-8") as stream:
            stream.write(content)
    except FileExistsError:
        raise LabError(f"{path} exists; take another name, or remove it") from None
    except OSError as error:
        raise LabError(f"{path} cannot be written: {error.strerror}") from None
    return path


def package_folder(kind: str) -> Path:
    """Return the folder in which things of this kind are found; LabError where their package is not installed."""
    spec = importlib.util.find_spec(PACKAGES[KINDS[kind]])
    if spec is None or not spec.submodule_search_locations:
        raise LabError(f"the package {PACKAGES[KINDS[kind]]} is not installed; say where with --into")
    return Path(next(iter(spec.submodule_search_locations)))
