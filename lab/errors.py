"""What a person did wrong, said in one line: what was got, what is allowed, the nearest valid name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class LabError(ValueError):
    """Bad input. Its text is one line that can be shown as it is; the command line exits with 2."""


class NotRecordable(LabError):
    """A step that cannot be written as a graph; the text names the operation and the line."""


def unknown(what: str, got: str, allowed: Iterable[str]) -> LabError:
    """Return the error for a name that is not in `allowed`, with the nearest name that is."""
    names = sorted(allowed)
    near = difflib.get_close_matches(got, names, n=1, cutoff=0.4)
    shown = ", ".join(names[:12]) + (f", ... ({len(names)} in all)" if len(names) > 12 else "")
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return LabError(f"no {what} is called {got!r}{hint} (there are: {shown or 'none'})")


def require(holds: bool, owner: object, field: str, got: object, allowed: str) -> None:
    """Raise LabError unless `holds`: `owner` names the thing built, `allowed` says what it takes."""
    if not holds:
        name = owner if isinstance(owner, str) else getattr(owner, "name", type(owner).__name__)
        raise LabError(f"{name}: {field} must be {allowed}, got {got!r}")
