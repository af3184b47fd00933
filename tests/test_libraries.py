"""Library classes beside our rules, layers cut and joined, and what the fused engine takes."""

from __future__ import annotations

import json

import pytest
import torch
from typer.testing import CliRunner

import lab
from lab.cli import app
from lab.coverage import covered
from lab.engine.step import default_dtype
from lab.layers import in_layers
from lab.libraries import Row, alone, markdown
from lab.optimizers.adam import Adam
from lab.optimizers.sgd import SGD
from lab.reference import Reference
from lab.testing.library import compare, verdict

runner = CliRunner()

# Comparisons


def test_a_path_beside_itself_is_not_apart_and_beside_another_step_size_is():
    same = compare(SGD(lr=0.1), Reference(target="torch.optim.SGD"))
    other = compare(SGD(lr=0.1), Reference(target="torch.optim.SGD", arguments=lambda o: {"lr": 0.2}))
    assert same.apart <= 1e-15
    assert other.apart > 0.01


def test_the_verdict_speaks_of_what_is_wrong_and_of_nothing_else():
    agrees = Reference(target="a.B")
    differs = Reference(target="a.B", differs="its step is twice as long")
    near, far, still = (0.0, 1.0), (0.5, 1.0), (0.0, 0.0)
    from lab.testing.library import Comparison

    assert verdict(agrees, Comparison(*near)) == ""
    assert "5.0e-01 away" in verdict(agrees, Comparison(*far))
    assert verdict(differs, Comparison(*far)) == ""
    assert "now agrees" in verdict(differs, Comparison(*near))
    assert "did not move" in verdict(agrees, Comparison(*still))


def test_the_table_shows_a_difference_with_its_reason_and_what_has_no_library():
    rows = [
        Row("one", Reference(target="torch.optim.SGD"), 1e-16),
        Row("two", Reference(target="torch.optim.SGD", differs="it has another sign"), 0.5),
        Row("three", Reference(target="torch.optim.SGD"), 0.5, "torch.optim.SGD is 5e-01 away"),
        Row("four", Reference(target="optax.sgd"), None),
    ]
    assert [r.outcome for r in rows] == ["agrees", "differs", "NOT AS DECLARED", "not installed"]
    text = markdown(rows)
    assert "| `one` | `torch.optim.SGD` | agrees | < 1e-15 |  |" in text  # two machines round differently
    assert "| `two` | `torch.optim.SGD` | differs | 5e-01 | it has another sign |" in text
    assert all(name in text for name in alone())


# Layers


class _Shapes(Adam):
    """Adam that keeps the shapes it was given."""

    seen: list[tuple[int, ...]] = []

    def update(self, g, state, x, t):
        self.seen.append(tuple(g.shape))
        return super().update(g, state, x, t)


@pytest.mark.parametrize(
    ("kind", "shapes"),
    [
        ("coordinatewise", [(7, 10)]),
        ("global", [(7, 10)]),
        ("layerwise", [(7, 6), (7, 4)]),
        ("matrix", [(7, 3, 2), (7, 4, 1)]),
    ],
)
def test_each_kind_is_given_its_layers_in_their_own_shape(kind, shapes):
    method = type("Method", (_Shapes,), {"kind": kind, "seen": []})()
    handed = in_layers(method, ((3, 2), (4,)))
    x = torch.arange(70.0, dtype=torch.float64).reshape(7, 10)
    t = torch.tensor(1.0, dtype=torch.float64)
    dx, _ = handed.update(x, handed.init(x), x, t)
    assert type(method).seen == shapes
    plain = Adam()
    assert torch.equal(dx, plain.update(x, plain.init(x), x, t)[0])  # a coordinatewise rule does not mind the cut


def test_a_tensor_of_three_axes_is_a_matrix_of_its_first_axis_by_the_rest():
    method = type("Method", (_Shapes,), {"kind": "matrix", "seen": []})()
    handed = in_layers(method, ((2, 3, 2),))
    x = torch.ones(5, 12, dtype=torch.float64)
    handed.update(x, handed.init(x), x, torch.tensor(1.0))
    assert type(method).seen == [(5, 2, 6)]


def test_hyperparameters_of_a_grid_reach_matrices_with_an_axis_more():
    method = type("Method", (Adam,), {"kind": "matrix"})()
    lr = torch.tensor([[0.1], [0.2]], dtype=torch.float64)
    grid = in_layers(method.bind(method.leaves() | {"lr.lr": lr}), ((2, 3),))
    x = torch.ones(2, 6, dtype=torch.float64)
    with default_dtype(torch.float64):
        dx, _ = grid.update(x, grid.init(x), x, torch.tensor(1.0, dtype=torch.float64))
    assert torch.allclose(dx[1], 2 * dx[0])


# Doctor


def test_every_method_but_matrix_ones_runs_in_the_fused_engine():
    """Also every problem; and what does not is said with a reason."""
    kinds = {name: lab.get_optimizer(name).kind for name in lab.list_optimizers()}
    for one in covered():
        assert one.fused or one.why
        assert one.fused or kinds.get(one.name) == "matrix", f"{one.name}: {one.why}"


def test_doctor_counts_what_the_fused_engine_takes():
    result = runner.invoke(app, ["doctor", "--engines"])
    assert result.exit_code == 0
    assert "optimizers run in the fused engine" in result.output


@pytest.mark.parametrize(
    ("words", "says"),
    [(["--engines", "--libraries"], "got both"), (["--out", "table.md"], "--out goes with --libraries")],
)
def test_doctor_refuses_what_does_not_go_together(words, says):
    result = runner.invoke(app, ["doctor", *words])
    assert result.exit_code == 2 or isinstance(result.exception, lab.LabError)
    assert says in (result.output + str(result.exception))


def test_list_gives_each_optimizer_with_kind_degree_source_and_reference():
    document = json.loads(runner.invoke(app, ["list", "optimizers", "--json"]).output)
    for entry in document["optimizers"]:
        assert entry["source"]
        assert entry["kind"] in ("coordinatewise", "layerwise", "global", "matrix")
        assert "homogeneity" in entry
        assert entry["reference"]
