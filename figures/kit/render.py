"""From a figure's name to its files: runs what is missing, draws, and writes, each file whole or not at all.

`<name>.svg`, `.pdf` and `.png`, `<name>.csv` with every plotted number, and `<name>.json` with where they come from;
in a style other than paper `<name>-<style>.*`. A second run writes the same bytes, or nothing: a figure whose sources,
code and files are as they were is not drawn again. While one figure is drawn, the next ones' runs go on.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import platform
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

import matplotlib
import numpy as np
import torch
import xarray as xr

import lab
from figures.kit.drawing import Drawing, Source
from figures.kit.fingerprint import fingerprint
from figures.kit.gallery import gallery as gallery
from figures.kit.marks import Row
from figures.kit.paint import paint
from figures.kit.style import PAPER, STYLES, Style
from lab import discovery
from lab.errors import LabError, unknown
from lab.files import writable, write
from lab.progress import Progress
from lab.simulate import Interrupted

OUT = Path("runs/figures")
COLUMNS = ("panel", *Row._fields)
METADATA: Mapping[str, dict[str, Any]] = {  # without date or program version
    "svg": {"Date": None, "Creator": "ratelab"},
    "pdf": {"CreationDate": None, "Creator": "ratelab", "Producer": "ratelab"},
    "png": {"Software": "ratelab"},
}
SUFFIXES = (*METADATA, "csv", "json")


@dataclass(frozen=True)
class Job:
    """One figure to be drawn: its module, its sources by label, the style, and the folder of its files."""

    module: ModuleType
    sources: Mapping[str, Source]
    style: Style
    folder: Path

    @property
    def stem(self) -> str:
        """Return the files' name without the suffix."""
        name = self.module.__name__.rpartition(".")[2]
        return name if self.style is PAPER else f"{name}-{self.style.name}"

    @cached_property
    def made_from(self) -> str | None:
        """Return a digest of all that decides the files; None where a source cannot tell."""
        return fingerprint(self.module, self.sources, self.style, _versions())

    @property
    def paths(self) -> list[Path]:
        """Return the files."""
        return [self.folder / f"{self.stem}.{suffix}" for suffix in SUFFIXES]

    def done(self) -> bool:
        """Tell whether the files are there, whole, and made from the same."""
        if self.made_from is None:
            return False
        try:
            facts = json.loads((self.folder / f"{self.stem}.json").read_bytes())
            if facts["made_from"] != self.made_from:
                return False
            digests = facts["sha256"].items()
            return all(hashlib.sha256((self.folder / name).read_bytes()).hexdigest() == of for name, of in digests)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return False

    def draw(self, results: Mapping[str, xr.Dataset]) -> None:
        """Draw and write the files. LabError where they cannot be written."""
        contents = files(self, self.module.draw(results))
        try:
            write(self.folder, {f"{self.stem}.{suffix}": data for suffix, data in contents.items()})
        except OSError as error:
            raise LabError(f"figure {self.stem} cannot be written to {self.folder}: {error.strerror}") from None


def render(
    names: Sequence[str] | None = None,
    out: str | Path = OUT,
    store: str | Path | None = "runs",
    progress: Progress | None = None,
    small: bool = False,
    style: str = PAPER.name,
    again: bool = False,
) -> list[Path]:
    """Draw figures and return their files, `SUFFIXES` for each.

    names: which; None is all. out: the folder written to. store: where runs are looked up and kept; None keeps none.
    progress: told (done, all) in seed-steps. small: few seeds and steps, for a quick look. style: "paper" or "slides".
    again: draw even what has not changed.

    Raises LabError for an unknown name or style, an unwritable folder (before anything runs), or a broken figure. After
    Ctrl-C the figures that were drawn are kept, and so are the seeds that were finished.
    """
    if style not in STYLES:
        raise unknown("style", style, STYLES)
    modules = [_figure(name) for name in (discovery.list_figures() if names is None else dict.fromkeys(names))]
    folder = writable(Path(out), "figures")
    jobs = [Job(m, {k: s.small() if small else s for k, s in m.runs().items()}, STYLES[style], folder) for m in modules]
    _draw([job for job in jobs if again or not job.done()], store, progress)
    return [path for job in jobs for path in job.paths]


def _figure(name: str) -> ModuleType:
    found = discovery.figures()
    if name not in found:
        raise unknown("figure", name, found)
    module = found[name]
    for part in ("CLAIMS", "CAPTION", "runs"):
        if not hasattr(module, part):
            raise LabError(f"{module.__file__} defines no {part}")
    for claim in module.CLAIMS:
        discovery.get_claim(claim)  # a wrong id is known before anything runs
    return module


def _draw(jobs: Sequence[Job], store: str | Path | None, progress: Progress | None) -> None:
    """Draw one figure after the other here, while another thread gets the results of those that follow."""
    tell = _Total(progress, [source for job in jobs for source in job.sources.values()])
    drawn = 0
    with ThreadPoolExecutor(1, thread_name_prefix="figures") as runner:
        waiting = [(job, runner.submit(_results, job.sources, store, tell)) for job in jobs]
        try:
            for job, results in waiting:
                job.draw(results.result())
                drawn += 1
        except BaseException as error:
            tell.stop()
            runner.shutdown(wait=True, cancel_futures=True)
            if not isinstance(error, KeyboardInterrupt):
                raise
            text = f"stopped; {drawn} of {len(jobs)} figures are drawn, the same command goes on from there"
            raise Interrupted(text) from None


class _Total:
    """Turns the progress of single sources into that of all, counting a stored one as done."""

    def __init__(self, progress: Progress | None, sources: Sequence[Source]) -> None:
        self._progress, self._before, self._stopped = progress, 0.0, False
        self._total = sum(source.size for source in sources)

    def stop(self) -> None:
        """Let the next source that reports raise KeyboardInterrupt."""
        self._stopped = True

    def within(self, source: Source) -> Callable[[int, int], None]:
        """Return the progress to hand to one source."""

        def tell(done: int, of: int) -> None:
            self._tell(
                self._before + source.size - min(of, source.size) * (1 - done / max(of, 1))
            )  # the rest is stored

        return tell

    def finished(self, source: Source) -> None:
        """Count one source as done."""
        self._before += source.size
        self._tell(self._before)

    def _tell(self, done: float) -> None:
        if self._stopped:
            raise KeyboardInterrupt
        if self._progress is not None:
            self._progress(round(done), self._total)


def _results(sources: Mapping[str, Source], store: str | Path | None, tell: _Total) -> dict[str, xr.Dataset]:
    made = {}
    for label, source in sources.items():
        made[label] = source.result(store, tell.within(source))
        tell.finished(source)
    return made


def files(job: Job, drawing: Drawing) -> dict[str, bytes]:
    """Return the files' bytes by suffix. Pure: equal drawings give equal bytes on one machine."""
    made = images(drawing, job.style) | {"csv": table(drawing)}
    facts: dict[str, Any] = {
        "figure": job.stem,
        "style": job.style.name,
        "title": drawing.title,
        "caption": drawing.caption,
        "claims": {c: discovery.get_claim(c).source for c in job.module.CLAIMS},
        "runs": {label: source.facts() for label, source in job.sources.items()},
        "versions": _versions(),
        "made_from": job.made_from,
        "sha256": {f"{job.stem}.{suffix}": hashlib.sha256(data).hexdigest() for suffix, data in made.items()},
    }
    return made | {"json": (json.dumps(facts, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()}


def _versions() -> dict[str, str]:
    own = {"ratelab": lab.__version__, "python": platform.python_version()}
    return own | {"torch": torch.__version__, "numpy": np.__version__, "matplotlib": matplotlib.__version__}


def images(drawing: Drawing, style: Style = PAPER) -> dict[str, bytes]:
    """Return the drawing as SVG, PDF and PNG."""
    made = {}
    with matplotlib.rc_context({**matplotlib.rcParamsDefault, "backend": "agg", **style.rc()}):
        figure = paint(drawing, style)
        for suffix, metadata in METADATA.items():
            buffer = io.BytesIO()
            figure.savefig(buffer, format=suffix, metadata=metadata, facecolor="white")
            made[suffix] = buffer.getvalue()
    return made


def table(drawing: Drawing) -> bytes:
    """Return every plotted number as CSV; floats are written so that they read back the same."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in drawing.numbers():
        writer.writerow(["" if v is None else v if isinstance(v, str) else repr(v) for v in row])
    return text.getvalue().encode()
