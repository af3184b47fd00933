"""The command line: each command, bad input, exit codes, and one JSON document where one is asked for."""

import importlib
import json
import math
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from typer.testing import CliRunner

import lab
from lab import discovery, errata, index
from lab.cli import app
from lab.cli.app import app as typer_app
from lab.verdict import Finding, Outcome, Verdict

ROOT = Path(lab.__file__).parents[1]
COMMANDS = [command.name or command.callback.__name__ for command in typer_app.registered_commands]
REDDI = ("run", "--problem", "reddi_stochastic", "--no-store", "--seeds", "64", "--steps", "20")


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def call(*args):
    return CliRunner().invoke(app, list(args))


def refused(*args):
    """Return the one line on stderr of a call that must be bad input."""
    result = call(*args)
    assert (result.exit_code, result.stdout) == (2, ""), result.output
    assert result.stderr.startswith("ratelab: ")
    assert result.stderr.count("\n") == 1
    return result.stderr


def document(*args, code=0):
    """Return the one JSON document on stdout, which may hold no bare Infinity or NaN."""
    result = call(*args)
    assert result.exit_code == code, result.output
    return json.loads(result.stdout, parse_constant=lambda word: pytest.fail(f"{word} is not JSON"))


# list, show and the index


def test_list_names_everything_that_discovery_finds():
    found = document("list", "--json")
    for kind, names in (
        ("problems", lab.list_problems()),
        ("optimizers", lab.list_optimizers()),
        ("claims", lab.list_claims()),
        ("figures", lab.list_figures()),
    ):
        assert [entry["name"] for entry in found[kind]] == names
    assert all(entry["says"] and Path(entry["file"]).is_file() for group in found.values() for entry in group)


def test_list_of_one_kind_has_a_line_for_each_with_its_source():
    lines = call("list", "optimizers").stdout.splitlines()
    adam = next(line for line in lines if line.startswith("adam "))
    assert "dx_t = -lr_t mhat_t" in adam
    assert "arXiv 1412.6980" in adam
    assert not any(line.startswith("reddi_cycle") for line in lines)


def test_show_gives_formula_constants_and_defaults_of_a_problem():
    shown = document("show", "reddi_stochastic", "--json")["problem"]
    assert shown["objective"] == "x/10"
    assert {c["name"]: c["value"] for c in shown["constants"]}["G"] == 101.0
    assert {p["name"]: p["default"] for p in shown["parameters"]} == {"projected": "true", "C": "101.0", "delta": "0.1"}
    assert "1904.09237" in shown["source"]
    page = call("show", "reddi_stochastic").stdout
    assert "uniforms drawn a step" in page
    assert "box(-1.0,1.0)" in page


def test_show_finds_an_optimizer_by_its_alias_and_gives_its_defaults():
    shown = document("show", "amsgrad_reddi", "--json")["optimizer"]
    assert shown["name"] == "amsgrad"
    assert {"name": "betas", "type": "tuple[float, float]", "default": "(0.9,0.999)"} in shown["hyperparameters"]


def test_show_gives_a_claim_from_its_statement_to_its_errata():
    for name in lab.list_claims()[:1]:
        shown, claim = document("show", name, "--json")["claim"], lab.get_claim(name)
        assert shown["says"] == claim.says
        assert shown["bound"] == str(claim.bound)
        assert [q["symbol"] for q in shown["symbols"]] == [q.symbol.name for q in claim.symbols]
        assert [step["says"] for step in shown["proof"]] == [step.says for step in claim.steps]
        assert [e["id"] for e in shown["errata"]] == [e.id for e in claim.errata]


def test_show_prints_a_proof_with_the_verdicts_that_the_store_keeps(tmp_path):
    name = "zinkevich2003.ogd_decreasing"
    assert "not checked yet" in call("show", name, "--store", str(tmp_path)).stdout
    assert call("verify", name, "--symbolic", "--store", str(tmp_path)).exit_code == 0
    shown = call("show", name, "--store", str(tmp_path)).stdout
    assert "not checked yet" not in shown
    assert "both parts together: PROVED (" in shown


def test_a_claim_is_written_as_latex_and_nothing_else_is():
    result = call("show", "zinkevich2003.ogd_decreasing", "--latex")
    assert r"\[ \text{regret} \le \frac{3 D G \sqrt{T}}{2} \]" in result.stdout
    assert result.stdout.count(r"\item") == len(lab.get_claim("zinkevich2003.ogd_decreasing").steps)
    assert "--latex goes with a claim" in call("show", "adam", "--latex").stderr


def mistake(outcome, repaired=Outcome.PROVED):
    claim = lab.get_claim("reddi2018.thm1")
    must = frozenset({Outcome.REFUTED})
    printed = Finding(check="erratum", subject="E1", outcome=outcome, expected=must, reason="false at k = 0")
    repair = Finding(check="repair", subject="E1, repair: h", outcome=repaired, reason="so it is")
    return errata.Entry(claim, claim.errata[0], printed, (repair,))


@pytest.mark.parametrize(("outcome", "code"), [(Outcome.REFUTED, 0), (Outcome.PROVED, 1), (Outcome.UNDECIDED, 1)])
def test_errata_lists_what_is_refuted_and_fails_where_a_printed_step_is_not(monkeypatch, tmp_path, outcome, code):
    monkeypatch.setattr(errata, "errata", lambda **_: (mistake(outcome),))
    result = call("errata")
    assert result.exit_code == code
    assert "reddi2018.thm1, E1" in result.stdout
    assert "false at k = 0" in result.stdout
    page = tmp_path / "errata.md"
    assert call("errata", "--out", str(page)).exit_code == code
    assert f"- {outcome}: false at k = 0" in page.read_text()


def test_the_page_of_errata_has_every_mistake_of_the_catalogue_and_no_other():
    page = (ROOT / "docs" / "errata.md").read_text()
    listed = {line.removeprefix("### ").partition(": ")[0] for line in page.splitlines() if line.startswith("### ")}
    assert listed == {f"{name}, {e.id}" for name, claim in discovery.claims().items() for e in claim.errata}
    assert page.count("- REFUTED: ") == len(listed)


def test_an_erratum_whose_repair_is_open_is_not_settled():
    assert mistake(Outcome.REFUTED).settled
    assert not mistake(Outcome.REFUTED, Outcome.UNDECIDED).settled


@pytest.mark.parametrize("name", ["inv_sqrt", "avg_regret", "reddi_theorem1", "noisy_quadratic"])
def test_show_prints_a_page_for_every_kind(name):
    result = call("show", name)
    assert result.exit_code == 0, result.output
    assert name in result.stdout


def counted(monkeypatch):
    """Count how often the index is made anew, as if each time by a new process."""
    made = []
    monkeypatch.setattr(index, "_imported_before", lambda: False)
    monkeypatch.setattr(index, "_collect", lambda: made.append(1) or (index.Entry("problem", "p", "says", "", "f"),))
    return made


def test_the_index_is_made_once_and_again_when_a_module_changes(tmp_path, monkeypatch):
    package = tmp_path / "my_problems"
    package.mkdir()
    (package / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(discovery, "PACKAGES", {"problems": "my_problems"})
    made, cache = counted(monkeypatch), tmp_path / "cache"
    first = index.entries(cache)
    assert index.entries(cache) == first
    assert len(made) == 1
    (package / "new.py").write_text("x = 1")
    index.entries(cache)
    assert len(made) == 2
    os.utime(package / "new.py", ns=(1, 1))
    index.entries(cache)
    assert len(made) == 3


def test_a_damaged_or_unwritable_index_only_costs_time(tmp_path, monkeypatch):
    made = counted(monkeypatch)
    first = index.entries(tmp_path / "cache")
    (stored,) = (tmp_path / "cache").iterdir()
    for damage in ("", "[]", '{"key": 1}', stored.read_text().replace('"kind"', '"knd"')):
        stored.write_text(damage)
        assert index.entries(tmp_path / "cache") == first
    assert len(made) == 5
    (tmp_path / "file").write_text("")
    assert index.entries(tmp_path / "file") == first


def test_what_was_imported_before_the_files_changed_is_not_kept_as_their_index(tmp_path):
    assert discovery.problems()
    index.entries(tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


def test_a_broken_plug_in_file_is_named_in_one_line(tmp_path, monkeypatch):
    (tmp_path / "wrong_problems").mkdir()
    (tmp_path / "wrong_problems" / "__init__.py").write_text("")
    (tmp_path / "wrong_problems" / "half_done.py").write_text("import torch\nraise RuntimeError('not\\nyet')\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(discovery, "PACKAGES", discovery.PACKAGES | {"problems": "wrong_problems"})
    discovery.problems.cache_clear()
    try:
        said = refused("list")
    finally:
        discovery.problems.cache_clear()
    assert str(tmp_path / "wrong_problems" / "half_done.py") in said
    assert "RuntimeError: not yet" in said


# run


def test_run_prints_one_json_document_that_agrees_with_simulate():
    args = ("--optimizer", "adam,amsgrad", "--set", "lr=inv_sqrt(0.5)", "--set", "betas=(0.9,0.99)", "--json")
    (run,) = document(*REDDI, *args)["runs"]
    options = {"lr": lab.schedules.InvSqrt(0.5), "betas": (0.9, 0.99)}
    methods = [lab.get_optimizer(name, **options) for name in ("adam", "amsgrad")]
    expected = lab.simulate(lab.get_problem("reddi_stochastic"), methods, seeds=64, steps=20)
    assert run["steps"] == expected["step"].values.tolist()
    assert run["spec"] == json.loads(expected.attrs["spec"])
    assert run["made"]["seeds"] == 64
    for i, name in enumerate(("adam", "amsgrad")):
        configuration = run["configurations"][i]
        assert configuration["optimizer"] == name
        assert configuration["hyperparameters"]["lr"] == {"name": "inv_sqrt", "lr": 0.5}
        assert configuration["diverged"] == [0] * len(run["steps"])
        found = configuration["metrics"]["iterate"]
        for part in ("mean", "mean_lo", "mean_hi", "median"):
            np.testing.assert_array_equal(found[part], expected[f"iterate_{part}"].values[i])
        np.testing.assert_array_equal(found["quantile"]["0.95"], expected["iterate_quantile"].sel(quantile=0.95)[i])


def test_run_prints_a_row_for_each_configuration_and_metric():
    result = call(*REDDI, "--optimizer", "adam,sgd", "--set", "lr=0.1,0.2", "--metrics", "iterate,avg_regret")
    assert result.exit_code == 0
    rows = [line.split() for line in result.stdout.splitlines() if line.startswith(("adam", "sgd"))]
    assert [(r[0], r[1]) for r in rows] == [
        (name, lr) for name in ("adam", "sgd") for lr in ("0.1", "0.2") for _ in range(2)
    ]
    assert "99.9% interval" in result.stdout
    assert "C = 101.0" in result.stdout


def test_a_grid_of_the_problem_gives_one_run_each():
    runs = document(*REDDI, "--optimizer", "sgd", "--set", "C=28,10", "--json")["runs"]
    assert [run["spec"]["problem"]["C"] for run in runs] == [28.0, 10.0]


def test_diverged_seeds_are_counted_and_infinities_are_json_strings():
    args = ("--problem", "noisy_quadratic", "--optimizer", "sgd", "--set", "lr=1e200", "--seeds", "64", "--steps", "9")
    (run,) = document("run", *args, "--no-store", "--json")["runs"]
    last = run["configurations"][0]
    assert last["diverged"][-1] == 64
    assert last["metrics"]["iterate"]["mean"][-1] == "inf"
    assert math.isinf(float(last["metrics"]["distance_sq"]["median"][-1]))


def test_with_keep_seeds_one_seed_more_begins_with_the_very_same():
    args = (*REDDI, "--optimizer", "adam", "--keep-seeds", "--json")
    few = document(*args)["runs"][0]["configurations"][0]["x_final"]
    more = document(*args, "--seeds", "65")["runs"][0]["configurations"][0]["x_final"]
    assert len(more) == 65
    assert more[:64] == few


@pytest.mark.parametrize(
    ("record", "steps"), [("10", [0, 10, 20]), ("3,7", [0, 3, 7, 20]), ("log", [*range(16), 17, 18, 19, 20])]
)
def test_record_takes_log_an_interval_and_a_list(record, steps):
    (run,) = document(*REDDI, "--optimizer", "sgd", "--record", record, "--json")["runs"]
    assert run["steps"] == steps


def test_a_stored_run_is_found_again_in_the_folder_runs():
    args = ("run", "--problem", "reddi_cycle", "--optimizer", "sgd", "--seeds", "2", "--steps", "5", "--json")
    first, second = (document(*args)["runs"][0] for _ in range(2))
    assert second["made"]["engine_why"] == "stored result"
    assert first["configurations"] == second["configurations"]
    assert len(list(Path("runs").glob("*/*/result.nc"))) == 1


@pytest.mark.parametrize("suffix", ["pdf", "png", "svg"])
def test_a_plot_is_written_and_the_second_has_the_same_bytes(suffix):
    drawn = []
    for name in ("a", "b"):
        result = call(*REDDI, "--optimizer", "adam,sgd", "--set", "C=28,10", "--plot", f"{name}.{suffix}")
        assert result.exit_code == 0, result.output
        drawn.append(Path(f"{name}.{suffix}").read_bytes())
    assert drawn[0] == drawn[1]
    assert len(drawn[0]) > 5000


def test_start_moves_the_first_point():
    (run,) = document(*REDDI, "--optimizer", "sgd", "--start", "0.25", "--json")["runs"]
    assert run["configurations"][0]["metrics"]["iterate"]["mean"][0] == 0.25


@pytest.fixture
def heeds_ctrl_c():
    """A process that a script starts in the background ignores the signal from its birth."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heeds_ctrl_c")
def test_ctrl_c_says_what_was_kept_and_exits_with_130(monkeypatch):
    """The signal is sent by the first report of progress, while workers run."""
    from contextlib import contextmanager

    from lab.cli import runs

    @contextmanager
    def interrupting():
        sent = []
        yield lambda text, share: sent or (sent.append(1), os.kill(os.getpid(), signal.SIGINT))

    monkeypatch.setattr(runs, "progress", interrupting)
    args = ("--optimizer", "sgd", "--steps", "1000000", "--seeds", "10000")
    result = call("run", "--problem", "reddi_cycle", "--no-store", *args)
    assert result.exit_code == 130
    assert result.stderr == "ratelab: stopped; 0 of 10000 seeds were finished and none stored\n"
    assert result.stdout == ""


# bad input


SGD = (*REDDI, "--optimizer", "sgd")
MAP = "phase --problem heavy_ball_cycle --optimizer momentum --no-store --x lr=0.1..0.2".split()


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("lst",), "did you mean 'list'?"),
        (("list", "problms"), "did you mean 'problems'?"),
        (("list", "--jsn"), "did you mean '--json'?"),
        (("show", "adamm"), "did you mean 'adam'?"),
        (("show",), "Missing argument 'ID'"),
        (("run", "--problem", "reddi_cycle"), "Missing option '--optimizer'"),
        (("run", "--problem", "reddi_cycl", "--optimizer", "sgd"), "did you mean 'reddi_cycle'?"),
        (("run", "--problem", "reddi_cycle", "--optimizer", "sgd,adm"), "did you mean 'adam'?"),
        ((*SGD, "--set", "lr=-1"), "lr must be a number >= 0, got -1.0"),
        ((*SGD, "--set", "lr=nan"), "lr must be a finite number, got nan"),
        ((*SGD, "--set", "lr=abc"), "lr must be a Schedule, got 'abc'"),
        ((*SGD, "--set", "beta=1"), "did you mean 'delta'?"),
        ((*SGD, "--set", "C=-3"), "C must be a number > 0, got -3.0"),
        ((*SGD, "--seeds", "0"), "seeds must be an integer >= 1, got 0"),
        ((*SGD, "--seeds", "many"), "'--seeds'"),
        ((*SGD, "--steps", "0"), "steps must be an integer >= 1, got 0"),
        ((*SGD, "--start", "7"), "inside the domain"),
        ((*SGD, "--start", "0.1,0.2"), "shape must be (1,)"),
        ((*SGD, "--start", "nan"), "start must be finite"),
        ((*SGD, "--start", "here"), "--start must be numbers with commas between them"),
        ((*SGD, "--record", "often"), "--record must be 'log', an interval or a list of steps"),
        ((*SGD, "--record", "0"), "an interval >= 1"),
        ((*SGD, "--record", "5,21"), "steps from 0 to 20"),
        ((*SGD, "--metrics", "avg_regrt"), "did you mean 'avg_regret'?"),
        ((*SGD, "--dtype", "float16"), "'float64' or 'float32'"),
        ((*SGD, "--device", "tpu"), "'auto', 'cpu' or 'cuda'"),
        ((*SGD, "--engine", "fast"), "'auto' or "),
        ((*SGD, "--plot", "out.doc"), "no picture format is called '.doc'"),
        ((*SGD, "--plot", "no/such/folder/out.pdf"), "no such folder"),
        (("verify", "reddi2018.thm9"), "no claim is called"),
        (("figures", "sgd_quadratc"), "did you mean 'sgd_quadratic'?"),
        (("new", "problm", "x"), "did you mean 'problem'?"),
        (("new", "problem", "9x"), "beginning with a letter, got '9x'"),
        (("new", "problem", "class"), "got 'class'"),
        (("new", "problem", "../x"), "got '../x'"),
        (("new", "problem", "reddi_cycle"), "the problem 'reddi_cycle' exists"),
        (("new", "optimizer", "amsgrad_reddi"), "the optimizer 'amsgrad_reddi' exists"),
        (("new", "problem", "my_toy", "--into", "no_such_folder"), "cannot be written"),
        (("list", "--cards", "cards"), "--cards goes with problems"),
        (("show", "adam", "--latex"), "--latex goes with a claim"),
        (("show", "adam", "--plot", "x.png"), "--plot draws problems"),
        ((*SGD, "--set", "lr=1e400"), "lr must be a finite number, got inf"),
        ((*SGD, "--set", "lr=0.1,,0.2"), "expected a number, a word, a schedule"),
        ((*SGD, "--set", "lr=inv_sqr(1)"), "did you mean 'inv_sqrt'?"),
        ((*SGD, "--key", "-1"), "key must be an integer in [0, 2^64), got -1"),
        ((*REDDI, "--optimizer", "clip_nrm(adam)"), "did you mean 'clip_norm'?"),
        ((*REDDI, "--optimizer", "clip_norm(adam"), "every '(' needs its ')'"),
        (("verify", "reddi2018.thm1", "--jobs", "0"), "greater than or equal to 1"),
        (("verify", "--budget", "1"), "is called '--budget'"),
        (("reproduce", "redi2018"), "did you mean 'reddi2018'?"),
        (("figures", "sgd_quadratic", "--style", "poster"), "did you mean 'paper'?"),
        (("figures", "--only", ","), "--only takes names parted by commas"),
        (("card", "nowhere.py:X"), "there is no file 'nowhere.py'"),
        (("card", "torch.optim:Adm"), "did you mean 'Adam'?"),
        (("card", "adam", "--steps", "8"), "steps must be an integer >= 256, got 8"),
        (("matrix", "--optimizers", "adm"), "did you mean 'adam'?"),
        (("matrix", "--seeds", "0"), "seeds must be an integer from 1, got 0"),
        (("doctor", "--engines", "--libraries"), "--engines or --libraries, got both"),
        (("bench", "--device", "tpu"), "tpu"),
        (("bench", "--only", "foo"), "foo"),
        (("bench", "--threads", "0"), "threads"),
        ((*MAP, "--y", "lr=0.3..0.4"), "y must be another parameter than x sets, got 'lr'"),
        ((*MAP, "--y", "momentum=0..0.5", "--tolerance", "nan"), "tolerance must be in (0, 1), got nan"),
        ((*MAP, "--y", "momentum=0.5..0"), "limits must be finite and increasing"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2_and_leaves_nothing(args, says, tmp_path):
    assert says in refused(*args)
    assert list(tmp_path.iterdir()) == []


def test_bad_input_found_late_leaves_no_folder_of_results(tmp_path):
    refused("run", "--problem", "reddi_cycle", "--optimizer", "sgd", "--start", "7")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "args",
    [("run", "--problem", "reddi_cycle", "--optimizer", "sgd"), ("verify",), ("demo",), ("figures",)],
    ids=lambda args: args[0],
)
def test_a_folder_of_results_that_cannot_be_written_is_said_before_anything_runs(args):
    Path("runs").write_text("a file in its place")
    assert "results cannot be written to runs" in refused(*args)


@pytest.mark.parametrize(
    "args",
    [
        ("show", "reddi_cycle", "--store", "taken"),
        ("report", "--store", "taken"),
        ("list", "problems", "--cards", "taken"),
        ("figures", "--gallery", "taken/gallery.md"),
        ("errata", "--out", "taken/errata.md"),
        ("errata", "--out", "."),
        ("doctor", "--libraries", "--out", "taken/libraries.md"),
        ("demo", "--out", "taken"),
        ("card", "adam", "--html", "."),
        ("matrix", "--out", "taken"),
        ("report", "--out", "taken"),
        ("reproduce", "reddi2018", "--out", "taken"),
        ("bench", "--out", "taken"),
    ],
    ids=" ".join,
)
def test_a_path_that_cannot_be_written_is_said_before_the_work_is_done(args, monkeypatch, tmp_path):
    """What would take minutes is replaced by an error that is none of the command line's."""

    def work(*_, **__):
        raise AssertionError("the work has begun")

    slow = (("errata", "errata"), ("libraries", "rows"), ("verify", "verify"), ("problem_pages", "describe"))
    for module, name in slow:
        monkeypatch.setattr(importlib.import_module(f"lab.{module}"), name, work)
    Path("taken").write_text("a file in its place")
    before = sorted(tmp_path.iterdir())
    assert any(word in refused(*args) for word in ("cannot be written to", "must be a folder"))
    assert sorted(tmp_path.iterdir()) == before


def test_a_page_is_written_beside_the_document_that_is_printed(monkeypatch):
    monkeypatch.setattr(errata, "errata", lambda **_: ())
    assert document("errata", "--json", "--out", "new/errata.md") == []
    assert Path("new/errata.md").read_text().startswith("# ")


@pytest.mark.parametrize("command", [(), *((name,) for name in COMMANDS)])
def test_help_of_every_command_shows_an_example(command):
    result = call(*command, "--help")
    assert result.exit_code == 0
    assert "  ratelab " in result.stdout
    assert not command or "Example:" in result.stdout


def test_without_a_command_the_help_is_shown():
    assert call().stdout == call("--help").stdout


def test_the_version_is_that_of_the_package():
    assert call("--version").stdout == f"{lab.__version__}\n"


# verify, figures, demo


def finding(outcome, check="experiment", **values):
    return Finding(check=check, subject=f"a {check}", outcome=outcome, reason="because", **values)


HOLDS = finding(
    Outcome.HOLDS, problem="reddi_cycle", optimizer="adam", step=12,
    predicted=">= 0.25 since t = 3", observed=1 / 3, interval=(0.3, 0.4),
)  # fmt: skip
PROVED = finding(Outcome.PROVED, check="step", engines=("z3", "sympy"))
BY_ONE = finding(Outcome.PROVED_BY_ONE, check="step", engines=("z3",))
OPEN = finding(Outcome.UNDECIDED)
FALSE = finding(Outcome.REFUTED, check="step", counterexample={"C": "5/2"})
BROKEN = finding(Outcome.VIOLATED, check="broken_by", expected=frozenset({Outcome.VIOLATED}))
UNBROKEN = finding(Outcome.HOLDS, check="broken_by", expected=frozenset({Outcome.VIOLATED}))


@pytest.fixture
def found(monkeypatch):
    """Put verdicts of our own in place of the catalogue's; return what the verifier was asked."""
    asked = []

    def give(*findings):
        import importlib

        def fake(ids, store, progress, **_):
            asked.append((list(ids), store))
            return (Verdict(claim="doe2024.thm1", says="says", source="source", findings=findings),)

        monkeypatch.setattr(importlib.import_module("lab.verify"), "verify", fake)
        return asked

    return give


@pytest.mark.parametrize(
    ("findings", "code", "strict"),
    [
        ((PROVED, HOLDS, BROKEN), 0, 0),
        ((PROVED, HOLDS, OPEN), 0, 1),
        ((PROVED, FALSE), 1, 1),
        ((HOLDS, UNBROKEN), 1, 1),
    ],
)
def test_verify_fails_where_a_verdict_failed_and_with_strict_where_one_is_open(findings, code, strict, found):
    found(*findings)
    assert call("verify").exit_code == code
    assert call("verify", "--strict").exit_code == strict
    assert document("verify", "--json", code=code)["failed"] is bool(code)


def test_verify_prints_runs_a_line_of_algebra_and_what_is_open_or_failed(found):
    asked = found(PROVED, PROVED, BY_ONE, HOLDS, BROKEN, OPEN, FALSE)
    text = call("verify", lab.list_claims()[0], "--no-store").stdout
    assert asked == [([lab.list_claims()[0]], None)]
    assert "step: 2 PROVED, 1 PROVED_BY_ONE (z3), 1 REFUTED FAILED" in text
    row = next(line for line in text.splitlines() if "reddi_cycle" in line)
    assert [cell.strip() for cell in row.split("   ") if cell.strip()] == [
        "doe2024.thm1", "a experiment", "reddi_cycle", "adam",
        "12", ">= 0.25 since t = 3", "0.3333", "[0.3, 0.4]", "HOLDS",
    ]  # fmt: skip
    assert "broken by: a broken_by" in text
    assert "1 VIOLATED as it must" in text
    assert "UNDECIDED:\n  doe2024.thm1, experiment: a experiment: because\n" in text
    assert "FAILED:\n  doe2024.thm1, step: a step: because (at C = 5/2)\n" in text
    assert "Claims: 1. Checks: 7, 2 PROVED, 1 PROVED_BY_ONE (z3), 1 HOLDS," in text
    assert text.endswith("Failed: 1.\n")


def test_on_a_narrow_terminal_a_run_takes_several_lines(found, monkeypatch):
    from lab.cli import output, verdicts

    for module in (verdicts, output):
        monkeypatch.setattr(module, "terminal_width", lambda: 100)
    found(HOLDS)
    lines = call("verify", "--runs").stdout.splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("doe2024.thm1"))
    assert [line.split("   ")[0].strip() for line in lines[at : at + 2]] == ["doe2024.thm1", "a experiment"]
    for line, part in zip(lines[at : at + 4], (">= 0.25", "since t = 3, t = 12", "0.3333", "[0.3, 0.4]"), strict=True):
        assert part in line
    assert max(map(len, lines[: at + 4])) <= 100


def test_verify_with_steps_has_a_row_for_each(found):
    found(PROVED, BY_ONE, HOLDS)
    rows = [line for line in call("verify", "--steps").stdout.splitlines() if line.startswith("doe2024.thm1")]
    assert len(rows) == 3


def test_the_json_of_verify_holds_every_field_of_a_finding(found):
    found(HOLDS, OPEN)
    (claim,) = document("verify", "--json")["claims"]
    assert claim["outcome"] == "UNDECIDED"
    first = claim["findings"][0]
    assert first["interval"] == [0.3, 0.4]
    assert first["expected"] == sorted(first["expected"])
    assert first["failed"] is False


@pytest.fixture
def drawn(monkeypatch):
    asked = []

    def render(names, out, store, progress, **how):
        asked.append((names, str(out), store, *how.values()))
        return [Path(out) / "one.svg", Path(out) / "one.csv"]

    monkeypatch.setattr(discovery, "renderer", lambda: SimpleNamespace(render=render))
    return asked


def test_figures_prints_the_paths(drawn):
    assert call("figures", "--out", "here", "--no-store").stdout == "here/one.svg\nhere/one.csv\n"
    assert document("figures", "one", "--json") == {"files": ["runs/figures/one.svg", "runs/figures/one.csv"]}
    assert call("figures", "one", "--only", "two,three", "--style", "slides", "--again").exit_code == 0
    assert drawn == [
        (None, "here", None, "paper", False),
        (["one"], "runs/figures", "runs", "paper", False),
        (["one", "two", "three"], "runs/figures", "runs", "slides", True),
    ]


def test_figures_lists_what_each_shows_and_of_which_claims():
    listed = {row["name"]: row for row in document("figures", "--list", "--json")["figures"]}
    assert set(listed) == set(lab.list_figures())
    assert listed["reddi_stochastic"]["claims"] == ["reddi2018.thm3"]
    assert all(row["says"] for row in listed.values())
    table = call("figures", "--list", "--only", "sgd_quadratic").stdout
    assert "classic.sgd_quad_exact" in table
    assert "reddi_stochastic" not in table


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--only", "sgd_quadratc"), "did you mean 'sgd_quadratic'?"),
        (("--list", "sgd_quadratc"), "did you mean 'sgd_quadratic'?"),
        (("--only", "a,,b"), "--only takes names parted by commas"),
        (("--style", "slide"), "did you mean 'slides'?"),
    ],
)
def test_figures_refuses_what_it_does_not_know_in_one_line(arguments, says, tmp_path):
    result = call("figures", *arguments, "--out", str(tmp_path), "--no-store")
    assert result.exit_code == 2
    assert says in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_the_renderer_is_the_one_of_the_figures():
    assert callable(discovery.renderer().render)


@pytest.mark.parametrize(("findings", "code"), [((PROVED, HOLDS, OPEN), 0), ((PROVED, UNBROKEN), 1)])
def test_demo_prints_the_table_and_the_figures_and_fails_with_a_verdict(findings, code, found, drawn):
    found(*findings)
    result = call("demo")
    assert result.exit_code == code
    assert "doe2024.thm1" in result.stdout
    assert "runs/figures/one .svg .csv" in result.stdout
    assert "about a minute" in result.stderr


# doctor


def test_doctor_finds_the_reference_engine_working():
    checks = {c["name"]: c for c in document("doctor", "--json")["checks"]}
    assert checks["engine reference"]["ok"] is True
    assert checks["torch"]["detail"].startswith("2.")
    assert checks["cache"]["ok"] is True
    assert "ok" in call("doctor").stdout


def test_doctor_says_what_is_broken_and_exits_with_1():
    Path("file").write_text("")
    checks = {c["name"]: c for c in document("doctor", "--store", "file/runs", "--json", code=1)["checks"]}
    assert checks["results"]["ok"] is False
    assert "file/runs cannot be written" in checks["results"]["detail"]


def test_a_compiler_that_is_missing_or_fails_is_said_in_a_line(tmp_path):
    from lab.doctor import HELLO, _compiler, compile_and_run

    (check,) = _compiler({"CC": "no-such-compiler -O2"})
    assert (check.ok, check.detail) == (None, "not found: no-such-compiler")
    compiler = next((c for c in ("cc", "gcc", "clang") if shutil.which(c)), None)
    if compiler is None:
        pytest.skip("no C compiler here")
    assert compile_and_run([compiler], HELLO) == "42.0"
    assert compile_and_run([compiler], "int main(void) { return 3; }") == "program exited with 3: "
    assert compile_and_run([compiler], "no C").startswith(f"{compiler} exited with 1: ")


# new


def run_python(*args, root=ROOT, folder=None):
    environ = os.environ | {"PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, *args], cwd=folder, env=environ, capture_output=True, text=True, check=True
    ).stdout


@pytest.fixture
def copy_with_my_toy(tmp_path):
    """Copy the packages without claims and figures, run `ratelab new problem my_toy` there, then `ratelab list`.

    Return the folder, the files that are new in it, and the list.
    """
    for package in ("figures", "lab", "problems", "proofs_check"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    for folder in ("figures", "proofs_check/claims"):
        for module in (tmp_path / folder).glob("[!_]*.py"):
            module.unlink()
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    said = run_python("-m", "lab", "new", "problem", "my_toy", root=tmp_path, folder=tmp_path)
    assert said.splitlines()[0] == str(tmp_path / "problems" / "my_toy.py")
    new = {path for path in tmp_path.rglob("*") if path.is_file()} - before
    return tmp_path, new, json.loads(run_python("-m", "lab", "list", "--json", root=tmp_path, folder=tmp_path))


def test_new_writes_one_file_and_list_finds_it(copy_with_my_toy):
    folder, new, found = copy_with_my_toy
    assert new == {folder / "problems" / "my_toy.py"}
    mine = next(entry for entry in found["problems"] if entry["name"] == "my_toy")
    assert mine["file"] == str(folder / "problems" / "my_toy.py")


def test_new_never_writes_over_a_file():
    assert call("new", "claim", "doe2024", "--into", ".").exit_code == 0
    text = Path("doe2024.py").read_text()
    assert "doe2024.py exists" in refused("new", "claim", "doe2024", "--into", ".")
    assert Path("doe2024.py").read_text() == text


# what is not loaded, and how fast


LIGHT = """
import sys
from typer.testing import CliRunner
from lab.cli import app
from lab.cli.app import app as typer_app
assert CliRunner().invoke(app, {args!r}).exit_code == 0
heavy = sorted({{"torch", "sympy", "numpy", "xarray", "matplotlib", "lab.verify"}} & set(sys.modules))
print(",".join(heavy))
"""


@pytest.fixture(scope="module")
def _listed_once():
    """Write the index that a first `list` writes, from what this process has imported already."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(index, "_imported_before", lambda: False)
        index.entries()


@pytest.mark.usefixtures("_listed_once")
@pytest.mark.parametrize("args", [["--help"], ["run", "--help"], ["list"], ["list", "claims", "--json"]], ids=" ".join)
def test_help_and_list_load_neither_torch_nor_sympy(args):
    assert run_python("-c", LIGHT.format(args=args)) == "\n"


@pytest.mark.slow
@pytest.mark.usefixtures("_listed_once")
@pytest.mark.parametrize(("args", "seconds"), [(["--help"], 0.3), (["list"], 0.5)], ids=["help", "list"])
def test_help_and_list_answer_at_once(args, seconds):
    times = []
    for _ in range(8):
        began = time.perf_counter()
        run_python("-m", "lab", *args)
        times.append(time.perf_counter() - began)
    assert min(times) < seconds
