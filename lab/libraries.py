"""Every optimizer beside the library classes of its name: which agree, how closely, and why others do not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version

from lab import discovery
from lab.progress import Progress
from lab.reference import Reference
from lab.testing.library import STEPS, compare, installed, verdict

ROUNDING = 1e-15  # what the page does not tell apart


@dataclass(frozen=True)
class Row:
    """One rule and one library class. apart: of the paths, relative to 1 + the largest |x|; None where not installed.

    wrong: what is not as declared, in one line; empty where all is.
    """

    optimizer: str
    reference: Reference
    apart: float | None
    wrong: str = ""

    @property
    def outcome(self) -> str:
        """Return "agrees", "differs", "not installed" or "NOT AS DECLARED"."""
        if self.apart is None:
            return "not installed"
        return "NOT AS DECLARED" if self.wrong else "differs" if self.reference.differs else "agrees"

    @property
    def why(self) -> str:
        """Return the reason: of a difference, of a tolerance, of what is wrong."""
        return self.wrong or self.reference.differs or self.reference.says


def rows(progress: Progress | None = None) -> Iterator[Row]:
    """Yield a row for each optimizer, with its default hyperparameters, and each class that it is compared with."""
    names = discovery.list_optimizers()
    for done, name in enumerate(names):
        optimizer = discovery.get_optimizer(name)
        for reference in optimizer.reference if isinstance(optimizer.reference, tuple) else ():
            if not installed(reference):
                yield Row(name, reference, None)
                continue
            found = compare(optimizer, reference)
            yield Row(name, reference, found.apart, verdict(reference, found))
        if progress is not None:
            progress(done + 1, len(names))


def alone() -> dict[str, str]:
    """Return the optimizers that no library has, with what stands for one."""
    found = ((name, discovery.optimizers()[name].reference) for name in discovery.list_optimizers())
    return {name: given for name, given in found if isinstance(given, str)}


def _distance(apart: float | None) -> str:
    if apart is None:
        return ""
    return f"{apart:.0e}" if apart >= ROUNDING else f"< {ROUNDING:.0e}"


def markdown(found: list[Row]) -> str:
    """Return the table as a page of documentation."""
    packages = sorted({r.reference.package for r in found if r.apart is not None})
    versions = ", ".join(f"{p} {version(p)}" for p in packages)
    head = f"""# Our optimizers and the libraries'

Written by `ratelab doctor --libraries --out docs/libraries.md`, with {versions}.

Each row runs our rule and a library's class on the same {STEPS} gradients in float64. "apart" is the largest distance
between the two paths, relative to 1 + the largest |x|; below {ROUNDING:.0e} it is rounding and differs by machine.

| rule | library class | outcome | apart | why |
|---|---|---|---|---|
"""
    lines = [
        f"| `{r.optimizer}` | `{r.reference.target}` | {r.outcome} | {_distance(r.apart)} | {r.why} |" for r in found
    ]
    rest = [f"- `{name}`: {says}" for name, says in alone().items()]
    return head + "\n".join(lines) + "\n\n## Without a library class\n\n" + "\n".join(rest) + "\n"
