"""The two overviews: the verdicts' ratios and the matrix of pairs, tested by the numbers that are plotted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from figures import optimizer_problem_matrix as pairs, tightness_overview as tightness
from figures.kit.drawing import Cells, Curve, Drawing, Points
from lab.discovery import get_claim
from lab.matrix import matrix
from lab.verdict import Finding, Outcome


@pytest.fixture(scope="module")
def verdicts() -> xr.Dataset:
    return tightness.Verdicts().small().result(None, None)


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> xr.Dataset:
    return pairs.runs()["matrix"].small().result(tmp_path_factory.mktemp("store"), None)


def finding(**more: Any) -> Finding:
    given: dict[str, Any] = dict(check="experiment", subject="s", outcome=Outcome.HOLDS, reason="r", confidence=1.0)
    return Finding(**(given | more))


# ------------------------------------------------------------------------------------------------------ tightness


def test_tight_bounds_have_ratio_one_and_one_sided_ones_lie_on_their_side(verdicts: xr.Dataset) -> None:
    ratio = {kind: verdicts["ratio"].values[verdicts["kind"].values == kind] for kind in ("tight", "lower", "upper")}
    assert all(len(found) for found in ratio.values())
    assert (ratio["upper"] <= 1).all()
    assert (ratio["lower"] >= 1).all()
    ogm = verdicts["ratio"].values[verdicts["claim"].values == "kim2016.ogm_tight"]
    np.testing.assert_allclose(ogm, 1, rtol=1e-9)
    assert (ratio["tight"] <= 1 + 1e-9).all()


def test_every_ratio_is_drawn_in_the_panel_of_its_kind_and_on_the_line_of_its_claim(verdicts: xr.Dataset) -> None:
    what = tightness.draw({"verdicts": verdicts})
    seen = []
    for panel in what.panels:
        assert panel.y.words is not None
        for mark in panel.marks:
            if isinstance(mark, Points):
                claims = [panel.y.words[int(y)] for y in mark.y]
                assert {tightness.KINDS[get_claim(c).kind.value][0] for c in claims} == {panel.title}
                seen += list(zip(claims, mark.x.tolist(), strict=True))
    expected = zip(verdicts["claim"].values.tolist(), verdicts["ratio"].values.clip(*tightness.LIMITS), strict=True)
    assert sorted(seen) == sorted((c, r) for c, r in expected if np.isfinite(r))
    assert f"{len(seen)} experiments of {len(tightness.FEW)} claims" in what.caption


def test_the_range_of_a_ratio_is_that_of_the_whole_curve() -> None:
    curve = ((1.0, 1.0, 3.0, 4.0, 4.0), (2.0, 1.0, 1.0, 4.0, 4.0), (3.0, 0.0, 0.0, 4.0, 4.0))
    row = tightness._row("kim2016.ogm_tight", finding(tightness=0.5, curve=curve))
    assert row == ("kim2016.ogm_tight", "tight", 0, 0.5, 0.25, 0.5)


def test_an_interval_without_an_upper_end_gives_the_ratio_of_its_lower_one() -> None:
    curve = ((1.0, 3.0, np.inf, 1.0, 1.0), (2.0, 2.0, np.inf, 1.0, 1.0))
    *_, seeds, ratio, least, greatest = tightness._row(
        "nesterov2004.nesterov_lower_sc", finding(curve=curve, confidence=0.999, seeds=512)
    )
    assert (seeds, ratio, least, greatest) == (512, 2.0, 2.0, np.inf)


def test_a_bound_that_is_not_positive_has_no_ratio_and_is_counted_as_absent(verdicts: xr.Dataset) -> None:
    row = tightness._row("kim2016.ogm_tight", finding(tightness=-0.5, curve=((1.0, -1.0, -1.0, 2.0, 2.0),)))
    assert np.isnan(row[3:]).all()
    one = verdicts.isel(experiment=[0]).assign(ratio=("experiment", [np.nan]))
    both = xr.concat([verdicts, one], "experiment").assign_attrs(verdicts.attrs)
    assert "; 1 more have no such ratio" in tightness.draw({"verdicts": both}).caption


def test_only_affirmed_experiments_count() -> None:
    assert tightness._counts(finding())
    assert not tightness._counts(finding(outcome=Outcome.UNDECIDED))
    assert not tightness._counts(finding(check="broken_by", outcome=Outcome.VIOLATED))


def test_the_loosest_claim_stands_highest() -> None:
    assert tightness._loosest_last(["a", "b", "a", "c"], [0.9, 0.01, 0.5, 30.0]) == ["a", "c", "b"]


def test_exact_ratio_one_runs_through_every_panel(verdicts: xr.Dataset) -> None:
    for panel in tightness.draw({"verdicts": verdicts}).panels:
        (line,) = [m for m in panel.marks if isinstance(m, Curve)]
        assert (line.kind, line.x.tolist(), tuple(line.y)) == ("exact", [1.0, 1.0], panel.y.limits)


def test_the_source_says_which_claims_and_how_much_work_they_are() -> None:
    small = tightness.Verdicts().small()
    assert small.facts() == {"claims": sorted(tightness.FEW)}
    assert 0 < small.size < 10_000
    told: list[tuple[int, int]] = []
    small.result(None, lambda *now: told.append(now))
    assert told[-1] == (small.size, small.size)


# --------------------------------------------------------------------------------------------------------- matrix


def cells(what: Drawing) -> Cells:
    (mark,) = what.panels[0].marks
    assert isinstance(mark, Cells)
    return mark


def test_each_cell_says_the_verdict_of_its_pair(table: xr.Dataset) -> None:
    what = pairs.draw({"matrix": table})
    mark, panel = cells(what), what.panels[0]
    assert isinstance(mark.scale, tuple)
    assert panel.x.words is not None
    assert panel.y.words is not None
    said = {
        (panel.y.words[int(y)], panel.x.words[int(x)]): mark.scale[int(v)].name
        for x, y, v in zip(mark.x0, mark.y0, mark.values, strict=True)
    }
    best = table.isel(row=np.flatnonzero(table["best"].values))
    columns = (best[name].values.tolist() for name in ("optimizer", "problem", "pair_verdict"))
    assert said == {(o, p.replace("_", " ")): verdict for o, p, verdict in zip(*columns, strict=True)}
    assert len(said) == 6


def test_a_pair_without_a_row_does_not_apply(table: xr.Dataset) -> None:
    gone = (table["optimizer"] == "sgd") & (table["problem"] == "noisy_quadratic")
    mark = cells(pairs.draw({"matrix": table.isel(row=np.flatnonzero(~gone.values))}))
    assert isinstance(mark.scale, tuple)
    assert [mark.scale[int(v)].name for v in mark.values].count("does not apply") == 1


@pytest.mark.parametrize(("verdict", "begins"), [("reached", "Some methods reach"), ("stalled", "No method reaches")])
def test_the_title_says_what_the_table_shows(table: xr.Dataset, verdict: str, begins: str) -> None:
    same = table.assign(pair_verdict=("row", np.full(table.sizes["row"], verdict)))
    assert pairs.draw({"matrix": same}).title.startswith(begins)


def test_the_caption_takes_its_numbers_from_the_table(table: xr.Dataset) -> None:
    text = pairs.draw({"matrix": table}).caption
    for part in ("N = 32 seeds", "256 steps", "5 step sizes", "0.05 of the start", "at 95%"):
        assert part in text


def test_a_matrix_that_was_stopped_is_no_figure_but_keeps_its_pairs(tmp_path: Path) -> None:
    told: list[int] = []

    def stop_at_the_second_pair(done: int, size: int) -> None:
        told.append(done)
        if done:
            raise KeyboardInterrupt

    run = pairs.MatrixRun(("sgd", "adam"), ("rosenbrock",), seeds=8, steps=256)
    with pytest.raises(KeyboardInterrupt):
        run.result(tmp_path, stop_at_the_second_pair)
    assert told == [0, run.size // 2]
    assert len(list((tmp_path / "matrix" / "pairs" / "rosenbrock").iterdir())) == 1


def test_its_pairs_are_those_of_the_matrix_command(tmp_path: Path) -> None:
    run = pairs.MatrixRun(("sgd",), ("rosenbrock",), seeds=8, steps=256)
    made = run.result(tmp_path, None)
    again = matrix(optimizers=["sgd"], problems=["rosenbrock"], seeds=8, steps=256, store=tmp_path / "matrix")
    xr.testing.assert_identical(made, again)  # the seconds it took, too: it was not run again
