"""Figures: every one that is found draws from small results, says what it shows, and writes the same bytes again."""

from __future__ import annotations

import csv
import itertools
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import matplotlib
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

import figures
import figures.render
from figures import sgd_quadratic
from figures.drawing import Axis, Band, Curve, Drawing, FigureRun, Panel
from figures.paint import paint
from figures.render import render
from figures.style import RC
from lab import discovery
from lab.errors import LabError
from lab.results import dataset
from lab.simulate import summarise

NAMES = discovery.list_figures()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("store")


@pytest.fixture(scope="module")
def rendered(store: Path) -> Path:
    """Every figure, from few seeds and steps."""
    out = store / "figures"
    paths = render(out=out, store=store, small=True)
    assert sorted(p.name for p in paths) == sorted(f"{n}.{s}" for n in NAMES for s in ("svg", "png", "csv", "json"))
    return out


@pytest.fixture(scope="module")
def drawings(store: Path, rendered: Path) -> dict[str, Drawing]:
    found = {}
    for name, module in discovery.figures().items():
        results = {}
        for label, run in module.runs().items():
            small = run.small()
            made = summarise(small.experiment, small.seeds, store=store)
            results[label] = dataset(small.experiment, made.summary, None, None, made.attributes)
        found[name] = module.draw(results)
    return found


@pytest.fixture(scope="module")
def pages(drawings: dict[str, Drawing]) -> dict[str, Figure]:
    return {name: painted(what) for name, what in drawings.items()}


def painted(what: Drawing) -> Figure:
    with matplotlib.rc_context(dict(RC)):
        figure = paint(what)
        figure.draw_without_rendering()
    return figure


# ------------------------------------------------------------------------------------------------- every figure


@pytest.mark.parametrize("name", NAMES)
def test_a_second_run_writes_the_same_bytes(name: str, rendered: Path, store: Path, tmp_path: Path) -> None:
    for path in render([name], out=tmp_path, store=store, small=True):
        assert path.read_bytes() == (rendered / path.name).read_bytes(), path.name


@pytest.mark.parametrize("name", NAMES)
def test_every_panel_and_curve_is_labelled(name: str, drawings: dict[str, Drawing], pages: dict[str, Figure]) -> None:
    axes = pages[name].axes
    panels = drawings[name].panels
    assert len(axes) == len(panels)
    assert axes[-1].get_xlabel() == panels[-1].x.label
    assert axes[0].get_ylabel() == panels[0].y.label
    for drawn, panel in zip(axes, panels, strict=True):
        written = {line.get_label() for line in drawn.get_lines()}
        assert {m.label for m in panel.marks if isinstance(m, Curve)} <= written


def test_a_panel_without_a_label_of_its_own_shares_its_neighbours_axis(
    drawings: dict[str, Drawing], pages: dict[str, Figure]
) -> None:
    for name, what in drawings.items():
        grid = np.array(pages[name].axes).reshape(len(what.rows), -1)
        for (i, j), axes in np.ndenumerate(grid):
            panel = what.rows[i][j]
            below = None if i + 1 == len(what.rows) else what.rows[i + 1][j]
            assert axes.get_xlabel() == ("" if below and below.x == panel.x else panel.x.label), name
            assert axes.get_ylabel() == ("" if j and what.rows[i][j - 1].y == panel.y else panel.y.label), name


@pytest.mark.parametrize("name", NAMES)
def test_the_caption_says_n_the_interval_and_the_source(name: str, drawings: dict[str, Drawing]) -> None:
    module, text = discovery.figures()[name], drawings[name].caption
    seeds = {run.small().seeds for run in module.runs().values()}
    assert len(seeds) == 1
    assert f"N = {seeds.pop():,} " in text
    assert re.search(r"\binterval|quantiles", text)
    assert not module.CLAIMS or re.search(r"[A-Z][a-z]+( et al\.)?, [A-Z]+ (19|20)\d\d", text), "author, venue, year"
    assert "{" not in re.sub(r"\$[^$]*\$", "", text)


@pytest.mark.parametrize("name", NAMES)
def test_no_words_leave_the_page_or_cover_each_other(name: str, pages: dict[str, Figure]) -> None:
    page, found = pages[name].bbox, list(words(pages[name]))
    assert len(found) > 10
    for text in found:
        box = text.get_window_extent()
        assert page.x0 <= box.x0 < box.x1 <= page.x1, text
        assert page.y0 <= box.y0 < box.y1 <= page.y1, text
    for a, b in itertools.combinations(found, 2):
        assert not a.get_window_extent().padded(-3).overlaps(b.get_window_extent().padded(-3)), (a, b)


def words(figure: Figure) -> Iterator[Text]:
    """Yield the texts that are drawn; tick labels beyond an axis' limits exist, but are not."""
    texts = list(figure.texts)
    for axes in figure.axes:
        texts += [child for child in axes.get_children() if isinstance(child, Text)]
        for i, axis in enumerate((axes.xaxis, axes.yaxis)):
            low, high = axis.get_view_interval()
            texts += [axis.label, *(t for t in axis.get_ticklabels() if low <= t.get_position()[i] <= high)]
    yield from (text for text in texts if text.get_text())


@pytest.mark.parametrize("name", NAMES)
def test_the_csv_holds_the_numbers_of_the_drawing(name: str, rendered: Path, drawings: dict[str, Drawing]) -> None:
    with (rendered / f"{name}.csv").open(newline="") as file:
        header, *rows = csv.reader(file)
    assert header == ["panel", "label", "kind", "x", "y", "lo", "hi"]
    read = [(*row[:3], *(float(v) if v else None for v in row[3:])) for row in rows]
    assert read == list(drawings[name].numbers())
    assert len(read) == sum(len(m.x) for panel in drawings[name].panels for m in panel.marks)


@pytest.mark.parametrize("name", NAMES)
def test_the_json_says_where_the_numbers_come_from(name: str, rendered: Path, drawings: dict[str, Drawing]) -> None:
    facts = json.loads((rendered / f"{name}.json").read_text())
    runs = {label: run.small() for label, run in discovery.figures()[name].runs().items()}
    assert {label: r["hash"] for label, r in facts["runs"].items()} == {k: r.experiment.hash for k, r in runs.items()}
    assert facts["caption"] == drawings[name].caption
    assert set(facts["versions"]) == {"ratelab", "python", "torch", "numpy", "matplotlib"}
    assert set(facts["claims"]) == set(discovery.figures()[name].CLAIMS)


@pytest.mark.parametrize("name", NAMES)
def test_runs_stay_on_the_side_that_each_bound_allows(name: str, drawings: dict[str, Drawing]) -> None:
    assert list(wrong_side(drawings[name])) == []


def wrong_side(what: Drawing) -> Iterator[str]:
    """Yield each run, and band, that crosses a bound of its own method, or of no method."""
    for panel in what.panels:
        bounds = [m for m in panel.marks if isinstance(m, Curve) and m.kind in ("upper", "lower")]
        for bound, run in itertools.product(bounds, (m for m in panel.marks if m.kind == "run")):
            if bound.name in ("", run.name):
                lo, hi = (run.y, run.y) if isinstance(run, Curve) else (run.lo, run.hi)
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


def test_reddi_theorem1_draws_the_floor_of_adam_and_three_ceilings(drawings: dict[str, Drawing]) -> None:
    marks = drawings["reddi_theorem1"].panels[1].marks
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


def test_a_figure_that_fails_leaves_the_old_files_whole(
    rendered: Path, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {path: path.read_bytes() for path in rendered.iterdir()}
    monkeypatch.setattr(sgd_quadratic, "draw", lambda results: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        render(["sgd_quadratic"], out=rendered, store=store, small=True)
    assert {path: path.read_bytes() for path in rendered.iterdir()} == before


def test_progress_ends_at_the_whole_and_never_falls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures.render, "files", lambda *drawn: {})  # the runs alone
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


def test_axes_are_found_in_reading_order(pages: dict[str, Figure]) -> None:
    axes: list[Axes] = pages["reddi_stochastic"].axes
    titles = [a.get_title(loc="left") for a in axes]
    assert titles == ["Adam", "AdamW", "AMSGrad", "AdaGrad", "SGD", "Momentum"]
