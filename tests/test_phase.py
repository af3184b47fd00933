"""Phase maps: axes, cells, rules and batches against closed forms; what a map keeps; the command."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from typer.testing import CliRunner

from lab.cli import app
from lab.engine.select import choose
from lab.errors import LabError
from lab.optimizers.adam import Adam
from lab.optimizers.gclip import GClip
from lab.optimizers.momentum import Momentum
from lab.optimizers.sgd import SGD
from lab.phase import UNDECIDED, Axis, Drift, Fate, PhaseMap, Side, Theory, batch, disagreeing, map as maps
from lab.phase.axis import parse, with_value
from lab.phase.batch import Point, Setting
from lab.phase.tiles import Tiles, at_a_change, coarse, joined, split
from lab.schedules import Constant, InvSqrt
from lab.simulate import simulate
from problems.adam_nonconvex import ChenHuber
from problems.quadratic import NoisyQuadratic, SkewedParetoQuadratic
from problems.reddi import ReddiCycle, ReddiStochastic

# ------------------------------------------------------------------------------------------------------------- axes


def test_an_axis_reaches_its_ends_and_is_even_in_logarithms() -> None:
    assert Axis(("lr",), 1e-3, 10.0, log=True).at(np.array([0, 0.25, 0.5, 1])) == pytest.approx([1e-3, 1e-2, 0.1, 10])
    assert Axis(("lr",), -1.0, 3.0).at(np.array([0, 0.5, 1])) == pytest.approx([-1, 1, 3])


def test_an_axis_sets_hyperparameters_by_path_and_the_problems_by_name() -> None:
    problem, adam = ReddiCycle(), Adam(lr=InvSqrt(0.5), betas=(0.9, 0.99))
    both = Axis(("lr", "problem.C"), 2.0, 9.0)
    assert both.apply(4.0, problem, adam) == (ReddiCycle(C=4.0), Adam(lr=InvSqrt(4.0), betas=(0.9, 0.99)))
    one = Axis(("beta2",), 1e-3, 0.5, complement=True)
    assert one.apply(0.25, problem, adam)[1] == replace(adam, betas=(0.9, 0.75))


def test_an_axis_is_written_as_on_the_command_line() -> None:
    assert parse("1-beta2=1e-3..0.5:log") == Axis(("beta2",), 1e-3, 0.5, log=True, complement=True)
    assert parse("problem.C = 2..200") == Axis(("problem.C",), 2.0, 200.0)


@pytest.mark.parametrize("text", ["lr", "lr=1", "lr=1..x", "lr=2..1", "lr=0..1:log", "lr=1..2:cubic", "lr=1..inf"])
def test_a_bad_axis_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(LabError) as error:
        parse(text)
    assert "\n" not in str(error.value)


def test_a_parameter_that_is_no_real_number_is_no_axis() -> None:
    with pytest.raises(LabError, match="real number"):
        with_value(Adam(), "debias", 0.5)
    with pytest.raises(LabError, match="did you mean 'momentum'"):
        with_value(Momentum(), "momentun", 0.5)
    with pytest.raises(LabError, match="momentum"):
        with_value(Momentum(), "momentum", 1.5)  # the method's own check


# ------------------------------------------------------------------------------------------------------------ cells


def test_quartered_cells_cover_the_square_once() -> None:
    tiles = coarse(3, 2)
    stays, quarters = split(tiles, np.arange(6) % 2 == 0)
    x0, x1, y0, y1 = quarters.corners()
    kept = stays.corners()
    area = ((x1 - x0) * (y1 - y0)).sum() + ((kept[1] - kept[0]) * (kept[3] - kept[2])).sum()
    assert area == pytest.approx(1)
    assert len(np.unique(joined(stays, quarters).painted(1))) == len(stays.level) + len(quarters.level)
    assert (joined(stays, quarters).painted(1) >= 0).all()


def test_cells_change_where_they_touch_another_class_at_an_edge_or_a_corner() -> None:
    tiles, classes = coarse(4, 4), np.zeros(16, dtype=np.int64)
    classes[5] = 1  # column 1, row 1
    touching = at_a_change(tiles, classes, 2).reshape(4, 4)
    assert touching[:3, :3].all()
    assert not touching[3].any()
    assert not touching[:, 3].any()
    assert not at_a_change(tiles, np.zeros(16, dtype=np.int64), 2).any()


def test_a_cell_of_another_size_touches_all_along_its_edge() -> None:
    level, i, j = (np.array(a) for a in ((0, 1, 1, 1, 1), (0, 2, 3, 2, 3), (0, 0, 0, 1, 1)))
    tiles = Tiles(2, 1, level, i, np.array(j))
    touching = at_a_change(tiles, np.array([0, 0, 0, 1, 0]), 1)
    assert touching.tolist() == [True, True, True, True, True]
    assert at_a_change(tiles, np.array([0, 0, 1, 0, 1]), 1).tolist() == [False, True, True, True, True]


# ------------------------------------------------------------------------------------------------------------ rules


def _alive(values: np.ndarray) -> np.ndarray:
    return np.ones((*values.shape[:-2], values.shape[-2], values.shape[-1]), dtype=np.bool_)


def _fate(e: list[list[float]], random: bool, **more: object) -> tuple[int, float, float, float]:
    """The class of one cell from e (seeds, records), one step a window: the start, T/2, T."""
    values = np.array(e, dtype=np.float64).T[None, None]
    found = Fate(window=1, tolerance=1e-3, far=1e3, **more).read({"suboptimality": values}, _alive(values), random)  # type: ignore[arg-type]
    return int(found.code[0]), float(found.value[0]), float(found.low[0]), float(found.high[0])


def test_fate_tells_converged_staying_and_diverged_apart() -> None:
    assert _fate([[1, 0.1, 1e-4]], False)[0] == 0
    assert _fate([[1, 0.3, 0.3]], False)[0] == 1
    assert _fate([[1, 10, 2e3]], False)[0] == 2
    assert _fate([[1, 1, np.nan]], False)[0] == 2
    assert _fate([[1, 0.3, 0.1]], False)[0] == UNDECIDED  # on its way


def test_without_randomness_the_worst_start_decides() -> None:
    good, bad, lost = [1, 0.1, 1e-4], [1, 0.3, 0.3], [1, 1, np.inf]
    assert _fate([good, bad, good], False) == (1, 2 / 3, 2 / 3, 2 / 3)
    assert _fate([good, bad, lost], False)[0] == 2


def test_random_seeds_decide_only_beyond_their_interval() -> None:
    good, bad = [1.0, 0.1, 1e-4], [1.0, 0.3, 0.3]
    assert _fate([good] * 60 + [bad] * 40, True)[0] == UNDECIDED  # the lower 99.9% limit of 60/100 is below 1/2
    code, share, low, high = _fate([good] * 80 + [bad] * 20, True)
    assert (code, share) == (0, 0.8)
    assert 0.5 < low < 0.8 < high
    assert _fate([good] * 3, True)[0] == UNDECIDED  # three of three: 0.1% is far from excluded


def test_drift_is_decided_where_the_interval_excludes_zero_and_not_otherwise() -> None:
    moved = np.random.default_rng(1).standard_normal(400)
    sure, unsure = moved - moved.mean() - 0.5, moved - moved.mean() - 0.05  # standard error 0.05
    x = [np.stack([np.zeros(400), np.zeros(400), end])[None, None] for end in (sure, unsure)]
    codes = [int(Drift().read({"iterate": v}, _alive(v), True).code[0]) for v in x]
    assert codes == [0, UNDECIDED]
    assert int(Drift(downhill=1.0).read({"iterate": x[0]}, _alive(x[0]), True).code[0]) == 1


def test_drift_does_not_take_rounding_for_a_displacement() -> None:
    x = np.array([1e6, 1e6, np.nextafter(1e6, 2e6)])[None, None, :, None]
    assert int(Drift().read({"iterate": x}, _alive(x), False).code[0]) == UNDECIDED


def test_drift_compares_whole_periods() -> None:
    assert Drift(period=7).record(100) == (0, 51, 100)
    with pytest.raises(LabError, match="two periods"):
        Drift(period=60).record(100)


def test_side_says_which_of_two_thresholds_is_better_on_the_same_draws() -> None:
    seeds = np.random.default_rng(2).exponential(size=300)
    e = np.stack([np.stack([np.ones(300), seeds]), np.stack([np.ones(300), 0.9 * seeds])])[None]
    found = Side().read({"distance_sq": e}, _alive(e), True)
    assert int(found.code[0]) == 0  # raising helps: too low
    assert float(found.value[0]) == pytest.approx(-0.1 / 0.95)
    assert int(Side().read({"distance_sq": e[:, ::-1]}, _alive(e), True).code[0]) == 1


# ---------------------------------------------------------------------------------------------------------- batches


def test_points_with_different_problems_run_in_one_batch_as_each_does_alone() -> None:
    points = [
        Point(ReddiStochastic(C=C, projected=False), Adam(lr=Constant(0.1), betas=(0.0, b), eps=0.0))
        for C, b in ((5.0, 0.9), (20.0, 0.9), (5.0, 0.99))
    ]
    setting = Setting(steps=50, record=(0, 25, 50), metrics=("iterate",), seeds=8, key=3)
    values, alive, engine = batch.run(points, setting, lambda done: None)
    assert alive.all()
    assert values["iterate"].shape == (3, 3, 1, 8)
    for k, point in enumerate(points):
        alone = simulate(
            point.problem, point.optimizer, seeds=8, steps=50, key=3, record=[25], engine=engine, keep_seeds=True
        )
        assert np.array_equal(values["iterate"][k, -1, 0], alone["x_final"].values[0, :, 0])


def test_the_engines_agree_on_points_and_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    points = [Point(NoisyQuadratic(spectrum=(1.0, 0.3), sigma=s), SGD(lr=Constant(0.1))) for s in (0.0, 0.5)]
    setting = Setting(
        steps=20, record=(0, 20), metrics=("distance_sq",), seeds=1, key=0, starts=((1.0, 0.0), (0.0, 2.0))
    )
    fused, _, name = batch.run(points, setting, lambda done: None)
    whole = choose
    monkeypatch.setattr(batch, "choose", lambda engine, *more: whole("reference", *more))
    eager, _, other = batch.run(points, setting, lambda done: None)
    assert (name, other) == ("fused", "reference")
    np.testing.assert_allclose(fused["distance_sq"], eager["distance_sq"], rtol=1e-12)
    exact = [(1 - 0.1) ** 40, 4 * (1 - 0.03) ** 40]  # without noise
    np.testing.assert_allclose(fused["distance_sq"][0, -1], exact, rtol=1e-12)


# ------------------------------------------------------------------------------------------------------------- maps


def heavy_ball(**more: object) -> PhaseMap:
    """The heavy ball on x^2/2, which converges just where 0 < lr < 2 (1 + momentum), momentum < 1."""
    given: dict[str, object] = dict(
        problem=ChenHuber(L=1.0, b=1e12, x1=1.0),
        optimizer=Momentum(lr=Constant(0.1), momentum=0.0),
        x=Axis(("lr",), 0.5, 3.5),
        y=Axis(("momentum",), 0.0, 0.5),
        measure=Fate(metric="distance_sq", tolerance=1e-6, far=1e6),
        steps=400,
        grid=(4, 4),
        depth=3,
        theory=Theory("2 (1 + momentum)", "Polyak 1964", lambda x, y: np.where(x < 2 * (1 + y), 0, 2)),
    )
    return PhaseMap(**(given | more))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def quadratic() -> xr.Dataset:
    return heavy_ball().result()


def test_the_heavy_balls_map_on_a_quadratic_follows_polyaks_boundary(quadratic: xr.Dataset) -> None:
    beyond = quadratic["x"].values - 2 * (1 + quadratic["y"].values)
    phases = quadratic["phase"].values
    assert (beyond[phases == "converges"] < 0).all()
    assert (beyond[phases == "diverges"] > 0).all()
    slow = ~np.isin(phases, ["converges", "diverges"])  # its factor a step is too near 1 to tell in 400 steps
    assert (np.abs(beyond[slow]) < 0.1).all()
    assert slow.mean() < 0.2
    assert not quadratic["disagrees"].any()
    assert disagreeing(quadratic) == []


def test_cells_are_finest_where_classes_touch_and_cover_the_rectangle(quadratic: xr.Dataset) -> None:
    width, height = (quadratic[f"{a}1"].values - quadratic[f"{a}0"].values for a in "xy")
    assert (width * height).sum() == pytest.approx(3 * 0.5)
    at_edge = np.abs(quadratic["x"].values - 2 * (1 + quadratic["y"].values)) < 0.5 * width
    assert (quadratic["level"].values[at_edge] == 3).all()
    assert (quadratic["level"].values == 0).any()


def test_a_wrong_theory_is_caught_where_it_is_off_by_more_than_a_cell() -> None:
    wrong = Theory("2", "nobody", lambda x, y: np.where(x < 2, 0, 2))  # momentum forgotten
    found = heavy_ball(theory=wrong).result()
    listed = disagreeing(found)
    assert listed
    assert {row["predicted"] for row in listed} == {"diverges"}
    assert all(2 < row["x0"] and row["x0"] < 2 * (1 + row["y1"]) + 0.1 for row in listed)
    assert sum(row["phase"] == "converges" for row in listed) > len(listed) / 2


def test_drift_on_the_three_cycle_has_the_sign_of_its_law() -> None:
    signs = PhaseMap(
        problem=ReddiCycle(projected=False), optimizer=Adam(lr=Constant(1.0), betas=(0.0, 0.5), eps=0.0),
        x=Axis(("problem.C",), 2.1, 20.0, log=True), y=Axis(("beta2",), 0.01, 0.99), measure=Drift(period=3),
        steps=3000, grid=(6, 6), depth=0,
    ).result()  # fmt: skip
    C, b = signs["x"].values[:, None], signs["y"].values[:, None]
    i = np.arange(3)
    v = 1 + (C**2 - 1) * (1 - b) * b**i / (1 - b**3)
    law = (np.where(i == 0, C, -1) / np.sqrt(v)).sum(1)
    assert (np.where(law > 0, "towards the optimum", "away from it") == signs["phase"].values).all()
    moved = -law * 500  # 1,500 of the steps are 500 periods
    settled = signs["y"].values ** 1500 < 1e-9  # else v has not forgotten its start
    assert signs["value"].values[settled] == pytest.approx(moved[settled], rel=1e-6)


def test_the_best_threshold_is_where_the_side_changes() -> None:
    """At a threshold far too low raising it helps, at one far too high lowering it does."""
    sides = PhaseMap(
        problem=SkewedParetoQuadratic(spectrum=(1.0,), radius=0.0, tail=1.5), optimizer=GClip(lr=Constant(0.02)),
        x=Axis(("problem.tail",), 1.45, 1.55), y=Axis(("max_norm",), 3.0, 200.0, log=True), measure=Side(),
        steps=200, seeds=1500, grid=(1, 5), depth=0,
    ).result()  # fmt: skip
    by_threshold = sides.sortby("y")["phase"].values.tolist()
    assert by_threshold[0] == "too low"
    assert by_threshold[-1] == "too high"


def test_a_stored_map_runs_nothing_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = heavy_ball().result(tmp_path)
    monkeypatch.setattr(maps, "run", lambda *given: pytest.fail("it was stored"))
    xr.testing.assert_identical(first, heavy_ball().result(tmp_path))
    with pytest.raises(pytest.fail.Exception):
        heavy_ball(steps=401).result(tmp_path)


def test_a_map_that_was_stopped_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[int] = []

    def once(points: list[Point], *more: object) -> object:
        if ran:
            raise KeyboardInterrupt
        ran.append(len(points))
        return batch.run(points, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(maps, "run", once)
    with pytest.raises(KeyboardInterrupt):
        heavy_ball().result(tmp_path)
    rest: list[int] = []

    def counted(points: list[Point], *more: object) -> object:
        rest.append(len(points))
        return batch.run(points, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(maps, "run", counted)
    found = heavy_ball().result(tmp_path)
    assert ran == [16]
    assert 16 not in rest[:1]
    xr.testing.assert_identical(found, heavy_ball().result())


def test_a_damaged_file_is_run_again(tmp_path: Path) -> None:
    first = heavy_ball().result(tmp_path)
    for path in tmp_path.rglob("*.json"):
        path.write_text(path.read_text().replace('"code": [0', '"code": [1'))
    xr.testing.assert_identical(first, heavy_ball().result(tmp_path))


def test_progress_rises_to_the_whole() -> None:
    told: list[tuple[int, int]] = []
    heavy_ball().result(None, lambda done, of: told.append((done, of)))
    shares = [done / of for done, of in told]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert len(shares) > 2


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"grid": (600, 600)}, "finest cells"),
        ({"steps": 0}, "steps"),
        ({"depth": -1}, "depth"),
        ({"measure": Fate(metric="nothing")}, "metric"),
        ({"seeds": 4, "starts": ((1.0, 0.0),)}, "starts"),
    ],
)
def test_a_bad_map_is_refused_before_anything_runs(more: dict[str, object], says: str) -> None:
    with pytest.raises(LabError, match=says):
        heavy_ball(**more)


# ---------------------------------------------------------------------------------------------------------- command

PAIR = (
    "phase --problem chen_huber --optimizer momentum --set L=1 --set b=1e12 --x lr=0.5..3.5 --y momentum=0..0.5".split()
)
SMALL = "--steps 200 --grid 4 --depth 1 --no-store".split()


def test_the_command_maps_any_pair_over_two_parameters(tmp_path: Path) -> None:
    picture = tmp_path / "map.png"
    done = CliRunner().invoke(app, [*PAIR, *SMALL, "--json", "--plot", str(picture)])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)["maps"][0]
    assert found["classes"] == ["converges", "stays away", "diverges"]
    for cell in found["cells"]:
        beyond = cell["x"] - 2 * (1 + cell["y"])
        assert cell["phase"] == ("converges" if beyond < 0 else "diverges") or abs(beyond) < 0.2
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_the_commands_table_says_how_much_each_class_has() -> None:
    done = CliRunner().invoke(app, [*PAIR, *SMALL])
    assert done.exit_code == 0
    assert "converges" in done.stdout
    assert "of the rectangle" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["phase", "redi"], "did you mean 'reddi'"),
        (["phase"], "must be given"),
        (["phase", "reddi", "--x", "lr=1..2"], "without --x"),
        ([*PAIR[:9], "--x", "lrr=1..2", "--y", "momentum=0..0.5"], "no parameter"),
        ([*PAIR, "--set", "dampening=0,0.5"], "one value"),
    ],
)
def test_bad_input_to_the_command_is_one_line(arguments: list[str], says: str) -> None:
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 2
    assert says in done.stderr
    assert done.stderr.strip().count("\n") == 0
