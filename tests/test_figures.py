"""Figures: every one that is found draws from small results, says what it shows, and writes the same bytes again."""

from __future__ import annotations

import csv
import itertools
import json
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import matplotlib
import numpy as np
import pytest
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

import figures
import figures.kit.fingerprint
import figures.kit.render
from figures import reddi_theorem1, sgd_quadratic
from figures.kit.drawing import Axis, Band, Curve, Drawing, FigureRun, Panel, Points
from figures.kit.paint import paint
from figures.kit.render import SUFFIXES, render
from figures.kit.sources import seed_counts
from figures.kit.style import PAPER, STYLES, Style, look
from lab import discovery
from lab.errors import LabError

NAMES = [  # those of the demo; the others, each with kernels of its own to be compiled, are left to `make test-slow`
    pytest.param(name, marks=() if getattr(module, "DEMO", False) else pytest.mark.slow)
    for name, module in discovery.figures().items()
]


@dataclass
class Gallery:
    """Every figure from few seeds and steps, each made when the first test asks for it."""

    folder: Path

    @property
    def store(self) -> Path:
        return self.folder / "store"

    @property
    def out(self) -> Path:
        return self.folder / "figures"

    @cache  # noqa: B019 - one gallery a module
    def files(self, name: str) -> dict[str, Path]:
        paths = render([name], out=self.out, store=self.store, small=True)
        assert [p.name for p in paths] == [f"{name}.{s}" for s in ("svg", "pdf", "png", "csv", "json")]
        return {path.suffix[1:]: path for path in paths}

    @cache  # noqa: B019
    def results(self, name: str) -> dict[str, xr.Dataset]:
        sources = discovery.figures()[name].runs()
        return {label: source.small().result(self.store, None) for label, source in sources.items()}

    @cache  # noqa: B019
    def drawing(self, name: str) -> Drawing:
        made = discovery.figures()[name].draw(self.results(name))
        assert isinstance(made, Drawing)
        return made

    @cache  # noqa: B019
    def page(self, name: str, style: str = "paper") -> Figure:
        return painted(self.drawing(name), STYLES[style])

    def __hash__(self) -> int:
        return hash(self.folder)


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Gallery:
    return Gallery(tmp_path_factory.mktemp("gallery"))


@pytest.fixture
def name(request: pytest.FixtureRequest, gallery: Gallery) -> str:
    """A figure that is already made once: compiling the kernels of its runs is no part of any one test."""
    gallery.files(request.param)
    gallery.drawing(request.param)
    return str(request.param)


def painted(what: Drawing, style: Style = PAPER) -> Figure:
    with matplotlib.rc_context(style.rc()):
        figure = paint(what, style)
        figure.draw_without_rendering()
    return figure


def panels_of(figure: Figure, what: Drawing) -> list[Axes]:
    """Return the axes of the panels, row by row, without colour bars."""
    by_title = {axes.get_label(): axes for axes in figure.axes}
    return [by_title[panel.title] for panel in what.panels]


# ------------------------------------------------------------------------------------------------- every figure


@pytest.mark.parametrize("name", NAMES, indirect=True)
def test_a_second_run_writes_the_same_bytes(name: str, gallery: Gallery, tmp_path: Path) -> None:
    first = gallery.files(name)
    for path in render([name], out=tmp_path, store=gallery.store, small=True):
        assert path.read_bytes() == first[path.suffix[1:]].read_bytes(), path.name


@pytest.mark.parametrize("name", NAMES, indirect=True)
def test_every_panel_and_curve_is_labelled(name: str, gallery: Gallery) -> None:
    what = gallery.drawing(name)
    axes = panels_of(gallery.page(name), what)
    assert axes[-1].get_xlabel() == label_of(what.panels[-1].x)
    assert axes[0].get_ylabel() == label_of(what.panels[0].y)
    for drawn, panel in zip(axes, what.panels, strict=True):
        written = {line.get_label() for line in drawn.get_lines()} | {c.get_label() for c in drawn.collections}
        assert {m.label for m in panel.marks} <= written


@pytest.mark.parametrize("name", NAMES, indirect=True)
def test_a_panel_without_a_label_of_its_own_shares_its_neighbours_axis(name: str, gallery: Gallery) -> None:
    what = gallery.drawing(name)
    axes = panels_of(gallery.page(name), what)
    for (i, j), k in np.ndenumerate(np.arange(len(axes)).reshape(len(what.rows), -1)):
        panel = what.rows[i][j]
        below = None if i + 1 == len(what.rows) else what.rows[i + 1][j]
        assert axes[k].get_xlabel() == ("" if below and below.x == panel.x else label_of(panel.x))
        assert axes[k].get_ylabel() == ("" if j and what.rows[i][j - 1].y == panel.y else label_of(panel.y))


def label_of(axis: Axis) -> str:
    """Return what is written beside an axis: words at its ticks speak for themselves."""
    return "" if axis.words is not None else axis.label


@pytest.mark.parametrize("name", NAMES, indirect=True)
def test_the_caption_says_n_the_interval_and_the_source(name: str, gallery: Gallery) -> None:
    module, text = discovery.figures()[name], gallery.drawing(name).caption
    counts = set(seed_counts(gallery.results(name)).values())
    for n in counts:
        assert re.search(rf"N = {n:,}\b", text)
    assert not counts or re.search(r"\binterval|quantiles", text)
    assert not module.CLAIMS or re.search(r"[A-Z][\w\-]+( et al\.)?, [A-Z][\w. ]*\(?(19|20)\d\d", text), (
        "author, venue, year"
    )
    assert "{" not in re.sub(r"\$[^$]*\$", "", text)


@pytest.mark.parametrize("name", NAMES, indirect=True)
def test_no_two_curves_of_a_panel_look_the_same(name: str, gallery: Gallery) -> None:
    for panel in gallery.drawing(name).panels:
        assert list(same_look(panel)) == []


def same_look(panel: Panel) -> Iterator[str]:
    """Yield the pairs of a panel's lines that only their words tell apart."""
    lines = [m for m in panel.marks if isinstance(m, Curve | Points)]
    for a, b in itertools.combinations(lines, 2):
        one, other = look(a.name), look(b.name)
        if type(a) is type(b) and a.kind == b.kind == "run" and one.colour == other.colour:
            yield f"{a.label} ({a.name}) and {b.label} ({b.name})"


def test_two_runs_of_one_colour_are_noticed() -> None:
    x, one = np.array([1.0, 10.0]), np.ones(2)
    runs = [Curve(label=f"run {k}", kind="run", name=k, x=x, y=one) for k in ("sgd", "adam", "sgd")]
    panel = Panel(title="p", x=Axis("x", (1, 10)), y=Axis("y", (0, 2)), marks=tuple(runs))
    assert list(same_look(panel)) == ["run sgd (sgd) and run sgd (sgd)"]
    assert list(same_look(replace(panel, marks=tuple(runs[:2])))) == []


@pytest.mark.parametrize("name", NAMES, indirect=True)
def test_no_words_leave_the_page_or_cover_each_other(name: str, gallery: Gallery) -> None:
    found = list(words(gallery.page(name)))
    assert len(found) > 10
    assert list(off_the_page(gallery.page(name))) == []
    for a, b in itertools.combinations(found, 2):
        assert not a.get_window_extent().padded(-3).overlaps(b.get_window_extent().padded(-3)), (a, b)


@pytest.mark.parametrize("name", NAMES, indirect=True)
def test_slides_keep_their_words_on_the_page_and_leave_the_caption_out(name: str, gallery: Gallery) -> None:
    slide, paper = gallery.page(name, "slides"), gallery.page(name)
    assert list(off_the_page(slide)) == []
    width, height = slide.get_size_inches()
    assert width > paper.get_size_inches()[0]
    assert width / height <= 16 / 9 + 1e-9
    drawn = " ".join(text.get_text() for text in slide.texts)
    assert drawn.startswith(gallery.drawing(name).title)
    assert gallery.drawing(name).caption.split()[-1] not in drawn.split()


def off_the_page(figure: Figure) -> Iterator[str]:
    """Yield the words that the page cuts."""
    page = figure.bbox
    for text in words(figure):
        box = text.get_window_extent()
        if not (page.x0 <= box.x0 < box.x1 <= page.x1 and page.y0 <= box.y0 < box.y1 <= page.y1):
            yield text.get_text()


def words(figure: Figure) -> Iterator[Text]:
    """Yield the texts that are drawn; tick labels beyond an axis' limits exist, but are not."""
    texts = list(figure.texts)
    for axes in figure.axes:
        texts += [child for child in axes.get_children() if isinstance(child, Text)]
        for i, axis in enumerate((axes.xaxis, axes.yaxis)):
            low, high = axis.get_view_interval()
            texts += [axis.label, *(t for t in axis.get_ticklabels() if low <= t.get_position()[i] <= high)]
    yield from (text for text in texts if text.get_text() and text.get_visible())


@pytest.mark.parametrize("name", NAMES, indirect=True)
def test_the_csv_holds_the_numbers_of_the_drawing(name: str, gallery: Gallery) -> None:
    with gallery.files(name)["csv"].open(newline="") as file:
        header, *rows = csv.reader(file)
    assert header == ["panel", "label", "kind", "x", "y", "lo", "hi", "x_end", "y_end", "value", "says"]
    read = [(*row[:3], *(float(v) if v else None for v in row[3:-1]), row[-1]) for row in rows]
    assert read == list(gallery.drawing(name).numbers())


@pytest.mark.parametrize("name", NAMES, indirect=True)
def test_the_json_says_where_the_numbers_come_from(name: str, gallery: Gallery) -> None:
    facts = json.loads(gallery.files(name)["json"].read_text())
    sources = {label: source.small() for label, source in discovery.figures()[name].runs().items()}
    assert facts["runs"] == json.loads(json.dumps({label: source.facts() for label, source in sources.items()}))
    runs = {label: source for label, source in sources.items() if isinstance(source, FigureRun)}
    assert all(facts["runs"][label]["hash"] == run.experiment.hash for label, run in runs.items())
    assert facts["caption"] == gallery.drawing(name).caption
    assert set(facts["versions"]) == {"ratelab", "python", "torch", "numpy", "matplotlib"}
    assert set(facts["claims"]) == set(discovery.figures()[name].CLAIMS)


@pytest.mark.parametrize("name", NAMES, indirect=True)
def test_runs_stay_on_the_side_that_each_bound_allows(name: str, gallery: Gallery) -> None:
    assert list(wrong_side(gallery.drawing(name))) == []


def wrong_side(what: Drawing) -> Iterator[str]:
    """Yield each run, and band, that crosses a bound of its own method, or of no method."""
    for panel in what.panels:
        bounds = [m for m in panel.marks if isinstance(m, Curve) and m.kind in ("upper", "lower")]
        runs = [m for m in panel.marks if isinstance(m, Curve | Band | Points) and m.kind == "run"]
        for bound, run in itertools.product(bounds, runs):
            if bound.name in ("", run.name):
                lo, hi = (run.lo, run.hi) if isinstance(run, Band) else (run.y, run.y)
                at = np.interp(run.x, bound.x, bound.y)
                if (hi > at).any() if bound.kind == "upper" else (lo < at).any():
                    yield f"{run.label} of {run.name} crosses {bound.label}"


def test_a_run_on_the_wrong_side_of_its_bound_is_noticed() -> None:
    x, one = np.array([1.0, 10.0, 100.0]), np.ones(3)
    run = Curve(label="a run", kind="run", name="sgd", x=x, y=one)
    band = Band(label="a band", kind="run", name="sgd", x=x, lo=0.8 * one, hi=1.2 * one)
    floor = Curve(label="floor", kind="lower", name="sgd", x=x, y=0.9 * one)
    ceiling = Curve(label="ceiling", kind="upper", name="", x=x, y=np.array([2.0, 1.0, 0.99]))
    panel = Panel(title="p", x=Axis("x", (1, 100)), y=Axis("y", (0, 2)), marks=(run, band, floor, ceiling))
    crossed = list(wrong_side(Drawing(title="t", caption="c", rows=((panel,),))))
    assert crossed == [
        f"{who} of sgd crosses {what}"
        for who, what in (("a band", "floor"), ("a run", "ceiling"), ("a band", "ceiling"))
    ]
    others = replace(panel, marks=(run, band, replace(floor, name="adam")))
    assert list(wrong_side(Drawing(title="t", caption="c", rows=((others,),)))) == []


def test_reddi_theorem1_draws_the_floor_of_adam_and_three_ceilings(gallery: Gallery) -> None:
    marks = gallery.drawing("reddi_theorem1").panels[1].marks
    kinds = {(m.name, m.kind) for m in marks}
    methods = ("adam", "amsgrad", "adagrad", "sgd")
    assert kinds == {(m, "run") for m in methods} | {("adam", "lower")} | {(m, "upper") for m in methods[1:]}
    floor = next(m for m in marks if m.kind == "lower")
    assert isinstance(floor, Curve)
    np.testing.assert_allclose(floor.y, 2 / 3, rtol=1e-12)  # (2 C - 4) / 3 at C = 3
    ceilings = {m.name: m for m in marks if isinstance(m, Curve) and m.kind == "upper"}
    root = np.sqrt(ceilings["sgd"].x)
    np.testing.assert_allclose(ceilings["sgd"].y, 9 / root, rtol=1e-12)  # (3/2) D G / sqrt(T)
    path = np.sqrt(11 / 3)  # a cycle's squared gradients are 9, 1, 1
    np.testing.assert_allclose(ceilings["adagrad"].y, 2 * np.sqrt(2) * path / root, rtol=1e-12)  # sqrt(2) D S_g / T
    alpha = 0.5 * np.sqrt(0.9)
    tail = alpha * np.sqrt(1 + np.log(root**2)) * path / (np.sqrt(0.9) * root)
    np.testing.assert_allclose(ceilings["amsgrad"].y, 12 / (alpha * root) + tail, rtol=1e-12)


# ------------------------------------------------------------------------------------------- SGD on a quadratic


def test_the_exact_curve_is_the_geometric_sum_of_every_coordinate() -> None:
    lam, alpha, var, start = np.array([1.0, 0.3, 0.1]), 0.2, 0.25, 4 / 3
    t = np.array([1.0, 2.0, 7.0, 1000.0])
    q = (1 - alpha * lam) ** (2 * t[:, None])
    expected = (start * q + alpha**2 * var * (1 - q) / (1 - (1 - alpha * lam) ** 2)).sum(1)
    found = sgd_quadratic.exact_distance(t)
    np.testing.assert_allclose(found, expected, rtol=1e-11)
    mean, variance = sgd_quadratic.PROBLEM.sgd_law(sgd_quadratic.STEP, 1000)  # and what the problem computes by steps
    np.testing.assert_allclose(found, (mean**2 + variance).sum(1)[t.astype(int)], rtol=1e-11)


def test_the_upper_bound_solves_the_recursion_of_its_proof() -> None:
    gamma, mu, var = 0.2, 0.1, 0.75
    assert gamma <= 1 / (2 * sgd_quadratic.PROBLEM.constants["L"].value)
    r, found = 4.0, sgd_quadratic.upper_bound(np.arange(2001.0))
    for t in range(2001):  # r_{t+1} <= (1 - gamma mu) r_t + 2 gamma^2 sigma^2
        assert r <= found[t] * (1 + 1e-12)
        r = (1 - gamma * mu) * r + 2 * gamma**2 * var
    assert found[-1] == pytest.approx(r, rel=1e-9)


# ------------------------------------------------------------------------------------------ finding and writing


def test_an_unknown_figure_is_answered_with_the_nearest() -> None:
    with pytest.raises(LabError, match="did you mean 'sgd_quadratic'"):
        render(["sgd_quadratc"])


@pytest.mark.parametrize(
    ("text", "says"),
    [("import no_such_module", "ModuleNotFoundError"), ("CLAIMS = ()", "no function draw"), ("x = (", "SyntaxError")],
)
def test_a_broken_figure_is_named(text: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "broken_figure.py").write_text(text)
    monkeypatch.setattr(figures, "__path__", [*figures.__path__, str(tmp_path)])
    discovery.figures.cache_clear()
    try:
        with pytest.raises(LabError, match=f"broken_figure.*{says}"):
            discovery.figures()
    finally:
        sys.modules.pop("figures.broken_figure", None)
        discovery.figures.cache_clear()


def test_a_figure_without_runs_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("figures.half")
    module.__file__ = "half.py"
    module.CLAIMS, module.CAPTION = (), "c"  # type: ignore[attr-defined]
    monkeypatch.setattr(discovery, "figures", lambda: {"half": module})
    with pytest.raises(LabError, match=r"half.py defines no runs"):
        render(["half"])


def test_a_figure_of_an_unknown_claim_is_refused_before_anything_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sgd_quadratic, "CLAIMS", ("reddi2018.thm11",))
    monkeypatch.setattr(sgd_quadratic, "runs", lambda: pytest.fail("it ran"))
    with pytest.raises(LabError, match=r"did you mean 'reddi2018.thm1'"):
        render(["sgd_quadratic"])


def test_an_unwritable_folder_is_refused_before_anything_runs(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LabError, match="figures cannot be written"):
        render(["reddi_stochastic"], out=tmp_path / "file", store=None)  # 100,000 seeds: it would not return soon


def test_a_figure_that_fails_leaves_the_old_files_whole(gallery: Gallery, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {path: path.read_bytes() for path in gallery.files("sgd_quadratic").values()}
    monkeypatch.setattr(sgd_quadratic, "draw", lambda results: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        render(["sgd_quadratic"], out=gallery.out, store=gallery.store, small=True, again=True)
    assert {path: path.read_bytes() for path in before} == before


@pytest.fixture
def draws(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The titles of the figures that are drawn from now on; no picture is made."""
    drawn: list[str] = []

    def images(drawing: Drawing, style: Style) -> dict[str, bytes]:
        drawn.append(drawing.title)
        return {suffix: f"{drawing.title} {style.name}".encode() for suffix in ("svg", "pdf", "png")}

    monkeypatch.setattr(figures.kit.render, "images", images)
    return drawn


def test_a_figure_is_drawn_again_only_where_something_changed(
    tmp_path: Path, gallery: Gallery, draws: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def drawn(**how: Any) -> int:
        before = len(draws)
        written = render(["sgd_quadratic"], out=tmp_path, store=gallery.store, small=True, **how)
        assert all(path.exists() for path in written)
        return len(draws) - before

    assert drawn() == 1
    assert drawn() == 0
    assert drawn(again=True) == 1
    (tmp_path / "sgd_quadratic.png").write_bytes(b"damaged")
    assert drawn() == 1
    (tmp_path / "sgd_quadratic.csv").unlink()
    assert drawn() == 1
    assert drawn(style="slides") == 1, "another style has files of its own"
    assert drawn() == drawn(style="slides") == 0
    run = sgd_quadratic.runs()["SGD"]
    monkeypatch.setattr(sgd_quadratic, "runs", lambda: {"SGD": replace(run, seeds=32)})
    assert drawn() == 1, "fewer seeds"
    monkeypatch.setattr(figures.kit.fingerprint, "ground", lambda: "other code")
    assert drawn() == 1
    assert drawn() == 0


def test_a_source_that_nobody_can_tell_is_drawn_each_time(
    tmp_path: Path, gallery: Gallery, draws: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FigureRun, "facts", lambda self: {"hash": None, "seeds": self.seeds})
    for _ in range(2):
        render(["sgd_quadratic"], out=tmp_path, store=gallery.store, small=True)
    assert len(draws) == 2


def test_ctrl_c_keeps_the_figures_that_are_drawn(
    tmp_path: Path, gallery: Gallery, draws: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    two = ["sgd_quadratic", "reddi_theorem1"]
    monkeypatch.setattr(reddi_theorem1, "draw", _interrupted)
    with pytest.raises(KeyboardInterrupt, match="1 of 2 figures are drawn, the same command goes on from there"):
        render(two, out=tmp_path, store=gallery.store, small=True)
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(f"sgd_quadratic.{s}" for s in SUFFIXES)
    monkeypatch.undo()
    assert len(render(two, out=tmp_path, store=gallery.store, small=True)) == 2 * len(SUFFIXES)
    assert (tmp_path / "reddi_theorem1.svg").exists()


def _interrupted(results: object) -> Drawing:
    raise KeyboardInterrupt


def test_ctrl_c_while_another_figures_runs_go_on_stops_them(
    tmp_path: Path, gallery: Gallery, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second figure asks for 100,000 seeds of 10,000 steps of six methods: it would not return soon."""
    monkeypatch.setattr(sgd_quadratic, "runs", lambda: {"SGD": sgd_quadratic_small})
    monkeypatch.setattr(sgd_quadratic, "draw", _interrupted)
    began = time.process_time()
    with pytest.raises(KeyboardInterrupt, match="0 of 2 figures"):
        render(["sgd_quadratic", "reddi_stochastic"], out=tmp_path, store=None)
    assert time.process_time() - began < 8


sgd_quadratic_small = sgd_quadratic.runs()["SGD"].small()


def test_progress_ends_at_the_whole_and_never_falls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures.kit.render.Job, "draw", lambda *drawn: None)  # the runs alone
    told: list[tuple[int, int]] = []
    render(["sgd_quadratic"], out=tmp_path, store=None, small=True, progress=lambda *now: told.append(now))
    done, all_of_it = zip(*told, strict=True)
    run = sgd_quadratic.runs()["SGD"].small()
    assert set(all_of_it) == {run.seeds * run.experiment.steps}
    assert list(done) == sorted(done)
    assert done[-1] == all_of_it[0]


def test_small_runs_keep_the_experiment_but_for_its_length() -> None:
    run = sgd_quadratic.runs()["SGD"]
    small = run.small()
    assert small.seeds < run.seeds
    assert small.experiment.steps <= 100 < run.experiment.steps
    assert set(small.experiment.record) <= set(run.experiment.record)
    assert small.experiment.optimizers == run.experiment.optimizers
    assert FigureRun(small.experiment, 1).small() == FigureRun(small.experiment, 1)


def test_axes_are_found_in_reading_order(gallery: Gallery) -> None:
    axes: list[Axes] = gallery.page("reddi_stochastic").axes
    titles = [a.get_title(loc="left") for a in axes]
    assert titles == ["Adam", "AdamW", "AMSGrad", "AdaGrad", "SGD", "Momentum"]
